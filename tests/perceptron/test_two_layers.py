"""Two layers of step units: XOR, the missing bias, lines and polygons."""

from itertools import product

import numpy as np
import pytest

from course_lib.perceptron.neuron import GATES, corners, reachable, step, unit, with_one
from course_lib.perceptron.two_layers import XOR, hidden, polygon, regions, two_layers


def test_xor():
    np.testing.assert_array_equal(two_layers(corners(), *XOR), [0, 1, 1, 0])


def test_hidden_units_of_xor_are_or_and_nand():
    o0 = hidden(corners(), XOR.W0)
    np.testing.assert_array_equal(o0.T, [[0, 1, 1, 1], [1, 1, 1, 0]])
    assert hidden(corners()[0], XOR.W0).shape == (2,)


def test_weights_are_addressed_to_from():
    """Slide 8: w⁰₁₂ leads to hidden unit 1 from input 2."""
    W0 = np.zeros((2, 3)) - [[0.5], [0.5]]
    W0[1, 2] = 2.0
    np.testing.assert_array_equal(hidden([1, 0, 1], W0), [0, 1])


def test_layers_equal_the_matrix_form():
    rng = np.random.default_rng(0)
    x = with_one(rng.normal(size=(200, 2)))
    for n in (1, 2, 5):
        W0, W1, b = rng.normal(size=(n, 3)), rng.normal(size=(1, n)), rng.normal()
        expected = step(step(x @ W0.T) @ W1[0] + b)
        np.testing.assert_array_equal(two_layers(x, W0, W1, b), expected)


# ---- Slide 9: no bias at the output ----------------------------------------------


def test_without_output_bias_the_output_is_1_where_all_hidden_units_are_0():
    rng = np.random.default_rng(0)
    for _ in range(50):
        assert unit([0, 0, 0], rng.normal(size=3)) == 1


def test_without_output_bias_or_and_nand_cannot_make_xor():
    o0 = hidden(corners(), XOR.W0)
    for w in product(np.linspace(-3, 3, 25), repeat=2):
        assert unit(o0, w).tolist() != [0, 1, 1, 0]


def test_without_output_bias_other_hidden_units_make_xor():
    nor = [0.5, -1, -1]
    o = two_layers(corners(), [GATES["AND"], nor], [[-1, -1]])
    np.testing.assert_array_equal(o, [0, 1, 1, 0])


def test_without_output_bias_all_16_tables_can_be_made():
    lines = list(reachable([k / 2 for k in range(-4, 5)]))
    made = {
        tuple(unit(np.array(pair).T, w))
        for pair in product(lines, repeat=2)
        for w in product([-1, 0, 1], repeat=2)
    }
    assert len(made) == 16


def without_bias(W0, w1, b, patterns):
    """The folded note: the same outputs with hidden units turned round, and no b."""
    sums = patterns @ w1 + b
    turned = patterns[sums >= 0][sums[sums >= 0].argmin()] == 1
    sign = np.where(turned, -1, 1)
    return W0 * sign[:, None], w1 * sign


def test_turning_hidden_units_round_replaces_the_bias():
    for seed in range(50):
        rng = np.random.default_rng(seed)
        n = rng.integers(1, 6)
        x = with_one(rng.normal(size=(300, 2)))
        W0 = rng.normal(size=(n, 3))
        # multiples of 1/8, so that the sum which must be 0 is exactly that
        w1, b = rng.integers(-20, 20, n) / 8, rng.integers(-20, 20) / 8
        expected = two_layers(x, W0, w1[None], b)
        if expected.max() == 0:
            continue
        V0, v1 = without_bias(W0, w1, b, hidden(x, W0))
        np.testing.assert_array_equal(two_layers(x, V0, v1[None]), expected)


# ---- Slide 10: lines and polygons ------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_random_lines_cut_the_plane_into_most_regions(n):
    for seed in range(10):
        W0 = np.random.default_rng(seed).normal(size=(n, 3))
        assert len(regions(W0, half=1e5)) == 1 + n * (n + 1) // 2


def test_regions_tile_the_square_and_are_told_apart_by_the_hidden_units():
    W0 = np.random.default_rng(1).normal(size=(5, 3))
    pieces = regions(W0, half=1e5)
    areas = []
    for piece in pieces:
        x, y = piece.T
        areas.append(np.abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2)
    np.testing.assert_allclose(sum(areas), 4e10, rtol=1e-12)
    middles = with_one([piece.mean(axis=0) for piece in pieces])
    assert len({tuple(o) for o in hidden(middles, W0)}) == len(pieces)


def test_a_line_along_a_side_adds_no_region():
    w = [1.0, 1.0, 0.0]  # x₁ = −1
    assert len(regions(np.array([w, w]), half=2)) == 2
    assert len(regions(np.array([[2.0, 1.0, 0.0]]), half=2)) == 1


def test_of_two_lines_the_output_colours_14_of_16_ways():
    assert len(reachable([k / 2 for k in range(-4, 5)])) == 14


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_corners_of_a_polygon_lie_on_the_unit_circle(n):
    angle = 2 * np.pi * np.arange(n) / n
    corner = np.column_stack([np.cos(angle), np.sin(angle)])
    inside, outside = (
        two_layers(with_one(s * corner), *polygon(n)) for s in (0.999, 1.001)
    )
    assert inside.all() and not outside.any()


def test_forgiving_one_of_five_lines_makes_a_star():
    phi = (1 + np.sqrt(5)) / 2
    tips = np.pi / 5 + 2 * np.pi * np.arange(5) / 5
    tip = phi**2 * np.column_stack([np.cos(tips), np.sin(tips)])
    star = polygon(5, missed=1)
    assert two_layers(with_one(0.999 * tip), *star).all()
    assert not two_layers(with_one(1.001 * tip), *star).any()
    between = 0.98 * (tip + np.roll(tip, 1, axis=0)) / 2
    assert not two_layers(with_one(between), *star).any()  # not convex
