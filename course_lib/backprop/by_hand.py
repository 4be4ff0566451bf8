"""Backpropagation by hand in the deck's two-layer network (slides 7 to 9, 22 to 27).

Inputs x₀ = 1, x₁, x₂; two hidden units; one output; sigmoid units; L = (o − y)².
``W0[j, i]`` is the slide's w⁰ⱼᵢ, ``W1[0, j]`` its w¹₀ⱼ. All examples use

>>> x, y = np.array([1.0, 2.0, -1.0]), 1.0
>>> W0 = np.array([[0.0, 0.5, 1.0], [-0.5, 1.0, 0.5]])
>>> W1 = np.array([[2.0, -1.0]])
>>> saved = forward(x, y, W0, W1)
>>> print(f"{saved.L:.4f}")
0.1876
>>> print(f"{slide_25(saved, y, W0, W1):.4f}")
-0.0114
>>> dW0, dW1 = slide_weights(saved, y, W1)
>>> print(dW1.round(4))
[[-0.1064 -0.1555]]
>>> print(chain(x, np.array([y]), W0, W1)[3].round(4))
[[-0.1064 -0.1555]]
"""

from collections import namedtuple

import numpy as np

from course_lib.nn.dense import linear, logistic, sigmoid
from course_lib.nn.losses import cross_entropy, mse_loss

Saved = namedtuple("Saved", "x u0 o0 u1 o L")  # all of a forward pass


def forward(x, y, W0, W1, f=logistic):
    """From the inputs to the loss, keeping every value (slides 22 and 25)."""
    u0 = W0 @ x  # shape (2,)
    o0 = f(u0)
    u1 = W1 @ o0  # shape (1,)
    o = f(u1)
    L = (o[0] - y) ** 2
    return Saved(x, u0, o0, u1, o, float(L))


def loss_derivative(saved, y):
    """∂L/∂o of L = (o − y)² (slide 23)."""
    return 2 * (saved.o[0] - y)


def sigmoid_derivative(o):
    """f′(u) of the sigmoid, from its saved output: σ′(u) = o (1 − o).

    >>> sigmoid_derivative(0.5)
    0.25
    """
    return o * (1 - o)


def slide_25(saved, y, W0, W1):
    """∂L/∂x₁ by the formula at the end of slide 25."""
    df0, df1 = sigmoid_derivative(saved.o0), sigmoid_derivative(saved.o)
    return (
        loss_derivative(saved, y)
        * df1[0]
        * (W1[0, 0] * df0[0] * W0[0, 1] + W1[0, 1] * df0[1] * W0[1, 1])
    )


def slide_weights(saved, y, W1):
    """∂L/∂w for all 6 + 2 weights, each along its own path (slides 22 to 25).

    ∂L/∂w⁰ⱼᵢ = ∂L/∂o · f¹′(u¹₀) · w¹₀ⱼ · f⁰′(u⁰ⱼ) · xᵢ and
    ∂L/∂w¹₀ⱼ = ∂L/∂o · f¹′(u¹₀) · o⁰ⱼ
    """
    df0, df1 = sigmoid_derivative(saved.o0), sigmoid_derivative(saved.o)
    du1 = loss_derivative(saved, y) * df1[0]
    dW0, dW1 = np.zeros((2, 3)), np.zeros((1, 2))
    for j in range(2):
        dW1[0, j] = du1 * saved.o0[j]
        for i in range(3):
            dW0[j, i] = du1 * W1[0, j] * df0[j] * saved.x[i]
    return dW0, dW1


def chain(x, y, W0, W1):
    """The mean loss, ∂L/∂x, ∂L/∂W⁰ and ∂L/∂W¹ by the library's rules: we are the tape.

    x is one example, shape (3,), or a batch, shape (N, 3); y has shape (1,) or (N, 1).
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


def classifier_chain(x, target, W0, b0, W1, b1):
    """L, ∂L/∂W⁰, ∂L/∂b⁰, ∂L/∂W¹, ∂L/∂b¹ of Linear, sigmoid, Linear, cross-entropy.

    x has shape (N, D); target holds N classes, 0 to K − 1.
    """
    u0, (_, back_to_W0, back_to_b0) = linear.rule(x, W0, b0)
    o0, (back_to_u0,) = sigmoid.rule(u0)
    u1, (back_to_o0, back_to_W1, back_to_b1) = linear.rule(o0, W1, b1)
    L, (back_to_u1, _) = cross_entropy.rule(u1, target)

    g1 = back_to_u1(1.0)  # ∂L/∂u1
    g0 = back_to_u0(back_to_o0(g1))  # ∂L/∂u0
    return L, back_to_W0(g0), back_to_b0(g0), back_to_W1(g1), back_to_b1(g1)
