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


def cross_val_score(learn, score, X, y, k):
    """Cut the data into k folds, and test on each what was learned from the others.

    ``learn(X, y)`` returns a model, whatever that is, and ``score(model, X, y)`` a
    number. Here the model is the mean, and the score its distance:

    >>> y = np.array([1.0, 2.0, 3.0, 4.0, 10.0])
    >>> def distance(mean, X, y):
    ...     return abs(mean - y.mean())
    >>> cross_val_score(lambda X, y: y.mean(), distance, y, y, k=2)
    array([5., 5.])
    """
    assert len(X) == len(y) >= k, f"{len(X)}, {len(y)} examples, {k} folds"
    scores = []
    for fold in np.array_split(np.arange(len(y)), k):
        X_rest, y_rest = np.delete(X, fold, axis=0), np.delete(y, fold)
        model = learn(X_rest, y_rest)
        scores.append(score(model, X[fold], y[fold]))
    return np.array(scores)
