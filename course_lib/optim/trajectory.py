"""Any optimizer on a plain function: its path, and how many steps it takes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.core.module import Parameter
from course_lib.core.settings import check_number
from course_lib.optim.sgd import Optimizer


@np.errstate(over="ignore", invalid="ignore")
def trajectory(
    make: Callable[[list[Parameter]], Optimizer],
    gradient: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray | float,
    steps: int,
) -> np.ndarray:
    """Every point that an optimizer visits on a plain function.

    Parameters
    ----------
    make : callable
        Makes the optimizer, for instance ``lambda p: SGD(p, lr=0.1)``.
    gradient : callable
        The gradient of the function: takes a point, returns an array of its shape.
    start : float, or ndarray of any shape
        Where to begin.
    steps : int
        How many steps to take.

    Returns
    -------
    ndarray, shape (steps + 1, ...)
        The start comes first.

    Raises
    ------
    FloatingPointError
        If a step leads to numbers that are infinite or NaN; the error has the points
        before in its attribute ``path``.
    ValueError
        If the gradient does not have the shape of the point.

    Examples
    --------
    >>> from course_lib.optim.sgd import SGD
    >>> trajectory(lambda p: SGD(p, lr=0.25), lambda x: 2 * x, 1.0, steps=3)
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    check_number("trajectory", "steps", steps, whole=True)
    w = Parameter(np.array(start, dtype=float))
    optimizer, path = make([w]), [w.data]
    for _ in range(steps):
        w.grad = np.asarray(gradient(w.data))
        optimizer.step()
        _check_finite(w.data, path)
        path.append(w.data)
    return np.array(path)


def _check_finite(point: np.ndarray, path: list[np.ndarray]) -> None:
    if not np.isfinite(point).all():
        error = FloatingPointError(
            f"trajectory: expected finite numbers, got {point} after step "
            f"{len(path)}; take a smaller learning rate, or fewer steps"
        )
        error.path = np.array(path)
        raise error


@np.errstate(over="ignore", invalid="ignore")
def steps_until(
    make: Callable[[list[Parameter]], Optimizer],
    gradient: Callable[[np.ndarray], np.ndarray],
    starts: np.ndarray,
    near: Callable[[np.ndarray], np.ndarray],
    *,
    most: int = 100_000,
    stay: bool = False,
) -> np.ndarray:
    """How many steps an optimizer takes from each of several starts to a goal.

    Parameters
    ----------
    make : callable
        Makes the optimizer, for instance ``lambda p: SGD(p, lr=0.1)``. It must treat
        each number by itself, as all of the book's do.
    gradient : callable
        The gradient at each of several points, the rows of an array.
    starts : array_like, shape (n, D)
    near : callable
        Tells of several points whether each is near the goal; returns n booleans.
    most : int
        How many steps to take at most.
    stay : bool
        Count up to the step from which on the point is near at every step, up to
        ``most``, and not only to the first at which it is.

    Returns
    -------
    ndarray of float, shape (n,)
        Infinite where the goal is not reached.

    Examples
    --------
    >>> from course_lib.optim.sgd import SGD
    >>> starts = np.array([[1.0], [-40.0]])
    >>> near = lambda x: np.abs(x[:, 0]) < 0.5
    >>> steps_until(lambda p: SGD(p, lr=0.9), lambda x: x, starts, near)
    array([1., 2.])
    """
    check_number("steps_until", "most", most, whole=True)
    w = Parameter(np.array(starts, dtype=float))
    optimizer, first = make([w]), np.full(len(w.data), np.inf)
    for step in range(most + 1):
        arrived = _truths(near(w.data), first)
        first[arrived & np.isinf(first)] = step
        if stay:
            first[~arrived] = np.inf  # it has left again
        elif np.isfinite(first).all():
            break
        w.grad = gradient(w.data)
        optimizer.step()
    return first


def _truths(near: np.ndarray, points: np.ndarray) -> np.ndarray:
    """What ``near`` told; numbers would choose places instead of points."""
    if np.shape(near) != points.shape or np.asarray(near).dtype != bool:
        raise ValueError(
            f"steps_until: expected of near one boolean for each of {len(points)} "
            f"points, got {np.asarray(near).dtype} of shape {np.shape(near)}"
        )
    return near
