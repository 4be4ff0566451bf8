"""Modules: names for parameters, and nothing more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from course_lib.core.tensor import Tensor, array_of


class Parameter(Tensor):
    """A tensor that a module learns: a leaf that needs a gradient."""

    __slots__ = ()

    def __init__(
        self, data: Any, requires_grad: bool = True, dtype: Any = None
    ):
        super().__init__(data, requires_grad, dtype)


class Module:
    """A function with parameters, which may be made of other modules.

    A subclass assigns parameters and modules to attributes and defines
    ``forward``; the attributes' names become the parameters' names.

    Attributes
    ----------
    training : bool
        Whether the module is being trained; `train` and `eval` set it.

    Examples
    --------
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = Parameter([2.0])
    ...
    ...     def forward(self, input):
    ...         return self.factor * input
    >>> scale = Scale()
    >>> scale(Tensor([1.0, 3.0]))
    tensor([2., 6.], requires_grad=True)
    >>> scale.state_dict()
    {'factor': array([2.])}
    """

    training = True
    _buffers: tuple[
        str, ...
    ] = ()  # names of saved arrays that are not learned

    def __call__(self, *inputs: Any) -> Any:
        return self.forward(*inputs)

    def forward(self, *inputs: Any) -> Any:
        raise NotImplementedError(
            f"{type(self).__name__} does not define forward()"
        )

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that are attributes of this one, in order of assignment."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def modules(self) -> Iterator[Module]:
        """This module and all modules inside it."""
        yield self
        for _, child in self.named_children():
            yield from child.modules()

    def named_parameters(
        self, prefix: str = ""
    ) -> Iterator[tuple[str, Parameter]]:
        """Pairs such as ``("0.weight", Parameter)``: own ones first, then the rest."""
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield prefix + name, value
        for name, child in self.named_children():
            yield from child.named_parameters(f"{prefix}{name}.")

    def parameters(self) -> Iterator[Parameter]:
        """All parameters, in the order of `named_parameters`."""
        return (parameter for _, parameter in self.named_parameters())

    def register_buffer(self, name: str, tensor: Any) -> None:
        """Make an attribute that is saved with the parameters, but not learned.

        Parameters
        ----------
        name : str
            The attribute's name.
        tensor : array_like or None
            Its value; None if this module has no such buffer.

        Examples
        --------
        >>> counter = Module()
        >>> counter.register_buffer("seen", 0)
        >>> counter.state_dict()
        {'seen': array(0)}
        """
        if hasattr(self, name):
            raise KeyError(
                f"register_buffer: {type(self).__name__} already has an "
                f"attribute {name!r}; choose another name"
            )
        value = None if tensor is None else np.array(array_of(tensor))
        setattr(self, name, value)
        if value is not None:
            self._buffers += (name,)

    def _state(self, prefix: str = "") -> Iterator[tuple[str, Any, str]]:
        """Of each saved array its full name, its owner, and the owner's attribute."""
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield prefix + name, value, "data"
        for name in self._buffers:
            yield prefix + name, self, name
        for name, child in self.named_children():
            yield from child._state(f"{prefix}{name}.")

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> Module:
        """Set ``training`` here and in all modules inside; returns self."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """The same as ``train(False)``."""
        return self.train(False)

    def state_dict(self) -> dict[str, np.ndarray]:
        """Copies of all parameters and buffers by name; PyTorch's names and shapes."""
        return {
            name: np.copy(getattr(holder, attribute))
            for name, holder, attribute in self._state()
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Copy parameters and buffers by name, from here or from PyTorch.

        Raises
        ------
        KeyError
            If a name is missing or unknown.
        ValueError
            If a shape differs. In both cases nothing is changed.
        """
        own = {name: place for name, *place in self._state()}
        missing = sorted(own.keys() - state_dict.keys())
        unknown = sorted(state_dict.keys() - own.keys())
        if missing or unknown:
            raise KeyError(
                f"load_state_dict: missing {missing}, unknown {unknown}"
            )
        new = {name: np.asarray(array_of(state_dict[name])) for name in own}
        for name, place in own.items():
            if new[name].shape != (expected := getattr(*place).shape):
                raise ValueError(
                    f"load_state_dict: expected shape {expected} for {name}, "
                    f"got {new[name].shape}"
                )
        for name, place in own.items():
            setattr(*place, new[name].astype(getattr(*place).dtype))

    def extra_repr(self) -> str:
        """The text that `repr` shows between the brackets."""
        return ""

    def __repr__(self) -> str:
        children = "".join(
            f"\n  ({name}): " + repr(child).replace("\n", "\n  ")
            for name, child in self.named_children()
        )
        end = "\n" if children else ""
        return f"{type(self).__name__}({self.extra_repr()}{children}{end})"


class Sequential(Module):
    """Modules one after the other: each gets the output of the one before.

    Examples
    --------
    >>> double = Module()
    >>> double.forward = lambda input: 2 * input
    >>> Sequential(double, double)(1.5)
    6.0
    """

    def __init__(self, *modules: Module):
        super().__init__()
        for i, module in enumerate(modules):
            if not isinstance(module, Module):
                raise TypeError(
                    f"Sequential: expected a Module as item {i}, got "
                    f"{module!r}; write ReLU() with brackets, and "
                    "Sequential(a, b) instead of a list"
                )
            setattr(self, str(i), module)

    def forward(self, input: Any) -> Any:
        for _, module in self.named_children():
            input = module(input)
        return input

    def __len__(self) -> int:
        return len(list(self.named_children()))

    def __iter__(self) -> Iterator[Module]:
        return (module for _, module in self.named_children())

    def __getitem__(self, index: int) -> Module:
        return list(self)[index]
