"""Losses: how far the outputs are from the answers (slides 16, 36).

``reduction`` says what is returned: the "mean" over all numbers (the default), their
"sum", or "none" for the losses one by one. Cross-entropies are in nats.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.core.module import Module
from course_lib.core.tensor import Tensor, differentiable
from course_lib.nn.dense import log_probabilities, logistic


def _reduce(losses: np.ndarray, reduction: str) -> tuple[Any, float]:
    """The reduced loss, and its derivative with respect to each single loss."""
    if losses.size == 0:
        raise ValueError(
            "the batch is empty: there is nothing to take a loss of"
        )
    if reduction == "mean":
        share = 1 / losses.size
        return losses.sum() * share, share
    if reduction == "sum":
        return losses.sum(), 1.0
    if reduction == "none":
        return losses, 1.0
    raise ValueError(
        f'reduction: "mean", "sum" or "none" wanted, got {reduction!r}'
    )


def _check_same_shape(name: str, o: np.ndarray, y: np.ndarray) -> None:
    if np.shape(o) != np.shape(y):
        raise ValueError(
            f"{name}: output has shape {np.shape(o)}, target has {np.shape(y)}; they "
            "must be equal (NumPy would repeat one of them): reshape the target"
        )


@differentiable
def mse_loss(o, y, *, reduction="mean"):
    """Squared error (o − y)², slide 16's L2 loss as a mean.

    Parameters
    ----------
    o, y : Tensor, same shape
        Outputs and answers.

    Raises
    ------
    ValueError
        If the shapes differ, or the batch is empty.

    Examples
    --------
    >>> mse_loss(Tensor([1.0, 4.0]), np.array([1.0, 2.0])).item()
    2.0
    """
    _check_same_shape("mse_loss", o, y)
    d = o - y
    L, share = _reduce(d * d, reduction)
    return L, (lambda g: g * share * 2 * d, lambda g: g * share * -2 * d)


@differentiable
def l1_loss(o, y, *, reduction="mean"):
    """Absolute error |o − y| (slide 16); its derivative at o = y is taken as 0."""
    _check_same_shape("l1_loss", o, y)
    d = o - y
    L, share = _reduce(np.abs(d), reduction)
    return L, (
        lambda g: g * share * np.sign(d),
        lambda g: g * share * -np.sign(d),
    )


def _check_probabilities(name: str, what: str, p: np.ndarray) -> None:
    p = np.asarray(p)
    inside = p.size == 0 or (p.min() >= 0 and p.max() <= 1)
    if not inside:  # also where one is NaN
        raise ValueError(
            f"{name}: {what} from 0 to 1 wanted, got values from "
            f"{p.min():.3g} to {p.max():.3g}"
        )


@differentiable
def binary_cross_entropy(o, y, *, reduction="mean"):
    """−y log o − (1 − y) log(1 − o), in nats (slide 16, with its minus sign).

    Parameters
    ----------
    o : Tensor, any shape
        Probabilities of the answer 1.
    y : array, same shape
        Answers, 0 to 1.

    Notes
    -----
    As in PyTorch, a logarithm is not let fall below −100 and a denominator of the
    derivative not below 1e-12. `binary_cross_entropy_with_logits` needs neither.
    """
    _check_same_shape("binary_cross_entropy", o, y)
    _check_probabilities("binary_cross_entropy", "outputs", o)
    _check_probabilities("binary_cross_entropy", "answers", y)
    with np.errstate(divide="ignore"):
        log_o, log_not_o = (np.maximum(np.log(p), -100) for p in (o, 1 - o))
    L, share = _reduce(-y * log_o - (1 - y) * log_not_o, reduction)
    return L, (
        lambda g: g * share * (o - y) / np.maximum(o * (1 - o), 1e-12),
        None,
    )


@differentiable
def binary_cross_entropy_with_logits(u, y, *, reduction="mean"):
    """`binary_cross_entropy` of o = σ(u), fused: ∂L/∂u = σ(u) − y (slide 36).

    Parameters
    ----------
    u : Tensor, any shape
        Scores, any real numbers.
    y : array, same shape
        Answers, 0 to 1.
    """
    _check_same_shape("binary_cross_entropy_with_logits", u, y)
    _check_probabilities("binary_cross_entropy_with_logits", "answers", y)
    losses = np.maximum(u, 0) - u * y + np.log1p(np.exp(-np.abs(u)))
    L, share = _reduce(losses, reduction)
    return L, (lambda g: g * share * (logistic(u) - y), None)


def _check_classes(name: str, scores: np.ndarray, target: np.ndarray) -> None:
    if scores.ndim != 2:
        raise ValueError(
            f"{name}: scores of shape (N, K) wanted, got {scores.shape}"
        )
    (N, K), target = scores.shape, np.asarray(target)
    if target.shape != (N,) or target.dtype.kind not in "iu":
        raise ValueError(
            f"{name}: {N} whole numbers of shape ({N},) wanted as classes, got "
            f"{target.dtype} of shape {target.shape}"
        )
    if N and not (target.min() >= 0 and target.max() < K):
        raise ValueError(
            f"{name}: classes from 0 to {K - 1} wanted, got classes from "
            f"{target.min()} to {target.max()}"
        )


def _pick(log_p: np.ndarray, target: np.ndarray) -> np.ndarray:
    """−log p of the right class of each example, shape (N,)."""
    return -log_p[np.arange(len(target)), target]


def _one_hot(target: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Rows of 0 with a 1 at the right class, of the shape and dtype of ``like``."""
    rows = np.zeros_like(like)
    rows[np.arange(len(target)), target] = 1
    return rows


@differentiable
def nll_loss(log_p, target, *, reduction="mean"):
    """−log p of the right class, from logarithms of probabilities (N, K)."""
    _check_classes("nll_loss", log_p, target)
    L, share = _reduce(_pick(log_p, target), reduction)
    one = _one_hot(target, log_p)
    # g is one number, or has shape (N,)
    return L, (lambda g: (g * share * -one.T).T, None)


@differentiable
def cross_entropy(u, target, *, reduction="mean"):
    """−log of the probability that `softmax` gives the right class, fused.

    Parameters
    ----------
    u : Tensor, shape (N, K)
        Scores (logits), any real numbers.
    target : int array, shape (N,)
        Class of each example, 0 to K − 1.

    Returns
    -------
    Tensor, one number (or shape (N,) for reduction "none"), in nats

    Raises
    ------
    ValueError
        If a shape is wrong, a class is outside 0 … K − 1, or the batch is empty.

    Examples
    --------
    >>> scores = Tensor([[0.0, 0.0]])
    >>> print(f"{cross_entropy(scores, np.array([1])).item():.4f}")  # log 2
    0.6931
    """
    _check_classes("cross_entropy", u, target)
    log_p = log_probabilities(u)
    L, share = _reduce(_pick(log_p, target), reduction)

    def for_u(g):
        d = np.exp(log_p)  # softmax(u) …
        d[np.arange(len(target)), target] -= 1  # … − y, as on slide 36
        return (g * share * d.T).T  # g: one number, or (N,)

    return L, (for_u, None)


class _Loss(Module):
    def __init__(self, reduction: str = "mean"):
        super().__init__()
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Tensor:
        return self.function(input, target, reduction=self.reduction)


class MSELoss(_Loss):
    """`mse_loss` as a module."""

    function = staticmethod(mse_loss)


class L1Loss(_Loss):
    """`l1_loss` as a module."""

    function = staticmethod(l1_loss)


class BCELoss(_Loss):
    """`binary_cross_entropy` as a module."""

    function = staticmethod(binary_cross_entropy)


class BCEWithLogitsLoss(_Loss):
    """`binary_cross_entropy_with_logits` as a module."""

    function = staticmethod(binary_cross_entropy_with_logits)


class NLLLoss(_Loss):
    """`nll_loss` as a module."""

    function = staticmethod(nll_loss)


class CrossEntropyLoss(_Loss):
    """`cross_entropy` as a module."""

    function = staticmethod(cross_entropy)
