"""What the page on one perceptron says of Rosenblatt's rule, from other starts."""

import numpy as np
import pytest

from course_lib.datasets import digits
from course_lib.perceptron.neuron import GATES, corners, learn, unit, with_one

TABLES = {
    "AND": (0, 0, 0, 1),
    "OR": (0, 1, 1, 1),
    "NAND": (1, 1, 1, 0),
    "XOR": (0, 1, 1, 0),
}


@pytest.mark.parametrize("gate", GATES)
def test_gates_are_learned_from_any_start(gate):
    """The page: from 100 starts, in at most 11 rounds."""
    y = np.array(TABLES[gate])
    for seed in range(100, 200):
        start = np.random.default_rng(seed).normal(size=3)
        w, mistakes = learn(corners(), y, start)
        assert mistakes[-1] == 0 and len(mistakes) <= 11
        np.testing.assert_array_equal(unit(corners(), w), y)


def test_xor_is_never_learned():
    y = np.array(TABLES["XOR"])
    for seed in range(20, 40):
        start = np.random.default_rng(seed).normal(size=3)
        _, mistakes = learn(corners(), y, start, rounds=200)
        assert len(mistakes) == 200 and min(mistakes) > 0


def test_one_unit_separates_the_zeros_and_not_the_eights():
    """The page: zeros in at most 8 rounds, at most 1 wrong of 360 test digits."""
    data = digits()
    x, x_test = with_one(data.x_train), with_one(data.x_test)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(x))
        y = (data.y_train[order] == 0) * 1
        w, mistakes = learn(x[order], y, np.zeros(65), rounds=50)
        assert mistakes[-1] == 0 and len(mistakes) <= 8
        assert (unit(x_test, w) != (data.y_test == 0)).sum() <= 1
    y = (data.y_train[order] == 8) * 1
    w, mistakes = learn(x[order], y, np.zeros(65), rounds=30)
    assert mistakes[-1] > 20
