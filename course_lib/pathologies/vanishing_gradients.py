"""What happens inside a deep network, layer by layer."""

from collections import namedtuple

import numpy as np

from course_lib.core.tensor import Tensor

# What a module of a Sequential gives forward, and receives back:
Layer = namedtuple(
    "Layer",
    [
        "kind",  # its class
        "signal",  # how far apart examples are: their standard deviation, RMS
        "gradient",  # length of ∂L/∂output
        "weight_gradient",  # of ∂L/∂(its parameters); NaN if it has none
        "dead",  # share of its units that give 0 for every example
    ],
)


def by_layer(model, loss, x, y):
    """The `Layer` of every module of a Sequential, in order, on one batch.

    To learn ∂L/∂(a hidden value), a tensor of zeros is added to that value: it changes
    nothing, and as a leaf it keeps its gradient, which is that of the sum.

    >>> from course_lib.nn import Linear, Sequential
    >>> from course_lib.nn.losses import mse_loss
    >>> model, x = Sequential(Linear(2, 2)), np.ones((1, 2))
    >>> [layer] = by_layer(model, mse_loss, x, model(x).data - 1)
    >>> print(f"d mean((o - y)²) / do = (1, 1), of length {layer.gradient:.4f}")
    d mean((o - y)²) / do = (1, 1), of length 1.4142
    """
    value, outputs, probes = Tensor(x), [], []
    for module in model:
        output = module(value)
        probe = Tensor(np.zeros_like(output.data), requires_grad=True)
        value = output + probe
        outputs.append(output.data)
        probes.append(probe)
    model.zero_grad()
    loss(value, y).backward()
    return [
        _layer(module, output, probe.grad)
        for module, output, probe in zip(model, outputs, probes)
    ]


def _layer(module, o, g):
    """What is measured of a module with this output and this ∂L/∂output."""
    squares = [(p.grad**2).sum() for p in module.parameters()]
    return Layer(
        kind=type(module).__name__,
        signal=np.sqrt(o.var(axis=0).mean()),
        gradient=np.linalg.norm(g),
        weight_gradient=np.sqrt(sum(squares)) if squares else np.nan,
        dead=(o == 0).all(axis=0).mean(),
    )


def factor_per_layer(lengths):
    """By what a gradient's length is multiplied from a layer to the one before it.

    The base of the power that fits best: exp(−s), with s the slope of the straight line
    through the logarithms. ``lengths`` go from the first layer to the last.

    >>> print(f"{factor_per_layer([0.125, 0.25, 0.5, 1.0]):.3f}")
    0.500
    """
    assert len(lengths) > 1 and min(lengths) > 0, (
        "two or more positive numbers"
    )
    slope = np.polyfit(np.arange(len(lengths)), np.log(lengths), 1)[0]
    return np.exp(-slope)
