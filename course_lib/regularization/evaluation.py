"""Sets to learn from and sets to be judged by (slide 38), as in scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_lib.core.seed import generator

Fold = tuple[np.ndarray, np.ndarray]  # places to train on, places to test on


def train_test_split(
    *arrays: ArrayLike,
    test_size: float | int = 0.25,
    shuffle: bool = True,
    stratify: ArrayLike | None = None,
    rng: np.random.Generator | None = None,
) -> list[np.ndarray]:
    """Cut arrays in two parts, all at the same examples.

    Parameters
    ----------
    *arrays : array_like, shape (n, ...)
        For instance the examples and their answers.
    test_size : float or int, default 0.25
        The share of the examples to test on, between 0 and 1 and rounded up, or
        their number.
    shuffle : bool, default True
        Whether chance chooses; if not, the last examples are the test set, as is
        right for data in order of time.
    stratify : array_like, shape (n,), optional
        Classes, of which both parts get the same share, as nearly as can be.
    rng : numpy Generator, optional

    Returns
    -------
    list of ndarray
        For each array its training part, then its test part.

    Raises
    ------
    ValueError
        If the lengths differ, a part would be empty, or a class is too small to
        be in both parts.

    Examples
    --------
    >>> x_train, x_test = train_test_split(np.arange(5), test_size=2, shuffle=False)
    >>> print(x_train, x_test)
    [0 1 2] [3 4]
    """
    arrays = [np.asarray(a) for a in arrays]
    n = _common_length(arrays)
    m = _test_count(n, test_size)
    if stratify is not None:
        if not shuffle:
            raise ValueError(
                "train_test_split: stratify chooses by chance; it needs shuffle=True"
            )
        test = _stratified(_classes(stratify, n), m, generator(rng))
    elif shuffle:
        test = generator(rng).permutation(n)[:m]
    else:
        test = np.arange(n - m, n)
    train = np.setdiff1d(np.arange(n), test)
    if shuffle:
        train = generator(rng).permutation(train)
    return [a[part] for a in arrays for part in (train, test)]


class KFold:
    """Cut n examples into folds; each is the test set once, the rest trains.

    Parameters
    ----------
    n_splits : int, default 5
        The number k of folds, 2 to n. The first n mod k have one example more.
    shuffle : bool, default False
        Whether chance fills the folds; if not, each is a run of neighbours.
    rng : numpy Generator, optional
        Only with ``shuffle=True``.

    Examples
    --------
    >>> for train, test in KFold(3).split(np.zeros(5)):
    ...     print(train, test)
    [2 3 4] [0 1]
    [0 1 4] [2 3]
    [0 1 2 3] [4]
    """

    def __init__(
        self,
        n_splits: int = 5,
        shuffle: bool = False,
        rng: np.random.Generator | None = None,
    ):
        if n_splits != int(n_splits) or n_splits < 2:
            raise ValueError(
                f"{type(self).__name__}: n_splits={n_splits}; 2 folds or more wanted"
            )
        if rng is not None and not shuffle:
            raise ValueError(
                f"{type(self).__name__}: rng does nothing without shuffle=True"
            )
        self.n_splits, self.shuffle, self.rng = int(n_splits), shuffle, rng

    def split(
        self, X: ArrayLike, y: ArrayLike | None = None
    ) -> Iterator[Fold]:
        """For each fold, the places to train on and the places to test on.

        Raises
        ------
        ValueError
            If there are fewer examples than folds.
        """
        fold = self._fold_of_each(np.shape(X)[0], y)
        places = np.arange(len(fold))
        return (
            (places[fold != k], places[fold == k])
            for k in range(self.n_splits)
        )

    def _fold_of_each(self, n: int, y: ArrayLike | None) -> np.ndarray:
        """The number of the fold that each example belongs to, shape (n,)."""
        if n < self.n_splits:
            raise ValueError(
                f"KFold: {n} examples for {self.n_splits} folds; use fewer"
            )
        fold = np.sort(np.arange(n) % self.n_splits)
        return generator(self.rng).permutation(fold) if self.shuffle else fold


class StratifiedKFold(KFold):
    """Folds that each hold the same share of every class, as nearly as can be.

    Parameters
    ----------
    n_splits, shuffle, rng
        As for `KFold`.

    Examples
    --------
    >>> y = np.array([0, 0, 0, 0, 1, 1])
    >>> for train, test in StratifiedKFold(2).split(y, y):
    ...     print(y[train], y[test])
    [0 0 1] [0 0 1]
    [0 0 1] [0 0 1]
    """

    def split(
        self, X: ArrayLike, y: ArrayLike | None = None
    ) -> Iterator[Fold]:
        """For each fold, the places to train on and the places to test on.

        Parameters
        ----------
        X : array_like, shape (n, ...)
        y : array_like, shape (n,)
            The classes.

        Raises
        ------
        ValueError
            If there are no classes, or one has fewer examples than there are folds
            (where scikit-learn warns only).
        """
        return super().split(X, y)

    def _fold_of_each(self, n: int, y: ArrayLike | None) -> np.ndarray:
        if y is None:
            raise ValueError(
                "StratifiedKFold: split(X, y) needs the classes y"
            )
        classes = _classes(y, n)
        smallest = np.bincount(classes).min()
        if smallest < self.n_splits:
            raise ValueError(
                f"StratifiedKFold: a class has {smallest} examples, fewer than the "
                f"{self.n_splits} folds; use fewer folds"
            )
        # Deal the sorted classes out like cards: each fold gets its share.
        cards, fold = np.sort(classes), np.empty(n, dtype=int)
        for c in range(cards[-1] + 1):
            dealt = np.sort(np.flatnonzero(cards == c) % self.n_splits)
            if self.shuffle:
                dealt = generator(self.rng).permutation(dealt)
            fold[classes == c] = dealt
        return fold


def cross_val_score(
    learn: Callable[[np.ndarray, np.ndarray], Any],
    score: Callable[[Any, np.ndarray, np.ndarray], float],
    X: ArrayLike,
    y: ArrayLike,
    cv: KFold | Iterable[Fold],
) -> np.ndarray:
    """Cross-validation: learn without each fold in turn, and be judged on it.

    Parameters
    ----------
    learn : callable
        ``learn(X_train, y_train)`` returns a model, whatever that is.
    score : callable
        ``score(model, X_test, y_test)`` returns one number.
    X, y : array_like, shape (n, ...)
    cv : KFold, or pairs of places to train on and to test on

    Returns
    -------
    ndarray, shape (n_splits,)
        The score on each fold, by a model that has never seen it.

    Examples
    --------
    The mean of the others, judged by its distance:

    >>> y = np.array([0.0, 1.0, 5.0])
    >>> print(cross_val_score(
    ...     lambda X, y: y.mean(), lambda m, X, y: abs(m - y[0]), y, y, KFold(3)
    ... ))
    [3.  1.5 4.5]
    """
    X, y = np.asarray(X), np.asarray(y)
    _common_length([X, y])
    folds = cv.split(X, y) if isinstance(cv, KFold) else cv
    scores = []
    for train, test in folds:
        model = learn(X[train], y[train])
        scores.append(float(score(model, X[test], y[test])))
    return np.array(scores)


def _common_length(arrays: list[np.ndarray]) -> int:
    lengths = [len(a) if a.ndim else 0 for a in arrays]
    if len(set(lengths)) != 1 or lengths[0] < 2:
        raise ValueError(
            f"arrays of {lengths} examples; one array or more wanted, all of the same "
            "length, of 2 or more"
        )
    return lengths[0]


def _test_count(n: int, test_size: float | int) -> int:
    if isinstance(test_size, int | np.integer):
        m, wanted = int(test_size), f"1 to {n - 1}"
    else:
        inside = 0 < test_size < 1
        m = int(np.ceil(test_size * n)) if inside else 0
        wanted = f"above 0 and at most {(n - 1) / n:.3f}"
    if not 0 < m < n:
        raise ValueError(
            f"train_test_split: test_size={test_size} of {n} examples leaves a part "
            f"empty; {wanted} wanted"
        )
    return m


def _classes(y: ArrayLike, n: int) -> np.ndarray:
    """The classes as numbers 0, 1, …, in the order in which they first appear."""
    y = np.asarray(y)
    if y.shape != (n,):
        raise ValueError(
            f"classes of shape {y.shape} for {n} examples; shape ({n},) wanted"
        )
    _, first, number = np.unique(y, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number]


def _stratified(
    classes: np.ndarray, m: int, rng: np.random.Generator
) -> np.ndarray:
    """Places of m examples, of each class its share of the training set's rest."""
    counts = np.bincount(classes)
    n, k = len(classes), len(counts)
    if counts.min() < 2 or min(m, n - m) < k:
        raise ValueError(
            f"train_test_split: stratify needs 2 examples or more of each class, and "
            f"in both parts room for all {k} classes; the smallest class has "
            f"{counts.min()} and the parts are {n - m} and {m}"
        )
    share = counts / n * (n - m)
    train = np.floor(share).astype(int)
    # What is left over goes to the largest fractions; chance breaks ties.
    by_fraction = np.lexsort((rng.random(k), train - share))
    train[by_fraction[: n - m - train.sum()]] += 1
    chosen = [
        rng.permutation(np.flatnonzero(classes == c))[train[c] :]
        for c in range(k)
    ]
    return rng.permutation(np.concatenate(chosen))
