"""A layer in two spellings, loops and columns, and a count of what they do.

The third spelling, ``X @ W.T``, needs no code (slides 12 and 13).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def by_loops(W: np.ndarray, X: np.ndarray) -> np.ndarray:
    """u_j = Σᵢ w_ji xᵢ for every example and unit, number by number (slide 7).

    Parameters
    ----------
    W : ndarray, shape (K, D)
        Row j holds the weights into unit j.
    X : ndarray, shape (N, D)
        Examples in the rows.

    Returns
    -------
    ndarray, shape (N, K)
        Equal to ``X @ W.T`` up to rounding: a matrix product may add up in another
        order.

    Raises
    ------
    ValueError
        If an example has not as many numbers as a unit has weights.

    Examples
    --------
    >>> by_loops(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[10.0, 1.0]]))
    array([[12., 34.]])
    """
    (N, D), K = X.shape, len(W)
    _check(W, X)
    U = np.zeros((N, K))
    for n in range(N):  # examples
        for j in range(K):  # units
            for i in range(D):  # inputs
                U[n, j] += W[j, i] * X[n, i]
    return U


def by_columns(W: np.ndarray, X: np.ndarray) -> np.ndarray:
    """The same as a sum of columns of W, each times one input.

    The terms of each sum are added in the order of `by_loops`, so that the two agree
    bit for bit.

    Parameters
    ----------
    W : ndarray, shape (K, D)
    X : ndarray, shape (N, D)

    Returns
    -------
    ndarray, shape (N, K)

    Raises
    ------
    ValueError
        If an example has not as many numbers as a unit has weights.

    Examples
    --------
    >>> by_columns(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[10.0, 1.0]]))
    array([[12., 34.]])
    """
    (N, D), K = X.shape, len(W)
    _check(W, X)
    U = np.zeros((N, K))
    for i in range(D):
        U = U + X[:, [i]] * W[:, i]  # (N, 1) times (K,) is (N, K)
    return U


def _check(W: np.ndarray, X: np.ndarray) -> None:
    if X.shape[1:] != W.shape[1:]:
        raise ValueError(
            f"X has shape {X.shape} and W {W.shape}; both need the same number "
            "of columns, one for each input"
        )


def count_products(compute: Callable, *arrays: np.ndarray) -> int:
    """How many products of two numbers ``compute(*arrays)`` really makes.

    Every number is replaced by one that counts the multiplications it is in.

    Parameters
    ----------
    compute : callable
        Takes arrays; may contain loops, ``*`` and ``@``.
    *arrays : ndarray

    Examples
    --------
    >>> count_products(lambda W, x: W @ x, np.ones((2, 3)), np.ones(3))
    6
    """
    count = 0

    class Counting(float):
        def __mul__(self, other):
            nonlocal count
            count += 1
            return Counting(float(self) * float(other))

        __rmul__ = __mul__

        def __add__(self, other):
            return Counting(float(self) + float(other))

    counting = np.vectorize(Counting, otypes=[object])
    compute(*(counting(array) for array in arrays))
    return count
