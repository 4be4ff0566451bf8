"""Any optimizer on a plain function: its path, and how many steps it takes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.core.module import Parameter
from course_lib.optim.sgd import Optimizer


@np.errstate(over="ignore", invalid="ignore")
def trajectory(
    make: Callable[[list[Parameter]], Optimizer],
    slope: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray | float,
    steps: int,
) -> np.ndarray:
    """Every point that an optimizer visits on a plain function.

    Parameters
    ----------
    make : callable
        Makes the optimizer, for instance ``lambda p: SGD(p, lr=0.1)``.
    slope : callable
        The gradient of the function: takes a point, returns an array of its shape.
    start : float, or ndarray of any shape
        Where to begin.
    steps : int
        How many steps to take.

    Returns
    -------
    ndarray, shape (steps + 1, ...)

    Raises
    ------
    ValueError
        If the slope has not the shape of the point.
    FloatingPointError
        If the points grow beyond all numbers.

    Examples
    --------
    >>> from course_lib.optim.sgd import SGD
    >>> trajectory(lambda p: SGD(p, lr=0.25), lambda x: 2 * x, 1.0, steps=3)
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    w = Parameter(np.array(start, dtype=float))
    optimizer, path = make([w]), [w.data]
    for i in range(1, steps + 1):
        w.grad = np.asarray(slope(w.data))
        if w.grad.shape != w.data.shape:
            raise ValueError(
                f"trajectory: the slope has shape {w.grad.shape} at a point of "
                f"shape {w.data.shape}; one derivative for each number is wanted"
            )
        optimizer.step()
        if not np.isfinite(w.data).all():
            raise FloatingPointError(
                f"trajectory: point {i} is beyond all numbers; "
                "take a smaller learning rate or fewer steps"
            )
        path.append(w.data)
    return np.array(path)


def steps_to(
    make: Callable[[list[Parameter]], Optimizer],
    slope: Callable[[np.ndarray], np.ndarray],
    starts: np.ndarray,
    goal: float = 1e-3,
    most: int = 100_000,
) -> np.ndarray:
    """How many steps an optimizer takes from each start to near the lowest point, 0.

    Parameters
    ----------
    make : callable
        Makes the optimizer, for instance ``lambda p: SGD(p, lr=0.1)``. It must treat
        each number by itself, as all of the book's do.
    slope : callable
        The gradient at each of several points, the rows of an array.
    starts : ndarray, shape (n, D)
    goal : float
        Share of its first distance from 0 that a point must come down to.
    most : int
        Where to give up.

    Returns
    -------
    ndarray of float, shape (n,)
        The first step at which the goal is met; infinite where it is not.

    Examples
    --------
    >>> from course_lib.optim.sgd import SGD
    >>> starts = np.array([[1.0, 0.0], [3.0, 4.0]])
    >>> steps_to(lambda p: SGD(p, lr=0.9), lambda x: x, starts)
    array([3., 3.])
    """
    x = Parameter(starts)
    optimizer, first = make([x]), np.full(len(starts), np.inf)
    near = goal**2 * (x.data**2).sum(axis=1)
    for step in range(1, most + 1):
        x.grad = slope(x.data)
        optimizer.step()
        arrived = (x.data**2).sum(axis=1) <= near
        first[arrived & np.isinf(first)] = step
        if np.isfinite(first).all():
            break
    return first
