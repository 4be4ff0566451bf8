"""Data that needs no download: digits, clothes, and toy sets in the plane."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from course_lib.core.seed import generator


class Split(NamedTuple):
    """Examples to learn from, and others to be judged by."""

    x_train: np.ndarray  # shape (N, D)
    y_train: np.ndarray  # shape (N,)
    x_test: np.ndarray
    y_test: np.ndarray


def digits(test_size: int = 360) -> Split:
    """1,797 handwritten digits, 8 × 8 grey values from 0 to 1, in rows of 64.

    From scikit-learn, which ships a part of the UCI set *Optical Recognition of
    Handwritten Digits* (Alpaydin & Kaynak 1998). The order is shuffled once, always
    in the same way, and the last ``test_size`` are the test set.

    Examples
    --------
    >>> digits().x_train.shape
    (1437, 64)
    """
    # Slow to import, and rarely needed: not at the top.
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(pixels))
    x, y = pixels[order] / 16, labels[order]
    n = len(x) - test_size
    return Split(x[:n], y[:n], x[n:], y[n:])


def diabetes() -> tuple[np.ndarray, np.ndarray]:
    """442 diabetes patients: ten measurements, and how far the disease had gone.

    From scikit-learn (Efron, Hastie, Johnstone & Tibshirani 2004), in the units of
    the doctors, shuffled once, always in the same way.

    Returns
    -------
    x : ndarray, shape (442, 10)
        Age, sex, body mass index, blood pressure, six values of blood serum.
    y : ndarray, shape (442,)
        Progression one year later, 25 to 346.

    Examples
    --------
    >>> x, y = diabetes()
    >>> print(f"{y.min():.0f} to {y.max():.0f}")
    25 to 346
    """
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True, scaled=False)
    order = np.random.default_rng(0).permutation(len(x))
    return x[order], y[order]


FASHION_CLASSES = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)
_FASHION_FILES = {  # SHA-256 of the files as Zalando Research published them
    "train-images-idx3-ubyte.gz": (
        "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7"
    ),
    "train-labels-idx1-ubyte.gz": (
        "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05"
    ),
}


def fashion_mnist(
    dtype: Any = np.float32, folder: Path | None = None
) -> Split:
    """70,000 pictures of clothes, 28 × 28 grey values from 0 to 1, in rows of 784.

    Fashion-MNIST (Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747), MIT licence: 60,000
    to learn from and 10,000 to test, of ten classes (`FASHION_CLASSES`).

    Parameters
    ----------
    dtype : numpy dtype, default float32
        Of the grey values; in float64 they take 439 MB.
    folder : Path, optional
        Where the four IDX files are; the package's own ones if left out.

    Raises
    ------
    ValueError
        If a file is damaged (its SHA-256 is not the published one).
    """
    folder = folder or Path(__file__).parent / "fashion_mnist"
    parts = [
        _read_idx(folder / name, sha256)
        for name, sha256 in _FASHION_FILES.items()
    ]
    for i in (0, 2):
        parts[i] = parts[i].reshape(len(parts[i]), -1).astype(dtype) / 255
    for i in (1, 3):
        parts[i] = parts[i].astype(np.int64)
    return Split(*parts)


def _read_idx(path: Path, sha256: str) -> np.ndarray:
    """An array of bytes from a gzipped IDX file: magic number, sizes, values."""
    packed = path.read_bytes()
    found = hashlib.sha256(packed).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{path} is damaged: its SHA-256 begins with {found[:12]}, expected "
            f"{sha256[:12]}; restore it from the repository"
        )
    raw = gzip.decompress(packed)
    ndim = raw[3]
    shape = np.frombuffer(raw, dtype=">i4", count=ndim, offset=4)
    return np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * ndim).reshape(
        shape
    )


def xor() -> tuple[np.ndarray, np.ndarray]:
    """The four points of XOR: inputs of shape (4, 2), answers of shape (4, 1)."""
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return x, np.array([[0.0], [1.0], [1.0], [0.0]])


def moons(
    n: int, noise: float = 0.1, rng: np.random.Generator | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Two half moons that interlock: points (n, 2), classes (n,) 0 and 1."""
    rng = generator(rng)
    y = np.arange(n) % 2
    angle = rng.uniform(0, np.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x = np.where(y[:, None] == 0, upper, [1.0, 0.5] - upper)
    return x + noise * rng.normal(size=(n, 2)), y


def spirals(
    n: int,
    turns: float = 1.0,
    noise: float = 0.05,
    rng: np.random.Generator | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Two spirals around each other: points (n, 2), classes (n,) 0 and 1."""
    rng = generator(rng)
    y = np.arange(n) % 2
    radius = np.sqrt(rng.uniform(0.02, 1, n))
    angle = 2 * np.pi * turns * radius + np.pi * y
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x + noise * rng.normal(size=(n, 2)), y


def batches(
    x: np.ndarray,
    y: np.ndarray,
    batch_size: int,
    rng: np.random.Generator | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One epoch: all examples once, in a new random order, in batches (slide 29).

    The last batch holds what is left, so it may be smaller.

    Raises
    ------
    ValueError
        If there are no examples, as many answers are missing, or batch_size < 1.

    Examples
    --------
    >>> [len(y) for _, y in batches(np.zeros((5, 2)), np.zeros(5), batch_size=2)]
    [2, 2, 1]
    """
    if len(x) == 0 or len(x) != len(y):
        raise ValueError(
            f"batches: {len(x)} examples and {len(y)} answers; wanted as many of each, "
            "and at least one"
        )
    if batch_size < 1:
        raise ValueError(
            f"batches: batch_size must be at least 1, got {batch_size}"
        )
    order = generator(rng).permutation(len(x))
    return (
        (x[chosen], y[chosen])
        for chosen in np.split(order, range(batch_size, len(x), batch_size))
    )
