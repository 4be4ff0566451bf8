"""What the page on the chain rule says, with other functions and other graphs."""

import numpy as np
import pytest

from course_lib.backprop.chain_rule import (
    paths,
    sum_over_paths,
    walk_back,
    walk_forward,
)
from course_lib.core.numerical import central_difference
from tests.definitions import definitions

seeds = pytest.mark.parametrize("seed", range(5, 10))
page = definitions("backprop/chain_rule")


@seeds
def test_the_toy_walks_as_the_library_does(seed):
    edges = page.layered((3, 4, 2, 1), np.random.default_rng(seed))
    back = walk_back(edges, (3, 0))
    assert page.walk_back(edges, (3, 0)) == pytest.approx(back)


def test_the_garden():
    def area(t):
        return 2 * t * (t + 2)

    assert area(3) == 30 and central_difference(area, 3.0) == pytest.approx(16)


@seeds
def test_three_slopes_in_a_row_multiply(seed):
    a, b, x = np.random.default_rng(seed).normal(size=3)
    f, df = np.arctan, lambda u: 1 / (1 + u**2)
    g, dg = lambda u: a * u**3, lambda u: 3 * a * u**2
    h, dh = lambda u: np.cos(b * u), lambda u: -b * np.sin(b * u)
    measured = central_difference(lambda x: f(g(h(x))), x)
    product = df(g(h(x))) * dg(h(x)) * dh(x)
    assert product == pytest.approx(measured, abs=1e-8)


@seeds
def test_paths_and_both_walks_agree(seed):
    sizes = (3, 4, 2, 3, 1)
    edges, end = page.layered(sizes, np.random.default_rng(seed)), (4, 0)
    back = walk_back(edges, end)
    assert len(back) == sum(sizes)
    for i in range(sizes[0]):
        assert len(list(paths(edges, (0, i), end))) == 4 * 2 * 3
        expected = pytest.approx(sum_over_paths(edges, (0, i), end), abs=1e-12)
        assert expected == back[0, i]
        assert expected == walk_forward(edges, (0, i))[end]
