"""Losses: how far the outputs are from the targets (slides 16, 36).

With ``reduction="mean"`` (the default) a loss is the mean over all numbers, with "sum"
their sum, with "none" it is not reduced. Cross-entropies are in nats.
"""

import numpy as np

from course_lib.core import habits
from course_lib.core.module import Module
from course_lib.core.tensor import Tensor, array_of, differentiable, floating
from course_lib.nn.dense import log_probabilities, logistic


def _reduce(losses, reduction, counts=None):
    """The reduced loss, and its derivative with respect to each single loss.

    ``counts`` says which losses count; None: all.
    """
    _check_reduction(losses, reduction)
    if counts is not None:
        share = counts.astype(losses.dtype)
        if reduction == "mean":
            share /= share.sum()
        losses = np.where(counts, losses, 0) * share
        return losses if reduction == "none" else losses.sum(), share
    if reduction == "mean":
        share = 1 / losses.size
        return losses.sum() * share, share
    return losses.sum() if reduction == "sum" else losses, 1.0


def _check_reduction(losses, reduction):
    if losses.size == 0:
        raise ValueError("loss: expected at least one example, got none")
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(
            f'reduction: expected "mean", "sum" or "none", got {reduction!r}'
        )


@differentiable
def mse_loss(o, y, *, reduction="mean"):
    """Squared error (o − y)², the L2 loss of slide 16 as a mean.

    Parameters
    ----------
    o, y : Tensor, same shape
        Outputs and targets.

    Examples
    --------
    >>> from course_lib import Tensor
    >>> mse_loss(Tensor([1.0, 4.0]), np.array([1.0, 2.0])).item()
    2.0
    """
    o, y = _pair("mse_loss", o, y)
    d = o - y
    L, share = _reduce(d * d, reduction)
    return L, (lambda g: g * share * 2 * d, lambda g: g * share * -2 * d)


def _pair(name, o, y):
    """Outputs and targets of one shape, integers as floating-point numbers."""
    if np.shape(o) != np.shape(y):  # NumPy would repeat one of them
        raise ValueError(
            f"{name}: expected a target of the output's shape {np.shape(o)}, got "
            f"{np.shape(y)}; reshape the target"
        )
    o = floating(o)
    return o, o.dtype.type(y) if isinstance(y, (int, float)) else floating(y)


@differentiable
def l1_loss(o, y, *, reduction="mean"):
    """Absolute error |o − y| (slide 16); its derivative at o = y is taken as 0."""
    o, y = _pair("l1_loss", o, y)
    d = o - y
    L, share = _reduce(np.abs(d), reduction)
    return L, (
        lambda g: g * share * np.sign(d),
        lambda g: g * share * -np.sign(d),
    )


@differentiable
def binary_cross_entropy(o, y, *, reduction="mean"):
    """−y log o − (1 − y) log(1 − o), in nats (slide 16, with its minus sign).

    Parameters
    ----------
    o : Tensor, any shape
        Probabilities that the target is 1.
    y : array, same shape
        Targets, 0 to 1.

    Notes
    -----
    As in PyTorch, the logarithms are kept at −100 or above, and the denominator of the
    derivative at 1e-12 or above. `binary_cross_entropy_with_logits` needs neither.
    """
    o, y = _pair("binary_cross_entropy", o, y)
    _check_probabilities("binary_cross_entropy", "outputs", o)
    _check_probabilities("binary_cross_entropy", "targets", y)
    with np.errstate(divide="ignore"):
        log_o, log_not_o = (np.maximum(np.log(p), -100) for p in (o, 1 - o))
    L, share = _reduce(-y * log_o - (1 - y) * log_not_o, reduction)
    return L, (
        lambda g: g * share * (o - y) / np.maximum(o * (1 - o), 1e-12),
        None,
    )


def _check_probabilities(name, what, p):
    p = np.asarray(p)
    inside = p.size == 0 or (p.min() >= 0 and p.max() <= 1)
    if not inside:  # also where one is NaN
        raise ValueError(
            f"{name}: expected {what} from 0 to 1, got values from "
            f"{p.min():.3g} to {p.max():.3g}"
        )


@differentiable
def binary_cross_entropy_with_logits(u, y, *, reduction="mean"):
    """`binary_cross_entropy` of o = σ(u), fused: ∂L/∂u = σ(u) − y (slide 36).

    Parameters
    ----------
    u : Tensor, any shape
        Scores, any real numbers.
    y : array, same shape
        Targets, 0 to 1.
    """
    u, y = _pair("binary_cross_entropy_with_logits", u, y)
    _check_probabilities("binary_cross_entropy_with_logits", "targets", y)
    losses = np.maximum(u, 0) - u * y + np.log1p(np.exp(-np.abs(u)))
    L, share = _reduce(losses, reduction)
    return L, (lambda g: g * share * (logistic(u) - y), None)


@differentiable
def nll_loss(log_p, target, *, ignore_index=-100, reduction="mean"):
    """−log p of the right class, from logarithms of probabilities (N, K).

    The arguments are those of `cross_entropy`.
    """
    target, counts = _classes("nll_loss", log_p, target, ignore_index)
    log_p = floating(log_p)
    right = np.arange(len(target)), target  # where each right class stands
    L, share = _reduce(-log_p[right], reduction, counts)

    def for_log_p(g):
        d = np.zeros_like(log_p)
        d[right] = -g * share  # g: one number, or (N,)
        return d

    return L, (for_log_p, None)


def _classes(name, scores, target, ignored):
    """The classes, and which of them count: None if all do, as without padding."""
    target = np.asarray(target)
    least, most = _check_classes(name, scores, target)
    counts = None
    if least <= ignored <= most:
        counts = target != ignored
        if not counts.any():
            raise ValueError(
                f"{name}: expected at least one target that is not ignored, got "
                f"{ignored} alone"
            )
        least, most = target[counts].min(), target[counts].max()
        target = np.where(counts, target, 0)
    if least < 0 or most >= scores.shape[1]:
        raise ValueError(
            f"{name}: expected classes from 0 to {scores.shape[1] - 1}, got "
            f"classes from {least} to {most}"
        )
    return target, counts


def _check_classes(name, scores, target):
    """The smallest and the largest of classes of the right shape; none: (0, -1)."""
    if scores.ndim != 2:
        raise ValueError(
            f"{name}: expected scores of shape (N, K), got {scores.shape}"
        )
    N = len(scores)
    if target.shape != (N,) or target.dtype.kind not in "iu":
        raise ValueError(
            f"{name}: expected whole numbers of shape ({N},) as classes, got "
            f"{target.dtype} of shape {target.shape}"
        )
    return (target.min(), target.max()) if N else (0, -1)


@differentiable
def cross_entropy(u, target, *, ignore_index=-100, reduction="mean"):
    """−log of the probability that `softmax` gives the right class, fused.

    Parameters
    ----------
    u : Tensor, shape (N, K)
        Scores (logits), any real numbers.
    target : int array, shape (N,)
        Class of each example, 0 to K − 1.
    ignore_index : int, default -100
        A target that means "this example does not count": its loss is 0, it gets no
        gradient, and the mean is over the others. With it short sequences are filled
        up.

    Returns
    -------
    Tensor, one number (or shape (N,) for reduction "none"), in nats

    Raises
    ------
    ValueError
        If a shape is wrong, a class is outside 0 … K − 1, or no example counts.

    Examples
    --------
    >>> from course_lib import Tensor
    >>> scores = Tensor([[0.0, 0.0]])
    >>> print(f"{cross_entropy(scores, np.array([1])).item():.4f}")  # log 2
    0.6931
    """
    target, counts = _classes("cross_entropy", u, target, ignore_index)
    log_p = log_probabilities(u)
    right = np.arange(len(target)), target  # where each right class stands
    L, share = _reduce(-log_p[right], reduction, counts)

    def for_u(g):
        d = np.exp(log_p)  # softmax(u) …
        d[right] -= 1  # … − y, as on slide 36
        return (g * share * d.T).T  # g: one number, or (N,)

    return L, (for_u, None)


def one_hot(tensor, num_classes=-1):
    """A 1 at the place of each class, 0 elsewhere (`torch.nn.functional.one_hot`).

    Parameters
    ----------
    tensor : int array, any shape
        Classes, 0 or above.
    num_classes : int, default -1
        Number of classes K; by default one more than the largest.

    Returns
    -------
    Tensor of int, shape (..., K)

    Examples
    --------
    >>> one_hot([0, 2]).tolist()
    [[1, 0, 0], [0, 0, 1]]
    """
    classes = np.asarray(array_of(tensor))
    K = _check_one_hot(classes, num_classes)
    return Tensor((classes[..., None] == np.arange(K)).astype(int))


def _check_one_hot(classes, K):
    if classes.dtype.kind not in "iu":
        raise TypeError(
            f"one_hot: expected whole numbers as classes, got {classes.dtype}"
        )
    if K == -1 and classes.size:
        K = int(classes.max()) + 1
    if K < 1 or (
        classes.size and not 0 <= classes.min() <= classes.max() < K
    ):
        raise ValueError(
            f"one_hot: expected classes from 0 to num_classes - 1 = {K - 1}, got "
            f"{classes.tolist() if classes.size < 10 else 'others'}"
        )
    return K


class _Loss(Module):
    def __init__(self, *, reduction="mean", **others):
        super().__init__()
        habits.refuse(type(self).__name__, others)
        self.reduction = reduction

    def forward(self, input, target):
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


class _LossOfClasses(_Loss):
    def __init__(self, *, ignore_index=-100, reduction="mean", **others):
        super().__init__(reduction=reduction, **others)
        self.ignore_index = ignore_index

    def forward(self, input, target):
        settings = {
            "ignore_index": self.ignore_index,
            "reduction": self.reduction,
        }
        return self.function(input, target, **settings)


class NLLLoss(_LossOfClasses):
    """`nll_loss` as a module."""

    function = staticmethod(nll_loss)


class CrossEntropyLoss(_LossOfClasses):
    """`cross_entropy` as a module."""

    function = staticmethod(cross_entropy)
