"""The training loop (slide 29), and what it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course_lib.core.module import Module
from course_lib.core.seed import generator
from course_lib.core.settings import as_array, check_number
from course_lib.core.tensor import Tensor, no_grad
from course_lib.datasets import batches
from course_lib.nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
)
from course_lib.optim.sgd import Optimizer


@dataclass
class History:
    """What `fit` measured, one number for each epoch."""

    # Mean over the examples, each measured just before its batch was learned.
    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    # Empty where the targets are no classes, as in regression.
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
        check_number("EarlyStopping", "patience", patience, 1, whole=True)
        self.model, self.patience = model, patience
        self.best_loss, self.waited = np.inf, 0
        self.best = model.state_dict()

    def is_over(self, loss: float) -> bool:
        """Whether patience has run out, after this validation loss."""
        _check_validation(loss)
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
        ``loss(model(x), y)`` is one number, for instance ``nn.CrossEntropyLoss()``. A
        function of your own is a mean over the examples.
    optimizer : Optimizer
        Holds the model's parameters.
    x, y : array_like
        Examples and targets, of the same length.
    epochs, batch_size : int
        How often all examples are seen, and how many make one step.
    validation : pair of array_like, optional
        Other examples and their targets. After each epoch the loss on them is measured,
        and the accuracy where it has a meaning: where targets are classes, or 0 and 1
        for a binary cross-entropy.
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
        If a loss, or a weight after a step, is infinite or not a number; it tells the
        epoch, the batch, and the first layer with such numbers. The model is as it was
        before this step.
    KeyboardInterrupt
        If you stop the run; the model is as it was after the last whole step.

    Notes
    -----
    The model trains in train mode, is measured in eval mode, and has its own mode again
    at the end. Both errors have the history so far in the attribute ``history``, and
    with ``patience`` the model has its best weights::

        try:
            history = fit(...)
        except KeyboardInterrupt as stop:
            history = stop.history

    In a notebook it is ``sys.last_value.history``, too.
    """
    x, y, validation = _examples(x, y, validation)
    check_number("fit", "epochs", epochs, whole=True)
    check_number("fit", "batch_size", batch_size, 1, whole=True)
    rng, history = generator(rng), History()
    stopping = _early_stopping(model, patience, validation)
    with _mode(model, training=True), _handing_over(history, stopping):
        for epoch in range(1, epochs + 1):
            model.train()
            total = 0.0
            epoch_batches = enumerate(batches(x, y, batch_size, rng))
            for i, (inputs, targets) in epoch_batches:
                with _noting(f"This was batch {i} of epoch {epoch}."):
                    if transform:
                        inputs = transform(inputs)
                    L = _careful_step(model, loss, optimizer, inputs, targets)
                total += L * _weight(loss, inputs)
            history.loss.append(total / len(x))
            if validation:
                with _noting(f"This was after epoch {epoch}."):
                    _validate(history, model, loss, *validation)
            if after_epoch:
                after_epoch(epoch)
            if stopping and stopping.is_over(history.validation_loss[-1]):
                break
        if stopping:
            stopping.restore()
    return history


def _examples(x: Any, y: Any, validation: Any) -> tuple:
    """All of them as arrays."""
    x, y = as_array("fit", "x", x), as_array("fit", "y", y)
    if validation is None:
        return x, y, None
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise TypeError(
            "fit: expected a pair (x, y) as validation, got "
            f"{type(validation).__name__}"
        )
    return x, y, [as_array("fit", "validation", a) for a in validation]


def _early_stopping(
    model: Module, patience: int | None, validation: list | None
) -> EarlyStopping | None:
    if patience is None:
        return None
    if validation is None:
        raise ValueError(
            "fit: expected validation=(x, y), without which patience cannot work"
        )
    return EarlyStopping(model, patience)


def _weight(loss: Callable, x: np.ndarray) -> int:
    """By what a loss is multiplied, to make it a sum over the examples."""
    return 1 if getattr(loss, "reduction", "mean") == "sum" else len(x)


@contextmanager
def _mode(model: Module, training: bool) -> Iterator[None]:
    """Put a model in train or eval mode, and each module back in its own."""
    before = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, mode in before:
            module.training = mode


@contextmanager
def _noting(place: str) -> Iterator[None]:
    """Add to an error inside the block where it happened."""
    try:
        yield
    except FloatingPointError as error:
        error.add_note(place)
        raise


@contextmanager
def _handing_over(
    history: History, stopping: EarlyStopping | None
) -> Iterator[None]:
    """If a run breaks off: the best weights to the model, the history to the error."""
    try:
        yield
    except (FloatingPointError, KeyboardInterrupt) as error:
        if stopping:
            stopping.restore()
        error.history = history
        raise


def _careful_step(
    model: Module, loss: Callable, optimizer: Optimizer, x: Any, y: Any
) -> float:
    """`train_step`, which is undone if it breaks off or leads to no numbers."""
    # Arrays that steps replace, and never change.
    before = [(place, getattr(*place)) for _, *place in model._state()]
    try:
        with np.errstate(all="ignore"):  # an error tells more than a warning
            L = train_step(model, loss, optimizer, x, y)
            _check_weights(model, L)
            return L
    except BaseException as error:
        for place, value in before:
            setattr(*place, value)
        if isinstance(error, FloatingPointError):
            error.add_note(_first_broken(model, x))
        for place, value in before:  # BatchNorm has seen the batch again
            setattr(*place, value)
        raise


def _check_weights(model: Module, L: float) -> None:
    for name, p in model.named_parameters():
        if not np.isfinite(p.data).all():
            raise FloatingPointError(
                f"fit: a step at a loss of {L:.4g} makes numbers in {name} "
                "infinite or NaN; look for a learning rate that is too large, or a "
                "derivative that is infinite"
            )


@no_grad()
def _first_broken(model: Module, x: Any) -> str:
    """Where, from the examples to the loss, the first infinite or NaN numbers are."""
    if not np.isfinite(as_array("fit", "x", x)).all():
        return "The examples of the batch hold infinite or NaN numbers."
    broken, layers = [], list(model.named_modules())

    def watched(name: str, kind: str, forward: Callable) -> Callable:
        def run(*inputs: Any) -> Any:
            output = forward(*inputs)
            if (
                isinstance(output, Tensor)
                and not np.isfinite(output.data).all()
            ):
                broken.append(f"{name or 'the model'} ({kind})")
            return output

        return run

    before = [vars(layer).get("forward") for _, layer in layers]
    try:
        for name, layer in layers:
            kind = type(layer).__name__
            vars(layer)["forward"] = watched(name, kind, layer.forward)
        with np.errstate(all="ignore"):
            model(x)
    finally:
        for (_, layer), forward in zip(layers, before, strict=True):
            del vars(layer)["forward"]
            if forward is not None:
                vars(layer)["forward"] = forward
    if broken:
        return f"The first infinite or NaN numbers are the outputs of {broken[0]}."
    return "The outputs of the model are finite; the loss or its derivative is not."


def _validate(
    history: History,
    model: Module,
    loss: Callable,
    x: np.ndarray,
    y: np.ndarray,
) -> None:
    """Measure the loss, and the accuracy if the targets are classes."""
    with _mode(model, training=False), no_grad():
        outputs = model(x)
        L = loss(outputs, y).item() * _weight(loss, x) / len(x)
    _check_validation(L)
    history.validation_loss.append(L)
    threshold = _threshold(loss)
    if threshold is None:
        is_class = y.ndim == 1 and y.dtype.kind in "iu"
        has_classes = is_class and outputs.ndim == 2 and outputs.shape[1] > 1
    else:
        has_classes = np.isin(y, (0, 1)).all()
    if has_classes:
        right = _classes(outputs.data, threshold) == y
        history.validation_accuracy.append(float(right.mean()))


def _threshold(loss: Callable) -> float | None:
    """Above which output the answer is 1, for a binary cross-entropy; else None."""
    if isinstance(loss, BCELoss) or loss is binary_cross_entropy:
        return 0.5
    with_logits = isinstance(loss, BCEWithLogitsLoss)
    if with_logits or loss is binary_cross_entropy_with_logits:
        return 0.0
    return None


def _check_validation(L: float) -> None:
    if not np.isfinite(L):
        raise FloatingPointError(
            f"the validation loss is {L}; look for NaN in the validation examples, "
            "or a learning rate that is too large"
        )


@no_grad()
def evaluate(
    model: Module, loss: Callable, x: np.ndarray, y: np.ndarray
) -> float:
    """The loss on some examples, without learning from them, in eval mode."""
    x, y = as_array("evaluate", "x", x), as_array("evaluate", "y", y)
    with _mode(model, training=False):
        return loss(model(x), y).item()


def predict(
    model: Module, x: np.ndarray, threshold: float | None = None
) -> np.ndarray:
    """The class of each example: that with the highest score, in eval mode.

    Parameters
    ----------
    model : Module
        Gives scores of shape (N, K), for K classes.
    x : array_like
        N examples.
    threshold : float, optional
        For a model with one output: above it the answer is 1, else 0. It is 0.5 for
        probabilities (`BCELoss`), 0 for scores (`BCEWithLogitsLoss`).

    Returns
    -------
    int ndarray, shape (N,)
        With a threshold it has the shape of the outputs.
    """
    return _classes(_outputs(model, x), threshold)


@no_grad()
def _outputs(model: Module, x: np.ndarray) -> np.ndarray:
    with _mode(model, training=False):
        return model(as_array("predict", "x", x)).data


def _classes(outputs: np.ndarray, threshold: float | None) -> np.ndarray:
    _check_outputs(outputs, threshold)
    if threshold is None:
        return outputs.argmax(axis=1)
    return (outputs > threshold).astype(int)


def _check_outputs(outputs: np.ndarray, threshold: float | None) -> None:
    if np.isnan(outputs).any():
        raise FloatingPointError(
            "predict: some outputs of the model are NaN, which is no score"
        )
    if threshold is not None:
        check_number("predict", "threshold", threshold, -np.inf)
    elif outputs.ndim != 2 or outputs.shape[1] < 2:
        raise ValueError(
            "predict: expected scores of shape (N, K) for K ≥ 2 classes, got "
            f"{outputs.shape}; for one output write threshold=0.5 "
            "(probabilities) or threshold=0 (scores)"
        )


def accuracy(
    model: Module,
    x: np.ndarray,
    y: np.ndarray,
    threshold: float | None = None,
) -> float:
    """The share of examples, 0 to 1, whose class is predicted correctly.

    ``threshold`` is for models with one output, as in `predict`; then y has the shape
    of the outputs.
    """
    outputs, y = _outputs(model, x), as_array("accuracy", "y", y)
    classes = _classes(outputs, threshold)
    K = outputs.shape[1] if threshold is None else 2
    _check_targets(classes, y, K)
    return float((classes == y).mean())


def _check_targets(predicted: np.ndarray, given: np.ndarray, K: int) -> None:
    if predicted.shape != given.shape:  # NumPy would repeat one of them
        raise ValueError(
            f"accuracy: expected classes of shape {predicted.shape}, got shape "
            f"{given.shape}"
        )
    if not given.size:
        raise ValueError("accuracy: expected at least one example, got none")
    if not np.isin(given, np.arange(K)).all():
        raise ValueError(
            f"accuracy: expected classes from 0 to {K - 1}, got "
            f"{np.unique(given)[:3].tolist()} …"
        )
