"""Sums of bumps: the proved bound, the measured slopes, and where they fail."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.nn.dense import logistic
from course_lib.perceptron.neuron import step
from course_lib.perceptron.representation import bump, bumps, edges_and_middles, towers

PLACES = np.linspace(0, 1, 8193)
COUNTS = np.array([16, 32, 64, 128])
SMOOTH = {  # functions and their steepest slopes on [0, 1]
    "sine": (lambda x: np.sin(2 * np.pi * x), 2 * np.pi),
    "square": (lambda x: x**2, 2),
    "exp": (np.exp, np.e),
    "corner": (lambda x: np.abs(x - 0.3), 1),
    "line": (lambda x: 3 - x, 1),
}
SURFACES = {
    "hill": lambda a, b: np.exp(-8 * ((a - 0.4) ** 2 + (b - 0.6) ** 2)),
    "saddle": lambda a, b: a**2 - b**2,
    "wave": lambda a, b: np.sin(2 * np.pi * a) * np.cos(np.pi * b),
    "plane": lambda a, b: a - b,
}


def largest_error(y, n, f=step) -> float:
    return np.abs(bumps(y, n, f)(PLACES) - y(PLACES)).max()


def worst_on_square(y, n) -> float:
    o, b = towers(y, n), np.linspace(0, 1, 65)
    return max(np.abs(o(a, b) - y(a, b)).max() for a in b)


def power(counts, errors) -> float:
    """The slope of a straight line through the logarithms."""
    return np.polyfit(np.log(counts), np.log(errors), 1)[0]


def test_a_bump_is_closed_on_the_left_and_open_on_the_right():
    np.testing.assert_array_equal(
        bump(np.array([0.29, 0.3, 0.59, 0.6, 0.61]), 0.3, 0.6), [0, 1, 1, 0, 0]
    )


def test_edges_reach_beyond_the_interval():
    edges, middles = edges_and_middles(4)
    np.testing.assert_array_equal(edges, [-1, 0.25, 0.5, 0.75, 2])
    np.testing.assert_array_equal(middles, [0.125, 0.375, 0.625, 0.875])
    with pytest.raises(ValueError, match="0 intervals; give 1 or more"):
        bumps(np.sin, 0)
    with pytest.raises(ValueError, match="0 intervals"):
        towers(np.add, 0)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_bumps_are_a_network_of_the_deck(n):
    """W¹ step(W⁰ x) with x₀ = 1 and 2n hidden units gives the same numbers."""
    y = SMOOTH["sine"][0]
    edges, middles = edges_and_middles(n)
    pairs = np.stack([edges[:-1], edges[1:]], axis=1).ravel()
    W0 = np.stack([-pairs, np.ones(2 * n)], axis=1)
    W1 = np.stack([y(middles), -y(middles)], axis=1).reshape(1, 2 * n)
    for x in np.linspace(0, 1, 23):
        by_weights = W1 @ step(W0 @ np.array([1, x]))
        np.testing.assert_allclose(bumps(y, n)(x), by_weights[0], atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_towers_are_a_network_of_the_deck(n):
    """4n units, then n², then one: three products with a step between them."""
    y = SURFACES["saddle"]
    edges, middles = edges_and_middles(n)
    pairs = np.stack([edges[:-1], edges[1:]], axis=1).ravel()
    one, zero = np.ones(2 * n), np.zeros(2 * n)
    W0 = np.vstack([np.stack([-pairs, one, zero], 1), np.stack([-pairs, zero, one], 1)])
    wall = np.kron(np.eye(n), [1, -1])  # a bump for each pair
    W1 = np.array([np.r_[-1.5, wall[i], wall[j]] for i in range(n) for j in range(n)])
    W2 = y(middles[:, None], middles).reshape(1, -1)
    assert (len(W0), len(W1)) == (4 * n, n * n)
    for x1, x2 in np.random.default_rng(0).uniform(size=(20, 2)):
        hidden = step(W0 @ np.array([1, x1, x2]))
        by_weights = W2 @ step(W1 @ np.r_[1, hidden])
        np.testing.assert_allclose(towers(y, n)(x1, x2), by_weights[0], atol=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
def test_error_keeps_the_bound_and_falls_with_slope_minus_one(name):
    y, steepest = SMOOTH[name]
    errors = [largest_error(y, n) for n in COUNTS]
    assert (errors <= steepest / (2 * COUNTS) * (1 + 1e-12)).all()
    assert power(COUNTS, errors) == pytest.approx(-1, abs=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_slope_for_random_sums_of_waves(seed):
    rng = np.random.default_rng(seed)
    heights, phases = rng.normal(size=3), rng.uniform(0, 6, size=3)
    waves = np.arange(1, 4) * np.pi

    def y(x):
        return np.sin(np.asarray(x)[..., None] * waves + phases) @ heights

    errors = [largest_error(y, n) for n in COUNTS]
    bound = (np.abs(heights) * waves).sum() / (2 * COUNTS)
    assert (errors <= bound).all()
    assert power(COUNTS, errors) == pytest.approx(-1, abs=0.1)


def test_the_root_converges_at_half_the_rate_and_a_jump_not_at_all():
    errors = [largest_error(np.sqrt, n) for n in COUNTS]
    assert power(COUNTS, errors) == pytest.approx(-0.5, abs=0.01)
    for place in (1 / 3, 0.3, 1 / np.sqrt(2)):
        errors = [largest_error(lambda x, a=place: step(x - a), n) for n in COUNTS]
        assert min(errors) == 1


def test_continuous_units_come_near_a_jump_in_the_mean_alone():
    """Beside a jump of 1 their largest error stays ½, however steep they are."""
    beside = np.concatenate([PLACES, [np.nextafter(1 / 3, 0), 1 / 3]])
    means = []
    for s in (100, 1000, 10000):
        error = np.abs(logistic(s * (beside - 1 / 3)) - step(beside - 1 / 3))
        assert error.max() == pytest.approx(0.5)
        means.append(error.mean())
    assert means[0] > 5 * means[1] > 25 * means[2]


@pytest.mark.parametrize("name", SMOOTH)
def test_steep_sigmoids_do_as_well_as_steps(name):
    y, _ = SMOOTH[name]
    steps = largest_error(y, 20)
    sigmoids = largest_error(y, 20, lambda u: logistic(640 * u))
    assert sigmoids == pytest.approx(steps, rel=0.01)


def test_soft_sigmoids_do_worse_on_the_sine():
    y, _ = SMOOTH["sine"]
    errors = [
        largest_error(y, 20, lambda u, s=s: logistic(s * u)) for s in (10, 40, 160, 640)
    ]
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize("name", SURFACES)
def test_on_the_square_the_slope_is_near_minus_one_half(name):
    counts = np.array([8, 16, 32])
    errors = [worst_on_square(SURFACES[name], n) for n in counts]
    assert power(counts, errors) == pytest.approx(-1, abs=0.1)
    units = 4 * counts + counts**2
    assert -0.65 < power(units, errors) < -0.5


def test_towers_work_with_steep_sigmoids():
    """Away from the edges of the cells, which a sigmoid rounds."""
    y, n = SURFACES["hill"], 4
    _, middles = edges_and_middles(n)
    o = towers(y, n, lambda u: logistic(200 * u))
    np.testing.assert_allclose(
        o(middles[:, None], middles), y(middles[:, None], middles), atol=1e-9
    )


def test_outside_the_interval_the_network_knows_nothing():
    y, _ = SMOOTH["sine"]
    o = bumps(y, 64)
    beyond = np.linspace(1, 1.5, 201)
    assert len(np.unique(o(beyond))) == 1  # it stays as it was at 1
    assert np.abs(o(beyond) - y(beyond)).max() > 1
    assert largest_error(y, 64) < 0.05


def test_a_constant_may_be_given_as_a_number():
    np.testing.assert_array_equal(bumps(lambda x: 2.0, 3)(PLACES[:5]), np.full(5, 2))
    np.testing.assert_array_equal(towers(lambda a, b: 2.0, 3)(0.5, 0.1), 2)
