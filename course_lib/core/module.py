"""Modules: names for parameters, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from course_lib.core import habits
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
    # Names of saved arrays that are not learned.
    _buffers: tuple[str, ...] = ()

    def __call__(self, *inputs: Any, **named_inputs: Any) -> Any:
        return self.forward(*inputs, **named_inputs)

    def forward(self, *inputs: Any) -> Any:
        raise NotImplementedError(
            f"{type(self).__name__} does not define forward()"
        )

    def __setattr__(self, name: str, value: Any) -> None:
        _check_attribute(self, name, value)
        super().__setattr__(name, value)

    def _all_children(self) -> Iterator[tuple[str, Module]]:
        """Also those that stand in two places."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that are attributes of this one, in order of assignment."""
        return _once(self._all_children())

    def children(self) -> Iterator[Module]:
        """The modules that are attributes of this one, in order of assignment."""
        return (child for _, child in self.named_children())

    def _tree(self, prefix: str) -> Iterator[tuple[str, Module]]:
        yield prefix, self
        for name, child in self._all_children():
            yield from child._tree(f"{prefix}.{name}" if prefix else name)

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This module, under the name "", and all inside, as ``("0.1", Module)``."""
        return _once(self._tree(""))

    def modules(self) -> Iterator[Module]:
        """This module and all modules inside it."""
        return (module for _, module in self.named_modules())

    def apply(self, fn: Callable[[Module], Any]) -> Module:
        """Call a function with all modules inside, then with this one; returns self.

        Examples
        --------
        >>> module = Module().apply(lambda m: print(type(m).__name__))
        Module
        """
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def named_parameters(
        self, prefix: str = ""
    ) -> Iterator[tuple[str, Parameter]]:
        """Pairs such as ``("0.weight", Parameter)``: own ones first, then the rest.

        A parameter that two modules share comes once, under its first name.
        """
        places = self._state(prefix)
        return _once((n, p) for n, p, _ in places if isinstance(p, Parameter))

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
        for name, child in self._all_children():
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
            for name, child in self._all_children()
        )
        end = "\n" if children else ""
        return f"{type(self).__name__}({self.extra_repr()}{children}{end})"


habits.answer(Module, habits.MODULE)


def _once(named: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Each thing under its first name only."""
    seen = set()
    for name, thing in named:
        if id(thing) not in seen:
            seen.add(id(thing))
            yield name, thing


def _check_attribute(module: Module, name: str, value: Any) -> None:
    """Nothing leaves parameters() or state_dict() without a word."""
    place = f"{type(module).__name__}.{name}"
    before = vars(module).get(name)
    for kind in (Parameter, Module):
        if isinstance(before, kind) and not isinstance(value, kind | None):
            way = f"; for new values write {name}.data = …"
            raise TypeError(
                f"{place}: expected a {kind.__name__} or None, got "
                f"{type(value).__name__}{way if kind is Parameter else ''}"
            )
    if isinstance(value, list | tuple | dict):
        items = value.values() if isinstance(value, dict) else value
        if any(isinstance(item, Module | Parameter) for item in items):
            raise TypeError(
                f"{place}: parameters() does not look into a {type(value).__name__}; "
                "write nn.ModuleList([…]), or an attribute for each parameter"
            )


class _Ordered(Module):
    """Modules whose names are "0", "1", and so on."""

    def __init__(self, modules: Iterable[Module]):
        super().__init__()
        for module in modules:
            self.append(module)

    def append(self, module: Module) -> Module:
        """Add one module at the end; returns self."""
        i = len(self)
        if not isinstance(module, Module):
            raise TypeError(
                f"{type(self).__name__}: expected a Module as item {i}, got "
                f"{module!r}; write ReLU() with brackets, and "
                "Sequential(a, b) instead of a list"
            )
        setattr(self, str(i), module)
        return self

    def __len__(self) -> int:
        return len(list(self._all_children()))

    def __iter__(self) -> Iterator[Module]:
        return (m for m in vars(self).values() if isinstance(m, Module))

    def __getitem__(self, index: int | slice) -> Module:
        """One module, or those of a slice in a list of the same kind, shared."""
        found = list(self)[index]
        return self._of(found) if isinstance(index, slice) else found


class Sequential(_Ordered):
    """Modules one after the other: each gets the output of the one before.

    Examples
    --------
    >>> double = Module()
    >>> double.forward = lambda input: 2 * input
    >>> model = Sequential(double, double)
    >>> model(1.5)
    6.0
    >>> model[:1](1.5)
    3.0
    """

    def __init__(self, *modules: Module):
        super().__init__(modules)

    def _of(self, modules: list[Module]) -> Sequential:
        return Sequential(*modules)

    def forward(self, input: Any) -> Any:
        for module in self:
            input = module(input)
        return input


class ModuleList(_Ordered):
    """A list of modules whose parameters are found; it is not called itself.

    Examples
    --------
    >>> ModuleList([Module(), Module()]).append(Module())
    ModuleList(
      (0): Module()
      (1): Module()
      (2): Module()
    )
    """

    def __init__(self, modules: Iterable[Module] | None = None):
        super().__init__(() if modules is None else modules)

    def _of(self, modules: list[Module]) -> ModuleList:
        return ModuleList(modules)


class Identity(Module):
    """Returns its input; stands where there may be a module or none."""

    def __init__(self, *_: Any, **__: Any):
        super().__init__()

    def forward(self, input: Any) -> Any:
        return input
