"""What each loss rewards, over other answers than those of the page."""

import numpy as np
import pytest

from course_lib.nn.losses import binary_cross_entropy, l1_loss, mse_loss
from tests.definitions import definitions

seeds = pytest.mark.parametrize("seed", range(5))
page = definitions("backprop/learning")


@seeds
@pytest.mark.parametrize("law", ["normal", "exponential", "uniform", "lognormal"])
def test_l1_rewards_the_median_and_mse_the_mean(seed, law):
    y = getattr(np.random.default_rng(seed), law)(size=31)
    grid = np.linspace(y.min(), y.max(), 401)
    spacing = grid[1] - grid[0]
    assert abs(page.best_constant(l1_loss, y, grid) - np.median(y)) < spacing
    assert abs(page.best_constant(mse_loss, y, grid) - y.mean()) <= 0.501 * spacing


@seeds
def test_cross_entropy_and_mse_reward_the_share_and_l1_an_end(seed):
    rng = np.random.default_rng(seed)
    y = (rng.uniform(size=200) < rng.uniform(0.1, 0.9)).astype(float)
    grid = np.linspace(0.005, 0.995, 199)
    for loss in (binary_cross_entropy, mse_loss):
        assert abs(page.best_constant(loss, y, grid) - y.mean()) < 0.0051
    end = 0.995 if y.mean() > 0.5 else 0.005
    assert page.best_constant(l1_loss, y, grid) == pytest.approx(end)


@seeds
def test_between_the_two_middle_answers_l1_is_level(seed):
    y = np.sort(np.random.default_rng(seed).normal(size=8))
    losses = [page.loss_of(c, y, l1_loss) for c in np.linspace(y[3], y[4], 5)]
    np.testing.assert_allclose(losses, losses[0])
    assert page.loss_of(y[4] + 0.1, y, l1_loss) > losses[0] + 1e-3


@seeds
def test_three_spoilt_answers_move_the_mean_and_not_the_median(seed):
    y = np.random.default_rng(seed).normal(10, 1, 31)
    spoilt = page.spoil(y, 3)
    assert 8 < spoilt.mean() - y.mean() < 10
    assert 0 <= np.median(spoilt) - np.median(y) < 0.5


@seeds
def test_the_median_breaks_at_half(seed):
    y = np.random.default_rng(seed).normal(10, 1, 31)
    medians = [np.median(page.spoil(y, k)) for k in range(32)]
    assert max(medians[:16]) <= y.max() < 15
    assert min(medians[16:]) > 60


@seeds
def test_cross_entropy_is_the_negative_log_likelihood(seed):
    rng = np.random.default_rng(seed)
    o, y = rng.uniform(size=20), rng.integers(2, size=20).astype(float)
    likelihood = np.prod(np.where(y == 1, o, 1 - o))
    L = binary_cross_entropy(o, y).item()
    assert L == pytest.approx(-np.log(likelihood) / 20, rel=1e-12)


@seeds
def test_mse_and_l1_are_likelihoods_of_gauss_and_laplace(seed):
    rng = np.random.default_rng(seed)
    y, s = rng.normal(size=20), rng.uniform(0.5, 2)
    apart = []
    for c in (-1.0, 0.0, 2.0):
        gauss = np.exp(-((y - c) ** 2) / (2 * s**2)) / (s * np.sqrt(2 * np.pi))
        laplace = np.exp(-np.abs(y - c) / s) / (2 * s)
        apart.append(
            [
                -np.log(gauss).mean() - page.loss_of(c, y, mse_loss) / (2 * s**2),
                -np.log(laplace).mean() - page.loss_of(c, y, l1_loss) / s,
            ]
        )
    constants = [np.log(s * np.sqrt(2 * np.pi)), np.log(2 * s)]
    np.testing.assert_allclose(apart, [constants] * 3)
