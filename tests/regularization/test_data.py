"""Scalers and augmentation: scikit-learn and SciPy as judges, and exact cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib import manual_seed
from course_lib.regularization.data import (
    MinMaxScaler,
    RandomAugmenter,
    StandardScaler,
    as_images,
    between_pixels,
    rotate,
    shift,
)
from tests.oracles import oracle

both = pytest.mark.parametrize("Scaler", [StandardScaler, MinMaxScaler])


# ---- One scale -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "attributes"),
    [(StandardScaler, ["mean_", "scale_"]), (MinMaxScaler, ["data_min_", "scale_"])],
)
def test_as_scikit_learn(ours, attributes):
    rng = np.random.default_rng(0)
    train = rng.normal(size=(20, 4)) * [1, 1000, 0.001, 1] + [0, -50, 3, 0]
    train[:, 3] = 0.1  # a feature that is always the same
    new = rng.normal(size=(5, 4))
    theirs = getattr(oracle("sklearn.preprocessing"), ours.__name__)
    a, b = ours().fit(train), theirs().fit(train)
    for name in attributes:
        close = {"rtol": 1e-12, "atol": 1e-15}
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), **close)
    for X in (train, new):
        close = {"rtol": 1e-10, "atol": 1e-12}
        np.testing.assert_allclose(a.transform(X), b.transform(X), **close)
        scaled = a.transform(X)
        np.testing.assert_allclose(
            a.inverse_transform(scaled), b.inverse_transform(scaled), **close
        )


@both
@given(
    hnp.arrays(
        float,
        st.tuples(st.integers(1, 6), st.integers(1, 3)),
        elements=st.floats(-1e3, 1e3).map(lambda x: round(x, 3)),
    )
)
def test_there_and_back(Scaler, X):
    scaler = Scaler().fit(X)
    scaled = scaler.transform(X)
    assert np.isfinite(scaled).all()
    np.testing.assert_allclose(scaler.inverse_transform(scaled), X, atol=1e-9)


def test_what_each_promises_of_the_data_it_saw():
    X = np.random.default_rng(1).gamma(2, size=(50, 3)) * [1, 10, 1000]
    standard, unit = (S().fit(X).transform(X) for S in (StandardScaler, MinMaxScaler))
    np.testing.assert_allclose(standard.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(standard.std(axis=0), 1)
    np.testing.assert_array_equal(unit.min(axis=0), 0)
    np.testing.assert_allclose(unit.max(axis=0), 1, rtol=1e-15)


@both
def test_new_data_do_not_change_the_scale(Scaler):
    scaler = Scaler().fit([[0.0], [2.0]])
    before = scaler.transform([[1.0]])
    scaler.transform([[1e6]])
    assert scaler.transform([[1.0]]) == before


@both
def test_a_feature_that_is_always_the_same_becomes_0(Scaler):
    X = np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]])  # the mean is not 0.1
    scaler = Scaler().fit(X)
    np.testing.assert_allclose(scaler.transform(X)[:, 0], 0, atol=1e-15)
    np.testing.assert_allclose(scaler.inverse_transform(scaler.transform(X)), X)


# ---- More images -----------------------------------------------------------------


@pytest.fixture
def images():
    return np.random.default_rng(0).random((3, 6, 5))


@pytest.mark.parametrize("degrees", [-170, -45, 0, 10, 33.3, 90, 180])
def test_rotate_as_scipy(images, degrees):
    ndimage = oracle("scipy.ndimage")
    expected = [
        ndimage.rotate(a, degrees, reshape=False, order=1, mode="grid-constant")
        for a in images
    ]
    np.testing.assert_allclose(rotate(images, degrees), expected, atol=1e-10)


@pytest.mark.parametrize(
    ("dx", "dy"), [(1, 0), (0, -2), (0.5, 0.25), (-1.7, 3), (9, 0)]
)
def test_shift_as_scipy(images, dx, dy):
    ndimage = oracle("scipy.ndimage")
    expected = [
        ndimage.shift(a, (dy, dx), order=1, mode="grid-constant") for a in images
    ]
    np.testing.assert_allclose(shift(images, dx, dy), expected, atol=1e-12)


def test_between_pixels_as_scipy(images):
    ndimage, rng = oracle("scipy.ndimage"), np.random.default_rng(1)
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


def test_the_argument_stays_as_it_is(images):
    images.flags.writeable = False
    augment = RandomAugmenter(10, 1, 0.1, np.random.default_rng(0))
    for new in (rotate(images, 10), shift(images, 1, 0.5), augment(images)):
        assert new.shape == images.shape and (new != images).any()
        assert np.isfinite(new).all()
    # Of whole grey values too: they become fractions.
    whole = np.array([[[0, 9], [9, 9]]])
    np.testing.assert_allclose(shift(whole, 0.5, 0), [[[0, 4.5], [4.5, 9]]])


def test_noise_has_the_std_that_was_asked_for():
    augment = RandomAugmenter(std=0.3, rng=np.random.default_rng(0))
    noise = augment(np.zeros((100, 10, 10)))
    assert abs(noise.mean()) < 0.01 and abs(noise.std() - 0.3) < 0.01


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


def test_rows_that_are_no_square_images_are_refused():
    assert as_images(np.zeros((4, 9))).shape == (4, 3, 3)
    for shape in [(2, 7), (9, 8)]:  # 9 · 8 numbers would make 8 images of 3 × 3
        with pytest.raises(ValueError, match="cannot reshape"):
            as_images(np.zeros(shape))


def test_as_many_angles_as_images(images):
    with pytest.raises(IndexError, match="broadcast"):
        rotate(images, [1.0, 2.0])
    with pytest.raises((IndexError, ValueError), match=r"broadcast|reshape"):
        rotate(images[:1], [1.0, 2.0])


# ---- What would be wrong in silence ------------------------------------------------


@both
def test_bytes_are_scaled_as_numbers(Scaler):
    old, new = np.array([[100], [200]], np.uint8), np.array([[50], [255]], np.uint8)
    scaler = Scaler().fit(old)
    expected = Scaler().fit(old.astype(float)).transform(new.astype(float))
    np.testing.assert_array_equal(scaler.transform(new), expected)
    assert scaler.transform(new)[0] < 0 < scaler.transform(new)[1]
    wide = np.array([[-128], [127]], np.int8)
    assert np.ptp(Scaler().fit(wide).transform(wide)) > 0


@both
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fractions_keep_their_dtype(Scaler, dtype):
    X = np.array([[1.0], [2.0]], dtype)
    assert Scaler().fit(X).transform(X).dtype == dtype


@both
def test_examples_that_do_not_fit_a_scaler(Scaler):
    scaler = Scaler().fit([[1.0, 2.0], [3.0, 4.0]])
    for wrong in ([[1.0]], [1.0, 2.0], [[1.0, np.nan]], np.zeros((0, 2))):
        for method in (scaler.transform, scaler.inverse_transform):
            with pytest.raises(AssertionError):
                method(wrong)
    for wrong in ([1.0, 2.0], [[np.inf]], np.zeros((0, 2))):
        with pytest.raises(AssertionError):
            Scaler().fit(wrong)


def test_one_image_is_not_taken_for_rows():
    image = np.random.default_rng(0).random((16, 16))
    changes = [lambda a: rotate(a, 90), lambda a: shift(a, 1, 0)]
    for change in (*changes, *(RandomAugmenter(*s) for s in np.eye(3, dtype=int))):
        with pytest.raises(AssertionError, match=r"\(N, height, width\)"):
            change(image)
    expected = np.rot90(image)
    np.testing.assert_allclose(rotate(image[None], 90)[0], expected, atol=1e-12)


def test_batches_of_any_number_of_rows_are_augmented_as_rows():
    rows = np.random.default_rng(0).random((64, 64))  # 64 digits of 64 pixels
    augment = RandomAugmenter(20, 1, rng=np.random.default_rng(0))
    again = RandomAugmenter(20, 1, rng=np.random.default_rng(0))
    images = again(rows.reshape(64, 8, 8))
    np.testing.assert_array_equal(augment(rows), images.reshape(64, 64))


@pytest.mark.parametrize("shape", [(64,), (3, 2, 2, 8), (2, 4, 8, 8)])
def test_other_shapes_are_no_images(shape):
    for change in (lambda a: rotate(a, 90), lambda a: shift(a, 1, 0)):
        with pytest.raises((AssertionError, TypeError)):
            change(np.zeros(shape))


def test_moves_and_limits_that_are_no_numbers(images):
    for change in (
        lambda: rotate(images, np.nan),
        lambda: shift(images, np.nan, 0),
        lambda: shift(images, 0, [1, np.nan, 1]),
        lambda: RandomAugmenter(degrees=-1),
        lambda: RandomAugmenter(pixels=-1),
        lambda: RandomAugmenter(pixels=1.5),
        lambda: RandomAugmenter(std=-1),
        lambda: RandomAugmenter(std=np.nan),
    ):
        with pytest.raises(AssertionError):
            change()
