"""Random tables of curvatures, places without a slope, and a network's Hessian."""

from __future__ import annotations

import math

import numpy as np
import pytest

from course_lib import manual_seed, nn
from course_lib.core.numerical import hessian, partial_derivatives
from course_lib.pathologies.many_directions import (
    count_minima,
    critical_points,
    flat_gradient,
    random_curvatures,
)

seeds = pytest.mark.parametrize("seed", range(5))


def test_random_curvatures_have_the_widths_of_the_ensemble():
    H = random_curvatures(3, 100_000, np.random.default_rng(0))
    assert (H == H.transpose(0, 2, 1)).all()
    np.testing.assert_allclose(H.mean(axis=0), 0, atol=0.02)
    widths = np.where(np.eye(3) == 1, np.sqrt(2), 1)
    np.testing.assert_allclose(H.std(axis=0), widths, rtol=0.02)


def test_random_curvatures_prefer_no_direction():
    """Turned by any rotation, the diagonal has the same width."""
    H = random_curvatures(3, 100_000, np.random.default_rng(0))
    Q, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    turned = Q @ H @ Q.T
    np.testing.assert_allclose(turned[:, 0, 0].std(), np.sqrt(2), rtol=0.02)
    np.testing.assert_allclose(turned[:, 0, 1].std(), 1, rtol=0.02)


def exact_share(n: int) -> float:
    """P(all eigenvalues > 0), as a ratio of two Pfaffians (de Bruijn 1955).

    The density of the eigenvalues is ∏ |λᵢ − λⱼ| exp(−Σ λ²/4), up to a constant.
    """
    size = n + n % 2

    def pfaffian(low: float) -> float:
        x = np.linspace(low, 16, 40_001)
        weights = np.exp(-(x**2) / 4) * (x[1] - x[0])
        weights[[0, -1]] /= 2  # the trapezoidal rule
        A = np.zeros((size, size))
        moments = [x**j * weights for j in range(n)]
        below = [np.cumsum(m) - m / 2 for m in moments]
        for j in range(n):
            for k in range(n):
                A[j, k] = below[j] @ moments[k] - below[k] @ moments[j]
        if n % 2:
            A[:n, n] = [m.sum() for m in moments]
            A[n] = -A[:, n]
        return math.sqrt(abs(np.linalg.det(A)))

    return pfaffian(0.0) / pfaffian(-16.0)


def test_the_closed_forms_are_those_of_the_theory():
    closed = [1 / 2, (2 - 2**0.5) / 4, (np.pi - 8**0.5) / (4 * np.pi)]
    found = [exact_share(n) for n in (1, 2, 3)]
    np.testing.assert_allclose(found, closed, rtol=1e-4)
    assert f"{exact_share(6):.7f}" == "0.0000046"


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_minima_among_random_matrices_are_as_rare_as_theory_says(n):
    rng, tosses = np.random.default_rng(n), 100_000
    rounds = 1 if n < 4 else 4
    count = sum(count_minima(random_curvatures(n, tosses, rng)) for _ in range(rounds))
    expected = exact_share(n) * tosses * rounds
    assert abs(count - expected) < 4 * math.sqrt(expected)


def test_count_minima_is_not_misled_by_a_positive_diagonal():
    saddle, peak, valley = [[1.0, 2], [2, 1]], [[-1.0, 0], [0, -1]], [[2.0, 1], [1, 2]]
    assert count_minima(np.array([saddle, peak, valley, valley])) == 2
    assert count_minima(np.array([peak])) == 0


def test_critical_points_of_a_known_surface():
    """(x³ − 3x) + (y³ − 3y): a minimum, a maximum and two saddles at (±1, ±1)."""

    def gradient(w):
        return 3 * w**2 - 3

    starts = np.random.default_rng(0).uniform(-2, 2, size=(200, 2))
    w = critical_points(gradient, starts)
    assert len(w) > 150
    np.testing.assert_allclose(np.abs(w), 1, atol=1e-6)
    index = (np.linalg.eigvalsh(hessian(gradient, w)) < 0).sum(axis=1)
    np.testing.assert_array_equal(index, (w < 0).sum(axis=1))
    assert set(index) == {0, 1, 2}


def test_where_there_is_none_no_critical_point_is_found():
    assert len(critical_points(lambda x: 1 + x**2, np.zeros((3, 1)))) == 0


def test_a_search_that_was_stopped_early_is_left_out():
    starts = np.linspace(-3, 3, 50)[:, None]
    for steps in range(12):
        w = critical_points(lambda x: x**3 - x, starts, steps)
        assert (np.abs(w**3 - w) < 1e-7).all()


def small_net(seed):
    manual_seed(seed)
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
    rng = np.random.default_rng(seed)
    return net, nn.MSELoss(), rng.normal(size=(8, 3)), rng.normal(size=(8, 1))


@seeds
def test_the_flat_gradient_is_that_of_all_weights(seed):
    net, loss, x, y = small_net(seed)
    w, gradient = flat_gradient(net, loss, x, y)
    assert w.shape == (11,)
    kept = w.copy()
    found = gradient(w)

    def at(w):
        gradient(w)
        return loss(net(x), y).item()

    np.testing.assert_allclose(found, partial_derivatives(at, w), atol=1e-8)
    np.testing.assert_array_equal(w, kept)
    gradient(w + 1)
    np.testing.assert_array_equal(flat_gradient(net, loss, x, y)[0], w + 1)


@seeds
def test_the_hessian_of_a_network_is_the_second_derivative_of_its_loss(seed):
    net, loss, x, y = small_net(seed)
    w, gradient = flat_gradient(net, loss, x, y)
    H = hessian(gradient, w)
    rng, h = np.random.default_rng(seed), 1e-3
    for v in rng.normal(size=(4, 11)):

        def at(t, v=v):
            gradient(w + t * v)
            return loss(net(x), y).item()

        bend = (at(h) - 2 * at(0) + at(-h)) / h**2
        assert v @ H @ v == pytest.approx(bend, rel=1e-3, abs=1e-3)


def test_for_a_linear_model_the_hessian_needs_no_network():
    _, _, x, y = small_net(0)
    net = nn.Sequential(nn.Linear(3, 1, bias=False))
    H = hessian(flat_gradient(net, nn.MSELoss(), x, y)[1], np.zeros(3))
    np.testing.assert_allclose(H, 2 / 8 * x.T @ x, atol=1e-8)
