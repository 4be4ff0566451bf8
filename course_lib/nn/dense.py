"""Dense layers and activations (slides 5, 12, 13, 28, 34 to 36).

Each rule returns its value and its derivatives; a class of PyTorch's name makes it a
module. (`np.dot` is `@` for matrices, but faster for a single row.)
"""

import math

import numpy as np

from course_lib.core.module import Module, Parameter
from course_lib.core.ops import flatten
from course_lib.core.seed import generator
from course_lib.core.settings import check_number
from course_lib.core.tensor import differentiable, floating


def _rows(a):
    """All examples as the rows of one matrix."""
    return a if a.ndim == 2 else a.reshape(-1, a.shape[-1])


def _times(x, W):
    """x @ W, as one product for all examples; `@` would make one for each sequence."""
    u = np.dot(_rows(x), W)
    return u if x.ndim == 2 else u.reshape(*x.shape[:-1], W.shape[1])


@differentiable
def linear(x, W, b=None):
    """u = W x + b for every example x (slides 12, 13, 27).

    Parameters
    ----------
    x : Tensor, shape (..., D)
        One example in each row.
    W : Tensor, shape (K, D)
        Row j holds the weights of unit j.
    b : Tensor, shape (K,), optional
        One bias for each unit.

    Returns
    -------
    Tensor, shape (..., K)

    """
    _check_linear(x, W, b)
    u = floating(_times(x, W.T))
    if b is not None:
        u += b
    return u, (
        lambda g: _times(g, W),  # ∂L/∂x
        lambda g: np.dot(_rows(g).T, _rows(x)),  # ∂L/∂W
        lambda g: _rows(g).sum(axis=0),  # ∂L/∂b
    )


def _check_linear(x, W, b):
    units = getattr(W, "shape", ())  # a number has no shape
    if len(units) != 2:
        raise ValueError(
            f"linear: expected a weight of shape (units, features), got {units}"
        )
    (K, D), shape = units, getattr(x, "shape", ())
    if shape[-1:] != (D,):
        raise ValueError(
            f"Linear({D}, {K}): expected {D} features in the last axis of the input, "
            f"got {shape[-1] if shape else 'a single number'}"
        )
    if x.dtype.kind not in "fiub":
        raise TypeError(
            f"Linear({D}, {K}): expected numbers, got an array of dtype {x.dtype}"
        )
    if b is not None and np.shape(b) != (K,):  # NumPy would repeat it
        raise ValueError(
            f"Linear({D}, {K}): expected a bias of shape ({K},), got {np.shape(b)}"
        )


class Linear(Module):
    """A dense layer: `linear` with its weight and bias.

    Parameters
    ----------
    in_features, out_features : int
        Number of inputs D and of units K.
    bias : bool, default True
        Whether the units have biases.
    dtype : numpy dtype, default float64
    rng : numpy Generator, optional
        Draws the weights; by default the generator that `manual_seed` sets.

    Attributes
    ----------
    weight : Parameter, shape (K, D)
        Drawn uniformly from −1/√D to 1/√D, as in PyTorch.
    bias : Parameter, shape (K,), or None

    Examples
    --------
    >>> layer = Linear(3, 2)
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(
        self,
        in_features,
        out_features,
        bias=True,
        *,
        dtype=np.float64,
        rng=None,
    ):
        super().__init__()
        check_number("Linear", "in_features", in_features, 1, whole=True)
        check_number("Linear", "out_features", out_features, 1, whole=True)
        self.in_features, self.out_features = in_features, out_features
        rng, bound = generator(rng), 1 / in_features**0.5
        weight = rng.uniform(-bound, bound, (out_features, in_features))
        self.weight, self.bias = Parameter(weight, dtype=dtype), None
        if bias:
            b = rng.uniform(-bound, bound, out_features)
            self.bias = Parameter(b, dtype=dtype)

    def forward(self, input):
        return linear(input, self.weight, self.bias)

    def extra_repr(self):
        has_bias = self.bias is not None
        return f"{self.in_features}, {self.out_features}, bias={has_bias}"


def logistic(u):
    """σ(u) = 1 / (1 + e⁻ᵘ), without overflow: only e^−|u| is ever computed."""
    e = np.exp(-np.abs(floating(u)))
    return np.where(u >= 0, 1, e) / (1 + e)


@differentiable
def sigmoid(u):
    """o = σ(u) = 1 / (1 + e⁻ᵘ), between 0 and 1; σ′ = σ(1 − σ) (slides 28, 36)."""
    o = logistic(u)
    return o, (lambda g: g * o * (1 - o),)


@differentiable
def tanh(u):
    """o = tanh(u), between −1 and 1; tanh′ = 1 − tanh²."""
    o = np.tanh(floating(u))
    return o, (lambda g: g * (1 - o * o),)


@differentiable
def relu(u):
    """o = max(u, 0); the derivative is 1 for u > 0, else 0 (slides 28, 35)."""
    return np.maximum(u, 0), (lambda g: g * (u > 0),)


@differentiable
def leaky_relu(u, negative_slope=0.01):
    """o = u for u > 0, else negative_slope · u (slides 28, 35)."""
    o = np.where(u > 0, u, negative_slope * u)
    return o, (lambda g: np.where(u > 0, g, negative_slope * g),)


@differentiable
@np.errstate(over="ignore", invalid="ignore")  # u³ may be infinite
def gelu(u, approximate="none"):
    """o = u Φ(u), where Φ is the normal distribution (Hendrycks & Gimpel 2016).

    Parameters
    ----------
    u : Tensor, any shape
    approximate : {"none", "tanh"}
        With "tanh", Φ(u) ≈ (1 + tanh v)/2 with v = √(2/π) (u + 0.044715 u³), as in
        GPT-2.
    """
    _check_approximate(approximate)
    u = floating(u)
    if approximate == "tanh":
        t = np.tanh(math.sqrt(2 / math.pi) * (u + 0.044715 * u * u * u))
        Φ = (1 + t) / 2
        slope = (1 - t * t) * (1 + 0.134145 * u * u) / math.sqrt(2 * math.pi)
    else:
        Φ = (1 + _erf(u / math.sqrt(2))) / 2
        slope = np.exp(-u * u / 2) / math.sqrt(2 * math.pi)
    return u * Φ, (lambda g: g * (Φ + u * slope),)


def _erf(x):
    """The error function; NumPy has none."""
    values = np.frompyfunc(math.erf, 1, 1)(x)
    return np.asarray(values, np.result_type(x))


def _check_approximate(approximate):
    if approximate not in ("none", "tanh"):
        raise ValueError(
            f'gelu: expected approximate="none" or "tanh", got {approximate!r}'
        )


@np.errstate(over="ignore", invalid="ignore")  # a score may be infinite
def log_probabilities(u, dim=-1):
    """uₖ − log Σⱼ exp uⱼ, without overflow: the largest score is subtracted first."""
    u = floating(u)
    u = u - u.max(axis=dim, keepdims=True)
    return u - np.log(np.exp(u).sum(axis=dim, keepdims=True))


@differentiable
def softmax(u, dim=-1):
    """oₖ = exp uₖ / Σⱼ exp uⱼ: scores along axis ``dim`` become probabilities."""
    o = np.exp(log_probabilities(u, dim))
    return o, (lambda g: o * (g - (g * o).sum(axis=dim, keepdims=True)),)


@differentiable
def log_softmax(u, dim=-1):
    """The log of `softmax`, exact even if a probability is too small for a float."""
    log_p = log_probabilities(u, dim)
    return log_p, (
        lambda g: g - np.exp(log_p) * g.sum(axis=dim, keepdims=True),
    )


class Sigmoid(Module):
    """`sigmoid` as a module."""

    def forward(self, input):
        return sigmoid(input)


class Tanh(Module):
    """`tanh` as a module."""

    def forward(self, input):
        return tanh(input)


class ReLU(Module):
    """`relu` as a module."""

    def forward(self, input):
        return relu(input)


class GELU(Module):
    """`gelu` as a module."""

    def __init__(self, approximate="none"):
        super().__init__()
        _check_approximate(approximate)
        self.approximate = approximate

    def forward(self, input):
        return gelu(input, self.approximate)

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


class Flatten(Module):
    """Makes one axis of those from ``start_dim`` to ``end_dim``: images become rows.

    Examples
    --------
    >>> Flatten()(np.ones((10, 28, 28))).shape
    (10, 784)
    """

    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input):
        return flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class LeakyReLU(Module):
    """`leaky_relu` as a module; the slides' slope is 0.03, PyTorch's default 0.01."""

    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, input):
        return leaky_relu(input, self.negative_slope)

    def extra_repr(self):
        return f"negative_slope={self.negative_slope}"


class Softmax(Module):
    """`softmax` along axis ``dim`` as a module."""

    def __init__(self, dim=-1):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return softmax(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """`log_softmax` along axis ``dim`` as a module."""

    def forward(self, input):
        return log_softmax(input, self.dim)
