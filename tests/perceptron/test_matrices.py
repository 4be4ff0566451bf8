"""A layer by loops, by columns and as a product: the same numbers, the same work."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.backprop import by_hand
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


def test_a_forward_pass_costs_what_the_formula_of_by_hand_says():
    x, W0, W1 = np.ones(20), np.ones((5, 20)), np.ones((3, 5))
    count = count_products(lambda A, B, x: A @ (B @ x), W1, W0, x)
    assert count == by_hand.multiplications((20, 5, 3))["forward"] == 115
    count = count_products(lambda A, B, x: (A @ B) @ x, W1, W0, x)
    assert count == 3 * 5 * 20 + 3 * 20


@pytest.mark.parametrize("compute", [by_loops, by_columns])
def test_shapes_that_do_not_fit_are_named(compute):
    with pytest.raises(ValueError, match=r"X has shape \(4, 3\) and W \(2, 5\)"):
        compute(np.ones((2, 5)), np.ones((4, 3)))


@seeds
@pytest.mark.parametrize("depth", [2, 10, 50])
def test_linear_layers_collapse_to_one(depth, seed):
    """Slide 5: without an activation a stack of layers is one layer, to rounding."""
    rng = np.random.default_rng(seed)
    layers = rng.normal(0, 0.3, (depth, 10, 10))
    o = x = rng.normal(size=10)
    all_in_one = np.eye(10)
    for W in layers:
        o, all_in_one = W @ o, W @ all_in_one
    assert np.abs(o).max() > 0
    assert np.abs(all_in_one @ x - o).max() < 1e-12 * np.abs(o).max()
