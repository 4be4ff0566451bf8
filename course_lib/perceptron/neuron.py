"""One perceptron, without a tape (slides 4 to 6).

Inputs begin with x₀ = 1, the input of the bias.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike


def step(u: np.ndarray | float) -> np.ndarray:
    """The unit step of slide 6: 1 where u ≥ 0, else 0.

    Examples
    --------
    >>> step(np.array([-2.0, 0.0, 3.0]))
    array([0., 1., 1.])
    """
    return np.where(np.asarray(u) >= 0, 1.0, 0.0)


def unit(
    x: ArrayLike, w: ArrayLike, b: float = 0.0, f: Callable = step
) -> np.ndarray:
    """o = f(Σᵢ wᵢ xᵢ + b) (slide 5).

    Parameters
    ----------
    x : array_like, shape (D,) or (N, D)
        One example, or one a row. Where the first number of each is x₀ = 1, the
        first weight is the bias, and b stays 0.
    w : array_like, shape (D,)
    b : float
        A bias for inputs that have no x₀ = 1.
    f : callable
        The activation.

    Returns
    -------
    ndarray, shape () or (N,)

    Raises
    ------
    ValueError
        If there is not one weight for each input.

    Examples
    --------
    >>> unit([[1, 0, 1], [1, 1, 1]], GATES["AND"])
    array([0., 1.])
    """
    x, w = np.asarray(x), np.asarray(w)
    if w.ndim != 1 or x.shape[-1:] != w.shape:
        raise ValueError(
            f"unit: weights {w.shape} for inputs {x.shape}; give one weight "
            "for each input, the bias first where x begins with 1"
        )
    u = (w * x).sum(axis=-1) + b
    return f(u)


def with_one(points: ArrayLike) -> np.ndarray:
    """Points of the plane as inputs: x₀ = 1 before x₁ and x₂.

    Examples
    --------
    >>> with_one([[0.5, 2.0], [3.0, -1.0]])
    array([[ 1. ,  0.5,  2. ],
           [ 1. ,  3. , -1. ]])
    """
    points = np.asarray(points)
    return np.concatenate([np.ones((len(points), 1)), points], axis=1)


GATES = {
    "AND": (-1.5, 1, 1),
    "OR": (-0.5, 1, 1),
    "NAND": (1.5, -1, -1),
}


def corners(inputs: int = 2) -> np.ndarray:
    """All rows of a truth table, each after x₀ = 1.

    Examples
    --------
    >>> corners(2)
    array([[1, 0, 0],
           [1, 0, 1],
           [1, 1, 0],
           [1, 1, 1]])
    """
    return np.array([(1, *bits) for bits in product((0, 1), repeat=inputs)])


def reachable(values: Sequence[float], inputs: int = 2) -> dict[tuple, tuple]:
    """Every truth table that a step unit has with weights among `values`.

    All ``len(values) ** (inputs + 1)`` choices of bias and weights are tried.

    Parameters
    ----------
    values : sequence of float
        What each weight may be.
    inputs : int
        Inputs besides x₀ = 1.

    Returns
    -------
    dict
        From each truth table, as a tuple of 0 and 1 in the order of `corners`, to
        the first weights (w₀, w₁ …) that have it.

    Raises
    ------
    ValueError
        If there are more than ten million choices.

    Examples
    --------
    >>> found = reachable([-2, -1, 0, 1, 2])
    >>> found[0, 0, 0, 1]  # AND
    (-2, 1, 1)
    """
    tries = len(values) ** (inputs + 1)
    if tries > 10_000_000:
        raise ValueError(
            f"reachable: {tries:,} choices of weights are too many; "
            "give fewer values or fewer inputs"
        )
    x = corners(inputs)
    found = {}
    for w in product(values, repeat=inputs + 1):
        table = tuple(int(o) for o in unit(x, w))
        found.setdefault(table, w)
    return found


def learn(
    x: np.ndarray, y: np.ndarray, w: np.ndarray, rounds: int = 100
) -> tuple[np.ndarray, list[int]]:
    """Rosenblatt's rule: after each mistake, add or subtract the input.

    Parameters
    ----------
    x : ndarray, shape (N, D)
        Examples, each beginning with x₀ = 1.
    y : ndarray, shape (N,)
        The right answers, 0 or 1.
    w : ndarray, shape (D,)
        The weights to begin with. They are not changed.
    rounds : int
        When to give up. It ends sooner, after a round without a mistake.

    Returns
    -------
    w : ndarray, shape (D,)
    mistakes : list of int
        Wrong answers in each round.

    Examples
    --------
    >>> w, mistakes = learn(corners(2), np.array([0, 0, 0, 1]), np.zeros(3))
    >>> mistakes
    [2, 3, 3, 2, 1, 0]
    """
    mistakes = []
    for _ in range(rounds):
        wrong = 0
        for x_n, y_n in zip(x, y, strict=True):
            o = unit(x_n, w)
            w = w + (y_n - o) * x_n  # nothing, plus x or minus x
            wrong += int(o != y_n)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes
