"""What the page on gradient descent says, at other points and of other functions."""

import numpy as np
import pytest

from course_lib.core.numerical import (
    central_difference,
    forward_difference,
    partial_derivatives,
)
from course_lib.datasets import diabetes
from tests.definitions import definitions

page = definitions("backprop/gradient_descent")
RATES = (0.1, 0.3, 0.6, 0.7)
page.h = 10.0 ** np.arange(-14, 0, 0.5)


@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_points_up_the_steepest_way(seed):
    """Its direction and length, against the slopes in 360 directions."""
    here = np.random.default_rng(seed).uniform(-3, 3, 2)
    gradient = here * [1, 4]

    def bowl(w):
        return 0.5 * w[..., 0] ** 2 + 2 * w[..., 1] ** 2

    np.testing.assert_allclose(gradient, partial_derivatives(bowl, here), atol=1e-9)
    ways = np.radians(np.arange(360))
    ways = np.stack([np.cos(ways), np.sin(ways)], axis=1)
    slopes = [central_difference(lambda t, v=v: bowl(here + t * v), 0.0) for v in ways]
    length = np.linalg.norm(gradient)
    assert max(slopes) == pytest.approx(length, rel=1e-3)
    assert ways[np.argmax(slopes)] @ gradient / length > np.cos(np.radians(0.51))


def test_the_taxi():
    """The loss, its slope, its lowest point and its curvature."""
    page.KM, page.PRICE = np.array([1, 2]), np.array([3, 4])
    for w in (-1.0, 0.5, 3.0):
        assert page.slope(w) == pytest.approx(central_difference(page.L, w))
        factor = 1 - 5 * 0.3
        assert w - 0.3 * page.slope(w) - 2.2 == pytest.approx(factor * (w - 2.2))
    assert page.slope(2.2) == pytest.approx(0)
    assert page.descend(page.slope, 0.5, 0.2, 1) == pytest.approx(2.2)
    assert abs(page.descend(page.slope, 0.5, 0.4, 40) - 2.2) == pytest.approx(1.7)
    assert page.L(page.descend(page.slope, 0.5, 0.39, 200)) < page.L(2.2) + 1e-3
    assert page.L(page.descend(page.slope, 0.5, 0.42, 200)) > 1e6


@pytest.mark.parametrize("start", [(50.0, -20.0), (-100.0, 80.0), (300.0, 100.0)])
def test_the_patients(start):
    """From other starts too, the boldest rate below the limit is the best."""
    patients, page.y = diabetes()
    page.x = (patients[:, 2] - 20) / 10
    X = np.stack([np.ones_like(page.x), page.x], axis=1)
    limit = 2 / np.linalg.eigvalsh(2 * X.T @ X / len(X))[-1]
    assert limit == pytest.approx(0.68, abs=0.005)
    w = np.array(start)
    numerical = partial_derivatives(page.mse, w)
    np.testing.assert_allclose(page.gradient(w), numerical, rtol=1e-5)
    ends = {r: page.mse(page.descend(page.gradient, w, r, 40)) for r in RATES}
    assert min(ends, key=ends.get) == 0.6
    assert ends[0.7] > page.mse(w) / 10  # it runs away


curves = pytest.mark.parametrize(
    ("f", "derivative"),
    [(np.sin, np.cos), (np.exp, np.exp), (np.log, lambda x: 1 / x)],
)


def errors(D, f, derivative):
    """The mean error for every h; the page's function finds it under the name D."""
    x = np.linspace(0.5, 1.5, 1000)
    error = np.array([np.abs(D(f, x, h) - derivative(x)).mean() for h in page.h])
    page.errors = {"D": error}
    return error


@curves
def test_forward_differences_make_a_v_with_slopes_minus_1_and_1(f, derivative):
    error = errors(forward_difference, f, derivative)
    assert page.fitted_slope("D", 3e-7, 0.05) == pytest.approx(1, abs=0.05)
    assert page.fitted_slope("D", 0, 3e-9) == pytest.approx(-1, abs=0.1)
    assert 3e-9 < page.h[error.argmin()] < 5e-8  # √ε is 1.5e-8
    assert 1e-9 < error.min() < 1e-7


@curves
def test_central_differences_make_a_v_with_slopes_minus_1_and_2(f, derivative):
    error = errors(central_difference, f, derivative)
    assert page.fitted_slope("D", 3e-5, 0.05) == pytest.approx(2, abs=0.05)
    assert page.fitted_slope("D", 0, 3e-7) == pytest.approx(-1, abs=0.1)
    assert 9e-7 < page.h[error.argmin()] < 2e-5  # the cube root of ε is 6e-6
    assert 1e-12 < error.min() < 1e-10


def test_chords_of_powers_by_hand():
    assert forward_difference(lambda x: x**2, 3.0, 0.5) == 6.5
    assert central_difference(lambda x: x**2, 3.0, 0.5) == 6
    assert central_difference(lambda x: x**3, 2.0, 0.5) == 12.25
    assert forward_difference(np.sin, 1.0, 1e-17) == 0
