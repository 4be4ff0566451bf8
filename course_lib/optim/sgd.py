"""Optimizers: how the weights move, given their gradients (slides 18, 29, 33).

Each optimizer is the formula for one array, `update`; `Optimizer` applies it to every
parameter. An update makes a new array, so graphs that saved the old one stay correct.
`course_lib.optim.adaptive` has the optimizers that adapt their steps.
"""

import copy
import inspect
from operator import is_

import numpy as np

from course_lib.core.module import Module
from course_lib.core.settings import check_number
from course_lib.core.tensor import Tensor

# What an option may be; outside, a step leads up, or nowhere.
_LIMITS = {
    "lr": {},  # at least 0
    "lr_decay": {},
    "weight_decay": {},
    "momentum": {},
    "eps": {},
    "initial_accumulator_value": {},
    "dampening": {"most": 1},
    "alpha": {"below": 1},
    "betas": {"below": 1},
}


class Optimizer:
    """Applies ``update`` to every parameter that has a gradient.

    A subclass defines ``update(w, g, memory, *, lr=..., ...)``: the new values of one
    array, given its old ones, its gradient, and a dict that is kept from step to step.
    The options of ``update``, with their defaults, are those of the constructor.

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to move, for instance ``model.parameters()``. Groups with options of their
        own are dicts: ``[{"params": weights, "weight_decay": 0.1}, …]``.
    *values, **options
        The options of ``update``, such as the learning rate ``lr``.

    Attributes
    ----------
    param_groups : list of dict
        The parameters under "params", and the options; changing
        ``param_groups[0]["lr"]`` changes the learning rate from the next step on.

    Examples
    --------
    >>> class SignDescent(Optimizer):
    ...     @staticmethod
    ...     def update(w, g, memory, *, lr=0.01):
    ...         return w - lr * np.sign(g)
    >>> inspect.signature(SignDescent)
    <Signature (params, lr=0.01)>
    """

    def __init_subclass__(cls):
        cls.__signature__ = _signature(cls.update)

    def __init__(self, params, *values, **options):
        self.defaults = self._bind(params, *values, **options)
        del self.defaults["params"]
        self.param_groups, self._memory, self._seen = [], {}, []
        for group in _groups(type(self).__name__, params):
            self.add_param_group(group)

    def _bind(self, *values, **options):
        """All options by name, with the defaults of ``update``."""
        signature = _signature(self.update)
        try:
            bound = signature.bind(*values, **options)
        except TypeError as error:
            names = ", ".join(list(signature.parameters)[1:])
            raise TypeError(
                f"{type(self).__name__}: {error}; the options are {names}"
            ) from None
        bound.apply_defaults()
        return bound.arguments

    def add_param_group(self, param_group):
        """Move more parameters from now on: a dict of "params" and their options."""
        name = type(self).__name__
        params = _checked_parameters(name, param_group["params"])
        group = self._bind(**self.defaults | param_group | {"params": params})
        self._check(group)
        if any(p in self._memory for p in params):
            raise ValueError(f"{name}: one parameter stands in two groups")
        self._memory |= {p: {} for p in params}
        self.param_groups.append(group)

    def _check(self, options):
        name = type(self).__name__
        for option in _LIMITS.keys() & options.keys():
            values = options[option]
            if option == "betas" and np.shape(values) != (2,):
                raise TypeError(
                    f"{name}: expected a pair of numbers as betas, "
                    f"got {values!r}"
                )
            for value in values if option == "betas" else [values]:
                check_number(name, option, value, **_LIMITS[option])

    def _check_changed(self):
        """Check all options if one has been set since the last step."""
        now = [
            value for group in self.param_groups for value in group.values()
        ]
        if len(now) == len(self._seen) and all(map(is_, now, self._seen)):
            return
        for group in self.param_groups:
            lr = group["lr"]  # or one for each number, as an array
            least = lr.min() if isinstance(lr, np.ndarray) else lr
            self._check(group | {"lr": least})
        self._seen = now

    def zero_grad(self):
        """Forget the gradients of the last step; `backward` adds to what is there."""
        for p in self._memory:
            p.grad = None

    def step(self):
        """Move every parameter once.

        Raises
        ------
        RuntimeError
            If no parameter has a gradient.
        ValueError
            If a gradient does not have the shape of its parameter.
        """
        _check_gradients(type(self).__name__, self._memory)
        self._check_changed()
        for group in self.param_groups:
            options = group.copy()
            for p in options.pop("params"):
                if p.grad is not None:
                    w, memory = p._data, self._memory[p]
                    new = self.update(w, p.grad, memory, **options)
                    p._data = _like(w, new)

    @staticmethod
    def update(w, g, memory, *, lr):
        raise NotImplementedError

    def state_dict(self):
        """All that the next steps depend on, in plain dicts, arrays and numbers.

        As in PyTorch, "param_groups" has the options, with a number for each parameter,
        and "state" what is remembered of each, by its number.
        """
        number = {p: i for i, p in enumerate(self._memory)}
        return {
            "state": {
                number[p]: copy.deepcopy(memory)
                for p, memory in self._memory.items()
                if memory
            },
            "param_groups": [
                group | {"params": [number[p] for p in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict):
        """Take over the options and the memory of an optimizer of the same kind.

        Raises
        ------
        ValueError
            If groups, options or shapes differ. Then nothing is changed.
        """
        own, params = self.state_dict()["param_groups"], list(self._memory)
        groups, state = state_dict["param_groups"], state_dict["state"]
        name = f"{type(self).__name__}.load_state_dict"
        if [_layout(group) for group in groups] != [_layout(g) for g in own]:
            raise ValueError(
                f"{name}: expected groups of parameters and options "
                f"{[_layout(g) for g in own]}, got "
                f"{[_layout(group) for group in groups]}"
            )
        for group in groups:
            self._check(group)
        memory = {p: {} for p in params}
        for i, remembered in state.items():
            memory[params[i]] = _fitting(name, params[i], remembered)
        self._memory = memory
        for group, new in zip(self.param_groups, groups, strict=True):
            group.update(new | {"params": group["params"]})


def _like(old, new):
    """New values as an array of the old one's dtype and shape."""
    fits = type(new) is np.ndarray and new.dtype is old.dtype
    if fits and new.shape == old.shape:
        return new
    return np.asarray(new, old.dtype).reshape(old.shape)


def _layout(group):
    """What must agree in two groups: numbers of parameters, and names of options."""
    return group["params"], sorted(group.keys() - {"params"})


def _fitting(name, p, memory):
    """A copy of what is remembered of a parameter: numbers, arrays of its shape."""
    for key, value in memory.items():
        if np.ndim(value) and np.shape(value) != p.shape:
            raise ValueError(
                f"{name}: expected shape {p.shape} for {key!r}, as the parameter "
                f"has, got {np.shape(value)}"
            )
    return {
        key: np.array(value, p.dtype)
        if isinstance(value, np.ndarray)
        else value
        for key, value in memory.items()
    }


def _check_gradients(name, params):
    found = False
    for p in params:
        g = p.grad
        if g is not None:
            found = True
            if type(g) is not np.ndarray or g.shape != p._data.shape:
                _check_gradient(name, p)
    if not found:
        raise RuntimeError(
            f"{name}.step(): no parameter has a gradient; call backward() on the "
            "loss first, and make the optimizer from the parameters of this model"
        )


def _check_gradient(name, p):
    if isinstance(p.grad, Tensor):
        raise TypeError(
            f"{name}.step(): expected an array as grad, got a Tensor; write "
            "p.grad = gradient.numpy()"
        )
    if np.shape(p.grad) != p.shape:  # NumPy would repeat one of them
        raise ValueError(
            f"{name}.step(): expected a gradient of shape {p.shape}, as the "
            f"parameter has, got {np.shape(p.grad)}"
        )


def _signature(update):
    """The constructor's signature: ``params``, then the options of ``update``."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    _, _, _, *options = inspect.signature(update).parameters.values()
    params = inspect.Parameter("params", kind)
    options = (p.replace(kind=kind) for p in options)
    return inspect.Signature([params, *options])


def _groups(name, params):
    """The groups that an optimizer was given; plain parameters are one group."""
    if isinstance(params, Tensor | Module | dict):
        raise TypeError(
            f"{name}: expected parameters, got one {type(params).__name__}; "
            "write model.parameters(), or [parameter]"
        )
    params = list(params)
    if any(isinstance(p, dict) for p in params):
        return params
    return [{"params": params}]


def _checked_parameters(name, params):
    """The parameters in a list; one that is shared stands there once."""
    params = [params] if isinstance(params, Tensor) else list(params)
    if not params:
        raise ValueError(
            f"{name}: expected at least one parameter, got none; write "
            "model.parameters(), which can be used only once"
        )
    for p in params:
        if not isinstance(p, Tensor) or not p.is_leaf:
            computed = "computed " if isinstance(p, Tensor) else ""
            raise TypeError(
                f"{name}: expected parameters, got a {computed}{type(p).__name__} "
                "among them; write "
                "model.parameters()"
            )
    return list(dict.fromkeys(params))


class SGD(Optimizer):
    """Gradient descent w ← w − η g (slides 18, 29), with or without momentum.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float, default 0.001
        Learning rate η.
    momentum : float, default 0
        Share of the last step that is kept.
    dampening : float, default 0
        Share of the gradient that momentum leaves out.
    weight_decay : float, default 0
        λ of the penalty (λ/2) Σ w², whose derivative λ w is added to g.
    nesterov : bool, default False
        Look one step of the momentum ahead.

    Examples
    --------
    >>> w = Tensor([1.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> SGD([w], lr=0.1).step()
    >>> w.data
    array([0.8])
    """

    @staticmethod
    def update(
        w,
        g,
        memory,
        *,
        lr=1e-3,
        momentum=0,
        dampening=0,
        weight_decay=0,
        nesterov=False,
    ):
        if weight_decay:
            g = g + weight_decay * w
        if momentum:
            v = momentum * memory["v"] + (1 - dampening) * g if memory else g
            memory["v"] = v
            g = g + momentum * v if nesterov else v
        return -lr * g + w

    def _check(self, options):
        super()._check(options)
        momentum, dampening = options["momentum"], options["dampening"]
        if options["nesterov"] and (momentum <= 0 or dampening != 0):
            raise ValueError(
                "SGD: nesterov=True expects momentum above 0 and no "
                f"dampening, got momentum={momentum}, dampening={dampening}"
            )
