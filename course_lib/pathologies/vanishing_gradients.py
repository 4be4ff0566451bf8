"""What happens inside a deep network, layer by layer (slides 34, 35)."""

from collections import namedtuple

import numpy as np

from course_lib.core.tensor import Tensor

# What a module of a Sequential gives forward, and receives back:
Layer = namedtuple(
    "Layer",
    [
        "kind",  # its class
        "mean",  # of all its outputs
        "std",
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
        mean=o.mean(),
        std=o.std(),
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


# A standard normal number: its values, and how probable each is. As their number is
# even, 0, where a ReLU has its corner, is not among them.
NORMAL = np.linspace(-8, 8, 4000)
PROBABILITY = np.exp(-(NORMAL**2) / 2)
PROBABILITY /= PROBABILITY.sum()


def expected_factors(
    f, weight_variance, bias_variance=0.0, *, start=1.0, layers=50
):
    """What theory expects in each layer of a wide random network, as two arrays.

    In a layer of n units the sums u are nearly normal, of variance q. Then the squared
    length of a gradient grows by n Var(w) E[f′(u)²], and the next layer has
    q = n Var(w) E[f(u)²] + Var(b) (Schoenholz, Gilmer, Ganguli & Sohl-Dickstein 2017,
    arXiv:1611.01232). Returned are q, and the factor of the gradient's length from the
    next layer's sums to this one's; ``weight_variance`` is n Var(w), ``start`` the
    first q.

    >>> from course_lib.nn.dense import relu
    >>> variances, factors = expected_factors(relu, 2.0, layers=3)
    >>> print(variances.round(3), factors.round(3))  # He's weights keep both
    [1. 1. 1.] [1. 1. 1.]
    """
    q, variances, factors = start, [], []
    for _ in range(layers):
        o, (derivative,) = f.rule(np.sqrt(q) * NORMAL)
        slopes = derivative(np.ones_like(NORMAL))
        variances.append(q)
        factors.append(np.sqrt(weight_variance * (PROBABILITY @ slopes**2)))
        q = weight_variance * (PROBABILITY @ o**2) + bias_variance
    return np.array(variances), np.array(factors)
