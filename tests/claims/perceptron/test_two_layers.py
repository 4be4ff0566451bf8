"""What the page on two layers says of its networks."""

from itertools import product

import numpy as np
import pytest

from course_lib.perceptron.neuron import GATES, corners
from course_lib.perceptron.two_layers import hidden, polygon, regions, two_layers
from tests.definitions import definitions

page = definitions("perceptron/two_layers")
page.UNITS = GATES | {"NOR": [0.5, -1, -1]}
GRID = [[1, a, b] for a in (0, 1) for b in (0, 1)]


def table_of(first, second, out):
    W0 = [page.UNITS[first], page.UNITS[second]]
    b, *weights = page.UNITS[out]
    return [int(o) for o in two_layers(corners(), W0, [weights], b)]


def test_the_toy_network_is_the_library_s():
    for first, second, out in product(page.UNITS, repeat=3):
        W0, (b, *W1) = [page.UNITS[first], page.UNITS[second]], page.UNITS[out]
        W0 = [list(w) for w in W0]
        made = [page.network(x, W0, W1, b) for x in GRID]
        assert made == table_of(first, second, out)


def test_xor_as_the_page_and_its_reader_make_it():
    assert table_of("OR", "NAND", "AND") == [0, 1, 1, 0]
    others = {p for p in product(page.UNITS, repeat=3) if "NOR" in p[:2]}
    assert any(table_of(*p) == [0, 1, 1, 0] for p in others)


def test_the_points_that_should_give_1_meet():
    o0 = hidden(corners(), [GATES["OR"], GATES["NAND"]])
    assert (o0[1] == o0[2]).all() and len({tuple(o) for o in o0}) == 3


@pytest.mark.parametrize(("n", "no", "filled"), [(3, 0, 1), (3, 1, 4), (5, 1, 6)])
def test_regions_where_enough_units_say_yes(n, no, filled):
    W0 = polygon(n).W0
    middles = [piece.mean(axis=0) for piece in regions(W0, half=9)]
    counts = [hidden([1, *x], W0).sum() for x in middles]
    assert len(counts) == 1 + n * (n + 1) // 2
    assert sum(c >= n - no for c in counts) == filled


def test_the_star_is_not_convex():
    star = polygon(5, missed=1)
    rng = np.random.default_rng(5)
    p, q = (rng.uniform(-3, 3, size=(20_000, 2)) for _ in range(2))
    inside = [two_layers(np.c_[np.ones(len(x)), x], *star) == 1 for x in (p, q)]
    both = inside[0] & inside[1]
    middle = (p[both] + q[both]) / 2
    assert two_layers(np.c_[np.ones(len(middle)), middle], *star).min() == 0


@pytest.mark.parametrize("seed", range(5, 10))
def test_random_lines_reach_the_most_regions(seed):
    W0 = np.random.default_rng(seed).normal(size=(6, 3))
    assert len(regions(W0, half=10_000)) == 1 + 6 * 7 // 2
