"""Arithmetic on tensors: + − × ÷, matrix product, sums, indexing, shapes.

Importing this module gives `Tensor` its operators and methods, under PyTorch's
names (``dim`` and ``keepdim`` for what NumPy calls axis and keepdims).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from course_lib.core import habits
from course_lib.core.seed import generator
from course_lib.core.tensor import (
    Tensor,
    array_of,
    differentiable,
    floating,
    is_recording,
)


def unbroadcast(g: np.ndarray, a: Any) -> np.ndarray:
    """Sum ∂L/∂value over the axes along which NumPy repeated ``a``.

    Examples
    --------
    >>> unbroadcast(np.ones((4, 3)), np.zeros(3))
    array([4., 4., 4.])
    """
    shape = np.shape(a)
    if np.shape(g) == shape:
        return g
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    repeated = tuple(i for i, size in enumerate(shape) if size == 1)
    return g.sum(axis=repeated, keepdims=True)


@differentiable
def add(a, b):
    return a + b, (lambda g: unbroadcast(g, a), lambda g: unbroadcast(g, b))


@differentiable
def subtract(a, b):
    return a - b, (lambda g: unbroadcast(g, a), lambda g: unbroadcast(-g, b))


@differentiable
def multiply(a, b):
    return a * b, (
        lambda g: unbroadcast(g * b, a),
        lambda g: unbroadcast(g * a, b),
    )


@differentiable
def divide(a, b):
    return a / b, (
        lambda g: unbroadcast(g / b, a),
        lambda g: unbroadcast(-g * a / (b * b), b),
    )


@differentiable
def negative(a):
    return -a, (lambda g: -g,)


@differentiable
def power(a, n):
    value = a**n

    def for_n(g):
        log_a = np.log(np.where(np.equal(a, 0), 1.0, a))  # 0ⁿ is 0 for all n
        return unbroadcast(g * value * log_a.astype(value.dtype), n)

    return value, (lambda g: unbroadcast(g * n * a ** _one_less(n), a), for_n)


def _one_less(n: Any) -> Any:
    """n − 1; but 0 where n is 0, as then n · a⁻¹ is 0, also at a = 0."""
    if isinstance(n, np.ndarray):
        return np.where(n == 0, 0, n - 1)
    return n - 1 if n else 0


@differentiable
def exp(a):
    e = np.exp(floating(a))
    return e, (lambda g: g * e,)


@differentiable
def log(a):
    return np.log(floating(a)), (lambda g: g / a,)


@differentiable
def sqrt(a):
    root = np.sqrt(floating(a))
    return root, (lambda g: g / (2 * root),)


@differentiable
def absolute(a):
    return np.abs(a), (lambda g: g * np.sign(a),)


@differentiable
def where(condition, a, b):
    return np.where(condition, a, b), (
        None,
        lambda g: unbroadcast(np.where(condition, g, 0), a),
        lambda g: unbroadcast(np.where(condition, 0, g), b),
    )


@differentiable
def matmul(a, b):
    a, b = np.asarray(a), np.asarray(b)
    A = a if a.ndim > 1 else a[None, :]  # a vector is one row on the left,
    B = b if b.ndim > 1 else b[:, None]  # one column on the right
    product = value = A @ B
    if a.ndim == 1:
        value = value[..., 0, :]
    if b.ndim == 1:
        value = value[..., 0]

    def for_a(g):
        d = np.reshape(g, product.shape) @ B.swapaxes(-1, -2)
        return unbroadcast(d, A).reshape(a.shape)

    def for_b(g):
        d = A.swapaxes(-1, -2) @ np.reshape(g, product.shape)
        return unbroadcast(d, B).reshape(b.shape)

    return value, (for_a, for_b)


def _stretch(
    g: np.ndarray, a: np.ndarray, dim: Any, keepdim: bool
) -> np.ndarray:
    """Repeat ∂L/∂(a reduced over ``dim``) to the shape of ``a``."""
    if dim is not None and not keepdim:
        g = np.expand_dims(g, dim)
    return np.broadcast_to(g, a.shape)


@differentiable
def sum(a, *, dim=None, keepdim=False):
    return a.sum(axis=dim, keepdims=keepdim), (
        lambda g: _stretch(g, a, dim, keepdim),
    )


@differentiable
def mean(a, *, dim=None, keepdim=False):
    share = 1 / _count("mean", a, dim)  # 1/n, for n numbers in each mean
    value = a.mean(axis=dim, keepdims=keepdim)
    return value, (lambda g: _stretch(g * share, a, dim, keepdim),)


def _axes(dim: Any, ndim: int) -> tuple[int, ...]:
    """One axis, some, or all (None), counted from 0."""
    return normalize_axis_tuple(range(ndim) if dim is None else dim, ndim)


def _count(name: str, a: np.ndarray, dim: Any, at_least: int = 1) -> int:
    """How many numbers of ``a`` go into each number of the result."""
    n = math.prod(a.shape[d] for d in _axes(dim, a.ndim))
    if n < at_least:
        raise ValueError(
            f"{name}: expected at least {at_least} numbers in each {name}, got {n} "
            f"(shape {a.shape}, dim={dim})"
        )
    return n


@differentiable
def var(a, *, dim=None, keepdim=False, correction=1):
    n = _count("var", a, dim, at_least=1 + correction) - correction
    d = a - a.mean(axis=dim, keepdims=True)
    v = (d * d).sum(axis=dim, keepdims=keepdim) / n
    return v, (lambda g: _stretch(g, a, dim, keepdim) * 2 * d / n,)


@differentiable
def std(a, *, dim=None, keepdim=False, correction=1):
    n = _count("std", a, dim, at_least=1 + correction) - correction
    d = a - a.mean(axis=dim, keepdims=True)
    σ = np.sqrt((d * d).sum(axis=dim, keepdims=keepdim) / n)
    # 0 at the kink
    per_σ = np.divide(1, σ, out=np.zeros_like(σ), where=σ > 0)
    return σ, (lambda g: _stretch(g * per_σ, a, dim, keepdim) * d / n,)


@differentiable
def amax(a, *, dim=None, keepdim=False):
    is_max = a == a.max(axis=dim, keepdims=True)
    ties = is_max.sum(axis=dim, keepdims=True, dtype=a.dtype)
    share = is_max / ties
    return a.max(axis=dim, keepdims=keepdim), (
        lambda g: _stretch(g, a, dim, keepdim) * share,
    )


@differentiable
def reshape(a, *, shape):
    return a.reshape(shape), (lambda g: g.reshape(a.shape),)


@differentiable
def permute(a, *, dims):
    back = np.argsort([d % a.ndim for d in dims])
    return a.transpose(dims), (lambda g: g.transpose(back),)


@differentiable
def clone(a):
    return a.copy(), (lambda g: g,)


@differentiable
def cast(a, *, dtype):
    return a.astype(dtype), (lambda g: g.astype(a.dtype),)


@differentiable
def getitem(a, *, index):
    def for_a(g):
        d = np.zeros_like(a)
        if _is_plain(index):
            d[index] = g
        else:
            np.add.at(d, index, g)  # adds up where an index occurs twice
        return d

    return a[index], (for_a,)


def _is_plain(index: Any) -> bool:
    """Whether there are only numbers, slices, None and …, so no place comes twice."""
    parts = index if isinstance(index, tuple) else (index,)
    plain = int | np.integer | slice | type(None) | type(...)
    return all(
        isinstance(p, plain) and not isinstance(p, bool) for p in parts
    )


@differentiable
def concatenate(*arrays, dim):
    value = np.concatenate(arrays, axis=dim)
    ends = np.cumsum([a.shape[dim] for a in arrays])
    return value, tuple(
        lambda g, i=i: np.split(g, ends[:-1], axis=dim)[i]
        for i in range(len(arrays))
    )


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join tensors along an axis that they have (`torch.cat`)."""
    return concatenate(*tensors, dim=dim)


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join tensors of one shape along a new axis (`torch.stack`)."""
    shapes = [np.expand_dims(array_of(t), dim).shape for t in tensors]
    pairs = zip(tensors, shapes, strict=True)
    return cat([reshape(t, shape=shape) for t, shape in pairs], dim)


def _transpose(a: Tensor, dim0: int, dim1: int) -> Tensor:
    (dim0,), (dim1,) = _axes(dim0, a.ndim), _axes(dim1, a.ndim)
    dims = list(range(a.ndim))
    dims[dim0], dims[dim1] = dim1, dim0
    return permute(a, dims=dims)


def _getitem(a: Tensor, index: Any) -> Tensor:
    parts = index if isinstance(index, tuple) else (index,)
    arrays = (
        array_of(p) if isinstance(p, Tensor | list) else p for p in parts
    )
    return getitem(a, index=tuple(arrays))


def _over_axes(rule: Callable) -> Callable:
    """A method that takes its settings with or without their names, also NumPy's."""

    def method(
        a: Tensor, dim: Any = None, keepdim: bool = False, **others: Any
    ) -> Tensor:
        dim, keepdim = _numpys_names(rule.__name__, dim, keepdim, others)
        return rule(a, dim=dim, keepdim=keepdim, **others)

    return method


def _numpys_names(
    name: str, dim: Any, keepdim: bool, others: dict
) -> tuple[Any, bool]:
    """What `np.mean(x, axis=0)` passes on, under our names; leaves other settings."""
    for nothing in ("dtype", "out"):
        if others.pop(nothing, None) is not None:
            raise TypeError(f"{name}: there is no {nothing}; leave it out")
    dim = others.pop("axis", dim)
    if "ddof" in others:
        others["correction"] = others.pop("ddof")
    if "unbiased" in others:
        others["correction"] = int(others.pop("unbiased"))
    dim = tuple(dim) if isinstance(dim, list) else dim
    return dim, others.pop("keepdims", keepdim)


class Extreme(NamedTuple):
    """The largest or smallest numbers along an axis, and where they stand."""

    values: Tensor
    indices: Tensor


def _max(
    a: Tensor, dim: Any = None, keepdim: bool = False, **others: Any
) -> Tensor | Extreme:
    """`amax`; with ``dim`` the values and their indices, as in PyTorch."""
    if "out" in others:  # from np.max(x, axis)
        return _amax(a, dim, keepdim, **others)
    dim, keepdim = _numpys_names("max", dim, keepdim, others)
    if dim is None:
        return _amax(a, **others)
    _count("max", a.data, dim)
    indices = a.data.argmax(axis=dim, keepdims=True)
    places = list(np.indices(indices.shape, sparse=True))
    places[dim] = indices
    values = getitem(a, index=tuple(places))
    if not keepdim:
        values, indices = _squeeze(values, dim), indices.squeeze(dim)
    return Extreme(values, Tensor(indices))


def _min(a: Tensor, *settings: Any, **named: Any) -> Tensor | Extreme:
    found = _max(-a, *settings, **named)
    if isinstance(found, Tensor):
        return -found
    return Extreme(-found.values, found.indices)


_amax = _over_axes(amax)


def _argmax(
    a: Tensor, dim: Any = None, keepdim: bool = False, **others: Any
) -> Tensor:
    dim, keepdim = _numpys_names("argmax", dim, keepdim, others)
    return Tensor(a.data.argmax(axis=dim, keepdims=keepdim, **others))


def _squeeze(a: Tensor, dim: Any = None) -> Tensor:
    """Drop axes of size 1: all of them, or those named, as far as they have size 1."""
    dropped = [d for d in _axes(dim, a.ndim) if a.shape[d] == 1]
    kept = (n for d, n in enumerate(a.shape) if d not in dropped)
    return reshape(a, shape=tuple(kept))


def flatten(a: Any, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Make one axis of those from ``start_dim`` to ``end_dim``."""
    a = a if isinstance(a, Tensor) else Tensor(a)
    shape = a.shape or (1,)
    n = len(shape)
    first, last = (_axes([dim], n)[0] for dim in (start_dim, end_dim))
    middle = shape[first : last + 1]
    if not middle:
        raise ValueError(
            f"flatten: expected start_dim up to end_dim, got {start_dim} and {end_dim}"
        )
    shape = (*shape[:first], math.prod(middle), *shape[last + 1 :])
    return reshape(a, shape=shape)


def _to(a: Tensor, dtype: Any) -> Tensor:
    """The same values in another dtype; ``to("cpu")`` is the tensor itself."""
    if isinstance(dtype, Tensor):
        dtype = dtype.dtype
    if dtype == "cpu":
        return a
    if isinstance(dtype, str) and dtype.startswith(("cuda", "mps")):
        raise TypeError(f"to({dtype!r}): {habits.NO_DEVICES}")
    return a if a.dtype == dtype else cast(a, dtype=np.dtype(dtype))


def _float(a: Tensor) -> Tensor:
    """Integers and truth values as float64, our default; floats as they are."""
    return a if a.dtype.kind == "f" else _to(a, np.float64)


def _size(a: Tensor, dim: int | None = None) -> tuple[int, ...] | int:
    return a.shape if dim is None else a.shape[_axes(dim, a.ndim)[0]]


def _sizes(sizes: tuple) -> tuple[int, ...]:
    """Sizes or axes given one by one, ``f(2, 3)``, or as one tuple, ``f((2, 3))``."""
    is_one = sizes and isinstance(sizes[0], Sequence)
    return tuple(sizes[0]) if is_one else sizes


def _refuse(self: Tensor, *_: Any) -> None:
    raise TypeError(
        "the values of a tensor cannot be changed in place: its gradient would be "
        "wrong; compute a new tensor instead"
    )


def _in_place(name: str) -> Callable:
    """``x += y``: new values for x where nothing is recorded, else a new tensor."""
    compute = getattr(operator, name.removeprefix("i"))

    def method(a: Tensor, b: Any) -> Tensor:
        result = compute(a, b)
        is_recorded = is_recording() and a.requires_grad
        if not (result.requires_grad or is_recorded):
            if result.shape != a.shape:
                raise ValueError(
                    f"in place: expected a result of the tensor's shape {a.shape}, "
                    f"got {result.shape}; write x = x + y instead of x += y"
                )
            a.data = result.data
            return a
        if a.is_leaf and a.requires_grad:
            raise RuntimeError(
                "a tensor that needs a gradient cannot be changed in place while "
                "this is recorded; write with no_grad(): around the step, or give "
                "the result a new name"
            )
        return result

    return method


def _comparison(name: str) -> Callable:
    compare = getattr(operator, name)
    return lambda a, b: Tensor(compare(a.data, array_of(b)))


_METHODS = {
    "__add__": add,
    "__radd__": add,
    "__sub__": subtract,
    "__rsub__": lambda a, b: subtract(b, a),
    "__mul__": multiply,
    "__rmul__": multiply,
    "__truediv__": divide,
    "__rtruediv__": lambda a, b: divide(b, a),
    "__pow__": power,
    "__rpow__": lambda a, b: power(b, a),
    "__neg__": negative,
    "__matmul__": matmul,
    "__rmatmul__": lambda a, b: matmul(b, a),
    "__getitem__": _getitem,
    "__setitem__": _refuse,
    "__iter__": lambda a: (a[i] for i in range(len(a))),
    "__hash__": object.__hash__,  # by identity, although == compares values
    "exp": exp,
    "log": log,
    "sqrt": sqrt,
    "abs": absolute,
    "sum": _over_axes(sum),
    "mean": _over_axes(mean),
    "amax": _amax,
    "amin": lambda a, *dim, **named: -_amax(-a, *dim, **named),
    "max": _max,
    "min": _min,
    "var": _over_axes(var),
    "std": _over_axes(std),
    "argmax": _argmax,
    "pow": power,
    "clone": clone,
    "to": _to,
    "float": _float,
    "size": _size,
    "numel": lambda a: a.data.size,
    "dim": lambda a: a.ndim,
    "squeeze": _squeeze,
    "unsqueeze": lambda a, dim: reshape(
        a, shape=np.expand_dims(a.data, dim).shape
    ),
    "flatten": flatten,
    "reshape": lambda a, *shape: reshape(a, shape=_sizes(shape)),
    "permute": lambda a, *dims: permute(a, dims=_sizes(dims)),
    "transpose": _transpose,
    "T": property(lambda a: permute(a, dims=tuple(range(a.ndim))[::-1])),
    **{
        f"__{name}__": _comparison(name)
        for name in ("eq", "ne", "lt", "le", "gt", "ge")
    },
    **{
        f"__{name}__": _in_place(name)
        for name in ("iadd", "isub", "imul", "itruediv", "ipow", "imatmul")
    },
}
for _name, _method in _METHODS.items():
    setattr(Tensor, _name, _method)
habits.answer(Tensor, habits.TENSOR)


# New tensors


def zeros(
    *size: int, dtype: Any = np.float64, requires_grad: bool = False
) -> Tensor:
    """A tensor of zeros (`torch.zeros`), ``zeros(2, 3)`` or ``zeros((2, 3))``."""
    return Tensor(np.zeros(_sizes(size), dtype), requires_grad)


def ones(
    *size: int, dtype: Any = np.float64, requires_grad: bool = False
) -> Tensor:
    """A tensor of ones (`torch.ones`)."""
    return Tensor(np.ones(_sizes(size), dtype), requires_grad)


def arange(
    *start_end_step: float, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Numbers from ``start`` up to, but not with, ``end`` (`torch.arange`)."""
    return Tensor(np.arange(*start_end_step, dtype=dtype), requires_grad)


def randn(
    *size: int,
    dtype: Any = np.float64,
    requires_grad: bool = False,
    rng: np.random.Generator | None = None,
) -> Tensor:
    """Numbers from the standard normal distribution (`torch.randn`).

    Parameters
    ----------
    *size : int
        The shape: ``randn(2, 3)`` or ``randn((2, 3))``.
    dtype : numpy dtype, default float64
    requires_grad : bool, default False
    rng : numpy Generator, optional
        By default the generator that `manual_seed` sets.

    Examples
    --------
    >>> randn(2, 3).shape
    (2, 3)
    """
    values = generator(rng).normal(size=_sizes(size))
    return Tensor(values, requires_grad, dtype)


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A tensor that shares the array's memory (`torch.from_numpy`)."""
    return Tensor(ndarray)
