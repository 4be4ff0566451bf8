"""Stochastic gradient descent and its noise (slide 29).

First the algorithm on a plain function, without a tape; then what mini-batches of a
network's examples say of the gradient, and how far they are off.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.core.module import Module
from course_lib.core.seed import generator


@np.errstate(over="ignore", invalid="ignore")
def stochastic_descent(
    slope: Callable[[np.ndarray, np.ndarray], np.ndarray],
    n: int,
    start: np.ndarray,
    rate: float | Callable[[int], float],
    *,
    batch_size: int,
    steps: int,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Every point of w ← w − η · (mean slope on a mini-batch), epoch after epoch.

    Parameters
    ----------
    slope : callable
        ``slope(w, rows)``: the gradient at w of the mean loss over the examples
        with the numbers ``rows``.
    n : int
        How many examples there are.
    start : ndarray, any shape
    rate : float, or function of the number of the step
        The learning rate η.
    batch_size, steps : int
        Examples a step, and how many steps to take.
    rng : numpy Generator, optional
        Draws the order of the examples, a new one for each epoch.

    Returns
    -------
    ndarray, shape (steps + 1, ...)

    Raises
    ------
    ValueError
        If the batch size is not between 1 and n.
    FloatingPointError
        If the points grow beyond all numbers.

    Examples
    --------
    The mean of 1, 3, 4, 8, for the loss (w − y)²:

    >>> y = np.array([1.0, 3.0, 4.0, 8.0])
    >>> def slope(w, rows):
    ...     return np.mean(2 * (w - y[rows]))
    >>> stochastic_descent(slope, 4, np.array(0.0), 0.25, batch_size=4, steps=3)
    array([0. , 2. , 3. , 3.5])
    """
    if not 1 <= batch_size <= n:
        raise ValueError(
            f"stochastic_descent: batch_size from 1 to {n} wanted, "
            f"got {batch_size}"
        )
    rng, w = generator(rng), np.asarray(start, dtype=float)
    path = [w]
    while len(path) <= steps:
        order = rng.permutation(n)  # shuffled anew for every epoch
        # The row is cut after every batch_size examples.
        for rows in np.split(order, range(batch_size, n, batch_size)):
            eta = rate(len(path) - 1) if callable(rate) else rate
            w = w - eta * slope(w, rows)
            path.append(w)
    if not np.isfinite(path).all():
        raise FloatingPointError(
            "stochastic_descent: the points grow beyond all numbers; take a "
            "smaller learning rate or fewer steps"
        )
    return np.array(path[: steps + 1])


def gradient(
    model: Module, loss: Callable, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """All derivatives of the loss on these examples, in one row of P numbers."""
    model.zero_grad()
    loss(model(x), y).backward()
    return np.concatenate([p.grad.ravel() for p in model.parameters()])


def example_gradients(
    model: Module, loss: Callable, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """The gradient of each example alone, shape (N, P); their mean is `gradient`."""
    singles = zip(x[:, None], y[:, None], strict=True)
    return np.array([gradient(model, loss, *single) for single in singles])


def batch_gradients(
    model: Module,
    loss: Callable,
    x: np.ndarray,
    y: np.ndarray,
    *,
    batch_size: int,
    count: int,
    replace: bool = True,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Gradients of randomly drawn mini-batches, at the weights as they are.

    Parameters
    ----------
    model : Module
    loss : callable
        The mean over a batch, such as ``nn.CrossEntropyLoss()``.
    x, y : ndarray
        The examples and answers to draw from.
    batch_size, count : int
        Examples a batch, and how many batches.
    replace : bool, default True
        Whether each example is drawn anew from all, so that a batch may hold one
        twice; else the examples of a batch are different ones, as in an epoch.
    rng : numpy Generator, optional

    Returns
    -------
    ndarray, shape (count, P)
    """
    rng, n = generator(rng), len(x)
    draws = [rng.choice(n, batch_size, replace) for _ in range(count)]
    return np.array(
        [gradient(model, loss, x[rows], y[rows]) for rows in draws]
    )


def variance(gradients: np.ndarray, mean: np.ndarray) -> float:
    """Mean squared distance of gradients (rows) from a known mean.

    Examples
    --------
    >>> print(variance(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([1.0, 0.0])))
    1.0
    """
    return float(((gradients - mean) ** 2).sum(axis=1).mean())
