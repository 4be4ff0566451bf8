"""Polynomials and least squares: values by hand, and scikit-learn as judge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from course_lib.regularization.overfitting import least_squares, polynomial_features
from tests.oracles import oracle

SEEDS = st.integers(0, 2**32 - 1)


def problem(seed, n, d, k=None):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=n if k is None else (n, k))


@given(
    st.lists(st.floats(-1, 1, allow_subnormal=False), min_size=1, max_size=9),
    st.integers(0, 9),
)
def test_features_are_scikit_learns(x, degree):
    x = np.array(x)
    judge = oracle("sklearn.preprocessing").PolynomialFeatures(degree)
    expected = judge.fit_transform(x[:, None])
    assert_allclose(polynomial_features(x, degree), expected, rtol=1e-13, atol=1e-300)


def ridge(X, y, penalty, **options):
    Ridge = oracle("sklearn.linear_model").Ridge
    model = Ridge(alpha=penalty, fit_intercept=False, solver="svd", **options)
    return model.fit(X, y).coef_


@given(SEEDS, st.integers(1, 12), st.integers(1, 12), st.floats(1e-4, 1e3))
def test_a_penalty_is_scikit_learns_ridge(seed, n, d, penalty):
    X, y = problem(seed, n, d)
    expected = ridge(X, y, penalty, tol=0)
    assert_allclose(least_squares(X, y, penalty), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("penalty", [1e-6, 1e-3, 1.0])
def test_the_deck_s_polynomials_with_a_penalty(penalty):
    rng = np.random.default_rng(0)
    X = polynomial_features(np.linspace(-1, 1, 20), 15)
    y = rng.normal(size=20)
    ours = least_squares(X, y, penalty)
    assert_allclose(ours, ridge(X, y, penalty), rtol=1e-10, atol=1e-10)


@given(SEEDS, st.integers(1, 12), st.integers(1, 12))
def test_without_penalty_the_shortest_of_the_best(seed, n, d):
    X, y = problem(seed, n, d)
    expected = np.linalg.lstsq(X, y, rcond=None)[0]
    assert_allclose(least_squares(X, y), expected, rtol=1e-7, atol=1e-9)


def test_columns_that_say_the_same_share_the_weight():
    column = np.array([[1.0], [2.0], [3.0]])
    w = least_squares(np.hstack([column, column]), [2.0, 4.0, 6.0])
    assert_allclose(w, [1.0, 1.0], rtol=1e-12)


def test_columns_of_zeros_get_weight_zero():
    assert_array_equal(least_squares(np.zeros((3, 2)), np.ones(3)), [0, 0])


@given(SEEDS, st.floats(0, 10))
def test_several_answers_are_fitted_each_by_itself(seed, penalty):
    X, y = problem(seed, 8, 3, k=2)
    w = least_squares(X, y, penalty)
    for j in range(2):
        alone = least_squares(X, y[:, j], penalty)
        assert_allclose(w[:, j], alone, rtol=1e-10, atol=1e-12)


@given(SEEDS, st.floats(0.01, 10))
def test_the_gradient_is_zero_there(seed, penalty):
    X, y = problem(seed, 8, 3)
    w = least_squares(X, y, penalty)
    assert_allclose(X.T @ (X @ w - y) + penalty * w, 0, atol=1e-10)


def test_nothing_given_is_changed():
    X, y = problem(0, 8, 3)
    X.flags.writeable = y.flags.writeable = False
    assert least_squares(X, y, 0.1).shape == (3,)
