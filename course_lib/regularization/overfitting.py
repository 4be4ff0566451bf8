"""Polynomials fitted by least squares (slide 37), with or without a penalty."""

import numpy as np


def cubic(x):
    """The law behind the noisy points of slide 37, as this book chose it.

    >>> print(cubic(np.array([-1.0, 0.0, 0.5, 1.0])))
    [ 0.     0.    -0.375  2.   ]
    """
    return 3 * x**3 + x**2 - 2 * x


def polynomial_features(x, degree):
    """The powers of x, one column each: 1, x, x², … up to x^degree.

    A polynomial with the weights w_0, w_1, … is then ``features @ w``.

    >>> polynomial_features(np.array([2.0, 3.0]), degree=2)
    array([[1., 2., 4.],
           [1., 3., 9.]])
    """
    x = np.asarray(x, dtype=float)  # powers of integers would overflow
    assert x.ndim == 1 and degree % 1 == 0 <= degree, (
        f"x {x.shape}, {degree=}"
    )
    return x[:, None] ** np.arange(degree + 1)


def least_squares(X, y, penalty=0):
    """The weights w that make Σ (Xw − y)² + penalty · Σ w² smallest, solved exactly.

    Without a penalty several may do; then it is the shortest w. With columns of answers
    in y there is a column of weights for each.

    Where the gradient is 0, (XᵀX + penalty · I) w = Xᵀy. With the singular value
    decomposition X = U S Vᵀ the solution is w = V S / (S² + penalty) Uᵀ y, which never
    forms XᵀX and so keeps twice the digits (Golub & Van Loan, *Matrix Computations*,
    chapter 5). The line through (0, 1) and (1, 3) is 1 + 2x:

    >>> X = polynomial_features(np.array([0.0, 1.0]), degree=1)
    >>> print(least_squares(X, np.array([1.0, 3.0])).round(6))
    [1. 2.]
    """
    assert penalty >= 0, f"a penalty of at least 0, not {penalty}"
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    rounding = np.finfo(float).eps * max(X.shape) * s[0]
    kept = s > rounding  # in other directions X is 0 and says nothing of w
    U, s, Vt = U[:, kept], s[kept], Vt[kept]
    return (Vt.T * (s / (s**2 + penalty))) @ (U.T @ y)
