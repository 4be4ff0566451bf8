"""Inputs that once went wrong without a word, in core and nn: the right values now.

They are in the manner of public bug reports. Each is one of a kind: its siblings stand
beside it.
"""

from __future__ import annotations

import copy
import threading

import numpy as np
import pytest

import course_lib
import course_lib.nn.functional as F
from course_lib import Tensor, nn, no_grad

X = np.array([[1.0, -2.0], [0.5, 3.0], [2.0, 0.0]])


def leaf(values) -> Tensor:
    return Tensor(np.array(values, dtype=float), requires_grad=True)


# Arguments given by name

ARRAYS = {  # rule: its array arguments, by PyTorch's names and by the slides' letters
    "linear": (
        {"input": X, "weight": np.ones((3, 2)), "bias": np.ones(3)},
        {"x": "input", "W": "weight", "b": "bias"},
    ),
    "batch_norm": (
        {
            "input": X,
            "running_mean": np.zeros(2),
            "running_var": np.ones(2),
            "weight": np.array([1.0, 2.0]),
            "bias": np.array([3.0, 4.0]),
        },
        {"x": "input", "γ": "weight", "β": "bias", "mean": "running_mean"},
    ),
    "layer_norm": (
        {
            "input": X,
            "normalized_shape": 2,
            "weight": np.array([1.0, 2.0]),
            "bias": np.array([3.0, 4.0]),
        },
        {"x": "input", "γ": "weight", "β": "bias"},
    ),
    "mse_loss": ({"input": X, "target": X + 1}, {"o": "input", "y": "target"}),
    "l1_loss": ({"input": X, "target": X + 1}, {"o": "input", "y": "target"}),
    "binary_cross_entropy": (
        {"input": np.full(2, 0.3), "target": np.ones(2)},
        {"o": "input", "y": "target"},
    ),
    "binary_cross_entropy_with_logits": (
        {"input": X, "target": X > 0},
        {"u": "input", "y": "target"},
    ),
    "cross_entropy": ({"input": X, "target": np.array([0, 1, 1])}, {"u": "input"}),
    "nll_loss": ({"input": X, "target": np.array([0, 1, 1])}, {"log_p": "input"}),
    "embedding": (
        {"input": np.array([1, 0, 1]), "weight": X, "padding_idx": None},
        {"W": "weight"},
    ),
    "relu": ({"input": X}, {"u": "input"}),
    "leaky_relu": ({"input": X}, {"u": "input"}),
    "gelu": ({"input": X}, {"u": "input"}),
    "sigmoid": ({"input": X}, {"u": "input"}),
    "tanh": ({"input": X}, {"u": "input"}),
    "softmax": ({"input": X}, {"u": "input"}),
    "log_softmax": ({"input": X}, {"u": "input"}),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arguments_by_name_get_the_gradients_of_positional_ones(name):
    """Each name alone, and all together, by PyTorch's names and by the letters."""
    function, (arrays, letters) = getattr(F, name), ARRAYS[name]
    learned = [k for k in ("input", "weight", "bias") if k in arrays]
    learned = learned[name == "embedding" :]  # tokens have no gradient

    def gradients(by_name: dict[str, str]) -> tuple:
        """``by_name``: what is given by name, and under which name."""
        given = {k: leaf(v) if k in learned else v for k, v in arrays.items()}
        first = [k for k in given if k not in by_name]
        out = function(
            *(given[k] for k in first), **{as_: given[k] for k, as_ in by_name.items()}
        )
        out.backward(np.linspace(1, 2, out.data.size).reshape(out.shape))
        return out.data, [given[k].grad for k in learned]

    value, expected = gradients({})
    assert all(np.abs(g).max() > 0 for g in expected)
    spoken = {k: letter for letter, k in letters.items()}
    names = list(arrays)
    for start in range(len(names)):
        for words in ({}, spoken):
            by_name = {k: words.get(k, k) for k in names[start:]}
            again, found = gradients(by_name)
            np.testing.assert_array_equal(again, value)
            for one, other in zip(found, expected, strict=True):
                np.testing.assert_array_equal(one, other)


def test_a_name_may_skip_arguments_before_it():
    β = leaf([0.0, 0.0])
    F.layer_norm(X, 2, bias=β).sum().backward()
    np.testing.assert_array_equal(β.grad, [3, 3])
    β = leaf([0.0, 0.0])
    F.batch_norm(X, None, None, β=β, training=True).sum().backward()
    np.testing.assert_array_equal(β.grad, [3, 3])


def test_functions_at_the_top_take_names_too():
    a, n = leaf([2.0]), leaf([3.0])
    (course_lib.exp(input=a) + course_lib.where([True], input=a, other=n)).backward()
    np.testing.assert_allclose(a.grad, [np.exp(2) + 1])
    w = leaf(np.ones((2, 1)))
    course_lib.matmul(X, other=w).sum().backward()
    np.testing.assert_array_equal(w.grad, X.sum(axis=0)[:, None])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: F.linear(X, np.ones((1, 2)), None, bias=np.ones(1)),
            "multiple values",
        ),
        (lambda: F.linear(X, bias=np.ones(1)), "missing a required argument: 'W'"),
        (lambda: F.relu(X, inplace=True), "'inplace'.*compute a new one"),
        (lambda: F.softmax(X, axis=1), "'axis'.*write dim"),
        (lambda: F.linear(X, np.ones((1, 2)), sigma=1), "unexpected.*'sigma'"),
        (lambda: F.mse_loss(X, X, "sum"), "takes 2 positional arguments"),
    ],
)
def test_wrong_names_are_errors(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda t: F.leaky_relu(X, t),
        lambda t: F.dropout(X, t),
        lambda t: F.batch_norm(X, t * np.ones(2), [1.0, 1.0]),
        lambda t: F.binary_cross_entropy(np.full((), 0.5), t),
    ],
)
def test_a_setting_that_would_need_a_gradient_is_refused(call):
    with pytest.raises(TypeError, match="has no derivative with respect"):
        call(leaf(0.5))


def test_settings_by_position_as_in_pytorch():
    np.testing.assert_array_equal(F.softmax(X, 0).data, F.softmax(X, dim=0).data)
    np.testing.assert_array_equal(
        F.log_softmax(X, 0).data, F.log_softmax(X, dim=0).data
    )
    np.testing.assert_array_equal(F.leaky_relu(X, 0.5).data, np.where(X > 0, X, X / 2))
    np.testing.assert_array_equal(F.dropout(X, 1.0).data, 0 * X)
    np.testing.assert_array_equal(F.dropout(X, 0.5, False).data, X)
    np.testing.assert_array_equal(
        F.batch_norm(X, None, None, None, None, True).data,
        F.batch_norm(X, None, None, training=True).data,
    )


def test_modules_and_losses_take_names():
    layer = nn.Linear(2, 1)
    np.testing.assert_array_equal(layer(input=X).data, layer(X).data)
    model = nn.Sequential(layer, nn.ReLU())
    np.testing.assert_array_equal(model(input=X).data, model(X).data)
    assert nn.MSELoss()(input=X, target=X + 2).item() == 4


# Recording is a state of the thread


def test_no_grad_holds_for_its_own_thread():
    x, found = leaf([1.0]), []
    inside, done = threading.Event(), threading.Event()

    def other():
        with no_grad():
            inside.set()
            done.wait()
            found.append((x * x).requires_grad)

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait()
    found.append((x * x).requires_grad)
    done.set()
    thread.join()
    assert found == [True, False]


# Integers, truth values, bytes

BYTES = np.uint8([1, 2, 3])
INTEGERS = [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.int64, np.bool_]
ON_FLOATS = {
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "gelu": F.gelu,
    "leaky_relu": F.leaky_relu,
    "softmax": F.softmax,
    "log_softmax": F.log_softmax,
    "relu": F.relu,
    "exp": course_lib.exp,
    "sqrt": course_lib.sqrt,
    "log": lambda x: course_lib.log(x + 1),
    "mean": lambda x: Tensor(x).mean(dim=1),
    "var": lambda x: Tensor(x).var(dim=1),
    "std": lambda x: Tensor(x).std(dim=1),
    "dropout": lambda x: F.dropout(x, 0.5, rng=np.random.default_rng(0)),
    "layer_norm": lambda x: F.layer_norm(x, 3),
    "batch_norm": lambda x: F.batch_norm(x, None, None, training=True),
    "BatchNorm1d": lambda x: nn.BatchNorm1d(3)(x),
    "linear": lambda x: F.linear(x, np.array([[0.5, -1.0, 2.0]])),
    "mse_loss": lambda x: F.mse_loss(x, x[::-1]),
    "l1_loss": lambda x: F.l1_loss(x, x[::-1]),
    "binary_cross_entropy": lambda x: F.binary_cross_entropy(x > 1, x > 2),
    "target of binary_cross_entropy": lambda x: F.binary_cross_entropy(
        np.full((2, 3), 0.3), (x > 1).astype(x.dtype)
    ),
    "with_logits": lambda x: F.binary_cross_entropy_with_logits(
        x, (x > 1).astype(x.dtype)
    ),
    "cross_entropy": lambda x: F.cross_entropy(x, np.uint8([0, 2])),
    "nll_loss": lambda x: F.nll_loss(x, np.uint8([0, 2])),
    "divide": lambda x: Tensor(x) / 3,
    "2 ** x": lambda x: 2.0 ** Tensor(x),
}


@pytest.mark.parametrize("name", ON_FLOATS)
@pytest.mark.parametrize("dtype", INTEGERS, ids=lambda d: d.__name__)
def test_integers_count_as_floats(name, dtype):
    """Not modulo 256, not cut off, not rounded to half precision."""
    x = np.array([[0, 3, 1], [100, 50, 1]]).astype(dtype)
    expected = ON_FLOATS[name](x.astype(float)).data
    found = ON_FLOATS[name](x).data
    np.testing.assert_allclose(found.astype(float), expected, rtol=1e-12)


def test_values_of_the_reports():
    assert F.binary_cross_entropy([0.5], np.uint8([1])).item() == pytest.approx(
        np.log(2)
    )
    np.testing.assert_allclose(F.sigmoid(BYTES).data, [0.731, 0.881, 0.953], atol=5e-4)
    np.testing.assert_array_equal(F.leaky_relu(np.array([-100, 50])).data, [-1, 50])


@pytest.mark.parametrize(
    "wrong", [np.array(["1.5"]), np.array([1.0, None]), np.array([1j]), np.array([{}])]
)
def test_what_is_no_number_is_refused(wrong):
    for take in (Tensor, F.sigmoid, F.relu, lambda a: F.mse_loss(a, a)):
        with pytest.raises(TypeError, match=r"expected numbers|not supported|loop"):
            take(wrong)


def test_integers_assigned_to_a_parameter_become_floats():
    layer = nn.Linear(2, 1)
    layer.weight.data = np.array([[1, -2]])
    assert layer.weight.dtype == np.float64
    layer(np.array([[-0.5, -0.3]])).sum().backward()
    np.testing.assert_array_equal(layer.weight.grad, [[-0.5, -0.3]])
    single = nn.Parameter([1.0], dtype=np.float32)
    single.data = [3]
    assert single.data.tolist() == [3.0] and single.dtype == np.float32
    single.data = Tensor([4.0])  # the array in it, not the tensor
    assert isinstance(single.data, np.ndarray)
    constant = Tensor([1.0])
    constant.data = [3]
    assert constant.dtype.kind == "i"


def test_integers_need_no_gradient():
    x = Tensor([1, 2])
    with pytest.raises(
        TypeError, match=r"only floating-point.*write 1\.0 instead of 1"
    ):
        x.requires_grad = True
    assert not x.requires_grad
    y = Tensor([1.0])
    y.requires_grad = True
    (y * y).backward()
    assert y.grad == 2


def test_a_result_cannot_be_cut_off_its_history_by_assignment():
    y = leaf([1.0]) * 2.0
    with pytest.raises(RuntimeError, match=r"write \.detach\(\)"):
        y.requires_grad = False


@pytest.mark.parametrize("make", [Tensor, course_lib.tensor, nn.Parameter])
@pytest.mark.parametrize("x", [leaf([1.0]), leaf([1.0]) * 2], ids=["leaf", "computed"])
def test_a_tensor_of_a_tensor_does_not_lose_its_gradient(make, x):
    with pytest.raises(RuntimeError, match=r"write \.clone\(\).*or \.detach\(\)"):
        make(x)
    np.testing.assert_array_equal(make(x.detach()).data, x.data)
    assert x.clone().requires_grad


@pytest.mark.parametrize("function", [np.exp, np.cumsum, np.linalg.norm, np.array])
def test_numpys_functions_do_not_lose_a_gradient(function):
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"NumPy knows no gradients.*x\.exp\(\)"):
        function(x)
    np.testing.assert_array_equal(function(x.detach()), function(x.data))


def test_tensors_in_a_list_are_not_joined_without_their_gradient():
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"stack\(\[…\]\)"):
        Tensor([x[0], x[1]])


# Attributes of modules


@pytest.mark.parametrize(
    "wrong",
    [np.ones((1, 2)), [[1.0, 2.0]], Tensor([[1.0, 2.0]]), 1.0, nn.ReLU()],
    ids=lambda w: type(w).__name__,
)
def test_a_parameter_stays_a_parameter(wrong):
    layer = nn.Linear(2, 1)
    with pytest.raises(
        TypeError, match=r"Linear\.weight: expected a Parameter or None.*weight\.data ="
    ):
        layer.weight = wrong
    assert len(list(layer.parameters())) == 2
    layer.weight = nn.Parameter([[1.0, 2.0]])
    layer.bias = None
    assert len(list(layer.parameters())) == 1


def test_a_module_stays_a_module():
    model = nn.Sequential(nn.Linear(2, 1))
    with pytest.raises(TypeError, match=r"Sequential\.0: expected a Module or None"):
        setattr(model, "0", np.tanh)
    setattr(model, "0", nn.ReLU())
    assert isinstance(model[0], nn.ReLU)


@pytest.mark.parametrize(
    "hidden",
    [[nn.ReLU()], (nn.Linear(1, 1),), {"a": nn.Parameter([1.0])}],
    ids=["list", "tuple", "dict"],
)
def test_what_a_list_would_hide_is_refused(hidden):
    with pytest.raises(TypeError, match=r"does not look into .*write nn\.ModuleList"):
        nn.Module().layers = hidden
    nn.Module().sizes = [1, 2]


def test_what_is_shared_counts_once():
    layer = nn.Linear(2, 2)
    model = nn.Sequential(layer, nn.Tanh(), layer)
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias"]
    assert [name for name, _ in model.named_modules()] == ["", "0", "1"]
    assert len(list(model.modules())) == 3
    assert [name for name, _ in model.named_children()] == ["0", "1"]
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    expected = layer(F.tanh(layer(X)))
    np.testing.assert_array_equal(model(X).data, expected.data)
    assert len(model) == 3


def test_copies_learn_for_themselves():
    layer = nn.Linear(2, 1)
    twin = copy.deepcopy(layer)
    twin(X).sum().backward()
    assert layer.weight.grad is None
    np.testing.assert_array_equal(twin.weight.grad, X.sum(axis=0)[None])
    twin.weight.data += 1
    assert (layer.weight.data != twin.weight.data).all()
    with pytest.raises(RuntimeError, match=r"deepcopy.*\.detach\(\)"):
        copy.deepcopy(leaf([1.0]) * 2)


@pytest.mark.parametrize("name", ["uniform_", "normal_", "ones_", "zeros_"])
@pytest.mark.parametrize("wrong", [Tensor([1, 2]), np.ones(2), [1.0]], ids=str)
def test_initial_weights_are_not_cut_off(name, wrong):
    with pytest.raises((TypeError, AttributeError), match=r"expected a Tensor|shape"):
        getattr(nn.init, name)(wrong)


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0), (-1, 3), (2.5, 3), (3, True)])
def test_a_layer_has_inputs_and_units(sizes):
    with pytest.raises(
        (TypeError, ValueError), match=r"Linear: .* as (in|out)_features"
    ):
        nn.Linear(*sizes)


# Clipping


def test_one_tensor_is_clipped():
    w = leaf([0.0, 0.0])
    w.grad = np.array([2.0, 4.0])
    assert nn.utils.clip_grad_norm_(w, 0.1) == pytest.approx(4.4721, abs=1e-4)
    np.testing.assert_allclose(np.hypot(*w.grad), 0.1, rtol=1e-4)


@pytest.mark.parametrize("model", [nn.Linear(1, 1), nn.Sequential(nn.Linear(1, 1))])
def test_a_model_is_not_its_parameters(model):
    with pytest.raises(TypeError, match=r"got a \w+; write model\.parameters\(\)"):
        nn.utils.clip_grad_norm_(model, 1.0)


@pytest.mark.parametrize("max_norm", [-1.0, np.nan])
def test_a_gradient_is_not_turned_around(max_norm):
    w = leaf([1.0])
    w.grad = np.array([2.0])
    with pytest.raises(ValueError, match="expected max_norm ≥ 0"):
        nn.utils.clip_grad_norm_([w], max_norm)
    assert w.grad == 2


# Python's and NumPy's own functions


def test_formats():
    assert f"{leaf(2.5):.2f}" == "2.50"
    assert f"{Tensor([2.5]):6.1f}" == "   2.5"
    assert f"{Tensor([1.0, 2.0])}" == "tensor([1., 2.])"
    assert f"{Tensor(3):d}" == "3"
    with pytest.raises(ValueError, match="an array of size 1"):
        f"{Tensor([1.0, 2.0]):.2f}"


@pytest.mark.parametrize("name", ["sum", "mean", "std", "var", "max", "min", "amax"])
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_numpys_reductions_stay_on_the_tape(name, axis):
    x = leaf(X)
    function = getattr(np, name)
    found = function(x, axis=axis)
    np.testing.assert_allclose(found.data, function(X, axis=axis), rtol=1e-14)
    assert found.requires_grad
    kept = function(x, axis=axis, keepdims=True)
    assert kept.shape == function(X, axis=axis, keepdims=True).shape


def test_axis_is_dim():
    np.testing.assert_array_equal(Tensor(X).mean(axis=0).data, X.mean(axis=0))
    assert Tensor(X).sum(axis=[0, 1]).item() == X.sum()
    assert Tensor(X).sum(axis=1, keepdims=True).shape == (3, 1)
    for wrong in ({"dtype": float}, {"out": X}, {"where": True}):
        with pytest.raises(TypeError, match=next(iter(wrong))):
            Tensor(X).mean(**wrong)


# Nothing to average


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_the_mean_of_nothing(shape):
    x = Tensor(np.zeros(shape))
    for name, reduce in [("mean", Tensor.mean), ("var", Tensor.var)]:
        with pytest.raises(ValueError, match=f"{name}: expected at least"):
            reduce(x)
    assert x.sum().item() == 0
    assert Tensor(np.zeros((3, 0))).mean(dim=0).shape == (0,)
    with pytest.raises(ValueError, match="std: expected at least 2 numbers"):
        Tensor([[1.0], [2.0]]).std(dim=1)
    assert Tensor([[1.0], [2.0]]).std(dim=1, correction=0).tolist() == [0, 0]


def test_the_spread_of_equal_numbers_has_slope_0():
    x = leaf([2.0, 2.0])
    x.std().backward()
    np.testing.assert_array_equal(x.grad, [0, 0])


# Scores without bounds


def test_scores_that_are_infinite_or_huge():
    """A mask of −∞, and ±1e308: the right values, without a warning."""
    u = np.array([[0.0, -np.inf], [1e308, -1e308]])
    np.testing.assert_array_equal(F.softmax(u).data, [[1, 0], [1, 0]])
    np.testing.assert_array_equal(F.log_softmax(u).data, [[0, -np.inf]] * 2)
    assert F.cross_entropy(u, [0, 0]).item() == 0
    for approximate in ("none", "tanh"):
        o = F.gelu([1e308, -1e308, 0.0], approximate)
        np.testing.assert_array_equal(o.data, [1e308, 0, 0])
