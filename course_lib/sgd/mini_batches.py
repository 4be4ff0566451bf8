"""Stochastic gradient descent and its noise (slide 29).

First the algorithm on a plain function, without a tape; then what mini-batches of a
network's examples say of the gradient, and how far they are off.
"""

import numpy as np

from course_lib.core.seed import generator


def shuffled_batches(n, batch_size, rng):
    """The numbers of the examples in each mini-batch, epoch after epoch, without end.

    >>> batches = shuffled_batches(5, 2, np.random.default_rng(0))
    >>> [len(next(batches)) for _ in range(6)]
    [2, 2, 1, 2, 2, 1]
    """
    assert n >= 1 and batch_size >= 1, f"n {n}, batch_size {batch_size}"
    while True:
        order = rng.permutation(n)  # shuffled anew for every epoch
        # The row is cut after every batch_size examples.
        yield from np.split(order, range(batch_size, n, batch_size))


def stochastic_descent(
    gradient, n, start, lr, *, batch_size, steps, rng=None
):
    """Every point of w ← w − η · (mean gradient on a mini-batch of n examples).

    ``gradient(w, rows)`` is that of the examples with the numbers `rows`; `lr` is one
    number, or one for each step. The mean of 1, 3, 4, 8 has the least (w − y)²:

    >>> y = np.array([1.0, 3.0, 4.0, 8.0])
    >>> def gradient(w, rows):
    ...     return np.mean(2 * (w - y[rows]))
    >>> stochastic_descent(gradient, 4, 0.0, lr=0.25, batch_size=4, steps=3)
    array([0. , 2. , 3. , 3.5])
    """
    w = np.array(start, dtype=float)
    path = [w]
    batches = shuffled_batches(n, batch_size, generator(rng))
    lrs = np.broadcast_to(lr, steps)  # one for each step
    for lr in lrs:
        rows = next(batches)
        w = w - lr * gradient(w, rows)
        path.append(w)
    return np.array(path)


def gradient(model, loss, x, y):
    """All derivatives of the loss on these examples, in one row of P numbers.

    >>> from course_lib import nn
    >>> x, y = np.array([[1.0], [3.0]]), np.zeros(2)
    >>> gradient(nn.Linear(1, 1), lambda o, y: o.mean(), x, y)
    array([2., 1.])
    """
    model.zero_grad()
    loss(model(x), y).backward()
    return np.concatenate([p.grad.ravel() for p in model.parameters()])


def example_gradients(model, loss, x, y):
    """The gradient of each example alone, shape (N, P); their mean is `gradient`.

    >>> from course_lib import nn
    >>> x, y = np.array([[1.0], [3.0]]), np.zeros(2)
    >>> example_gradients(nn.Linear(1, 1), lambda o, y: o.mean(), x, y)
    array([[1., 1.],
           [3., 1.]])
    """
    return np.array(
        [gradient(model, loss, x[[n]], y[[n]]) for n in range(len(x))]
    )


def batch_gradients(
    model, loss, x, y, *, batch_size, count, replace=True, rng=None
):
    """Gradients of `count` mini-batches drawn at random, shape (count, P).

    With `replace`, each example is drawn from all, so that a batch may hold one twice;
    without, the examples of a batch are different ones, as in an epoch.

    >>> from course_lib import nn
    >>> x, y = np.array([[1.0], [3.0]]), np.zeros(2)
    >>> model, settings = nn.Linear(1, 1), {"batch_size": 2, "replace": False}
    >>> batch_gradients(model, lambda o, y: o.mean(), x, y, count=2, **settings)
    array([[2., 1.],
           [2., 1.]])
    """
    rng = generator(rng)
    draws = [rng.choice(len(x), batch_size, replace) for _ in range(count)]
    return np.array(
        [gradient(model, loss, x[rows], y[rows]) for rows in draws]
    )


def variance(gradients, mean):
    """Mean squared distance of gradients (rows) from a known mean.

    >>> print(variance(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([1.0, 0.0])))
    1.0
    """
    return ((gradients - mean) ** 2).sum(axis=1).mean()
