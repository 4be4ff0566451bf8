"""A fair comparison of optimizers: real tasks, equal budgets (slide 33)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from course_lib import nn, optim
from course_lib.core.seed import manual_seed
from course_lib.datasets import diabetes, digits, fashion_mnist
from course_lib.optim.sgd import Optimizer
from course_lib.pathologies.optimizers import RUNNERS
from course_lib.training import evaluate, fit

Make = Callable[[list, float], Optimizer]  # of parameters and a learning rate

OPTIMIZERS: dict[str, Make] = {r.name: r.make for r in RUNNERS} | {
    "RMSProp": optim.RMSprop,  # with PyTorch's α of 0.99
    "AdamW": optim.AdamW,
}
RATES = tuple(10 ** (k / 2) for k in range(-7, 1))  # 0.0003 … 1


class Task(NamedTuple):
    """Something to learn, and for how long."""

    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]  # judges learning rates
    test: tuple[np.ndarray, np.ndarray]  # judges optimizers
    model: Callable[[], nn.Module]  # makes a new network
    loss: nn.Module
    batch_size: int
    epochs: int = 5


def digits_task() -> Task:
    """Read handwritten digits: 1,000 to learn from, a network 64–32–10."""
    x_train, y_train, *test = digits()
    return Task(
        (x_train[:1000], y_train[:1000]),
        (x_train[1000:], y_train[1000:]),
        tuple(test),
        lambda: nn.Sequential(
            nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)
        ),
        nn.CrossEntropyLoss(),
        batch_size=20,
    )


def diabetes_task() -> Task:
    """Foresee a disease: 250 patients to learn from, a network 10–16–1.

    Inputs and answers have mean 0 and standard deviation 1 on these 250, so a loss
    (MSE) of 1 is that of always answering the mean.
    """
    x, y = diabetes(shuffle=True)
    x = (x - x[:250].mean(axis=0)) / x[:250].std(axis=0)
    y = ((y - y[:250].mean()) / y[:250].std())[:, None]
    return Task(
        (x[:250], y[:250]),
        (x[250:350], y[250:350]),
        (x[350:], y[350:]),
        lambda: nn.Sequential(nn.Linear(10, 16), nn.Tanh(), nn.Linear(16, 1)),
        nn.MSELoss(),
        batch_size=10,
    )


def clothes_task() -> Task:
    """Name clothes: 1,000 pictures to learn from, a network 784–32–32–10."""
    x_train, y_train, x_test, y_test = fashion_mnist(np.float64)
    return Task(
        (x_train[:1000], y_train[:1000]),
        (x_train[1000:2000], y_train[1000:2000]),
        (x_test[:2000], y_test[:2000]),
        lambda: nn.Sequential(
            nn.Linear(784, 32),
            nn.ReLU(),
            nn.Linear(32, 32),
            nn.ReLU(),
            nn.Linear(32, 10),
        ),
        nn.CrossEntropyLoss(),
        batch_size=20,
    )


TASKS: dict[str, Callable[[], Task]] = {
    "digits": digits_task,
    "diabetes": diabetes_task,
    "clothes": clothes_task,
}


@np.errstate(over="ignore", invalid="ignore")
def trial(
    task: Task, make: Make, rate: float, seed: int
) -> tuple[float, float]:
    """Train once; the loss on validation and on test examples.

    The seed decides the first weights and the order of the examples, so with one
    seed all optimizers begin alike and see the same batches.

    Returns
    -------
    (float, float)
        Both infinite if the run broke down.
    """
    manual_seed(seed)
    model = task.model()
    optimizer = make(list(model.parameters()), rate)
    length = {"epochs": task.epochs, "batch_size": task.batch_size}
    try:
        fit(model, task.loss, optimizer, *task.train, **length)
    except FloatingPointError:
        return np.inf, np.inf
    judges = task.validation, task.test
    losses = [evaluate(model, task.loss, *examples) for examples in judges]
    return tuple(np.nan_to_num(losses, nan=np.inf).tolist())


def search(
    task: Task, make: Make, rates: Sequence[float], seeds: Sequence[int]
) -> np.ndarray:
    """The mean validation loss over the seeds, for each learning rate."""
    return np.array(
        [
            np.mean([trial(task, make, rate, seed)[0] for seed in seeds])
            for rate in rates
        ]
    )
