"""Finite differences check all other derivatives: they must be right themselves."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib import exp
from course_lib.core.numerical import (
    central_difference,
    hessian,
    jacobian,
    largest_error,
    partial_derivatives,
)
from course_lib.nn.dense import linear, sigmoid


def test_central_difference_of_a_parabola_is_exact():
    assert central_difference(lambda x: x**2, 3.0, h=0.5) == 6
    np.testing.assert_array_equal(
        central_difference(lambda x: x**2, np.array([1.0, -2.0]), h=0.5), [2, -4]
    )


def test_central_difference_errs_by_h_squared():
    """f(x) = x³ has f‴ = 6: the chord's slope is 3x² + h²."""
    for h in (0.5, 0.25):
        assert central_difference(lambda x: x**3, 2.0, h) == 12 + h**2


def test_default_steps():
    assert central_difference(np.exp, 0.0) == pytest.approx(1, abs=1e-10)
    slopes = partial_derivatives(lambda w: np.exp(w).sum(), np.zeros(2))
    np.testing.assert_allclose(slopes, 1, rtol=0, atol=1e-12)


def test_partial_derivatives_are_exact_to_the_fourth_power():
    """Steps h and 2h combined: no error for x⁴, 4 h⁴ for x⁵."""
    w = np.array([[1.0, -2.0, 0.5]])
    slopes = partial_derivatives(lambda w: (w**4).sum(), w, h=0.5)
    np.testing.assert_allclose(slopes, 4 * w**3, atol=1e-12)
    slopes = partial_derivatives(lambda w: (w**5).sum(), w, h=0.5)
    np.testing.assert_allclose(slopes, 5 * w**4 - 4 * 0.5**4, atol=1e-12)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)])
def test_partial_derivatives_leave_w_alone(shape):
    w = np.asarray(np.random.default_rng(0).normal(size=shape))
    w.flags.writeable = False
    slopes = partial_derivatives(lambda w: np.sum(w**2), w)
    assert slopes.shape == shape
    np.testing.assert_allclose(slopes, 2 * w, atol=1e-10)


@pytest.mark.parametrize("w", [np.array([3, 5]), [3, 5], np.float32([3, 5])])
def test_partial_derivatives_take_small_steps_from_any_numbers(w):
    """Added to an integer, a step of 0.001 would be cut off, and all slopes 0."""
    slopes = partial_derivatives(lambda w: w[0] * w[1] ** 2, w)
    np.testing.assert_allclose(slopes, [25, 30], rtol=1e-10)


def test_partial_derivatives_mix_no_directions():
    slopes = partial_derivatives(lambda w: w[0] * w[1] ** 2, np.array([3.0, 5.0]))
    np.testing.assert_allclose(slopes, [25, 30], rtol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_jacobian_of_a_matrix_product_is_the_matrix(seed):
    rng = np.random.default_rng(seed)
    W, x = rng.normal(size=(2, 3)), rng.normal(size=3)
    x.flags.writeable = False
    np.testing.assert_allclose(jacobian(lambda x: W @ x, x), W, atol=1e-10)
    np.testing.assert_allclose(
        jacobian(lambda W: W @ x, W), np.eye(2)[:, :, None] * x, atol=1e-10
    )


def test_jacobian_rows_belong_to_the_function():
    J = jacobian(lambda t: np.array([t[0] * t[1], t[0] ** 2, t[1]]), [2, 3])
    np.testing.assert_allclose(J, [[3, 2], [4, 0], [0, 1]], atol=1e-9)
    assert jacobian(lambda t: t @ t, np.ones(4)).shape == (4,)
    assert jacobian(np.sin, np.float64(0.0)) == pytest.approx(1)


def test_jacobian_asks_four_times_a_column():
    """Not four times an entry: of a wide function the rows cost nothing."""
    calls = []

    def f(x):
        calls.append(x)
        return np.outer(x, np.ones(100))

    jacobian(f, np.ones(3))
    assert len(calls) == 1 + 4 * 3


@pytest.mark.parametrize("seed", range(3))
def test_hessian_of_a_quadratic_is_its_matrix(seed):
    """Also for many points side by side, each with its own place."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(4, 4))
    A = A + A.T
    for shape in [(4,), (3, 4), (2, 3, 4)]:
        w = rng.normal(size=shape)
        w.flags.writeable = False
        H = hessian(lambda w: w @ A, w)
        assert H.shape == (*shape, 4)
        np.testing.assert_allclose(H, np.broadcast_to(A, H.shape), atol=1e-9)


def test_hessians_belong_to_their_points():
    """f = w₀³ w₁: each point has its own second derivatives."""
    w = np.array([[1, 2], [3, -1]])
    H = hessian(
        lambda w: np.stack([3 * w[..., 0] ** 2 * w[..., 1], w[..., 0] ** 3], -1), w
    )
    expected = [[[6 * a * b, 3 * a * a], [3 * a * a, 0]] for a, b in w]
    np.testing.assert_allclose(H, expected, atol=1e-6)


def test_hessian_is_symmetric_and_takes_h():
    """Differences with h of the gradient (w₁³, 0): (w₁³)′ = 3 w₁² + h², halved."""
    H = hessian(lambda w: np.array([w[1] ** 3, 0.0]), [0.0, 2.0], h=0.5)
    np.testing.assert_array_equal(H, [[0, 6.125], [6.125, 0]])


def test_largest_error_of_a_right_rule():
    u, g = np.array([0.5, -1.0]), np.array([1.0, 2.0])
    assert largest_error(sigmoid, (u,), g) < 1e-12
    assert largest_error(sigmoid.rule, (u,), g) < 1e-12
    rng = np.random.default_rng(0)
    shapes = [(4, 3), (2, 3), (2,)]
    arrays = tuple(rng.normal(size=shape) for shape in shapes)
    assert largest_error(linear, arrays, rng.normal(size=(4, 2))) < 1e-10


def test_largest_error_of_a_wrong_rule():
    def product(a, b):  # its second derivative is off by 0.25 g
        return a * b, (lambda g: g * b, lambda g: g * (a + 0.25))

    a, b = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    error = largest_error(product, (a, b), np.array([1.0, -2.0]))
    assert error == pytest.approx(0.5)


def test_no_number_is_no_small_error():
    def broken(a, b):
        return a + b, (lambda g: g, lambda g: g * np.nan)

    assert np.isnan(largest_error(broken, (np.ones(2), np.ones(2)), np.ones(2)))


def test_only_floats_with_a_derivative_are_compared():
    def scaled(a, n, by):
        return a * n * by, (lambda g: g * n * by, lambda g: 1 / 0, None)

    assert largest_error(scaled, (np.ones(2), 3, 2.0), np.ones(2)) < 1e-12


def test_settings_reach_the_rule():
    def power(a, *, n):
        return a**n, (lambda g: g * n * a ** (n - 1),)

    assert largest_error(power, (np.array([2.0]),), np.ones(1), n=3) < 1e-10


def test_no_numbers_have_no_error():
    assert largest_error(exp, (np.zeros(0),), np.zeros(0)) == 0
