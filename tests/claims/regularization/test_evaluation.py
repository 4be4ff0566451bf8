"""What the page on honest evaluation says, over seeds that it does not use."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from course_lib.datasets import digits
from course_lib.regularization.evaluation import train_test_split
from course_lib.regularization.overfitting import least_squares
from tests.definitions import definitions

page = definitions("regularization/evaluation")
page.x, page.y = (np.concatenate(digits()[i::2]) for i in (0, 1))
page.grid, page.sigma = np.linspace(-1, 1, 401), 0.3

SEEDS = range(1000, 1100)


def mean_of(run, seeds=SEEDS):
    return np.mean([run(seed) for seed in seeds], axis=0)


# ---- One run ---------------------------------------------------------------------


def test_training_digits_always_choose_one_neighbour_and_validation_flatters_little():
    many, y = (1, 3, 9, 33), page.y

    def shares(known, asked):
        return [page.share(known, asked, m) for m in many]

    flattery = []
    for seed in range(1, 6):
        rng, places = np.random.default_rng(seed), np.arange(1797)
        rest, test = train_test_split(places, test_size=0.2, stratify=y, rng=rng)
        train, validation = train_test_split(
            rest, test_size=0.25, stratify=y[rest], rng=rng
        )
        assert (len(train), len(validation), len(test)) == (1077, 360, 360)
        by_heart, judged = shares(train, train), shares(train, validation)
        assert by_heart[0] == 1 > max(by_heart[1:])
        assert judged[3] < judged[0] - 0.01  # 33 are too many
        best = np.argmax(judged)
        flattery.append(judged[best] - shares(rest, test)[best])
    assert abs(np.mean(flattery)) < 0.008


# ---- Looks -----------------------------------------------------------------------


@pytest.mark.parametrize("n", [100, 400, 1000])
def test_the_best_of_k_coins_stays_below_the_formula_and_is_a_coin(n):
    rng = np.random.default_rng(7)
    best = np.maximum.accumulate(rng.binomial(n, 0.5, size=(500, 1000)) / n, axis=1)
    lies = best.mean(axis=0)[[9, 99, 999]] - 0.5
    bound = np.sqrt(2 * np.log([10, 100, 1000]) / n) / 2
    assert np.all(lies < bound) and np.all(lies > 0.65 * bound)
    assert lies[2] > 0.82 * bound[2]
    assert 0.4 < lies[0] / lies[2] < 0.52  # nearly half of the harm in ten looks
    assert best[:, 999].min() > 0.5
    # Four times as many examples halve the lie.
    more = rng.binomial(4 * n, 0.5, size=(500, 1000)).max(axis=1) / (4 * n) - 0.5
    assert abs(more.mean() / lies[2] - 0.5) < 0.02


def test_a_thousand_looks_at_35000_examples_lie_by_less_than_a_point():
    rng = np.random.default_rng(7)
    best = rng.binomial(34_539, 0.5, size=(200, 1000)).max(axis=1) / 34_539
    assert 0.008 < best.mean() - 0.5 < 0.01


def test_tinkering_by_the_test_set_raises_its_figure_and_lowers_the_truth():
    few = digits(test_size=1297)
    page.A, page.labels = page.ones_and(few.x_test), few.y_test
    one_hot = np.eye(10)[few.y_train]
    page.W_0 = least_squares(page.ones_and(few.x_train), one_hot, penalty=1.0)
    changes = []
    for seed in range(5, 10):
        before, fresh_before, after, fresh_after = page.tinker(seed)
        changes.append((after - before, fresh_after - fresh_before))
    reported, true = np.transpose(changes)
    assert np.all(reported > 0) and np.all(true < 0)
    assert reported.mean() > 0.015 and true.mean() < -0.015


# ---- Folds -----------------------------------------------------------------------


def test_folds_judge_more_steadily_than_one_split_and_choose_better():
    picks, estimates, truths = [], [], []
    for true, *says in map(page.one_sample, SEEDS):
        pick = np.argmin(says, axis=1)
        picks.append([pick == 3, true[pick] <= 1.1 * true.min()])
        estimates.append(np.transpose(says)[3])
        truths.append(true[3])
    (three, good), spread = np.mean(picks, axis=0), np.std(estimates, axis=0)
    assert np.all(three[1:] > three[0] + 0.1) and np.all(good[1:] > good[0] + 0.05)
    assert np.all(spread[1:] < 0.5 * spread[0])
    middle = np.mean(estimates, axis=0)
    assert np.all(np.abs(middle - np.mean(truths)) < 0.02)


# ---- Leaks -----------------------------------------------------------------------


def test_normalising_before_the_split_makes_other_models_and_hardly_a_lie():
    def rates(n, inputs, seeds):
        return mean_of(lambda s: page.normalised(s, n, inputs), seeds)

    test, fresh, leaky, leaky_fresh = rates(4, 1000, range(1000, 2000))
    assert 0.05 < leaky - test < 0.09
    assert leaky_fresh - fresh > 0.05  # the gain is real
    assert abs(leaky - leaky_fresh) < 0.01
    for n, inputs, seeds in [(10, 100, range(1000, 2000)), (100, 100, SEEDS)]:
        test, fresh, leaky, leaky_fresh = rates(n, inputs, seeds)
        assert abs(leaky_fresh - fresh) < 0.02
        assert abs(leaky - leaky_fresh) < 0.01


def test_choosing_inputs_on_all_data_makes_noise_look_nearly_perfect():
    honest, leaky = mean_of(page.select, range(1000, 1030))
    assert 0.44 < honest < 0.56
    assert leaky < 0.04  # Hastie et al. report 0.03


def test_answers_in_the_inputs_lift_tossed_labels_to_far_above_one_half():
    honest, leaky = mean_of(page.streets)
    assert abs(honest - 0.5) < 0.02 and leaky > 0.65


def test_twins_on_both_sides_flatter():
    honest, leaky = mean_of(page.twins, SEEDS[:50])
    assert leaky > honest + 0.03


def test_a_plain_split_often_misses_a_rare_class_and_a_stratified_one_never():
    rare, rng = np.arange(100) < 6, np.random.default_rng(7)
    plain, strata = (
        [
            train_test_split(rare, test_size=20, stratify=s, rng=rng)[1].sum()
            for _ in range(1000)
        ]
        for s in (None, rare)
    )
    none = comb(94, 20) / comb(100, 20)
    assert abs(np.mean(np.array(plain) == 0) - none) < 0.04 and 0.25 < none < 0.26
    assert set(strata) == {1}
