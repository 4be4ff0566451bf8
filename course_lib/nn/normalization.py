"""Batch and layer normalisation: activations with mean 0 and variance 1 (slide 41).

Both subtract a mean and divide by a standard deviation. They differ in what is
averaged over: batch norm takes one unit in all examples, layer norm all units in one
example.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.core.module import Module, Parameter
from course_lib.core.tensor import Tensor, array_of, differentiable


def standardize(x: np.ndarray, axes: tuple, eps: float) -> tuple:
    """z = (x − μ)/σ over some axes, and its way back from ∂L/∂z to ∂L/∂x."""
    μ = x.mean(axis=axes, keepdims=True)
    v = x.var(axis=axes, keepdims=True)
    σ = np.sqrt(v + eps)
    z = (x - μ) / σ

    def back(h):
        through_μ = h.mean(axis=axes, keepdims=True)
        through_v = z * (h * z).mean(axis=axes, keepdims=True)
        return (h - through_μ - through_v) / σ

    return z, back


@differentiable
def batch_norm(x, mean, var, γ=None, β=None, *, training=False, eps=1e-5):
    """o = γ z + β with z = (x − μ)/σ, for each unit (slide 41; Ioffe & Szegedy 2015).

    In training, μ and σ² are mean and variance of the batch, and depend on it.
    Otherwise they are the given numbers.

    Parameters
    ----------
    x : Tensor, shape (N, C) or (N, C, …)
        N examples of C units (or channels of a picture).
    mean, var : array, shape (C,), or None
        What training has found as mean and variance; not used in training.
    γ, β : Tensor, shape (C,), optional
        Scale and shift.
    training : bool, default False
        Whether to take mean and variance of the batch.
    eps : float, default 1e-5
        Added to the variance, so that σ is never 0.

    Returns
    -------
    Tensor, shape of x

    Raises
    ------
    ValueError
        If a shape is wrong, if there are no mean and variance to use, or if in
        training there is only one value for each unit.

    Notes
    -----
    PyTorch's function also moves the given mean and variance, in place. A rule changes
    nothing that it gets: here the modules do it.

    Examples
    --------
    >>> batch = np.array([[1.0], [1.0], [5.0], [5.0]])
    >>> batch_norm(batch, None, None, training=True, eps=0).data.ravel()
    array([-1., -1.,  1.,  1.])
    """
    _check_batch(x, mean, var, γ, β, training)
    axes = _all_but_units(x)

    def column(a):  # from (C,) to a shape that fits x
        return a.reshape(-1, *(1,) * (x.ndim - 2))

    if training:
        z, back = standardize(x, axes, eps)
    else:
        σ = np.sqrt(column(var) + eps)
        z = (x - column(mean)) / σ

        def back(h):
            return h / σ

    γ = 1.0 if γ is None else column(γ)
    β = 0.0 if β is None else column(β)
    return γ * z + β, (
        lambda g: back(γ * g),  # ∂L/∂x
        None,  # mean and var have none
        None,
        lambda g: (g * z).sum(axis=axes),  # ∂L/∂γ
        lambda g: g.sum(axis=axes),  # ∂L/∂β
    )


@differentiable
def layer_norm(x, normalized_shape, γ=None, β=None, *, eps=1e-5):
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

    Raises
    ------
    ValueError
        If a shape is wrong.

    Examples
    --------
    >>> layer_norm(np.array([[1.0, 1.0, 5.0, 5.0]]), 4, eps=0).data
    array([[-1., -1.,  1.,  1.]])
    """
    shape = tuple(np.ravel(normalized_shape).tolist())
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(
            f"layer_norm: input has shape {x.shape}, expected {shape} "
            "at its end"
        )
    _check_shapes("layer_norm", shape, γ=γ, β=β)
    examples = x.ndim - len(shape)  # how many axes count examples
    z, back = standardize(x, tuple(range(examples, x.ndim)), eps)
    axes = tuple(range(examples))
    γ = 1.0 if γ is None else γ
    β = 0.0 if β is None else β
    return γ * z + β, (
        lambda g: back(γ * g),  # ∂L/∂x
        None,
        lambda g: (g * z).sum(axis=axes),  # ∂L/∂γ
        lambda g: g.sum(axis=axes),  # ∂L/∂β
    )


def _all_but_units(x: np.ndarray) -> tuple:
    """The axes of (N, C, …) that count the values of one unit: all but C."""
    return (0, *range(2, x.ndim))


def _check_shapes(rule: str, shape: tuple, **arrays: Any) -> None:
    for name, a in arrays.items():
        if a is not None and a.shape != shape:
            raise ValueError(
                f"{rule}: {name} has shape {a.shape}, expected {shape}"
            )


def _check_batch(x, mean, var, γ, β, training) -> None:
    if x.ndim < 2:
        raise ValueError(
            f"batch_norm: input of shape (N, C, …) wanted, got {x.shape}"
        )
    _check_shapes("batch_norm", x.shape[1:2], mean=mean, var=var, γ=γ, β=β)
    if training and x.size <= x.shape[1]:
        raise ValueError(
            "batch_norm: in training each unit needs more than one value, got input "
            f"of shape {x.shape}; give larger batches, or call eval() to predict"
        )
    if not training and (mean is None or var is None):
        raise ValueError(
            "batch_norm: mean and var are needed where training is False"
        )


class _BatchNorm(Module):
    shapes = ()  # of inputs

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: Any = np.float64,
    ):
        super().__init__()
        self.num_features, self.eps = num_features, eps
        self.momentum, self.tracked = momentum, track_running_stats
        zeros = np.zeros(num_features, dtype)
        ones = np.ones(num_features, dtype)
        self.weight = Parameter(ones) if affine else None
        self.bias = Parameter(zeros) if affine else None
        self.register_buffer("running_mean", zeros if self.tracked else None)
        self.register_buffer("running_var", ones if self.tracked else None)
        count = 0 if self.tracked else None
        self.register_buffer("num_batches_tracked", count)

    def forward(self, input: Any) -> Tensor:
        x = array_of(input)
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

    def _remember(self, x: np.ndarray) -> None:
        """Move the running mean and variance towards those of a batch."""
        t = self.num_batches_tracked = self.num_batches_tracked + 1
        share = 1 / t if self.momentum is None else self.momentum
        axes = _all_but_units(x)
        μ, var = x.mean(axis=axes), x.var(axis=axes, ddof=1)
        m, v = self.running_mean, self.running_var
        self.running_mean = ((1 - share) * m + share * μ).astype(m.dtype)
        self.running_var = ((1 - share) * v + share * var).astype(v.dtype)

    def _check(self, x: np.ndarray) -> None:
        C = self.num_features
        name = f"{type(self).__name__}({C})"
        if x.ndim not in [shape.count(",") + 1 for shape in self.shapes]:
            raise ValueError(
                f"{name}: input has shape {x.shape}, expected "
                + " or ".join(self.shapes)
            )
        if x.shape[1] != C:
            raise ValueError(
                f"{name}: input has {x.shape[1]} features in its axis 1, expected {C}"
            )

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.weight is not None}, "
            f"track_running_stats={self.tracked}"
        )


class BatchNorm1d(_BatchNorm):
    """`batch_norm` of shape (N, C) or (N, C, L), with running statistics.

    Parameters
    ----------
    num_features : int
        Number of units C.
    eps : float, default 1e-5
        Added to the variance.
    momentum : float or None, default 0.1
        Share of each new batch in the running statistics; None: all batches count
        the same.
    affine : bool, default True
        Whether scale and shift are learned.
    track_running_stats : bool, default True
        Whether there are running statistics. Without them, the batch's are taken
        when predicting too.
    dtype : numpy dtype, default float64

    Attributes
    ----------
    weight, bias : Parameter, shape (C,), or None
        γ, which begins at 1, and β, which begins at 0.
    running_mean, running_var : ndarray, shape (C,), or None
        What is used after `eval()`; the variance is the unbiased one.

    Examples
    --------
    >>> BatchNorm1d(1)(np.array([[1.0], [3.0]])).data.round(3)
    array([[-1.],
           [ 1.]])
    """

    shapes = ("(N, C)", "(N, C, L)")


class BatchNorm2d(_BatchNorm):
    """`batch_norm` of pictures (N, C, H, W); everything else as in `BatchNorm1d`."""

    shapes = ("(N, C, H, W)",)


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
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = np.float64,
    ):
        super().__init__()
        self.normalized_shape = tuple(np.ravel(normalized_shape).tolist())
        self.eps = eps
        self.weight = self.bias = None
        if elementwise_affine:
            self.weight = Parameter(np.ones(self.normalized_shape, dtype))
        if elementwise_affine and bias:
            self.bias = Parameter(np.zeros(self.normalized_shape, dtype))

    def forward(self, input: Any) -> Tensor:
        shape = self.normalized_shape
        return layer_norm(input, shape, self.weight, self.bias, eps=self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.weight is not None}"
        )
