"""What happens inside a deep network, layer by layer (slides 34, 35)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from course_lib.core.module import Module, Sequential
from course_lib.core.tensor import Tensor
from course_lib.nn.dense import Linear, logistic


class Layer(NamedTuple):
    """What one module of a Sequential gives forward, and receives back."""

    # The module's class.
    kind: str
    # Of all numbers of its output.
    mean: float
    std: float
    # How far apart examples are: the standard deviation over them, root mean square.
    signal: float
    # Length of ∂L/∂output, and of ∂L/∂(its parameters); NaN if it has none.
    gradient: float
    weight_gradient: float
    # Share of its units that give 0 for every example.
    dead: float


def by_layer(
    model: Sequential, loss: Callable, x: np.ndarray, y: np.ndarray
) -> list[Layer]:
    """Statistics of every module of a Sequential, on one batch.

    To learn ∂L/∂(a hidden value), a tensor of zeros is added to that value: it changes
    nothing, and as a leaf it keeps its gradient, which is that of the sum.

    Parameters
    ----------
    model : Sequential
        Its parameters and their gradients stay as they were.
    loss : callable
        ``loss(model(x), y)`` is one number.
    x, y : ndarray
        A batch of examples and answers.

    Returns
    -------
    list of Layer
        One for each module, in order.

    Examples
    --------
    >>> from course_lib.nn.losses import mse_loss
    >>> model, x = Sequential(Linear(2, 2)), np.ones((1, 2))
    >>> [layer] = by_layer(model, mse_loss, x, model(x).data - 1)
    >>> print(f"d mean((o - y)²) / do = (1, 1), of length {layer.gradient:.4f}")
    d mean((o - y)²) / do = (1, 1), of length 1.4142
    """
    before = [(p, p.grad) for p in model.parameters()]
    model.zero_grad()
    value, outputs, probes = Tensor(x), [], []
    for module in model:
        output = module(value)
        probe = Tensor(np.zeros_like(output.data), requires_grad=True)
        value = output + probe
        outputs.append(output.data)
        probes.append(probe)
    loss(value, y).backward()
    layers = [
        _layer(module, output, probe.grad)
        for module, output, probe in zip(model, outputs, probes, strict=True)
    ]
    for parameter, gradient in before:
        parameter.grad = gradient
    return layers


def _layer(module: Module, o: np.ndarray, g: np.ndarray) -> Layer:
    """Statistics of a module with this output and this ∂L/∂output."""
    return Layer(
        kind=type(module).__name__,
        mean=float(o.mean()),
        std=float(o.std()),
        signal=float(np.sqrt(o.var(axis=0).mean())),
        gradient=float(np.linalg.norm(g)),
        weight_gradient=_length([p.grad for p in module.parameters()]),
        dead=float((o == 0).all(axis=0).mean()),
    )


def _length(gradients: list[np.ndarray]) -> float:
    """The common length of several arrays; NaN if there are none."""
    if not gradients:
        return np.nan
    return float(np.sqrt(sum((g**2).sum() for g in gradients)))


def factor_per_layer(lengths: np.ndarray) -> float:
    """By what a gradient's length is multiplied from a layer to the one before it.

    Parameters
    ----------
    lengths : array_like, shape (layers,)
        Lengths of the gradients, from the first layer to the last; at least two.

    Returns
    -------
    float
        The base of the power that fits best: the slope of the straight line through
        the logarithms.

    Raises
    ------
    ValueError
        If there are fewer than two lengths, or one is not above 0.

    Examples
    --------
    >>> print(f"{factor_per_layer([0.125, 0.25, 0.5, 1.0]):.3f}")
    0.500
    """
    lengths = np.asarray(lengths, dtype=float)
    if len(lengths) < 2 or not (lengths > 0).all():
        raise ValueError(
            "factor_per_layer: two or more lengths above 0 wanted, got "
            f"{lengths}; a length of 0 has no logarithm"
        )
    slope = np.polyfit(np.arange(len(lengths)), np.log(lengths), 1)[0]
    return float(np.exp(-slope))


# A standard normal number: its values, and how probable each is. As their number is
# even, 0, where a ReLU has its corner, is not among them.
_VALUES = np.linspace(-8, 8, 4000)
_SHARES = np.exp(-(_VALUES**2) / 2)
_SHARES /= _SHARES.sum()


def expected_factors(
    f: Callable,
    weight_variance: float,
    bias_variance: float = 0.0,
    *,
    start: float = 1.0,
    layers: int = 50,
) -> tuple[np.ndarray, np.ndarray]:
    """What theory expects in each layer of a wide random network.

    In a layer of n units the sums u are nearly normal, of variance q. Then the squared
    length of a gradient grows by n Var(w) E[f′(u)²], and the next layer has
    q = n Var(w) E[f(u)²] + Var(b) (Schoenholz, Gilmer, Ganguli & Sohl-Dickstein 2017,
    arXiv:1611.01232).

    Parameters
    ----------
    f : callable
        An activation: a rule, or the function lifted from it.
    weight_variance : float
        n Var(w), with n the number of inputs of a unit.
    bias_variance : float, default 0
    start : float, default 1
        q of the first layer.
    layers : int, default 50

    Returns
    -------
    variances, factors : ndarray, shape (layers,)
        q, and the factor of a gradient's length from the sums u of the layer after to
        those of this one.

    Examples
    --------
    >>> from course_lib.nn.dense import relu
    >>> variances, factors = expected_factors(relu, 2.0, layers=3)
    >>> print(variances.round(3), factors.round(3))  # He's weights keep both
    [1. 1. 1.] [1. 1. 1.]
    """
    rule, q = getattr(f, "rule", f), start
    variances, factors = np.empty(layers), np.empty(layers)
    for k in range(layers):
        u = np.sqrt(q) * _VALUES
        o, (way_back,) = rule(u)
        slopes = way_back(np.ones_like(u))
        variances[k] = q
        factors[k] = np.sqrt(weight_variance * (_SHARES @ slopes**2))
        q = weight_variance * (_SHARES @ o**2) + bias_variance
    return variances, factors


def largest_factor(model: Module, largest_slope: float) -> float:
    """The mean bound on a gradient's factor: |f′| times the largest stretch of W.

    Parameters
    ----------
    model : Module
        The layers counted are its square ones, those between hidden layers.
    largest_slope : float
        Of the activation: 1/4 for the sigmoid, 1 for tanh and ReLU.

    Returns
    -------
    float
        The geometric mean over the layers.

    Raises
    ------
    ValueError
        If the model has no square layer.

    Examples
    --------
    >>> layer = Linear(2, 2)
    >>> layer.weight.data = np.array([[3.0, 0.0], [0.0, 1.0]])
    >>> print(f"{largest_factor(layer, largest_slope=0.25):.2f}")
    0.75
    """
    stretches = [
        np.linalg.norm(module.weight.data, 2)
        for module in model.modules()
        if isinstance(module, Linear)
        and module.in_features == module.out_features
    ]
    if not stretches:
        raise ValueError(
            "largest_factor: the model has no square Linear, so no layer "
            "between hidden layers of equal size"
        )
    return float(largest_slope * np.exp(np.mean(np.log(stretches))))


def saturated(u: np.ndarray, below: float = 0.01) -> float:
    """The share of sums u at which the sigmoid's slope is less than ``below``.

    Examples
    --------
    >>> saturated(np.array([0.0, -4.5, 4.6, 100.0]))
    0.5
    """
    o = logistic(np.asarray(u, dtype=float))
    return float(np.mean(o * (1 - o) < below))
