"""A layer by loops, by columns and as a product: the same numbers, the same work."""

import numpy as np
import pytest

from course_lib.perceptron.matrices import by_columns, by_loops, count_products

seeds = pytest.mark.parametrize("seed", range(5))
shapes = pytest.mark.parametrize(("N", "D", "K"), [(1, 1, 1), (3, 4, 2), (7, 50, 5)])


def layer(seed: int, N: int, D: int, K: int) -> tuple:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(K, D)), rng.normal(size=(N, D))


@seeds
@shapes
def test_columns_equal_loops_bit_for_bit(seed, N, D, K):
    W, X = layer(seed, N, D, K)
    assert np.isfinite(by_loops(W, X)).all()
    np.testing.assert_array_equal(by_columns(W, X), by_loops(W, X), strict=True)


@seeds
@shapes
def test_product_equals_loops_to_rounding(seed, N, D, K):
    W, X = layer(seed, N, D, K)
    np.testing.assert_allclose(by_loops(W, X), X @ W.T, rtol=0, atol=1e-13)
    np.testing.assert_allclose((X @ W.T)[0], W @ X[0], rtol=0, atol=1e-13)


@seeds
def test_whole_numbers_and_sixteenths_are_exact(seed):
    rng = np.random.default_rng(seed)
    W, X = rng.integers(-9, 10, (6, 64)), rng.integers(0, 17, (20, 64)) / 16
    np.testing.assert_array_equal(by_loops(W, X), X @ W.T)


@shapes
def test_counts_are_those_of_the_formula(N, D, K):
    W, X = layer(0, N, D, K)
    for compute in (by_loops, by_columns, lambda W, X: X @ W.T):
        assert count_products(compute, W, X) == N * D * K


def test_counting_sees_every_product_and_no_sum():
    a = np.arange(3.0)
    assert count_products(lambda a: a + a, a) == 0
    assert count_products(lambda a: a * a * a, a) == 6
    assert count_products(lambda a: 2 * a, a) + count_products(lambda a: a * 2, a) == 6
    assert count_products(lambda a: (a * a).sum(), a) == 3


def test_counting_computes_the_same_numbers():
    W, X = layer(1, 3, 4, 2)
    seen = []
    count_products(lambda W, X: seen.append(by_loops(W, X)), W, X)
    np.testing.assert_array_equal(seen[0], by_loops(W, X))
