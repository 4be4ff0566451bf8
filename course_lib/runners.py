"""The optimizers that race on the surfaces of `course_lib.surfaces` (slide 33)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .adaptive import Adagrad, Adam, RMSprop
from .module import Parameter
from .optimizers import SGD, Optimizer, trajectory
from .surfaces import Surface


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
    >>> from course_lib.surfaces import VALLEY
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
    >>> from course_lib.surfaces import VALLEY
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
    >>> from course_lib.surfaces import VALLEY
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
