"""Gradient descent on plain functions, without a tape (slides 17 to 19)."""

import numpy as np


def descend(gradient, start, lr, steps):
    """Every point of x_{i+1} = x_i − η f′(x_i), from x_0 = start (slide 18).

    >>> descend(lambda x: 2 * x, 1.0, lr=0.25, steps=3)  # f(x) = x²
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    x = np.array(start, dtype=float)
    path = [x]
    for _ in range(steps):
        x = x - lr * gradient(x)
        path.append(x)
    return np.array(path)


@np.errstate(all="ignore")  # an overflow counts as running away
def runs_away(gradient, start, lr, steps=200):
    """Whether descent ends with a longer stride than it began with.

    >>> runs_away(lambda x: 2 * x, 1.0, lr=0.9), runs_away(lambda x: 2 * x, 1.0, lr=1.1)
    (False, True)
    """
    path = descend(gradient, start, lr, steps)
    strides = np.abs(np.diff(path, axis=0)).reshape(steps, -1).max(axis=1)
    return not strides[-1] <= strides[0]  # true for NaN as well


def largest_rate(gradient, start, high, steps=200):
    """The learning rate above which descent runs away, by bisection from 0 to `high`.

    >>> print(f"{largest_rate(lambda x: 2 * x, 1.0, high=8):.6f}")  # f(x) = x²
    1.000000
    """
    assert runs_away(gradient, start, high, steps), (
        f"{high} is no upper limit"
    )
    low = 0.0
    for _ in range(40):
        middle = (low + high) / 2
        if runs_away(gradient, start, middle, steps):
            high = middle
        else:
            low = middle
    return low
