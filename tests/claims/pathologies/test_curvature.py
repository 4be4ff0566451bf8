"""What the page on pathological curvature says, from other starts and seeds."""

import numpy as np
import pytest

from course_lib import optim
from course_lib.backprop.gradient_descent import descend
from course_lib.datasets import breast_cancer, diabetes, wine
from course_lib.optim.trajectory import trajectory
from course_lib.pathologies.curvature import best_lr, best_momentum, factor, valley
from tests.definitions import definitions

page = definitions("pathologies/curvature")
KAPPAS = np.array([100, 1000, 10_000])


@pytest.fixture(scope="module", params=[1, 2, 3])
def starts(request):
    starts = np.random.default_rng(request.param).normal(size=(5, 2))
    page.starts = starts / np.linalg.norm(starts, axis=1, keepdims=True)
    return page.starts


def exponent(steps, x=KAPPAS):
    return np.polyfit(np.log(x), np.log(steps), 1)[0]


def left(η, β, start=(9.0, 2.0)):
    """The share of the distance after the player's 30 steps."""
    page.start, page.STEPS = np.array(start), 30
    path = page.walk(η, β)
    return np.hypot(*path[-1]) / np.hypot(*path[0])


@pytest.fixture(scope="module")
def in_the_player():
    ηs = [*page.ηs, 0.09, 0.1, 0.11, 0.12, 0.13, 0.14, 0.15]
    return {(η, β): left(η, β) for η in ηs for β in page.βs}


def test_without_momentum_nine_percent_is_the_best(in_the_player):
    plain = {η: share for (η, β), share in in_the_player.items() if β == 0}
    assert min(plain, key=plain.get) == 0.077
    assert plain[0.077] == pytest.approx(0.09, abs=0.005)
    assert abs(1 - 0.08 * 25) == pytest.approx(1)  # the zig-zag does not die out
    assert 0.2 < plain[0.08] < 0.25 < plain[0.082] < 1 < plain[0.09]
    assert plain[0.01] > 0.7  # it creeps


def test_with_momentum_less_than_a_ten_thousandth_is_left(in_the_player):
    assert min(in_the_player.values()) < 1e-4
    best = min(in_the_player, key=in_the_player.get)
    assert best[0] in (0.1, 0.11, 0.12) and best[1] in (0.4, 0.44, 0.5)


@pytest.mark.parametrize("start", [(5.0, 1.0), (-3.0, 2.5), (8.0, -0.3)])
def test_from_other_starts_momentum_wins_as_clearly(start):
    assert left(*best_momentum(1, 25), start) < 0.01 * left(best_lr(1, 25), 0, start)


@pytest.mark.parametrize("degrees", [0, 20, 70])
@pytest.mark.parametrize("κ", [4, 25, 90])
def test_each_eigenvector_has_a_factor_of_its_own(κ, degrees):
    H, lr = valley(κ, degrees), 0.9 * best_lr(1, κ)
    λ, Q = np.linalg.eigh(H)
    path = descend(lambda w: w @ H, np.array([1.0, -2.0]), lr, 8) @ Q
    np.testing.assert_allclose(path[1:], path[:-1] * (1 - lr * λ), atol=1e-12)


def test_the_numbers_by_hand():
    assert 1 - 0.07 == pytest.approx(0.93) and 1 - 0.07 * 25 == pytest.approx(-0.75)
    assert 1 - best_lr(1, 25) == pytest.approx(24 / 26)
    assert (1000 - 1) / (1000 + 1) == pytest.approx(0.998, abs=1e-4)
    for λ, c, r in ((1, 4 / 3, 2 / 3), (25, -4 / 3, -2 / 3), (13, 0, None)):
        assert 1 + 4 / 9 - λ / 9 == pytest.approx(c, abs=1e-12)
        if r:
            np.testing.assert_allclose(np.roots([1, -c, 4 / 9]), r, atol=1e-6)
        assert factor(1 / 9, 4 / 9, λ) == pytest.approx(2 / 3, abs=1e-6)
        assert abs(page.ball(λ)) < 3e-4 < 0.923**30


@pytest.mark.parametrize(("least", "most"), [(0.5, 8), (1, 25), (2, 300)])
def test_inside_the_band_the_factor_is_the_root_of_beta_and_outside_larger(least, most):
    η, β = best_momentum(least, most)
    κ = most / least
    height = (κ**0.5 - 1) / (κ**0.5 + 1)
    inside = np.linspace(1.001 * least, 0.999 * most, 50)
    np.testing.assert_allclose([factor(η, β, λ) for λ in inside], height)
    for λ in (0.9 * least, 1.1 * most):
        assert factor(η, β, λ) > 1.05 * height
    for smaller in (0.5 * β, 0.8 * β):  # lower, and too narrow
        band = [factor(η, smaller, λ) for λ in (least, (least + most) / 2, most)]
        assert band[1] < height < max(band)


@pytest.mark.parametrize("seed", range(5))
def test_the_number_of_the_fold_shrinks_by_beta_in_every_step(seed):
    rng = np.random.default_rng(seed)
    η, β, λ = rng.uniform(0.01, 0.3), rng.uniform(0.1, 0.9), rng.uniform(1, 30)
    c, (w, before) = 1 + β - η * λ, rng.normal(size=2)

    def Q():
        return w**2 - c * w * before + β * before**2

    for _ in range(5):
        was = Q()
        w, before = c * w - β * before, w
        assert Q() == pytest.approx(β * was, abs=1e-9 * (w**2 + before**2))
    H = np.array([[2, -c], [-c, 2 * β]])
    assert (np.linalg.eigvalsh(H) > 0).all() == (c**2 < 4 * β)


def test_descent_takes_kappa_and_momentum_about_root_kappa_steps(starts):
    slow = [page.with_descent(κ) for κ in KAPPAS]
    formula = np.log(1000) / -np.log(1 - 2 / (KAPPAS + 1))
    np.testing.assert_allclose(slow, np.ceil(formula))
    np.testing.assert_allclose(slow, 3.5 * KAPPAS, rtol=0.03)
    assert exponent(slow) == pytest.approx(1, abs=0.01)
    quick = [page.with_momentum(κ) for κ in KAPPAS]
    assert 0.5 < exponent(quick) < 0.6
    assert 11 < quick[-1] / quick[0] < 14  # "about twelve"
    assert quick[-1] < 0.025 * slow[-1]  # saves 98 % of the steps


@pytest.mark.parametrize("κ", [400, 2500, 10_000])
def test_across_the_ball_first_swings_out_to_a_third_of_root_kappa(κ):
    lr, β = best_momentum(1, κ)
    w = trajectory(lambda p: optim.SGD(p, lr, β), lambda w: κ * w, 1.0, int(κ**0.5))
    assert np.abs(w).max() == pytest.approx(0.37 * κ**0.5, rel=0.06)


def test_turning_the_valley_changes_nothing():
    a = np.radians(45)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    start = np.array([3.0, -1.0])
    for lr, β in [(best_lr(1, 100), 0), best_momentum(1, 100)]:

        def make(p, lr=lr, β=β):
            return optim.SGD(p, lr, β)

        along = trajectory(make, lambda w: w @ valley(100), start, 50)
        turned = trajectory(make, lambda w: w @ valley(100, 45), turn @ start, 50)
        np.testing.assert_allclose(turned, along @ turn.T, atol=1e-9)


def test_one_step_is_enough_for_the_standardised_line_and_a_thousand_are_not():
    patients, y = diabetes()
    for column, least in ((2, 20_000), (3, 10_000)):  # body mass index; blood pressure
        x = patients[:, column]
        κ, _, off, H = page.fit(x, y, 1000)
        moments = [[1, x.mean()], [x.mean(), (x**2).mean()]]
        np.testing.assert_allclose(H, 2 * np.array(moments))
        assert κ > least
        assert np.linalg.norm(off[-1]) > 0.8 * np.linalg.norm(off[0])
        κ, _, off, H = page.fit((x - x.mean()) / x.std(), y, 1)
        np.testing.assert_allclose(H, 2 * np.eye(2), atol=1e-12)
        assert κ == pytest.approx(1)
        assert np.linalg.norm(off[1]) < 1e-9 * np.linalg.norm(off[0])
    x = patients[:, 2]
    κ, _, off, _ = page.fit(x, y, 1000)
    assert f"{κ:.2g}" == "2.6e+04" and round(x.mean()) == 26
    assert round((x**2).mean()) == 715
    share = np.linalg.norm(off[-1]) / np.linalg.norm(off[0])
    assert share == pytest.approx(0.93, abs=0.005)


@pytest.mark.parametrize("load", [diabetes, wine, breast_cancer])
def test_standardising_takes_a_factor_of_100_000_off_the_condition_number(load):
    raw, y = load()
    standard = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    κ = [page.fit(x, y, 1)[0] for x in (raw, standard)]
    assert κ[0] > 1e5 * κ[1]
    if load is breast_cancer:  # correlated inputs stay a ravine
        assert κ[1] > 5e4


@pytest.mark.parametrize("start", [3.1, 3.2, 3.4])
def test_beyond_bowls_the_heavy_ball_may_never_arrive(start):
    w = trajectory(lambda p: optim.SGD(p, 1 / 9, 4 / 9), page.slope, start, 900)
    np.testing.assert_allclose(np.sort(w[-3:]), [-1.80, 0.65, 2.12], atol=0.01)
    assert abs(descend(page.slope, start, 2 / 26, 900)[-1]) < 1e-9
    at = np.linspace(-4, 4, 1000)  # its curvature is 1 or 25, wherever it has one
    bend = (page.slope(at + 1e-7) - page.slope(at)) / 1e-7
    assert (np.isclose(bend, 1, atol=1e-3) | np.isclose(bend, 25, atol=1e-3)).all()
