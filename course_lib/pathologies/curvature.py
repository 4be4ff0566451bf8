"""Ravines: how fast descent gets down, told by the curvatures (slide 32).

The curvatures of ½ xᵀ A x are the eigenvalues of A; κ is the largest over the least.
"""

import numpy as np


def valley(κ, degrees=0):
    """The matrix A of the bowl ½ xᵀ A x with curvature 1 along a valley, κ across.

    The valley lies at an angle to the x₀ axis; the gradient at x is A x.

    >>> valley(9)
    array([[1., 0.],
           [0., 9.]])
    """
    a = np.radians(degrees)
    along = np.array([np.cos(a), np.sin(a)])
    across = np.array([-np.sin(a), np.cos(a)])
    return np.outer(along, along) + κ * np.outer(across, across)


def best_lr(least, most):
    """The η whose slowest direction is fastest: 2 / (λmin + λmax).

    >>> best_lr(1, 9)
    0.2
    """
    assert 0 < least <= most, f"curvatures from {least} to {most}"
    return 2 / (least + most)


def best_momentum(least, most):
    """The η and the β that are fastest in the worst direction (Polyak 1964).

    With a = √λmin and b = √λmax: η = (2 / (a + b))², β = ((b − a) / (b + a))².

    >>> best_momentum(1, 9)
    (0.25, 0.25)
    """
    assert 0 < least <= most, f"curvatures from {least} to {most}"
    a, b = least**0.5, most**0.5
    return (2 / (a + b)) ** 2, ((b - a) / (b + a)) ** 2
