"""The windows one by one: NumPy's numbers, and those of the rule that runs."""

from __future__ import annotations

import numpy as np
import pytest

import course_lib.nn.functional as F
from course_lib.architectures.convolutions import (
    filtered,
    framed,
    six_loops,
    slide,
    windows,
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_a_window_slides_as_numpys_correlate(size):
    x, w = rng().normal(size=8), rng(1).normal(size=size)
    np.testing.assert_allclose(slide(x, w), np.correlate(x, w), rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (2, 4), (6, 5)])
def test_filtered_is_conv2d(size):
    image, kernel = rng().normal(size=(6, 5)), rng(1).normal(size=size)
    expected = F.conv2d(image[None], kernel[None, None]).data[0]
    np.testing.assert_allclose(filtered(image, kernel), expected, rtol=0, atol=1e-12)


def test_six_loops_add_the_bias_once_and_keep_kernels_apart():
    x, b = rng().normal(size=(2, 3, 4, 5)), np.array([1.0, -2.0])
    u = six_loops(x, np.zeros((2, 3, 2, 2)), b)
    assert u.shape == (2, 2, 3, 4)
    np.testing.assert_array_equal(u[:, 0], 1)
    np.testing.assert_array_equal(u[:, 1], -2)


def test_windows_come_row_by_row_with_their_stride():
    x = np.arange(20.0).reshape(1, 1, 4, 5)
    rows = windows(x, 2, (2, 3))
    corners = [[window[0, 0, 0, 0] for window in row] for row in rows]
    assert corners == [[0, 3], [10, 13]]
    assert rows[0][0].shape == (1, 1, 2, 2)


def test_a_frame_of_zeros():
    x = rng().normal(size=(2, 3, 4, 5))
    expected = np.pad(x, ((0, 0), (0, 0), (1, 1), (2, 2)))
    np.testing.assert_array_equal(framed(x, (1, 2)).data, expected)
    np.testing.assert_array_equal(framed(x, 0).data, x)
