"""Ravines: how fast descent gets down, told by the curvatures (slide 32).

The curvatures of ½ w·Hw are the eigenvalues of H; κ is the largest over the smallest.
"""

import numpy as np


def valley(κ, degrees=0):
    """The table H of the bowl ½ w·Hw with curvature 1 along a valley, κ across.

    The valley lies at an angle to the first axis; the gradient at w is H w.

    >>> valley(9)
    array([[1., 0.],
           [0., 9.]])
    """
    a = np.radians(degrees)
    along = np.array([np.cos(a), np.sin(a)])
    across = np.array([-np.sin(a), np.cos(a)])
    return np.outer(along, along) + κ * np.outer(across, across)


def factor(η, β, λ):
    """By what the distance shrinks per step, in the long run, along curvature λ.

    The size of the larger solution of r² − (1 + β − ηλ) r + β = 0, which is √β where
    the equation has no solution and the ball swings.

    >>> factor(0.25, 0, 1), factor(0.25, 0.25, 5)
    (0.75, 0.5)
    """
    c = 1 + β - η * λ
    if c**2 <= 4 * β:
        return β**0.5
    return (abs(c) + (c**2 - 4 * β) ** 0.5) / 2


def best_lr(least, most):
    """The η whose slowest direction is fastest: 2 / (λmin + λmax).

    >>> best_lr(1, 9)
    0.2
    """
    assert 0 < least <= most, f"curvatures from {least} to {most}"
    return 2 / (least + most)


def best_momentum(least, most):
    """The η and the β that are fastest in the worst direction of a bowl (Polyak 1964).

    With a = √λmin and b = √λmax: η = (2 / (a + b))², β = ((b − a) / (b + a))².

    >>> best_momentum(1, 9)
    (0.25, 0.25)
    """
    assert 0 < least <= most, f"curvatures from {least} to {most}"
    a, b = least**0.5, most**0.5
    return (2 / (a + b)) ** 2, ((b - a) / (b + a)) ** 2
