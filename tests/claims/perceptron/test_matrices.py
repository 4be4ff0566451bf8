"""What the page on matrices says, with other weights."""

import pytest

from tests.definitions import definitions


@pytest.mark.parametrize("seed", range(5, 10))
def test_loops_and_columns_have_the_same_bits(seed):
    assert definitions("perceptron/matrices").same_bits(seed)
