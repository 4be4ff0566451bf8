"""Walks and arrivals of the optimizers on the surfaces."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from course_lib.backprop.gradient_descent import descend
from course_lib.pathologies.optimizers import (
    BEALE,
    RUNNERS,
    SADDLE,
    VALLEY,
    arrival,
    sweep,
    walk,
)

SGD = RUNNERS[0]
every = pytest.mark.parametrize("runner", RUNNERS, ids=lambda r: r.name)


def test_sgd_walks_as_plain_descent():
    path = walk(SGD, BEALE, 0.01, 50)
    np.testing.assert_allclose(
        path, descend(BEALE.slope, BEALE.start, 0.01, 50), rtol=1e-12
    )


@every
def test_every_walk_begins_at_the_start_and_goes_down(runner):
    path = walk(runner, VALLEY, 0.01, 200)
    assert path.shape == (201, 2)
    assert tuple(path[0]) == VALLEY.start
    assert VALLEY.gap(path[-1]) < VALLEY.gap(path[0])


def test_a_walk_beyond_all_numbers_ends_early():
    path = walk(SGD, BEALE, 10, 50)
    assert 1 < len(path) < 51
    assert np.isfinite(path).all()
    assert arrival(SGD, BEALE, 10, steps=50) == math.inf


def test_who_leaves_again_has_not_arrived():
    """Momentum swings through the valley's floor long before it stays there."""
    momentum = RUNNERS[1]
    heights = VALLEY.gap(walk(momentum, VALLEY, 0.05, 300))
    first = int(np.argmax(heights < 0.01))
    step = arrival(momentum, VALLEY, 0.05)
    assert first < step < 300
    assert heights[step - 1] >= 0.01 > heights[step:].max()


def test_arrivals_at_the_borders():
    down = replace(VALLEY, start=(0.01, 0.0))
    assert arrival(SGD, down, 0.1) == 0
    assert arrival(SGD, VALLEY, 0.4, steps=34) == 34
    assert arrival(SGD, VALLEY, 0.4, steps=33) == math.inf


@pytest.mark.parametrize("surface", [VALLEY, SADDLE, BEALE], ids=lambda s: s.name)
def test_a_sweep_runs_all_rates_at_once_as_one_by_one(surface):
    rates = [0.003, 0.03, 0.3, 3.0]
    found = sweep(surface, rates)
    assert found.shape == (len(RUNNERS), len(rates))
    wanted = [[arrival(runner, surface, η) for η in rates] for runner in RUNNERS]
    np.testing.assert_array_equal(found, wanted)
    assert np.isinf(found).any() and np.isfinite(found).any()
