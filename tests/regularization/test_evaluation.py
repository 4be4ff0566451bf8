"""Splits: complete, disjoint, and scikit-learn's own where chance plays no part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from course_lib import manual_seed
from course_lib.regularization.evaluation import (
    KFold,
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)
from course_lib.regularization.overfitting import least_squares
from tests.oracles import oracle

SEEDS = st.integers(0, 2**32 - 1)


def theirs():
    return oracle("sklearn.model_selection")


def rng(seed=0):
    return np.random.default_rng(seed)


def shuffled_classes(counts, seed):
    """So many examples of each class, in random order."""
    return rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))


COUNTS = st.lists(st.integers(6, 15), min_size=1, max_size=5)
CLASSES = st.builds(shuffled_classes, COUNTS, SEEDS)


# ---- Two parts -------------------------------------------------------------------


@given(SEEDS, st.integers(2, 60), st.floats(0.01, 0.99), st.booleans())
def test_two_parts_are_disjoint_complete_and_of_scikit_learns_sizes(
    seed, n, test_size, shuffle
):
    assume(np.ceil(test_size * n) < n)
    x = np.arange(n)
    parts = train_test_split(x, -x, test_size=test_size, shuffle=shuffle, rng=rng(seed))
    train, test, minus_train, minus_test = parts
    assert_array_equal(np.sort(np.concatenate([train, test])), x)
    assert_array_equal(train, -minus_train)
    assert_array_equal(test, -minus_test)
    wanted = theirs().train_test_split(x, test_size=test_size, shuffle=shuffle)
    assert [len(train), len(test)] == [len(part) for part in wanted]
    if not shuffle:
        assert_array_equal(train, wanted[0])
        assert_array_equal(test, wanted[1])


def test_a_quarter_is_the_default():
    assert len(train_test_split(np.arange(10), rng=rng())[1]) == 3


def test_both_parts_come_in_random_order():
    train, test = train_test_split(np.arange(200), test_size=100, rng=rng())
    for part in (train, test):
        assert 30 < np.sum(np.diff(part) < 0) < 70


@given(SEEDS, CLASSES, st.integers(2, 50))
def test_strata_are_scikit_learns(seed, y, m):
    k = y.max() + 1
    m = min(max(m, k), len(y) - k)
    places = np.arange(len(y))
    train, test = train_test_split(places, test_size=m, stratify=y, rng=rng(seed))
    assert_array_equal(np.sort(np.concatenate([train, test])), places)
    assert len(test) == m
    options = {"test_size": m, "stratify": y, "random_state": seed}
    expected = theirs().train_test_split(places, **options)
    share = np.bincount(y) / len(y) * (len(y) - m)
    ours, judged = (np.bincount(y[p], minlength=k) for p in (train, expected[0]))
    assert ours.min() > 0 and (ours < np.bincount(y)).all()
    if judged.min() == 0 or (judged == np.bincount(y)).any():
        return  # there a class is missing in one part
    # Equal but for ties of the fractions, which chance breaks in both.
    fraction = np.round(share - np.floor(share), 9)
    for value in np.unique(fraction):
        tied = fraction == value
        assert ours[tied].sum() == judged[tied].sum()
    assert np.all(np.abs(ours - share) < 1)


def test_ties_are_broken_by_chance():
    y = np.repeat([0, 1], 3)
    seen = {
        int(train_test_split(y, test_size=3, stratify=y, rng=rng(s))[1].sum())
        for s in range(20)
    }
    assert seen == {1, 2}


@pytest.mark.parametrize(
    ("arrays", "test_size"),
    [
        ([np.ones(3), np.ones(4)], 1),  # else the fourth would be lost
        ([np.ones(4), np.ones(3)], 1),
        ([np.ones(4)], 4),  # nothing to learn from
        ([np.ones(4)], 0),
        ([np.ones(4)], 0.9),
    ],
)
def test_lengths_that_differ_and_parts_without_examples_are_refused(arrays, test_size):
    with pytest.raises(AssertionError):
        train_test_split(*arrays, test_size=test_size)


# ---- Folds -----------------------------------------------------------------------


def same_folds(ours, theirs):
    ours, theirs = list(ours), list(theirs)
    assert len(ours) == len(theirs)
    for fold, wanted in zip(ours, theirs, strict=True):
        assert_array_equal(fold[0], wanted[0])
        assert_array_equal(fold[1], wanted[1])


@given(st.integers(2, 60), st.integers(2, 12))
def test_folds_are_scikit_learns(n, k):
    assume(k <= n)
    X = np.zeros((n, 2))
    same_folds(KFold(k).split(X), theirs().KFold(k).split(X))


@given(CLASSES, st.integers(2, 6))
def test_stratified_folds_are_scikit_learns(y, k):
    judge = theirs().StratifiedKFold(k)
    same_folds(StratifiedKFold(k).split(y, y), judge.split(y, y))


def test_classes_may_be_words():
    y = np.array(["b", "a", "b", "a", "c", "c"])
    judge = theirs().StratifiedKFold(2)
    same_folds(StratifiedKFold(2).split(y, y), judge.split(y, y))


@given(SEEDS, CLASSES, st.integers(2, 6))
def test_shuffled_folds_are_disjoint_complete_and_of_the_same_counts(seed, y, k):
    for kind in (KFold, StratifiedKFold):
        folds = list(kind(k, shuffle=True, rng=rng(seed)).split(y, y))
        tests = [test for _, test in folds]
        assert_array_equal(np.sort(np.concatenate(tests)), np.arange(len(y)))
        for train, test in folds:
            assert_array_equal(np.union1d(train, test), np.arange(len(y)))
            assert len(train) + len(test) == len(y)
        judge = getattr(theirs(), kind.__name__)(k, shuffle=True)
        expected = [test for _, test in judge.split(y, y)]
        assert [len(test) for test in tests] == [len(test) for test in expected]
        if kind is StratifiedKFold:
            for test, their_test in zip(tests, expected, strict=True):
                counts, their_counts = (
                    np.bincount(y[part], minlength=5) for part in (test, their_test)
                )
                assert_array_equal(counts, their_counts)


@pytest.mark.parametrize("kind", [KFold, StratifiedKFold])
def test_shuffled_folds_differ_from_neighbours_and_from_each_other(kind):
    y = np.arange(40) % 2
    plain, one, two = (
        [test for _, test in folds.split(y, y)]
        for folds in (kind(4), *(kind(4, shuffle=True, rng=rng(s)) for s in (0, 1)))
    )
    assert not np.array_equal(one, plain) and not np.array_equal(one, two)


# ---- Cross-validation ------------------------------------------------------------


@given(SEEDS, st.integers(2, 10))
def test_cross_validation_is_scikit_learns(seed, k):
    X = rng(seed).normal(size=(20, 3))
    y = X @ [1.0, 2.0, 3.0] + rng(seed).normal(size=20)
    ours = cross_val_score(
        least_squares, lambda w, X, y: -np.mean((X @ w - y) ** 2), X, y, KFold(k)
    )
    model = oracle("sklearn.linear_model").LinearRegression(fit_intercept=False)
    folds, score = theirs().KFold(k), "neg_mean_squared_error"
    judged = theirs().cross_val_score(model, X, y, cv=folds, scoring=score)
    np.testing.assert_allclose(ours, judged, rtol=1e-9)


@pytest.mark.parametrize("seed", range(50))
def test_a_rare_class_is_in_both_parts(seed):
    y = shuffled_classes([18, 2], seed)
    parts = train_test_split(y, test_size=0.2, stratify=y, rng=rng(seed))
    assert [np.bincount(part).tolist() for part in parts] == [[15, 1], [3, 1]]


class Table:
    """Like a column of pandas: its numbers in brackets are labels, not places."""

    def __init__(self, values, labels):
        self.values, self.labels = values, list(labels)

    def __len__(self):
        return len(self.values)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)

    def __getitem__(self, labels):
        return Table([self.values[self.labels.index(i)] for i in labels], labels)


def test_labels_of_a_table_play_no_part():
    order = rng().permutation(20)
    x, y = np.arange(20.0)[:, None], Table(np.arange(20.0), order)
    for a, b in zip(
        train_test_split(x, y, rng=rng(1)), train_test_split(x, x, rng=rng(1)),
        strict=True,
    ):  # fmt: skip
        assert_array_equal(np.ravel(a), np.ravel(b))
    means = cross_val_score(
        lambda X, y: 0, lambda _, X, y: np.abs(X[:, 0] - y).max(), x, y, KFold(4)
    )
    assert_array_equal(means, 0)


@pytest.mark.parametrize(
    "split",
    [
        lambda x, y: train_test_split(x, test_size=2.5, stratify=y),  # without an end
        lambda x, y: train_test_split(x, stratify=y, shuffle=False),
        lambda x, y: train_test_split(x, stratify=y[:-1]),
        lambda x, y: train_test_split(x, stratify=y[:, None]),
        lambda x, y: train_test_split(x, stratify=x),  # each class once
        lambda x, y: train_test_split(x, stratify=y, test_size=1),  # of two classes
        lambda x, y: train_test_split(x, test_size=np.nan),
        lambda x, y: train_test_split(x, test_size=-1),
        lambda x, y: list(KFold(1).split(x)),
        lambda x, y: list(KFold(11).split(x)),  # an empty fold
        lambda x, y: list(KFold(2.5).split(x)),
        lambda x, y: list(StratifiedKFold(11).split(x, y)),
        lambda x, y: list(StratifiedKFold(2).split(x, y[:-1])),
        lambda x, y: KFold(2, rng=rng()),  # not shuffled
        lambda x, y: cross_val_score(len, len, x, np.append(y, 1), KFold(2)),
    ],
)
def test_splits_that_would_be_wrong_in_silence(split):
    with pytest.raises((AssertionError, TypeError, ValueError)):
        split(np.arange(10), np.arange(10) % 2)


@pytest.mark.parametrize("kind", [KFold, StratifiedKFold])
def test_folds_come_from_the_given_or_the_default_generator(kind):
    y = np.repeat([0, 1], 20)

    def tests(**options):
        folds = kind(4, shuffle=True, **options).split(y, y)
        return [test.tolist() for _, test in folds]

    assert tests(rng=rng(1)) == tests(rng=rng(1)) != tests()
    manual_seed(1)
    assert tests() == tests(rng=rng(1))
