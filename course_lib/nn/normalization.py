"""Batch and layer normalisation: activations with mean 0 and variance 1 (slide 41).

Both subtract a mean and divide by a standard deviation. Batch norm takes these over
all examples for one unit, layer norm over all units for one example.
"""

import math

import numpy as np

from course_lib.core.module import Module, Parameter
from course_lib.core.tensor import array_of, differentiable, floating


def standardize(x, axes, eps):
    """z = (x − μ)/σ over some axes, and the function from ∂L/∂z to ∂L/∂x."""
    μ = x.mean(axis=axes, keepdims=True)
    v = x.var(axis=axes, keepdims=True)
    σ = np.sqrt(v + eps)
    z = (x - μ) / σ

    def derivative(g):
        through_μ = g.mean(axis=axes, keepdims=True)
        through_v = z * (g * z).mean(axis=axes, keepdims=True)
        return (g - through_μ - through_v) / σ

    return z, derivative


@differentiable
def batch_norm(x, mean, var, γ=None, β=None, training=False, *, eps=1e-5):
    """o = γ z + β with z = (x − μ)/σ, for each unit (slide 41; Ioffe & Szegedy 2015).

    In training, μ and σ² are the mean and variance of the batch, and depend on it.
    Otherwise they are given.

    Parameters
    ----------
    x : Tensor, shape (N, C) or (N, C, …)
        N examples of C units (or channels of an image).
    mean, var : array, shape (C,), or None
        Mean and variance as found in training; not used in training itself.
    γ, β : Tensor, shape (C,), optional
        Scale and shift.
    training : bool, default False
        Whether to take the mean and variance of the batch.
    eps : float, default 1e-5
        Added to the variance, so that σ is never 0.

    Returns
    -------
    Tensor, shape of x

    Notes
    -----
    PyTorch's function also updates the given mean and variance in place. A rule
    changes nothing that it receives: here the modules do it.

    Examples
    --------
    >>> batch = np.array([[1.0], [1.0], [5.0], [5.0]])
    >>> batch_norm(batch, None, None, training=True, eps=0).data.ravel()
    array([-1., -1.,  1.,  1.])
    """
    _check_batch_norm(x, mean, var, γ, β, training)
    axes = _all_but_units(x)
    if training:
        z, derivative = standardize(x, axes, eps)
    else:
        σ = np.sqrt(np.expand_dims(var, axes) + eps)
        z = (x - np.expand_dims(mean, axes)) / σ

        def derivative(g):
            return g / σ

    γ = 1.0 if γ is None else np.expand_dims(γ, axes)
    β = 0.0 if β is None else np.expand_dims(β, axes)
    return γ * z + β, (
        lambda g: derivative(γ * g),  # ∂L/∂x
        None,  # none for mean and var
        None,
        lambda g: (g * z).sum(axis=axes),  # ∂L/∂γ
        lambda g: g.sum(axis=axes),  # ∂L/∂β
    )


@differentiable
def layer_norm(x, normalized_shape, γ=None, β=None, eps=1e-5):
    """o = γ z + β with z = (x − μ)/σ, for each example (Ba, Kiros & Hinton 2016).

    Parameters
    ----------
    x : Tensor, shape (..., *normalized_shape)
    normalized_shape : int or tuple of int
        Sizes of the last axes, over which mean and variance are taken.
    γ, β : Tensor, shape normalized_shape, optional
        Scale and shift.
    eps : float, default 1e-5
        Added to the variance, so that σ is never 0.

    Returns
    -------
    Tensor, shape of x

    Examples
    --------
    >>> layer_norm(np.array([[1.0, 1.0, 5.0, 5.0]]), 4, eps=0).data
    array([[-1., -1.,  1.,  1.]])
    """
    shape = tuple(np.ravel(normalized_shape).tolist())
    _check_layer_norm(x, shape, γ, β)
    rows = (-1, math.prod(shape))  # one example in each row
    z, derivative = _standardize_rows(floating(x).reshape(rows), eps)
    o = z if γ is None else γ.ravel() * z
    o = o if β is None else o + β.ravel()

    def for_x(g):
        g = g.reshape(rows)
        return derivative(g if γ is None else γ.ravel() * g).reshape(x.shape)

    def for_γ(g):
        return np.einsum("ni,ni->i", g.reshape(rows), z).reshape(shape)

    return o.reshape(x.shape), (
        for_x,
        None,
        for_γ,
        lambda g: g.reshape(rows).sum(axis=0).reshape(shape),  # ∂L/∂β
    )


def _standardize_rows(x, eps):
    """`standardize` of each row; products are faster than means along short rows."""
    n, share = x.shape[1], np.full(x.shape[1], 1 / x.shape[1], x.dtype)
    z = x - (x @ share)[:, None]
    σ = np.sqrt(np.einsum("ni,ni->n", z, z) / n + eps)[:, None]
    z /= σ

    def derivative(g):
        d = z * -(np.einsum("ni,ni->n", g, z) / n)[:, None]
        d += g
        d -= (g @ share)[:, None]
        d /= σ
        return d

    return z, derivative


def _all_but_units(x):
    """The axes of (N, C, …) along which the values of one unit lie: all but C's."""
    return (0, *range(2, x.ndim))


def _check_shapes(rule, shape, **arrays):
    for name, a in arrays.items():
        if a is not None and np.shape(a) != shape:
            raise ValueError(
                f"{rule}: expected {name} of shape {shape}, got {np.shape(a)}"
            )


def _check_batch_norm(x, mean, var, γ, β, training):
    if np.ndim(x) < 2:
        raise ValueError(
            f"batch_norm: expected input of shape (N, C, …), got {np.shape(x)}"
        )
    _check_shapes("batch_norm", x.shape[1:2], mean=mean, var=var, γ=γ, β=β)
    if training and x.size <= x.shape[1]:
        raise ValueError(
            "batch_norm: in training each unit needs more than one value, got input "
            f"of shape {x.shape}; give larger batches, or call eval() to predict"
        )
    if not training and (mean is None or var is None):
        raise ValueError(
            "batch_norm: expected mean and var, which are needed unless "
            "training=True"
        )


def _check_layer_norm(x, shape, γ, β):
    if not shape or np.shape(x)[-len(shape) :] != shape:
        raise ValueError(
            f"layer_norm: expected input whose shape ends in {shape}, got "
            f"{np.shape(x)}"
        )
    if 0 in shape:
        raise ValueError(
            f"layer_norm: expected at least one unit, got normalized_shape {shape}"
        )
    _check_shapes("layer_norm", shape, γ=γ, β=β)


class _BatchNorm(Module):
    ndims = ()  # how many axes an input may have

    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=True,
        track_running_stats=True,
        *,
        dtype=np.float64,
    ):
        super().__init__()
        self.num_features, self.eps = num_features, eps
        self.momentum, self.tracked = momentum, track_running_stats
        zeros = np.zeros(num_features, dtype)
        ones = np.ones(num_features, dtype)
        self.weight = Parameter(ones) if affine else None
        self.bias = Parameter(zeros) if affine else None
        mean, var, count = (zeros, ones, 0) if self.tracked else [None] * 3
        self.register_buffer("running_mean", mean)
        self.register_buffer("running_var", var)
        self.register_buffer("num_batches_tracked", count)

    def forward(self, input):
        x = floating(array_of(input))
        self._check(x)
        o = batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training=self.training or not self.tracked,
            eps=self.eps,
        )
        if self.training and self.tracked:
            self._remember(x)
        return o

    def _remember(self, x):
        """Move the running mean and variance towards those of a batch."""
        self.num_batches_tracked = self.num_batches_tracked + 1
        share = self.momentum
        if share is None:  # all batches count the same
            share = 1 / int(self.num_batches_tracked)
        axes = _all_but_units(x)
        μ, v = x.mean(axis=axes), x.var(axis=axes, ddof=1)
        self.running_mean = (1 - share) * self.running_mean + share * μ
        self.running_var = (1 - share) * self.running_var + share * v

    def _check(self, x):
        C = self.num_features
        if x.ndim not in self.ndims or x.shape[1] != C:
            axes = " or ".join(map(str, self.ndims))
            raise ValueError(
                f"{type(self).__name__}({C}): expected input with {axes} axes and "
                f"{C} features in axis 1, got shape {x.shape}"
            )

    def extra_repr(self):
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.weight is not None}, "
            f"track_running_stats={self.tracked}"
        )


class BatchNorm1d(_BatchNorm):
    """`batch_norm` of inputs (N, C) or (N, C, L), with running statistics.

    Parameters
    ----------
    num_features : int
        Number of units C.
    eps : float, default 1e-5
        Added to the variance.
    momentum : float or None, default 0.1
        Share of each new batch in the running statistics; with None all batches
        count the same.
    affine : bool, default True
        Whether scale and shift are learned.
    track_running_stats : bool, default True
        Whether there are running statistics. Without them, those of the batch are
        used in prediction too.
    dtype : numpy dtype, default float64

    Attributes
    ----------
    weight, bias : Parameter, shape (C,), or None
        γ, which starts at 1, and β, which starts at 0.
    running_mean, running_var : ndarray, shape (C,), or None
        Used after `eval()`; the variance is the unbiased one.

    Examples
    --------
    >>> BatchNorm1d(1)(np.array([[1.0], [3.0]])).data.round(3)
    array([[-1.],
           [ 1.]])
    """

    ndims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """`batch_norm` of images (N, C, H, W); everything else as in `BatchNorm1d`."""

    ndims = (4,)


class LayerNorm(Module):
    """`layer_norm` with its scale and shift; it keeps no statistics.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        Sizes of the last axes, over which mean and variance are taken.
    eps : float, default 1e-5
        Added to the variance.
    elementwise_affine : bool, default True
        Whether a scale is learned.
    bias : bool, default True
        Whether there is a shift beside the scale.
    dtype : numpy dtype, default float64
    """

    def __init__(
        self,
        normalized_shape,
        eps=1e-5,
        elementwise_affine=True,
        bias=True,
        *,
        dtype=np.float64,
    ):
        super().__init__()
        self.normalized_shape = tuple(np.ravel(normalized_shape).tolist())
        self.eps = eps
        self.weight = self.bias = None
        if elementwise_affine:
            self.weight = Parameter(np.ones(self.normalized_shape, dtype))
        if elementwise_affine and bias:
            self.bias = Parameter(np.zeros(self.normalized_shape, dtype))

    def forward(self, input):
        shape = self.normalized_shape
        return layer_norm(input, shape, self.weight, self.bias, eps=self.eps)

    def extra_repr(self):
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.weight is not None}"
        )
