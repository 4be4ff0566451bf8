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
