"""Valleys: how fast descent gets down, told by the curvatures of the ground (slide 32).

The curvatures of ½ xᵀ A x are the eigenvalues of A; κ is the largest over the least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from course_lib.core.module import Module
from course_lib.sgd.mini_batches import gradient


def valley(kappa: float, degrees: float = 0) -> np.ndarray:
    """The matrix A of the bowl ½ xᵀ A x with curvatures 1 and κ in the plane.

    Parameters
    ----------
    kappa : float
        κ ≥ 1, the curvature across the valley; along it, it is 1.
    degrees : float
        Angle from the x₀ axis to the valley.

    Returns
    -------
    ndarray, shape (2, 2)
        Symmetric; the gradient at x is A x.

    Raises
    ------
    ValueError
        If κ is below 1.

    Examples
    --------
    >>> valley(9)
    array([[1., 0.],
           [0., 9.]])
    """
    if not kappa >= 1:
        raise ValueError(f"valley: κ of 1 or more wanted, got {kappa}")
    a = np.radians(degrees)
    along = np.array([np.cos(a), np.sin(a)])
    across = np.array([-np.sin(a), np.cos(a)])
    return np.outer(along, along) + kappa * np.outer(across, across)


def _check_curvatures(least: float, most: float) -> None:
    if not 0 < least <= most < np.inf:
        raise ValueError(
            f"curvatures with 0 < least ≤ most wanted, got {least} and {most}; "
            "where one is 0 or less there is no single lowest point"
        )


def best_rate(least: float, most: float) -> float:
    """The rate η = 2 / (λmin + λmax), whose slowest direction is fastest.

    Parameters
    ----------
    least, most : float
        The smallest and the largest curvature, λmin and λmax.

    Raises
    ------
    ValueError
        Unless 0 < λmin ≤ λmax < ∞.

    Examples
    --------
    >>> best_rate(1, 9)
    0.2
    """
    _check_curvatures(least, most)
    return 2 / (least + most)


def best_momentum(least: float, most: float) -> tuple[float, float]:
    """The rate η and the momentum β that are fastest in the worst direction.

    With roots a = √λmin and b = √λmax: η = (2 / (a + b))², β = ((b − a) / (b + a))²
    (Polyak 1964).

    Parameters
    ----------
    least, most : float
        The smallest and the largest curvature, λmin and λmax.

    Returns
    -------
    rate, momentum : float
        η and β.

    Raises
    ------
    ValueError
        Unless 0 < λmin ≤ λmax < ∞.

    Examples
    --------
    >>> best_momentum(1, 9)
    (0.25, 0.25)
    """
    _check_curvatures(least, most)
    a, b = least**0.5, most**0.5
    return (2 / (a + b)) ** 2, ((b - a) / (b + a)) ** 2


def heavy_ball(
    slope: Callable,
    start: np.ndarray | float,
    rate: float,
    momentum: float,
    steps: int,
) -> np.ndarray:
    """Every point of x_{i+1} = x_i − η f′(x_i) + β (x_i − x_{i−1}).

    The same path as `SGD` with momentum (Polyak 1964; slide 33).

    Parameters
    ----------
    slope : callable
        The gradient: takes a point, returns an array of its shape.
    start : float, or ndarray of any shape
        x_0; the ball lies still there.
    rate, momentum : float
        η, and β, the share of the last move that is kept.
    steps : int

    Returns
    -------
    ndarray, shape (steps + 1, ...)

    Examples
    --------
    >>> heavy_ball(lambda x: x, 1.0, 0.5, momentum=0.5, steps=2)
    array([1. , 0.5, 0. ])
    """
    x = before = np.asarray(start, dtype=float)
    path = [x]
    for _ in range(steps):
        x, before = x - rate * slope(x) + momentum * (x - before), x
        path.append(x)
    return np.array(path)


def wander(
    X: np.ndarray,
    y: np.ndarray,
    rates: Iterable[float],
    batch_size: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Mini-batch descent of a linear model o = X w on the mean squared error.

    Every batch is drawn afresh from all examples, so that the gradients' noise is
    independent from step to step.

    Parameters
    ----------
    X, y : ndarray, shapes (N, D) and (N,)
    rates : iterable of float
        The learning rate of each step.
    batch_size : int
    rng : numpy Generator

    Returns
    -------
    ndarray, shape (steps + 1, D)
        The weights, from 0 on.
    """
    w = np.zeros(X.shape[1])
    path = [w]
    for rate in rates:
        batch = rng.integers(len(y), size=batch_size)
        errors = X[batch] @ w - y[batch]
        w = w - rate * 2 / batch_size * errors @ X[batch]
        path.append(w)
    return np.array(path)


def flat_slope(
    model: Module, loss: Callable, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """All of a model's weights in one row, and the gradient of its loss there.

    Parameters
    ----------
    model : Module
    loss : callable
        ``loss(model(x), y)`` is one number.
    x, y : ndarray

    Returns
    -------
    w : ndarray, shape (n,)
        The weights as they are, in the order of ``model.parameters()``.
    slope : callable
        Puts a row of weights into the model, and returns the gradient, shape (n,).
    """
    parameters = list(model.parameters())
    sizes = [p.data.size for p in parameters]

    def slope(w):
        parts = np.split(w, np.cumsum(sizes)[:-1])
        for p, part in zip(parameters, parts, strict=True):
            p.data = part.reshape(p.shape)
        return gradient(model, loss, x, y)

    return np.concatenate([p.data.ravel() for p in parameters]), slope


def hessian(slope: Callable, w: np.ndarray, h: float = 1e-4) -> np.ndarray:
    """The matrix of all second derivatives, from central differences of the gradient.

    Parameters
    ----------
    slope : callable
        The gradient, as of `flat_slope`: from shape (n,) to shape (n,).
    w : ndarray, shape (n,)
        Where; the slope is asked there last, which leaves a model as it was.
    h : float
        Step.

    Returns
    -------
    ndarray, shape (n, n)
        Made symmetric. Its eigenvalues are the curvatures.

    Examples
    --------
    >>> curved = hessian(lambda x: valley(9) @ x, np.ones(2))
    >>> print(f"{curved[0, 0]:.6f} {curved[1, 1]:.6f}")
    1.000000 9.000000
    """
    rows = [
        (slope(w + h * axis) - slope(w - h * axis)) / (2 * h)
        for axis in np.eye(len(w))
    ]
    slope(w)
    H = np.array(rows)
    return (H + H.T) / 2
