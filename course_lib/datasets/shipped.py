"""Data sets that need no download: tables, digits, clothes, a photograph, and XOR.

The tables are gzipped CSV files in ``tables/``, with the names of the columns in the
first line and the answer in the last column; ``tables/README.md`` tells where they
come from and under which licence.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from course_lib.core.settings import check_number

FOLDER = Path(__file__).parent


class Split(NamedTuple):
    """Examples to learn from, and others to test on."""

    x_train: np.ndarray  # shape (N, D)
    y_train: np.ndarray  # shape (N,)
    x_test: np.ndarray
    y_test: np.ndarray


def digits(test_size: int = 360) -> Split:
    """1,797 handwritten digits, 8 × 8 grey values from 0 to 1, in rows of 64.

    The order is shuffled, always in the same way, and the last examples are the
    test set.

    Parameters
    ----------
    test_size : int, default 360
        How many examples the test set holds, 0 to 1,797.

    Returns
    -------
    Split
        Grey values of shape (N, 64), 0 paper and 1 ink, and the digits, shape (N,).

    Notes
    -----
    A part of the UCI set *Optical Recognition of Handwritten Digits* (Alpaydin &
    Kaynak 1998), CC BY 4.0; the numbers are those of scikit-learn's ``load_digits``.

    Examples
    --------
    >>> digits().x_train.shape
    (1437, 64)
    """
    check_number("digits", "test_size", test_size, 0, 1797, whole=True)
    x, y = _table("digits", shuffle=True)
    x, y = x / 16, y.astype(int)
    n = len(x) - test_size
    return Split(x[:n], y[:n], x[n:], y[n:])


def diabetes(shuffle: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """442 diabetes patients: ten measurements, and the progression of the disease.

    Parameters
    ----------
    shuffle : bool, default False
        Whether the order is shuffled, always in the same way.

    Returns
    -------
    x : ndarray, shape (442, 10)
        Age (years), sex (1 or 2), body mass index (kg/m²), blood pressure (mmHg), and
        six values of blood serum.
    y : ndarray, shape (442,)
        A measure of how far the disease progressed in one year, 25 to 346.

    Notes
    -----
    From Efron, Hastie, Johnstone & Tibshirani (2004), *Least Angle Regression*; the
    numbers are those of scikit-learn's ``load_diabetes(scaled=False)``, BSD licence.

    Examples
    --------
    >>> x, y = diabetes()
    >>> print(f"{y.min():.0f} to {y.max():.0f}")
    25 to 346
    """
    return _table("diabetes", shuffle)


def wine(shuffle: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """178 wines of three grapes: what 13 chemical measurements found.

    Parameters
    ----------
    shuffle : bool, default False
        Whether the order is shuffled, always in the same way; if not, the wines are
        sorted by grape.

    Returns
    -------
    x : ndarray, shape (178, 13)
        The columns are alcohol (% by volume), malic acid, ash, alcalinity of ash,
        magnesium, total phenols, flavanoids, nonflavanoid phenols, proanthocyanins,
        color intensity, hue, OD280/OD315 and proline.
    y : ndarray, shape (178,)
        The grape: 0, 1 or 2.

    Notes
    -----
    The UCI set *Wine* (Aeberhard & Forina 1992), CC BY 4.0; the numbers are those of
    scikit-learn's ``load_wine``.

    Examples
    --------
    >>> x, y = wine()
    >>> np.bincount(y)
    array([59, 71, 48])
    """
    x, y = _table("wine", shuffle)
    return x, y.astype(int)


def breast_cancer(shuffle: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """569 breast tumours: 30 measurements of cells, and whether it is benign.

    Parameters
    ----------
    shuffle : bool, default False
        Whether the order is shuffled, always in the same way.

    Returns
    -------
    x : ndarray, shape (569, 30)
        Ten properties of the nuclei in a microscope image (radius, texture,
        perimeter, area, smoothness, compactness, concavity, concave points, symmetry,
        fractal dimension): ten means, ten standard errors, ten worst values.
    y : ndarray, shape (569,)
        0 for malignant, 1 for benign.

    Notes
    -----
    The UCI set *Breast Cancer Wisconsin (Diagnostic)* (Wolberg, Mangasarian, Street &
    Street 1993), CC BY 4.0; the numbers are those of scikit-learn's
    ``load_breast_cancer``.

    Examples
    --------
    >>> x, y = breast_cancer()
    >>> np.bincount(y)
    array([212, 357])
    """
    x, y = _table("breast_cancer", shuffle)
    return x, y.astype(int)


def _table(name: str, shuffle: bool) -> tuple[np.ndarray, np.ndarray]:
    """All columns but the last, and the last, of a table."""
    path = FOLDER / "tables" / f"{name}.csv.gz"
    rows = np.loadtxt(path, delimiter=",", skiprows=1)
    if shuffle:
        rows = rows[np.random.default_rng(0).permutation(len(rows))]
    return rows[:, :-1].copy(), rows[:, -1].copy()


def fashion_mnist(dtype: DTypeLike = np.float32) -> Split:
    """70,000 pictures of clothes, 28 × 28 grey values from 0 to 1, in rows of 784.

    Parameters
    ----------
    dtype : numpy dtype, default float32
        Of the grey values; in float64 they take 439 MB.

    Returns
    -------
    Split
        60,000 examples to learn from and 10,000 to test on, of ten classes: 0 T-shirt,
        1 trouser, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker, 8 bag,
        9 ankle boot.

    Notes
    -----
    Fashion-MNIST (Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747), MIT licence: the
    four IDX files as Zalando Research published them.
    """
    if np.dtype(dtype).kind != "f":
        raise TypeError(
            "fashion_mnist: expected a floating-point dtype, as grey values lie "
            f"between 0 and 1, got {np.dtype(dtype)}"
        )
    x_train, x_test = (
        _idx(f"{part}-images-idx3").reshape(-1, 784).astype(dtype) / 255
        for part in ("train", "t10k")
    )
    y_train, y_test = (
        _idx(f"{part}-labels-idx1").astype(int) for part in ("train", "t10k")
    )
    return Split(x_train, y_train, x_test, y_test)


def _idx(name: str) -> np.ndarray:
    """An array of bytes from a gzipped IDX file: magic number, sizes, values."""
    path = FOLDER / "fashion_mnist" / f"{name}-ubyte.gz"
    raw = gzip.decompress(path.read_bytes())
    ndim = raw[3]
    shape = np.frombuffer(raw, dtype=">i4", count=ndim, offset=4)
    values = np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * ndim)
    return values.reshape(shape)


def photograph() -> np.ndarray:
    """A pagoda on a hill: 128 × 128 grey values, 0 black to 1 white.

    Returns
    -------
    ndarray, shape (128, 128)
        One value for each pixel, row by row from the top.

    Notes
    -----
    Part of "china.jpg" of scikit-learn's ``load_sample_images``, in grey and at half
    the size; by danielbuechele, CC BY 2.0; ``images/README.md`` has the details.

    Examples
    --------
    >>> photograph().shape
    (128, 128)
    """
    with np.load(FOLDER / "images" / "pagoda.npz") as file:
        return file["grey"] / 255


def xor() -> tuple[np.ndarray, np.ndarray]:
    """The four points of XOR: inputs of shape (4, 2), answers of shape (4, 1)."""
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return x, np.array([[0.0], [1.0], [1.0], [0.0]])
