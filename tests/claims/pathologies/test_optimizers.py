"""What the page on optimizers says of them."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib import optim
from course_lib.optim.trajectory import trajectory
from course_lib.pathologies.optimizers import (
    BEALE,
    RUNNERS,
    SADDLE,
    VALLEY,
    Runner,
    arrival,
    shaken,
    sweep,
    turned,
    walk,
)

NAMES = [runner.name for runner in RUNNERS]
SGD, MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADAM = range(6)
RATES = np.array([float(f"{10 ** (k / 8):.3g}") for k in range(-32, 9)])
SEEDS = range(20, 32)  # others than those of the page


def outcome(surface):
    """Best rate of each runner, steps (seeds, runners) with it, rates that work."""
    runs = np.array([sweep(shaken(surface, seed), RATES) for seed in SEEDS])
    slowest = runs.max(axis=0)
    best = slowest.argmin(axis=1)
    return RATES[best], runs[:, range(6), best], np.isfinite(slowest).sum(axis=1)


@pytest.fixture(scope="module")
def results():
    return {surface.name: outcome(surface) for surface in (VALLEY, SADDLE, BEALE)}


@pytest.fixture
def best(results):
    """The rates of the race."""
    return {name: rates for name, (rates, _, _) in results.items()}


# --- the experiment -----------------------------------------------------------------


def test_adam_is_seldom_first_and_forgives_most(results):
    for name, (_, steps, works) in results.items():
        first = (steps.argmin(axis=1) == ADAM).mean()
        assert first == 0 or (name == BEALE.name and first < 0.5)
        assert works[ADAM] > np.delete(works, ADAM).max()


def test_the_two_at_the_edge_of_the_picture_go_on_beyond_it(results):
    """In the valley; and on the other surfaces nobody else reaches the edge."""
    for seed in SEEDS[:3]:
        found = np.isfinite(sweep(shaken(VALLEY, seed), [30.0, 100.0, 1000.0]))
        assert found[[ADAGRAD, ADAM]].all()
        assert not np.delete(found, [ADAGRAD, ADAM], axis=0).any()


def test_on_beale_it_depends_on_how_we_tune(results):
    _, steps, _ = results[BEALE.name]
    firsts = np.bincount(steps.argmin(axis=1), minlength=6)
    assert firsts.argmax() == ADAGRAD
    runs = np.array([sweep(shaken(BEALE, seed), RATES) for seed in SEEDS])
    firsts = np.bincount(runs.min(axis=2).argmin(axis=1), minlength=6)
    assert firsts.argmax() == NESTEROV and firsts[ADAGRAD] == 0


def test_nesterov_wins_in_the_turned_valley():
    runs = [sweep(turned(shaken(VALLEY, seed), 45), RATES) for seed in SEEDS]
    slowest = np.max(runs, axis=0)
    steps = np.array(runs)[:, range(6), slowest.argmin(axis=1)]
    assert (steps.argmin(axis=1) == NESTEROV).all()
    works = np.isfinite(slowest).sum(axis=1)
    assert works[ADAM] == works.max()  # none forgives more


def test_adagrad_wins_where_the_ground_lies_along_the_axes(results):
    for name in (VALLEY.name, SADDLE.name):
        _, steps, _ = results[name]
        assert (steps.argmin(axis=1) == ADAGRAD).all()
    steps = results[VALLEY.name][1][:, ADAGRAD]
    slanted = [
        sweep(turned(shaken(VALLEY, seed), 45), RATES)[ADAGRAD].min() for seed in SEEDS
    ]
    assert (np.array(slanted) > 7 * steps).all()


@pytest.mark.parametrize("runner", RUNNERS, ids=NAMES)
def test_who_notices_that_the_valley_is_turned(runner):
    straight = VALLEY.gap(walk(runner, VALLEY, 0.1, 60))
    slanted = turned(VALLEY, 45)
    heights = slanted.gap(walk(runner, slanted, 0.1, 60))
    same = np.allclose(straight, heights, rtol=1e-9, atol=1e-12)
    assert same == (runner.name in ("SGD", "Momentum", "Nesterov"))


def test_momentum_of_one_half_is_right_for_the_valley(results):
    _, steps, _ = results[VALLEY.name]
    assert (steps[:, MOMENTUM] > steps[:, SGD]).all()
    _, steps, _ = results[BEALE.name]
    assert (steps[:, MOMENTUM] < steps[:, SGD]).all()
    for seed in SEEDS[:3]:
        counts = {}
        for β in (0.0, 0.25, 0.5, 0.75, 0.9):
            ball = Runner("", lambda p, lr, β=β: optim.SGD(p, lr, momentum=β))
            rates = RATES[RATES > 0.01]
            place = shaken(VALLEY, seed)
            counts[β] = min(arrival(ball, place, η, steps=100) for η in rates)
        assert min(counts, key=counts.get) == 0.5
        assert counts[0.5] < 0.5 * counts[0.0]


def test_rmsprop_settles_with_small_rates_alone():
    """It ends in a swing of about η."""
    for η in (0.01, 0.1, 1.0):
        late = walk(RUNNERS[RMSPROP], VALLEY, η, 600)[400:, 1]
        assert 0.3 * η < np.abs(np.diff(late)).max() < 1.7 * η


# --- the race -----------------------------------------------------------------------


def test_the_valley_of_the_race(best):
    rates = best[VALLEY.name]
    at_best = [arrival(r, VALLEY, η) for r, η in zip(RUNNERS, rates, strict=True)]
    assert np.argmin(at_best) == ADAGRAD
    ends = [
        walk(r, VALLEY, 3 * η, 100)[-1] for r, η in zip(RUNNERS, rates, strict=True)
    ]
    away = [not -6 <= x1 <= 2 or not -3 <= x2 <= 3 for x1, x2 in ends]
    assert [n for n, a in zip(NAMES, away, strict=True) if a] == ["SGD", "Nesterov"]


def test_the_saddle_of_the_race_catches_sgd(best):
    rates = 0.1 * best[SADDLE.name]
    caught = walk(RUNNERS[SGD], SADDLE, rates[SGD], 100)
    assert 0.24 < SADDLE.gap(caught[-1]) < 0.25
    late = walk(RUNNERS[MOMENTUM], SADDLE, 0.0075, 100)  # the page's rate
    assert 0.2 < SADDLE.gap(late[-1]) < SADDLE.gap(caught[-1])
    for k in (ADAGRAD, RMSPROP, ADAM):
        free = walk(RUNNERS[k], SADDLE, rates[k], 100)
        assert np.hypot(*free.T).min() > 0.5  # it never comes near (0, 0)
        first = np.abs(free[1] - free[0])
        assert first[0] == pytest.approx(first[1], rel=1e-3)


def test_adagrad_never_forgets_a_cliff(best):
    """At three times its rate it is still at the start; RMSProp and Adam arrive."""
    rates = 3 * best[BEALE.name]
    path = walk(RUNNERS[ADAGRAD], BEALE, rates[ADAGRAD], 100)
    assert np.hypot(*BEALE.slope(path[1])) > 1e6
    assert np.abs(path[2:] - path[0]).max() < 0.1
    for k in (RMSPROP, ADAM):
        assert BEALE.gap(walk(RUNNERS[k], BEALE, rates[k], 100)[-1]) < 0.05


def test_rmsprop_forgets_a_cliff_a_hundred_times_sooner_than_adam():
    def spike(w):  # a million, then always 1
        return np.array(1e6 if w == 0 else 1.0)

    def after(make, steps):
        path = trajectory(make, spike, 0.0, steps)
        return path[-2] - path[-1]

    assert after(lambda p: optim.RMSprop(p, 1.0, alpha=0.9), 300) > 0.9
    assert after(lambda p: optim.Adagrad(p, 1.0), 300) < 1e-5
    assert after(lambda p: optim.Adam(p, 1.0), 10_000) < 0.1
    assert after(lambda p: optim.Adam(p, 1.0), 30_000) > 0.9


# --- the formulas -------------------------------------------------------------------


def level(w):
    return np.ones_like(w)


def test_momentum_adds_up_to_one_over_one_minus_beta():
    path = trajectory(lambda p: optim.SGD(p, 1.0, momentum=0.9), level, 0.0, 300)
    np.testing.assert_allclose(path[-2] - path[-1], 10, rtol=1e-9)
    signs = iter(np.resize([1.0, -1.0], 300))
    path = trajectory(
        lambda p: optim.SGD(p, 1.0, momentum=0.9),
        lambda w: np.array(next(signs)),
        0.0,
        300,
    )
    np.testing.assert_allclose(abs(path[-2] - path[-1]), 1 / 1.9, rtol=1e-9)


@pytest.mark.parametrize("β", [0.0, 0.25, 0.5, 0.9])
def test_momentum_bears_rates_up_to_two_times_one_plus_beta(β):
    border = 2 * (1 + β) / 4
    for share, down in ((0.98, True), (1.02, False)):
        ball = Runner("", lambda p, lr: optim.SGD(p, lr, momentum=β))
        heights = VALLEY.gap(walk(ball, VALLEY, share * border, 800))
        assert (heights[-1] < heights[0]) == down


def test_nesterov_is_the_gradient_ahead():
    """The library's points are the classical ones, seen ahead."""
    η, β = 0.05, 0.9
    w, v, ahead = np.array(VALLEY.start, float), np.zeros(2), []
    for _ in range(51):
        ahead.append(w - η * β * v)
        v = β * v + VALLEY.slope(ahead[-1])
        w = w - η * v
    np.testing.assert_allclose(
        walk(RUNNERS[NESTEROV], VALLEY, η, 50), ahead, rtol=1e-9, atol=1e-12
    )


def test_nesterov_swings_less_than_momentum():
    for β in (0.8, 0.9, 0.95):
        plain, ahead = (
            trajectory(
                lambda p, β=β, n=n: optim.SGD(p, 0.1, momentum=β, nesterov=n),
                lambda w: w,
                1.0,
                60,
            ).min()
            for n in (False, True)
        )
        assert plain < ahead < 0


def test_adams_correction():
    """Without it, steps are too long: by √10 at first, most at step 12."""
    t = np.arange(1, 5001)
    without = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    assert without[0] == pytest.approx(10**0.5)
    assert t[without.argmax()] == 12
    assert 6 < without.max() < 7
    assert (without > 1).all()
    path = trajectory(lambda p: optim.Adam(p, 1.0), level, 0.0, 1000)
    np.testing.assert_allclose(-np.diff(path), 1, atol=1e-6)


@pytest.mark.parametrize("make", [optim.Adagrad, optim.Adam, optim.RMSprop])
def test_the_size_of_the_loss_does_not_matter_to_those_that_divide(make):
    paths = [
        trajectory(
            lambda p: make(p, lr=0.1, eps=0),
            lambda x, c=c: c * BEALE.slope(x),
            BEALE.start,
            50,
        )
        for c in (1, 100)
    ]
    np.testing.assert_allclose(*paths, rtol=1e-6, atol=1e-12)


# --- published end points (d2l.ai, chapters 12.6 to 12.8) -----------------------------


def adagrad_inside(p, η):
    """ε = 1e-6 inside the root: s begins there."""
    return optim.Adagrad(p, η, initial_accumulator_value=1e-6, eps=0)


class RMSpropInside(optim.RMSprop):
    """ε inside the root."""

    @staticmethod
    def update(w, g, memory, *, lr, alpha, eps, **_):
        memory["v"] = alpha * memory.get("v", 0) + (1 - alpha) * g * g
        return w - lr / np.sqrt(memory["v"] + eps) * g


PUBLISHED = [
    (lambda p: optim.SGD(p, 0.6, momentum=0.25), "-0.126340 -0.186632"),
    (lambda p: adagrad_inside(p, 0.4), "-2.382563 -0.158591"),
    (lambda p: adagrad_inside(p, 2.0), "-0.002295 -0.000000"),
    (lambda p: RMSpropInside(p, 0.4, alpha=0.9, eps=1e-6), "-0.010599 0.000000"),
]


@pytest.mark.parametrize(("make", "published"), PUBLISHED, ids=lambda x: str(x)[:9])
def test_published_end_points(make, published):
    end = trajectory(make, VALLEY.slope, VALLEY.start, 20)[-1]
    assert " ".join(f"{x:.6f}" for x in end) == published


def test_epsilon_outside_the_root_moves_the_sixth_decimal():
    for make, published in (
        (lambda p: optim.Adagrad(p, 0.4), -2.382563),
        (lambda p: optim.RMSprop(p, 0.4, alpha=0.9, eps=1e-6), -0.010599),
    ):
        end = trajectory(make, VALLEY.slope, VALLEY.start, 20)[-1, 0]
        assert 0 < abs(end - published) < 2e-6
        assert f"{end:.6f}" != f"{published:.6f}"
