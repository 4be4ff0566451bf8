"""Valleys, best rates, the heavy ball, and curvatures of a network."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.backprop.gradient_descent import descend
from course_lib.core.numerical import partial_derivatives
from course_lib.optim.trajectory import steps_to, trajectory
from course_lib.pathologies.curvature import (
    best_momentum,
    best_rate,
    flat_slope,
    heavy_ball,
    hessian,
    valley,
    wander,
)

seeds = pytest.mark.parametrize("seed", range(5))


@pytest.mark.parametrize("kappa", [1, 2.5, 1e4])
@pytest.mark.parametrize("degrees", [0, 30, 45, -80])
def test_a_valley_has_curvatures_1_and_kappa_whatever_its_angle(kappa, degrees):
    A, a = valley(kappa, degrees), np.radians(degrees)
    np.testing.assert_allclose(np.linalg.eigvalsh(A), [1, kappa], rtol=1e-9)
    np.testing.assert_allclose(A, A.T)
    along = np.array([np.cos(a), np.sin(a)])
    np.testing.assert_allclose(A @ along, along, atol=1e-10 * kappa)


def slowest(rate: float, momentum: float, curvatures) -> float:
    """The factor per step in the long run: the largest root in size."""
    return max(
        np.abs(np.roots([1, -(1 + momentum - rate * c), momentum])).max()
        for c in curvatures
    )


@seeds
def test_no_rate_is_better_than_the_best(seed):
    rng = np.random.default_rng(seed)
    least = rng.uniform(0.01, 1)
    most = least * rng.uniform(2, 1000)
    kappa, rate = most / least, best_rate(least, most)
    curvatures = np.linspace(least, most, 7)
    best = np.abs(1 - rate * curvatures).max()
    assert best == pytest.approx((kappa - 1) / (kappa + 1))
    for other in rate * np.array([0.5, 0.9, 0.99, 1.01, 1.1, 2]):
        assert np.abs(1 - other * curvatures).max() > best


@seeds
def test_no_momentum_is_better_than_the_best(seed):
    rng = np.random.default_rng(seed)
    least = rng.uniform(0.01, 1)
    most = least * rng.uniform(2, 1000)
    root = (most / least) ** 0.5
    rate, momentum = best_momentum(least, most)
    assert momentum**0.5 == pytest.approx((root - 1) / (root + 1))
    curvatures = np.linspace(least, most, 7)
    # At the ends two roots coincide, which rounding parts by its own root.
    assert slowest(rate, momentum, curvatures) == pytest.approx(momentum**0.5, abs=1e-6)
    for r in (0.8, 0.97, 1, 1.03, 1.2):
        for b in (0.8, 0.97, 1.03):
            other = slowest(r * rate, min(b * momentum, 0.9999), curvatures)
            assert other > momentum**0.5 + 1e-5


@seeds
def test_the_heavy_ball_is_sgd_with_momentum(seed):
    rng = np.random.default_rng(seed)
    start, A = rng.normal(size=2), valley(20, 30)
    path = heavy_ball(lambda x: A @ x, start, 0.05, 0.7, steps=50)
    other = trajectory(
        lambda p: optim.SGD(p, lr=0.05, momentum=0.7), lambda x: A @ x, start, 50
    )
    np.testing.assert_allclose(path, other, rtol=1e-9, atol=1e-12)


def test_without_momentum_the_ball_has_no_weight():
    slope = valley(9).dot
    path = heavy_ball(slope, np.ones(2), 0.2, 0.0, steps=10)
    np.testing.assert_array_equal(path, descend(slope, np.ones(2), 0.2, 10))
    np.testing.assert_allclose(path[:, 0], 0.8 ** np.arange(11))
    np.testing.assert_allclose(path[:, 1], (-0.8) ** np.arange(11))


@pytest.mark.parametrize("kappa", [4, 25, 400])
def test_at_its_best_the_ball_first_swings_out(kappa):
    """The closed forms of the folded note, in the flattest and steepest direction."""
    rate, momentum = best_momentum(1, kappa)
    k, root = np.arange(60), momentum**0.5
    x = heavy_ball(valley(kappa).dot, np.ones(2), rate, momentum, 59)
    flat, steep = (1 + (1 - root) * k) * root**k, (1 + (1 + root) * k) * (-root) ** k
    np.testing.assert_allclose(x[:, 0], flat, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(x[:, 1], steep, rtol=1e-5, atol=1e-9)


def test_steps_are_counted_to_the_first_point_that_is_near():
    starts = np.array([[1.0, 0.0], [0.0, -8.0], [3.0, 4.0]])
    starts.flags.writeable = False

    def halve(p):
        return optim.SGD(p, lr=0.5)

    steps = steps_to(halve, lambda x: x, starts, goal=0.25)
    np.testing.assert_array_equal(steps, [2, 2, 2])
    steps = steps_to(halve, lambda x: x, starts, goal=0.2499)
    np.testing.assert_array_equal(steps, [3, 3, 3])
    steps = steps_to(halve, lambda x: x * [1, 0], starts, goal=0.1, most=50)
    np.testing.assert_array_equal(steps, [4, np.inf, np.inf])


@seeds
def test_starts_side_by_side_do_not_see_each_other(seed):
    starts, A = np.random.default_rng(seed).normal(size=(3, 2)), valley(10, 20)

    def make(p):
        return optim.Adam(p, lr=0.3)

    together = steps_to(make, lambda x: x @ A, starts)
    alone = [steps_to(make, lambda x: x @ A, start[None]) for start in starts]
    np.testing.assert_array_equal(together, np.ravel(alone))


@seeds
def test_with_all_examples_in_every_batch_wandering_is_descent(seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(1, 3)), rng.normal(size=1)
    rates = [0.1, 0.2, 0.05]
    path = wander(X, y, rates, 4, rng)
    w = np.zeros(3)
    for rate, point in zip(rates, path[1:], strict=True):
        slope = partial_derivatives(lambda w: np.mean((X @ w - y) ** 2), w)
        w = w - rate * slope
        np.testing.assert_allclose(point, w, atol=1e-9)
    assert path.shape == (4, 3) and not path[0].any()


def test_wandering_draws_from_all_examples():
    """Each example has an axis of its own, which moves when it is drawn."""
    X, y = np.eye(5), np.ones(5)
    path = wander(X, y, [0.1] * 200, 1, np.random.default_rng(0))
    moved = np.diff(path, axis=0) > 0
    assert (moved.sum(axis=1) == 1).all()
    assert moved.sum(axis=0).min() > 20


def small_net(seed: int) -> tuple:
    manual_seed(seed)
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
    rng = np.random.default_rng(seed)
    return net, nn.MSELoss(), rng.normal(size=(8, 3)), rng.normal(size=(8, 1))


@seeds
def test_the_flat_slope_is_the_gradient_of_all_weights(seed):
    net, loss, x, y = small_net(seed)
    w, slope = flat_slope(net, loss, x, y)
    assert w.shape == (11,)
    kept = w.copy()
    found = slope(w)

    def at(w):
        slope(w)
        return loss(net(x), y).item()

    np.testing.assert_allclose(found, partial_derivatives(at, w), atol=1e-8)
    np.testing.assert_array_equal(w, kept)
    slope(w + 1)
    np.testing.assert_array_equal(flat_slope(net, loss, x, y)[0], w + 1)


@seeds
def test_the_hessian_of_a_bowl_is_its_matrix_anywhere(seed):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(6, 6))
    A = A + A.T
    H = hessian(lambda x: A @ x, rng.normal(size=6))
    np.testing.assert_allclose(H, A, atol=1e-9)


@seeds
def test_the_hessian_of_a_network_is_the_second_derivative_of_its_loss(seed):
    net, loss, x, y = small_net(seed)
    w, slope = flat_slope(net, loss, x, y)
    H = hessian(slope, w)
    np.testing.assert_array_equal(flat_slope(net, loss, x, y)[0], w)
    np.testing.assert_array_equal(H, H.T)
    rng, h = np.random.default_rng(seed), 1e-3
    for v in rng.normal(size=(4, 11)):

        def at(t, v=v):
            slope(w + t * v)
            return loss(net(x), y).item()

        bend = (at(h) - 2 * at(0) + at(-h)) / h**2
        assert v @ H @ v == pytest.approx(bend, rel=1e-3, abs=1e-3)


def test_for_a_linear_model_the_hessian_needs_no_network():
    _, _, x, y = small_net(0)
    net = nn.Sequential(nn.Linear(3, 1, bias=False))
    H = hessian(flat_slope(net, nn.MSELoss(), x, y)[1], np.zeros(3))
    np.testing.assert_allclose(H, 2 / 8 * x.T @ x, atol=1e-8)


@pytest.mark.parametrize("kappa", [0.5, -1, np.nan])
def test_a_valley_is_not_flatter_across_than_along(kappa):
    with pytest.raises(ValueError, match="κ of 1 or more"):
        valley(kappa)


@pytest.mark.parametrize("pair", [(0, 1), (-1, 1), (2, 1), (1, np.inf), (1, np.nan)])
@pytest.mark.parametrize("best", [best_rate, best_momentum])
def test_best_rates_need_a_bowl(best, pair):
    with pytest.raises(ValueError, match="0 < least ≤ most"):
        best(*pair)
