"""What the page on one perceptron says of Rosenblatt's rule, from other starts."""

import numpy as np
import pytest

from course_lib.datasets import digits
from course_lib.nn.dense import logistic
from course_lib.perceptron.neuron import (
    GATES,
    corners,
    learn,
    reachable,
    unit,
    with_one,
)
from tests.definitions import definitions

TABLES = {
    "AND": (0, 0, 0, 1),
    "OR": (0, 1, 1, 1),
    "NAND": (1, 1, 1, 0),
    "XOR": (0, 1, 1, 0),
}


@pytest.mark.parametrize("gate", GATES)
def test_gates_are_learned_from_any_start(gate):
    """From 100 starts, in at most 11 rounds."""
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


page = definitions("perceptron/neuron")
data = page.data = digits()
page.x, page.x_test = with_one(data.x_train), with_one(data.x_test)
OTHER = range(100, 106)  # orders of the examples that the page does not show


def test_one_unit_reads_zeros():
    """The page: at last no mistake, and at most 2 of 360 new digits wrong."""
    for seed in OTHER:
        _, mistakes, wrong = page.trained(0, seed)
        assert mistakes[-1] == 0 and wrong <= 4


def test_the_rule_does_not_settle_on_eights():
    """The page: more than 50 mistakes in round 50, wrong on 10 to 38."""
    for seed in OTHER:
        _, mistakes, wrong = page.trained(8, seed)
        assert len(mistakes) == 50 and mistakes[-1] > 40 and wrong >= 5
    assert (data.y_test == 8).sum() == 30  # what always saying no gets wrong


def test_the_strongest_weights_speak_against_ink_in_the_middle():
    for seed in OTHER:
        picture = page.trained(0, seed)[0][1:].reshape(8, 8)
        y, x = np.unravel_index(picture.argmin(), (8, 8))
        assert abs(picture).max() == -picture.min() and 2 <= y <= 5 and 2 <= x <= 5


def test_the_lake():
    w = [-2.5, 3, 2, -2]
    assert [page.decide(x, w) for x in ([1, 1, 0, 1], [1, 1, 1, 1])] == [0, 1]
    assert sum(page.decide(x, w) for x in corners(3)) == 3
    np.testing.assert_allclose(logistic(np.array([0.5, -1.5])), [0.62, 0.18], atol=5e-3)


def test_every_table_but_two_is_made_and_those_are_opposites():
    found = reachable([k / 2 for k in range(-4, 5)])
    assert len(found) == 14
    assert not {(0, 1, 1, 0), (1, 0, 0, 1)} & found.keys()
