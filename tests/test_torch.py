"""PyTorch as the reference: the same values, gradients, names and training runs.

A rule that PyTorch has needs an entry in ORACLES; one that it has not, a reason in
WITHOUT_ORACLE. Where a signature differs on purpose, DIFFERENCES says why.
"""

from __future__ import annotations

import inspect
import os
import warnings
from typing import get_overloads

import numpy as np
import pytest

import course_lib
from course_lib.core.tensor import LETTERS, Tensor
from tests.rules import CASES, RULES, Case, is_float

try:
    import torch
    from torch.nn import functional as F
    from torch.overrides import get_testing_overrides
except ImportError:
    if os.environ.get("CI"):
        raise
    reason = "PyTorch is not installed: pip install -r requirements-oracles.txt"
    pytest.skip(reason, allow_module_level=True)


@pytest.fixture(autouse=True)
def _float64():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


# Values and gradients


def drop(x, *, p=0.5, training=True, rng=None):
    """PyTorch's dropout; where it is random, with the mask that ours draws."""
    if training and 0 < p < 1:
        kept = torch.tensor(rng.random(x.shape) >= p)
        return torch.where(kept, x / (1 - p), 0.0)
    return F.dropout(x, p, training)


def batch_norm(x, mean, var, *affine, **settings):
    """PyTorch's, which moves the running statistics in place, on copies of them."""
    kept = (a if a is None else a.detach().clone() for a in (mean, var))
    return F.batch_norm(x, *kept, *affine, **settings)


def recurrent(function):
    """PyTorch's recurrent layer as one of ours: the last cell behind the states."""

    def layer(x, *arguments, nonlinearity="tanh"):
        n_states = 1 + (function is torch.lstm)
        states = [state[None] for state in arguments[:n_states]]
        W_x, W_h, *biases = arguments[n_states:]
        if biases:
            b_x, b_h = biases
            biases = [torch.zeros(len(W_x)) if b is None else b for b in (b_x, b_h)]
        hx = tuple(states) if function is torch.lstm else states[0]
        run = torch.rnn_relu if nonlinearity == "relu" else function
        settings = bool(biases), 1, 0.0, False, False, False
        o, *ends = run(x, hx, [W_x, W_h, *biases], *settings)
        return torch.cat([o, ends[1]]) if function is torch.lstm else o

    return layer


def layer_norm(x, shape, *affine, **settings):
    return F.layer_norm(x, np.ravel(shape).tolist(), *affine, **settings)


def conv2d(*arguments, **settings):
    """PyTorch's, without its remark that even kernels cost a copy."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using padding='same' with even kernel")
        return F.conv2d(*arguments, **settings)


def attention(
    query, key, value, attn_mask=None, *, dropout_p=0.0, rng=None, **settings
):
    """PyTorch's; with dropout by hand, with the mask that ours draws."""
    if not dropout_p:
        return F.scaled_dot_product_attention(query, key, value, attn_mask, **settings)
    p = torch.softmax(query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5, -1)
    return drop(p, p=dropout_p, rng=rng) @ value


def attention_weights(query, key, attn_mask=None, **settings):
    """What PyTorch's attention finds, if each token hands over which one it is."""
    value = torch.eye(key.shape[-2]).expand(*key.shape[:-1], -1)
    return attention(query, key, value, attn_mask, **settings)


ORACLES = {
    "add": torch.add,
    "subtract": torch.subtract,
    "multiply": torch.multiply,
    "divide": torch.divide,
    "negative": torch.negative,
    "power": torch.pow,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "absolute": torch.absolute,
    "where": torch.where,
    "matmul": torch.matmul,
    "sum": torch.sum,
    "mean": torch.mean,
    "amax": lambda a, *, dim=None, keepdim=False: torch.amax(
        a, tuple(range(a.ndim)) if dim is None else dim, keepdim
    ),
    "var": torch.var,
    "std": torch.std,
    "clone": torch.clone,
    "cast": lambda a, *, dtype: a.to(torch.float64),
    "reshape": lambda a, *, shape: a.reshape(shape),
    "permute": lambda a, *, dims: a.permute(dims),
    "getitem": lambda a, *, index: a.__getitem__(index),
    "concatenate": lambda *arrays, dim: torch.cat(arrays, dim),
    "linear": F.linear,
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "gelu": F.gelu,
    "softmax": lambda u, *, dim=-1: F.softmax(u, dim),
    "log_softmax": lambda u, *, dim=-1: F.log_softmax(u, dim),
    "mse_loss": F.mse_loss,
    "l1_loss": F.l1_loss,
    "binary_cross_entropy": F.binary_cross_entropy,
    "binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
    "nll_loss": F.nll_loss,
    "cross_entropy": F.cross_entropy,
    "dropout": drop,
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "attention_weights": attention_weights,
    "scaled_dot_product_attention": attention,
    "rnn": recurrent(torch.rnn_tanh),
    "lstm": recurrent(torch.lstm),
    "gru": recurrent(torch.gru),
    "embedding": lambda x, W, **settings: F.embedding(x.long(), W, **settings),
    "conv2d": conv2d,
    "max_pool2d": F.max_pool2d,
    "avg_pool2d": F.avg_pool2d,
}
WITHOUT_ORACLE: dict[str, str] = {}
THROUGH_TENSORS = {  # functions of PyTorch that take no plain numbers
    "add",
    "subtract",
    "multiply",
    "divide",
    "mse_loss",
    "l1_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
}


def test_every_rule_has_an_oracle_or_a_reason():
    assert ORACLES.keys() | WITHOUT_ORACLE.keys() == set(RULES)
    assert not ORACLES.keys() & WITHOUT_ORACLE.keys()


def to_torch(argument, name: str):
    if isinstance(argument, np.ndarray):
        return torch.tensor(argument, requires_grad=is_float(argument))
    if isinstance(argument, float) and name in THROUGH_TENSORS:
        return torch.tensor(argument)
    return argument


def compare(case: Case, rtol: float = 1e-10) -> None:
    learned = case.learned()
    theirs = [to_torch(argument, case.name) for argument in case.arguments]
    expected = ORACLES[case.name](*theirs, **case.settings)
    expected.backward(torch.tensor(case.weights()))
    ours = [
        Tensor(a, i in learned) if is_float(a) else a
        for i, a in enumerate(case.arguments)
    ]
    value = case.lifted(*ours, **case.settings)
    value.backward(case.weights())
    close(value.data, expected)
    for i in learned:
        close(ours[i].grad, theirs[i].grad, rtol)


def close(ours: np.ndarray, theirs: torch.Tensor, rtol: float = 1e-10) -> None:
    assert np.isfinite(ours).all()
    np.testing.assert_allclose(
        ours, theirs.detach().numpy(), rtol=rtol, atol=1e-10, strict=True
    )


@pytest.mark.parametrize(
    "case",
    [
        c
        for c in CASES
        if c.name in ORACLES and "backwards" not in c.label  # torch: steps must be > 0
    ],
    ids=str,
)
def test_values_and_gradients(case):
    compare(case)


U = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 1e-300]])
P = np.array([0.0, 1.0, 0.0, 1.0, 0.5])
Y = np.array([0.0, 1.0, 1.0, 0.0, 1.0])
TIED = np.random.default_rng(1).integers(2, size=(2, 3, 6, 5)) * 1.0
FLAT = np.array([[0.0, -0.0, 1.0], [3.0, 3.0, 3.0]])


@pytest.mark.parametrize(
    "case",
    [
        Case("sigmoid", "±1000", (U,), {}),
        Case("tanh", "±1000", (U,), {}),
        Case("softmax", "±1000", (U,), {}),
        Case("log_softmax", "±1000", (U,), {}),
        Case("cross_entropy", "±1000", (U, np.array([1, 0])), {}),
        Case(
            "cross_entropy", "±1000, sum", (U, np.array([0, 2])), {"reduction": "sum"}
        ),
        Case("binary_cross_entropy_with_logits", "±1000", (U, U.clip(0, 1)), {}),
        Case("binary_cross_entropy_with_logits", "wrong", (U, (-U).clip(0, 1)), {}),
        Case("relu", "at 0", (FLAT,), {}),
        Case("leaky_relu", "at 0", (FLAT,), {}),
        Case("absolute", "at 0", (FLAT,), {}),
        Case("l1_loss", "at 0", (FLAT, np.zeros((2, 3))), {}),
        Case("amax", "ties", (FLAT,), {"dim": 1}),
        Case("amax", "ties everywhere", (np.ones((2, 3)),), {}),
        Case("amax", "ties of two axes", (np.ones((2, 3, 2)),), {"dim": (0, 2)}),
        Case("max_pool2d", "ties", (TIED, 2), {}),
        Case("max_pool2d", "ties, overlapping", (TIED, 3), {"stride": 1}),
        Case("max_pool2d", "ties, padding", (TIED, (3, 2)), {"padding": 1}),
        Case("max_pool2d", "flat", (np.ones((2, 3, 4)), 2), {}),
        Case("power", "0 squared", (FLAT, 2), {}),
        Case("power", "0 to the first", (FLAT, 1), {}),
        Case("exp", "underflow", (U.clip(None, 0),), {}),
    ],
    ids=str,
)
def test_extremes(case):
    compare(case)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_certain_probabilities(reduction):
    """PyTorch divides by at least 1e-12 in float32, which is 4e-9 less of itself."""
    case = Case("binary_cross_entropy", "", (P, Y), {"reduction": reduction})
    compare(case, rtol=1e-8)


# Names

DIFFERENCES = {
    ("Linear", "rng"): "what is random takes a generator",
    ("Linear", "dtype"): "float64 by default, dtype= to change it",
    ("BatchNorm1d", "dtype"): "float64 by default, dtype= to change it",
    ("BatchNorm2d", "dtype"): "float64 by default, dtype= to change it",
    ("Conv2d", "rng"): "what is random takes a generator",
    ("Conv2d", "dtype"): "float64 by default, dtype= to change it",
    ("LayerNorm", "dtype"): "float64 by default, dtype= to change it",
    ("Embedding", "rng"): "what is random takes a generator",
    ("Embedding", "dtype"): "float64 by default, dtype= to change it",
    **{
        (name, argument): why
        for name in ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell")
        for argument, why in [
            ("rng", "what is random takes a generator"),
            ("dtype", "float64 by default, dtype= to change it"),
        ]
    },
    ("Dropout", "rng"): "what is random takes a generator",
    ("dropout", "rng"): "what is random takes a generator",
    ("MultiheadAttention", "rng"): "what is random takes a generator",
    ("MultiheadAttention", "dtype"): "float64 by default, dtype= to change it",
    ("TransformerEncoderLayer", "rng"): "what is random takes a generator",
    ("TransformerEncoderLayer", "dtype"): "float64 by default, dtype= to change it",
    ("TransformerEncoderLayer", "activation"): "our relu is ours",
    ("scaled_dot_product_attention", "scale"): "PyTorch's has it; its table has not",
    ("scaled_dot_product_attention", "rng"): "what is random takes a generator",
    ("Parameter", "data"): "a parameter without values is of no use",
    ("Parameter", "dtype"): "float64 by default, dtype= to change it",
    ("Softmax", "dim"): "the last axis; PyTorch warns where dim is left out",
    ("LogSoftmax", "dim"): "the last axis; PyTorch warns where dim is left out",
    ("softmax", "dim"): "the last axis; PyTorch warns where dim is left out",
    ("log_softmax", "dim"): "the last axis; PyTorch warns where dim is left out",
    ("Module", "kwargs"): "ours takes no arguments at all",
    (
        "Optimizer",
        "options",
    ): "PyTorch's takes them as one dict; only optimizers call it",
}
PAIRS = [
    (name, getattr(ours, name), getattr(theirs, name))
    for ours, theirs in [
        (course_lib.nn, torch.nn),
        (course_lib.optim, torch.optim),
        (course_lib.nn.functional, F),
    ]
    for name in ours.__all__
    if name not in ("functional", "init", "utils", "lr_scheduler")
]
FUNCTIONS = [pair for pair in PAIRS if not inspect.isclass(pair[1])]
CLASSES = [pair for pair in PAIRS if inspect.isclass(pair[1])]
MODULES = [pair for pair in CLASSES if issubclass(pair[1], course_lib.nn.Module)]
by_name = {"ids": lambda value: value if isinstance(value, str) else ""}


def parameters(thing) -> list[inspect.Parameter]:
    try:
        signature = inspect.signature(thing)
        made = getattr(thing, "__init__", None)
        if inspect.isfunction(made) and (written := get_overloads(made)):
            return list(inspect.signature(written[0]).parameters.values())[1:]
    except ValueError:  # functions written in C++: PyTorch keeps their signatures apart
        signature = inspect.signature(get_testing_overrides()[thing])
    if [*signature.parameters] == ["args", "kwargs"]:  # or those of dispatchers
        known = get_testing_overrides().get(thing)
        signature = inspect.signature(known) if known else signature
    return list(signature.parameters.values())


def agree(name: str, ours: list, theirs: list) -> None:
    """Arguments of ours are theirs: names, order, defaults."""
    known = {p.name: p for p in theirs}
    allowed = {argument for n, argument in DIFFERENCES if n == name}
    common = [
        p
        for p in ours
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and p.name not in allowed
    ]
    assert [p.name for p in common if p.name not in known] == []
    for p in common:
        assert p.default == known[p.name].default, p
    positional = [p.name for p in common if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional == [p.name for p in theirs if p.name in positional]


@pytest.mark.parametrize(("name", "ours", "theirs"), CLASSES, **by_name)
def test_classes_take_the_same_arguments(name, ours, theirs):
    agree(name, parameters(ours), parameters(theirs))


@pytest.mark.parametrize(("name", "ours", "theirs"), FUNCTIONS, **by_name)
def test_functions_take_the_same_arguments(name, ours, theirs):
    """Also where a rule has the slide's letters: x is called input as well."""
    mine, known = parameters(ours), parameters(theirs)
    positional = [p for p in mine if p.kind is p.POSITIONAL_OR_KEYWORD]
    for p, other in zip(positional, known, strict=False):
        assert p.name == other.name or p.name in LETTERS[other.name]
        assert p.default == other.default or (name, p.name) in DIFFERENCES
    agree(name, [p for p in mine if p.kind is p.KEYWORD_ONLY], known)


@pytest.mark.parametrize(("name", "ours", "theirs"), MODULES, **by_name)
def test_forward_takes_the_same_arguments(name, ours, theirs):
    agree(name, parameters(ours.forward)[1:], parameters(theirs.forward)[1:])


@pytest.mark.parametrize(
    "method",
    [
        "named_parameters",
        "parameters",
        "named_children",
        "children",
        "modules",
        "apply",
        "train",
        "eval",
        "zero_grad",
        "register_buffer",
        "load_state_dict",
        "extra_repr",
    ],
)
def test_methods_of_modules_take_the_same_arguments(method):
    ours, theirs = (getattr(lib.nn.Module, method) for lib in (course_lib, torch))
    agree(method, parameters(ours), parameters(theirs))


@pytest.mark.parametrize("name", course_lib.__all__)
def test_names_at_the_top(name):
    assert hasattr(course_lib, name)
    assert hasattr(torch, name)


TENSORS_HAVE = """
    backward detach numpy item tolist shape ndim dtype is_leaf grad data requires_grad
    exp log sqrt abs sum mean var std amax amin max min argmax reshape permute
    transpose T flatten squeeze unsqueeze size numel dim pow clone to float
"""


@pytest.mark.parametrize("name", TENSORS_HAVE.split())
def test_names_of_tensors(name):
    assert hasattr(Tensor, name)
    assert hasattr(torch.Tensor, name)


def test_every_difference_is_one():
    """No entry of the list outlives what it excuses."""
    for name, argument in DIFFERENCES:
        [(_, ours, theirs)] = [pair for pair in PAIRS if pair[0] == name]
        mine = {p.name: p.default for p in parameters(ours)}
        known = {p.name: p.default for p in parameters(theirs)}
        assert argument in mine.keys() | known.keys()
        missing = object()
        assert mine.get(argument, missing) != known.get(argument, missing)


# State dicts and training runs


def model(nn):
    """The same code for both packages."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(nn.Linear(4, 1).weight.data)
            self.body = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 5))
            self.head = nn.Linear(5, 3, bias=False)

        def forward(self, input):
            hidden = nn.functional.leaky_relu(self.body(input * self.scale))
            return self.head(hidden + nn.functional.sigmoid(hidden))

    return Net()


def as_torch(state: dict) -> dict:
    return {name: torch.tensor(values) for name, values in state.items()}


def test_state_dicts_have_the_same_names_and_shapes():
    ours, theirs = model(course_lib.nn), model(torch.nn)
    assert [(n, p.shape) for n, p in ours.named_parameters()] == [
        (n, tuple(p.shape)) for n, p in theirs.named_parameters()
    ]
    shapes = {name: a.shape for name, a in ours.state_dict().items()}
    assert shapes == {n: tuple(t.shape) for n, t in theirs.state_dict().items()}


def test_weights_travel_both_ways():
    ours, theirs = model(course_lib.nn), model(torch.nn)
    x = np.random.default_rng(0).normal(size=(7, 4))
    ours.load_state_dict(theirs.state_dict())
    close(ours(x).data, theirs(torch.tensor(x)))
    fresh = model(course_lib.nn)
    theirs.load_state_dict(as_torch(fresh.state_dict()))
    close(fresh(x).data, theirs(torch.tensor(x)))


def normalized(nn):
    """A network with buffers, in the same code for both packages."""
    return nn.Sequential(
        nn.Linear(4, 6),
        nn.BatchNorm1d(6),
        nn.Tanh(),
        nn.Sequential(nn.BatchNorm1d(6, momentum=None), nn.LayerNorm(6)),
        nn.BatchNorm1d(6, affine=False),
        nn.BatchNorm1d(6, track_running_stats=False),
        nn.Linear(6, 3),
    )


def test_buffers_have_the_same_names_order_and_values_in_training_and_eval():
    ours, theirs = normalized(course_lib.nn), normalized(torch.nn)
    rng = np.random.default_rng(0)
    fresh = ours.state_dict()
    assert list(fresh) == list(theirs.state_dict())
    for name, values in theirs.state_dict().items():
        assert fresh[name].shape == tuple(values.shape)
        assert (fresh[name].dtype.kind == "i") == ("num_batches" in name)
    theirs.load_state_dict(as_torch(fresh))
    steps = [
        package.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
        for package, net in [(course_lib, ours), (torch, theirs)]
    ]
    for _ in range(5):
        x, target = 3 + rng.normal(size=(8, 4)), rng.integers(3, size=8)
        (a,) = run(
            course_lib, ours, course_lib.nn.CrossEntropyLoss(), steps[0], x, target, 1
        )
        (b,) = run(torch, theirs, torch.nn.CrossEntropyLoss(), steps[1], x, target, 1)
        assert abs(a - b) < 1e-10
        ours.eval(), theirs.eval()
        close(ours(x).data, theirs(torch.tensor(x)))
        ours.train(), theirs.train()
        for name, values in theirs.state_dict().items():
            np.testing.assert_allclose(
                ours.state_dict()[name], values.numpy(), rtol=0, atol=1e-10
            )
    again = normalized(course_lib.nn)
    again.load_state_dict(theirs.state_dict())
    np.testing.assert_allclose(again.eval()(x).data, ours.eval()(x).data, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("BatchNorm1d", (5, 3)),
        ("BatchNorm1d", (5, 3, 4)),
        ("BatchNorm1d", (1, 3, 4)),
        ("BatchNorm2d", (5, 3, 4, 2)),
    ],
)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"momentum": 0.3, "eps": 0.1},
        {"momentum": None},
        {"affine": False},
        {"track_running_stats": False},
    ],
    ids=str,
)
def test_batch_norm_is_the_same_in_training_and_eval(name, shape, options):
    rng = np.random.default_rng(0)
    ours, theirs = (getattr(p.nn, name)(3, **options) for p in (course_lib, torch))
    if options.get("affine", True):
        state = ours.state_dict() | {
            "weight": rng.normal(size=3),
            "bias": rng.normal(size=3),
        }
        ours.load_state_dict(state)
        theirs.load_state_dict(as_torch(state))
    for training in (True, True, False):
        x, g = 2 + 3 * rng.normal(size=shape), rng.normal(size=shape)
        mine, other = Tensor(x, True), torch.tensor(x, requires_grad=True)
        a, b = ours.train(training)(mine), theirs.train(training)(other)
        a.backward(g)
        b.backward(torch.tensor(g))
        close(a.data, b)
        close(mine.grad, other.grad)
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            close(p.grad, q.grad)
        for key, values in ours.state_dict().items():
            np.testing.assert_allclose(
                values, theirs.state_dict()[key].numpy(), rtol=0, atol=1e-10
            )


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda nn: nn.BatchNorm1d(3), (1, 3)),
        (lambda nn: nn.BatchNorm1d(3), (4, 2)),
        (lambda nn: nn.BatchNorm1d(3), (3,)),
        (lambda nn: nn.BatchNorm1d(3), (2, 3, 4, 4)),
        (lambda nn: nn.BatchNorm2d(3), (2, 3)),
        (lambda nn: nn.BatchNorm2d(3), (1, 3, 1, 1)),
        (lambda nn: nn.LayerNorm(3), (2, 4)),
    ],
)
def test_wrong_use_of_normalization_is_an_error_in_both(make, shape):
    with pytest.raises(ValueError, match=r"shape|features"):
        make(course_lib.nn)(np.ones(shape))
    with pytest.raises((ValueError, RuntimeError)):
        make(torch.nn)(torch.ones(shape))


def run(package, net, criterion, optimizer, x, target, steps=100) -> list[float]:
    """Some steps, in the same code for both packages."""
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = criterion(net(package.tensor(x)), package.tensor(target))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        ("SGD", {"lr": 0.1}),
        ("SGD", {"lr": 0.1, "momentum": 0.9}),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, "nesterov": True}),
        ("Adam", {}),
        ("Adam", {"lr": 0.01, "weight_decay": 0.1}),
        ("Adam", {"lr": 0.01, "betas": (0.8, 0.9), "eps": 1e-3}),
    ],
    ids=str,
)
@pytest.mark.parametrize("criterion", ["CrossEntropyLoss", "MSELoss"])
def test_training_runs_are_the_same(criterion, optimizer, options):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 4))
    target = x[:, :3].argmax(axis=1) if "Cross" in criterion else x[:, :3]
    course_lib.manual_seed(0)
    start = model(course_lib.nn).state_dict()
    losses, states = [], []
    for package, state in [(course_lib, start), (torch, as_torch(start))]:
        net = model(package.nn)
        net.load_state_dict(state)
        steps = getattr(package.optim, optimizer)(net.parameters(), **options)
        criterion_ = getattr(package.nn, criterion)()
        losses.append(run(package, net, criterion_, steps, x, target))
        states.append(net.state_dict())
    assert losses[0][-1] < losses[0][0]
    np.testing.assert_allclose(*losses, rtol=0, atol=1e-10)
    for name, values in states[0].items():
        np.testing.assert_allclose(values, states[1][name].numpy(), rtol=0, atol=1e-10)


# Optimizers, schedules and clipping, step by step

STEPS = [
    ("SGD", {"lr": 0.02}),
    ("SGD", {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.02, "momentum": 0.9, "dampening": 0.5}),
    ("SGD", {"lr": 0.02, "momentum": 0.9, "nesterov": True}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.5, "lr_decay": 0.01, "weight_decay": 0.1}),
    ("Adagrad", {"lr": 0.5, "initial_accumulator_value": 2.0, "eps": 1e-3}),
    ("RMSprop", {}),
    ("RMSprop", {"alpha": 0.9, "momentum": 0.5, "weight_decay": 0.1}),
    ("RMSprop", {"lr": 1e-3, "alpha": 0.9, "centered": True, "eps": 1e-4}),
    ("Adam", {}),
    ("Adam", {"lr": 0.02, "betas": (0.8, 0.99), "weight_decay": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.02, "weight_decay": 0.3, "eps": 1e-3}),
]
SCHEDULES = [
    ("StepLR", {"step_size": 150, "gamma": 0.5}),
    ("ExponentialLR", {"gamma": 0.995}),
    ("LinearLR", {"start_factor": 0.1, "total_iters": 300}),
    ("CosineAnnealingLR", {"T_max": 400, "eta_min": 1e-3}),
    ("LambdaLR", {"lr_lambda": lambda t: 1 / (1 + t) ** 0.5}),
]


def walk(package, name, options, schedule=None, steps=1000, clip=None):
    """Every point on a tilted valley, in the same code for both packages.

    The slope is noisy, as that of mini-batches: without noise RMSprop ends in steps
    whose signs hang on the last bit.
    """
    noise = np.random.default_rng(0).normal(size=(steps, 2, 2))
    w = package.nn.Parameter(package.tensor(np.array([[-5.0, -2.0], [1.0, 3.0]])))
    optimizer = getattr(package.optim, name)([w], **options)
    if schedule:
        make = getattr(package.optim.lr_scheduler, schedule[0])
        scheduler = make(optimizer, **schedule[1])
    path = []
    for t in range(steps):
        optimizer.zero_grad()
        a, b = w[:, 0], w[:, 1]
        loss = (0.1 * a * a + 2 * b * b + 0.3 * a * b).sum() + package.exp(-a * a).sum()
        (loss + (w * package.tensor(noise[t])).sum()).backward()
        if clip:
            package.nn.utils.clip_grad_norm_([w], clip)
        optimizer.step()
        if schedule:
            scheduler.step()
        path.append(np.array(w.data.tolist()))
    return np.array(path)


@pytest.mark.parametrize(("name", "options"), STEPS, ids=str)
def test_optimizers_visit_the_same_points_for_1000_steps(name, options):
    ours, theirs = (walk(package, name, options) for package in (course_lib, torch))
    assert np.isfinite(ours).all() and np.ptp(ours) > 0.1
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: s[0])
@pytest.mark.parametrize("name", ["SGD", "AdamW"])
def test_schedules_lead_to_the_same_points_for_1000_steps(name, schedule):
    options = {"lr": 0.05, "weight_decay": 0.01}
    ours, theirs = (
        walk(package, name, options, schedule) for package in (course_lib, torch)
    )
    assert np.abs(ours - walk(course_lib, name, options)).max() > 1e-3
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_clipping_leads_to_the_same_points():
    ours, theirs = (
        walk(package, "SGD", {"lr": 0.1}, steps=200, clip=0.5)
        for package in (course_lib, torch)
    )
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", [name for name, _ in SCHEDULES])
def test_schedules_take_the_same_arguments(name):
    ours, theirs = (
        parameters(getattr(package.optim.lr_scheduler, name))
        for package in (course_lib, torch)
    )
    agree(name, ours, theirs)


def test_clipping_takes_the_same_arguments():
    ours, theirs = (
        parameters(package.nn.utils.clip_grad_norm_) for package in (course_lib, torch)
    )
    agree("clip_grad_norm_", ours, theirs)


INITS = {  # name -> settings to try
    "uniform_": [{}, {"a": -2.0, "b": 0.5}],
    "normal_": [{}, {"mean": 3.0, "std": 0.1}],
    "constant_": [{"val": 0.25}],
    "zeros_": [{}],
    "ones_": [{}],
    "xavier_uniform_": [{}, {"gain": 2.0}],
    "xavier_normal_": [{}, {"gain": 2.0}],
    "kaiming_uniform_": [{}, {"a": 0.5, "mode": "fan_out"}, {"nonlinearity": "tanh"}],
    "kaiming_normal_": [{}, {"a": 0.5, "mode": "fan_out"}, {"nonlinearity": "relu"}],
}


@pytest.mark.parametrize("name", [*INITS, "calculate_gain"])
def test_initialisations_take_the_same_arguments(name):
    """With rng in place of generator."""
    ours = [
        p
        for p in parameters(getattr(course_lib.nn.init, name))
        if (p.name, p.kind) != ("rng", p.KEYWORD_ONLY)
    ]
    agree(name, ours, parameters(getattr(torch.nn.init, name)))


@pytest.mark.parametrize(
    ("name", "options"), [(name, o) for name, tried in INITS.items() for o in tried]
)
@pytest.mark.parametrize("shape", [(400, 150), (30, 20, 10, 10)], ids=str)
def test_initialisations_draw_from_the_same_distribution(name, options, shape):
    w = course_lib.nn.Parameter(np.zeros(shape))
    ours = getattr(course_lib.nn.init, name)(
        w, **options, **({} if name in SURE else {"rng": np.random.default_rng(0)})
    ).data
    torch.manual_seed(0)
    theirs = getattr(torch.nn.init, name)(torch.empty(shape), **options).numpy()
    scale = theirs.std() or 1.0
    np.testing.assert_allclose(ours.mean(), theirs.mean(), atol=0.02 * scale)
    np.testing.assert_allclose(ours.std(), theirs.std(), rtol=0.02)
    marks = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0] if "uniform" in name else [0.1, 0.5]
    np.testing.assert_allclose(
        *(np.quantile(a, marks) for a in (ours, theirs)), atol=0.03 * scale
    )


SURE = ("constant_", "zeros_", "ones_")


@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "leaky_relu"])
@pytest.mark.parametrize("param", [None, 0.03, 1])
def test_gains_are_the_same(name, param):
    ours, theirs = (
        package.nn.init.calculate_gain(name, param) for package in (course_lib, torch)
    )
    assert ours == theirs


def test_layers_start_from_the_same_distribution():
    """Weights and biases of Linear are drawn evenly from ±1/√D in both."""
    ours = course_lib.nn.Linear(100, 2_000, rng=np.random.default_rng(0))
    torch.manual_seed(0)
    theirs = torch.nn.Linear(100, 2_000)
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        other = other.detach().numpy()
        np.testing.assert_allclose(mine.data.std(), other.std(), rtol=0.05)
        np.testing.assert_allclose(np.abs(mine.data).max(), 0.1, rtol=0.01)
        np.testing.assert_allclose(np.abs(other).max(), 0.1, rtol=0.01)
