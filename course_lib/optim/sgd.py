"""Optimizers: how the weights move, given their gradients (slides 18, 29, 33).

Each optimizer is the formula for one array, `update`; `Optimizer` applies it to
every parameter. An update makes a new array, so graphs that saved the old one
stay right. `course_lib.optim.adaptive` has the optimizers that adapt their steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from course_lib.core.module import Parameter


class Optimizer:
    """Applies ``update`` to every parameter that has a gradient.

    Parameters
    ----------
    params : iterable of Parameter
        What to move, for instance ``model.parameters()``.
    **options
        The arguments of ``update``, such as the learning rate ``lr``.

    Attributes
    ----------
    param_groups : list of dict
        The parameters under "params", and the options; changing
        ``param_groups[0]["lr"]`` changes the learning rate from the next step on.
    """

    def __init__(self, params: Iterable[Parameter], **options: Any):
        if isinstance(params, Parameter):
            raise TypeError(
                "optimizer got one parameter, expected several; "
                "write [parameter]"
            )
        params = list(dict.fromkeys(params))  # a shared one is moved once
        if not params:
            raise ValueError(
                "optimizer got no parameters; give model.parameters()"
            )
        if not options["lr"] >= 0:
            raise ValueError(
                f"lr: a learning rate ≥ 0 wanted, got {options['lr']}"
            )
        self.param_groups = [{"params": params, **options}]
        # What update keeps for each array.
        self._memory = {p: {} for p in params}

    def zero_grad(self) -> None:
        """Forget the gradients of the last step; `backward` adds to what is there."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    def step(self) -> None:
        """Move every parameter once."""
        for group in self.param_groups:
            options = {
                name: value
                for name, value in group.items()
                if name != "params"
            }
            for p in group["params"]:
                if p.grad is not None:
                    p.data = self.update(
                        p.data, p.grad, self._memory[p], **options
                    )

    @staticmethod
    def update(
        w: np.ndarray, g: np.ndarray, memory: dict, **options: Any
    ) -> np.ndarray:
        raise NotImplementedError


class SGD(Optimizer):
    """Gradient descent w ← w − η g (slides 18, 29), with momentum if wanted.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float, default 0.001
        Learning rate η.
    momentum : float, default 0
        Share of the last move that is kept.
    dampening : float, default 0
        Share of the gradient that momentum leaves out.
    weight_decay : float, default 0
        λ of the penalty (λ/2) Σ w², whose derivative λ w is added to g.
    nesterov : bool, default False
        Look one move of the momentum ahead.

    Examples
    --------
    >>> w = Parameter([1.0])
    >>> (w * w).sum().backward()
    >>> SGD([w], lr=0.1).step()
    >>> w.data
    array([0.8])
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
    ):
        if nesterov and not (momentum > 0 and dampening == 0):
            raise ValueError(
                "nesterov: needs momentum above 0 and no dampening"
            )
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
        )

    @staticmethod
    def update(
        w, g, memory, *, lr, momentum, dampening, weight_decay, nesterov
    ):
        if weight_decay:
            g = g + weight_decay * w
        if momentum:
            v = memory.get("v")
            v = g if v is None else momentum * v + (1 - dampening) * g
            memory["v"] = v
            g = g + momentum * v if nesterov else v
        return -lr * g + w
