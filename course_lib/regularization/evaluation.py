"""Sets to learn from and sets to test on (slide 38), as in scikit-learn."""

import math

import numpy as np

from course_lib.core.seed import generator


def train_test_split(
    *arrays, test_size=0.25, shuffle=True, stratify=None, rng=None
):
    """Cut arrays in two parts, all at the same examples.

    `test_size` is a number of examples, or their share (rounded up). With ``shuffle``
    chance chooses; without it the last examples are the test set, as is right for data
    in order of time. With ``stratify=classes`` both parts get the same share of each
    class, as nearly as possible, and at least one example of it. Returns for each array
    its training part, then its test part.

    >>> x_train, x_test = train_test_split(np.arange(5), test_size=2, shuffle=False)
    >>> print(x_train, x_test)
    [0 1 2] [3 4]
    """
    arrays = [np.asarray(a) for a in arrays]
    n, rng = len(arrays[0]), generator(rng)
    m = test_size if test_size >= 1 else math.ceil(test_size * n)
    lengths = [len(a) for a in arrays]
    assert 0 < m < n and m % 1 == 0 and {*lengths} == {n}, (
        f"{m} of {lengths} to test on"
    )
    if stratify is not None:
        assert shuffle and len(stratify) == n, (
            "a class each, and shuffle=True"
        )
        test = _stratified(_classes(stratify), m, rng)
    elif shuffle:
        test = rng.permutation(n)[:m]
    else:
        test = np.arange(n - m, n)
    train = np.setdiff1d(np.arange(n), test)
    if shuffle:
        train = rng.permutation(train)
    return [a[part] for a in arrays for part in (train, test)]


def _stratified(classes, m, rng):
    """Places of m examples; of each class, what the training set's share leaves."""
    counts, n = np.bincount(classes), len(classes)
    assert counts.min() >= 2, (
        "a class with one example cannot be in both parts"
    )
    assert len(counts) <= min(m, n - m), (
        f"{m} examples of {len(counts)} classes"
    )
    share = counts / n * (n - m)
    train = np.clip(np.floor(share).astype(int), 1, counts - 1)
    luck = rng.random(len(counts))
    # Where most is missing, or too much, one goes or comes; chance breaks ties.
    while left := n - m - train.sum():
        one = np.sign(left)
        may = (train + one >= 1) & (train + one <= counts - 1)
        excess = np.where(may, one * (train - share), np.inf)
        train[np.lexsort((luck, excess))[0]] += one
    chosen = [
        rng.permutation(np.flatnonzero(classes == c))[k:]
        for c, k in enumerate(train)
    ]
    return rng.permutation(np.concatenate(chosen))


def _classes(y):
    """The classes as numbers 0, 1, …, in the order in which they first appear."""
    assert np.ndim(y) == 1, f"one class for each example, not {np.shape(y)}"
    _, first, number = np.unique(y, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number]


class KFold:
    """Cut n examples into folds; each is the test set once, the rest trains.

    The first n mod k of the k folds have one example more. Without ``shuffle`` each
    fold is a run of neighbours.

    >>> for train, test in KFold(3).split(np.zeros(5)):
    ...     print(train, test)
    [2 3 4] [0 1]
    [0 1 4] [2 3]
    [0 1 2 3] [4]
    """

    def __init__(self, n_splits=5, shuffle=False, rng=None):
        assert shuffle or rng is None, "rng is for shuffle=True"
        self.n_splits, self.shuffle, self.rng = n_splits, shuffle, rng

    def split(self, X, y=None):
        assert 2 <= self.n_splits <= len(X), f"{self.n_splits} of {len(X)}"
        fold = np.sort(np.arange(len(X)) % self.n_splits)
        if self.shuffle:
            fold = generator(self.rng).permutation(fold)
        for k in range(self.n_splits):
            yield np.flatnonzero(fold != k), np.flatnonzero(fold == k)


class StratifiedKFold(KFold):
    """Folds that each hold the same share of every class, as nearly as possible.

    >>> y = np.array([0, 0, 0, 0, 1, 1])
    >>> for train, test in StratifiedKFold(2).split(y, y):
    ...     print(y[train], y[test])
    [0 0 1] [0 0 1]
    [0 0 1] [0 0 1]
    """

    def split(self, X, y):
        assert 2 <= self.n_splits <= len(X) == len(y), f"{len(X)}, {len(y)}"
        classes, fold = _classes(y), np.empty(len(y), dtype=int)
        cards = np.sort(classes)  # dealt out to the folds, one by one
        for c in range(classes.max() + 1):
            dealt = np.sort(np.flatnonzero(cards == c) % self.n_splits)
            if self.shuffle:
                dealt = generator(self.rng).permutation(dealt)
            fold[classes == c] = dealt
        for k in range(self.n_splits):
            yield np.flatnonzero(fold != k), np.flatnonzero(fold == k)


def cross_val_score(learn, score, X, y, cv):
    """Cross-validation: learn without each fold in turn, and be tested on it.

    ``learn(X, y)`` returns a model, whatever that is; ``score(model, X, y)`` a number;
    `cv` is a `KFold`. Here the model is the mean, the score its distance:

    >>> def distance(mean, X, y):
    ...     return abs(mean - y[0])
    >>> y = np.array([0.0, 1.0, 5.0])
    >>> cross_val_score(lambda X, y: y.mean(), distance, y, y, KFold(3))
    array([3. , 1.5, 4.5])
    """
    X, y, scores = np.asarray(X), np.asarray(y), []
    assert len(X) == len(y), f"{len(X)} examples, {len(y)} answers"
    for train, test in cv.split(X, y):
        model = learn(X[train], y[train])
        scores.append(score(model, X[test], y[test]))
    return np.array(scores)
