"""What the page on optimizers says of them."""

import numpy as np
import pytest

from course_lib import optim
from course_lib.optim.trajectory import trajectory
from course_lib.pathologies.optimizers import (
    BEALE,
    OPTIMIZERS,
    SADDLE,
    SURFACES,
    VALLEY,
    turned,
)
from tests.definitions import definitions

page = definitions("pathologies/optimizers")
SGD, MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADAM = range(6)
LRS = np.array([float(f"{10 ** (k / 8):.3g}") for k in range(-32, 9)])
SEEDS = range(20, 32)  # others than those of the page


def all_steps(surface, lrs=LRS):
    """Steps of each optimizer with each learning rate, one row an optimizer."""
    makes = OPTIMIZERS.values()
    return np.array([page.steps_down(make, surface, lrs) for make in makes])


def path(name, surface, lr, steps):
    make = OPTIMIZERS[name]
    try:
        return trajectory(lambda p: make(p, lr), surface.gradient, surface.start, steps)
    except FloatingPointError as overflow:
        return overflow.path


def outcome(surface):
    """Best rate of each optimizer, steps with it (a row a seed), rates that work."""
    runs = np.array([all_steps(page.shaken(surface, seed)) for seed in SEEDS])
    slowest = runs.max(axis=0)
    best = slowest.argmin(axis=1)
    return LRS[best], runs[:, range(6), best], np.isfinite(slowest).sum(axis=1)


@pytest.fixture(scope="module")
def results():
    return {name: outcome(surface) for name, surface in SURFACES.items()}


@pytest.fixture
def best(results):
    """The learning rates of the race, by surface and optimizer."""
    return {
        name: dict(zip(OPTIMIZERS, lrs, strict=True))
        for name, (lrs, _, _) in results.items()
    }


# --- how steps are counted ----------------------------------------------------------


def test_shaking_moves_the_start_alone():
    starts = np.array([page.shaken(VALLEY, seed).start for seed in range(50)])
    shares = starts / VALLEY.start - 1
    assert 0.15 < np.abs(shares).max() <= 0.2
    assert (np.ptp(shares, axis=0) > 0.3).all()
    assert page.shaken(VALLEY, 3)._replace(start=VALLEY.start) == VALLEY


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_learning_rates_side_by_side_are_as_one_by_one(surface):
    """The step from which on all of the path lies less than 0.01 above the lowest."""
    lrs = [0.003, 0.03, 0.3, 3.0]
    found = all_steps(surface, lrs)
    for row, name in zip(found, OPTIMIZERS, strict=True):
        for steps, lr in zip(row, lrs, strict=True):
            heights = surface.gap(path(name, surface, lr, 300))
            heights = np.append(heights, [np.inf] * (301 - len(heights)))
            late = np.flatnonzero(heights >= 0.01).max(initial=-1) + 1
            assert steps == (late if late <= 300 else np.inf)
    assert np.isinf(found).any() and np.isfinite(found).any()


def test_who_leaves_again_has_not_arrived():
    """Momentum swings through the valley's floor long before it stays there."""
    heights = VALLEY.gap(path("Momentum", VALLEY, 0.05, 300))
    [steps] = page.steps_down(OPTIMIZERS["Momentum"], VALLEY, [0.05])
    assert np.argmax(heights < 0.01) < steps < 300
    assert heights[int(steps) - 1] >= 0.01


# --- the experiment -----------------------------------------------------------------


def test_adam_is_seldom_first_and_forgives_most(results):
    for name, (_, steps, works) in results.items():
        first = (steps.argmin(axis=1) == ADAM).mean()
        assert first == 0 or (name == "Beale’s function" and first < 0.5)
        assert works[ADAM] > np.delete(works, ADAM).max()


def test_the_two_at_the_edge_of_the_picture_go_on_beyond_it(results):
    """In the valley; and on the other surfaces nobody else reaches the edge."""
    for seed in SEEDS[:3]:
        found = np.isfinite(all_steps(page.shaken(VALLEY, seed), [30.0, 100.0, 1000.0]))
        assert found[[ADAGRAD, ADAM]].all()
        assert not np.delete(found, [ADAGRAD, ADAM], axis=0).any()


def test_on_beale_it_depends_on_how_we_tune(results):
    _, steps, _ = results["Beale’s function"]
    firsts = np.bincount(steps.argmin(axis=1), minlength=6)
    assert firsts.argmax() == ADAGRAD
    runs = np.array([all_steps(page.shaken(BEALE, seed)) for seed in SEEDS])
    firsts = np.bincount(runs.min(axis=2).argmin(axis=1), minlength=6)
    assert firsts.argmax() == NESTEROV and firsts[ADAGRAD] == 0


def test_nesterov_wins_in_the_turned_valley():
    runs = [all_steps(page.places(seed)[3]) for seed in SEEDS]
    slowest = np.max(runs, axis=0)
    steps = np.array(runs)[:, range(6), slowest.argmin(axis=1)]
    assert (steps.argmin(axis=1) == NESTEROV).all()
    works = np.isfinite(slowest).sum(axis=1)
    assert works[ADAM] == works.max()  # none forgives more


def test_adagrad_wins_where_the_ground_lies_along_the_axes(results):
    for name in ("long valley", "saddle"):
        _, steps, _ = results[name]
        assert (steps.argmin(axis=1) == ADAGRAD).all()
    steps = results["long valley"][1][:, ADAGRAD]
    slanted = [
        page.steps_down(OPTIMIZERS["AdaGrad"], page.places(seed)[3], LRS).min()
        for seed in SEEDS
    ]
    assert (np.array(slanted) > 7 * steps).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_who_notices_that_the_valley_is_turned(name):
    straight = VALLEY.gap(path(name, VALLEY, 0.1, 60))
    slanted = turned(VALLEY, 45)
    heights = slanted.gap(path(name, slanted, 0.1, 60))
    same = np.allclose(straight, heights, rtol=1e-9, atol=1e-12)
    assert same == (name in ("SGD", "Momentum", "Nesterov"))


def test_momentum_of_one_half_is_right_for_the_valley(results):
    _, steps, _ = results["long valley"]
    assert (steps[:, MOMENTUM] > steps[:, SGD]).all()
    _, steps, _ = results["Beale’s function"]
    assert (steps[:, MOMENTUM] < steps[:, SGD]).all()
    for seed in SEEDS[:3]:
        place, counts = page.shaken(VALLEY, seed), {}
        for β in (0.0, 0.25, 0.5, 0.75, 0.9):
            ball = lambda p, lr, β=β: optim.SGD(p, lr, momentum=β)  # noqa: E731
            counts[β] = page.steps_down(ball, place, LRS).min()
        assert min(counts, key=counts.get) == 0.5
        assert counts[0.5] < 0.5 * counts[0.0]


def test_rmsprop_settles_with_small_rates_alone():
    """It ends in a swing of about η."""
    for η in (0.01, 0.1, 1.0):
        late = path("RMSProp", VALLEY, η, 600)[400:, 1]
        assert 0.3 * η < np.abs(np.diff(late)).max() < 1.7 * η


# --- the race -----------------------------------------------------------------------


def test_the_valley_of_the_race(best):
    lrs = best["long valley"]
    at_best = {
        name: page.steps_down(OPTIMIZERS[name], VALLEY, [lr])
        for name, lr in lrs.items()
    }
    assert min(at_best, key=at_best.get) == "AdaGrad"
    ends = {name: path(name, VALLEY, 3 * lr, 100)[-1] for name, lr in lrs.items()}
    away = [n for n, (a, b) in ends.items() if not (-6 <= a <= 2 and -3 <= b <= 3)]
    assert away == ["SGD", "Nesterov"]


def test_the_saddle_of_the_race_catches_sgd(best):
    lrs = best["saddle"]
    caught = path("SGD", SADDLE, 0.1 * lrs["SGD"], 100)
    assert 0.24 < SADDLE.gap(caught[-1]) < 0.25
    late = path("Momentum", SADDLE, 0.0075, 100)  # the page's rate
    assert 0.2 < SADDLE.gap(late[-1]) < SADDLE.gap(caught[-1])
    for name in ("AdaGrad", "RMSProp", "Adam"):
        free = path(name, SADDLE, 0.1 * lrs[name], 100)
        assert np.hypot(*free.T).min() > 0.5  # it never comes near (0, 0)
        first = np.abs(free[1] - free[0])
        assert first[0] == pytest.approx(first[1], rel=1e-3)


def test_adagrad_never_forgets_a_cliff(best):
    """At three times its rate it is still at the start; RMSProp and Adam arrive."""
    lrs = best["Beale’s function"]
    points = path("AdaGrad", BEALE, 3 * lrs["AdaGrad"], 100)
    assert np.hypot(*BEALE.gradient(points[1])) > 1e6
    assert np.abs(points[2:] - points[0]).max() < 0.1
    for name in ("RMSProp", "Adam"):
        assert BEALE.gap(path(name, BEALE, 3 * lrs[name], 100)[-1]) < 0.05


def test_rmsprop_forgets_a_cliff_a_hundred_times_sooner_than_adam():
    def spike(w):  # a million, then always 1
        return np.array(1e6 if w == 0 else 1.0)

    def after(make, steps):
        points = trajectory(make, spike, 0.0, steps)
        return points[-2] - points[-1]

    assert after(lambda p: optim.RMSprop(p, 1.0, alpha=0.9), 300) > 0.9
    assert after(lambda p: optim.Adagrad(p, 1.0), 300) < 1e-5
    assert after(lambda p: optim.Adam(p, 1.0), 10_000) < 0.1
    assert after(lambda p: optim.Adam(p, 1.0), 30_000) > 0.9


# --- the formulas -------------------------------------------------------------------


def test_momentum_adds_up_to_one_over_one_minus_beta():
    points = trajectory(lambda p: optim.SGD(p, 1.0, 0.9), page.level, 0.0, 300)
    np.testing.assert_allclose(points[-2] - points[-1], 10, rtol=1e-9)
    signs = iter(np.resize([1.0, -1.0], 300))
    points = trajectory(
        lambda p: optim.SGD(p, 1.0, momentum=0.9),
        lambda w: np.array(next(signs)),
        0.0,
        300,
    )
    np.testing.assert_allclose(abs(points[-2] - points[-1]), 1 / 1.9, rtol=1e-9)


@pytest.mark.parametrize("β", [0.0, 0.25, 0.5, 0.9])
def test_momentum_bears_rates_up_to_two_times_one_plus_beta(β):
    border = 2 * (1 + β) / 4
    for share, down in ((0.98, True), (1.02, False)):
        points = trajectory(
            lambda p: optim.SGD(p, share * border, momentum=β),  # noqa: B023
            VALLEY.gradient,
            VALLEY.start,
            800,
        )
        heights = VALLEY.gap(points)
        assert (heights[-1] < heights[0]) == down


def test_nesterov_is_the_gradient_ahead():
    """The library's points are the classical ones, seen ahead."""
    η, β = 0.05, 0.9
    w, v, ahead = np.array(VALLEY.start, float), np.zeros(2), []
    for _ in range(51):
        ahead.append(w - η * β * v)
        v = β * v + VALLEY.gradient(ahead[-1])
        w = w - η * v
    np.testing.assert_allclose(
        path("Nesterov", VALLEY, η, 50), ahead, rtol=1e-9, atol=1e-12
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
    points = trajectory(lambda p: optim.Adam(p, 1.0), page.level, 0.0, 1000)
    np.testing.assert_allclose(-np.diff(points), 1, atol=1e-6)


@pytest.mark.parametrize("make", [optim.Adagrad, optim.Adam, optim.RMSprop])
def test_the_size_of_the_loss_does_not_matter_to_those_that_divide(make):
    paths = [
        trajectory(
            lambda p: make(p, lr=0.1, eps=0),
            lambda x, c=c: c * BEALE.gradient(x),
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


class RMSpropInside(optim.Optimizer):
    """ε inside the root."""

    @staticmethod
    def update(w, g, memory, *, lr, alpha, eps):
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
    assert page.end(make).split() == published.split()


def test_epsilon_outside_the_root_moves_the_sixth_decimal():
    for make, published in (
        (lambda p: optim.Adagrad(p, 0.4), -2.382563),
        (lambda p: optim.RMSprop(p, 0.4, alpha=0.9, eps=1e-6), -0.010599),
    ):
        end = trajectory(make, VALLEY.gradient, VALLEY.start, 20)[-1, 0]
        assert 0 < abs(end - published) < 2e-6
        assert f"{end:.6f}" != f"{published:.6f}"
