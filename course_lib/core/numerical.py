"""Derivatives by finite differences: slow, simple, and a check on all others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def forward_difference(f: Callable, x: np.ndarray | float, h: float):
    """(f(x + h) − f(x)) / h, slide 19's limit stopped at a small h.

    The error is h·f″/2 from the chord, plus about 10⁻¹⁶·|f|/h from rounding.

    Examples
    --------
    >>> print(f"{forward_difference(lambda x: x**3, 2.0, h=0.5):g}")
    15.25
    """
    return (f(x + h) - f(x)) / h


def central_difference(f: Callable, x: np.ndarray | float, h: float = 1e-5):
    """(f(x + h) − f(x − h)) / 2h, the slope of a chord around x (slide 19).

    The error is h²·f‴/6 from the chord, plus about 10⁻¹⁶·|f|/h from rounding.

    Examples
    --------
    >>> print(f"{central_difference(lambda x: x**3, 2.0):.6f}")
    12.000000
    """
    return (f(x + h) - f(x - h)) / (2 * h)


def jacobian(f: Callable, x: np.ndarray, h: float = 1e-3) -> np.ndarray:
    """∂f/∂x in numerator layout: row j is the gradient of number j of f (slide 26).

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x, returns an array of any shape.
    x : array_like
        Where to take the derivatives, taken as float64. It is not changed.
    h : float
        Step. Two central differences, with h and 2h, are combined so that their
        errors in h² cancel; what is left is of order h⁴.

    Returns
    -------
    ndarray, shape of f(x) followed by shape of x
        For two vectors a matrix, ``J[j, i]`` = ∂fⱼ/∂xᵢ.

    Examples
    --------
    >>> W = np.array([[0.0, 0.5, 1.0], [-0.5, 1.0, 0.5]])
    >>> jacobian(lambda x: W @ x, np.ones(3)).round(9) + 0  # no −0
    array([[ 0. ,  0.5,  1. ],
           [-0.5,  1. ,  0.5]])
    """
    x = np.asarray(x, dtype=float)  # whole numbers would lose a small step
    J = np.zeros(np.shape(f(x)) + x.shape)
    for i in np.ndindex(x.shape):  # one column for each number in x
        step = np.zeros(x.shape)
        step[i] = h
        near = (f(x + step) - f(x - step)) / (2 * h)
        far = (f(x + 2 * step) - f(x - 2 * step)) / (4 * h)
        J[..., *i] = (4 * near - far) / 3
    return J


def partial_derivatives(
    f: Callable, w: np.ndarray, h: float = 1e-3
) -> np.ndarray:
    """∂f/∂w for every number in w: the `jacobian` where f returns one number.

    Examples
    --------
    >>> partial_derivatives(lambda w: (w**2).sum(), np.array([1.0, 2.0])).round(9)
    array([2., 4.])
    """
    return jacobian(lambda w: float(f(w)), w, h)


def hessian(gradient: Callable, w: np.ndarray, h: float = 1e-4) -> np.ndarray:
    """All second derivatives, from central differences of the gradient.

    Parameters
    ----------
    gradient : callable
        The gradient of a function of P numbers: takes an array of shape (..., P) and
        returns one. Leading axes hold points side by side.
    w : array_like, shape (..., P)
        Where to take the derivatives. It is not changed.
    h : float
        Step; the error is of order h².

    Returns
    -------
    ndarray, shape (..., P, P)
        Symmetric: the mean of the matrix of differences and its transpose.

    Examples
    --------
    >>> bowl = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> hessian(lambda w: w @ bowl, np.ones(2)).round(6)
    array([[2., 1.],
           [1., 3.]])
    """
    w = np.asarray(w, dtype=float)
    columns = [
        (gradient(w + step) - gradient(w - step)) / (2 * h)
        for step in h * np.eye(w.shape[-1])
    ]
    H = np.stack(columns, axis=-1)
    return (H + H.swapaxes(-1, -2)) / 2


def largest_error(
    rule: Callable, arrays: tuple, g: np.ndarray, **settings
) -> float:
    """How far a rule's derivatives are from finite differences of its value.

    Parameters
    ----------
    rule : callable
        A rule (see `differentiable`), or the function lifted from it.
    arrays : tuple
        Its arguments; derivatives are compared for the float arrays among them
        that the rule has a derivative for.
    g : ndarray, shape of the rule's value
        Weights that make one number, L = Σ g · value, of the value.

    Returns
    -------
    float
        The largest |difference| over all numbers of all arguments.
    """
    rule = getattr(rule, "rule", rule)
    _, derivatives = rule(*arrays, **settings)
    errors = []
    for i, derivative in enumerate(derivatives[: len(arrays)]):
        if derivative is None or np.asarray(arrays[i]).dtype.kind != "f":
            continue

        def loss(a, i=i):
            value, _ = rule(*arrays[:i], a, *arrays[i + 1 :], **settings)
            return np.sum(g * value)

        by_differences = partial_derivatives(loss, np.asarray(arrays[i]))
        errors.append(np.abs(derivative(g) - by_differences).max(initial=0))
    return float(np.max(errors))  # NaN, should there be one
