"""Cases for the contract of rules: each rule in every shape that it takes.

A new rule needs a `case` here; `test_rules.py` and `test_torch.py` do the rest.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course_lib import core, nn

MODULES = [
    importlib.import_module(f"{package.__name__}.{module.name}")
    for package in (core, nn)
    for module in pkgutil.iter_modules(package.__path__)
]
# Each once, always in the same order: workers of the tests must agree on it.
LIFTED = dict.fromkeys(
    f for m in MODULES for f in vars(m).values() if hasattr(f, "rule")
)
RULES = {f.__name__: f.rule for f in LIFTED}


class Case(NamedTuple):
    """Arguments on which finite differences can check a rule."""

    name: str
    label: str
    arguments: tuple
    settings: dict[str, Any]

    @property
    def rule(self) -> Callable:
        return RULES[self.name]

    @property
    def lifted(self) -> Callable:
        """The rule on tensors, as its module offers it."""
        return next(f for f in LIFTED if f.rule is self.rule)

    def run(self) -> tuple:
        """The rule's value, and its derivatives."""
        return self.rule(*self.arguments, **self.settings)

    def weights(self) -> np.ndarray:
        """A ∂L/∂value with no two numbers alike."""
        shape = np.shape(self.run()[0])
        return np.asarray(np.random.default_rng(7).uniform(-1, 1, shape))

    def learned(self) -> list[int]:
        """Places of the arguments that have a derivative here."""
        _, derivatives = self.run()
        return [
            i
            for i, (a, d) in enumerate(zip(self.arguments, derivatives, strict=False))
            if d is not None and is_float(a)
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.label}"


CASES: list[Case] = []


def case(name: str, label: str, *arguments: Any, **settings: Any) -> None:
    arrays = tuple(np.asarray(a) if isinstance(a, np.generic) else a for a in arguments)
    CASES.append(Case(name, label, arrays, settings))


def is_float(argument: Any) -> bool:
    return isinstance(argument, np.ndarray) and argument.dtype.kind == "f"


_rng = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return np.asarray(_rng.normal(size=shape))


def positive(*shape: int) -> np.ndarray:
    return np.asarray(_rng.uniform(0.8, 2, shape))


def probabilities(*shape: int) -> np.ndarray:
    return np.asarray(_rng.uniform(0.4, 0.6, shape))


def not_zero(*shape: int) -> np.ndarray:
    """Numbers of both signs, away from a kink at 0."""
    signs = np.resize([1, -1], math.prod(shape))
    return np.asarray(_rng.permutation(signs).reshape(shape) * positive(*shape))


def all_different(*shape: int) -> np.ndarray:
    return np.asarray(0.1 * _rng.permutation(math.prod(shape)).reshape(shape) - 0.35)


PAIRS = [  # shapes that NumPy repeats to one
    ((3,), (3,)),
    ((4, 3), (3,)),
    ((3,), (4, 3)),
    ((4, 1), (1, 3)),
    ((2, 1, 3), (4, 1)),
    ((1,), (5,)),
    ((), (2, 3)),
    ((2, 3), ()),
    ((), ()),
    ((1, 1), (1,)),
    ((0, 3), (3,)),
]
for _a, _b in PAIRS:
    for _name in ("add", "subtract", "multiply"):
        case(_name, f"{_a} {_b}", normal(*_a), normal(*_b))
    case("divide", f"{_a} {_b}", normal(*_a), not_zero(*_b))
    _condition = np.bool_([1, 0, 1])[: 3 if 3 in _a + _b else 1]
    case("where", f"{_a} {_b}", _condition, normal(*_a), normal(*_b))
for _name in ("add", "subtract", "multiply", "divide"):
    case(_name, "float right", normal(4, 3), 1.7)
    case(_name, "float left", 1.7, not_zero(4, 3))
case("where", "condition larger", np.bool_([[1], [0]]), normal(3), normal(1))
case("where", "float", np.bool_([1, 0, 1]), normal(3), 0.5)
case("where", "one condition", np.bool_(True), normal(3), normal(3))

for _shape in [(), (3,), (2, 3), (2, 0)]:
    case("negative", f"{_shape}", normal(*_shape))
    case("exp", f"{_shape}", normal(*_shape))
    case("log", f"{_shape}", positive(*_shape))
    case("sqrt", f"{_shape}", positive(*_shape))
    case("absolute", f"{_shape}", not_zero(*_shape))
    for _name in ("sigmoid", "tanh", "gelu"):
        case(_name, f"{_shape}", normal(*_shape))
    for _name in ("relu", "leaky_relu"):
        case(_name, f"{_shape}", not_zero(*_shape))
case("leaky_relu", "the deck's slope", not_zero(4, 3), negative_slope=0.03)
case("gelu", "by tanh", normal(4, 3), approximate="tanh")
case("leaky_relu", "slope above 1", not_zero(4, 3), negative_slope=1.5)

for _n in (2, 3, 1, -1, -2, 0.5, 1.5):
    case("power", f"n = {_n}", positive(2, 3), _n)
case("power", "whole n, negative numbers", not_zero(2, 3), 3)
case("power", "one number", positive(), 2)
case("power", "one n a number", positive(2, 3), np.array([2.0, 3.0, 1.0]))
case("power", "n repeats a", positive(3), np.array([[2.0], [3.0]]))
case("power", "a number to the n", 2, normal(2, 3))
case("power", "a repeats n", positive(2, 3), normal(3))

for _a, _b in [
    ((4, 3), (3, 2)),
    ((3,), (3, 2)),
    ((4, 3), (3,)),
    ((3,), (3,)),
    ((5, 4, 3), (3, 2)),
    ((4, 3), (5, 3, 2)),
    ((2, 5, 4, 3), (5, 3, 2)),
    ((2, 1, 4, 3), (5, 3, 2)),
    ((3,), (5, 3, 2)),
    ((5, 4, 3), (3,)),
    ((1, 3), (3, 1)),
    ((1, 1), (1, 1)),
    ((0, 3), (3, 2)),
]:
    case("matmul", f"{_a} {_b}", normal(*_a), normal(*_b))

for _name, _values in [("sum", normal), ("mean", normal), ("amax", all_different)]:
    for _dim in (None, 0, 1, -1, (0, 2), (-1, 0)):
        for _keepdim in (False, True):
            _label = f"dim {_dim}" + ", kept" * _keepdim
            case(_name, _label, _values(2, 4, 3), dim=_dim, keepdim=_keepdim)
    case(_name, "one number", _values())
    case(_name, "vector", _values(5))
case("sum", "nothing", normal(0, 3), dim=0)
for _name in ("var", "std"):
    for _dim in (None, 0, -1, (0, 2)):
        for _keepdim in (False, True):
            _label = f"dim {_dim}" + ", kept" * _keepdim
            case(_name, _label, normal(2, 4, 3), dim=_dim, keepdim=_keepdim)
    case(_name, "divided by n", normal(4, 3), dim=0, correction=0)
for _shape in [(), (3,), (2, 0)]:
    case("clone", f"{_shape}", normal(*_shape))
    case("cast", f"{_shape}", normal(*_shape), dtype=np.float64)

case("reshape", "to matrix", normal(6), shape=(2, 3))
case("reshape", "to vector", normal(2, 3, 2), shape=(-1,))
case("reshape", "to a number", normal(1, 1), shape=())
case("permute", "matrix", normal(2, 3), dims=(1, 0))
case("permute", "cycle", normal(2, 3, 4), dims=(1, 2, 0))
case("permute", "counted from the end", normal(2, 3, 4), dims=(-1, 0, -2))
case("permute", "one number", normal(), dims=())

for _label, _index in {
    "row": (1,),
    "last": (-1,),
    "part": (slice(1, None), slice(None, None, 2)),
    "backwards": (slice(None, None, -1),),
    "new axis": (slice(None), None),
    "dots": (..., 0),
    "one number": (1, 2),
    "row twice": (np.array([0, 2, 0]),),
    "one of each row": (np.arange(4), np.array([2, 0, 2, 1])),
    "mask": (np.bool_([1, 0, 1, 1]),),
    "none": (slice(0, 0),),
}.items():
    case("getitem", _label, normal(4, 3), index=_index)

case("concatenate", "vectors", normal(2), normal(3), normal(1), dim=0)
case("concatenate", "rows", normal(2, 3), normal(1, 3), dim=0)
case("concatenate", "columns", normal(2, 3), normal(2, 1), normal(2, 2), dim=-1)
case("concatenate", "one, and an empty one", normal(2, 3), normal(0, 3), dim=0)
case("concatenate", "alone", normal(2, 3), dim=1)

for _lead in [(), (4,), (1,), (2, 4), (2, 1, 3)]:
    case("linear", f"{_lead}", normal(*_lead, 3), normal(2, 3), normal(2))
    case("linear", f"{_lead}, no bias", normal(*_lead, 3), normal(2, 3))
    case("linear", f"{_lead}, None", normal(*_lead, 3), normal(2, 3), None)
case("linear", "one unit, one input", normal(4, 1), normal(1, 1), normal(1))
case("linear", "empty batch", normal(0, 3), normal(2, 3), normal(2))

for _label, _x in {
    "one": np.array(2),
    "vector": np.array([2, 0, 2, 2]),
    "matrix": np.array([[1, 3], [3, 3], [0, 1]]),
    "none": np.zeros((0, 2), int),
    "small integers": np.uint8([3, 1]),
}.items():
    case("embedding", _label, _x, normal(4, 3))
    # A padding token among them has a gradient of 0, which is not the derivative.
    case("embedding", f"{_label}, padded", _x, normal(5, 3), padding_idx=4)
    case("embedding", f"{_label}, large table", _x, normal(300, 2), padding_idx=-1)

for _T, _N, _D, _H in [(1, 1, 1, 1), (1, 3, 2, 4), (4, 2, 3, 2), (3, 0, 2, 2)]:
    for _name, _blocks, _states in [("rnn", 1, 1), ("lstm", 4, 2), ("gru", 3, 1)]:
        _arrays = [normal(_T, _N, _D)] + [normal(_N, _H) for _ in range(_states)]
        _arrays += [normal(_blocks * _H, n) for n in (_D, _H)]
        _biases = [normal(_blocks * _H) for _ in range(2)]
        _label = f"({_T}, {_N}, {_D}) {_H}"
        case(_name, _label, *_arrays, *_biases)
        case(_name, f"{_label}, no biases", *_arrays)
        case(_name, f"{_label}, one bias", *_arrays, None, _biases[1])
_relu = [positive(*_shape) / 4 for _shape in [(3, 2, 3), (2, 4), (4, 3), (4, 4)]]
case("rnn", "relu, all units on", *_relu, nonlinearity="relu")
case(
    "rnn",
    "relu, some off",
    _relu[0],
    _relu[1],
    -_relu[2],
    *_relu[3:],
    _relu[1][0],
    np.float64([0.2, -0.3, 0.1, -0.2]),
    nonlinearity="relu",
)

for _name in ("softmax", "log_softmax"):
    case(_name, "vector", normal(5))
    case(_name, "rows", normal(4, 3))
    case(_name, "columns", normal(4, 3), dim=0)
    case(_name, "middle", normal(2, 4, 3), dim=1)
    case(_name, "one class", normal(4, 1))

for _reduction in ("mean", "sum", "none"):
    for _shape in [(), (1,), (5,), (4, 3), (2, 3, 2)]:
        _label = f"{_shape} {_reduction}"
        _y = normal(*_shape)
        case("mse_loss", _label, normal(*_shape), _y, reduction=_reduction)
        case("l1_loss", _label, _y + not_zero(*_shape), _y, reduction=_reduction)
        case(
            "binary_cross_entropy",
            _label,
            probabilities(*_shape),
            probabilities(*_shape),
            reduction=_reduction,
        )
        case(
            "binary_cross_entropy_with_logits",
            _label,
            not_zero(*_shape),
            probabilities(*_shape),
            reduction=_reduction,
        )
    for _N, _K in [(4, 3), (1, 5), (3, 1)]:
        for _name in ("nll_loss", "cross_entropy"):
            case(
                _name,
                f"({_N}, {_K}) {_reduction}",
                normal(_N, _K),
                _rng.integers(_K, size=_N),
                reduction=_reduction,
            )
    for _name in ("nll_loss", "cross_entropy"):
        for _label, _y, _ignored in [
            ("some ignored", np.array([2, -100, 0, -100]), {}),
            ("a class ignored", np.array([2, 1, 0, 1]), {"ignore_index": 1}),
        ]:
            _settings = {**_ignored, "reduction": _reduction}
            case(_name, f"{_label} {_reduction}", normal(4, 3), _y, **_settings)
_hard = np.array([1.0, 0.0, 0.0, 1.0])
for _name in ("binary_cross_entropy", "binary_cross_entropy_with_logits"):
    case(_name, "answers 0 and 1", probabilities(4), _hard)
case("mse_loss", "float answer", np.array(0.3), 1.0)
case("l1_loss", "float answer", np.array(0.3), 1.0)
case("binary_cross_entropy", "float answer", np.array(0.3), 1.0)
case("binary_cross_entropy_with_logits", "float answer", np.array(0.3), 1.0)


class SameEachTime(np.random.Generator):
    """Draws the same numbers in each call, so that differences can be taken."""

    def __init__(self):
        super().__init__(np.random.PCG64(0))

    def random(self, size=None):
        return np.random.default_rng(5).random(size)


for _p in (0, 0.3, 0.5, 1):
    for _shape in [(), (5,), (4, 3), (2, 0)]:
        case("dropout", f"{_shape}, p {_p}", normal(*_shape), p=_p, rng=SameEachTime())
case("dropout", "eval", normal(4, 3), p=0.3, training=False)
case("dropout", "as it comes", normal(4, 3), rng=SameEachTime())


def spread(*shape: int) -> np.ndarray:
    """Numbers with a large deviation, around 2."""
    return np.asarray(2 + 4 * _rng.normal(size=shape))


for _shape in [(6, 3), (4, 3, 5), (4, 2, 3, 2), (5, 1), (1, 2, 5), (2, 3, 4)]:
    _C = _shape[1]
    _kept = normal(_C), positive(_C)
    for _label, _affine in {
        "": (normal(_C), normal(_C)),
        ", γ alone": (normal(_C), None),
        ", β alone": (None, normal(_C)),
        ", neither": (),
    }.items():
        _label = f"{_shape}{_label}"
        case("batch_norm", _label, spread(*_shape), *_kept, *_affine)
        case(
            "batch_norm",
            f"{_label}, training",
            spread(*_shape),
            *(_kept if len(_shape) == 2 else (None, None)),
            *_affine,
            training=True,
        )
case("batch_norm", "large ε", spread(6, 3), None, None, training=True, eps=1.0)
case("batch_norm", "one example", spread(1, 3), *(positive(3), positive(3)), eps=0.5)
case("batch_norm", "none", spread(0, 3), normal(3), positive(3))

for _shape, _last in [((4, 6), 1), ((6,), 1), ((2, 3, 5), 1), ((3, 2, 4), 2)]:
    _size = np.array(_shape[-_last:])
    for _label, _affine in {
        "": (normal(*_size), normal(*_size)),
        ", γ alone": (normal(*_size), None),
        ", β alone": (None, normal(*_size)),
        ", neither": (),
    }.items():
        _label = f"{_shape} over {_last}{_label}"
        case("layer_norm", _label, spread(*_shape), _size, *_affine)
case("layer_norm", "size as a number, large ε", spread(3, 5), 5, normal(5), eps=1.0)
case("layer_norm", "none", spread(0, 5), np.array([5]), normal(5))

for _label, _x, _W, _how in [
    ("3 × 3", (2, 3, 5, 4), (4, 3, 3, 3), {}),
    ("one channel", (2, 1, 6, 5), (3, 1, 3, 3), {"padding": 1}),
    ("many channels", (2, 9, 5, 4), (3, 9, 3, 2), {"padding": (1, 0)}),
    ("1 × 1", (2, 3, 3, 4), (2, 3, 1, 1), {}),
    ("1 × 1, padding", (2, 3, 3, 4), (2, 3, 1, 1), {"padding": 2, "stride": 2}),
    ("as large as the image", (2, 3, 4, 5), (2, 3, 4, 5), {}),
    ("strides that do not divide", (2, 2, 8, 7), (3, 2, 3, 2), {"stride": (3, 2)}),
    ("stride, many channels", (1, 8, 6, 7), (2, 8, 2, 3), {"stride": 2, "padding": 1}),
    ("stride beyond the kernel", (2, 1, 7, 8), (2, 1, 2, 2), {"stride": 3}),
    ("padding beyond the kernel", (1, 2, 3, 3), (2, 2, 2, 3), {"padding": (3, 4)}),
    ("same", (2, 2, 5, 4), (3, 2, 3, 3), {"padding": "same"}),
    ("same, even kernel", (2, 2, 5, 4), (3, 2, 2, 4), {"padding": "same"}),
    ("valid", (2, 2, 5, 4), (3, 2, 2, 4), {"padding": "valid"}),
    ("one image", (3, 5, 4), (2, 3, 3, 2), {"padding": 1, "stride": 2}),
    ("no images", (0, 3, 5, 4), (2, 3, 3, 3), {}),
]:
    case("conv2d", _label, normal(*_x), normal(*_W), normal(_W[0]), **_how)
    case("conv2d", f"{_label}, no bias", normal(*_x), normal(*_W), **_how)
_last = normal(2, 6, 5, 3).transpose(0, 3, 1, 2)  # channels innermost in memory
case("conv2d", "channels last", _last, normal(2, 3, 3, 3), normal(2))

for _name in ("max_pool2d", "avg_pool2d"):
    for _label, _shape, _size, _how in [
        ("2 × 2", (2, 3, 4, 6), 2, {}),
        ("a rest", (2, 3, 5, 7), 2, {}),
        ("overlapping", (2, 2, 5, 6), 3, {"stride": 2}),
        ("one at a time", (1, 2, 4, 4), (2, 3), {"stride": 1}),
        ("gaps", (1, 2, 7, 7), 2, {"stride": (3, 4)}),
        ("padding", (2, 2, 5, 4), 3, {"padding": 1}),
        ("padding, stride", (2, 2, 5, 4), (2, 4), {"padding": (1, 2), "stride": 2}),
        ("1 × 1", (2, 2, 3, 2), 1, {}),
        ("all", (2, 2, 3, 4), (3, 4), {}),
        ("one image", (3, 4, 5), 2, {}),
        ("no images", (0, 3, 4, 4), 2, {}),
    ]:
        case(_name, _label, all_different(*_shape), _size, **_how)
    _last = all_different(2, 5, 4, 3).transpose(0, 3, 1, 2)
    case(_name, "channels last", _last, 2, stride=1)


_may = np.bool_([[1, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]])  # the last looks nowhere
for _label, _lead in {"": (), "heads, ": (2, 2), "one for all, ": (2, 1)}.items():
    _q, _k = normal(*_lead, 3, 2), normal(*_lead[:1] * 2, 4, 2)
    for _name, _arrays in [
        ("attention_weights", (_q, _k)),
        ("scaled_dot_product_attention", (_q, _k, normal(*_lead, 4, 3))),
    ]:
        case(_name, f"{_label}no mask", *_arrays)
        case(_name, f"{_label}scale", *_arrays, scale=0.4)
        case(_name, f"{_label}causal", *_arrays, is_causal=True)
        case(_name, f"{_label}bool", *_arrays, _may)
        case(_name, f"{_label}numbers", *_arrays, normal(3, 4))
        case(_name, f"{_label}numbers for keys", *_arrays, normal(1, 4))
case("scaled_dot_product_attention", "value repeated", _q, _k, normal(5, 1, 2, 4, 3))
case(
    "scaled_dot_product_attention",
    "dropout",
    *(normal(2, 3, 2), normal(2, 4, 2), normal(2, 4, 3)),
    dropout_p=0.4,
    rng=SameEachTime(),
)
