"""Polynomials fitted by least squares (slide 37)."""

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


def least_squares(X, y):
    """The weights w that make Σ (Xw − y)² smallest; of several, the shortest w.

    With columns of answers in y there is a column of weights for each. The line through
    (0, 1) and (1, 3) is 1 + 2x:

    >>> X = polynomial_features(np.array([0.0, 1.0]), degree=1)
    >>> print(least_squares(X, np.array([1.0, 3.0])).round(6))
    [1. 2.]
    """
    return np.linalg.lstsq(X, y)[0]
