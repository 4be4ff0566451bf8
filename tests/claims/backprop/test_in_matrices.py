"""What the page on backpropagation in matrices says of the price of a product."""

from itertools import pairwise

import numpy as np
import pytest

from course_lib.perceptron.matrices import count_products
from tests.definitions import definitions


@pytest.mark.parametrize("sizes", [(1, 3), (1, 4, 3), (1, 2, 5, 3, 4), (4, 3, 1, 5, 2)])
def test_product_cost_counts_what_is_really_multiplied(sizes):
    product_cost = definitions("backprop/in_matrices").product_cost
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
        assert product_cost(sizes, from_left=side) == count_products(compute, *matrices)
    np.testing.assert_allclose(from_left(*matrices), from_right(*matrices), atol=1e-12)
