"""Gradient descent on plain functions, without a tape (slides 17 to 19)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def _check_values(values: np.ndarray) -> None:
    if len(values) == 0 or np.isnan(values).any():
        raise ValueError(
            f"grid_search: of {len(values)} candidates f is not a number at "
            f"{np.isnan(values).sum()}; give one or more where f is defined"
        )


@np.errstate(over="ignore", invalid="ignore")
def descend(
    slope: Callable, start: np.ndarray | float, rate: float, steps: int
) -> np.ndarray:
    """Every point of x_{i+1} = x_i − η f′(x_i) (slide 18).

    Parameters
    ----------
    slope : callable
        f′, or for several variables the gradient: takes a point, returns an
        array of its shape.
    start : float, or ndarray of any shape
        x_0.
    rate : float
        The learning rate η.
    steps : int
        How many steps to take.

    Returns
    -------
    ndarray, shape (steps + 1, ...)
        x_0, x_1 …

    Raises
    ------
    ValueError
        If the slope has not the shape of the point.
    FloatingPointError
        If the points grow beyond all numbers.

    Examples
    --------
    >>> descend(lambda x: 2 * x, 1.0, 0.25, steps=3)  # f(x) = x²
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    x = np.asarray(start, dtype=float)
    _check_slope(slope(x), x)
    path = [x]
    for _ in range(steps):
        x = x - rate * slope(x)
        path.append(x)
    _check_path(path, rate)
    return np.array(path)


def _check_slope(slope: np.ndarray, x: np.ndarray) -> None:
    if np.shape(slope) != x.shape:
        raise ValueError(
            f"descend: the slope has shape {np.shape(slope)} at a point of shape "
            f"{x.shape}; one derivative for each number is wanted"
        )


def _check_path(path: list, rate: float) -> None:
    finite = [bool(np.isfinite(x).all()) for x in path]
    if not all(finite):
        raise FloatingPointError(
            f"descend: x_{finite.index(False)} is beyond all numbers with the "
            f"rate {rate:g}; take a smaller rate or fewer steps"
        )


@np.errstate(over="ignore")
def runs_away(
    slope: Callable, start: np.ndarray | float, rate: float, steps: int = 200
) -> bool:
    """Whether descent ends with a longer step than it began with."""
    try:
        path = descend(slope, start, rate, steps)
    except FloatingPointError:
        return True
    strides = np.abs(np.diff(path, axis=0)).reshape(steps, -1).max(axis=1)
    return bool(strides[-1] > strides[0])


def largest_rate(
    slope: Callable,
    start: np.ndarray | float,
    high: float,
    steps: int = 200,
) -> float:
    """The learning rate beyond which descent runs away, found by bisection.

    Parameters
    ----------
    slope, start, steps
        As for `descend`; `steps` decide whether a rate runs away.
    high : float
        A rate that is certainly too large.

    Raises
    ------
    ValueError
        If descent does not run away with `high`.

    Examples
    --------
    >>> print(f"{largest_rate(lambda x: 2 * x, 1.0, high=8):.6f}")  # f(x) = x²
    1.000000
    """
    if not runs_away(slope, start, high, steps):
        raise ValueError(
            f"largest_rate: descent does not run away with {high:g}; "
            "give a higher rate to begin with"
        )
    low = 0.0
    for _ in range(40):
        middle = (low + high) / 2
        if runs_away(slope, start, middle, steps):
            high = middle
        else:
            low = middle
    return low
