"""Functions of two numbers on which optimizers are tried out (slide 33).

Plain NumPy: a point is an array whose last axis holds x₁ and x₂.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from course_lib.core.module import Parameter
from course_lib.optim.adaptive import Adagrad, Adam, RMSprop
from course_lib.optim.sgd import SGD, Optimizer
from course_lib.optim.trajectory import trajectory


@dataclass(frozen=True)
class Surface:
    """A function of two numbers, and where to look at it.

    Parameters
    ----------
    name : str
    f : callable
        From points of shape (..., 2) to heights of shape (...).
    slope : callable
        The gradient: from points of shape (..., 2) to arrays of the same shape.
    xlim, ylim : pair of float
        The part of the plane to look at.
    start : pair of float
        Where walks begin.
    minima : tuple of pairs of float
        All lowest points.

    Examples
    --------
    >>> here = np.array([5.0, 1.0])
    >>> print(f"{VALLEY.f(here):g}", VALLEY.slope(here))
    4.5 [1. 4.]
    """

    name: str
    f: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]

    @np.errstate(over="ignore", invalid="ignore")
    def gap(self, x: np.ndarray) -> np.ndarray:
        """Heights above the lowest points, f(x) − min f, of shape (...)."""
        return self.f(x) - self.f(np.array(self.minima[0]))


def valley(x: np.ndarray) -> np.ndarray:
    """0.1 x₁² + 2 x₂²: a long valley, 20 times steeper across than along.

    The example of *Dive into Deep Learning* (Zhang et al., chapter 12).
    """
    x1, x2 = x[..., 0], x[..., 1]
    return 0.1 * x1 * x1 + 2 * x2 * x2


def valley_slope(x: np.ndarray) -> np.ndarray:
    """The gradient of `valley`."""
    return x * np.array([0.2, 4.0])


def saddle(x: np.ndarray) -> np.ndarray:
    """2 x₁² − ½ x₂² + ¼ x₂⁴: level at (0, 0), lowest on both sides of it."""
    a, b = x[..., 0] * x[..., 0], x[..., 1] * x[..., 1]
    return 2 * a - 0.5 * b + 0.25 * b * b


def saddle_slope(x: np.ndarray) -> np.ndarray:
    """The gradient of `saddle`."""
    x1, x2 = x[..., 0], x[..., 1]
    return np.stack([4 * x1, x2 * x2 * x2 - x2], axis=-1)


def beale(x: np.ndarray) -> np.ndarray:
    """Beale's function: Σₖ (cₖ − x₁ + x₁ x₂ᵏ)² with c = 1.5, 2.25, 2.625.

    Cliffs around a bent, nearly level valley (Beale 1958; Moré, Garbow & Hillstrom
    1981, doi:10.1145/355934.355936, number 5).
    """
    p, q, r = _errors(x[..., 0], x[..., 1])
    return p * p + q * q + r * r


def beale_slope(x: np.ndarray) -> np.ndarray:
    """The gradient of `beale`."""
    x1, x2 = x[..., 0], x[..., 1]
    p, q, r = _errors(x1, x2)
    square = x2 * x2
    by_x1 = p * (x2 - 1) + q * (square - 1) + r * (square * x2 - 1)
    by_x2 = x1 * (p + 2 * q * x2 + 3 * r * square)
    return np.stack([2 * by_x1, 2 * by_x2], axis=-1)


def _errors(x1: np.ndarray, x2: np.ndarray) -> tuple[np.ndarray, ...]:
    square = x2 * x2
    return (
        1.5 - x1 + x1 * x2,
        2.25 - x1 + x1 * square,
        2.625 - x1 + x1 * square * x2,
    )


VALLEY = Surface(
    "long valley",
    valley,
    valley_slope,
    xlim=(-6, 2),
    ylim=(-3, 3),
    start=(-5, -2),
    minima=((0, 0),),
)
SADDLE = Surface(
    "saddle",
    saddle,
    saddle_slope,
    xlim=(-2, 2),
    ylim=(-1.5, 1.5),
    start=(-1.5, 0.001),
    minima=((0, 1), (0, -1)),
)
BEALE = Surface(
    "Beale’s function",
    beale,
    beale_slope,
    xlim=(-1, 5),
    ylim=(-2, 2.5),
    start=(1, 1.5),
    minima=((3, 0.5),),
)


def turned(surface: Surface, degrees: float) -> Surface:
    """The same surface, turned around (0, 0) with its start and its minima."""
    cos, sin = (
        math.cos(math.radians(degrees)),
        math.sin(math.radians(degrees)),
    )

    def turn(x: np.ndarray, sin: float = sin) -> np.ndarray:
        # No matrix product: processors differ in the last bit of those.
        x1, x2 = x[..., 0], x[..., 1]
        return np.stack([cos * x1 - sin * x2, sin * x1 + cos * x2], axis=-1)

    def moved(point: tuple[float, float]) -> tuple[float, float]:
        x1, x2 = turn(np.array(point, dtype=float))
        return float(x1), float(x2)

    return replace(
        surface,
        name=f"{surface.name}, turned by {degrees:g}°",
        f=lambda x: surface.f(turn(x, -sin)),  # −sin turns back
        slope=lambda x: turn(surface.slope(turn(x, -sin))),
        start=moved(surface.start),
        minima=tuple(map(moved, surface.minima)),
    )


def shaken(surface: Surface, seed: int, share: float = 0.2) -> Surface:
    """The same surface, with each coordinate of its start moved by up to a share."""
    u = np.random.default_rng(seed).uniform(-share, share, size=2)
    x1, x2 = surface.start * (1 + u)
    return replace(surface, start=(float(x1), float(x2)))


@dataclass(frozen=True)
class Runner:
    """An optimizer whose learning rate is still to be chosen.

    Parameters
    ----------
    name : str
    make : callable
        Takes the parameters and, as ``lr``, the learning rate.
    """

    name: str
    make: Callable[..., Optimizer]


def _momentum(params: list[Parameter], lr: float) -> SGD:
    return SGD(params, lr, momentum=0.9)


def _nesterov(params: list[Parameter], lr: float) -> SGD:
    return SGD(params, lr, momentum=0.9, nesterov=True)


def _rmsprop(params: list[Parameter], lr: float) -> RMSprop:
    return RMSprop(params, lr, alpha=0.9)


RUNNERS = (
    Runner("SGD", SGD),
    Runner("Momentum", _momentum),
    Runner("Nesterov", _nesterov),
    Runner("AdaGrad", Adagrad),
    Runner("RMSProp", _rmsprop),
    Runner("Adam", Adam),
)


def walk(
    runner: Runner, surface: Surface, rate: float, steps: int
) -> np.ndarray:
    """The points that a runner visits, from the start of the surface on.

    Returns
    -------
    ndarray, shape (steps + 1, 2)
        Fewer rows if the points grow beyond all numbers: as far as it got.

    Examples
    --------
    >>> from course_lib.pathologies.optimizers import VALLEY
    >>> print(walk(RUNNERS[0], VALLEY, 0.25, steps=2))
    [[-5.     -2.    ]
     [-4.75    0.    ]
     [-4.5125  0.    ]]
    """
    seen = []

    def slope(x: np.ndarray) -> np.ndarray:
        seen.append(x)
        return surface.slope(x)

    try:
        return trajectory(
            lambda params: runner.make(params, lr=rate),
            slope,
            surface.start,
            steps,
        )
    except FloatingPointError:
        return np.array(seen)


def arrival(
    runner: Runner,
    surface: Surface,
    rate: float,
    steps: int = 300,
    tolerance: float = 0.01,
) -> float:
    """The step from which on a runner is down, and stays.

    Parameters
    ----------
    runner, surface, rate
        Who runs, where, with which learning rate.
    steps : int, default 300
        How long it is watched.
    tolerance : float, default 0.01
        "Down" is less than this above the lowest point.

    Returns
    -------
    int, or ``math.inf`` if it is not down after the last step

    Examples
    --------
    >>> from course_lib.pathologies.optimizers import VALLEY
    >>> arrival(RUNNERS[0], VALLEY, 0.4), arrival(RUNNERS[0], VALLEY, 0.6)
    (34, inf)
    """
    path = walk(runner, surface, rate, steps)
    high = np.flatnonzero(~(surface.gap(path) < tolerance))
    if len(path) <= steps or (len(high) and high[-1] == steps):
        return math.inf
    return int(high[-1]) + 1 if len(high) else 0


@np.errstate(over="ignore", invalid="ignore")
def sweep(
    surface: Surface,
    rates: Sequence[float],
    steps: int = 300,
    tolerance: float = 0.01,
) -> np.ndarray:
    """`arrival` of every runner with every rate, shape (runners, rates).

    All rates run at once: a weight for each, and an array of learning rates.

    Examples
    --------
    >>> from course_lib.pathologies.optimizers import VALLEY
    >>> print(sweep(VALLEY, [0.4, 0.6])[0])  # SGD
    [34. inf]
    """
    found = []
    for runner in RUNNERS:
        w = Parameter(
            np.tile(np.array(surface.start, float), (len(rates), 1))
        )
        optimizer = runner.make([w], lr=0.0)
        optimizer.param_groups[0]["lr"] = np.array(rates)[:, np.newaxis]
        late = np.zeros(len(rates))
        for step in range(steps + 1):
            down = surface.gap(w.data) < tolerance
            late = np.where(down, late, step + 1)
            w.grad = surface.slope(w.data)
            optimizer.step()
        found.append(np.where(late <= steps, late, math.inf))
    return np.array(found)
