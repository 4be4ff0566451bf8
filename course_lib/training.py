"""The training loop (slide 29), and what it reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tqdm import tqdm

from course_lib.core.module import Module
from course_lib.core.seed import generator
from course_lib.core.tensor import no_grad
from course_lib.datasets import batches
from course_lib.optim.sgd import Optimizer


@dataclass
class History:
    """What `fit` measured, one number an epoch."""

    # The mean over the epoch's examples.
    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)


class EarlyStopping:
    """Keeps a model's best weights, and says when nothing better has come for long.

    Parameters
    ----------
    model : Module
    patience : int
        How many epochs without a new best are waited for.

    Attributes
    ----------
    best_loss : float
        The lowest loss so far.
    """

    def __init__(self, model: Module, patience: int):
        if patience < 1:
            raise ValueError(
                f"patience: 1 epoch or more wanted, got {patience}"
            )
        self.model, self.patience = model, patience
        self.best_loss, self.waited = np.inf, 0

    def is_over(self, loss: float) -> bool:
        """Take in a validation loss; whether patience is at its end."""
        self.waited += 1
        if loss < self.best_loss:
            self.best_loss, self.waited = loss, 0
            self.best = self.model.state_dict()
        return self.waited >= self.patience

    def restore(self) -> None:
        """Give the model back its best weights."""
        self.model.load_state_dict(self.best)


def train_step(
    model: Module,
    loss: Callable,
    optimizer: Optimizer,
    x: np.ndarray,
    y: np.ndarray,
) -> float:
    """One step of gradient descent on one batch; returns the loss before the step.

    Raises
    ------
    FloatingPointError
        If the loss is infinite or not a number; the weights stay as they were.
    """
    optimizer.zero_grad()
    L = loss(model(x), y)  # predict, and measure how wrong that is
    L.backward()  # walk back: how does L change with each weight?
    optimizer.step()  # move each weight a little, downhill
    return L.item()


def fit(
    model: Module,
    loss: Callable,
    optimizer: Optimizer,
    x: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    transform: Callable[[np.ndarray], np.ndarray] | None = None,
    patience: int | None = None,
    after_epoch: Callable[[int], Any] | None = None,
    rng: np.random.Generator | None = None,
    progress: bool | None = None,
) -> History:
    """Train: for each batch, predict, walk back, move the weights.

    Parameters
    ----------
    model : Module
    loss : callable
        ``loss(model(x), y)`` is one number, for instance ``nn.CrossEntropyLoss()``.
    optimizer : Optimizer
        Holds the model's parameters.
    x, y : ndarray
        Examples and answers, of the same length.
    epochs, batch_size : int
        How often all examples are seen, and how many make one step.
    validation : pair of ndarray, optional
        Other examples and classes, whose loss and accuracy are measured after each
        epoch.
    transform : callable, optional
        Changes the inputs of each batch before the step, for augmentation.
    patience : int, optional
        Stop when the validation loss has had no new best for so many epochs, and go
        back to the best weights (`EarlyStopping`).
    after_epoch : callable, optional
        Called with the number of epochs done, 1 to ``epochs``, for instance to
        step a schedule.
    rng : numpy Generator, optional
        Draws the order of the examples.
    progress : bool, optional
        Whether to show a bar. Left out: in a terminal and in a live notebook, so
        that nothing is written where output is stored.

    Returns
    -------
    History

    Raises
    ------
    FloatingPointError
        If a loss is infinite or not a number, with the epoch and the batch.
    ValueError
        If there is patience but no validation set to judge by.
    """
    if patience is not None and validation is None:
        raise ValueError("fit: patience needs validation=(x, y) to judge by")
    stopping = patience is not None and EarlyStopping(model, patience)
    rng, history = generator(rng), History()
    bar = tqdm(
        range(1, epochs + 1),
        unit="epoch",
        leave=False,
        disable=not (_is_watched() if progress is None else progress),
    )
    for epoch in bar:
        model.train()
        total = 0.0
        for i, (x_batch, y_batch) in enumerate(
            batches(x, y, batch_size, rng)
        ):
            try:
                if transform is not None:
                    x_batch = transform(x_batch)
                L = train_step(model, loss, optimizer, x_batch, y_batch)
            except FloatingPointError as error:
                error.add_note(f"This was batch {i} of epoch {epoch}.")
                raise
            total += L * len(x_batch)
        history.loss.append(total / len(x))
        if validation is not None:
            history.validation_loss.append(evaluate(model, loss, *validation))
            history.validation_accuracy.append(accuracy(model, *validation))
        if after_epoch is not None:
            after_epoch(epoch)
        bar.set_postfix(loss=f"{history.loss[-1]:.4f}")
        if stopping and stopping.is_over(history.validation_loss[-1]):
            break
    if stopping:
        stopping.restore()
    return history


@no_grad()
def evaluate(
    model: Module, loss: Callable, x: np.ndarray, y: np.ndarray
) -> float:
    """The loss on given examples, without learning from them."""
    model.eval()
    return loss(model(x), y).item()


@no_grad()
def predict(model: Module, x: np.ndarray) -> np.ndarray:
    """The class with the highest score for each example, shape (N,)."""
    model.eval()
    return model(x).data.argmax(axis=1)


def accuracy(model: Module, x: np.ndarray, y: np.ndarray) -> float:
    """The share of examples, 0 to 1, whose class is predicted right."""
    if len(x) == 0:
        raise ValueError("accuracy: there are no examples")
    classes = predict(model, x)
    if classes.shape != np.shape(y):
        raise ValueError(
            f"accuracy: {len(x)} classes of shape {classes.shape} wanted, got an array "
            f"of shape {np.shape(y)}"
        )
    return float((classes == y).mean())


def _is_watched() -> bool:
    """Whether somebody sees a progress bar: in a terminal or a live notebook."""
    if sys.stderr.isatty():
        return True
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    in_kernel = shell is not None and hasattr(shell, "kernel")
    # A Jupyter server sets this, nbval does not.
    served = "JPY_SESSION_NAME" in os.environ
    return in_kernel and (served or "__vsc_ipynb_file__" in shell.user_ns)
