"""What the page on local optima and saddle points says, over seeds of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from course_lib import optim
from course_lib.backprop.gradient_descent import descend
from course_lib.core.tensor import Tensor
from course_lib.datasets import xor
from course_lib.nn.dense import relu
from course_lib.optim.trajectory import trajectory
from course_lib.pathologies.local_optima import LANDSCAPES, SmallNetworks, noisy
from tests.definitions import definitions

page = definitions("pathologies/local_optima")
STARTS = np.linspace(-2, 2, 201)
SEEDS = range(10, 15)  # not those of the page


@pytest.fixture(autouse=True)
def _starts(monkeypatch):
    monkeypatch.setattr(page, "starts", STARTS, raising=False)


def roll(land, start, β=0.0, sizes=(0.0,) * 600):
    page.starts = start
    return page.rolled_to(land, β, sizes)


def share(name, β=0.0, noise=0.0, seed=0):
    return page.found(LANDSCAPES[name], β, [noise] * 600, seed)


def shares(name, **settings):
    return np.array([share(name, seed=seed, **settings) for seed in SEEDS])


@pytest.mark.parametrize(
    ("β", "ends_at"),
    [(0.0, 0.93), (0.5, 0.93), (0.8, -1.06), (0.9, -1.06), (0.95, 0.93)],
)
def test_the_ball_gets_over_the_hill_with_some_momenta_alone(β, ends_at):
    land = LANDSCAPES["two valleys"]
    end = roll(land, land.start, β, [0.0] * 1000)
    assert abs(end - ends_at) < 0.01


@pytest.mark.parametrize(("β", "found"), [(0, True), (0.5, True), (0.8, False)])
def test_the_ball_flies_over_the_hole_with_momentum(β, found):
    land = LANDSCAPES["a hole"]
    assert (abs(roll(land, land.start, β) - land.minima[0]) < 0.01) == found


def test_momentum_helps_a_little_a_lot_or_harms():
    gain = {n: share(n, β=0.9) - share(n) for n in LANDSCAPES}
    assert 0 < gain["two valleys"] < 0.1
    assert gain["gravel"] > 0.3
    assert gain["a hole"] < -0.2


def test_noise_of_the_right_size_helps_in_two_and_harms_in_the_hole():
    for name in ("two valleys", "gravel"):
        right, too_much = shares(name, noise=5), shares(name, noise=20)
        assert right.min() > share(name) + 0.15
        assert right.min() > too_much.max()
    assert shares("a hole", noise=5).max() < share("a hole") - 0.03
    # Balls that are thrown about lie on the hole's side as often as by chance.
    assert shares("a hole", noise=20).min() > shares("a hole", noise=5).max() + 0.05


def test_the_ranges_in_which_momentum_and_noise_help_on_gravel():
    alone = share("gravel")
    for β in (0.3, 0.5, 0.7, 0.8):
        assert share("gravel", β) == alone
    gains = {β: share("gravel", β) - alone for β in (0.85, 0.9, 0.95, 0.98)}
    assert min(gains.values()) > 0.05 and max(gains, key=gains.get) == 0.9
    means = {n: shares("gravel", noise=n).mean() for n in (2, 3, 4, 5, 6, 8, 20)}
    assert max(means, key=means.get) == 4
    assert min(means[n] for n in (3, 4, 5, 6, 8)) > alone + 0.15
    assert means[20] < alone - 0.03


def test_noise_that_fades_does_as_well_as_a_steady_one():
    fading = np.linspace(10, 0, 600)
    for name in ("two valleys", "gravel"):
        land = LANDSCAPES[name]
        faded = np.mean([page.found(land, 0, fading, seed) for seed in SEEDS])
        assert abs(faded - shares(name, noise=5).mean()) < 0.04


def test_momentum_carries_balls_over_the_hill_from_both_sides():
    land = LANDSCAPES["two valleys"]
    hill = sorted(np.roots([4, 0, -4, 0.5]).real)[1]
    end = roll(land, STARTS, β=0.9)
    to_the_deeper = ((STARTS > hill) & (end < hill)).sum()
    to_the_other = ((STARTS < hill) & (end > hill)).sum()
    assert to_the_deeper > to_the_other > 0
    between = np.linspace(land.minima[0], 0.93, 1001)
    assert 1.5 < np.abs(land.gradient(between)).max() <= 2.05


def test_descent_alone_finds_the_hole_from_all_of_its_side():
    page.starts = STARTS[STARTS > 0.755]
    assert share("a hole") == 1
    page.starts = STARTS[STARTS < 0.745]
    assert share("a hole") == 0


def test_descent_alone_finds_the_lowest_place_from_its_side_of_the_hill():
    hill = sorted(np.roots([4, 0, -4, 0.5]).real)[1]
    assert share("two valleys") == (STARTS < hill).mean()


def test_with_noise_momentum_finds_the_hole_more_often():
    alone = share("a hole", β=0.9)
    assert shares("a hole", β=0.9, noise=1).min() > alone + 0.1


def learn_xor(units):
    nets = SmallNetworks(*xor(), units, relu)
    w = nets.draw(250, np.random.default_rng(10))
    for _ in range(20):
        w = descend(nets.gradients, w, 0.2, 100)[-1]
    return nets, w, nets.losses(w)


def test_networks_with_two_units_get_stuck_where_nothing_pulls():
    nets, w, L = learn_xor(units=2)
    stuck = L >= 0.01
    assert stuck.mean() > 0.65
    levels = np.array([1 / 8, 1 / 6, 1 / 4])
    assert np.abs(L[stuck, None] - levels).min(axis=1).max() < 0.002
    steepest = np.abs(nets.gradients(w[stuck])).max(axis=1)
    assert np.quantile(steepest, 0.9) < 1e-3
    # Nudged, nearly all come back.
    nudges = 0.01 * np.random.default_rng(10).normal(size=w[stuck].shape)
    after = nets.losses(descend(nets.gradients, w[stuck] + nudges, 0.2, 2000)[-1])
    assert (after < L[stuck] - 0.01).mean() < 0.05
    # Most have a unit that is 0 for all four inputs.
    W0, b0 = w[stuck, :4].reshape(-1, 2, 2), w[stuck, None, 4:6]
    dead = (xor()[0] @ W0 + b0 <= 0).all(axis=1)
    assert dead.any(axis=1).mean() > 0.6


def test_the_three_losses_are_those_of_the_answers_named():
    _, y = xor()
    for answers, loss in (
        ([[1 / 2, 1 / 2, 1 / 2, 1 / 2]], 1 / 4),
        ([[0, 2 / 3, 2 / 3, 2 / 3], [1 / 3, 1, 1 / 3, 1 / 3]], 1 / 6),
        ([[0, 1 / 2, 1, 1 / 2], [1 / 2, 1, 1 / 2, 0]], 1 / 8),
    ):
        for o in answers:
            assert abs(np.mean((np.array(o)[:, None] - y) ** 2) - loss) < 1e-12
    nets, w, L = learn_xor(units=2)
    o = np.sort(nets.outputs(Tensor(w)).data[:, :, 0], axis=1)
    for loss, kinds in (
        (1 / 4, [[1 / 2] * 4]),
        (1 / 6, [[0, 2 / 3, 2 / 3, 2 / 3], [1 / 3, 1 / 3, 1 / 3, 1]]),
        (1 / 8, [[0, 1 / 2, 1 / 2, 1]]),
    ):
        at = o[np.abs(L - loss) < 0.001]
        assert len(at) > 0
        off = [np.abs(at - kind).max(axis=1) for kind in kinds]
        assert np.min(off, axis=0).max() < 0.03


def test_units_to_spare_keep_networks_from_getting_stuck():
    _, _, L = learn_xor(units=12)
    assert (L < 0.01).mean() > 0.95


def test_an_exact_start_on_the_ridge_stays():
    assert descend(page.saddle, [1.0, 0.0], 0.1, 1000)[-1][1] == 0


@pytest.mark.parametrize("lr", [0.05, 0.1, 0.3])
def test_a_saddle_costs_steps_like_the_logarithm_of_the_distance(lr):
    powers, counts = np.arange(1, 13), []
    for power in powers:
        y = descend(page.saddle, [1.0, 10.0**-power], lr, 400)[:, 1]
        counts.append(np.argmax(y > 1))
        exact = power * math.log(10) / math.log(1 + 2 * lr)
        assert counts[-1] == math.ceil(exact - 1e-9)
    slope = np.polyfit(powers, counts, 1)[0]
    assert abs(slope - math.log(10) / math.log(1 + 2 * lr)) < 0.05


def test_noise_of_a_millionth_leaves_the_ridge_within_a_hundred_steps():
    for seed in SEEDS:
        gradient = noisy(page.saddle, [1e-6] * 120, np.random.default_rng(seed))
        path = trajectory(lambda p: optim.SGD(p, lr=0.1), gradient, [1.0, 0.0], 120)
        assert 70 < np.argmax(np.abs(path[:, 1]) > 1) < 105
