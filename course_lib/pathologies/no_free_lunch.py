"""A fair comparison of optimizers: real tasks, equal budgets (slide 33)."""

from collections import namedtuple

import numpy as np

from course_lib import nn, optim
from course_lib.core.seed import manual_seed
from course_lib.datasets import diabetes, digits, fashion_mnist
from course_lib.pathologies import optimizers
from course_lib.training import evaluate, fit

OPTIMIZERS = optimizers.OPTIMIZERS | {
    "RMSProp": optim.RMSprop,  # with PyTorch's α of 0.99
    "AdamW": optim.AdamW,
}
LEARNING_RATES = [10 ** (k / 2) for k in range(-7, 1)]  # 0.0003 … 1


# Something to learn, and for how long. Learning rates are chosen on the validation
# examples, optimizers are compared on the test examples; `model` makes a new network.
Task = namedtuple(
    "Task",
    "train validation test model loss batch_size epochs",
    defaults=[5],
)


def digits_task():
    """Read handwritten digits: 1,000 to learn from, a network 64–32–10."""
    x_train, y_train, *test = digits()
    return Task(
        (x_train[:1000], y_train[:1000]),
        (x_train[1000:], y_train[1000:]),
        test,
        lambda: nn.Sequential(
            nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)
        ),
        nn.CrossEntropyLoss(),
        batch_size=20,
    )


def diabetes_task():
    """Predict the course of a disease: 250 patients, a network 10–16–1.

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


def clothes_task():
    """Classify clothes: 1,000 pictures to learn from, a network 784–32–32–10."""
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


TASKS = {
    "digits": digits_task,
    "diabetes": diabetes_task,
    "clothes": clothes_task,
}


@np.errstate(over="ignore", invalid="ignore")
def trial(task, make, lr, seed):
    """Train once; the loss on validation and on test examples, ∞ after a breakdown.

    The seed decides the first weights and the order of the examples, so with one
    seed all optimizers begin alike and see the same batches.
    """
    manual_seed(seed)
    model = task.model()
    optimizer = make(model.parameters(), lr)
    length = {"epochs": task.epochs, "batch_size": task.batch_size}
    try:
        fit(model, task.loss, optimizer, *task.train, **length)
    except FloatingPointError:  # the loss is no longer finite
        return np.inf, np.inf
    losses = [
        evaluate(model, task.loss, *examples)
        for examples in (task.validation, task.test)
    ]
    return tuple(np.where(np.isfinite(losses), losses, np.inf))


def search(task, make, lrs, seeds):
    """The mean validation loss over the seeds, for each learning rate."""
    return np.array(
        [
            np.mean([trial(task, make, lr, seed)[0] for seed in seeds])
            for lr in lrs
        ]
    )
