"""Gradient clipping: a gradient that is too long is shortened (slide 34).

Names are PyTorch's, which ends a name in ``_`` where something is changed: here the
``grad`` of each parameter is replaced. The door is ``nn.utils``.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from course_lib.core.module import Parameter


def _gradients(parameters: Iterable[Parameter] | Parameter) -> list:
    """The parameters that have a gradient."""
    if isinstance(parameters, Parameter):
        parameters = [parameters]
    return [p for p in parameters if p.grad is not None]


def clip_grad_norm_(
    parameters: Iterable[Parameter] | Parameter, max_norm: float
) -> float:
    """Shorten all gradients by one factor, to a common norm of at most max_norm.

    The direction of the whole gradient stays (Pascanu, Mikolov & Bengio 2013).

    Parameters
    ----------
    parameters : iterable of Parameter
        Those without a gradient are passed over.
    max_norm : float
        The longest that the gradient of all parameters together may be.

    Returns
    -------
    float
        The norm before.

    Raises
    ------
    FloatingPointError
        If a gradient is infinite or not a number.

    Examples
    --------
    >>> w = Parameter([0.0, 0.0])
    >>> w.grad = np.array([30.0, 40.0])
    >>> clip_grad_norm_([w], max_norm=1.0)
    50.0
    >>> w.grad.round(4)
    array([0.6, 0.8])
    """
    with_gradient = _gradients(parameters)
    norm = float(np.sqrt(sum((p.grad**2).sum() for p in with_gradient)))
    if not np.isfinite(norm):
        raise FloatingPointError(
            f"clip_grad_norm_: the gradient's norm is {norm}; "
            "no factor helps, look for what made it so"
        )
    factor = max_norm / (norm + 1e-6)
    if factor < 1:
        for p in with_gradient:
            p.grad = p.grad * factor
    return norm


def clip_grad_value_(
    parameters: Iterable[Parameter] | Parameter, clip_value: float
) -> None:
    """Cut every number of every gradient to ±clip_value; the direction may change.

    Examples
    --------
    >>> w = Parameter([0.0, 0.0])
    >>> w.grad = np.array([30.0, -0.5])
    >>> clip_grad_value_([w], 1.0)
    >>> w.grad
    array([ 1. , -0.5])
    """
    for p in _gradients(parameters):
        p.grad = np.clip(p.grad, -clip_value, clip_value)
