"""Bumps and towers are networks of the deck."""

import numpy as np
import pytest

from course_lib.nn.dense import logistic
from course_lib.perceptron.neuron import step
from course_lib.perceptron.representation import bump, bumps, edges_and_middles, towers

PLACES = np.linspace(0, 1, 8193)


def sine(x):
    return np.sin(2 * np.pi * x)


def saddle(x1, x2):
    return x1**2 - x2**2


def test_a_bump_is_closed_on_the_left_and_open_on_the_right():
    np.testing.assert_array_equal(
        bump(np.array([0.29, 0.3, 0.59, 0.6, 0.61]), 0.3, 0.6), [0, 1, 1, 0, 0]
    )


def test_edges_reach_beyond_the_interval():
    edges, middles = edges_and_middles(4)
    np.testing.assert_array_equal(edges, [-1, 0.25, 0.5, 0.75, 2])
    np.testing.assert_array_equal(middles, [0.125, 0.375, 0.625, 0.875])


@pytest.mark.parametrize("n", [1, 2, 7])
def test_bumps_are_a_network_of_the_deck(n):
    """W¹ step(W⁰ x) with x₀ = 1 and 2n hidden units gives the same numbers."""
    edges, middles = edges_and_middles(n)
    pairs = np.stack([edges[:-1], edges[1:]], axis=1).ravel()
    W0 = np.stack([-pairs, np.ones(2 * n)], axis=1)
    W1 = np.stack([sine(middles), -sine(middles)], axis=1).reshape(1, 2 * n)
    for x in np.linspace(0, 1, 23):
        by_weights = W1 @ step(W0 @ np.array([1, x]))
        np.testing.assert_allclose(bumps(sine, n)(x), by_weights[0], atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_towers_are_a_network_of_the_deck(n):
    """4n units, then n², then one: three products with a step between them."""
    edges, middles = edges_and_middles(n)
    pairs = np.stack([edges[:-1], edges[1:]], axis=1).ravel()
    one, zero = np.ones(2 * n), np.zeros(2 * n)
    W0 = np.vstack([np.stack([-pairs, one, zero], 1), np.stack([-pairs, zero, one], 1)])
    wall = np.kron(np.eye(n), [1, -1])  # a bump for each pair
    W1 = np.array([np.r_[-1.5, wall[i], wall[j]] for i in range(n) for j in range(n)])
    W2 = saddle(middles[:, None], middles).reshape(1, -1)
    assert (len(W0), len(W1)) == (4 * n, n * n)
    for x1, x2 in np.random.default_rng(0).uniform(size=(20, 2)):
        hidden = step(W0 @ np.array([1, x1, x2]))
        by_weights = W2 @ step(W1 @ np.r_[1, hidden])
        np.testing.assert_allclose(towers(saddle, n)(x1, x2), by_weights[0], atol=1e-12)


def test_continuous_units_come_near_a_jump_in_the_mean_alone():
    """Beside a jump of 1 their largest error stays ½, however steep they are."""
    beside = np.concatenate([PLACES, [np.nextafter(1 / 3, 0), 1 / 3]])
    means = []
    for s in (100, 1000, 10000):
        error = np.abs(logistic(s * (beside - 1 / 3)) - step(beside - 1 / 3))
        assert error.max() == pytest.approx(0.5)
        means.append(error.mean())
    assert means[0] > 5 * means[1] > 25 * means[2]


def test_towers_work_with_steep_sigmoids():
    """Away from the edges of the cells, which a sigmoid rounds."""
    _, middles = edges_and_middles(4)
    o = towers(saddle, 4, lambda u: logistic(200 * u))
    np.testing.assert_allclose(
        o(middles[:, None], middles), saddle(middles[:, None], middles), atol=1e-9
    )


def test_a_constant_may_be_given_as_a_number():
    np.testing.assert_array_equal(bumps(lambda x: 2.0, 3)(PLACES[:5]), np.full(5, 2))
    np.testing.assert_array_equal(towers(lambda a, b: 2.0, 3)(0.5, 0.1), 2)
