"""Optimizers against closed forms; test_torch.py holds them to PyTorch's."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from course_lib import Tensor, nn, optim
from course_lib.optim.trajectory import trajectory
from tests.oracles import oracle

MAKERS = [optim.SGD, optim.Adagrad, optim.RMSprop, optim.Adam, optim.AdamW]


def descend(optimizer, w: nn.Parameter, steps: int, curvature=1.0) -> list[np.ndarray]:
    """w after each step on ½ λ w²."""
    path = []
    for _ in range(steps):
        optimizer.zero_grad()
        (w * w * (0.5 * curvature)).sum().backward()
        optimizer.step()
        path.append(w.data)
    return path


def test_sgd_on_a_quadratic():
    """wₜ = (1 − η λ)ᵗ w₀."""
    curvature = np.array([1.0, 10.0])
    w = nn.Parameter([3.0, -2.0])
    path = descend(optim.SGD([w], lr=0.15), w, 20, curvature)
    for t, values in enumerate(path, start=1):
        expected = (1 - 0.15 * curvature) ** t * [3.0, -2.0]
        np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_sgd_with_weight_decay_adds_to_the_curvature():
    w = nn.Parameter([3.0])
    path = descend(optim.SGD([w], lr=0.1, weight_decay=0.5), w, 10)
    np.testing.assert_allclose(path[-1], 3 * (1 - 0.1 * 1.5) ** 10, rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "first", "second"),
    [  # from w = 1, g = w, η = 0.1
        ({"momentum": 0.5}, 0.9, 0.9 - 0.1 * (0.5 * 1 + 0.9)),
        (
            {"momentum": 0.5, "dampening": 0.2},
            0.9,
            0.9 - 0.1 * (0.5 * 1 + 0.8 * 0.9),
        ),
        (
            {"momentum": 0.5, "nesterov": True},
            1 - 0.1 * (1 + 0.5 * 1),
            0.85 - 0.1 * (0.85 + 0.5 * (0.5 * 1 + 0.85)),
        ),
        (
            {"momentum": 0.5, "weight_decay": 1.0},
            0.8,
            0.8 - 0.1 * (0.5 * 2 + 1.6),
        ),
    ],
    ids=str,
)
def test_momentum_by_hand(options, first, second):
    w = nn.Parameter([1.0])
    path = descend(optim.SGD([w], lr=0.1, **options), w, 2)
    np.testing.assert_allclose(path, [[first], [second]], rtol=1e-14)


def test_adam_by_hand():
    w = nn.Parameter([1.0])
    optimizer = optim.Adam([w], lr=0.1, betas=(0.5, 0.8), eps=0.5, weight_decay=1.0)
    one, two = descend(optimizer, w, 2)
    np.testing.assert_allclose(one, [1 - 0.1 * 2 / (2 + 0.5)], rtol=1e-14)
    g = 2 * one[0]
    m = (0.5 * 0.5 * 2 + 0.5 * g) / (1 - 0.5**2)
    v = (0.8 * 0.2 * 4 + 0.2 * g * g) / (1 - 0.8**2)
    np.testing.assert_allclose(two, one - 0.1 * m / (v**0.5 + 0.5), rtol=1e-14)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_adam_steps_by_its_learning_rate(size):
    w = nn.Parameter([0.0])
    w.grad = np.array([-size])
    optim.Adam([w], lr=0.01).step()
    np.testing.assert_allclose(w.data, [0.01], rtol=1e-4)


def test_defaults():
    w = nn.Parameter([1.0])
    expected = {
        "lr": 1e-3,
        "momentum": 0,
        "dampening": 0,
        "weight_decay": 0,
        "nesterov": False,
    }
    assert optim.SGD([w]).param_groups == [{"params": [w], **expected}]
    expected = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0}
    assert optim.Adam([w]).param_groups == [{"params": [w], **expected}]


@pytest.mark.parametrize("make", MAKERS)
def test_the_learning_rate_is_read_at_each_step(make):
    w = nn.Parameter([1.0])
    optimizer = make([w], lr=0.1)
    descend(optimizer, w, 1)
    moved = w.data
    assert moved < 1
    optimizer.param_groups[0]["lr"] = 0
    descend(optimizer, w, 3)
    np.testing.assert_array_equal(w.data, moved)


@pytest.mark.parametrize("make", MAKERS)
def test_arrays_are_replaced_and_never_changed(make):
    start = np.array([1.0, 2.0])
    start.flags.writeable = False
    w, still = nn.Parameter(start), nn.Parameter([5.0])
    optimizer = make(iter([w, still]), lr=0.1)
    for _ in range(3):
        w.grad = np.array([1.0, -1.0])
        w.grad.flags.writeable = False
        optimizer.step()
    assert w.data is not start
    assert still.data == [5.0]  # it has no gradient


def test_each_parameter_has_its_own_memory():
    a, b = nn.Parameter([1.0]), nn.Parameter([10.0])
    path = descend(optim.Adam([a], lr=0.1), a, 4)
    together = optim.Adam([nn.Parameter([1.0]), b], lr=0.1)
    other = together.param_groups[0]["params"][0]
    for _ in range(4):
        together.zero_grad()
        ((other * other + b * b) * 0.5).sum().backward()
        together.step()
    np.testing.assert_array_equal(other.data, path[-1])


def test_a_graph_made_before_a_step_stays_right():
    w = nn.Parameter([2.0])
    late = (w * w).sum()
    (w * 1.0).sum().backward()
    optimizer = optim.SGD([w], lr=1.0)
    optimizer.step()
    optimizer.zero_grad()
    assert w.grad is None
    late.backward()
    assert w.grad == 4  # 2 w at the old w


@pytest.mark.parametrize("make", MAKERS)
def test_dtype_is_kept(make):
    w = nn.Parameter([1.0], dtype=np.float32)
    for value in descend(make([w], lr=0.1, weight_decay=0.1), w, 3):
        assert value.dtype == np.float32


@pytest.mark.parametrize("make", MAKERS)
def test_wrong_arguments(make):
    name, w = make.__name__, nn.Parameter([1.0])
    with pytest.raises(ValueError, match=rf"{name}: expected at least .* got none"):
        make([])
    for lr in (-0.1, np.nan):
        message = f"{name}: expected a number of at least 0 as lr, got {lr}"
        with pytest.raises(ValueError, match=message):
            make([w], lr=lr)
    make([w], lr=0)
    for wrong in (w, nn.Linear(1, 1), nn.Sequential(nn.Linear(1, 1))):
        message = (
            rf"{name}: .*got one {type(wrong).__name__}; write model\.parameters\(\)"
        )
        with pytest.raises(TypeError, match=message):
            make(wrong)


@pytest.mark.parametrize("make", MAKERS)
def test_an_unknown_option_is_told_with_the_known_ones(make):
    message = f"{make.__name__}: .*'momentun'; the options are lr, .*weight_decay"
    with pytest.raises(TypeError, match=message):
        make([nn.Parameter([1.0])], momentun=0.9)
    with pytest.raises(TypeError, match="multiple values for argument 'lr'"):
        make([nn.Parameter([1.0])], 0.1, lr=0.1)


def test_options_may_be_given_by_position():
    w = nn.Parameter([1.0])
    assert optim.SGD([w], 0.1, 0.9).param_groups == [
        optim.SGD([w], lr=0.1, momentum=0.9).param_groups[0]
    ]
    assert optim.Adam([w], 0.1, (0.5, 0.9)).param_groups[0]["betas"] == (0.5, 0.9)


def test_the_signature_is_that_of_update():
    signature = inspect.signature(optim.AdamW)
    assert str(signature) == (
        "(params, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01)"
    )


@pytest.mark.parametrize("make", MAKERS)
def test_update_can_be_called_by_hand(make):
    w, g = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    parameter = nn.Parameter(w)
    parameter.grad = g
    make([parameter], lr=0.1).step()
    np.testing.assert_array_equal(make.update(w, g, {}, lr=0.1), parameter.data)


@pytest.mark.parametrize("options", [{}, {"momentum": 0.9, "dampening": 0.1}])
def test_nesterov_needs_momentum(options):
    with pytest.raises(
        ValueError, match="nesterov=True expects momentum above 0 and no damp"
    ):
        optim.SGD([nn.Parameter([1.0])], nesterov=True, **options)


def test_an_optimizer_without_a_formula():
    w = nn.Parameter([1.0])
    w.grad = np.ones(1)
    with pytest.raises(NotImplementedError):
        optim.Optimizer([w], lr=0.1).step()


def test_a_shared_parameter_is_moved_once():
    w = nn.Parameter([1.0])
    (2 * w).sum().backward()
    optim.SGD([w, w], lr=0.1).step()
    np.testing.assert_allclose(w.data, [0.8], rtol=1e-15)


# The functions of `Dive into Deep Learning` (d2l.ai, chapters 12.2 to 12.10)


def valley(x):
    """The gradient of 0.1 x₁² + 2 x₂²."""
    return np.array([0.2 * x[0], 4 * x[1]])


@pytest.mark.parametrize(
    ("options", "end"),
    [
        ({"lr": 0.4}, (-0.943467, -0.000073)),
        ({"lr": 0.6}, (-0.387814, -1673.365109)),
        ({"lr": 0.6, "momentum": 0.5}, (0.007188, 0.002553)),
    ],
    ids=str,
)
def test_published_end_points_of_gradient_descent_and_momentum(options, end):
    path = trajectory(lambda p: optim.SGD(p, **options), valley, [-5, -2], 20)
    assert path.shape == (21, 2)
    assert [f"{x:.6f}" for x in path[-1]] == [f"{x:.6f}" for x in end]


def test_adagrad_by_hand():
    """s grows to 4, then 4 + 1: steps 2/√4 and 1/√5, the second divided by 1.5."""
    w = nn.Parameter([1.0])
    optimizer = optim.Adagrad(
        [w], 0.1, lr_decay=0.5, initial_accumulator_value=5, eps=0
    )
    for g, end in [(2.0, 1 - 0.1 * 2 / 3), (4.0, 1 - 0.1 * (2 / 3 + 0.8 / 1.5))]:
        w.grad = np.array([g])
        optimizer.step()
        np.testing.assert_allclose(w.data, [end], rtol=1e-14)


def test_rmsprop_by_hand():
    w = nn.Parameter([1.0])
    optimizer = optim.RMSprop([w], 0.1, alpha=0.5, eps=0.5, momentum=0.5)
    w.grad = np.array([2.0])
    optimizer.step()
    u = 2 / (2**0.5 + 0.5)
    np.testing.assert_allclose(w.data, [1 - 0.1 * u], rtol=1e-14)
    optimizer.step()
    u = 0.5 * u + 2 / (3**0.5 + 0.5)
    before = 1 - 0.1 * 2 / (2**0.5 + 0.5)
    np.testing.assert_allclose(w.data, [before - 0.1 * u], rtol=1e-14)


def test_a_centered_rmsprop_divides_by_the_spread():
    w = nn.Parameter([0.0])
    w.grad = np.array([3.0])
    optim.RMSprop([w], 1.0, alpha=0.5, eps=0, centered=True).step()
    np.testing.assert_allclose(w.data, [-3 / (4.5 - 1.5**2) ** 0.5], rtol=1e-14)


def test_the_decay_of_adamw_is_not_divided():
    w = nn.Parameter([2.0])
    w.grad = np.array([100.0])
    optim.AdamW([w], lr=0.1, weight_decay=0.5, eps=0).step()
    np.testing.assert_allclose(w.data, [2 - 0.1 * 0.5 * 2 - 0.1], rtol=1e-14)


# ---- What would be wrong in silence ----------------------------------------------


@pytest.mark.parametrize("make", MAKERS)
def test_what_is_no_list_of_parameters_is_told_by_name(make):
    model = nn.Sequential(nn.Linear(1, 1))
    w = Tensor([1.0, 2.0], requires_grad=True)
    for wrong in (model, w, model.state_dict(), dict(model.named_parameters())):
        with pytest.raises(
            TypeError, match=r"got one \w+; write model\.parameters\(\)"
        ):
            make(wrong)
    for wrong in (model.named_parameters(), [np.ones(2)], "w", [w * 2], [model], [1.0]):
        with pytest.raises(TypeError, match=r"among them; write model\.parameters\(\)"):
            make(wrong)
    used = model.parameters()
    list(used)
    with pytest.raises(ValueError, match="which can be used only once"):
        make(used)


BELOW_0 = ["lr", "lr_decay", "weight_decay", "momentum", "dampening", "eps", "alpha"]
OPTIONS = [(o, -1e-3) for o in [*BELOW_0, "initial_accumulator_value"]]
OPTIONS += [(o, wrong) for o in BELOW_0 for wrong in (np.nan, np.inf)]
OPTIONS += [("dampening", 1.5), ("alpha", 1), ("betas", (1, 0.9)), ("betas", (0.9, 1))]
OPTIONS += [("betas", (-0.1, 0.9)), ("betas", (0.9, np.nan))]


@pytest.mark.parametrize(("option", "wrong"), OPTIONS)
def test_settings_out_of_their_limits(option, wrong):
    w = nn.Parameter([1.0])
    makers = [m for m in MAKERS if option in inspect.signature(m).parameters]
    assert makers
    for make in makers:
        message = f"{make.__name__}: expected a number of .* as {option}, got"
        with pytest.raises(ValueError, match=message):
            make([w], **{option: wrong})
        optimizer = make([w])
        optimizer.param_groups[0][option] = wrong
        w.grad = np.ones(1)
        with pytest.raises(ValueError, match=message):
            optimizer.step()
        assert w.data == 1


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("wrong", ["0.1", True, None, np.ones(2), [0.1]])
def test_a_learning_rate_that_is_no_number(make, wrong):
    with pytest.raises(TypeError, match=r"expected a number of at least 0 as lr, got"):
        make([nn.Parameter([1.0])], lr=wrong)


@pytest.mark.parametrize("betas", [0.9, (0.9,), (0.9, 0.99, 0.999)])
def test_betas_are_a_pair(betas):
    with pytest.raises(TypeError, match="Adam: expected a pair of numbers as betas"):
        optim.Adam([nn.Parameter([1.0])], betas=betas)


@pytest.mark.parametrize("make", MAKERS)
def test_a_step_without_any_gradient(make):
    w = nn.Parameter([1.0])
    with pytest.raises(RuntimeError, match="no parameter has a gradient; call backw"):
        make([w]).step()


@pytest.mark.parametrize("make", MAKERS)
def test_gradients_of_another_shape_or_kind(make):
    w = nn.Parameter([1.0, 2.0])
    for wrong in (np.ones((3, 2)), np.ones(1), 1.0):
        w.grad = wrong
        with pytest.raises(ValueError, match=r"a gradient of shape \(2,\)"):
            make([w]).step()
    w.grad = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match="expected an array as grad, got a Tensor"):
        make([w]).step()
    assert w.shape == (2,)


@pytest.mark.parametrize("make", MAKERS)
def test_numbers_of_numpy_do_not_change_the_dtype(make):
    w = nn.Parameter([1.0], dtype=np.float32)
    for value in descend(make([w], lr=np.float64(0.1)), w, 3):
        assert value.dtype == np.float32


def test_a_centered_rmsprop_bears_a_gradient_that_stays():
    """v − m² is 0 but for rounding, which may lead below 0."""
    for g in (0.1, 0.3, 1 / 3, 0.7, 1.1):
        w = nn.Parameter([0.0])
        optimizer = optim.RMSprop([w], lr=1e-3, alpha=0.5, centered=True)
        for _ in range(200):
            w.grad = np.array([g])
            optimizer.step()
        assert np.isfinite(w.data).all()


# ---- Groups and states -----------------------------------------------------------


def test_groups_have_options_of_their_own():
    a, b = nn.Parameter([1.0]), nn.Parameter([1.0])
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.5}], lr=0.1)
    optimizer.add_param_group({"params": [c := nn.Parameter([1.0])], "lr": 1.0})
    for w in (a, b, c):
        w.grad = np.ones(1)
    optimizer.step()
    np.testing.assert_allclose([a.data, b.data, c.data], [[0.9], [0.5], [0.0]])
    optimizer.zero_grad()
    assert a.grad is b.grad is c.grad is None
    with pytest.raises(ValueError, match="one parameter stands in two groups"):
        optim.SGD([{"params": [a]}, {"params": [a]}])
    with pytest.raises(TypeError, match="'learning_rate'; the options are lr"):
        optim.SGD([{"params": [a], "learning_rate": 0.1}])


def test_groups_as_in_pytorch():
    torch = oracle("torch")
    start, g = np.array([1.0, -2.0]), np.array([0.5, 0.25])
    ours, theirs = nn.Parameter(start), torch.nn.Parameter(torch.tensor(start))
    still, other = nn.Parameter(start), torch.nn.Parameter(torch.tensor(start))
    options = {"weight_decay": 0.1, "lr": 0.2}
    a = optim.AdamW([{"params": [still]}, {"params": [ours], **options}], lr=0.01)
    b = torch.optim.AdamW([{"params": [other]}, {"params": [theirs], **options}], 0.01)
    for _ in range(5):
        ours.grad, still.grad = g, -g
        theirs.grad, other.grad = torch.tensor(g), torch.tensor(-g)
        a.step(), b.step()
    np.testing.assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(still.data, other.detach().numpy(), rtol=1e-12)
    assert [g["params"] for g in a.state_dict()["param_groups"]] == [
        g["params"] for g in b.state_dict()["param_groups"]
    ]


STATES = [
    (optim.SGD, {"momentum": 0.9}), (optim.Adagrad, {"lr_decay": 0.1}),
    (optim.RMSprop, {"momentum": 0.5, "centered": True}), (optim.Adam, {}),
    (optim.AdamW, {}),
]  # fmt: skip


@pytest.mark.parametrize(("make", "options"), STATES)
def test_an_optimizer_goes_on_from_its_state(make, options):
    def run(w, optimizer, steps):
        return descend(optimizer, w, steps, curvature=np.array([1.0, 7.0]))

    w = nn.Parameter([3.0, -2.0])
    optimizer = make([w], lr=0.05, **options)
    run(w, optimizer, 5)
    state, values = optimizer.state_dict(), w.data
    expected = run(w, optimizer, 5)  # must not change what was saved
    other = nn.Parameter(values)
    fresh = make([other])
    fresh.load_state_dict(state)
    np.testing.assert_array_equal(run(other, fresh, 5), expected)
    assert fresh.param_groups[0]["lr"] == 0.05
    again = make([nn.Parameter(values)])
    again.load_state_dict(state)  # nor must what loads it
    np.testing.assert_array_equal(
        run(again.param_groups[0]["params"][0], again, 5), expected
    )


@pytest.mark.parametrize(
    "wrong",
    [
        optim.SGD([nn.Parameter([1.0])]),
        optim.Adam([nn.Parameter([1.0]), nn.Parameter([1.0])]),
        optim.Adam([{"params": nn.Parameter([1.0])}, {"params": nn.Parameter([1.0])}]),
        optim.Adam([nn.Parameter([1.0, 2.0])]),
    ],
)
def test_the_state_of_another_optimizer_is_refused(wrong):
    w = nn.Parameter([1.0])
    adam = optim.Adam([w])
    w.grad = np.ones(1)
    adam.step()
    for p in wrong._memory:
        p.grad = np.ones(p.shape)
    wrong.step()
    before = adam.state_dict()
    with pytest.raises(ValueError, match=r"Adam\.load_state_dict: expected"):
        adam.load_state_dict(wrong.state_dict())
    assert adam.state_dict() == before


def test_learning_rates_for_more_numbers_than_there_are():
    w = nn.Parameter([1.0])
    w.grad = np.ones(1)
    optimizer = optim.SGD([w])
    optimizer.param_groups[0]["lr"] = np.array([0.1, 0.2])
    with pytest.raises(ValueError, match="cannot reshape"):
        optimizer.step()
    assert w.data == 1


def test_adamw_is_adam_after_the_decay_with_all_its_settings():
    w, g = np.array([1.0, -2.0]), np.array([0.3, 0.01])
    settings = {"lr": 0.1, "betas": (0.5, 0.6), "eps": 0.1}
    one, other = {}, {}
    for _ in range(3):
        found = optim.AdamW.update(w, g, one, weight_decay=0.2, **settings)
        expected = optim.Adam.update(w - 0.1 * 0.2 * w, g, other, **settings)
        np.testing.assert_array_equal(found, expected)
        defaults = optim.AdamW.update(w, g, {}, weight_decay=0.2)
        assert (found != defaults).all()
        w, g = found, g[::-1]


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (optim.RMSprop, {"alpha": 1}),
        (optim.Adam, {"betas": (0.9, 1.0)}),
        (optim.AdamW, {"betas": (1, 0.9)}),
    ],
)
def test_what_would_never_forget_is_refused(make, options):
    with pytest.raises(ValueError, match=r"below 1 as (alpha|betas), got 1"):
        make([nn.Parameter([1.0])], **options)


def test_all_of_a_gradient_may_be_left_out_but_no_more():
    optim.SGD([nn.Parameter([1.0])], momentum=0.5, dampening=1)
    with pytest.raises(ValueError, match=r"at most 1 as dampening, got 1\.01"):
        optim.SGD([nn.Parameter([1.0])], momentum=0.5, dampening=1.01)


def test_options_out_of_bounds_are_not_taken_over():
    adam = optim.Adam([nn.Parameter([1.0])], lr=0.1)
    state = adam.state_dict()
    state["param_groups"][0]["lr"] = -1
    with pytest.raises(ValueError, match="Adam: expected a number of at least 0 as lr"):
        adam.load_state_dict(state)
    assert adam.param_groups[0]["lr"] == 0.1
