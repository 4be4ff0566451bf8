"""Bringing features to one scale (slide 40), under scikit-learn's names.

What is learned from data ends in ``_``, as there. Learn it from the training data
alone: a scale that has seen the test data tells the model about them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from course_lib.core.seed import generator


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


def as_images(x: ArrayLike) -> np.ndarray:
    """Images (N, height, width) as they are; rows of square ones cut into lines.

    Raises
    ------
    ValueError
        If x has another shape, or its rows are not of length side².

    Examples
    --------
    >>> as_images(np.zeros((5, 64))).shape
    (5, 8, 8)
    """
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(float)
    if x.ndim == 3:
        return x
    side = round(x.shape[-1] ** 0.5) if x.ndim == 2 else 0
    if x.ndim != 2 or side**2 != x.shape[1]:
        raise ValueError(
            f"images: shape (N, height, width), or rows (N, side²) of square "
            f"images, wanted, got {x.shape}"
        )
    return x.reshape(-1, side, side)


def between_pixels(
    images: np.ndarray, row: np.ndarray, column: np.ndarray
) -> np.ndarray:
    """Grey values at places that need not be whole numbers (bilinear).

    A place between four pixels gets their mean, each weighted by how near it is.

    Parameters
    ----------
    images : ndarray, shape (N, height, width)
    row, column : ndarray, shape (N, height, width)
        For each pixel of the new images: from where in the old one it is taken.

    Returns
    -------
    ndarray, shape (N, height, width)

    Examples
    --------
    >>> image = np.array([[[0.0, 8.0], [4.0, 4.0]]])
    >>> half = np.full((1, 1, 1), 0.5)
    >>> between_pixels(image, half, half).item()  # the mean of all four
    4.0
    """
    _, height, width = images.shape
    # A rim of zeros around the image; all that is further out is on the rim.
    rim = np.pad(images, ((0, 0), (1, 2), (1, 2)))
    row = np.clip(row, -1, height) + 1
    column = np.clip(column, -1, width) + 1
    n = np.arange(len(images))[:, None, None]
    r, c = np.floor(row).astype(int), np.floor(column).astype(int)
    down, right = row - r, column - c  # from 0 to 1: how far beyond them
    upper = (1 - right) * rim[n, r, c] + right * rim[n, r, c + 1]
    lower = (1 - right) * rim[n, r + 1, c] + right * rim[n, r + 1, c + 1]
    return ((1 - down) * upper + down * lower).astype(images.dtype)


def _places(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of each pixel, of shapes (1, height, 1) and (1, 1, width)."""
    _, height, width = images.shape
    return np.arange(height)[None, :, None], np.arange(width)[None, None, :]


def _one_each(name: str, value: ArrayLike, images: np.ndarray) -> np.ndarray:
    """A number for each image, shape (N, 1, 1), from one number or N of them."""
    value = np.asarray(value, dtype=float)
    if value.shape not in ((), (len(images),)):
        raise ValueError(
            f"{name}: one number, or one for each of {len(images)} images, "
            f"wanted, got shape {value.shape}"
        )
    return np.broadcast_to(value, len(images))[:, None, None]


def rotate(images: ArrayLike, degrees: ArrayLike) -> np.ndarray:
    """Turn images about their middle, against the clock.

    For each new pixel we ask where it comes from: its place, turned *back*.

    Parameters
    ----------
    images : array_like, shape (N, height, width) or (N, side²)
    degrees : float, or array_like of shape (N,)
        The angle of all images, or of each.

    Returns
    -------
    ndarray, of the shape of images

    Raises
    ------
    ValueError
        If a shape is wrong.

    Examples
    --------
    >>> image = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> rotate(image, 90)
    array([[[2., 4.],
            [1., 3.]]])
    """
    old = as_images(images)
    angle = np.radians(_one_each("degrees", degrees, old))
    row, column = _places(old)
    _, height, width = old.shape
    y = row - (height - 1) / 2  # from the middle
    x = column - (width - 1) / 2
    cos, sin = np.cos(angle), np.sin(angle)
    new = between_pixels(
        old,
        row=x * sin + y * cos + (height - 1) / 2,
        column=x * cos - y * sin + (width - 1) / 2,
    )
    return new.reshape(np.shape(images))


def shift(images: ArrayLike, dx: ArrayLike, dy: ArrayLike) -> np.ndarray:
    """Move images by dx pixels to the right and dy pixels down.

    Parameters
    ----------
    images : array_like, shape (N, height, width) or (N, side²)
    dx, dy : float, or array_like of shape (N,)
        For all images, or for each. By whole numbers nothing is blurred.

    Returns
    -------
    ndarray, of the shape of images

    Raises
    ------
    ValueError
        If a shape is wrong.

    Examples
    --------
    >>> image = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> shift(image, dx=1, dy=0)
    array([[[0., 1.],
            [0., 3.]]])
    """
    old = as_images(images)
    row, column = _places(old)
    full = np.zeros(old.shape)
    row = row - _one_each("dy", dy, old) + full
    column = column - _one_each("dx", dx, old) + full
    return between_pixels(old, row, column).reshape(np.shape(images))


def add_noise(
    images: ArrayLike, std: float, rng: np.random.Generator | None = None
) -> np.ndarray:
    """Add to each pixel a normal random number of mean 0; nothing is cut off.

    Parameters
    ----------
    images : array_like, any shape
    std : float
        Standard deviation, in the units of the grey values.
    rng : numpy Generator, optional

    Returns
    -------
    ndarray, of the shape of images

    Raises
    ------
    ValueError
        If std is below 0.
    """
    if not std >= 0:
        raise ValueError(f"add_noise: a std of 0 or more wanted, got {std}")
    images = np.asarray(images)
    new = images + std * generator(rng).normal(size=images.shape)
    return new.astype(images.dtype if images.dtype.kind == "f" else float)


@dataclass
class RandomAugmenter:
    """Turn, move and disturb each image at random: ``fit(…, transform=this)``.

    Every call draws anew, so in every epoch the network sees other images.

    Parameters
    ----------
    degrees : float, default 0
        Angles are drawn evenly from −degrees to degrees.
    pixels : int, default 0
        Images move by −pixels to pixels, in whole numbers, across and down.
    std : float, default 0
        Standard deviation of the noise.
    rng : numpy Generator, optional
        Where chance comes from; the default generator if left out.

    Examples
    --------
    >>> augment = RandomAugmenter(degrees=15, pixels=1)
    >>> augment(np.ones((3, 64))).shape
    (3, 64)
    """

    degrees: float = 0
    pixels: int = 0
    std: float = 0
    rng: np.random.Generator | None = None

    def __call__(self, images: np.ndarray) -> np.ndarray:
        rng, n = generator(self.rng), len(images)
        if self.degrees:
            angles = rng.uniform(-self.degrees, self.degrees, n)
            images = rotate(images, angles)
        if self.pixels:
            dx, dy = rng.integers(-self.pixels, self.pixels + 1, (2, n))
            images = shift(images, dx, dy)
        if self.std:
            images = add_noise(images, self.std, rng)
        return images
