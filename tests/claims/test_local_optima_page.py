"""What the page on local optima and saddle points says, over seeds of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from course_lib import optim
from course_lib.data import xor
from course_lib.dense import relu
from course_lib.descent import descend
from course_lib.minima import (
    LANDSCAPES,
    critical_points,
    directions_down,
    noisy,
    share_at_lowest,
)
from course_lib.optimizers import trajectory
from course_lib.small_networks import SmallNetworks

STARTS = np.linspace(-2, 2, 201)
SEEDS = range(10, 15)  # not those of the page


def roll(land, start, beta=0.0, sizes=(0.0,) * 600, seed=0):
    slope = noisy(land.slope, sizes, np.random.default_rng(seed))
    make = lambda p: optim.SGD(p, lr=0.02, momentum=beta)  # noqa: E731
    return trajectory(make, slope, start, len(sizes))[-1]


def share(name, beta=0.0, noise=0.0, seed=0):
    land = LANDSCAPES[name]
    return share_at_lowest(land, roll(land, STARTS, beta, [noise] * 600, seed))


def shares(name, **settings):
    return np.array([share(name, seed=seed, **settings) for seed in SEEDS])


@pytest.mark.parametrize(
    ("beta", "ends_at"),
    [(0.0, 0.93), (0.5, 0.93), (0.8, -1.06), (0.9, -1.06), (0.95, 0.93)],
)
def test_the_ball_gets_over_the_hill_with_some_momenta_alone(beta, ends_at):
    land = LANDSCAPES["two valleys"]
    end = roll(land, 1.7, beta, [0.0] * 1000)
    assert abs(end - ends_at) < 0.01


@pytest.mark.parametrize(("beta", "found"), [(0, True), (0.5, True), (0.8, False)])
def test_the_ball_flies_over_the_hole_with_momentum(beta, found):
    land = LANDSCAPES["a hole"]
    assert (abs(roll(land, 1.7, beta) - land.lowest) < 0.01) == found


def test_momentum_helps_a_little_a_lot_or_harms():
    gain = {n: share(n, beta=0.9) - share(n) for n in LANDSCAPES}
    assert 0 < gain["two valleys"] < 0.1
    assert gain["gravel"] > 0.3
    assert gain["a hole"] < -0.2


def test_noise_of_the_right_size_helps_in_two_and_harms_in_the_hole():
    for name in ("two valleys", "gravel"):
        right, too_much = shares(name, noise=5), shares(name, noise=20)
        assert right.min() > share(name) + 0.15
        assert right.min() > too_much.max()
    assert shares("a hole", noise=5).max() < share("a hole") - 0.03


def test_low_critical_points_have_fewer_ways_down():
    for seed in SEEDS[:3]:
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 1))
        nets = SmallNetworks(x, y, units=3, penalty=0.01)
        stages = [nets.draw(20, rng)]
        for steps in (30, 100, 300, 1000):
            stages.append(nets.descended(stages[-1], lr=0.1, steps=steps))
        starts = np.concatenate(stages)
        starts += 0.1 * rng.normal(size=starts.shape)
        w = critical_points(nets.gradients, starts, steps=60)
        L, index = nets.losses(w), directions_down(nets.gradients, w)
        assert L[index == 0].mean() < L[index == 1].mean() < L[index >= 2].mean()
        assert np.corrcoef(index, L)[0, 1] > 0.6
        # The highest answers the same to all; each hidden unit is a way down.
        highest = L.argmax()
        assert index[highest] == 3
        assert np.abs(w[highest, :-1]).max() < 1e-4


def learn_xor(units):
    nets = SmallNetworks(*xor(), units, relu)
    w = nets.descended(nets.draw(250, np.random.default_rng(10)), 0.2, 2000)
    return nets, w, nets.losses(w)


def test_networks_with_two_units_get_stuck_where_nothing_pulls():
    nets, w, L = learn_xor(units=2)
    stuck = L >= 0.01
    assert stuck.mean() > 0.65
    levels = np.array([1 / 8, 1 / 6, 1 / 4])
    assert np.abs(L[stuck, None] - levels).min(axis=1).max() < 0.002
    slopes = np.abs(nets.gradients(w[stuck])).max(axis=1)
    assert np.quantile(slopes, 0.9) < 1e-3


def test_units_to_spare_keep_networks_from_getting_stuck():
    _, _, L = learn_xor(units=12)
    assert (L < 0.01).mean() > 0.95


def saddle(x):
    return x * [2, -2]


def test_an_exact_start_on_the_ridge_stays():
    assert descend(saddle, [1.0, 0.0], 0.1, 1000)[-1][1] == 0


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3])
def test_a_saddle_costs_steps_like_the_logarithm_of_the_distance(rate):
    powers, counts = np.arange(1, 13), []
    for power in powers:
        y = descend(saddle, [1.0, 10.0**-power], rate, 400)[:, 1]
        counts.append(np.argmax(y > 1))
        exact = power * math.log(10) / math.log(1 + 2 * rate)
        assert counts[-1] == math.ceil(exact - 1e-9)
    slope = np.polyfit(powers, counts, 1)[0]
    assert abs(slope - math.log(10) / math.log(1 + 2 * rate)) < 0.05


def test_noise_of_a_millionth_leaves_the_ridge_within_a_hundred_steps():
    for seed in SEEDS:
        slope = noisy(saddle, [1e-6] * 120, np.random.default_rng(seed))
        path = trajectory(lambda p: optim.SGD(p, lr=0.1), slope, [1.0, 0.0], 120)
        assert 70 < np.argmax(np.abs(path[:, 1]) > 1) < 105
