"""Valleys, best learning rates and the heavy ball."""

import numpy as np
import pytest

from course_lib import optim
from course_lib.optim.trajectory import trajectory
from course_lib.pathologies.curvature import (
    best_lr,
    best_momentum,
    factor,
    valley,
)

seeds = pytest.mark.parametrize("seed", range(5))


@pytest.mark.parametrize("κ", [1, 2.5, 1e4])
@pytest.mark.parametrize("degrees", [0, 30, 45, -80])
def test_a_valley_has_curvatures_1_and_kappa_whatever_its_angle(κ, degrees):
    A, a = valley(κ, degrees), np.radians(degrees)
    np.testing.assert_allclose(np.linalg.eigvalsh(A), [1, κ], rtol=1e-9)
    np.testing.assert_allclose(A, A.T)
    along = np.array([np.cos(a), np.sin(a)])
    np.testing.assert_allclose(A @ along, along, atol=1e-10 * κ)


def slowest(lr, β, curvatures):
    """The factor per step in the long run: the largest root in size."""
    return max(np.abs(np.roots([1, -(1 + β - lr * c), β])).max() for c in curvatures)


@seeds
def test_the_factor_is_the_larger_root_and_what_a_ball_shrinks_by(seed):
    rng = np.random.default_rng(seed)
    for _ in range(20):
        η, β, λ = rng.uniform(0.01, 0.3), rng.uniform(0, 0.95), rng.uniform(0, 20)
        c = 1 + β - η * λ
        larger = np.abs(np.roots([1, -c, β])).max()
        assert factor(η, β, λ) == pytest.approx(larger, rel=1e-9)
        w = np.ones(2001)
        for k in range(1, 2000):  # the size of the swing, kept near 1
            w[k + 1] = c * w[k] - β * w[k - 1]
            if k % 10 == 0:
                w[k - 1 : k + 2] /= larger**10
        swing = np.abs(w[1000:]).max()
        assert 1e-6 < swing < 1e6


def test_without_momentum_the_factor_is_the_size_of_one_minus_eta_lambda():
    for η, λ in [(0.1, 3), (0.1, 15), (0.5, 2), (0.2, 0)]:
        assert factor(η, 0, λ) == pytest.approx(abs(1 - η * λ))


@seeds
def test_no_learning_rate_is_better_than_the_best(seed):
    rng = np.random.default_rng(seed)
    least = rng.uniform(0.01, 1)
    most = least * rng.uniform(2, 1000)
    κ, lr = most / least, best_lr(least, most)
    curvatures = np.linspace(least, most, 7)
    best = np.abs(1 - lr * curvatures).max()
    assert best == pytest.approx((κ - 1) / (κ + 1))
    for other in lr * np.array([0.5, 0.9, 0.99, 1.01, 1.1, 2]):
        assert np.abs(1 - other * curvatures).max() > best


@seeds
def test_no_momentum_is_better_than_the_best(seed):
    rng = np.random.default_rng(seed)
    least = rng.uniform(0.01, 1)
    most = least * rng.uniform(2, 1000)
    root = (most / least) ** 0.5
    lr, β = best_momentum(least, most)
    assert β**0.5 == pytest.approx((root - 1) / (root + 1))
    curvatures = np.linspace(least, most, 7)
    # At the ends two roots coincide, which rounding parts by its own root.
    assert slowest(lr, β, curvatures) == pytest.approx(β**0.5, abs=1e-6)
    for r in (0.8, 0.97, 1, 1.03, 1.2):
        for b in (0.8, 0.97, 1.03):
            other = slowest(r * lr, min(b * β, 0.9999), curvatures)
            assert other > β**0.5 + 1e-5


@pytest.mark.parametrize("κ", [4, 25, 400])
def test_at_its_best_the_ball_first_swings_out(κ):
    """The closed forms of the folded note, in the flattest and steepest direction."""
    lr, β = best_momentum(1, κ)
    k, root = np.arange(60), β**0.5
    x = trajectory(lambda p: optim.SGD(p, lr, β), valley(κ).dot, np.ones(2), 59)
    flat, steep = (1 + (1 - root) * k) * root**k, (1 + (1 + root) * k) * (-root) ** k
    np.testing.assert_allclose(x[:, 0], flat, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(x[:, 1], steep, rtol=1e-5, atol=1e-9)


def test_a_round_bowl_needs_no_momentum():
    assert best_lr(4, 4) == 0.25
    assert best_momentum(4, 4) == (0.25, 0)
