"""Minima, saddle points, and what descent finds (slide 31).

Curves with several valleys and noise on their slopes; small networks side by side.
"""

from collections import namedtuple

import numpy as np

from course_lib.core.tensor import Tensor
from course_lib.nn.dense import tanh


class Surface(namedtuple("Surface", "value gradient limits start minima")):
    """A function to descend on: its value and its gradient at any number of points.

    ``limits`` are the least and the greatest coordinate to look at, a pair for each
    axis; ``start`` is where to begin, and ``minima`` are all lowest points.

    >>> bowl = Surface(lambda x: x**2 + 3, lambda x: 2 * x, [(-2, 2)], 1.5, [0.0])
    >>> print(bowl.value(2.0), bowl.gap(2.0))
    7.0 4.0
    """

    @np.errstate(over="ignore", invalid="ignore")
    def gap(self, x):
        """The height above the lowest points, f(x) − min f."""
        return self.value(x) - self.value(np.array(self.minima[0]))


def _hole(x):
    return 0.7 * np.exp(-50 * (x - 1) ** 2)


WIDTH = [(-2.2, 2.2)]
LANDSCAPES = {
    # As on slide 31: a local and a global minimum, with a hill between them.
    "two valleys": Surface(
        lambda x: x**4 - 2 * x**2 + 0.5 * x,
        lambda x: 4 * x**3 - 4 * x + 0.5,
        WIDTH,
        start=1.7,
        minima=[-1.0575],
    ),
    # A bowl with many small dents.
    "gravel": Surface(
        lambda x: x**2 / 2 - 0.3 * np.cos(6 * x),
        lambda x: x + 1.8 * np.sin(6 * x),
        WIDTH,
        start=1.7,
        minima=[0.0],
    ),
    # A bowl whose lowest point is in a narrow hole on its side.
    "a hole": Surface(
        lambda x: x**2 / 2 - _hole(x),
        lambda x: x + 100 * (x - 1) * _hole(x),
        WIDTH,
        start=1.7,
        minima=[0.9858],
    ),
}


def noisy(gradient, sizes, rng):
    """A gradient with normal noise on it, of another standard deviation at each call.

    >>> rng = np.random.default_rng(0)
    >>> gradient = noisy(lambda x: 2 * x, [0.0, 1.0], rng)
    >>> gradient(np.ones(2)), gradient(np.ones(2)).round(1)
    (array([2., 2.]), array([2.6, 2.1]))
    """
    sizes = iter(sizes)

    def with_noise(x):
        noise = rng.normal(size=np.shape(x))
        return gradient(x) + next(sizes) * noise

    return with_noise


class SmallNetworks:
    """Networks D–units–1 side by side on the same few examples, one a row of weights.

    The loss of each is the mean squared error plus (λ/2) Σ w², with the penalty λ;
    ``size`` is how many weights and biases it has.

    >>> nets = SmallNetworks(np.zeros((4, 2)), np.zeros((4, 1)), units=3)
    >>> nets.losses(np.zeros((5, nets.size))).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """

    def __init__(self, x, y, units, f=tanh, penalty=0.0):
        assert np.shape(y) == (len(x), 1), f"x {np.shape(x)}, y {np.shape(y)}"
        self.x, self.y, self.f, self.penalty = Tensor(x), y, f, penalty
        self.units, self.inputs = units, np.shape(x)[1]
        self.size = (self.inputs + 2) * units + 1

    def draw(self, count, rng):
        """Weights of new networks, shape (count, size), even in ±1/√(inputs)."""
        first = (self.inputs + 1) * self.units
        bounds = np.full(self.size, self.units**-0.5)
        bounds[:first] = self.inputs**-0.5
        return bounds * rng.uniform(-1, 1, (count, self.size))

    def outputs(self, w):
        """What each network answers to each example, shape (R, N, 1)."""
        D, K = self.inputs, self.units
        W0 = w[:, : D * K].reshape(-1, D, K)
        b0 = w[:, D * K : D * K + K].reshape(-1, 1, K)
        W1 = w[:, D * K + K : -1].reshape(-1, K, 1)
        b1 = w[:, -1:].reshape(-1, 1, 1)
        return self.f(self.x @ W0 + b0) @ W1 + b1

    def _losses(self, w):
        d = self.outputs(w) - self.y
        return (d * d).mean(dim=(1, 2)) + self.penalty / 2 * (w * w).sum(
            dim=1
        )

    def losses(self, w):
        """The loss of each network, shape (R,)."""
        return self._losses(Tensor(w)).data

    def gradients(self, w):
        """∂L/∂w of each network with respect to its own weights, shape (R, size).

        One backward pass from the sum of all losses gives them all, as no network's
        loss depends on another's weights.
        """
        w = Tensor(w, requires_grad=True)
        self._losses(w).sum().backward()
        return w.grad
