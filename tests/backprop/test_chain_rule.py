"""Sums over paths, walks backward and forward: one derivative, three prices."""

import numpy as np
import pytest

from course_lib.backprop.chain_rule import (
    paths,
    sum_over_paths,
    walk_back,
    walk_forward,
)
from course_lib.core.numerical import partial_derivatives

seeds = pytest.mark.parametrize("seed", range(5))


def squares(t: float, n: int) -> list:
    """Square n times: each value goes into the next product twice."""
    return [(k, k + 1, t ** (2**k)) for k in range(n) for _ in range(2)]


@seeds
def test_against_finite_differences(seed):
    """The page's example: h = s₀ s₁ + s₂ with s₀ = t₀ t₁, s₁ = t₀ + t₁, s₂ = t₀²."""
    t0, t1 = t = np.random.default_rng(seed).normal(size=2)
    edges = [("t0", "s0", t1), ("t1", "s0", t0), ("t0", "s1", 1), ("t1", "s1", 1)]
    edges += [("t0", "s2", 2 * t0)]
    edges += [("s0", "h", t0 + t1), ("s1", "h", t0 * t1), ("s2", "h", 1)]
    back = walk_back(edges, "h")
    slopes = partial_derivatives(
        lambda t: t[0] * t[1] * (t[0] + t[1]) + t[0] ** 2, np.array(t)
    )
    np.testing.assert_allclose([back["t0"], back["t1"]], slopes, atol=1e-9)
    # With two of the three inner functions, as slide 21's upper limit m says, not.
    short = sum_over_paths([e for e in edges if e[0] != "s2"], "t0", "h")
    assert abs(short - slopes[0]) == pytest.approx(abs(2 * t0))


@pytest.mark.parametrize("n", [1, 2, 5, 10])
def test_squaring_has_two_to_the_n_paths(n):
    t = 1.0625
    edges = squares(t, n)
    assert len(list(paths(edges, 0, n))) == 2**n
    assert len(edges) == 2 * n
    wanted = pytest.approx(2**n * t ** (2**n - 1), rel=1e-12)
    assert sum_over_paths(edges, 0, n) == wanted
    assert walk_back(edges, n)[0] == wanted
    assert walk_forward(edges, 0)[n] == wanted


def test_what_the_end_does_not_use_has_no_derivative():
    edges = [("a", "b", 2.0), ("a", "c", 3.0), ("d", "c", 4.0)]
    assert walk_back(edges, "b") == {"b": 1.0, "a": 2.0}
    assert walk_forward(edges, "d") == {"d": 1.0, "c": 4.0}
    assert sum_over_paths(edges, "d", "b") == 0
    assert sum_over_paths(edges, "a", "a") == 1
