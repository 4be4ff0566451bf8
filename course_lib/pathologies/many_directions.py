"""Curvature in every direction: what the eigenvalues of a Hessian tell (slide 31)."""

import numpy as np

from course_lib.core.numerical import hessian
from course_lib.sgd.mini_batches import gradient


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


def flat_gradient(model, loss, x, y):
    """All of a model's weights in one row, and the gradient as a function of it.

    The function puts a row of weights into the model and returns ∂L/∂w, a row too.
    """
    parameters = list(model.parameters())
    ends = np.cumsum([p.data.size for p in parameters])

    def gradient_at(w):
        for p, part in zip(parameters, np.split(w, ends[:-1])):
            p.data = part.reshape(p.shape)
        return gradient(model, loss, x, y)

    return np.concatenate([p.data.ravel() for p in parameters]), gradient_at
