"""Data: complete, in range, undamaged, and the same for everybody."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

import course_lib
from course_lib import Tensor, datasets, manual_seed
from course_lib.datasets import batches, diabetes, digits, fashion_mnist, xor
from tests.oracles import oracle

FOLDER = Path(course_lib.__file__).parent / "datasets"


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


@pytest.mark.parametrize(
    ("name", "options"),
    [("diabetes", {"scaled": False}), ("wine", {}), ("breast_cancer", {})],
)
def test_tables_are_scikit_learns(name, options):
    x, y = getattr(datasets, name)()
    judge = oracle("sklearn.datasets")
    inputs, answers = getattr(judge, f"load_{name}")(return_X_y=True, **options)
    np.testing.assert_array_equal(x, inputs)
    np.testing.assert_array_equal(y, answers)
    assert x.dtype == np.float64 and y.dtype == answers.dtype


def test_digits_are_scikit_learns():
    d = digits()
    pixels, answers = oracle("sklearn.datasets").load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(1797)
    x, y = np.concatenate(d[::2]), np.concatenate(d[1::2])
    np.testing.assert_array_equal(16 * x, pixels[order])
    np.testing.assert_array_equal(y, answers[order])


@pytest.mark.parametrize("name", ["diabetes", "wine", "breast_cancer"])
def test_shuffled_tables_have_the_same_rows_always_in_the_same_order(name):
    load = getattr(datasets, name)
    plain, shuffled, again = (
        np.column_stack(load(shuffle=way)) for way in (False, True, True)
    )
    np.testing.assert_array_equal(shuffled, again)
    assert (shuffled != plain).any(axis=1).mean() > 0.9
    assert sorted(map(tuple, shuffled)) == sorted(map(tuple, plain))


def test_diabetes_is_not_scaled_and_keeps_each_patient_with_the_answer():
    for shuffle in (False, True):
        x, y = diabetes(shuffle)
        assert x.shape == (442, 10) and y.shape == (442,)
        assert (x[:, 0].min(), x[:, 0].max()) == (19, 79)  # years
        assert (y.min(), y.max(), round(y.mean(), 2)) == (25, 346, 152.13)
        assert round(np.corrcoef(x[:, 2], y)[0, 1], 3) == 0.586  # body mass index


def test_the_tables_are_small_and_their_licence_is_beside_them():
    files = sorted(path.name for path in (FOLDER / "tables").iterdir())
    tables = ["breast_cancer", "diabetes", "digits", "wine"]
    expected = [f"{name}.csv.gz" for name in tables]
    assert files == ["LICENSE", "README.md", *expected]
    readme = (FOLDER / "tables" / "README.md").read_text("utf-8")
    for name in expected:
        assert (FOLDER / "tables" / name).stat().st_size < 60_000
        assert f"| `{name}` |" in readme


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
    trousers = d.x_train[d.y_train == 1].mean(axis=0).reshape(28, 28)
    left, between, right = trousers[20, [11, 14, 16]]
    assert min(left, right) > 0.5 > 0.2 > between  # rows are rows: two legs, upright


@pytest.mark.parametrize(
    ("name", "published"),  # the SHA-256 of the files that Zalando Research published
    [
        (
            "train-images-idx3-ubyte.gz",
            "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
        ),
        (
            "train-labels-idx1-ubyte.gz",
            "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
        ),
        (
            "t10k-images-idx3-ubyte.gz",
            "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
        ),
        (
            "t10k-labels-idx1-ubyte.gz",
            "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
        ),
    ],
)
def test_fashion_mnist_is_undamaged(name, published):
    content = (FOLDER / "fashion_mnist" / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == published


def test_names_are_complete_and_in_three_parts():
    parts = datasets.names()
    assert [len(part) for part in parts] == [4131, 516, 516]
    everything = [name for part in parts for name in part]
    path = FOLDER / "names" / "names.txt"
    assert sorted(everything) == path.read_text("ascii").split()
    assert len(set(everything)) == 5163
    assert everything != sorted(everything) and parts == datasets.names()
    assert set("".join(everything)) == set(datasets.ALPHABET[1:])
    assert max(map(len, everything)) == 11
    first = {name[0] for name in parts.validation}
    assert len(first) > 20  # not a part of the alphabet
    assert "public domain" in (FOLDER / "names" / "README.md").read_text("utf-8")


def test_names_are_undamaged():
    content = (FOLDER / "names" / "names.txt").read_bytes()
    digest = "cba14f452b7768bd7fe093035a67491d4a334061634ccfd51522fb796910e75e"
    assert hashlib.sha256(content).hexdigest() == digest


def test_names_there_and_back():
    train = datasets.names().train
    x, y = datasets.encode(train)
    assert x.shape == y.shape == (4131, 12)
    assert x.dtype == y.dtype == int
    assert (x[:, 0] == 0).all()
    assert [datasets.decode(row) for row in x] == train
    assert [datasets.decode(np.where(row < 0, 0, row)) for row in y] == train
    counted = y != -100
    np.testing.assert_array_equal(counted.sum(axis=1), [len(n) + 1 for n in train])
    assert (y[np.arange(len(y)), counted.sum(axis=1) - 1] == 0).all()  # the end
    np.testing.assert_array_equal(x[:, 1:][counted[:, 1:]], y[:, :-1][counted[:, 1:]])


def test_names_are_filled_up_to_a_length():
    x, y = datasets.encode(["al", "eva"], length=6)
    np.testing.assert_array_equal(x, [[0, 1, 12, 0, 0, 0], [0, 5, 22, 1, 0, 0]])
    np.testing.assert_array_equal(
        y, [[1, 12, 0, -100, -100, -100], [5, 22, 1, 0, -100, -100]]
    )
    narrow, _ = datasets.encode(["al", "eva"], length=4)
    np.testing.assert_array_equal(narrow, x[:, :4])


@pytest.mark.parametrize(
    ("names", "length", "message"),
    [
        ([], None, "expected a list of at least one name"),
        ("eva", None, "expected a list of at least one name, got 'eva'"),
        (["Eva"], None, "letters a to z, got 'Eva'"),
        (["al."], None, "letters a to z, got 'al.'"),
        (["zoë"], None, "letters a to z, got 'zoë'"),
        (["al", "eva"], 3, "a length of at least 4, one more than .*, got 3"),
    ],
)
def test_names_that_cannot_be_encoded(names, length, message):
    with pytest.raises(ValueError, match=f"encode: .*{message}"):
        datasets.encode(names, length)


@pytest.mark.parametrize(
    ("tokens", "name"),
    [
        ([0, 5, 22, 1, 0], "eva"),
        (np.array([5, 22, 1]), "eva"),
        (Tensor([5, 22, 1, 0, 9]), "eva"),
        ([0, 0, 5], ""),
        ([], ""),
    ],
)
def test_decoding_ends_at_the_mark(tokens, name):
    assert datasets.decode(tokens) == name


def test_xor():
    x, y = xor()
    assert x.shape == (4, 2)
    assert y.shape == (4, 1)
    for (a, b), answer in zip(x, y[:, 0], strict=True):
        assert answer == (a != b)
    assert x.dtype == y.dtype == np.float64


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
        (0, 0, 1, "expected one answer for each .* got 0 examples and 0 answers"),
        (3, 2, 1, "expected one answer for each .* got 3 examples and 2 answers"),
        (3, 3, 0, "expected a whole number of at least 1 as batch_size, got 0"),
        (3, 3, -1, "expected a whole number of at least 1 as batch_size, got -1"),
    ],
)
def test_batches_that_cannot_be(n, m, size, message):
    with pytest.raises(ValueError, match=f"batches: {message}"):
        batches(np.ones((n, 2)), np.ones(m), size)  # at once, not at the first batch


@pytest.mark.parametrize("test_size", [2000, 1798, -5, 0.2, True, np.nan, "360"])
def test_a_test_set_that_cannot_be(test_size):
    with pytest.raises(
        (TypeError, ValueError), match="digits: expected a whole number"
    ):
        digits(test_size)


def test_grey_values_are_fractions():
    for wrong in (int, np.uint8, bool):
        with pytest.raises(TypeError, match="fashion_mnist: expected a floating-point"):
            fashion_mnist(wrong)


class Frame:
    """What pandas' tables have: an index of their own, and `to_numpy`."""

    def __init__(self, values):
        self.values = values

    def to_numpy(self):
        return np.array(self.values, dtype=object)

    def __len__(self):
        return len(self.values)

    def __getitem__(self, labels):
        raise KeyError("labels")


def test_what_has_an_index_of_its_own_is_taken_by_place():
    frame, column = Frame([[1.0, 2], [3, 4.5], [5, 6]]), Frame([7, 8, 9])
    for x, y in batches(frame, column, 2, rng()):
        assert x.dtype == float and y.dtype == int
        np.testing.assert_array_equal((x[:, 0] + 13) / 2, y)
    ((x, y),) = batches([[1.0], [2.0]], Tensor([1, 2]), 2, rng())
    np.testing.assert_array_equal(x[:, 0], y)


@pytest.mark.parametrize(
    "wrong",
    [
        Frame([[1.0, "a"], [2.0, None]]),
        np.array([None, 1.0]),
        np.ma.array([1.0, 2.0], mask=[0, 1]),
    ],
)
def test_examples_that_are_no_numbers(wrong):
    with pytest.raises(TypeError, match="batches: expected numbers in x, got"):
        batches(wrong, np.ones(2), 1)


@pytest.mark.parametrize("wrong", [2.5, True, "2", None])
def test_a_batch_size_that_is_no_whole_number(wrong):
    with pytest.raises(TypeError, match="expected a whole number of at least 1"):
        batches(np.ones(3), np.ones(3), wrong)


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_loader_as_in_pytorch(shuffle):
    x, y = np.arange(10.0).reshape(5, 2), np.arange(5)
    data = datasets.TensorDataset(x, y)
    loader = datasets.DataLoader(data, batch_size=2, shuffle=shuffle, rng=rng(1))
    torch = oracle("torch.utils.data")
    theirs = torch.DataLoader(torch.TensorDataset(oracle("torch").tensor(y)), 2)
    assert len(loader) == len(theirs) == 3
    for _ in range(2):
        made = list(loader)
        assert [len(b) for b, _ in made] == [len(b) for (b,) in theirs] == [2, 2, 1]
        seen = np.concatenate([b.data for _, b in made])
        assert (seen != y).any() == shuffle
        np.testing.assert_array_equal(np.sort(seen), y)
        for inputs, targets in made:
            np.testing.assert_array_equal(inputs.data[:, 0] / 2, targets.data)
    with pytest.raises(TypeError, match=r"write TensorDataset\(x, y\)"):
        datasets.DataLoader((x, y))
    with pytest.raises(ValueError, match="got 5 examples and 4 answers"):
        datasets.TensorDataset(x, y[:4])


def test_a_loader_draws_from_the_given_or_the_default_generator():
    data = datasets.TensorDataset(np.zeros(50), np.arange(50))

    def epochs(**options) -> list:
        loader = datasets.DataLoader(data, batch_size=50, shuffle=True, **options)
        return [y.tolist() for _ in range(2) for _, y in loader]

    one, two = given_ = epochs(rng=rng(1))
    assert one != two and epochs(rng=rng(1)) == given_ != epochs()
    manual_seed(1)
    assert epochs() == given_
