"""The deck's two-layer network, walked back by hand (slides 7 to 9, 22 to 27).

Inputs x₀ = 1, x₁, x₂; two hidden units; one output; sigmoid units; L = (o − y)².
``W0[j, i]`` is the slide's w⁰ⱼᵢ, ``W1[0, j]`` its w¹₀ⱼ.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from course_lib.nn.dense import linear, logistic, sigmoid
from course_lib.nn.losses import cross_entropy, mse_loss


class Saved(NamedTuple):
    """All that the way forward computes, for the way back (slide 25)."""

    x: np.ndarray  # shape (3,), x[0] = 1
    u0: np.ndarray  # shape (2,)
    o0: np.ndarray  # shape (2,)
    u1: np.ndarray  # shape (1,)
    o: np.ndarray  # shape (1,)
    L: float


def forward(
    x: np.ndarray,
    y: float,
    W0: np.ndarray,
    W1: np.ndarray,
    f: Callable = logistic,
) -> Saved:
    """From the inputs to the loss, keeping every value (slide 22)."""
    u0 = W0 @ x
    o0 = f(u0)
    u1 = W1 @ o0
    o = f(u1)
    L = (o[0] - y) ** 2
    return Saved(x, u0, o0, u1, o, float(L))


def loss_slope(saved: Saved, y: float) -> float:
    """∂L/∂o of L = (o − y)² (slide 23)."""
    return 2 * (saved.o[0] - y)


def sigmoid_slope(o: np.ndarray) -> np.ndarray:
    """f′(u) of the sigmoid, from its saved output: σ′(u) = o (1 − o)."""
    return o * (1 - o)


def slide_25(saved: Saved, y: float, W0: np.ndarray, W1: np.ndarray) -> float:
    """∂L/∂x₁ by the formula at the end of slide 25."""
    slope0, slope1 = sigmoid_slope(saved.o0), sigmoid_slope(saved.o)
    return (
        loss_slope(saved, y)
        * slope1[0]
        * (W1[0, 0] * slope0[0] * W0[0, 1] + W1[0, 1] * slope0[1] * W0[1, 1])
    )


def slide_weights(saved: Saved, y: float, W1: np.ndarray) -> tuple:
    """∂L/∂w for all 6 + 2 weights, each by its own path (slides 22 to 25).

    Returns
    -------
    dW0 : ndarray, shape (2, 3)
        ∂L/∂w⁰ⱼᵢ = ∂L/∂o · f¹′(u¹₀) · w¹₀ⱼ · f⁰′(u⁰ⱼ) · xᵢ
    dW1 : ndarray, shape (1, 2)
        ∂L/∂w¹₀ⱼ = ∂L/∂o · f¹′(u¹₀) · o⁰ⱼ
    """
    slope0, slope1 = sigmoid_slope(saved.o0), sigmoid_slope(saved.o)
    to_u1 = loss_slope(saved, y) * slope1[0]
    dW0, dW1 = np.zeros((2, 3)), np.zeros((1, 2))
    for j in range(2):
        dW1[0, j] = to_u1 * saved.o0[j]
        for i in range(3):
            dW0[j, i] = to_u1 * W1[0, j] * slope0[j] * saved.x[i]
    return dW0, dW1


def chain(
    x: np.ndarray, y: np.ndarray, W0: np.ndarray, W1: np.ndarray
) -> tuple:
    """The same walk with the library's rules: we are the tape.

    Parameters
    ----------
    x : ndarray, shape (3,) or (N, 3)
        One example or a batch, each with x₀ = 1.
    y : ndarray, shape (1,) or (N, 1)
    W0, W1 : ndarray, shapes (2, 3) and (1, 2)

    Returns
    -------
    L, dx, dW0, dW1
        The mean loss and its derivatives, each of the shape of its argument.
    """
    u0, (back_to_x, back_to_W0, _) = linear.rule(x, W0)
    o0, (back_to_u0,) = sigmoid.rule(u0)
    u1, (back_to_o0, back_to_W1, _) = linear.rule(o0, W1)
    o, (back_to_u1,) = sigmoid.rule(u1)
    L, (back_to_o, _) = mse_loss.rule(o, y)

    g = back_to_o(1.0)  # ∂L/∂o
    g = back_to_u1(g)  # ∂L/∂u1
    dW1 = back_to_W1(g)
    g = back_to_o0(g)  # ∂L/∂o0
    g = back_to_u0(g)  # ∂L/∂u0
    dW0 = back_to_W0(g)
    return L, back_to_x(g), dW0, dW1


def classifier_chain(
    x: np.ndarray,
    target: np.ndarray,
    W0: np.ndarray,
    b0: np.ndarray,
    W1: np.ndarray,
    b1: np.ndarray,
) -> tuple:
    """The same walk for a classifier: Linear, sigmoid, Linear, cross-entropy.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    target : int array, shape (N,)
        Classes, 0 to K − 1.
    W0, b0, W1, b1 : ndarray, shapes (H, D), (H,), (K, H), (K,)

    Returns
    -------
    L, dW0, db0, dW1, db1
    """
    u0, (_, back_to_W0, back_to_b0) = linear.rule(x, W0, b0)
    o0, (back_to_u0,) = sigmoid.rule(u0)
    u1, (back_to_o0, back_to_W1, back_to_b1) = linear.rule(o0, W1, b1)
    L, (back_to_u1, _) = cross_entropy.rule(u1, target)

    g1 = back_to_u1(1.0)
    g0 = back_to_u0(back_to_o0(g1))
    return L, back_to_W0(g0), back_to_b0(g0), back_to_W1(g1), back_to_b1(g1)


def multiplications(sizes: tuple[int, ...]) -> dict[str, int]:
    """Products of two numbers in the matrix products of one example.

    Parameters
    ----------
    sizes : tuple of int
        Inputs, hidden units …, outputs, for instance (784, 128, 10); biases and
        activations, which cost little, are left out.

    Returns
    -------
    dict
        Of the way forward, of the way back (∂L/∂W of every layer, and ∂L/∂x of
        every layer but the first), and of finite differences: two ways forward
        for each weight.
    """
    layers = [D * K for D, K in pairwise(sizes)]
    forward = sum(layers)
    return {
        "forward": forward,
        "backward": 2 * forward - layers[0],
        "finite differences": 2 * forward * forward,
    }
