"""Descent, what losses reward, and the best step of finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.backprop.gradient_descent import descend, largest_rate, runs_away
from course_lib.backprop.learning import grid_search
from course_lib.core.numerical import (
    central_difference,
    forward_difference,
    partial_derivatives,
)
from course_lib.nn.losses import binary_cross_entropy, l1_loss, mse_loss

seeds = pytest.mark.parametrize("seed", range(5))


def loss_of(c: float, y: np.ndarray, loss) -> float:
    """The loss when every output is c."""
    return loss(np.full(len(y), c), y).item()


def best_constant(y: np.ndarray, loss, grid: np.ndarray) -> float:
    return grid_search(lambda c: loss_of(c, y, loss), grid)[0]


# ---- What each loss rewards (page What learning means) ---------------------------


@seeds
@pytest.mark.parametrize("law", ["normal", "exponential", "uniform", "lognormal"])
def test_l1_rewards_the_median_and_mse_the_mean(seed, law):
    y = getattr(np.random.default_rng(seed), law)(size=31)
    grid = np.linspace(y.min(), y.max(), 401)
    spacing = grid[1] - grid[0]
    assert abs(best_constant(y, l1_loss, grid) - np.median(y)) < spacing
    assert abs(best_constant(y, mse_loss, grid) - y.mean()) <= 0.501 * spacing


@seeds
def test_cross_entropy_and_mse_reward_the_share_and_l1_an_end(seed):
    rng = np.random.default_rng(seed)
    y = (rng.uniform(size=200) < rng.uniform(0.1, 0.9)).astype(float)
    grid = np.linspace(0.005, 0.995, 199)
    for loss in (binary_cross_entropy, mse_loss):
        assert abs(best_constant(y, loss, grid) - y.mean()) < 0.0051
    end = 0.995 if y.mean() > 0.5 else 0.005
    assert best_constant(y, l1_loss, grid) == pytest.approx(end)


@seeds
def test_between_the_two_middle_answers_l1_is_level(seed):
    y = np.sort(np.random.default_rng(seed).normal(size=8))
    losses = [loss_of(c, y, l1_loss) for c in np.linspace(y[3], y[4], 5)]
    np.testing.assert_allclose(losses, losses[0])
    assert loss_of(y[4] + 0.1, y, l1_loss) > losses[0] + 1e-3


@seeds
def test_three_spoilt_answers_move_the_mean_and_not_the_median(seed):
    y = np.random.default_rng(seed).normal(10, 1, 31)
    spoilt = np.concatenate([10 * y[:3], y[3:]])
    assert 8 < spoilt.mean() - y.mean() < 10
    assert 0 <= np.median(spoilt) - np.median(y) < 0.5


@seeds
def test_the_median_breaks_at_half(seed):
    y = np.random.default_rng(seed).normal(10, 1, 31)
    medians = [np.median(np.concatenate([10 * y[:k], y[k:]])) for k in range(32)]
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
                -np.log(gauss).mean() - loss_of(c, y, mse_loss) / (2 * s**2),
                -np.log(laplace).mean() - loss_of(c, y, l1_loss) / s,
            ]
        )
    constants = [np.log(s * np.sqrt(2 * np.pi)), np.log(2 * s)]
    np.testing.assert_allclose(apart, [constants] * 3)


def test_grid_search_tries_all_and_takes_the_first_of_equals():
    best, values = grid_search(abs, np.array([3.0, -1.0, 1.0]))
    assert best == -1
    np.testing.assert_array_equal(values, [3, 1, 1])


@pytest.mark.parametrize(("candidates", "message"), [([], "of 0"), ([1, -1], "at 1;")])
def test_grid_search_refuses_what_has_no_best(candidates, message):
    with pytest.raises(ValueError, match=message), np.errstate(invalid="ignore"):
        grid_search(np.sqrt, candidates)


# ---- Descent ---------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5, 0.9, 1.0, 1.1])
def test_descent_on_a_parabola_follows_the_closed_form(rate):
    path = descend(lambda x: 2 * x, 3.0, rate, steps=30)
    formula = 3 * (1 - 2 * rate) ** np.arange(31)
    np.testing.assert_allclose(path, formula, rtol=1e-9, atol=1e-12)


def test_a_path_has_the_shape_of_its_points():
    start = np.ones((2, 3))
    start.flags.writeable = False
    path = descend(lambda x: x, start, 0.5, steps=4)
    assert path.shape == (5, 2, 3)
    np.testing.assert_array_equal(path[4], start / 16)
    assert descend(lambda x: x, 1, 0.5, steps=0).tolist() == [1.0]


@seeds
def test_the_threshold_is_two_over_the_curvature(seed):
    curvature, start = np.random.default_rng(seed).uniform(0.1, 10, 2)
    found = largest_rate(lambda x: curvature * x, start, high=40)
    assert found == pytest.approx(2 / curvature, rel=1e-6)


@seeds
@pytest.mark.parametrize("size", [2, 5])
def test_in_many_directions_the_largest_curvature_decides(seed, size):
    """The bowl ½ xᵀ A x, turned at random, with curvatures from 0.5 to 5."""
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(size, size)))
    A = turn * np.linspace(0.5, 5, size) @ turn.T
    found = largest_rate(lambda x: A @ x, rng.normal(size=size), 4, steps=1000)
    assert found == pytest.approx(2 / 5, rel=0.01)


def test_close_to_its_lowest_point_a_curve_is_a_parabola():
    """At their lowest point, 0, f″ of cosh is 1, of x² + x⁴ it is 2."""
    assert largest_rate(np.sinh, 0.01, high=20) == pytest.approx(2, rel=1e-4)
    rate = largest_rate(lambda x: 2 * x + 4 * x**3, 0.01, high=2)
    assert rate == pytest.approx(0.9998, abs=1e-6)


def test_running_away():
    assert not runs_away(lambda x: 2 * x, 1.0, 0.99)
    assert runs_away(lambda x: 2 * x, 1.0, 1.01)
    assert runs_away(lambda x: 2 * x, 1.0, 100.0)  # beyond all numbers


@seeds
def test_the_gradient_points_up_the_steepest_way(seed):
    """Its direction and length, against the slopes in 360 directions."""
    here = np.random.default_rng(seed).uniform(-3, 3, 2)

    def f(x):
        return 0.5 * x[0] ** 2 + 2 * x[1] ** 2

    gradient = partial_derivatives(f, here)
    np.testing.assert_allclose(gradient, [here[0], 4 * here[1]], atol=1e-9)
    ways = np.radians(np.arange(360))
    ways = np.stack([np.cos(ways), np.sin(ways)], axis=1)
    slopes = [central_difference(lambda t, v=v: f(here + t * v), 0.0) for v in ways]
    length = np.linalg.norm(gradient)
    assert max(slopes) == pytest.approx(length, rel=1e-3)
    assert ways[np.argmax(slopes)] @ gradient / length > np.cos(np.radians(0.51))


def test_the_start_decides_which_valley_is_found():
    ends = [
        descend(lambda x: 4 * x**3 - 4 * x + 0.5, start, 0.05, 200)[-1]
        for start in (-1.5, -0.2, 0.5, 1.5)
    ]
    np.testing.assert_allclose(ends, [-1.0574538] * 2 + [0.9304029] * 2, atol=1e-6)


def test_a_slope_must_have_the_shape_of_the_point():
    with pytest.raises(ValueError, match=r"shape \(\) at a point of shape \(2,\)"):
        descend(lambda x: x.sum(), np.ones(2), 0.1, steps=1)


def test_a_path_beyond_all_numbers_says_where():
    with pytest.raises(FloatingPointError, match=r"x_4 .* rate 1e\+100"):
        descend(lambda x: x, 1.0, 1e100, steps=9)


def test_bisection_needs_a_rate_that_is_too_large():
    with pytest.raises(ValueError, match=r"does not run away with 0\.5"):
        largest_rate(lambda x: x, 1.0, high=0.5)


# ---- Finite differences against h ------------------------------------------------

h = 10.0 ** np.arange(-14, 0, 0.5)
curves = pytest.mark.parametrize(
    ("f", "slope"), [(np.sin, np.cos), (np.exp, np.exp), (np.log, lambda x: 1 / x)]
)


def errors(D, f, slope) -> np.ndarray:
    x = np.linspace(0.5, 1.5, 1000)
    return np.array([np.abs(D(f, x, step) - slope(x)).mean() for step in h])


def fitted(error: np.ndarray, low: float, high: float) -> float:
    part = (h > low) & (h < high)
    return np.polyfit(np.log(h[part]), np.log(error[part]), 1)[0]


@curves
def test_forward_differences_make_a_v_with_slopes_minus_1_and_1(f, slope):
    error = errors(forward_difference, f, slope)
    assert fitted(error, 3e-7, 0.05) == pytest.approx(1, abs=0.05)
    assert fitted(error, 0, 3e-9) == pytest.approx(-1, abs=0.1)
    assert 3e-9 < h[error.argmin()] < 5e-8  # √ε is 1.5e-8
    assert 1e-9 < error.min() < 1e-7


@curves
def test_central_differences_make_a_v_with_slopes_minus_1_and_2(f, slope):
    error = errors(central_difference, f, slope)
    assert fitted(error, 3e-5, 0.05) == pytest.approx(2, abs=0.05)
    assert fitted(error, 0, 3e-7) == pytest.approx(-1, abs=0.1)
    assert 9e-7 < h[error.argmin()] < 2e-5  # the cube root of ε is 6e-6
    assert 1e-12 < error.min() < 1e-10


def test_chords_of_powers_by_hand():
    assert forward_difference(lambda x: x**2, 3.0, 0.5) == 6.5
    assert central_difference(lambda x: x**2, 3.0, 0.5) == 6
    assert central_difference(lambda x: x**3, 2.0, 0.5) == 12.25
    assert forward_difference(np.sin, 1.0, 1e-17) == 0
