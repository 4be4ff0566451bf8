"""Gradient clipping: a gradient that is too long is shortened (slide 34).

PyTorch ends a name in ``_`` if something is changed: here each ``grad`` is replaced.
"""

import numpy as np

from course_lib.core.module import Module
from course_lib.core.tensor import Tensor


@np.errstate(over="ignore")  # an infinite norm is an error below
def clip_grad_norm_(parameters, max_norm):
    """Multiply all gradients by one factor, so that their norm is at most max_norm.

    The direction of the whole gradient stays (Pascanu, Mikolov & Bengio 2013).

    Parameters
    ----------
    parameters : iterable of Parameter, or one
        Those without a gradient are skipped.
    max_norm : float
        The largest norm of the gradient of all parameters together.

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
    >>> w = Tensor([0.0, 0.0], requires_grad=True)
    >>> w.grad = np.array([30.0, 40.0])
    >>> clip_grad_norm_([w], max_norm=1.0)
    50.0
    >>> w.grad.round(4)
    array([0.6, 0.8])
    """
    parameters = _with_gradient(parameters)
    norm = float(np.sqrt(sum((p.grad**2).sum() for p in parameters)))
    _check_norm(norm, max_norm)
    factor = min(1, max_norm / (norm + 1e-6))
    for p in parameters:
        p.grad = p.grad * factor
    return norm


def _with_gradient(parameters):
    alone = isinstance(parameters, Tensor | Module)
    parameters = [parameters] if alone else list(parameters)
    for p in parameters:
        if not isinstance(p, Tensor):
            raise TypeError(
                f"clip_grad_norm_: expected parameters, got a {type(p).__name__}; "
                "write model.parameters()"
            )
    return [p for p in parameters if p.grad is not None]


def _check_norm(norm, max_norm):
    if not max_norm >= 0:
        raise ValueError(
            f"clip_grad_norm_: expected max_norm ≥ 0, got {max_norm}"
        )
    if not np.isfinite(norm):
        raise FloatingPointError(
            f"clip_grad_norm_: the norm of the gradient is {norm}; look for "
            "a learning rate that is too large, a log of 0 or a division by 0"
        )
