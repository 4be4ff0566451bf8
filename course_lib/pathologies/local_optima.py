"""Minima, saddle points, and what descent finds (slide 31).

Curves with several valleys and noise on their slopes; random matrices of curvatures;
a search for the places where a gradient is 0.
"""

from collections import namedtuple

import numpy as np

from course_lib.core.numerical import hessian
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


def random_curvatures(n, count, rng):
    """Random symmetric matrices, shape (count, n, n), that prefer no direction.

    Off the diagonal the numbers are standard normal, on it they are √2 times as
    large: the Gaussian orthogonal ensemble. Turning the axes does not change how
    likely a matrix is.

    >>> H = random_curvatures(3, count=2, rng=np.random.default_rng(0))
    >>> H.shape, bool((H == H.transpose(0, 2, 1)).all())
    ((2, 3, 3), True)
    """
    A = rng.normal(size=(count, n, n))
    return (A + A.transpose(0, 2, 1)) / np.sqrt(2)


def count_minima(H):
    """How many of the symmetric matrices have only positive eigenvalues.

    The diagonal holds the curvatures along the axes. Where one of them is not
    positive, there is no need to compute eigenvalues.

    >>> valley, saddle = [[2.0, 1.0], [1.0, 2.0]], [[1.0, 2.0], [2.0, 1.0]]
    >>> print(count_minima(np.array([valley, saddle])))
    1
    """
    assert np.allclose(H, H.transpose(0, 2, 1)), "symmetric matrices"
    diagonals = np.diagonal(H, axis1=1, axis2=2)
    candidates = H[(diagonals > 0).all(axis=1)]
    return (np.linalg.eigvalsh(candidates) > 0).all(axis=1).sum()


def critical_points(gradient, starts, steps=80):
    """Descend on |∇L|², whose lowest value 0 is at minima and saddles alike.

    Along each eigenvector of the Hessian, with eigenvalue λ and slope p, the step is
    λ p / (λ² + μ) (Levenberg & Marquardt). A step that makes the gradient no shorter is
    not taken; μ is multiplied by 4 then, and divided by 4 otherwise. Returned are the
    points, one a row, where the gradient has become shorter than 10⁻⁷.

    >>> gradient = lambda x: x**3 - x  # two minima at ±1, a maximum at 0
    >>> critical_points(gradient, np.array([[-2.0], [0.2], [0.9]])).round(6) + 0
    array([[-1.],
           [ 0.],
           [ 1.]])
    """
    w, g, μ = starts, gradient(starts), np.ones((len(starts), 1))
    for _ in range(steps):
        λ, Q = np.linalg.eigh(hessian(gradient, w, h=1e-5))
        p = np.einsum("rij,ri->rj", Q, g)
        new = w - np.einsum("rij,rj->ri", Q, p * λ / (λ**2 + μ))
        new_g = gradient(new)
        better = _squares(new_g) < _squares(g)
        w, g = np.where(better, new, w), np.where(better, new_g, g)
        μ = np.where(better, μ / 4, μ * 4)
    return w[_squares(g)[:, 0] < 1e-14]


def _squares(g):
    return (g**2).sum(axis=1, keepdims=True)


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
