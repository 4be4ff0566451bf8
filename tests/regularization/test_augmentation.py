"""Augmentation: SciPy as a judge, exact cases, and errors."""

import numpy as np
import pytest
from scipy import ndimage

from course_lib import manual_seed
from course_lib.regularization.data import (
    RandomAugmenter,
    add_noise,
    as_images,
    between_pixels,
    rotate,
    shift,
)


@pytest.fixture
def images():
    return np.random.default_rng(0).random((3, 6, 5))


@pytest.mark.parametrize("degrees", [-170, -45, 0, 10, 33.3, 90, 180])
def test_rotate_as_scipy(images, degrees):
    expected = [
        ndimage.rotate(a, degrees, reshape=False, order=1, mode="grid-constant")
        for a in images
    ]
    np.testing.assert_allclose(rotate(images, degrees), expected, atol=1e-10)


@pytest.mark.parametrize(
    ("dx", "dy"), [(1, 0), (0, -2), (0.5, 0.25), (-1.7, 3), (9, 0)]
)
def test_shift_as_scipy(images, dx, dy):
    expected = [
        ndimage.shift(a, (dy, dx), order=1, mode="grid-constant") for a in images
    ]
    np.testing.assert_allclose(shift(images, dx, dy), expected, atol=1e-12)


def test_between_pixels_as_scipy(images):
    rng = np.random.default_rng(1)
    places = rng.uniform(-3, 9, (2, *images.shape))
    settings = {"order": 1, "mode": "grid-constant"}
    expected = [
        ndimage.map_coordinates(image, places[:, i], **settings)
        for i, image in enumerate(images)
    ]
    np.testing.assert_allclose(between_pixels(images, *places), expected, atol=1e-12)


def test_quarter_turns_of_squares_are_exact(images):
    square = images[:, :5]
    for quarters in range(-4, 5):
        turned = np.rot90(square, quarters, axes=(1, 2))
        np.testing.assert_allclose(rotate(square, 90 * quarters), turned, atol=1e-11)


def test_whole_shifts_blur_nothing_and_lose_what_leaves(images):
    moved = shift(images, dx=2, dy=-1)
    np.testing.assert_array_equal(moved[:, :-1, 2:], images[:, 1:, :-2])
    assert not moved[:, -1].any() and not moved[:, :, :2].any()


def test_each_image_can_have_its_own(images):
    angles, dx, dy = np.array([10.0, 20.0, -30.0]), np.array([0, 1, 2]), np.ones(3)
    one_by_one = [rotate(images[i : i + 1], a)[0] for i, a in enumerate(angles)]
    np.testing.assert_allclose(rotate(images, angles), one_by_one, atol=1e-15)
    one_by_one = [shift(images[i : i + 1], dx[i], dy[i])[0] for i in range(3)]
    np.testing.assert_array_equal(shift(images, dx, dy), one_by_one)


def test_rows_come_back_as_rows(images):
    square = images[:, :5]
    rows = square.reshape(3, 25)
    np.testing.assert_array_equal(rotate(rows, 20), rotate(square, 20).reshape(3, 25))
    np.testing.assert_array_equal(shift(rows, 1, 2), shift(square, 1, 2).reshape(3, 25))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_and_the_argument_stay(images, dtype):
    images = images.astype(dtype)
    images.flags.writeable = False
    rng = np.random.default_rng(0)
    for new in (rotate(images, 10), shift(images, 1, 0.5), add_noise(images, 0.1, rng)):
        assert new.dtype == dtype and new.shape == images.shape
        assert np.isfinite(new).all()
    assert rotate(np.ones((1, 3, 3), dtype=int), 45).dtype == float


def test_noise_has_the_std_that_was_asked_for(images):
    zeros = np.zeros((100, 10, 10))
    noise = add_noise(zeros, 0.3, np.random.default_rng(0))
    assert abs(noise.mean()) < 0.01 and abs(noise.std() - 0.3) < 0.01
    np.testing.assert_array_equal(add_noise(images, 0), images)


def test_the_augmenter_draws_anew_within_its_limits():
    image = np.zeros((200, 9, 9))
    image[:, 4, 4] = 1  # one dot in the middle
    augment = RandomAugmenter(pixels=2, rng=np.random.default_rng(0))
    first, second = augment(image), augment(image)
    assert (first != second).any()
    places = np.argwhere(first)[:, 1:] - 4
    assert len(places) == 200 and np.abs(places).max() == 2
    assert len(np.unique(places, axis=0)) == 25  # all of the shifts occur
    # An arm from the middle to the right shows the angle.
    arm = np.zeros((200, 9, 9))
    arm[:, 4, 4:] = 1
    turned = RandomAugmenter(degrees=30, rng=np.random.default_rng(0))(arm)
    row, column = np.indices((9, 9)) - 4
    angles = np.degrees(
        np.arctan2((turned * -row).sum(axis=(1, 2)), (turned * column).sum(axis=(1, 2)))
    )
    assert -31 < angles.min() < -25 and 25 < angles.max() < 31


def test_the_augmenter_repeats_with_its_seed(images):
    def once():
        manual_seed(3)
        return RandomAugmenter(degrees=20, pixels=1, std=0.1)(images)

    np.testing.assert_array_equal(once(), once())
    np.testing.assert_array_equal(RandomAugmenter()(images), images)


def test_errors_that_teach(images):
    with pytest.raises(ValueError, match=r"side².*got \(2, 7\)"):
        as_images(np.zeros((2, 7)))
    with pytest.raises(ValueError, match=r"got \(4,\)"):
        rotate(np.zeros(4), 10)
    with pytest.raises(ValueError, match="degrees: one number, or one for each of 3"):
        rotate(images, [1.0, 2.0])
    with pytest.raises(ValueError, match="dx: one number"):
        shift(images, np.zeros((3, 1)), 0)
    with pytest.raises(ValueError, match="std of 0 or more"):
        add_noise(images, -1)
