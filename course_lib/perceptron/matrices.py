"""A layer in two spellings, loops and columns, and a count of what they do.

The third spelling, ``X @ W.T``, needs no code (slides 12 and 13).
"""

import numpy as np


def by_loops(W, X):
    """u_nj = Σᵢ w_ji x_ni for example n and unit j, number by number (slide 7).

    >>> W = np.array([[1.0, 2.0], [3.0, 4.0]])  # a row for each unit
    >>> by_loops(W, np.array([[10.0, 1.0]]))  # a row for each example
    array([[12., 34.]])
    """
    assert W.shape[1] == X.shape[1], f"W {W.shape}, X {X.shape}"
    (N, D), K = X.shape, len(W)
    U = np.zeros((N, K))
    for n in range(N):  # examples
        for j in range(K):  # units
            for i in range(D):  # inputs
                U[n, j] += W[j, i] * X[n, i]
    return U


def by_columns(W, X):
    """The same as a sum of the columns of W, each times one input.

    Each sum is added up in the order of `by_loops`, so the two agree bit for bit.

    >>> W = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> by_columns(W, np.array([[10.0, 1.0]]))
    array([[12., 34.]])
    """
    assert W.shape[1] == X.shape[1], f"W {W.shape}, X {X.shape}"
    (N, D), K = X.shape, len(W)
    U = np.zeros((N, K))
    for i in range(D):
        U = U + X[:, [i]] * W[:, i]  # (N, 1) times (K,) is (N, K)
    return U


def count_products(compute, *arrays):
    """How many products of two numbers ``compute(*arrays)`` makes.

    Every number is replaced by one that counts the multiplications it is in.

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
