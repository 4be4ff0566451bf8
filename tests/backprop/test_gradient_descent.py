"""Gradient descent, and the learning rate above which it runs away."""

import numpy as np
import pytest

from course_lib.backprop.gradient_descent import descend, largest_rate, runs_away

seeds = pytest.mark.parametrize("seed", range(5))


@pytest.mark.parametrize("lr", [0.02, 0.1, 0.5, 0.9, 1.0, 1.1])
def test_descent_on_a_parabola_follows_the_closed_form(lr):
    path = descend(lambda x: 2 * x, 3.0, lr, steps=30)
    formula = 3 * (1 - 2 * lr) ** np.arange(31)
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
    assert runs_away(lambda x: 2 * x, 1.0, 100.0)  # overflows


def test_the_start_decides_which_valley_is_found():
    ends = [
        descend(lambda x: 4 * x**3 - 4 * x + 0.5, start, 0.05, 200)[-1]
        for start in (-1.5, -0.2, 0.5, 1.5)
    ]
    np.testing.assert_allclose(ends, [-1.0574538] * 2 + [0.9304029] * 2, atol=1e-6)
