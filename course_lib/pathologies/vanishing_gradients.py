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


def lengths(f, slope, size, depth, n, seed):
    """The length of a gradient in each layer of a random network, first to last.

    ``slope`` is f′, and ``size`` is n Var(w) for the n units of a layer. Sums of the
    first layer and the gradient of the last one are random.

    >>> found = lengths(np.tanh, lambda u: 1 - np.tanh(u) ** 2, 0.01, 5, 100, 0)
    >>> print(f"{(found[0] / found[-1]) ** (1 / 4):.1f} per layer")
    0.1 per layer
    """
    rng = np.random.default_rng(seed)
    u, W, g = [rng.normal(size=n)], [], [rng.normal(size=n)]
    for _ in range(depth - 1):  # forward
        W.append(rng.normal(size=(n, n)) * (size / n) ** 0.5)
        u.append(W[-1] @ f(u[-1]))
    for k in reversed(range(depth - 1)):  # backward
        g.append(slope(u[k]) * (g[-1] @ W[k]))
    return np.array([np.linalg.norm(v) for v in reversed(g)])
