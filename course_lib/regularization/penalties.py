"""Penalties on large weights (slide 39): used as ``loss + λ * penalty``."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from course_lib.core.tensor import Tensor


def _several(parameters: Iterable[Tensor] | Tensor) -> list[Tensor]:
    """The parameters as a list, which must not be empty."""
    if isinstance(parameters, Tensor):
        return [parameters]
    parameters = list(parameters)
    if not parameters:
        raise ValueError(
            "penalty: no parameters came; model.parameters() can be gone "
            "through once, so call it anew for every loss"
        )
    return parameters


def l2_penalty(parameters: Iterable[Tensor] | Tensor) -> Tensor:
    """½ Σ w²: half the sum of the squares of all weights (slide 39).

    The ½ is there for the derivative: of ½ w² it is w, without a 2 in front. So
    ``loss + λ * l2_penalty(…)`` adds λ w to the gradient, which is what the option
    ``weight_decay=λ`` of `optim.SGD` adds. Some authors leave the ½ out, among them
    scikit-learn's ``Ridge``; their λ is half of ours.

    Parameters
    ----------
    parameters : iterable of Tensor, or one Tensor
        What shall be small, for instance the weights without the biases.

    Returns
    -------
    Tensor, one number

    Raises
    ------
    ValueError
        If there are no parameters.

    Examples
    --------
    >>> w = Tensor([3.0, -4.0], requires_grad=True)
    >>> penalty = l2_penalty(w)
    >>> penalty.item()
    12.5
    >>> penalty.backward()
    >>> w.grad
    array([ 3., -4.])
    """
    return 0.5 * sum((w * w).sum() for w in _several(parameters))


def l1_penalty(parameters: Iterable[Tensor] | Tensor) -> Tensor:
    """Σ |w|: the sum of the sizes of all weights.

    Its derivative is sign w: every weight is drawn to 0 with the same force, however
    small it is. At w = 0 there is no derivative; 0 is taken. Descent with it comes
    near 0 and jumps to and fro; `soft_threshold` arrives.

    Parameters
    ----------
    parameters : iterable of Tensor, or one Tensor

    Returns
    -------
    Tensor, one number

    Raises
    ------
    ValueError
        If there are no parameters.

    Examples
    --------
    >>> w = Tensor([3.0, -4.0, 0.0], requires_grad=True)
    >>> penalty = l1_penalty(w)
    >>> penalty.item()
    7.0
    >>> penalty.backward()
    >>> w.grad
    array([ 1., -1.,  0.])
    """
    return sum(w.abs().sum() for w in _several(parameters))


def soft_threshold(w: np.ndarray, threshold: float) -> np.ndarray:
    """Each number moved towards 0 by the threshold, and no further than 0.

    This is the weight v that makes ½ (v − w)² + threshold · |v| least. After a step
    of descent on the loss alone, with the threshold η λ, it takes the place of a step
    on the penalty λ Σ |w| (Daubechies, Defrise & De Mol 2004).

    Parameters
    ----------
    w : ndarray
    threshold : float
        At least 0.

    Returns
    -------
    ndarray, of the shape of w

    Raises
    ------
    ValueError
        If the threshold is below 0.

    Examples
    --------
    >>> soft_threshold(np.array([3.0, 0.25, -2.0]), 0.5)
    array([ 2.5,  0. , -1.5])
    """
    if not threshold >= 0:
        raise ValueError(
            f"soft_threshold: threshold 0 or more wanted, got {threshold}"
        )
    return np.sign(w) * np.maximum(np.abs(w) - threshold, 0)


def lasso(
    X: ArrayLike, y: ArrayLike, penalty: float, steps: int = 2000
) -> np.ndarray:
    """Weights w that make ½ Σ (Xw − y)² + penalty · Σ |w| least, by descent.

    Each step goes down the loss, and then through `soft_threshold`, so weights that
    the loss does not defend become exactly 0 (Tibshirani 1996).

    Parameters
    ----------
    X : array_like, shape (n, d)
        A row for each example. All its columns' weights are penalised.
    y : array_like, shape (n,)
    penalty : float
        What a weight of size 1 costs; n times scikit-learn's ``alpha``.
    steps : int, default 2000
        At most how many; flat directions need many.

    Returns
    -------
    ndarray, shape (d,)

    Raises
    ------
    ValueError
        If the shapes do not fit, or the penalty is below 0.

    Examples
    --------
    >>> print(lasso(np.eye(3), [3.0, 0.5, -2.0], penalty=1).round(6) + 0.0)
    [ 2.  0. -1.]
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 2 or y.shape != (len(X),):
        raise ValueError(
            f"lasso: X of shape (n, d) and y of shape (n,) wanted, got "
            f"{X.shape} and {y.shape}"
        )
    rate = 1 / np.linalg.norm(X, 2) ** 2  # 1 / the greatest curvature
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        old, step = w, w - rate * X.T @ (X @ w - y)
        w = soft_threshold(step, rate * penalty)
        if np.array_equal(w, old):
            break  # nothing moves any more
    return w
