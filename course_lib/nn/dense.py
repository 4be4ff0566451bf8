"""Dense layers and activations (slides 5, 12, 13, 28, 34 to 36).

Each rule returns its value and its derivatives; the class below it gives it
PyTorch's name as a module. (`np.dot` is `@` for matrices; it is faster where there is
one row only.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.core.module import Module, Parameter
from course_lib.core.seed import generator
from course_lib.core.tensor import Tensor, differentiable


def _rows(a: np.ndarray) -> np.ndarray:
    """All examples as the rows of one matrix."""
    return a.reshape(-1, a.shape[-1])


@differentiable
def linear(x, W, b=None):
    """u = W x + b for each example x (slides 12, 13, 27).

    Parameters
    ----------
    x : Tensor, shape (..., D)
        Examples in the rows.
    W : Tensor, shape (K, D)
        Row j holds the weights into unit j.
    b : Tensor, shape (K,), optional
        One bias a unit.

    Returns
    -------
    Tensor, shape (..., K)

    Raises
    ------
    ValueError
        If the shapes do not fit. A bias of another shape, which NumPy would
        silently repeat, is an error too.
    """
    _check_linear(x, W, b)
    u = x @ W.T if b is None else x @ W.T + b
    return u, (
        lambda g: g @ W,  # ∂L/∂x
        lambda g: np.dot(_rows(g).T, _rows(x)),  # ∂L/∂W
        lambda g: _rows(g).sum(axis=0),  # ∂L/∂b
    )


def _check_linear(x: np.ndarray, W: np.ndarray, b: np.ndarray | None) -> None:
    K, D = W.shape
    if x.shape[-1:] != (D,):
        came = (
            f"{x.shape[-1]} features in its last axis"
            if x.ndim
            else "no axis"
        )
        raise ValueError(f"Linear({D}, {K}): input has {came}, expected {D}")
    if b is not None and b.shape != (K,):
        raise ValueError(
            f"Linear({D}, {K}): bias has shape {b.shape}, expected ({K},)"
        )


class Linear(Module):
    """A dense layer: `linear` with its weight and bias.

    Parameters
    ----------
    in_features, out_features : int
        Numbers of inputs D and of units K.
    bias : bool, default True
        Whether the units have biases.
    dtype : numpy dtype, default float64
    rng : numpy Generator, optional
        Draws the weights; the default generator (`manual_seed`) if left out.

    Attributes
    ----------
    weight : Parameter, shape (K, D)
        Drawn evenly from ±1/√D, as PyTorch does.
    bias : Parameter, shape (K,), or None

    Examples
    --------
    >>> layer = Linear(3, 2)
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = np.float64,
        rng: np.random.Generator | None = None,
    ):
        super().__init__()
        if in_features < 1 or out_features < 1:
            raise ValueError(
                f"Linear({in_features}, {out_features}): "
                "both sizes must be at least 1"
            )
        self.in_features, self.out_features = in_features, out_features
        bound, rng = 1 / in_features**0.5, generator(rng)
        shape = (out_features, in_features)
        self.weight = Parameter(
            rng.uniform(-bound, bound, shape), dtype=dtype
        )
        self.bias = (
            Parameter(rng.uniform(-bound, bound, out_features), dtype=dtype)
            if bias
            else None
        )

    def forward(self, input: Any) -> Tensor:
        return linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        has_bias = self.bias is not None
        return f"{self.in_features}, {self.out_features}, bias={has_bias}"


def logistic(u: np.ndarray) -> np.ndarray:
    """σ(u) = 1 / (1 + e⁻ᵘ), without overflow: only e^−|u| is ever computed."""
    e = np.exp(-np.abs(u))
    return np.where(u >= 0, 1, e) / (1 + e)


@differentiable
def sigmoid(u):
    """o = σ(u) = 1 / (1 + e⁻ᵘ), between 0 and 1; σ′ = σ(1 − σ) (slides 28, 36)."""
    o = logistic(u)
    return o, (lambda g: g * o * (1 - o),)


@differentiable
def tanh(u):
    """o = tanh(u), between −1 and 1; tanh′ = 1 − tanh²."""
    o = np.tanh(u)
    return o, (lambda g: g * (1 - o * o),)


@differentiable
def relu(u):
    """o = max(u, 0); the derivative is 1 for u > 0, else 0 (slides 28, 35)."""
    return np.maximum(u, 0), (lambda g: g * (u > 0),)


@differentiable
def leaky_relu(u, *, negative_slope=0.01):
    """o = u for u > 0, else negative_slope · u (slides 28, 35)."""
    slope = np.where(u > 0, 1, negative_slope).astype(u.dtype)
    return u * slope, (lambda g: g * slope,)


def log_probabilities(u: np.ndarray, dim: int = -1) -> np.ndarray:
    """uₖ − log Σⱼ exp uⱼ, without overflow: the largest score is taken off first."""
    u = u - u.max(axis=dim, keepdims=True)
    return u - np.log(np.exp(u).sum(axis=dim, keepdims=True))


@differentiable
def softmax(u, *, dim=-1):
    """oₖ = exp uₖ / Σⱼ exp uⱼ: scores along axis ``dim`` become probabilities."""
    o = np.exp(log_probabilities(u, dim))
    return o, (lambda g: o * (g - (g * o).sum(axis=dim, keepdims=True)),)


@differentiable
def log_softmax(u, *, dim=-1):
    """log of `softmax`, exact also where a probability is too small for a float."""
    log_p = log_probabilities(u, dim)
    return log_p, (
        lambda g: g - np.exp(log_p) * g.sum(axis=dim, keepdims=True),
    )


class Sigmoid(Module):
    """`sigmoid` as a module."""

    def forward(self, input: Any) -> Tensor:
        return sigmoid(input)


class Tanh(Module):
    """`tanh` as a module."""

    def forward(self, input: Any) -> Tensor:
        return tanh(input)


class ReLU(Module):
    """`relu` as a module."""

    def forward(self, input: Any) -> Tensor:
        return relu(input)


class LeakyReLU(Module):
    """`leaky_relu` as a module; the deck's slope is 0.03, PyTorch's default 0.01."""

    def __init__(self, negative_slope: float = 0.01):
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, input: Any) -> Tensor:
        return leaky_relu(input, negative_slope=self.negative_slope)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}"


class Softmax(Module):
    """`softmax` along axis ``dim`` as a module."""

    def __init__(self, dim: int = -1):
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        return softmax(input, dim=self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """`log_softmax` along axis ``dim`` as a module."""

    def forward(self, input: Any) -> Tensor:
        return log_softmax(input, dim=self.dim)
