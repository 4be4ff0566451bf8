"""Networks that see: convolution, pooling, and their training (slide 42)."""

import numpy as np

from course_lib import nn, optim
from course_lib.datasets import batches, fashion_mnist
from course_lib.optim import lr_scheduler
from course_lib.training import train_step


def cnn(kernels=(8, 16), size=3, *, dtype=np.float32, rng=None):
    """Twice convolution, ReLU and pooling, then one score for each class.

    >>> sum(p.numel() for p in cnn().parameters())
    9098
    """
    first, second = kernels
    how = {"padding": size // 2, "dtype": dtype, "rng": rng}
    return nn.Sequential(
        nn.Conv2d(1, first, size, **how),
        nn.ReLU(),
        nn.MaxPool2d(2),  # 28 × 28 becomes 14 × 14
        nn.Conv2d(first, second, size, **how),
        nn.ReLU(),
        nn.MaxPool2d(2),  # 7 × 7
        nn.Flatten(),
        nn.Linear(second * 7 * 7, 10, dtype=dtype, rng=rng),
    )


def mlp(*units, dtype=np.float32, rng=None):
    """Dense layers with ReLU between them, from 784 pixels to 10 classes.

    >>> sum(p.numel() for p in mlp(12).parameters())
    9550
    """
    layers, D = [nn.Flatten()], 784
    for K in units:
        layers += [nn.Linear(D, K, dtype=dtype, rng=rng), nn.ReLU()]
        D = K
    return nn.Sequential(*layers, nn.Linear(D, 10, dtype=dtype, rng=rng))


def clothes(dtype=np.float32):
    """Fashion-MNIST to learn from, validate and test on, with mean 0 and deviation 1.

    The pictures have the shape (N, 1, 28, 28).
    """
    data = fashion_mnist(dtype)
    μ, σ = data.x_train[:55_000].mean(), data.x_train[:55_000].std()
    x, x_test = ((a.reshape(-1, 1, 28, 28) - μ) / σ for a in data[::2])
    y, y_test = data[1::2]
    return (
        (x[:55_000], y[:55_000]),
        (x[55_000:], y[55_000:]),
        (x_test, y_test),
    )


def steps(model, x, y, epochs, seed=0, lr=1e-3):
    """Train with Adam in batches of 100; gives the loss at each step.

    The learning rate falls from epoch to epoch along half a cosine wave.
    """
    rng, loss = np.random.default_rng(seed), nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr)
    schedule = lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for x_batch, y_batch in batches(x, y, 100, rng):
            yield train_step(model, loss, optimizer, x_batch, y_batch)
        schedule.step()


def shifted(x, down=0, right=0):
    """The pictures moved by some pixels; what leaves on one side comes in on the other.

    >>> shifted(np.array([[1, 2, 3]]), right=1)
    array([[3, 1, 2]])
    """
    return np.roll(x, (down, right), axis=(-2, -1))
