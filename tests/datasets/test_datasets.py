"""Data: complete, in range, undamaged, and the same for everybody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import course_lib
from course_lib import manual_seed
from course_lib.datasets import (
    _FASHION_FILES,
    FASHION_CLASSES,
    batches,
    diabetes,
    digits,
    fashion_mnist,
    moons,
    spirals,
    xor,
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_digits():
    d = digits()
    assert d.x_train.shape == (1437, 64)
    assert d.x_test.shape == (360, 64)
    assert (len(d.y_train), len(d.y_test)) == (1437, 360)
    for x in (d.x_train, d.x_test):
        assert x.dtype == np.float64
        assert (x.min(), x.max()) == (0, 1)
        np.testing.assert_array_equal(x * 16, np.round(x * 16))
    counts = np.bincount(np.concatenate([d.y_train, d.y_test]))
    np.testing.assert_array_equal(
        counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    )


def test_digits_are_the_same_each_time_and_in_both_parts_different():
    first, again = digits(), digits(100)
    whole = np.concatenate([first.x_train, first.x_test])
    np.testing.assert_array_equal(whole, np.concatenate([again.x_train, again.x_test]))
    assert len(again.x_test) == 100
    seen = {x.tobytes() for x in first.x_train}
    assert not any(x.tobytes() in seen for x in first.x_test)


def test_diabetes_keeps_the_units_of_the_doctors_and_each_patient_with_the_answer():
    x, y = diabetes()
    assert x.shape == (442, 10) and y.shape == (442,)
    assert (x[:, 0].min(), x[:, 0].max()) == (19, 79)  # years
    assert (y.min(), y.max(), round(y.mean(), 2)) == (25, 346, 152.13)
    assert round(np.corrcoef(x[:, 2], y)[0, 1], 3) == 0.586  # body mass index
    np.testing.assert_array_equal(x, diabetes()[0])


def test_digits_without_a_test_set():
    d = digits(test_size=0)
    assert (len(d.x_train), len(d.y_train), len(d.x_test)) == (1797, 1797, 0)


def test_digits_keep_their_labels():
    """A class's mean picture in one part looks most like its own in the other."""
    d = digits()
    train, test = (
        np.stack([x[y == k].mean(axis=0) for k in range(10)])
        for x, y in [(d.x_train, d.y_train), (d.x_test, d.y_test)]
    )
    distance = ((train[:, None] - test) ** 2).sum(axis=-1)
    np.testing.assert_array_equal(distance.argmin(axis=1), range(10))


def test_fashion_mnist():
    d = fashion_mnist()
    assert d.x_train.shape == (60_000, 784)
    assert d.x_test.shape == (10_000, 784)
    for x, y, per_class in [
        (d.x_train, d.y_train, 6_000),
        (d.x_test, d.y_test, 1_000),
    ]:
        assert x.dtype == np.float32
        assert (x.min(), x.max()) == (0, 1)
        assert y.dtype == np.int64
        np.testing.assert_array_equal(np.bincount(y), [per_class] * 10)
    assert len(FASHION_CLASSES) == 10
    trousers = d.x_train[d.y_train == 1].mean(axis=0).reshape(28, 28)
    left, between, right = trousers[20, [11, 14, 16]]
    assert min(left, right) > 0.5 > 0.2 > between  # rows are rows: two legs, upright


@pytest.mark.parametrize("damaged", _FASHION_FILES)
def test_a_damaged_file_is_refused(damaged, tmp_path):
    original = Path(course_lib.__file__).parent / "datasets" / "fashion_mnist"
    for name in _FASHION_FILES:
        (tmp_path / name).symlink_to(original / name)
    content = bytearray((original / damaged).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / damaged).unlink()
    (tmp_path / damaged).write_bytes(content)
    published = _FASHION_FILES[damaged][:12]
    message = f"{damaged} is damaged: its SHA-256 begins with .*{published}"
    with pytest.raises(ValueError, match=message):
        fashion_mnist(folder=tmp_path)


def test_xor():
    x, y = xor()
    assert x.shape == (4, 2)
    assert y.shape == (4, 1)
    for (a, b), answer in zip(x, y[:, 0], strict=True):
        assert answer == (a != b)
    assert x.dtype == y.dtype == np.float64


@pytest.mark.parametrize("make", [moons, spirals])
def test_toy_sets(make):
    x, y = make(101, rng=rng())
    assert x.shape == (101, 2)
    assert np.bincount(y).tolist() == [51, 50]
    again, _ = make(101, rng=rng())
    np.testing.assert_array_equal(x, again)
    other, _ = make(101, rng=rng(1))
    assert (x != other).all()
    manual_seed(0)
    np.testing.assert_array_equal(x, make(101)[0])


def test_moons_without_noise_lie_on_two_half_circles():
    x, y = moons(200, noise=0, rng=rng())
    upper, lower = x[y == 0], x[y == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    assert (upper[:, 1] >= 0).all()
    np.testing.assert_allclose(np.hypot(*([1, 0.5] - lower).T), 1)
    assert (lower[:, 1] <= 0.5).all()


@pytest.mark.parametrize("turns", [0.5, 2.0])
def test_spirals_without_noise_are_one_spiral_turned_by_half(turns):
    x, y = spirals(200, turns=turns, noise=0, rng=rng())
    radius = np.hypot(*x.T)
    assert ((radius > 0.14) & (radius <= 1)).all()
    angle = 2 * np.pi * turns * radius + np.pi * y
    np.testing.assert_allclose(
        x,
        radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1),
        atol=1e-12,
    )


@pytest.mark.parametrize("make", [moons, spirals])
def test_noise_is_measured_as_it_is_named(make):
    exact, _ = make(4_000, noise=0, rng=rng())
    noisy, _ = make(4_000, noise=0.3, rng=rng())
    assert (noisy - exact).std() == pytest.approx(0.3, rel=0.03)


@pytest.mark.parametrize("n", [1, 2, 7, 10])
@pytest.mark.parametrize("batch_size", [1, 3, 5, 10, 99])
def test_batches_hold_every_example_once(n, batch_size):
    x = np.arange(n)
    made = list(batches(x, 10 * x, batch_size, rng()))
    np.testing.assert_array_equal(np.sort(np.concatenate([b for b, _ in made])), x)
    for x_batch, y_batch in made:
        np.testing.assert_array_equal(y_batch, 10 * x_batch)
    sizes = [len(b) for b, _ in made]
    assert all(size == batch_size for size in sizes[:-1])
    assert 1 <= sizes[-1] <= batch_size


def test_each_epoch_has_a_new_order_that_the_seed_sets():
    x, one = np.arange(50), rng()
    first, second = (next(batches(x, x, 50, one))[0] for _ in range(2))
    assert (first != second).any()
    np.testing.assert_array_equal(next(batches(x, x, 50, rng()))[0], first)
    manual_seed(0)
    np.testing.assert_array_equal(next(batches(x, x, 50))[0], first)


@pytest.mark.parametrize(
    ("n", "m", "size", "message"),
    [
        (0, 0, 1, "0 examples and 0 answers; wanted as many of each, and at least one"),
        (3, 2, 1, "3 examples and 2 answers"),
        (3, 3, 0, "batch_size must be at least 1, got 0"),
        (3, 3, -1, "batch_size must be at least 1, got -1"),
    ],
)
def test_batches_that_cannot_be(n, m, size, message):
    with pytest.raises(ValueError, match=f"batches: {message}"):
        batches(np.ones((n, 2)), np.ones(m), size)  # at once, not at the first batch
