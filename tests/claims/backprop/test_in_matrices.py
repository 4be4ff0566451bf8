"""What the page on backpropagation in matrices says, of other networks."""

from itertools import pairwise

import numpy as np
import pytest

from course_lib.backprop import by_hand
from course_lib.core.numerical import jacobian
from course_lib.nn.dense import logistic
from course_lib.perceptron.matrices import count_products
from tests.definitions import definitions

page = definitions("backprop/in_matrices")
seeds = pytest.mark.parametrize("seed", range(5))


def network(seed, *sizes):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(K, D)) for D, K in pairwise(sizes)]
    return rng.normal(size=sizes[0]), rng.uniform(size=sizes[-1]), weights


@seeds
def test_the_loop_has_the_numbers_of_the_walk_by_hand(seed):
    x, y, weights = network(seed, 3, 2, 1)
    _, _, *by_rules = by_hand.chain(x, y, *weights)
    for found, expected in zip(page.gradients(x, y, weights), by_rules, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("sizes", [(4, 3), (3, 5, 2), (3, 4, 4, 2, 3), (2,) * 8])
def test_the_loop_agrees_with_finite_differences_at_any_depth(sizes):
    x, y, weights = network(0, *sizes)
    found = page.gradients(x, y, weights)
    for k, W in enumerate(weights):

        def loss(changed, k=k):
            o = x
            for V in [*weights[:k], changed, *weights[k + 1 :]]:
                o = logistic(V @ o)
            return ((o - y) ** 2).sum()

        assert found[k].shape == W.shape
        expected = jacobian(lambda W: np.atleast_1d(loss(W)), W)[0]
        np.testing.assert_allclose(found[k], expected, atol=1e-9)


@seeds
def test_the_jacobians_of_the_steps(seed):
    x, _, (W, _) = network(seed, 3, 2, 1)
    u = W @ x
    o = logistic(u)
    np.testing.assert_allclose(jacobian(lambda x: W @ x, x), W, atol=1e-9)
    slopes = jacobian(logistic, u)
    np.testing.assert_allclose(slopes, np.diag(o * (1 - o)), atol=1e-9)
    tensor = np.eye(2)[:, :, None] * x  # ∂u_k/∂w_ji: x_i where k = j
    np.testing.assert_allclose(jacobian(lambda W: W @ x, W), tensor, atol=1e-9)


@seeds
def test_a_batch_adds_up_outer_products(seed):
    rng = np.random.default_rng(seed)
    G, X = rng.normal(size=(6, 2)), rng.normal(size=(6, 3))
    each = sum(np.outer(g, x) for g, x in zip(G, X, strict=True))
    np.testing.assert_allclose(G.T @ X, each, atol=1e-12)


@pytest.mark.parametrize("sizes", [(1, 3), (1, 4, 3), (1, 2, 5, 3, 4), (4, 3, 1, 5, 2)])
def test_product_cost_counts_what_is_really_multiplied(sizes):
    rng = np.random.default_rng(0)
    matrices = [rng.normal(size=shape) for shape in pairwise(sizes)]

    def from_left(*matrices):
        product = matrices[0]
        for matrix in matrices[1:]:
            product = product @ matrix
        return product

    def from_right(*matrices):
        product = matrices[-1]
        for matrix in matrices[-2::-1]:
            product = matrix @ product
        return product

    for compute, side in ((from_left, True), (from_right, False)):
        cost = count_products(compute, *matrices)
        assert page.product_cost(sizes, from_left=side) == cost
