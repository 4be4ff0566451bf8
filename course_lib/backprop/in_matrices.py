"""Backpropagation through the deck's network with matrices (slides 26 and 27).

Numerator layout: ∂a/∂b has a row for each number of a, a column for each of b.
"""

import numpy as np

from course_lib.backprop.by_hand import loss_derivative, sigmoid_derivative


def jacobians(saved, y, W0, W1):
    """∂L/∂o, ∂o/∂u¹, ∂u¹/∂o⁰, ∂o⁰/∂u⁰ and ∂u⁰/∂x, from the loss to the inputs.

    Their shapes are (1, 1), (1, 1), (1, 2), (2, 2) and (2, 3) (slide 27).
    """
    return [
        np.array([[loss_derivative(saved, y)]]),
        np.diag(sigmoid_derivative(saved.o)),  # (f¹)′(u¹)
        W1,
        np.diag(sigmoid_derivative(saved.o0)),  # (f⁰)′(u⁰)
        W0,
    ]


def slide_27(saved, y, W0, W1):
    """∂L/∂x, ∂L/∂W⁰ and ∂L/∂W¹ by the formulas of slide 27, in numerator layout.

    The last two are transposed, of shapes (3, 2) and (2, 1): entry [i, j] belongs to
    the weight to unit j from unit i.

    >>> from course_lib.backprop.by_hand import forward
    >>> x, W0, W1 = np.array([1.0, 2.0, -1.0]), np.ones((2, 3)), np.ones((1, 2))
    >>> dx, dW0, dW1 = slide_27(forward(x, 1.0, W0, W1), 1.0, W0, W1)
    >>> dx.shape, dW0.shape, dW1.shape
    ((1, 3), (3, 2), (2, 1))
    """
    do, f1, W1, f0, W0 = jacobians(saved, y, W0, W1)
    x, o0 = saved.x[:, None], saved.o0[:, None]  # columns
    du1 = do @ f1  # ∂L/∂u¹, a row of shape (1, 1)
    du0 = du1 @ W1 @ f0  # ∂L/∂u⁰, a row of shape (1, 2)
    return du0 @ W0, x @ du0, o0 @ du1
