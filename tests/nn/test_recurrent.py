"""Recurrent layers: PyTorch's, cells as layers, and wrong use refused."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from course_lib import Tensor, nn, no_grad, optim
from tests.oracles import oracle

LAYERS = ["RNN", "LSTM", "GRU"]
BLOCKS = {"RNN": 1, "LSTM": 4, "GRU": 3}
D, H, T, N = 3, 5, 4, 2


def pair(name: str, *sizes: int, **options) -> tuple:
    """Ours and PyTorch's with the same weights, no two of which are alike."""
    torch = oracle("torch")
    made = []
    for package in (nn, torch.nn):
        others = {"dtype": torch.float64} if package is torch.nn else {}
        made.append(getattr(package, name)(*sizes, **options, **others))
    ours, theirs = made
    rng = np.random.default_rng(0)
    state = {k: rng.uniform(-0.9, 0.9, v.shape) for k, v in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
    return ours, theirs


def flat(result) -> list:
    """Output, state and cell, without their brackets."""
    if isinstance(result, tuple):
        return [one for part in result for one in flat(part)]
    return [result]


def agree(ours, theirs, x: np.ndarray, starts: list[np.ndarray]) -> None:
    """All results, and the gradients of all that there is, to 1e-9."""
    torch = oracle("torch")
    mine = [Tensor(a, requires_grad=True) for a in (x, *starts)]
    known = [torch.tensor(a, requires_grad=True) for a in (x, *starts)]
    results = []
    for layer, (given, *hx) in [(ours, mine), (theirs, known)]:
        results.append(
            flat(layer(given, *[hx[0] if len(hx) == 1 else tuple(hx)][: len(hx)]))
        )
    rng, ours_L, theirs_L = np.random.default_rng(1), 0, 0
    assert len(results[0]) == len(results[1])
    for a, b in zip(*results, strict=True):
        assert a.shape == tuple(b.shape)
        np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=0, atol=1e-12)
        g = rng.normal(size=a.shape)
        ours_L = ours_L + (a * g).sum()
        theirs_L = theirs_L + (b * torch.tensor(g)).sum()
    ours_L.backward()
    theirs_L.backward()
    gradients = [*mine, *ours.parameters()], [*known, *theirs.parameters()]
    for a, b in zip(*gradients, strict=True):
        assert np.isfinite(a.grad).all()
        # One step from zeros: W_hh has no part in it.
        assert np.abs(a.grad).max() > 0 or b.grad.abs().max() == 0
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("shape", ["(T, N, D)", "(N, T, D)", "(T, D)", "(T, D) too"])
@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_layers_are_pytorchs(name, started, shape, num_layers, bias):
    rng = np.random.default_rng(2)
    first = shape in ("(N, T, D)", "(T, D) too")
    options = {"num_layers": num_layers, "bias": bias, "batch_first": first}
    ours, theirs = pair(name, D, H, **options)
    x = {"(T, N, D)": (T, N, D), "(N, T, D)": (N, T, D)}.get(shape, (T, D))
    start = (num_layers, N, H) if len(x) == 3 else (num_layers, H)
    n_starts = (1 + (name == "LSTM")) * started
    starts = [rng.normal(size=start) for _ in range(n_starts)]
    agree(ours, theirs, rng.normal(size=x), starts)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_nonlinearities_are_pytorchs(nonlinearity, num_layers):
    ours, theirs = pair("RNN", D, H, num_layers, nonlinearity)
    rng = np.random.default_rng(3)
    agree(ours, theirs, rng.normal(size=(T, N, D)), [])
    ours, theirs = pair("RNNCell", D, H, True, nonlinearity)
    agree(ours, theirs, rng.normal(size=(N, D)), [rng.normal(size=(N, H))])


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch", [(N,), ()])
def test_cells_are_pytorchs(name, started, bias, batch):
    rng = np.random.default_rng(4)
    ours, theirs = pair(f"{name}Cell", D, H, bias)
    n_starts = 1 + (name == "LSTM")
    starts = [rng.normal(size=(*batch, H)) for _ in range(n_starts)]
    agree(ours, theirs, rng.normal(size=(*batch, D)), starts[: n_starts * started])


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(
    "size", [(1, 1, 1, 1), (1, 5, 2, 3), (40, 1, 1, 8), (6, 3, 9, 2)]
)
def test_sizes(name, size):
    t, n, d, h = size
    rng = np.random.default_rng(5)
    agree(*pair(name, d, h), rng.normal(size=(t, n, d)), [])


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_its_cell_step_by_step(name):
    """One rule over the whole sequence, and the cell in a loop on the tape."""
    rng = np.random.default_rng(6)
    layer, cell = getattr(nn, name)(D, H), getattr(nn, f"{name}Cell")(D, H)
    state = {k.removesuffix("_l0"): v for k, v in layer.state_dict().items()}
    cell.load_state_dict(state)
    inputs = [Tensor(rng.normal(size=(T, N, D)), requires_grad=True) for _ in "12"]
    inputs[1].data = inputs[0].data
    output, ends = layer(inputs[0])
    hx, states = None, []
    for t in range(T):
        hx = cell(inputs[1][t], hx)
        states.append(hx[0] if name == "LSTM" else hx)
    for a, b in zip(output, states, strict=True):
        np.testing.assert_allclose(a.data, b.data, rtol=0, atol=1e-14)
    for a, b in zip(flat(ends), flat(hx), strict=True):
        np.testing.assert_allclose(a.data[0], b.data, rtol=0, atol=1e-14)
    g = rng.normal(size=(T, N, H))
    output.backward(g)
    sum((s * g[t]).sum() for t, s in enumerate(states)).backward()
    for a, b in zip(
        [inputs[0], *layer.parameters()], [inputs[1], *cell.parameters()], strict=True
    ):
        np.testing.assert_allclose(a.grad, b.grad, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", LAYERS)
def test_a_sequence_in_two_pieces_is_the_whole(name):
    rng = np.random.default_rng(7)
    layer, x = getattr(nn, name)(D, H, num_layers=2), rng.normal(size=(6, N, D))
    whole, end = layer(x)
    first, middle = layer(x[:2])
    second, last = layer(x[2:], middle)
    np.testing.assert_allclose(
        np.concatenate([first.data, second.data]), whole.data, rtol=0, atol=1e-14
    )
    for a, b in zip(flat(last), flat(end), strict=True):
        np.testing.assert_allclose(a.data, b.data, rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", LAYERS)
def test_what_comes_later_changes_nothing_before(name):
    rng = np.random.default_rng(8)
    layer, x = getattr(nn, name)(D, H), rng.normal(size=(T, N, D))
    before = layer(x)[0].data
    other = x.copy()
    other[2] += 1
    after = layer(other)[0].data
    np.testing.assert_array_equal(after[:2], before[:2])
    assert (after[2:] != before[2:]).all()


@pytest.mark.parametrize("name", LAYERS)
def test_initialisation_is_pytorchs(name):
    torch = oracle("torch")
    for end, h in [("", 100), ("Cell", 100)]:
        ours = getattr(nn, name + end)(7, h, rng=np.random.default_rng(0))
        theirs = getattr(torch.nn, name + end)(7, h)
        for (key, p), (known, q) in zip(
            ours.named_parameters(), theirs.named_parameters(), strict=True
        ):
            assert key == known and p.shape == tuple(q.shape)
            assert 0.08 < np.abs(p.data).max() <= 0.1
            assert abs(p.data.mean()) < 0.02
    a, b = (getattr(nn, name)(2, 3, rng=np.random.default_rng(1)) for _ in "12")
    np.testing.assert_array_equal(a.weight_hh_l0.data, b.weight_hh_l0.data)


@pytest.mark.parametrize("name", LAYERS)
def test_float32_is_kept(name):
    layer = getattr(nn, name)(D, H, num_layers=2, dtype=np.float32)
    x = Tensor(np.ones((T, N, D), np.float32), requires_grad=True)
    results = flat(layer(x))
    assert {r.dtype for r in results} == {np.dtype(np.float32)}
    results[0].sum().backward()
    assert {p.grad.dtype for p in (x, *layer.parameters())} == {np.dtype(np.float32)}
    cell = getattr(nn, f"{name}Cell")(D, H, dtype=np.float32)
    assert flat(cell(x.data[0]))[0].dtype == np.float32
    assert flat(layer(x.data.astype(float)))[0].dtype == np.float64


@pytest.mark.parametrize("name", LAYERS)
def test_whole_numbers_and_lists_are_inputs(name):
    layer = getattr(nn, name)(1, 2)
    as_floats, _ = layer(np.array([[[1.0]], [[-2.0]]]))
    for given in (
        np.array([[[1]], [[-2]]]),
        [[[1.0]], [[-2.0]]],
        np.int8([[[1]], [[-2]]]),
    ):
        np.testing.assert_array_equal(layer(given)[0].data, as_floats.data)


@pytest.mark.parametrize("name", LAYERS)
def test_a_sum_beyond_all_bounds_stays_finite(name):
    layer = getattr(nn, name)(1, 2)
    x = Tensor(np.array([[[1e9]], [[-1e9]], [[1.0]]]), requires_grad=True)
    output, _ = layer(x)
    output.sum().backward()
    assert np.isfinite(output.data).all() and (np.abs(output.data) <= 1).all()
    for p in (x, *layer.parameters()):
        assert np.isfinite(p.grad).all()


@pytest.mark.parametrize("name", LAYERS)
def test_backward_twice_and_in_eval(name):
    layer, x = getattr(nn, name)(D, H), np.ones((T, N, D))
    L = layer(x)[0].sum()
    L.backward(retain_graph=True)
    once = [p.grad.copy() for p in layer.parameters()]
    L.backward()
    for p, g in zip(layer.parameters(), once, strict=True):
        np.testing.assert_allclose(p.grad, 2 * g, rtol=1e-15)
    with no_grad():
        assert not layer.eval()(x)[0].requires_grad
    twin = copy.deepcopy(layer)
    np.testing.assert_array_equal(twin(x)[0].data, layer(x)[0].data)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(
    ("option", "value"),
    [("bidirectional", True), ("dropout", 0.5), ("proj_size", 2), ("device", "cpu")],
)
def test_options_that_there_are_not(name, option, value):
    with pytest.raises(
        TypeError, match=f"{name}: got an unexpected argument '{option}'"
    ):
        getattr(nn, name)(D, H, **{option: value})


def test_their_defaults_are_welcome():
    nn.LSTM(D, H, dropout=0.0, bidirectional=False, proj_size=0)
    with pytest.raises(TypeError, match=r"'proj_size'; write nn.Linear"):
        nn.LSTM(D, H, proj_size=2)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0, 2), "input_size, got 0"),
        ((2, 0), "hidden_size, got 0"),
        ((2, 2, 0), "num_layers, got 0"),
    ],
)
def test_sizes_that_cannot_be(name, sizes, message):
    with pytest.raises(ValueError, match=f"{name}: .*{message}"):
        getattr(nn, name)(*sizes)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((T, N, 4), "expected 3 features in the last axis of the input, got 4"),
        ((T,), r"expected input with 2 or 3 axes, got shape \(4,\)"),
        ((1, T, N, D), "expected input with 2 or 3 axes, got shape"),
        ((0, N, D), "at least one step, got"),
    ],
)
def test_inputs_that_do_not_fit(name, shape, message):
    for layer in (getattr(nn, name)(D, H), getattr(nn, name)(D, H, 2)):
        with pytest.raises(ValueError, match=message):
            layer(np.ones(shape))


@pytest.mark.parametrize("name", LAYERS)
def test_start_states_that_do_not_fit(name):
    layer, cell = getattr(nn, name)(D, H, 2), getattr(nn, f"{name}Cell")(D, H)
    x = np.ones((T, N, D))
    both = (lambda s: (s, s)) if name == "LSTM" else (lambda s: s)
    for shape in [(1, N, H), (2, N, 4), (2, 1, H), (N, H), (2, H)]:
        message = rf"{name}: expected a start state of shape \(2, 2, 5\), got \("
        with pytest.raises(ValueError, match=message):
            layer(x, both(np.zeros(shape)))
    with pytest.raises(ValueError, match=r"state of shape \(2, 5\), got \(2, 2, 5\)"):
        layer(x[:, 0], both(np.zeros((2, N, H))))
    with pytest.raises(ValueError, match=r"state of shape \(2, 5\), got \(5,\)"):
        cell(x[0], both(np.zeros(H)))
    with pytest.raises(ValueError, match=r"Cell.*1 or 2 axes"):
        cell(x)


def test_an_lstm_starts_from_a_pair():
    for layer, x in [
        (nn.LSTM(D, H), np.ones((T, N, D))),
        (nn.LSTMCell(D, H), np.ones((N, D))),
    ]:
        with pytest.raises(TypeError, match=r"expected a pair \(h_0, c_0\)"):
            layer(x, np.zeros((1, N, H)))


def test_a_nonlinearity_that_there_is_not():
    for make in (nn.RNN, nn.RNNCell):
        with pytest.raises(ValueError, match='"tanh" or "relu", got \'sigmoid\''):
            make(D, H, nonlinearity="sigmoid")


def test_repr_is_pytorchs():
    torch = oracle("torch")
    for name, arguments in [
        ("RNN", (3, 5)),
        ("LSTM", (3, 5, 2)),
        ("GRU", (3, 5, 1, False, True)),
        ("LSTMCell", (3, 5)),
        ("GRUCell", (3, 5, False)),
    ]:
        ours, theirs = (getattr(p, name)(*arguments) for p in (nn, torch.nn))
        assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("name", LAYERS)
def test_twenty_steps_of_adam_are_pytorchs(name):
    torch = oracle("torch")
    ours, theirs = pair(name, D, H, 2)
    rng = np.random.default_rng(9)
    steps = (
        optim.Adam(ours.parameters(), lr=0.01),
        torch.optim.Adam(theirs.parameters(), lr=0.01),
    )
    for _ in range(20):
        x = rng.normal(size=(T, N, D))
        for layer, step, given in [
            (ours, steps[0], x),
            (theirs, steps[1], torch.tensor(x)),
        ]:
            step.zero_grad()
            output, _ = layer(given)
            (output * output).sum().backward()
            step.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=0, atol=1e-9)
