"""Optimizers: how the weights move, given their gradients (slides 18, 29, 33).

Each optimizer is the formula for one array, `update`; `Optimizer` applies it to every
parameter. An update makes a new array, so graphs that saved the old one stay correct.
`course_lib.optim.adaptive` has the optimizers that adapt their steps.
"""

import inspect

from course_lib.core.module import Module, Parameter


class Optimizer:
    """Applies ``update`` to every parameter that has a gradient.

    A subclass defines ``update(w, g, memory, *, lr=..., ...)``: the new values of one
    array, given its old ones, its gradient, and a dict that is kept from step to step.
    The options of ``update``, with their defaults, are those of the constructor.

    Parameters
    ----------
    params : iterable of Parameter
        What to move, for instance ``model.parameters()``.
    *values, **options
        The options of ``update``, such as the learning rate ``lr``.

    Attributes
    ----------
    param_groups : list of one dict
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
        params = _checked_parameters(type(self).__name__, params)
        group = self._bind(params, *values, **options)
        self._check(group)
        self.param_groups = [group]
        self._memory = {p: {} for p in params}

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

    def _check(self, options):
        if not options["lr"] >= 0:
            raise ValueError(
                f"{type(self).__name__}: expected a learning rate lr ≥ 0, "
                f"got {options['lr']}"
            )

    def zero_grad(self):
        """Forget the gradients of the last step; `backward` adds to what is there."""
        for p in self.param_groups[0]["params"]:
            p.grad = None

    def step(self):
        """Move every parameter once."""
        options = self.param_groups[0].copy()
        for p in options.pop("params"):
            if p.grad is not None:
                p.data = self.update(
                    p.data, p.grad, self._memory[p], **options
                )

    @staticmethod
    def update(w, g, memory, *, lr):
        raise NotImplementedError


def _signature(update):
    """The constructor's signature: ``params``, then the options of ``update``."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    _, _, _, *options = inspect.signature(update).parameters.values()
    params = inspect.Parameter("params", kind)
    return inspect.Signature(
        [params, *(p.replace(kind=kind) for p in options)]
    )


def _checked_parameters(name, params):
    """The parameters in a list; one that is shared stands there once."""
    if isinstance(params, Parameter | Module):
        raise TypeError(
            f"{name}: expected parameters, got one {type(params).__name__}; "
            "write model.parameters(), or [parameter]"
        )
    params = list(params)
    if any(isinstance(p, dict) for p in params):
        raise TypeError(
            f"{name}: expected parameters, got a group of parameters (a dict); "
            "make one optimizer for each group"
        )
    if not params:
        raise ValueError(
            f"{name}: expected at least one parameter, got none; write "
            "model.parameters(), which can be used only once"
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
    >>> w = Parameter([1.0])
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
