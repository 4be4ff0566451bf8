"""Bringing features to one scale (slide 40), under scikit-learn's names.

What is learned from data ends in ``_``, as there. Learn it from the training data
alone: a scale that has seen the test data tells the model about them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


class _Scaler:
    """Checks the data, and leaves the formulas to its subclasses."""

    def fit(self, X: ArrayLike) -> _Scaler:
        """Learn the scale of each feature from examples of shape (N, D)."""
        X = np.asarray(X, dtype=float)
        name = type(self).__name__
        if X.ndim != 2 or len(X) == 0:
            raise ValueError(
                f"{name}: examples in rows, shape (N, D), wanted to fit, got "
                f"{X.shape}; for one feature write x.reshape(-1, 1)"
            )
        if not np.isfinite(X).all():
            raise ValueError(
                f"{name}: some values are infinite or not a number; fill or "
                "drop them first"
            )
        self.n_features_in_ = X.shape[1]
        self._learn(X)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Examples of shape (N, D) on the scale that `fit` has learned."""
        return self._scaled(self._checked(X))

    def fit_transform(self, X: ArrayLike) -> np.ndarray:
        """`fit`, then `transform` of the same examples."""
        return self.fit(X).transform(X)

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Scaled examples of shape (N, D) in their units again."""
        return self._unscaled(self._checked(X))

    def _checked(self, X: ArrayLike) -> np.ndarray:
        name = type(self).__name__
        if not hasattr(self, "n_features_in_"):
            raise RuntimeError(
                f"{name}: no scale is known yet; call fit(training data) first"
            )
        X = np.asarray(X, dtype=float)
        if X.ndim != 2 or X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"{name}: fitted on {self.n_features_in_} features, so shape "
                f"(N, {self.n_features_in_}) is wanted, got {X.shape}"
            )
        return X


def _no_zeros(spread: np.ndarray, X: np.ndarray) -> np.ndarray:
    """The spread to divide by: 1 for a feature that is always the same."""
    return np.where(np.ptp(X, axis=0) == 0, 1.0, spread)


class StandardScaler(_Scaler):
    """Each feature with mean 0 and standard deviation 1: (x − mean) / std.

    A feature that is always the same becomes 0.

    Attributes
    ----------
    mean_, var_ : ndarray, shape (D,)
        Of the examples that `fit` saw; the variance divides by N.
    scale_ : ndarray, shape (D,)
        The root of `var_`, and 1 for a feature that is always the same.
    n_features_in_ : int
        D.

    Raises
    ------
    RuntimeError
        If `transform` comes before `fit`.
    ValueError
        If the data are no (N, D) matrix of finite numbers to fit on, or D changes.

    Examples
    --------
    >>> scaler = StandardScaler().fit([[150.0, 1.0], [170.0, 1.0]])
    >>> scaler.mean_, scaler.scale_
    (array([160.,   1.]), array([10.,  1.]))
    >>> scaler.transform([[180.0, 1.0]])
    array([[2., 0.]])
    """

    def _learn(self, X: np.ndarray) -> None:
        self.mean_, self.var_ = X.mean(axis=0), X.var(axis=0)
        self.scale_ = _no_zeros(np.sqrt(self.var_), X)

    def _scaled(self, X: np.ndarray) -> np.ndarray:
        return (X - self.mean_) / self.scale_

    def _unscaled(self, X: np.ndarray) -> np.ndarray:
        return X * self.scale_ + self.mean_


class MinMaxScaler(_Scaler):
    """Each feature from 0 to 1: (x − least) / (greatest − least).

    Only the examples that `fit` saw are sure to lie inside; new ones may lie beyond.
    A feature that is always the same becomes 0.

    Attributes
    ----------
    data_min_, data_max_, data_range_ : ndarray, shape (D,)
        Least and greatest value that `fit` saw, and their difference.
    scale_, min_ : ndarray, shape (D,)
        The formula as ``x * scale_ + min_``.
    n_features_in_ : int
        D.

    Raises
    ------
    RuntimeError
        If `transform` comes before `fit`.
    ValueError
        If the data are no (N, D) matrix of finite numbers to fit on, or D changes.

    Examples
    --------
    >>> scaler = MinMaxScaler().fit([[150.0], [170.0]])
    >>> scaler.transform([[150.0], [155.0], [180.0]]).ravel()
    array([0.  , 0.25, 1.5 ])
    """

    def _learn(self, X: np.ndarray) -> None:
        self.data_min_, self.data_max_ = X.min(axis=0), X.max(axis=0)
        self.data_range_ = self.data_max_ - self.data_min_
        self.scale_ = 1 / _no_zeros(self.data_range_, X)
        self.min_ = -self.data_min_ * self.scale_

    def _scaled(self, X: np.ndarray) -> np.ndarray:
        return (X - self.data_min_) * self.scale_

    def _unscaled(self, X: np.ndarray) -> np.ndarray:
        return X / self.scale_ + self.data_min_
