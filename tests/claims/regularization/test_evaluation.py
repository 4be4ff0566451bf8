"""What the page on three sets and cross-validation says, over seeds it does not use."""

from math import comb

import numpy as np
import pytest

from course_lib.datasets import digits
from course_lib.regularization.evaluation import cross_val_score, train_test_split
from course_lib.regularization.overfitting import cubic
from tests.definitions import definitions

page = definitions("regularization/evaluation")
page.x, page.y = (np.concatenate(digits()[i::2]) for i in (0, 1))
page.σ, page.at = 0.3, np.linspace(-1, 1, 201)


def test_training_digits_always_choose_one_neighbour_and_validation_does_not_need_it():
    y, lead = page.y, []
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        rest, test = train_test_split(
            np.arange(1797), test_size=360, stratify=y, rng=rng
        )
        train, validation = train_test_split(rest, test_size=360, rng=rng)
        assert (len(train), len(validation), len(test)) == (1077, 360, 360)
        some = train[:300]
        by_heart = [page.share(train, some, m) for m in (1, 3, 33)]
        assert by_heart[0] == 1 > max(by_heart[1:])
        judged = [page.share(train, validation, m) for m in (1, 3, 9, 33)]
        assert judged[3] < max(judged) - 0.01  # 33 are too many
        lead.append(max(judged[1:3]) - judged[0])
    assert np.mean(lead) > -0.004  # m = 1 is not the winner that it seemed


def test_the_five_answers_by_hand_and_the_toy_is_the_librarys():
    y = np.array([1.0, 2.0, 3.0, 4.0, 10.0])

    def learn(X, y):
        return y.mean()

    def error(o, X, y):
        return abs(o - y.mean())

    assert cross_val_score(learn, error, y, y, 2).tolist() == [5, 5]
    X = np.random.default_rng(1).normal(size=(17, 2))
    for k in (2, 5, 17):
        toy = page.cross_validate(learn, error, X, X[:, 0], k)
        assert toy == pytest.approx(cross_val_score(learn, error, X, X[:, 0], k).mean())


def test_in_the_player_the_folds_do_not_agree_and_their_mean_finds_the_law():
    x, y = page.measure(1)
    np.testing.assert_allclose(y - cubic(x), 0, atol=1)
    errors = np.array([page.fold_errors(x, y, d) for d in range(1, 11)])
    assert len({*errors.argmin(axis=0)}) >= 4
    assert errors[2].max() > 5 * errors[2].min()  # degree 3
    means = errors.mean(axis=1)
    assert means.argmin() == 2 and np.sort(means)[1] > 1.2 * means[2]
    every = [page.fold_errors(x, y, d, 30).mean() for d in range(11)]
    assert np.argmin(every) == 3 and np.sort(every)[1] > 1.02 * every[3]


def test_five_folds_choose_better_than_one_and_scatter_less():
    samples = np.array([page.choices(seed) for seed in range(1000, 1150)])
    picks = samples[:, :2].argmin(axis=2)
    one, five = np.mean(picks == 3, axis=0)
    assert 0.35 < one < 0.65 and 0.65 < five < 0.85
    far = np.mean(picks > 5, axis=0)
    assert far[0] > 2 * far[1] and far[0] > 0.1
    spread, middle = samples[:, :, 3].std(axis=0), samples[:, :, 3].mean(axis=0)
    assert spread[0] > 1.9 * spread[1]
    assert np.all(np.abs(middle - middle[2]) < 0.02)


def test_a_plain_split_often_misses_a_rare_class_and_a_stratified_one_never():
    rare, rng = np.arange(100) < 6, np.random.default_rng(7)
    plain, strata = (
        [
            train_test_split(rare, test_size=20, stratify=s, rng=rng)[1].sum()
            for _ in range(500)
        ]
        for s in (None, rare)
    )
    none = comb(94, 20) / comb(100, 20)
    assert abs(np.mean(np.array(plain) == 0) - none) < 0.06 and 0.25 < none < 0.26
    assert set(strata) == {1}
