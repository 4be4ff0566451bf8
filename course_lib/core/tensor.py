"""The tape: values that remember how they were computed, for the backward pass.

A *rule* is a pure NumPy function that returns its value and, for each argument,
a function that turns ∂L/∂value into ∂L/∂argument. `differentiable` lifts a rule
to `Tensor`: it runs the rule and notes, on the result, which tensors went in, each
with its derivative. `Tensor.backward` follows these notes from the last result to
the first, as slides 22 to 25 do by hand.

The operators (+, @, indexing …) are rules too; `course_lib.core.ops` adds them.
"""

from __future__ import annotations

import functools
import heapq
import inspect
import itertools
import math
import operator
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

import numpy as np

from course_lib.core import habits


class _Thread(threading.local):
    recording = True  # False inside `no_grad`, in this thread alone


_thread = _Thread()
_clock = itertools.count()  # numbers tensors in the order of their creation


class Tensor:
    """An array that can tell how a loss changes with it.

    Parameters
    ----------
    data : array_like
        The values. A floating-point array keeps its dtype; Python floats become
        float64.
    requires_grad : bool, default False
        Whether `backward` computes the derivative with respect to this tensor.
    dtype : numpy dtype, optional
        Converts the values.

    Attributes
    ----------
    data : ndarray
        The values. Nothing in this package changes them in place: a new value is a
        new array, so what a graph has saved stays as it was. Integers assigned to a
        tensor that needs a gradient become floating-point numbers.
    grad : ndarray or None
        ∂L/∂data, of the same shape, summed over all calls of `backward` since it was
        last None.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4.])
    """

    __slots__ = (
        "__weakref__",
        "_data",
        "_history",
        "_order",
        "_requires_grad",
        "grad",
    )
    __array_priority__ = 1000  # `array + tensor` asks the tensor, not NumPy

    def __init__(
        self, data: Any, requires_grad: bool = False, dtype: Any = None
    ):
        self._data = np.asarray(_values(data))
        if self._data.dtype.kind != "f":
            needs_floats = requires_grad and dtype is None
            _check_kind(self._data, needs_floats)
        if dtype is not None:
            self._data = self._data.astype(dtype, copy=False)
        self.grad = None
        self._requires_grad = requires_grad
        self._history = ()  # pairs (parent, derivative); None once freed
        self._order = next(_clock)

    def backward(
        self, gradient: Any = None, retain_graph: bool = False
    ) -> None:
        """Add ∂self/∂leaf to the ``grad`` of every leaf that self was computed from.

        Tensors are visited in reverse order of their creation, so each one has received
        its whole gradient, from all its uses, before it passes it on.

        Parameters
        ----------
        gradient : array_like, optional
            ∂L/∂self, of the shape of self. It may be left out if self is one number:
            then self is the loss, and the derivative is 1.
        retain_graph : bool, default False
            Keep what was saved, so that `backward` can run again.

        Raises
        ------
        RuntimeError
            If nothing that self was computed from needs a gradient, if self is not one
            number and no gradient is given, or if the graph has been freed.
        ValueError
            If the gradient and self have different shapes.
        FloatingPointError
            If the loss is infinite or not a number.
        """
        seed = self._seed(gradient)
        if self.is_leaf:
            return self._accumulate(seed)
        gradients = {self._order: seed}
        waiting = [(-self._order, self)]  # a heap: the newest comes first
        while waiting:
            node = heapq.heappop(waiting)[1]
            g = gradients.pop(node._order)
            for parent, derivative in node._saved():
                d = parent._checked(derivative(g))
                if parent.is_leaf:
                    parent._accumulate(d, lent=d is g)
                elif parent._order in gradients:  # used more than once
                    gradients[parent._order] = gradients[parent._order] + d
                else:
                    gradients[parent._order] = d
                    heapq.heappush(waiting, (-parent._order, parent))
            if not retain_graph:
                node._history = None

    def _seed(self, gradient: Any) -> np.ndarray:
        """∂L/∂self, with which the backward pass starts."""
        if not self.requires_grad:
            raise RuntimeError(
                "backward(): nothing here needs a gradient; was it computed "
                "from a tensor with requires_grad=True, outside no_grad()?"
            )
        if gradient is None:
            if self._data.size != 1:
                raise RuntimeError(
                    "backward(): expected a loss, which is one number, got a "
                    f"tensor of shape {self.shape}; take its mean() or sum(), or "
                    "give ∂L/∂self as backward(gradient)"
                )
            if not math.isfinite(self._data.item()):
                raise FloatingPointError(
                    f"backward(): the loss is {self.data.item()}; look for a "
                    "learning rate that is too large, a log of 0 or a division by 0"
                )
            return np.ones_like(self._data)
        gradient = np.array(array_of(gradient), dtype=self.dtype)
        if gradient.shape != self.shape:
            raise ValueError(
                f"backward(): expected a gradient of shape {self.shape}, as the "
                f"tensor has, got {gradient.shape}"
            )
        return gradient

    def _saved(self) -> tuple:
        if self._history is None:
            raise RuntimeError(
                "backward(): this graph has been used and freed; compute the loss "
                "again, or call backward(retain_graph=True) the first time"
            )
        return self._history

    def _checked(self, d: np.ndarray) -> np.ndarray:
        shape = getattr(d, "shape", ())  # a plain number has none
        if shape != self._data.shape:
            raise RuntimeError(
                f"a rule's derivative: expected shape {self.shape}, as the argument "
                f"has, got {shape}"
            )
        return d

    def _accumulate(self, d: np.ndarray, lent: bool = False) -> None:
        """Add to ``grad``; two leaves must never share one array."""
        if lent or d.base is not None:
            d = d.copy()
        d = np.asarray(d, dtype=self._data.dtype)
        self.grad = d if self.grad is None else self.grad + d

    @property
    def data(self) -> np.ndarray:
        return self._data

    @data.setter
    def data(self, values: Any) -> None:
        if not (isinstance(values, np.ndarray) and values.dtype.kind == "f"):
            values = np.asarray(array_of(values))
            if self._requires_grad and values.dtype.kind != "f":
                values = floating(values).astype(self.dtype)
            _check_kind(values, requires_grad=False)
        self._data = values

    @property
    def requires_grad(self) -> bool:
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, needed: bool) -> None:
        _check_kind(self._data, needed)
        if not (needed or self.is_leaf):
            raise RuntimeError(
                "requires_grad: this tensor was computed from others that need a "
                "gradient; write .detach() to cut it off"
            )
        self._requires_grad = bool(needed)

    @property
    def is_leaf(self) -> bool:
        """Whether nothing that needs a gradient went into this."""
        return self._history == ()

    def detach(self) -> Tensor:
        """The same values without their history."""
        return Tensor(self.data)

    def numpy(self) -> np.ndarray:
        """The values as an array; an error if they need a gradient."""
        if self.requires_grad:
            raise RuntimeError(
                "numpy(): this tensor needs a gradient, which an array cannot carry; "
                "write .detach().numpy()"
            )
        return self.data

    def __array__(
        self, dtype: Any = None, copy: bool | None = None
    ) -> np.ndarray:
        if self.requires_grad:
            raise RuntimeError(
                "NumPy knows no gradients, and this tensor needs one; write x.exp(), "
                "F.tanh(x), stack([…]) …, or, for the values, .detach().numpy()"
            )
        return np.array(self._data, dtype=dtype, copy=copy)

    def item(self) -> float:
        """The only number in here, as a Python number."""
        return self._data.item()

    def tolist(self) -> list | float:
        """The values as nested Python lists."""
        return self.data.tolist()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def ndim(self) -> int:
        return self.data.ndim

    @property
    def dtype(self) -> np.dtype:
        return self.data.dtype

    def __len__(self) -> int:
        return len(self.data)

    def __bool__(self) -> bool:
        return bool(self.data)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        return operator.index(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item() if spec else str(self), spec)

    def __deepcopy__(self, memo: dict) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError(
                "deepcopy: this tensor was computed from others that need a "
                "gradient, which a copy would not reach; copy .detach(), or use "
                ".clone(), which is on the tape"
            )
        values = self._data.copy()
        other = memo[id(self)] = type(self)(values, self.requires_grad)
        other.grad = None if self.grad is None else self.grad.copy()
        return other

    def __repr__(self) -> str:
        values = np.array2string(
            self.data, precision=4, separator=", ", prefix="tensor("
        )
        needs = ", requires_grad=True" * self.requires_grad
        return f"tensor({values}{needs})"


def _check_kind(values: np.ndarray, requires_grad: bool) -> None:
    kind = values.dtype.kind
    if requires_grad and kind != "f":
        raise TypeError(
            f"only floating-point values have a gradient, got {values.dtype}; "
            "write 1.0 instead of 1, or give dtype=float"
        )
    if kind not in "fiub":
        raise TypeError(
            f"expected numbers, got an array of dtype {values.dtype}; convert it "
            "with .astype(float), a table of pandas with .to_numpy(dtype=float)"
        )


def _values(data: Any) -> Any:
    """What a new Tensor is made of; it would lose the gradient of another one."""
    if not isinstance(data, Tensor):
        return data
    if data.requires_grad:
        raise RuntimeError(
            "Tensor(…): this tensor needs a gradient, which a new one would not pass "
            "on; write .clone(), which does, or .detach(), which need not"
        )
    return data._data


def array_of(value: Any) -> Any:
    """What a rule works on: the array of a Tensor, an array, or a plain number."""
    if isinstance(value, Tensor):
        return value._data
    if isinstance(value, np.ndarray) or value is None:
        return value
    if np.isscalar(value):  # a plain number takes the dtype of what it meets
        return value.item() if isinstance(value, np.generic) else value
    return np.asarray(value)


def tensor(
    data: Any, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """A new `Tensor` with a copy of the data (the order of arguments is PyTorch's)."""
    return Tensor(np.array(_values(data)), requires_grad, dtype)


def floating(values: Any) -> np.ndarray:
    """Integers and truth values as float64; floating-point numbers as they are.

    NumPy counts modulo 256 with small integers: of bytes, 1 − 3 is 254.

    Examples
    --------
    >>> floating(np.uint8([1, 2])) - 3
    array([-2., -1.])
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return values
    values = np.asarray(values)
    _check_kind(values, requires_grad=False)
    return values if values.dtype.kind == "f" else values.astype(np.float64)


# The letters of the slides, which rules use, under PyTorch's names.
LETTERS = {
    "input": ("x", "u", "o", "a", "log_p"),
    "other": ("b",),
    "exponent": ("n",),
    "target": ("y",),
    "weight": ("W", "γ"),
    "bias": ("b", "β"),
    "running_mean": ("mean",),
    "running_var": ("var",),
}


def differentiable(rule: Callable) -> Callable:
    """Lift a rule on arrays to a function on tensors that records itself.

    Parameters
    ----------
    rule : callable
        ``rule(*arrays, **settings)`` returns ``(value, derivatives)``: one function
        ``g -> ∂L/∂argument`` for each of the first arguments, where ``g`` is
        ∂L/∂value; None for an argument that has no derivative. Arguments after these
        are settings.

    Returns
    -------
    callable
        Takes tensors, arrays or numbers, by position, by the rule's names or by
        PyTorch's (`LETTERS`); returns a `Tensor`. Its attribute ``rule`` is the rule
        itself.

    Examples
    --------
    >>> @differentiable
    ... def square(x):
    ...     return x * x, (lambda g: 2 * x * g,)
    >>> x = Tensor(3.0, requires_grad=True)
    >>> square(x).backward()
    >>> print(x.grad)
    6.0
    """
    placed = _places(rule)

    @functools.wraps(rule)
    def apply(*arguments: Any, **settings: Any) -> Tensor:
        if settings:
            arguments, settings = placed(arguments, settings)
        arrays = [array_of(argument) for argument in arguments]
        value, derivatives = rule(*arrays, **settings)
        result = Tensor(value)
        if not _thread.recording:
            return result
        for argument, derivative in zip_longest(arguments, derivatives):
            if isinstance(argument, Tensor) and argument._requires_grad:
                _check_derivative(rule, derivative)
                result._history += ((argument, derivative),)
                result._requires_grad = True
        return result

    apply.rule = rule
    return apply


def _places(rule: Callable) -> Callable:
    """A function that moves arguments given by name to where the tape sees them."""
    signature = inspect.signature(rule)
    known = signature.parameters
    alone = {k for k, p in known.items() if p.kind is p.KEYWORD_ONLY}

    def placed(arguments: tuple, settings: dict) -> tuple[tuple, dict]:
        if settings.keys() <= alone:
            return arguments, settings
        named = {}
        for name, value in settings.items():
            letters = [k for k in LETTERS.get(name, ()) if k in known]
            letter = name if name in known or not letters else letters[0]
            named[letter] = value
        try:
            bound = signature.bind(*arguments, **named)
        except TypeError as error:
            advice = habits.about(settings, habits.SETTINGS)
            raise TypeError(f"{rule.__name__}(): {error}{advice}") from None
        bound.apply_defaults()
        return bound.args, bound.kwargs

    return placed


def _check_derivative(rule: Callable, derivative: Callable | None) -> None:
    if derivative is None:
        raise TypeError(
            f"{rule.__name__} has no derivative with respect to an argument that "
            "needs one; pass this argument as .detach(), or as a plain array"
        )


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording, in a ``with`` block or as a decorator.

    It holds for the thread that it is called in.

    Examples
    --------
    >>> x = Tensor(3.0, requires_grad=True)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """
    before, _thread.recording = _thread.recording, False
    try:
        yield
    finally:
        _thread.recording = before


def is_recording() -> bool:
    """Whether operations are recorded now, in this thread (not inside `no_grad`)."""
    return _thread.recording
