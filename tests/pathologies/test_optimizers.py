"""The surfaces against finite differences and known values; the optimizers on them."""

import numpy as np
import pytest

from course_lib.core.numerical import partial_derivatives
from course_lib.optim.trajectory import trajectory
from course_lib.pathologies.optimizers import (
    BEALE,
    OPTIMIZERS,
    SADDLE,
    SURFACES,
    VALLEY,
    turned,
)

PLACES = SURFACES | {
    "turned valley": turned(VALLEY, 45),
    "turned Beale": turned(BEALE, 30),
}
every = pytest.mark.parametrize("surface", PLACES.values(), ids=PLACES)


def points(surface, n=20):
    low, high = np.array(surface.limits, dtype=float).T
    return np.random.default_rng(0).uniform(low, high, size=(n, 2))


@every
def test_the_gradient_is_that_of_finite_differences(surface):
    for x in points(surface):
        expected = partial_derivatives(surface.value, x)
        np.testing.assert_allclose(surface.gradient(x), expected, rtol=1e-6, atol=1e-7)


@every
def test_many_points_at_once_are_the_same_as_one_by_one(surface):
    x = points(surface).reshape(4, 5, 2)
    assert surface.value(x).shape == (4, 5)
    assert surface.gradient(x).shape == (4, 5, 2)
    for of in (surface.value, surface.gradient):
        np.testing.assert_allclose(of(x)[2, 3], of(x[2, 3]), rtol=1e-12, atol=1e-12)


@every
def test_nothing_lies_below_the_minima(surface):
    axes = [np.linspace(low, high, 301) for low, high in surface.limits]
    grid = np.stack(np.meshgrid(*axes), axis=-1)
    assert surface.gap(grid).min() >= -1e-12
    for minimum in surface.minima:
        assert abs(surface.gap(np.array(minimum))) < 1e-12
        assert np.abs(surface.gradient(np.array(minimum))).max() < 1e-12
    assert surface.gap(np.array(surface.start)) > 1


def test_known_values():
    assert VALLEY.value(np.array([-5.0, -2.0])) == 10.5
    assert BEALE.value(np.array([0.0, 0.0])) == 1.5**2 + 2.25**2 + 2.625**2
    assert BEALE.value(np.array([1.0, 1.0])) == 14.203125
    assert SADDLE.value(np.array([0.0, 1.0])) == -0.25


def test_the_saddle_is_level_and_bends_both_ways():
    assert not SADDLE.gradient(np.zeros(2)).any()
    h = 1e-3
    along, across = SADDLE.value(np.array([[0.0, h], [h, 0.0]]))
    assert along < SADDLE.value(np.zeros(2)) < across


def test_turning_moves_start_and_minima_along():
    surface = turned(BEALE, 90)
    np.testing.assert_allclose(surface.start, (-1.5, 1.0), atol=1e-12)
    np.testing.assert_allclose(surface.minima, [(-0.5, 3.0)], atol=1e-12)
    here, there = np.array([1.0, 0.3]), np.array([-0.3, 1.0])
    np.testing.assert_allclose(surface.value(there), BEALE.value(here), rtol=1e-12)


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_every_optimizer_begins_at_the_start_and_goes_down(make):
    path = trajectory(lambda p: make(p, 0.01), VALLEY.gradient, VALLEY.start, 200)
    assert path.shape == (201, 2)
    assert tuple(path[0]) == VALLEY.start
    assert VALLEY.gap(path[-1]) < VALLEY.gap(path[0])
