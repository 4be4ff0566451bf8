"""Paths of optimizers on plain functions, and the steps they take."""

import numpy as np
import pytest

from course_lib import optim
from course_lib.backprop.gradient_descent import descend
from course_lib.optim.trajectory import steps_until, trajectory
from course_lib.pathologies.curvature import valley


def halve(params):
    return optim.SGD(params, lr=0.5)


def test_sgd_visits_the_points_of_plain_descent():
    A, start = valley(9, 20), np.array([1.0, -3.0])
    path = trajectory(lambda p: optim.SGD(p, lr=0.2), A.dot, start, 10)
    np.testing.assert_array_equal(path, descend(A.dot, start, 0.2, 10))


@pytest.mark.parametrize("seed", range(5))
def test_momentum_is_the_heavy_ball(seed):
    """x_{i+1} = x_i − η f′(x_i) + β (x_i − x_{i−1}), from rest (Polyak 1964)."""
    x, A = np.random.default_rng(seed).normal(size=2), valley(20, 30)
    path = trajectory(lambda p: optim.SGD(p, lr=0.05, momentum=0.7), A.dot, x, 50)
    before = x
    for point in path[1:]:
        x, before = x - 0.05 * A @ x + 0.7 * (x - before), x
        np.testing.assert_allclose(point, x, rtol=1e-9, atol=1e-12)


def test_a_trajectory_that_overflows_tells_the_step():
    def path(steps):
        return trajectory(
            lambda p: optim.SGD(p, lr=10.0), lambda x: 30 * x, 1e-210, steps
        )

    np.testing.assert_allclose(path(209)[1:] / path(209)[:-1], -299)
    told = r"^trajectory: .* got -?inf after step 210; take"
    with pytest.raises(FloatingPointError, match=told) as caught:
        path(1000)
    np.testing.assert_array_equal(caught.value.path, path(209))


def test_a_gradient_must_have_the_shape_of_the_point():
    with pytest.raises(
        ValueError, match=r"step\(\): expected a gradient of shape \(\),.* got \(2,\)"
    ):
        trajectory(halve, lambda x: np.ones(2), 1.0, 3)
    with pytest.raises(
        ValueError, match=r"expected a gradient of shape \(2,\),.* got \(\)"
    ):
        trajectory(halve, lambda x: 1.0, [1.0, 2.0], 3)


@pytest.mark.parametrize(("goal", "steps"), [(0.25, 2), (0.2499, 3), (1, 0)])
def test_steps_are_counted_to_the_first_point_that_is_near(goal, steps):
    starts = np.array([[1.0, 0.0], [0.0, -1.0], [0.6, 0.8]])
    starts.flags.writeable = False
    found = steps_until(
        halve, lambda x: x, starts, lambda x: np.linalg.norm(x, axis=1) <= goal
    )
    np.testing.assert_array_equal(found, [steps] * 3)


def test_who_does_not_arrive_takes_infinitely_many_steps():
    def still_or_halved(x):
        return x * [[0], [1], [1]]

    def near(x):
        return np.abs(x[:, 0]) <= 0.25

    starts = np.array([[1.0], [1.0], [64.0]])
    for most, last in [(8, 8), (7, np.inf)]:
        found = steps_until(halve, still_or_halved, starts, near, most=most)
        np.testing.assert_array_equal(found, [np.inf, 2, last])


def test_with_stay_a_point_that_leaves_again_has_not_arrived():
    """−1.5, −0.5, 0.5, 1.5 …: one step to the right each."""

    def right(x):
        return np.full_like(x, -2.0)

    def near_zero(x):
        return np.abs(x[:, 0]) < 1

    starts = np.array([[-1.5], [-3.5], [-9.0]])
    first = steps_until(halve, right, starts, near_zero, most=4)
    np.testing.assert_array_equal(first, [1, 3, np.inf])
    stays = steps_until(halve, right, starts, near_zero, most=4, stay=True)
    np.testing.assert_array_equal(stays, [np.inf, 3, np.inf])


def test_with_stay_the_last_of_several_arrivals_counts():
    x = np.array([[8.0]])
    heights = iter([0, 3, 0, 0, 3, 0, 0, 0])

    def near(_):
        return np.array([next(heights) < 1])

    assert steps_until(halve, lambda x: x, x, near, most=7, stay=True) == 5


@pytest.mark.parametrize("seed", range(5))
def test_starts_side_by_side_do_not_see_each_other(seed):
    starts, A = np.random.default_rng(seed).normal(size=(3, 2)), valley(10, 20)

    def count(starts):
        return steps_until(
            lambda p: optim.Adam(p, lr=0.3),
            lambda x: x @ A,
            starts,
            lambda x: np.linalg.norm(x, axis=1) < 1e-3,
        )

    alone = [count(start[None])[0] for start in starts]
    np.testing.assert_array_equal(count(starts), alone)
    assert np.isfinite(alone).all()


def test_numbers_that_make_no_path():
    for wrong in (-1, 2.5, True):
        with pytest.raises((TypeError, ValueError), match="whole number of at least 0"):
            trajectory(halve, lambda x: x, 1.0, wrong)
        with pytest.raises((TypeError, ValueError), match="whole number of at least 0"):
            steps_until(halve, lambda x: x, np.ones((1, 1)), None, most=wrong)
    for near in (lambda x: x[:, 0], lambda x: np.array([0]), lambda x: x < 1):
        with pytest.raises(
            ValueError, match="of near one boolean for each of 2 points"
        ):
            steps_until(halve, lambda x: x, np.ones((2, 1)), near)
