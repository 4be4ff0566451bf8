"""Abuse of core and nn: whatever is given, the right result or an error that says why.

Inputs are of any shape, dtype, memory layout and size, up to ±1e308, ∞ and NaN. PyTorch
is the judge, in float64. A result that it does not give, an error without advice, or a
warning where the right result is finite, fails.
"""

from __future__ import annotations

import math
import re
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import course_lib
import course_lib.nn.functional as F
from course_lib import Tensor, nn

torch = pytest.importorskip("torch")
TF = torch.nn.functional

FLOATS = [np.float64, np.float32]
INTEGERS = [np.uint8, np.int8, np.int64, np.bool_]
HUGE = [0.0, -0.0, 1e308, -1e308, np.inf, -np.inf, np.nan, 1e-308, 88.0, -745.2, 1e20]
ERRORS = (ValueError, TypeError, IndexError, RuntimeError)
TELLS = re.compile(  # what an error must speak of
    "expected|shape|dim|axis|axes|out of bounds|dtype|supported|argument|mismatch|"
    "no derivative|has no identity|empty sequence|inhomogeneous|Integers to negative"
)
counts: Counter[str] = Counter()
few = settings(max_examples=20, deadline=None, derandomize=True, database=None)


def shapes(least: int = 0, most: int = 3) -> st.SearchStrategy:
    return hnp.array_shapes(min_dims=least, max_dims=most, min_side=0, max_side=3)


def layouts(a: np.ndarray) -> list:
    """The same numbers in memory in many ways; the last ones are not arrays."""
    strided = np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a
    back = np.ascontiguousarray(a[..., ::-1])[..., ::-1] if a.ndim else a
    fixed = a.copy()
    fixed.flags.writeable = False
    swapped = a.astype(a.dtype.newbyteorder(">"))
    return [
        a,
        np.asfortranarray(a),
        strided,
        back,
        fixed,
        swapped,
        a.tolist(),
        Tensor(a),
    ]


@st.composite
def inputs(draw, shape=None, dtypes=(*FLOATS, *INTEGERS), huge: bool = True):
    """An array in float64, and the same numbers in some dtype and layout."""
    shape = draw(shapes()) if shape is None else shape
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    how, rng = draw(st.integers(0, 7)), np.random.default_rng(draw(st.integers(0, 999)))
    a = np.asarray(rng.uniform(-3, 3, shape))
    if dtype.kind in "iub":
        a = np.asarray(rng.integers(0 if dtype.kind in "ub" else -128, 127, shape))
    elif huge:
        a = np.where(rng.random(shape) < 0.3, rng.choice(HUGE, shape), a)
    with np.errstate(over="ignore"):
        a = a.astype(dtype)
    made = layouts(a)[how]
    if isinstance(made, list) and a.size == 0:
        made = a  # a list cannot tell the shape of nothing
    exact = np.asarray(made.data if isinstance(made, Tensor) else made)
    return exact.astype(np.float64), made


def judge(name: str, ours, theirs, rtol: float = 1e-5, refuses: bool = True):
    """Ours and PyTorch's, called; None if ours refused."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            found = ours()
        except ERRORS as error:
            if not (refuses and TELLS.search(str(error))):
                raise
            counts["refused"] += 1
            return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = theirs()
    found = found.data if isinstance(found, Tensor) else np.asarray(found)
    expected = np.asarray(
        expected.detach() if hasattr(expected, "detach") else expected
    )
    assert found.shape == expected.shape, name
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=0)
    with np.errstate(all="ignore"):
        found = found.astype(np.float64)
    np.testing.assert_allclose(
        found, expected, rtol=rtol, atol=1e-12 + rtol * min(scale, 1e3)
    )
    if warned:
        assert not np.isfinite(expected).all(), [str(w.message) for w in warned]
    counts["right"] += 1
    return found


def double(made):
    """What PyTorch is given: the numbers as they came, in float64."""
    return torch.tensor(np.asarray(made, dtype=np.float64))


def both_gradients(ours, theirs, *arrays) -> None:
    """The gradients of a weighted sum with respect to all arrays, against PyTorch's."""
    mine = [Tensor(a, requires_grad=True) for a in arrays]
    known = [torch.tensor(np.array(a, np.float64), requires_grad=True) for a in arrays]
    value, expected = ours(*mine), theirs(*known)
    g = np.linspace(-1, 2, value.data.size).reshape(value.shape)
    value.backward(g)
    expected.backward(torch.tensor(g))
    for a, b in zip(mine, known, strict=True):
        gradient = torch.zeros_like(b) if b.grad is None else b.grad
        assert a.grad.dtype.newbyteorder("=") == a.dtype.newbyteorder("=")
        np.testing.assert_allclose(a.grad, gradient, rtol=1e-4, atol=1e-4)
        counts["gradients"] += 1


def of(x, dtype=None) -> Tensor:
    """A tensor; one that needs a gradient as it is."""
    return x if isinstance(x, Tensor) and dtype is None else Tensor(x, False, dtype)


def float_of(x) -> Tensor:
    return of(x).float()


# One number to one number

POINTWISE = {
    "sigmoid": (F.sigmoid, torch.sigmoid),
    "tanh": (F.tanh, torch.tanh),
    "relu": (F.relu, torch.relu),
    "leaky_relu": (F.leaky_relu, TF.leaky_relu),
    "gelu": (F.gelu, TF.gelu),
    "gelu by tanh": (
        lambda x: F.gelu(x, "tanh"),
        lambda x: TF.gelu(x, approximate="tanh"),
    ),
    "exp": (course_lib.exp, torch.exp),
    "log": (course_lib.log, torch.log),
    "sqrt": (course_lib.sqrt, torch.sqrt),
    "abs": (lambda x: float_of(x).abs(), torch.abs),
    "negative": (lambda x: -float_of(x), torch.neg),
    "square": (lambda x: float_of(x) ** 2, lambda x: x**2),
    "to the 0": (lambda x: float_of(x) ** 0, lambda x: x**0),
    "2 to the x": (lambda x: 2 ** float_of(x), lambda x: 2**x),
    "dropout in eval": (lambda x: F.dropout(x, 0.5, False), lambda x: x),
    "dropout of none": (lambda x: F.dropout(x, 0.0), lambda x: x),
    "dropout of all": (
        lambda x: F.dropout(x, 1.0),
        lambda x: x * torch.zeros_like(x),
    ),
    "Identity": (lambda x: of(nn.Identity()(x)), lambda x: x),
    "clone": (lambda x: of(x).clone(), lambda x: x),
    "float": (lambda x: float_of(x), lambda x: x),
}


def bounded(name: str, x: np.ndarray) -> bool:
    """Float32 has other bounds than float64, where PyTorch judges."""
    return name not in ("exp", "square", "2 to the x", "gelu by tanh") or (
        not (np.abs(x) > 1e4).any()
    )


@pytest.mark.parametrize("name", POINTWISE)
@few
@given(pair=inputs())
def test_pointwise(name, pair):
    exact, made = pair
    ours, theirs = POINTWISE[name]
    if np.asarray(getattr(made, "data", made)).dtype == np.float64 or bounded(
        name, exact
    ):
        judge(name, lambda: ours(made), lambda: theirs(double(exact)), refuses=False)


@pytest.mark.parametrize("name", sorted(set(POINTWISE) - {"log", "sqrt"}))
@settings(few, max_examples=6)
@given(pair=inputs(dtypes=FLOATS, huge=False))
def test_gradients_pointwise(name, pair):
    both_gradients(*POINTWISE[name], pair[1])


# Along an axis

ALONG = {
    "softmax": (F.softmax, TF.softmax),
    "log_softmax": (F.log_softmax, TF.log_softmax),
    "sum": (lambda x, d: of(x).sum(d), lambda x, d: x.sum(d)),
    "mean": (lambda x, d: of(x).mean(d), lambda x, d: x.mean(d)),
    "mean, kept": (
        lambda x, d: of(x).mean(d, True),
        lambda x, d: x.mean(d, True),
    ),
    "amax": (lambda x, d: of(x).amax(d), lambda x, d: x.amax(d)),
    "amin": (lambda x, d: float_of(x).amin(d), lambda x, d: x.amin(d)),
    "max": (lambda x, d: of(x).max(d).values, lambda x, d: x.max(d).values),
    "min": (
        lambda x, d: float_of(x).min(d, True).values,
        lambda x, d: x.min(d, True).values,
    ),
    "where": (lambda x, d: of(x).max(d).indices, lambda x, d: x.max(d).indices),
    "argmax": (lambda x, d: of(x).argmax(d), lambda x, d: x.argmax(d)),
    "var": (lambda x, d: of(x).var(d), lambda x, d: x.var(d)),
    "std": (lambda x, d: of(x).std(d), lambda x, d: x.std(d)),
    "squeeze": (lambda x, d: of(x).squeeze(d), lambda x, d: x.squeeze(d)),
    "unsqueeze": (lambda x, d: of(x).unsqueeze(d), lambda x, d: x.unsqueeze(d)),
    "flatten": (lambda x, d: of(x).flatten(d), lambda x, d: x.flatten(d)),
    "Flatten": (lambda x, d: nn.Flatten(d)(x), lambda x, d: x.flatten(d)),
    "transpose": (
        lambda x, d: of(x).transpose(d, 0),
        lambda x, d: x.transpose(d, 0),
    ),
    "stack": (
        lambda x, d: course_lib.stack([of(x), of(x)], d),
        lambda x, d: torch.stack([x, x], d),
    ),
    "cat": (
        lambda x, d: course_lib.cat([of(x), of(x)], d),
        lambda x, d: torch.cat([x, x], d),
    ),
    "size": (lambda x, d: of(x).size(d), lambda x, d: x.size(d)),
}


@pytest.mark.parametrize("name", ALONG)
@few
@given(pair=inputs(), dim=st.integers(-4, 3))
def test_along_an_axis(name, pair, dim):
    exact, made = pair
    ours, theirs = ALONG[name]
    narrow = np.asarray(getattr(made, "data", made)).dtype == np.float32
    if narrow and name in ("sum", "mean", "mean, kept", "var", "std"):
        exact = exact.clip(-1e4, 1e4)
        made = np.float32(exact)
    if name in ("var", "std"):  # the square of 1e308 is infinite in both
        exact = made = exact.clip(-1e4, 1e4)
    judge(name, lambda: ours(made, dim), lambda: theirs(double(exact), dim))


@pytest.mark.parametrize(
    "name", [n for n in ALONG if n not in ("where", "argmax", "size", "std", "amin")]
)
@settings(few, max_examples=6)
@given(data=st.data(), shape=hnp.array_shapes(max_dims=3, min_side=2, max_side=3))
def test_gradients_along_an_axis(name, data, shape):
    _, made = data.draw(inputs(shape, FLOATS, huge=False))
    made = np.array(getattr(made, "data", made))
    made += np.linspace(0, 0.01, made.size, dtype=made.dtype).reshape(shape)  # no ties
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    both_gradients(*(lambda x, f=f: f(x, dim) for f in ALONG[name]), made)


# Two arrays

BINARY = {
    "+": (lambda a, b: a + b, True),
    "-": (lambda a, b: a - b, True),
    "×": (lambda a, b: a * b, True),
    "÷": (lambda a, b: a / b, True),
    "@": (lambda a, b: a @ b, True),
    "where": (None, True),
}


@pytest.mark.parametrize("name", BINARY)
@few
@given(one=inputs(dtypes=FLOATS[:1]), other=inputs(dtypes=FLOATS[:1]))
def test_two_arrays(name, one, other):
    (a, made_a), (b, made_b) = one, other
    if name == "where":

        def ours():
            return course_lib.where(np.isnan(a), made_a, made_b)

        def theirs():
            return torch.where(double(a).isnan(), double(a), double(b))
    else:

        def ours():
            return BINARY[name][0](Tensor(made_a), made_b)

        def theirs():
            return BINARY[name][0](double(a), double(b))

    if (
        name == "@"
        and np.abs(np.nan_to_num(np.r_[a.ravel(), b.ravel()])).max(initial=0) > 1e9
    ):
        return  # the order of the sum decides between ∞ and NaN
    judge(name, ours, theirs)


@pytest.mark.parametrize("name", ["+", "-", "×", "@"])
@settings(few, max_examples=10)
@given(one=inputs(dtypes=FLOATS, huge=False), other=inputs(dtypes=FLOATS, huge=False))
def test_gradients_of_two_arrays(name, one, other):
    f = BINARY[name][0]
    try:
        f(double(one[0]), double(other[0]))
    except (RuntimeError, IndexError):
        return
    both_gradients(f, f, one[1], other[1])


# Losses

LOSSES = {
    "mse_loss": TF.mse_loss,
    "l1_loss": TF.l1_loss,
    "binary_cross_entropy": TF.binary_cross_entropy,
    "binary_cross_entropy_with_logits": TF.binary_cross_entropy_with_logits,
}


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", LOSSES)
@settings(few, max_examples=15)
@given(data=st.data())
def test_losses(name, reduction, data):
    exact, made = data.draw(inputs())
    same = data.draw(st.booleans())
    target, made_target = data.draw(inputs(exact.shape if same else None))
    if "cross" in name and data.draw(st.booleans()):  # probabilities, mostly
        target = made_target = np.nan_to_num(target).clip(0, 1)
    if name == "binary_cross_entropy" and data.draw(st.booleans()):
        exact = made = np.nan_to_num(exact).clip(0, 1)
    if not name.startswith("binary"):
        exact, target = exact.clip(-1e9, 1e9), target.clip(-1e9, 1e9)
        made, made_target = exact, target
    found = judge(
        name,
        lambda: getattr(F, name)(made, made_target, reduction=reduction),
        lambda: LOSSES[name](double(exact), double(target), reduction=reduction),
    )
    if found is not None:
        assert exact.shape == target.shape and exact.size


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
@few
@given(data=st.data())
def test_losses_of_classes(name, data):
    exact, made = data.draw(inputs(data.draw(shapes(2, 2))))
    classes = st.integers(-1, 3) if data.draw(st.booleans()) else st.integers(0, 0)
    shape = exact.shape[:1] if data.draw(st.booleans()) else data.draw(shapes())
    dtype = data.draw(st.sampled_from([np.int64, np.int32, np.int8, np.float64]))
    target = data.draw(hnp.arrays(dtype, shape, elements=classes))
    found = judge(
        name,
        lambda: getattr(F, name)(made, target),
        lambda: getattr(TF, name)(double(exact), torch.tensor(target.astype(int))),
    )
    if found is not None:
        assert target.dtype.kind == "i" and target.shape == exact.shape[:1]
        assert target.min() >= 0


@settings(few, max_examples=15)
@given(data=st.data())
def test_gradients_of_losses(data):
    shape = data.draw(hnp.array_shapes(max_dims=2, max_side=3))
    _, made = data.draw(inputs(shape, FLOATS, huge=False))
    target = data.draw(hnp.arrays(np.float64, shape, elements=st.floats(0, 1)))
    for name in ("mse_loss", "binary_cross_entropy_with_logits"):
        both_gradients(
            lambda o, name=name: getattr(F, name)(o, target.astype(o.dtype)),
            lambda o, name=name: LOSSES[name](o, double(target)),
            made,
        )


# Layers


@few
@given(data=st.data(), K=st.integers(0, 3), D=st.integers(1, 3))
def test_linear(data, K, D):
    exact, made = data.draw(inputs(huge=False))
    W = data.draw(hnp.arrays(np.float64, (K, D), elements=st.floats(-2, 2)))
    b = data.draw(hnp.arrays(np.float64, shapes(1, 2), elements=st.floats(-2, 2)))
    found = judge(
        "linear",
        lambda: F.linear(made, W, b),
        lambda: TF.linear(double(exact), double(W), double(b)),
    )
    if found is not None:
        assert b.shape == (K,)


@few
@given(data=st.data(), training=st.booleans())
def test_batch_norm(data, training):
    exact, made = data.draw(inputs(huge=False))
    C = data.draw(st.integers(1, 3))
    mean, var, weight, bias = np.random.default_rng(C).uniform(0.5, 2, (4, C))
    judge(
        "batch_norm",
        lambda: F.batch_norm(made, mean, var, weight, bias, training),
        lambda: TF.batch_norm(
            double(exact), *map(double, (mean, var, weight, bias)), training
        ),
        rtol=1e-3,  # equal numbers in float32: what is left of them is divided by √ε
    )


@few
@given(data=st.data())
def test_layer_norm(data):
    exact, made = data.draw(inputs(huge=False))
    shape = data.draw(st.one_of(shapes(0, 2), st.just(exact.shape[-1:])))
    weight = np.linspace(1, 2, math.prod(shape)).reshape(shape)
    judge(
        "layer_norm",
        lambda: F.layer_norm(made, shape, weight, bias=weight),
        lambda: TF.layer_norm(double(exact), shape, double(weight), double(weight)),
        rtol=1e-3,
    )


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
@few
@given(data=st.data(), first=st.booleans())
def test_recurrent(name, data, first):
    lead = data.draw(shapes(0, 3))
    exact, made = data.draw(inputs((*lead, data.draw(st.integers(1, 3))), huge=False))
    ours = getattr(nn, name)(2, 3, batch_first=first, rng=np.random.default_rng(0))
    theirs = getattr(torch.nn, name)(2, 3, batch_first=first).double()
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    for part in (0, 1) if name != "LSTM" else (0,):
        found = judge(
            name,
            lambda part=part: ours(made)[part],
            lambda part=part: theirs(double(exact))[part],
        )
        if found is not None:
            assert exact.shape[-1] == 2 and exact.ndim in (2, 3)


@few
@given(data=st.data(), causal=st.booleans(), masked=st.booleans())
def test_attention(data, causal, masked):
    (query, made), (key, made_key) = (data.draw(inputs(huge=False)) for _ in range(2))
    same = key.ndim == 2 and data.draw(st.booleans())
    value, made_value = (key, made_key) if same else data.draw(inputs(huge=False))
    mask = None
    if masked:
        length = query.shape[-2] if query.ndim > 1 else 1
        shape = data.draw(st.sampled_from([(length, len(np.atleast_1d(key))), (2, 2)]))
        mask = np.random.default_rng(0).random(shape) < 0.5
    found = judge(
        "attention",
        lambda: F.scaled_dot_product_attention(
            made, made_key, made_value, mask, is_causal=causal
        ),
        lambda: TF.scaled_dot_product_attention(
            *map(double, (query, key, value)),
            None if mask is None else torch.tensor(mask),
            is_causal=causal,
        ),
        rtol=1e-4,
    )
    if found is not None:
        assert not (masked and causal)


@few
@given(data=st.data(), V=st.integers(1, 3))
def test_embedding(data, V):
    dtype = data.draw(st.sampled_from([np.int64, np.uint8, np.float64, np.bool_]))
    elements = st.integers(0 if np.dtype(dtype).kind in "ub" else -1, 1)
    tokens = data.draw(hnp.arrays(dtype, shapes(), elements=elements))
    padding = data.draw(st.sampled_from([None, None, -3, -1, 0, 2]))
    W = np.random.default_rng(V).normal(size=(V, 2))
    found = judge(
        "embedding",
        lambda: F.embedding(tokens, W, padding),
        lambda: TF.embedding(torch.tensor(tokens.astype(int)), double(W), padding),
    )
    if found is not None:
        assert tokens.dtype.kind in "iu"


@few
@given(data=st.data())
def test_conv2d(data):
    exact, made = data.draw(inputs(data.draw(shapes(2, 4)), huge=False))
    K, C, h, w = (data.draw(st.integers(1, 3)) for _ in range(4))
    if exact.ndim > 2 and data.draw(st.booleans()):
        C = exact.shape[-3]
    W = np.random.default_rng(K).uniform(-2, 2, (K, C, h, w))
    stride = data.draw(st.sampled_from([1, 2, (2, 1), (3, 2)]))
    padding = data.draw(st.sampled_from([0, 1, (0, 2), 3, "same", "valid"]))
    found = judge(
        "conv2d",
        lambda: F.conv2d(made, W, W[:, 0, 0, 0], stride, padding),
        lambda: TF.conv2d(
            double(exact), double(W), double(W[:, 0, 0, 0]), stride, padding
        ),
    )
    if found is not None:
        assert exact.ndim in (3, 4) and exact.shape[-3] == C


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@few
@given(data=st.data())
def test_pools(name, data):
    exact, made = data.draw(inputs(data.draw(shapes(2, 4)), huge="max" in name))
    size = data.draw(st.sampled_from([1, 2, 3, (1, 2), (3, 2)]))
    stride = data.draw(st.sampled_from([None, 1, 2, (2, 1)]))
    padding = data.draw(st.sampled_from([0, 1, (1, 0), 2]))
    judge(
        name,
        lambda: getattr(F, name)(made, size, stride, padding),
        lambda: getattr(TF, name)(double(exact), size, stride, padding),
    )


@few
@given(data=st.data())
def test_one_hot(data):
    dtype = data.draw(st.sampled_from([np.int64, np.uint8, np.float64, np.bool_]))
    elements = st.integers(0 if np.dtype(dtype).kind in "ub" else -1, 1)
    classes = data.draw(hnp.arrays(dtype, shapes(), elements=elements))
    K = data.draw(st.integers(-1, 3))
    judge(
        "one_hot",
        lambda: F.one_hot(classes, K),
        lambda: TF.one_hot(torch.tensor(classes.astype(int)), K),
    )


# What is no array at all

TAKERS = {
    **{name: f for name, (f, _) in POINTWISE.items() if name != "Identity"},
    **{name: lambda x, f=f: f(x, 0) for name, (f, _) in ALONG.items()},
    "linear": lambda x: F.linear(x, np.ones((1, 1))),
    "weight": lambda x: F.linear(np.ones((1, 1)), x),
    "bias": lambda x: F.linear(np.ones((1, 1)), np.ones((1, 1)), x or "none"),
    "batch_norm": lambda x: F.batch_norm(x, None, None, training=True),
    "layer_norm": lambda x: F.layer_norm(x, 1),
    "query": lambda x: F.scaled_dot_product_attention(x, *[np.ones((1, 1))] * 2),
    "key": lambda x: F.scaled_dot_product_attention(*[np.ones((1, 1))] * 2, x),
    "attn_mask": lambda x: F.scaled_dot_product_attention(
        *[np.ones((1, 1))] * 3, x if x is not None else "none"
    ),
    "MultiheadAttention": lambda x: nn.MultiheadAttention(1, 1)(x, x, x),
    "activation": lambda x: nn.TransformerEncoderLayer(
        1, 1, activation="none" if x is int else x
    ),
    "normalized_shape": lambda x: F.layer_norm(np.ones((1, 1)), x),
    "conv2d": lambda x: F.conv2d(x, np.ones((1, 1, 1, 1))),
    "kernels": lambda x: F.conv2d(np.ones((1, 1, 1, 1)), x),
    "biases": lambda x: F.conv2d(*[np.ones((1, 1, 1, 1))] * 2, x or "none"),
    "stride": lambda x: F.conv2d(*[np.ones((1, 1, 1, 1))] * 2, stride=x),
    "padding": lambda x: F.conv2d(*[np.ones((1, 1, 1, 1))] * 2, padding=x),
    "max_pool2d": lambda x: F.max_pool2d(x, 1),
    "avg_pool2d": lambda x: F.avg_pool2d(x, 1),
    "kernel_size": lambda x: F.max_pool2d(np.ones((1, 1, 1, 1)), x),
    "Conv2d": lambda x: nn.Conv2d(1, 1, x),
    "mse_loss": lambda x: F.mse_loss(x, np.ones(1)),
    "target": lambda x: F.mse_loss(np.ones(1), x),
    "classes": lambda x: F.cross_entropy(np.ones((1, 2)), x),
    "one_hot": lambda x: F.one_hot(x),
    "RNN": lambda x: nn.RNN(1, 1)(x),
    "GRUCell": lambda x: nn.GRUCell(1, 1)(x),
    "start": lambda x: nn.GRU(1, 1)(np.ones((1, 1, 1)), x or "none"),
    "pair": lambda x: nn.LSTM(1, 1)(np.ones((1, 1, 1)), (x, x)),
    "tokens": lambda x: F.embedding(x, np.ones((2, 1))),
    "table": lambda x: F.embedding(np.array([0]), x),
    "Linear": lambda x: nn.Linear(1, 1)(x),
    "BatchNorm1d": lambda x: nn.BatchNorm1d(1)(x),
    "+": lambda x: Tensor([1.0]) + x,
    "parameter": lambda x: nn.Parameter(x),
    "Sequential": lambda x: nn.Sequential(x),
    "ModuleList": lambda x: nn.ModuleList([x]),
    "reduction": lambda x: F.mse_loss([1.0], [1.0], reduction=x),
    "gelu's": lambda x: F.gelu([1.0], x),
    "p": lambda x: F.dropout([1.0], x),
    "clip": lambda x: nn.utils.clip_grad_norm_(x, 1.0),
}
GARBAGE = [None, "text", object(), {}, [[1.0], [1.0, 2.0]], 1j, np.array(["a"]), int]


@pytest.mark.parametrize("name", TAKERS)
@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda g: type(g).__name__)
def test_garbage(name, garbage):
    if name == "clip" and garbage in ({}, None) and garbage is not None:
        return  # an empty collection of parameters
    with pytest.raises((TypeError, ValueError, IndexError)) as caught:
        TAKERS[name](garbage)
    assert str(caught.value)
    counts["garbage refused"] += 1


def test_most_of_it_was_right():
    """The suite has not refused its way out."""
    if counts["garbage refused"]:  # the whole file has run
        assert counts["right"] and counts["gradients"] and counts["refused"]
