"""Deep networks of equal layers, with and without shortcuts (slides 34, 35)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.core.module import Module, Parameter, Sequential
from course_lib.core.tensor import Tensor
from course_lib.nn.dense import Linear
from course_lib.nn.init import zeros_


class Residual(Module):
    """A shortcut around a module: o = x + scale · F(x) (slide 35).

    The derivative of the sum is 1 + scale · F′, so a gradient passes even where F
    lets nothing through (He, Zhang, Ren & Sun 2016, arXiv:1512.03385).

    Parameters
    ----------
    inner : Module
        F, whose output has the shape of its input.
    scale : float, default 1
        A small one keeps the sum of many blocks from growing.

    Raises
    ------
    ValueError
        When called, if the shape of F(x) is not that of x.

    Examples
    --------
    >>> block = Residual(Linear(2, 2), scale=0.0)
    >>> block(np.array([[3.0, 4.0]]))
    tensor([[3., 4.]], requires_grad=True)
    """

    def __init__(self, inner: Module, scale: float = 1.0):
        super().__init__()
        self.inner, self.scale = inner, scale

    def forward(self, input: Any) -> Tensor:
        change = self.inner(input)
        if change.shape != np.shape(input):
            raise ValueError(
                f"Residual: input has shape {np.shape(input)}, the inner module "
                f"made {change.shape} of it; a sum needs equal shapes"
            )
        return input + self.scale * change

    def extra_repr(self) -> str:
        return f"scale={self.scale:g}"


def deep_network(
    sizes: tuple[int, int, int],
    depth: int,
    activation: Callable[[], Module],
    *,
    init: Callable[[Parameter], Any] | None = None,
    shortcuts: bool = False,
    scale: float = 1.0,
    rng: np.random.Generator | None = None,
) -> Sequential:
    """Linear, then depth − 1 times an activation and Linear.

    Parameters
    ----------
    sizes : (int, int, int)
        Numbers of inputs, of units in each hidden layer, and of outputs.
    depth : int
        How many layers of weights; at least 2.
    activation : callable
        Makes an activation, for instance ``ReLU``.
    init : callable, optional
        Draws each weight anew, for instance ``kaiming_normal_``; biases are then 0.
        If left out, all are as `Linear` draws them.
    shortcuts : bool, default False
        Put a `Residual` around each pair of activation and Linear between hidden
        layers; the layers, and what is drawn for them, stay the same.
    scale : float, default 1
        Of the shortcuts' inner part.
    rng : numpy Generator, optional
        Draws what `Linear` draws; ``init`` draws from where it likes.

    Returns
    -------
    Sequential
        Takes (N, inputs) to (N, outputs).

    Raises
    ------
    ValueError
        If ``depth`` is less than 2.

    Examples
    --------
    >>> from course_lib.nn.dense import ReLU
    >>> len(deep_network((64, 32, 10), 30, ReLU))
    59
    >>> deep_network((64, 32, 10), 3, ReLU, shortcuts=True)[1]
    Residual(scale=1
      (inner): Sequential(
        (0): ReLU()
        (1): Linear(32, 32, bias=True)
      )
    )
    """
    if depth < 2:
        raise ValueError(f"depth: at least 2 layers wanted, got {depth}")
    inputs, width, outputs = sizes
    modules: list[Module] = [Linear(inputs, width, rng=rng)]
    for _ in range(depth - 2):
        pair = activation(), Linear(width, width, rng=rng)
        modules += [Residual(Sequential(*pair), scale)] if shortcuts else pair
    modules += [activation(), Linear(width, outputs, rng=rng)]
    network = Sequential(*modules)
    if init is not None:
        for module in network.modules():
            if isinstance(module, Linear):
                init(module.weight)
                zeros_(module.bias)
    return network
