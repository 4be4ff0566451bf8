"""Bringing features to one scale, and making images from images (slide 40).

The scalers have scikit-learn's names; what is learned from data ends in ``_``, as
there. Learn it from the training data alone: a scale that has seen the test data tells
the model about them.
"""

import numpy as np

from course_lib.core.seed import generator


def table(X, features=None):
    """Examples as an array of fractions, one row each, with these features.

    Differences of small whole numbers, such as bytes, would come out wrong.

    >>> table(np.array([[1, 2]], dtype=np.uint8)) - [3, 3]
    array([[-2., -1.]])
    """
    X = np.asarray(X)
    X = X if X.dtype.kind == "f" else X.astype(float)
    shape = X.shape[1:] if features is None else features.shape
    assert X.ndim > 1 and X.shape[1:] == shape, (
        f"rows of {shape}, not {X.shape}"
    )
    assert len(X) and np.isfinite(X).all(), "no examples, or NaN among them"
    return X


class StandardScaler:
    """Each feature with mean 0 and standard deviation 1: (x − mean) / std.

    A feature that is always the same becomes 0.

    >>> scaler = StandardScaler().fit([[150.0, 1.0], [170.0, 1.0]])
    >>> scaler.mean_, scaler.scale_
    (array([160.,   1.]), array([10.,  1.]))
    >>> scaler.transform([[180.0, 1.0]])
    array([[2., 0.]])
    """

    def fit(self, X):
        X = table(X)
        std = np.std(X, axis=0)
        self.mean_ = np.mean(X, axis=0)
        self.scale_ = np.where(np.ptp(X, axis=0) == 0, 1, std)  # not 0/0
        return self

    def transform(self, X):
        return (table(X, self.mean_) - self.mean_) / self.scale_

    def inverse_transform(self, X):
        return table(X, self.mean_) * self.scale_ + self.mean_


class MinMaxScaler:
    """Each feature from 0 to 1: (x − min) / (max − min), by the examples of `fit`.

    New examples may lie beyond. A feature that is always the same becomes 0.

    >>> scaler = MinMaxScaler().fit([[150.0], [170.0]])
    >>> scaler.transform([[150.0], [155.0], [180.0]]).ravel()
    array([0.  , 0.25, 1.5 ])
    """

    def fit(self, X):
        X = table(X)
        width = np.ptp(X, axis=0)  # max − min
        self.data_min_ = np.min(X, axis=0)
        self.scale_ = 1 / np.where(width == 0, 1, width)  # not 1/0
        return self

    def transform(self, X):
        return (table(X, self.data_min_) - self.data_min_) * self.scale_

    def inverse_transform(self, X):
        return table(X, self.data_min_) / self.scale_ + self.data_min_


def as_images(x):
    """Images (N, height, width) as they are; rows (N, side²) as square images.

    >>> as_images(np.zeros((5, 64))).shape
    (5, 8, 8)
    """
    x = np.asarray(x)
    assert x.ndim in (2, 3), (
        f"(N, height, width) or (N, side²), not {x.shape}"
    )
    side = round(x[0].size ** 0.5)
    return x if x.ndim == 3 else x.reshape(len(x), side, side)


def between_pixels(images, row, column):
    """Grey values at places that need not be whole numbers; outside it is 0.

    A place between four pixels gets their mean, each weighted by how near it is
    (bilinear). `row` and `column` say, for each pixel of the new images, from where in
    the old one it is taken.

    >>> image = np.array([[[0.0, 8.0], [4.0, 4.0]]])
    >>> half = np.full((1, 1, 1), 0.5)
    >>> between_pixels(image, half, half).item()  # the mean of all four
    4.0
    """
    assert not np.isnan(row + column).any(), (
        "angles and moves must be numbers"
    )
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
    return (1 - down) * upper + down * lower


ONE_IMAGE = "one image, or rows? give the shape (N, height, width)"


def rotate(images, degrees):
    """Turn images counterclockwise about their middle, by one angle or one for each.

    For each new pixel we ask where it comes from: its place, turned *back*.

    >>> image = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> rotate(image, 90)
    array([[[2., 4.],
            [1., 3.]]])
    """
    assert np.ndim(images) == 3 or len(images) != len(images[0]), ONE_IMAGE
    old = as_images(images)
    _, height, width = old.shape
    α = np.radians(degrees).reshape(-1, 1, 1)
    x = np.arange(width) - (width - 1) / 2  # from the middle
    y = np.arange(height)[:, None] - (height - 1) / 2
    x_old = x * np.cos(α) - y * np.sin(α)
    y_old = x * np.sin(α) + y * np.cos(α)
    row, column = y_old + (height - 1) / 2, x_old + (width - 1) / 2
    return between_pixels(old, row, column).reshape(np.shape(images))


def shift(images, dx, dy):
    """Move images by dx pixels to the right and dy down; one number, or one for each.

    By whole numbers nothing is blurred.

    >>> image = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> shift(image, dx=1, dy=0)
    array([[[0., 1.],
            [0., 3.]]])
    """
    assert np.ndim(images) == 3 or len(images) != len(images[0]), ONE_IMAGE
    old = as_images(images)
    _, height, width = old.shape
    column = np.arange(width) - np.reshape(dx, (-1, 1, 1))
    row = np.arange(height)[:, None] - np.reshape(dy, (-1, 1, 1))
    return between_pixels(old, row, column).reshape(np.shape(images))


class RandomAugmenter:
    """Turn, move and disturb each image at random, anew in each call.

    Angles lie between −degrees and degrees, moves between −pixels and pixels (whole
    numbers, across and down); the noise has the standard deviation std. For training:
    ``fit(…, transform=RandomAugmenter(degrees=15, pixels=1))``.

    >>> augment = RandomAugmenter(degrees=15, pixels=1)
    >>> augment(np.ones((3, 64))).shape
    (3, 64)
    """

    def __init__(self, degrees=0, pixels=0, std=0, rng=None):
        limits = degrees, pixels, std
        assert all(s >= 0 for s in limits) and pixels % 1 == 0, (
            f"limits {limits}"
        )
        self.degrees, self.pixels = degrees, pixels
        self.std, self.rng = std, rng

    def __call__(self, images):
        shape = np.shape(images)
        # A batch of 64 digits in rows is square too; rows under 64 are no images.
        assert shape[0] != shape[-1] or shape[0] >= 64 or len(shape) > 2, (
            f"{ONE_IMAGE}, not {shape}"
        )
        images = as_images(images)
        rng, n = generator(self.rng), len(images)
        if self.degrees:
            angles = rng.uniform(-self.degrees, self.degrees, n)
            images = rotate(images, angles)
        if self.pixels:
            dx, dy = rng.integers(-self.pixels, self.pixels + 1, (2, n))
            images = shift(images, dx, dy)
        if self.std:
            images = images + self.std * rng.normal(size=images.shape)
        return images.reshape(shape)
