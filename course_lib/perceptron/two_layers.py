"""Two layers of perceptrons, without a tape (slides 7 to 10)."""

from __future__ import annotations

from math import cos, pi
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from course_lib.perceptron.neuron import GATES, unit


class TwoLayers(NamedTuple):
    """The weights of hidden units and one output unit.

    ``W0[j, i]`` is the slide's w⁰ⱼᵢ, to hidden unit j from input i, ``W1[0, j]`` its
    w¹₀ⱼ. The slide's output unit has no bias: b = 0.
    """

    W0: np.ndarray  # shape (n, 3)
    W1: np.ndarray  # shape (1, n)
    b: float = 0.0


XOR = TwoLayers(
    W0=np.array([GATES["OR"], GATES["NAND"]]),
    W1=np.array([[1.0, 1.0]]),  # AND, with
    b=-1.5,
)


def hidden(x: ArrayLike, W0: np.ndarray) -> np.ndarray:
    """o⁰ⱼ = f⁰(Σᵢ w⁰ⱼᵢ xᵢ) of all hidden units (slide 7).

    Examples
    --------
    >>> hidden([1, 0, 0], XOR.W0)
    array([0., 1.])
    """
    return np.stack([unit(x, w) for w in W0], axis=-1)


def two_layers(
    x: ArrayLike, W0: np.ndarray, W1: np.ndarray, b: float = 0.0
) -> np.ndarray:
    """o = f¹(Σⱼ w¹₀ⱼ o⁰ⱼ + b), step units fed by step units (slides 7 to 9).

    Parameters
    ----------
    x : array_like, shape (3,) or (N, 3)
        Inputs, each beginning with x₀ = 1.
    W0, W1, b
        As in `TwoLayers`.

    Examples
    --------
    >>> from course_lib.perceptron.neuron import corners
    >>> two_layers(corners(2), *XOR)
    array([0., 1., 1., 0.])
    """
    o0 = hidden(x, W0)
    return unit(o0, W1[0], b)


def polygon(n: int, missed: int = 0) -> TwoLayers:
    """A regular polygon with corners on the unit circle, cut out by n lines.

    Hidden unit j is 1 on the inner side of side j, and the output is 1 where at most
    `missed` of them are 0.

    Raises
    ------
    ValueError
        If n is less than 3.

    Examples
    --------
    >>> square = polygon(4)
    >>> two_layers([[1, 0, 0], [1, 0.9, 0], [1, 0.9, 0.9]], *square)
    array([1., 1., 0.])
    """
    if n < 3:
        raise ValueError(
            f"polygon: {n} lines enclose nothing; give 3 or more"
        )
    angle = 2 * pi * (np.arange(n) + 0.5) / n  # of the middles of the sides
    distance = np.full(n, cos(pi / n))  # of the sides from the centre
    W0 = np.stack([distance, -np.cos(angle), -np.sin(angle)], axis=1)
    return TwoLayers(W0, np.ones((1, n)), 0.5 - (n - missed))


def regions(W0: np.ndarray, half: float) -> list[np.ndarray]:
    """The pieces into which the lines of hidden units cut a square.

    Parameters
    ----------
    W0 : ndarray, shape (n, 3)
    half : float
        The square reaches from −half to half.

    Returns
    -------
    list of ndarray, shape (corners, 2)
        Convex polygons. In each, every hidden unit has the same output throughout.

    Examples
    --------
    >>> len(regions(polygon(3).W0, half=3))
    7
    """
    s = half
    pieces = [np.array([(-s, -s), (s, -s), (s, s), (-s, s)], dtype=float)]
    for w in W0:
        pieces = [
            part
            for piece in pieces
            for part in (_side(piece, w), _side(piece, -np.asarray(w)))
            if len(part) > 2
        ]
    return pieces


def _side(piece: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The part of a convex polygon where w₀ + w₁x₁ + w₂x₂ ≥ 0."""
    u = w[0] + piece @ w[1:]
    kept = []
    for k in range(len(piece)):
        p, q = piece[k - 1], piece[k]
        if u[k - 1] * u[k] < 0:  # the line crosses this side
            kept.append(p + (q - p) * u[k - 1] / (u[k - 1] - u[k]))
        if u[k] >= 0:
            kept.append(q)
    return np.reshape(kept, (-1, 2))
