"""Initialisation: how large the first random weights are (slide 34).

Names, arguments and defaults are PyTorch's, with ``rng`` in place of ``generator``. A
name ends in ``_`` because the tensor is changed: it gets a new array, and is returned.
The door is ``nn.init``.
"""

from __future__ import annotations

import math

import numpy as np

from course_lib.core.seed import generator
from course_lib.core.tensor import Tensor

Rng = np.random.Generator | None


def _fill(tensor: Tensor, values: np.ndarray) -> Tensor:
    tensor.data = np.asarray(values, dtype=tensor.dtype)
    return tensor


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, *, rng: Rng = None
) -> Tensor:
    """Draw every number evenly from a to b; their variance is (b − a)² / 12."""
    return _fill(tensor, generator(rng).uniform(a, b, tensor.shape))


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, *, rng: Rng = None
) -> Tensor:
    """Draw every number from the normal distribution of this mean and spread."""
    return _fill(tensor, generator(rng).normal(mean, std, tensor.shape))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Set every number to ``val``."""
    return _fill(tensor, np.full(tensor.shape, val))


def zeros_(tensor: Tensor) -> Tensor:
    """Set every number to 0: right for biases, wrong for weights.

    Units with the same weights get the same gradients, and stay the same for ever.
    """
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Set every number to 1."""
    return constant_(tensor, 1.0)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """How much larger weights must be because of the activation behind them.

    Parameters
    ----------
    nonlinearity : {"linear", "sigmoid", "tanh", "relu", "leaky_relu"}
        For ReLUs the gain keeps the mean square of a signal. Those of "tanh", 5/3,
        and "sigmoid", 1, are PyTorch's rules of thumb.
    param : float, optional
        The slope of a Leaky ReLU for negative inputs; 0.01 if left out.

    Raises
    ------
    ValueError
        If the name is unknown.

    Examples
    --------
    >>> print(f"{calculate_gain('relu') ** 2:.4f}")
    2.0000
    """
    slope = 0.01 if param is None else param
    gains = {
        "linear": 1.0,
        "sigmoid": 1.0,
        "tanh": 5 / 3,
        "relu": math.sqrt(2),
        "leaky_relu": math.sqrt(2 / (1 + slope**2)),
    }
    if nonlinearity not in gains:
        raise ValueError(
            f"calculate_gain: one of {sorted(gains)} wanted, "
            f"got {nonlinearity!r}"
        )
    return gains[nonlinearity]


def _fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs a unit has, and how many units an input goes to.

    A weight has shape (out, in); what further axes it has are places of a kernel.
    """
    if tensor.ndim < 2:
        raise ValueError(
            f"a weight of shape (out, in) wanted, got shape {tensor.shape}; "
            "for a bias take zeros_ or uniform_"
        )
    places = math.prod(tensor.shape[2:])
    return tensor.shape[1] * places, tensor.shape[0] * places


def _xavier_std(tensor: Tensor, gain: float) -> float:
    return gain * math.sqrt(2 / sum(_fans(tensor)))


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, *, rng: Rng = None
) -> Tensor:
    """`xavier_normal_`, drawn evenly: from ±√3 times its spread."""
    bound = math.sqrt(3) * _xavier_std(tensor, gain)
    return uniform_(tensor, -bound, bound, rng=rng)


def xavier_normal_(
    tensor: Tensor, gain: float = 1.0, *, rng: Rng = None
) -> Tensor:
    """Weights of variance gain² · 2 / (inputs + units).

    A compromise between 1/inputs, which keeps the signal on its way forward, and
    1/units, which keeps the gradient on its way back (Glorot & Bengio 2010).

    Parameters
    ----------
    tensor : Tensor, shape (units, inputs)
    gain : float, default 1
        See `calculate_gain`.
    rng : numpy Generator, optional

    Returns
    -------
    Tensor
        The same, with new values.

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes.

    Examples
    --------
    >>> w = xavier_normal_(Tensor(np.zeros((200, 100))))
    >>> print(f"{w.data.std():.2f} is about √(2/300) = 0.08")
    0.08 is about √(2/300) = 0.08
    """
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), rng=rng)


def _kaiming_std(
    tensor: Tensor, a: float, mode: str, nonlinearity: str
) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode: "fan_in" or "fan_out" wanted, got {mode!r}')
    fan = _fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Rng = None,
) -> Tensor:
    """`kaiming_normal_`, drawn evenly: from ±√3 times its spread."""
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, rng=rng)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Rng = None,
) -> Tensor:
    """Weights of variance gain² / inputs: for ReLUs 2 / inputs.

    The gain's 2 makes up for the half that a ReLU cuts off (He, Zhang, Ren & Sun
    2015, arXiv:1502.01852).

    Parameters
    ----------
    tensor : Tensor, shape (units, inputs)
    a : float, default 0
        The slope of a Leaky ReLU for negative inputs; with 0 it is a ReLU.
    mode : {"fan_in", "fan_out"}
        Keep the signal on its way forward (divide by the inputs), or the gradient on
        its way back (divide by the units).
    nonlinearity : str
        See `calculate_gain`.
    rng : numpy Generator, optional

    Returns
    -------
    Tensor
        The same, with new values.

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, or a name is unknown.

    Examples
    --------
    >>> w = kaiming_normal_(Tensor(np.zeros((100, 200))))
    >>> print(f"{w.data.std():.1f} is √(2/200) = 0.1")
    0.1 is √(2/200) = 0.1
    """
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    return normal_(tensor, 0.0, std, rng=rng)


def orthogonal_(
    tensor: Tensor, gain: float = 1, *, rng: Rng = None
) -> Tensor:
    """A random matrix that keeps lengths: all its singular values are ``gain``.

    Rows are perpendicular, or columns where there are fewer of them (Saxe, McClelland
    & Ganguli 2014, arXiv:1312.6120).

    Examples
    --------
    >>> W = orthogonal_(Tensor(np.zeros((3, 3)))).data
    >>> bool(np.allclose(W @ W.T, np.eye(3)))
    True
    """
    inputs, _ = _fans(tensor)
    shape = (tensor.shape[0], inputs)
    tall = generator(rng).normal(size=(max(shape), min(shape)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))  # so that no direction is preferred
    q = q if q.shape == shape else q.T
    return _fill(tensor, gain * q.reshape(tensor.shape))
