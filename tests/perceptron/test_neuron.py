"""One perceptron: units, gates, the search for truth tables, Rosenblatt's rule."""

from itertools import product

import numpy as np
import pytest

from course_lib.perceptron.neuron import (
    GATES,
    corners,
    learn,
    reachable,
    step,
    unit,
    with_one,
)

TABLES = {
    "AND": (0, 0, 0, 1),
    "OR": (0, 1, 1, 1),
    "NAND": (1, 1, 1, 0),
    "XOR": (0, 1, 1, 0),
}


def test_step_is_1_from_0_on():
    u = np.array([[-2.0, -1e-300, 0.0], [-0.0, 1e-300, 3.0]])
    np.testing.assert_array_equal(step(u), [[0, 0, 1], [1, 1, 1]])
    assert step(u).dtype == np.float64


def test_step_of_one_number_and_of_whole_numbers():
    assert step(0.0) == 1
    assert step(-1) == 0
    assert step(np.array([1, -1])).tolist() == [1, 0]


@pytest.mark.parametrize("gate", GATES)
def test_gates(gate):
    """Slide 6."""
    np.testing.assert_array_equal(unit(corners(), GATES[gate]), TABLES[gate])


def test_unit_is_the_weighted_sum_under_its_activation():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(20, 5)), rng.normal(size=5)
    u = unit(x, w, b=0.7, f=lambda u: u)
    np.testing.assert_allclose(u, x @ w + 0.7, rtol=0, atol=1e-14)
    assert unit(x[0], w).shape == ()
    np.testing.assert_array_equal(unit(x, w), step(x @ w))


def test_a_unit_on_its_line_is_1():
    assert unit([1, 2, 3], [1, -2, 1]) == 1


def test_with_one_puts_a_1_before_each_point():
    points = [[2.0, 3.0], [4.0, 5.0]]
    np.testing.assert_array_equal(with_one(points), [[1, 2, 3], [1, 4, 5]])


def test_weights_stand_at_a_right_angle_to_the_line_on_its_positive_side():
    for seed in range(20):
        w = np.random.default_rng(seed).normal(size=3)
        foot = -w[0] / (w[1:] @ w[1:]) * w[1:]
        along = np.array([-w[2], w[1]])
        for t in (-2.0, 0.0, 3.0):
            (ahead, behind) = unit(
                with_one([foot + t * along + s * w[1:] for s in (1e-6, -1e-6)]), w
            )
            assert (ahead, behind) == (1, 0)
        x = with_one(np.random.default_rng(seed).normal(size=(99, 2)))
        np.testing.assert_array_equal(unit(x, 2 * w), unit(x, w))


# ---- XOR -------------------------------------------------------------------------


def test_all_tables_of_two_inputs_are_reached_but_xor_and_its_opposite():
    found = reachable([k / 2 for k in range(-4, 5)])
    missing = set(product((0, 1), repeat=4)) - set(found)
    assert missing == {(0, 1, 1, 0), (1, 0, 0, 1)}
    for table, w in found.items():
        assert tuple(step(corners() @ w)) == table


def test_no_unit_has_more_than_three_answers_of_xor_right():
    for seed in range(10):
        w = 10 * np.random.default_rng(seed).normal(size=(500, 3))
        answers = step(corners() @ w.T)  # (4, 500)
        right = (answers == np.array(TABLES["XOR"])[:, None]).sum(axis=0)
        assert right.max() == 3


def test_three_inputs_have_104_tables_of_one_unit():
    assert len(reachable([k / 2 for k in range(-4, 5)], inputs=3)) == 104


def test_a_product_as_third_input_makes_xor():
    x = np.column_stack([corners(), corners()[:, 1] * corners()[:, 2]])
    np.testing.assert_array_equal(unit(x, [-0.5, 1, 1, -2]), TABLES["XOR"])


# ---- Rosenblatt's rule -----------------------------------------------------------


def test_a_round_of_xor_ends_where_it_began():
    y = np.array(TABLES["XOR"])
    w, mistakes = learn(corners(), y, np.zeros(3), rounds=3)
    again, more = learn(corners(), y, w, rounds=1)
    assert (mistakes, more) == ([3, 3, 4], [4])
    np.testing.assert_array_equal(again, w)


def test_and_keeps_the_bound_of_the_proof():
    """At most R²|v|² mistakes: 3 · 17 with v = (−3, 2, 2)."""
    y = np.array(TABLES["AND"])
    v = np.array([-3, 2, 2])
    assert ((2 * y - 1) * (corners() @ v) >= 1).all()
    bound = max((corners() ** 2).sum(axis=1)) * (v @ v)
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(4)
        _, mistakes = learn(corners()[order], y[order], np.zeros(3))
        assert mistakes[-1] == 0 and sum(mistakes) <= bound == 51


def test_the_bound_holds_for_random_separable_points():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        x, v = with_one(rng.uniform(-1, 1, (60, 2))), rng.normal(size=3)
        far = np.abs(x @ v) > 0.2
        x, y = x[far], step(x[far] @ v)
        v = v / np.abs(x @ v).min()
        _, mistakes = learn(x, y, np.zeros(3), rounds=10_000)
        assert mistakes[-1] == 0
        assert sum(mistakes) <= (x**2).sum(axis=1).max() * (v @ v)


def test_learning_does_not_change_what_it_was_given():
    x, y, w = corners(), np.array(TABLES["AND"]), np.zeros(3)
    for array in (x, y, w):
        array.flags.writeable = False
    learn(x, y, w)
