"""Polynomials fitted by least squares (slide 37), with or without a penalty."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def cubic(x: ArrayLike) -> np.ndarray:
    """The law behind the noisy points of slide 37, as this book chose it.

    Examples
    --------
    >>> print(cubic([-1.0, 0.0, 0.5, 1.0]))
    [ 0.     0.    -0.375  2.   ]
    """
    x = np.asarray(x, dtype=float)
    return 3 * x**3 + x**2 - 2 * x


def polynomial_features(x: ArrayLike, degree: int) -> np.ndarray:
    """The powers of x, one column each: 1, x, x², … up to x^degree.

    A polynomial with the weights w_0, w_1, … is then ``features @ w``.

    Parameters
    ----------
    x : array_like, shape (n,)
        Best between −1 and 1, where powers do not explode.
    degree : int
        The highest power, 0 or more.

    Returns
    -------
    ndarray, shape (n, degree + 1)

    Raises
    ------
    ValueError
        If x is not of shape (n,), or the degree no whole number from 0 on.

    Examples
    --------
    >>> polynomial_features([2.0, 3.0], degree=2)
    array([[1., 2., 4.],
           [1., 3., 9.]])
    """
    x = np.asarray(x, dtype=float)
    _check_features(x, degree)
    return x[:, None] ** np.arange(degree + 1)


def _check_features(x: np.ndarray, degree: int) -> None:
    if x.ndim != 1:
        raise ValueError(
            f"polynomial_features: x has shape {x.shape}; one number an example "
            "wanted, shape (n,)"
        )
    if degree != int(degree) or degree < 0:
        raise ValueError(
            f"polynomial_features: degree={degree}; a whole number from 0 on wanted"
        )


def least_squares(
    X: ArrayLike, y: ArrayLike, penalty: float = 0.0
) -> np.ndarray:
    """The weights w that make Σ (Xw − y)² + penalty · Σ w² least, solved exactly.

    Where several do, which happens without a penalty only, the shortest of them.

    Parameters
    ----------
    X : array_like, shape (n, d)
        A row for each example. All its columns' weights are penalised.
    y : array_like, shape (n,) or (n, k)
        The right answers, or k columns of them, each fitted by itself.
    penalty : float, default 0
        What a square of a weight costs, 0 or more.

    Returns
    -------
    ndarray, shape (d,) or (d, k)

    Raises
    ------
    ValueError
        If the shapes do not fit, a number is not finite or the penalty negative.

    Notes
    -----
    Where the slope is 0, (XᵀX + penalty · 1) w = Xᵀy. With the singular value
    decomposition X = U S Vᵀ the solution is w = V (S / (S² + penalty)) Uᵀy, which
    never forms XᵀX and so keeps twice the digits (Golub & Van Loan, *Matrix
    Computations*, chapter 5).

    Examples
    --------
    The line through (0, 1) and (1, 3) is 1 + 2x:

    >>> X = polynomial_features([0.0, 1.0], degree=1)
    >>> print(least_squares(X, [1.0, 3.0]).round(6))
    [1. 2.]
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    _check(X, y, penalty)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    rounding = np.finfo(float).eps * max(X.shape)
    # Directions in which X is 0 up to rounding say nothing of w.
    kept = s > rounding * s.max(initial=0.0)
    U, s, Vt = U[:, kept], s[kept], Vt[kept]
    return (Vt.T * (s / (s**2 + penalty))) @ (U.T @ y)


def _check(X: np.ndarray, y: np.ndarray, penalty: float) -> None:
    if X.ndim != 2 or y.ndim not in (1, 2) or len(X) != len(y):
        raise ValueError(
            f"least_squares: X has shape {X.shape} and y {y.shape}; (n, d) and (n,) or "
            "(n, k) wanted, with the same n"
        )
    if not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise ValueError("least_squares: X or y holds numbers not finite")
    if not 0 <= penalty < np.inf:
        raise ValueError(
            f"least_squares: penalty={penalty}; a number from 0 on wanted"
        )
