"""The surfaces against finite differences and what is known of their lowest points."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.core.numerical import partial_derivatives
from course_lib.pathologies.optimizers import BEALE, SADDLE, VALLEY, shaken, turned

SURFACES = [VALLEY, SADDLE, BEALE, turned(VALLEY, 45), turned(BEALE, 30)]
every = pytest.mark.parametrize("surface", SURFACES, ids=lambda s: s.name)


def points(surface, n=20):
    low, high = np.array([surface.xlim, surface.ylim], dtype=float).T
    return np.random.default_rng(0).uniform(low, high, size=(n, 2))


@every
def test_the_slope_is_the_gradient(surface):
    for x in points(surface):
        wanted = partial_derivatives(surface.f, x)
        np.testing.assert_allclose(surface.slope(x), wanted, rtol=1e-6, atol=1e-7)


@every
def test_many_points_at_once_are_the_same_as_one_by_one(surface):
    x = points(surface).reshape(4, 5, 2)
    assert surface.f(x).shape == (4, 5)
    assert surface.slope(x).shape == (4, 5, 2)
    np.testing.assert_allclose(surface.f(x)[2, 3], surface.f(x[2, 3]), rtol=1e-12)
    np.testing.assert_allclose(
        surface.slope(x)[2, 3], surface.slope(x[2, 3]), rtol=1e-12, atol=1e-12
    )


@every
def test_nothing_lies_below_the_minima(surface):
    (left, right), (low, high) = surface.xlim, surface.ylim
    grid = np.stack(
        np.meshgrid(np.linspace(left, right, 301), np.linspace(low, high, 301)), axis=-1
    )
    assert surface.gap(grid).min() >= -1e-12
    for minimum in surface.minima:
        assert abs(surface.gap(np.array(minimum))) < 1e-12
        assert np.abs(surface.slope(np.array(minimum))).max() < 1e-12
    assert surface.gap(np.array(surface.start)) > 1


def test_known_values():
    assert VALLEY.f(np.array([-5.0, -2.0])) == 10.5
    assert BEALE.f(np.array([0.0, 0.0])) == 1.5**2 + 2.25**2 + 2.625**2
    assert BEALE.f(np.array([1.0, 1.0])) == 14.203125
    assert SADDLE.f(np.array([0.0, 1.0])) == -0.25


def test_the_saddle_is_level_and_bends_both_ways():
    assert not SADDLE.slope(np.zeros(2)).any()
    h = 1e-3
    along, across = SADDLE.f(np.array([[0.0, h], [h, 0.0]]))
    assert along < SADDLE.f(np.zeros(2)) < across


def test_turning_moves_start_and_minima_along():
    surface = turned(BEALE, 90)
    np.testing.assert_allclose(surface.start, (-1.5, 1.0), atol=1e-12)
    np.testing.assert_allclose(surface.minima, [(-0.5, 3.0)], atol=1e-12)
    assert surface.name == "Beale’s function, turned by 90°"
    here = np.array([1.0, 0.3])
    there = np.array([-0.3, 1.0])
    np.testing.assert_allclose(surface.f(there), BEALE.f(here), rtol=1e-12)


def test_shaking_moves_the_start_alone():
    starts = np.array([shaken(VALLEY, seed).start for seed in range(50)])
    shares = starts / VALLEY.start - 1
    assert 0.15 < np.abs(shares).max() <= 0.2
    assert (np.ptp(shares, axis=0) > 0.3).all()
    assert shaken(VALLEY, 3) == shaken(VALLEY, 3) != VALLEY
    assert shaken(VALLEY, 3).minima == VALLEY.minima
