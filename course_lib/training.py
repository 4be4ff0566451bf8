"""The training loop (slide 29), and what it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course_lib.core.module import Module
from course_lib.core.seed import generator
from course_lib.core.tensor import no_grad
from course_lib.datasets import batches
from course_lib.optim.sgd import Optimizer


@dataclass
class History:
    """What `fit` measured, one number for each epoch."""

    # Mean over the examples, each measured just before its batch was learned.
    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)


class EarlyStopping:
    """Keeps a model's best weights, and tells when patience runs out.

    Parameters
    ----------
    model : Module
    patience : int
        Number of epochs to wait for a new best loss.

    Attributes
    ----------
    best_loss : float
        The lowest loss so far.
    """

    def __init__(self, model: Module, patience: int):
        self.model, self.patience = model, patience
        self.best_loss, self.waited = np.inf, 0

    def is_over(self, loss: float) -> bool:
        """Whether patience has run out, after this validation loss."""
        self.waited += 1
        if loss < self.best_loss:
            self.best_loss, self.waited = loss, 0
            self.best = self.model.state_dict()
        return self.waited >= self.patience

    def restore(self) -> None:
        """Give the model its best weights back."""
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
    L.backward()  # how does L change with each weight?
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
) -> History:
    """Train: for each batch, predict, find the gradient, move the weights.

    Parameters
    ----------
    model : Module
    loss : callable
        ``loss(model(x), y)`` is one number, for instance ``nn.CrossEntropyLoss()``.
    optimizer : Optimizer
        Holds the model's parameters.
    x, y : ndarray
        Examples and targets, of the same length.
    epochs, batch_size : int
        How often all examples are seen, and how many make one step.
    validation : pair of ndarray, optional
        Other examples and their classes; loss and accuracy on them are measured after
        each epoch.
    transform : callable, optional
        Changes the inputs of each batch before the step, for augmentation.
    patience : int, optional
        Stop when the validation loss has had no new best for so many epochs, and go
        back to the best weights (`EarlyStopping`).
    after_epoch : callable, optional
        Called with the number of epochs done, 1 to ``epochs``, for instance to step a
        schedule or to print.
    rng : numpy Generator, optional
        Draws the order of the examples; by default the generator that `manual_seed`
        sets.

    Returns
    -------
    History

    Raises
    ------
    FloatingPointError
        If a loss is infinite or not a number; it tells the epoch and the batch.
    """
    rng, history = generator(rng), History()
    stopping = _early_stopping(model, patience, validation)
    for epoch in range(1, epochs + 1):
        model.train()
        total = 0.0
        for i, (inputs, targets) in enumerate(batches(x, y, batch_size, rng)):
            with _noting(f"This was batch {i} of epoch {epoch}."):
                if transform:
                    inputs = transform(inputs)
                L = train_step(model, loss, optimizer, inputs, targets)
            total += L * len(inputs)
        history.loss.append(total / len(x))
        if validation:
            history.validation_loss.append(evaluate(model, loss, *validation))
            history.validation_accuracy.append(accuracy(model, *validation))
        if after_epoch:
            after_epoch(epoch)
        if stopping and stopping.is_over(history.validation_loss[-1]):
            break
    if stopping:
        stopping.restore()
    return history


def _early_stopping(
    model: Module, patience: int | None, validation: tuple | None
) -> EarlyStopping | None:
    if patience is None:
        return None
    if validation is None:
        raise ValueError(
            "fit: expected validation=(x, y), without which patience cannot work"
        )
    return EarlyStopping(model, patience)


@contextmanager
def _noting(place: str) -> Iterator[None]:
    """Add to an error inside the block where it happened."""
    try:
        yield
    except FloatingPointError as error:
        error.add_note(place)
        raise


@no_grad()
def evaluate(
    model: Module, loss: Callable, x: np.ndarray, y: np.ndarray
) -> float:
    """The loss on some examples, without learning from them."""
    model.eval()
    return loss(model(x), y).item()


@no_grad()
def predict(model: Module, x: np.ndarray) -> np.ndarray:
    """The class with the highest score for each example, shape (N,)."""
    model.eval()
    return model(x).data.argmax(axis=1)


def accuracy(model: Module, x: np.ndarray, y: np.ndarray) -> float:
    """The share of examples, 0 to 1, whose class is predicted correctly."""
    classes = predict(model, x)
    _check_classes(classes, y)
    return float((classes == y).mean())


def _check_classes(predicted: np.ndarray, given: np.ndarray) -> None:
    if predicted.shape != np.shape(given):  # NumPy would repeat one of them
        raise ValueError(
            f"accuracy: expected classes of shape {predicted.shape}, got shape "
            f"{np.shape(given)}"
        )
