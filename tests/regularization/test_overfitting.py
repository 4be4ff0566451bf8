"""Polynomials and least squares: values by hand, and scikit-learn as judge."""

from __future__ import annotations

import numpy as np
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


@given(SEEDS, st.integers(1, 12), st.integers(1, 12))
def test_the_shortest_of_the_best(seed, n, d):
    X, y = problem(seed, n, d)
    w = least_squares(X, y)
    assert_allclose(X.T @ (X @ w - y), 0, atol=1e-9)  # the lowest point
    _, s, Vt = np.linalg.svd(X)
    unseen = Vt[np.sum(s > 1e-12) :]  # directions in which the outputs stay the same
    assert_allclose(unseen @ w, 0, atol=1e-9)


def test_columns_that_say_the_same_share_the_weight():
    column = np.array([[1.0], [2.0], [3.0]])
    w = least_squares(np.hstack([column, column]), [2.0, 4.0, 6.0])
    assert_allclose(w, [1.0, 1.0], rtol=1e-12)


def test_columns_of_zeros_get_weight_zero():
    assert_array_equal(least_squares(np.zeros((3, 2)), np.ones(3)), [0, 0])


@given(SEEDS)
def test_several_answers_are_fitted_each_by_itself(seed):
    X, y = problem(seed, 8, 3, k=2)
    w = least_squares(X, y)
    for j in range(2):
        assert_allclose(w[:, j], least_squares(X, y[:, j]), rtol=1e-10, atol=1e-12)
