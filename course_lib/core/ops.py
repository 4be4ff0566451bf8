"""Arithmetic on tensors: + − × ÷, matrix product, sums, indexing, shapes.

Importing this module gives `Tensor` its operators and methods, under PyTorch's
names (``dim`` and ``keepdim`` for what NumPy calls axis and keepdims).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.core.tensor import Tensor, array_of, differentiable


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
    return a**n, (lambda g: unbroadcast(g * n * a ** (n - 1), a), None)


@differentiable
def exp(a):
    e = np.exp(a)
    return e, (lambda g: g * e,)


@differentiable
def log(a):
    return np.log(a), (lambda g: g / a,)


@differentiable
def sqrt(a):
    root = np.sqrt(a)
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
    value = a.mean(axis=dim, keepdims=keepdim)
    share = value.size / a.size  # 1/n, for n numbers in each mean
    return value, (lambda g: _stretch(g * share, a, dim, keepdim),)


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
def getitem(a, *, index):
    def for_a(g):
        d = np.zeros_like(a)
        np.add.at(d, index, g)  # adds up where an index occurs twice
        return d

    return a[index], (for_a,)


@differentiable
def concatenate(*arrays, dim):
    ends = np.cumsum([a.shape[dim] for a in arrays])
    return np.concatenate(arrays, axis=dim), tuple(
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
    dims = list(range(a.ndim))
    dims[dim0], dims[dim1] = dims[dim1], dims[dim0]
    return permute(a, dims=dims)


def _getitem(a: Tensor, index: Any) -> Tensor:
    parts = index if isinstance(index, tuple) else (index,)
    return getitem(
        a,
        index=tuple(
            array_of(p) if isinstance(p, Tensor | list) else p for p in parts
        ),
    )


def _over_axes(rule: Callable) -> Callable:
    """A method that takes its settings with or without their names."""
    return lambda a, dim=None, keepdim=False: rule(
        a, dim=dim, keepdim=keepdim
    )


def _sizes(sizes: tuple) -> tuple[int, ...]:
    """Sizes or axes given one by one, ``f(2, 3)``, or as one tuple, ``f((2, 3))``."""
    return (
        tuple(sizes[0]) if sizes and isinstance(sizes[0], Sequence) else sizes
    )


def _refuse(self: Tensor, *_: Any) -> None:
    raise TypeError(
        "the values of a tensor cannot be changed in place: its gradient would be "
        "wrong; compute a new tensor instead"
    )


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
    "amax": _over_axes(amax),
    "argmax": lambda a, dim=None: Tensor(a.data.argmax(axis=dim)),
    "reshape": lambda a, *shape: reshape(a, shape=_sizes(shape)),
    "permute": lambda a, *dims: permute(a, dims=_sizes(dims)),
    "transpose": _transpose,
    "T": property(lambda a: permute(a, dims=tuple(range(a.ndim))[::-1])),
    **{
        f"__{name}__": _comparison(name)
        for name in ("eq", "ne", "lt", "le", "gt", "ge")
    },
}
for _name, _method in _METHODS.items():
    setattr(Tensor, _name, _method)
