"""Functions of two numbers to try optimizers on, and the six optimizers (slide 33).

A point is an array whose last axis holds x₁ and x₂.
"""

import numpy as np

from course_lib.optim.adaptive import Adagrad, Adam, RMSprop
from course_lib.optim.sgd import SGD
from course_lib.optim.trajectory import steps_until
from course_lib.pathologies.local_optima import Surface

# From a name to a function of the parameters and the learning rate.
OPTIMIZERS = {
    "SGD": SGD,
    "Momentum": lambda p, lr: SGD(p, lr, momentum=0.9),
    "Nesterov": lambda p, lr: SGD(p, lr, momentum=0.9, nesterov=True),
    "AdaGrad": Adagrad,
    "RMSProp": lambda p, lr: RMSprop(p, lr, alpha=0.9),
    "Adam": Adam,
}


def long_valley(x):
    """0.1 x₁² + 2 x₂²: 20 times steeper across than along.

    The example of *Dive into Deep Learning* (Zhang et al., chapter 12).
    """
    x1, x2 = x[..., 0], x[..., 1]
    return 0.1 * x1 * x1 + 2 * x2 * x2


def long_valley_gradient(x):
    """(0.2 x₁, 4 x₂)."""
    return x * [0.2, 4.0]


def saddle(x):
    """2 x₁² − ½ x₂² + ¼ x₂⁴: level at (0, 0), lowest on both sides of it."""
    a, b = x[..., 0] * x[..., 0], x[..., 1] * x[..., 1]
    return 2 * a - 0.5 * b + 0.25 * b * b


def saddle_gradient(x):
    """(4 x₁, x₂³ − x₂)."""
    x1, x2 = x[..., 0], x[..., 1]
    return np.stack([4 * x1, x2 * x2 * x2 - x2], axis=-1)


def _beale_errors(x1, x2):
    square = x2 * x2
    return (
        1.5 - x1 + x1 * x2,
        2.25 - x1 + x1 * square,
        2.625 - x1 + x1 * square * x2,
    )


def beale(x):
    """Beale's function: Σₖ (cₖ − x₁ + x₁ x₂ᵏ)² with c = 1.5, 2.25, 2.625.

    Cliffs around a bent, nearly level valley (Beale 1958; Moré, Garbow & Hillstrom
    1981, doi:10.1145/355934.355936, number 5).
    """
    p, q, r = _beale_errors(x[..., 0], x[..., 1])
    return p * p + q * q + r * r


def beale_gradient(x):
    """2 Σₖ eₖ (x₂ᵏ − 1, k x₁ x₂ᵏ⁻¹), with eₖ what is squared above."""
    x1, x2 = x[..., 0], x[..., 1]
    p, q, r = _beale_errors(x1, x2)
    square = x2 * x2
    g1 = p * (x2 - 1) + q * (square - 1) + r * (square * x2 - 1)
    g2 = x1 * (p + 2 * q * x2 + 3 * r * square)
    return np.stack([2 * g1, 2 * g2], axis=-1)


VALLEY = Surface(
    long_valley,
    long_valley_gradient,
    limits=[(-6, 2), (-3, 3)],
    start=(-5, -2),
    minima=[(0, 0)],
)
SADDLE = Surface(
    saddle,
    saddle_gradient,
    limits=[(-2, 2), (-1.5, 1.5)],
    start=(-1.5, 0.001),
    minima=[(0, 1), (0, -1)],
)
BEALE = Surface(
    beale,
    beale_gradient,
    limits=[(-1, 5), (-2, 2.5)],
    start=(1, 1.5),
    minima=[(3, 0.5)],
)
SURFACES = {
    "long valley": VALLEY,
    "saddle": SADDLE,
    "Beale’s function": BEALE,
}


def turned(surface, degrees):
    """The same surface, turned around (0, 0) with its start and its minima.

    >>> turned(VALLEY, 90).start.round(9)
    array([ 2., -5.])
    """
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))

    def turn(x, sin=sin):
        # No matrix product: its last bit depends on the machine.
        x1, x2 = np.moveaxis(np.asarray(x, dtype=float), -1, 0)
        return np.stack([cos * x1 - sin * x2, sin * x1 + cos * x2], axis=-1)

    def back(x):
        return turn(x, -sin)

    return surface._replace(
        value=lambda x: surface.value(back(x)),
        gradient=lambda x: turn(surface.gradient(back(x))),
        start=turn(surface.start),
        minima=[turn(minimum) for minimum in surface.minima],
    )


def shaken(surface, seed):
    """The same surface, its start moved by up to 20 % of each coordinate.

    >>> shaken(VALLEY, 0).start.round(2)
    array([-5.27, -1.82])
    """
    u = np.random.default_rng(seed).uniform(-0.2, 0.2, size=2)
    return surface._replace(start=surface.start * (1 + u))


def steps_down(make, surface, lrs):
    """For each learning rate, the step from which on an optimizer stays down.

    "Down" is less than 0.01 above the lowest point, within 300 steps; else infinite.

    >>> steps_down(SGD, VALLEY, [0.4, 0.6])
    array([34., inf])
    """

    def side_by_side(params):  # every row has its learning rate
        optimizer = make(params, lr=0.0)
        optimizer.param_groups[0]["lr"] = np.reshape(lrs, (-1, 1))
        return optimizer

    return steps_until(
        side_by_side,
        surface.gradient,
        np.tile(surface.start, (len(lrs), 1)),
        lambda x: surface.gap(x) < 0.01,
        most=300,
        stay=True,
    )
