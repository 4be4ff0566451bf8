"""Two layers of perceptrons, without a tape (slides 7 to 10).

``W0[j, i]`` is the slide's w⁰ⱼᵢ, to hidden unit j from input i, ``W1[0, j]`` its w¹₀ⱼ.
The slide's output unit has no bias: b = 0.
"""

from collections import namedtuple

import numpy as np

from course_lib.perceptron.neuron import GATES, unit, with_one

TwoLayers = namedtuple("TwoLayers", "W0 W1 b")  # (n, 3), (1, n), a number

XOR = TwoLayers(  # the AND of OR and NAND
    W0=np.array([GATES["OR"], GATES["NAND"]]),
    W1=np.array([[1.0, 1.0]]),
    b=-1.5,
)


def hidden(x, W0):
    """o⁰ⱼ = f⁰(Σᵢ w⁰ⱼᵢ xᵢ) of all hidden units (slide 7).

    >>> hidden([1, 0, 0], XOR.W0)
    array([0., 1.])
    """
    return np.stack([unit(x, w) for w in W0], axis=-1)


def two_layers(x, W0, W1, b=0.0):
    """o = f¹(Σⱼ w¹₀ⱼ o⁰ⱼ + b), step units fed by step units (slides 7 to 9).

    >>> two_layers([[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]], *XOR)
    array([0., 1., 1., 0.])
    """
    assert len(W1) == 1, f"one output, W1 of shape (1, n), not {np.shape(W1)}"
    o0 = hidden(x, W0)
    return unit(o0, W1[0], b)


def polygon(n, missed=0):
    """A regular polygon with corners on the unit circle, cut out by n lines.

    Hidden unit j is 1 on the inner side of line j, and the output is 1 where at most
    `missed` of them are 0.

    >>> square = polygon(4)
    >>> two_layers([[1, 0, 0], [1, 0.9, 0], [1, 0.9, 0.9]], *square)
    array([1., 1., 0.])
    """
    assert n >= 3, f"at least three corners, not {n}"
    # The middle of each side, as seen from the centre:
    angle = 2 * np.pi * (np.arange(n) + 0.5) / n
    distance = np.full(n, np.cos(np.pi / n))
    W0 = np.stack([distance, -np.cos(angle), -np.sin(angle)], axis=1)
    return TwoLayers(W0, np.ones((1, n)), 0.5 - (n - missed))


def regions(W0, half):
    """The pieces into which n lines cut the square from −half to half.

    Each piece is a convex polygon, an array of its corners; within a piece no hidden
    unit changes its output.

    >>> len(regions(polygon(3).W0, half=3))
    7
    """
    square = [(-half, -half), (half, -half), (half, half), (-half, half)]
    pieces = [np.array(square, dtype=float)]
    for w in W0:
        parts = [cut(piece, side) for piece in pieces for side in (w, -w)]
        pieces = [np.array(corners) for corners in parts if len(corners) > 2]
    return pieces


def cut(piece, w):
    """The corners of that part of a convex polygon where w₀ + w₁x₁ + w₂x₂ ≥ 0.

    >>> triangle = np.array([(0.0, 0.0), (2.0, 0.0), (0.0, 2.0)])
    >>> cut(triangle, [-1, 1, 0])  # x₁ ≥ 1
    [array([1., 0.]), array([2., 0.]), array([1., 1.])]
    """
    u = with_one(piece) @ w
    corners = []
    for k in range(len(piece)):
        p, q = piece[k - 1], piece[k]  # the ends of a side
        if u[k - 1] * u[k] < 0:  # the line crosses it
            corners.append(p + (q - p) * u[k - 1] / (u[k - 1] - u[k]))
        if u[k] >= 0:
            corners.append(q)
    return corners
