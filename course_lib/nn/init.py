"""Initialisation: how large the first random weights are (slide 34).

Names, arguments and defaults are PyTorch's, with ``rng`` in place of ``generator``. A
name ends in ``_`` because the tensor is changed: it gets a new array, and is returned.
"""

import math

import numpy as np

from course_lib.core.seed import generator
from course_lib.core.tensor import Tensor


def _fill(tensor, values):
    if not isinstance(tensor, Tensor) or tensor.dtype.kind != "f":
        kind = getattr(tensor, "dtype", "no dtype")
        came = f"{type(tensor).__name__} of {kind}"
        raise TypeError(f"init: expected a Tensor of floats, got {came}")
    tensor.data = np.asarray(values, dtype=tensor.dtype)
    return tensor


def uniform_(tensor, a=0.0, b=1.0, *, rng=None):
    """Draw every number uniformly from a to b; their variance is (b − a)² / 12."""
    return _fill(tensor, generator(rng).uniform(a, b, tensor.shape))


def normal_(tensor, mean=0.0, std=1.0, *, rng=None):
    """Draw every number from the normal distribution with this mean and spread."""
    return _fill(tensor, generator(rng).normal(mean, std, tensor.shape))


def constant_(tensor, val):
    """Set every number to ``val``."""
    return _fill(tensor, np.full(tensor.shape, val))


def zeros_(tensor):
    """Set every number to 0: right for biases, wrong for weights.

    Units with the same weights get the same gradients, and stay the same forever.
    """
    return constant_(tensor, 0.0)


def ones_(tensor):
    """Set every number to 1."""
    return constant_(tensor, 1.0)


def calculate_gain(nonlinearity, param=None):
    """How much larger weights must be because of the activation that follows.

    Parameters
    ----------
    nonlinearity : {"linear", "sigmoid", "tanh", "relu", "leaky_relu"}
        For ReLUs the gain keeps the mean square of a signal. The gains of "tanh", 5/3,
        and "sigmoid", 1, are PyTorch's rules of thumb.
    param : float, optional
        The slope of a Leaky ReLU for negative inputs; 0.01 by default.

    Examples
    --------
    >>> print(f"{calculate_gain('relu') ** 2:.4f}")
    2.0000
    """
    slope = 0.01 if param is None else param
    gains = _Choices(
        linear=1.0,
        sigmoid=1.0,
        tanh=5 / 3,
        relu=math.sqrt(2),
        leaky_relu=math.sqrt(2 / (1 + slope**2)),
    )
    return gains[nonlinearity]


class _Choices(dict):
    def __missing__(self, name):
        raise ValueError(
            f"init: expected one of {', '.join(map(repr, self))}, got {name!r}"
        )


def _fans(tensor):
    """How many inputs each unit has, and how many units each input goes to.

    A weight has shape (units, inputs); further axes are the places of a kernel.
    """
    if tensor.ndim < 2:
        raise ValueError(
            "init: expected a weight of shape (units, inputs), got shape "
            f"{tensor.shape}; for a bias use zeros_ or uniform_"
        )
    units, inputs, *places = tensor.shape
    n = math.prod(places)
    return _Choices(fan_in=inputs * n, fan_out=units * n)


def xavier_uniform_(tensor, gain=1.0, *, rng=None):
    """`xavier_normal_`, but uniform: up to ±√3 times its standard deviation."""
    inputs, units = _fans(tensor).values()
    bound = gain * math.sqrt(6 / (inputs + units))
    return uniform_(tensor, -bound, bound, rng=rng)


def xavier_normal_(tensor, gain=1.0, *, rng=None):
    """Weights of variance gain² · 2 / (inputs + units).

    A compromise between 1/inputs, which preserves the signal in the forward pass, and
    1/units, which preserves the gradient in the backward pass (Glorot & Bengio 2010).

    Parameters
    ----------
    tensor : Tensor, shape (units, inputs)
    gain : float, default 1
        See `calculate_gain`.
    rng : numpy Generator, optional

    Examples
    --------
    >>> from course_lib import Tensor
    >>> w = xavier_normal_(Tensor(np.zeros((200, 100))))
    >>> print(f"{w.data.std():.2f} is about √(2/300) = 0.08")
    0.08 is about √(2/300) = 0.08
    """
    inputs, units = _fans(tensor).values()
    std = gain * math.sqrt(2 / (inputs + units))
    return normal_(tensor, 0.0, std, rng=rng)


def kaiming_uniform_(
    tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", *, rng=None
):
    """`kaiming_normal_`, but uniform: up to ±√3 times its standard deviation."""
    n = _fans(tensor)[mode]
    bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / n)
    return uniform_(tensor, -bound, bound, rng=rng)


def kaiming_normal_(
    tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", *, rng=None
):
    """Weights of variance gain² / inputs: for ReLUs 2 / inputs.

    The 2 makes up for the half that a ReLU cuts off (He, Zhang, Ren & Sun 2015,
    arXiv:1502.01852).

    Parameters
    ----------
    tensor : Tensor, shape (units, inputs)
    a : float, default 0
        The slope of a Leaky ReLU for negative inputs; with 0 it is a ReLU.
    mode : {"fan_in", "fan_out"}
        Preserve the signal in the forward pass (divide by the inputs), or the gradient
        in the backward pass (divide by the units).
    nonlinearity : str
        See `calculate_gain`.
    rng : numpy Generator, optional

    Examples
    --------
    >>> from course_lib import Tensor
    >>> w = kaiming_normal_(Tensor(np.zeros((100, 200))))
    >>> print(f"{w.data.std():.1f} is √(2/200) = 0.1")
    0.1 is √(2/200) = 0.1
    """
    n = _fans(tensor)[mode]
    std = calculate_gain(nonlinearity, a) / math.sqrt(n)  # ReLU: √(2/n)
    return normal_(tensor, 0.0, std, rng=rng)
