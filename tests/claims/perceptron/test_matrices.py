"""What the page on matrices says, with other weights."""

import numpy as np
import pytest

from tests.definitions import definitions


@pytest.mark.parametrize("seed", range(5, 10))
def test_loops_and_columns_have_the_same_bits(seed):
    assert definitions("perceptron/matrices").same_bits(seed)


@pytest.mark.parametrize("seed", range(5, 8))
def test_the_three_loops_are_the_product(seed):
    rng = np.random.default_rng(seed)
    X, W = rng.normal(size=(6, 4)), rng.normal(size=(3, 4))
    np.testing.assert_allclose(
        definitions("perceptron/matrices").by_hand(X, W), X @ W.T, atol=1e-12
    )


def test_the_weekend():
    W = np.array([[-2.5, 3, 2], [-0.5, -1, 2]])
    X = np.array([[1, 1, 0], [1, 0, 1], [1, 1, 1]])
    assert (X @ W.T).tolist() == [[0.5, -1.5], [-0.5, 1.5], [2.5, 0.5]]
