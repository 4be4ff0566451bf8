"""Minima, saddle points, and what a walk downhill finds (slide 31).

Curves with several valleys and noise on their slopes; random matrices of curvatures;
a search for the places where a gradient is 0. No tape is needed: a gradient is any
function of an array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from course_lib.core.tensor import Tensor
from course_lib.nn.dense import tanh
from course_lib.optim.sgd import SGD
from course_lib.optim.trajectory import trajectory


class Landscape(NamedTuple):
    """A function of one number with several valleys."""

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    # Where its global minimum lies, to four decimals.
    lowest: float


def _hole(x: np.ndarray) -> np.ndarray:
    return 0.7 * np.exp(-50 * (x - 1) ** 2)


LANDSCAPES = {
    # As on slide 31: a local and a global minimum, with a hill between them.
    "two valleys": Landscape(
        lambda x: x**4 - 2 * x**2 + 0.5 * x,
        lambda x: 4 * x**3 - 4 * x + 0.5,
        lowest=-1.0575,
    ),
    # A bowl with many small dents.
    "gravel": Landscape(
        lambda x: x**2 / 2 - 0.3 * np.cos(6 * x),
        lambda x: x + 1.8 * np.sin(6 * x),
        lowest=0.0,
    ),
    # A bowl whose lowest point is in a narrow hole on its side.
    "a hole": Landscape(
        lambda x: x**2 / 2 - _hole(x),
        lambda x: x + 100 * (x - 1) * _hole(x),
        lowest=0.9858,
    ),
}


def noisy(
    slope: Callable, sizes: Iterable[float], rng: np.random.Generator
) -> Callable:
    """A slope with normal noise on it, of another size at each call.

    Parameters
    ----------
    slope : callable
        Takes a point, returns an array of its shape.
    sizes : iterable of float
        Standard deviation of the noise at the first call, the second …

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> slope = noisy(lambda x: 2 * x, [0.0, 1.0], rng)
    >>> slope(np.ones(2)), slope(np.ones(2)).round(1)
    (array([2., 2.]), array([2.6, 2.1]))
    """
    sizes = iter(sizes)

    def with_noise(x: np.ndarray) -> np.ndarray:
        noise = rng.normal(size=np.shape(x))
        return slope(x) + next(sizes) * noise

    return with_noise


def share_at_lowest(
    landscape: Landscape, points: np.ndarray, lr: float = 0.02
) -> float:
    """The share of points from where plain descent ends in the global minimum.

    Examples
    --------
    >>> share_at_lowest(LANDSCAPES["two valleys"], np.array([-2.0, 0.0, 1.0, 2.0]))
    0.5
    """
    path = trajectory(lambda p: SGD(p, lr=lr), landscape.slope, points, 400)
    return float((np.abs(path[-1] - landscape.lowest) < 0.05).mean())


def random_curvatures(
    n: int, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Random symmetric matrices, shape (count, n, n), that prefer no direction.

    Off the diagonal the numbers are standard normal, on it they are √2 times as
    large: the Gaussian orthogonal ensemble. Turning the axes does not change how
    likely a matrix is.

    Examples
    --------
    >>> H = random_curvatures(3, count=2, rng=np.random.default_rng(0))
    >>> H.shape, bool((H == H.transpose(0, 2, 1)).all())
    ((2, 3, 3), True)
    """
    A = rng.normal(size=(count, n, n))
    return (A + A.transpose(0, 2, 1)) / np.sqrt(2)


def count_minima(H: np.ndarray) -> int:
    """How many of the matrices have positive eigenvalues alone.

    Only those with a positive diagonal are asked for their eigenvalues: the
    diagonal holds the curvatures along the axes, and already these must be positive.

    Parameters
    ----------
    H : ndarray, shape (count, n, n)
        Symmetric matrices of curvatures.

    Examples
    --------
    >>> valley, saddle = [[2.0, 1.0], [1.0, 2.0]], [[1.0, 2.0], [2.0, 1.0]]
    >>> count_minima(np.array([valley, saddle]))
    1
    """
    diagonals = np.diagonal(H, axis1=1, axis2=2)
    candidates = H[(diagonals > 0).all(axis=1)]
    return int((np.linalg.eigvalsh(candidates) > 0).all(axis=1).sum())


def hessians(
    gradient: Callable, w: np.ndarray, h: float = 1e-5
) -> np.ndarray:
    """All second derivatives, as central differences of the gradient.

    The same as `hessian` of the page on curvature, for many points side by side.

    Parameters
    ----------
    gradient : callable
        From points (R, P), one a row, to their gradients (R, P).
    w : ndarray, shape (R, P)
    h : float
        Step of the differences.

    Returns
    -------
    ndarray, shape (R, P, P)
        Symmetric: what differences leave of a lack of symmetry is averaged out.

    Examples
    --------
    >>> hessians(lambda x: x * [2.0, -2.0], np.zeros((1, 2))).round(6) + 0  # x² − y²
    array([[[ 2.,  0.],
            [ 0., -2.]]])
    """
    H = np.empty((*w.shape, w.shape[1]))
    for i, step in enumerate(h * np.eye(w.shape[1])):
        H[:, :, i] = (gradient(w + step) - gradient(w - step)) / (2 * h)
    return (H + H.transpose(0, 2, 1)) / 2


def critical_points(
    gradient: Callable, starts: np.ndarray, steps: int = 80
) -> np.ndarray:
    """Walk down on |∇L|², whose lowest value 0 is at minima and saddles alike.

    Along each eigenvector of the Hessian, with eigenvalue λ and slope p, the step is
    λ p / (λ² + μ) (Levenberg & Marquardt). A step that makes the gradient no shorter is
    not taken; μ is multiplied by 4 then, and divided by 4 otherwise.

    Parameters
    ----------
    gradient : callable
        From points (R, P), one a row, to their gradients (R, P).
    starts : ndarray, shape (R, P)
    steps : int

    Returns
    -------
    ndarray, shape (found, P)
        Where the walk has come to a gradient shorter than 10⁻⁷; other walks are
        left out.

    Examples
    --------
    >>> slope = lambda x: x**3 - x  # two minima at ±1, a maximum at 0
    >>> critical_points(slope, np.array([[-2.0], [0.2], [0.9]])).round(6) + 0
    array([[-1.],
           [ 0.],
           [ 1.]])
    """
    w, g, mu = starts, gradient(starts), np.ones((len(starts), 1))
    for _ in range(steps):
        eigenvalues, Q = np.linalg.eigh(hessians(gradient, w))
        p = np.einsum("rij,ri->rj", Q, g)
        step = p * eigenvalues / (eigenvalues**2 + mu)
        new = w - np.einsum("rij,rj->ri", Q, step)
        new_g = gradient(new)
        better = _squares(new_g) < _squares(g)
        w, g = np.where(better, new, w), np.where(better, new_g, g)
        mu = np.where(better, mu / 4, mu * 4)
    return w[_squares(g)[:, 0] < 1e-14]


def _squares(g: np.ndarray) -> np.ndarray:
    return (g**2).sum(axis=1, keepdims=True)


def directions_down(gradient: Callable, w: np.ndarray) -> np.ndarray:
    """The number of negative curvatures at each point, shape (R,): the index.

    Examples
    --------
    >>> directions_down(lambda x: x * [2.0, -2.0], np.zeros((1, 2)))  # x² − y²
    array([1])
    """
    return (np.linalg.eigvalsh(hessians(gradient, w)) < 0).sum(axis=1)


class SmallNetworks:
    """Networks D–units–1 on the same few examples, with the loss of each.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    y : ndarray, shape (N, 1)
    units : int
        Number of hidden units.
    f : callable, default tanh
        Their activation, a function on tensors.
    penalty : float, default 0
        λ of (λ/2) Σ w², which is added to the mean squared error.

    Attributes
    ----------
    size : int
        How many weights and biases one network has.

    Examples
    --------
    >>> nets = SmallNetworks(np.zeros((4, 2)), np.zeros((4, 1)), units=3)
    >>> nets.losses(np.zeros((5, nets.size))).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """

    def __init__(
        self,
        x: np.ndarray,
        y: np.ndarray,
        units: int,
        f: Callable = tanh,
        penalty: float = 0.0,
    ):
        if np.ndim(x) != 2 or np.shape(y) != (len(x), 1):
            raise ValueError(
                f"SmallNetworks: x has shape {np.shape(x)} and y {np.shape(y)}; "
                "give (N, D) and (N, 1)"
            )
        self.x, self.y, self.f, self.penalty = Tensor(x), y, f, penalty
        self.units, self.inputs = units, np.shape(x)[1]
        self.size = (self.inputs + 2) * units + 1

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Weights of new networks, shape (count, size), even in ±1/√(inputs)."""
        first = (self.inputs + 1) * self.units
        bounds = np.full(self.size, self.units**-0.5)
        bounds[:first] = self.inputs**-0.5
        return bounds * rng.uniform(-1, 1, (count, self.size))

    def outputs(self, w: Tensor) -> Tensor:
        """What each network answers to each example, shape (R, N, 1)."""
        D, K = self.inputs, self.units
        W0 = w[:, : D * K].reshape(-1, D, K)
        b0 = w[:, D * K : D * K + K].reshape(-1, 1, K)
        W1 = w[:, D * K + K : -1].reshape(-1, K, 1)
        b1 = w[:, -1:].reshape(-1, 1, 1)
        return self.f(self.x @ W0 + b0) @ W1 + b1

    def _losses(self, w: Tensor) -> Tensor:
        d = self.outputs(w) - self.y
        L = (d * d).mean(dim=(1, 2))
        if self.penalty:
            L = L + self.penalty / 2 * (w * w).sum(dim=1)
        return L

    def losses(self, w: np.ndarray) -> np.ndarray:
        """The loss of each network, shape (R,)."""
        return self._losses(Tensor(w)).data

    def gradients(self, w: np.ndarray) -> np.ndarray:
        """∂L/∂w of each network by its own weights, shape (R, size), by the tape.

        The sum of all losses is walked back once; no network's loss depends on
        another's weights.
        """
        w = Tensor(w, requires_grad=True)
        self._losses(w).sum().backward()
        return w.grad

    def descended(self, w: np.ndarray, lr: float, steps: int) -> np.ndarray:
        """The weights after so many steps of gradient descent with all examples."""
        for _ in range(steps):
            w = w - lr * self.gradients(w)
        return w
