"""The deck's network walked back with matrices, as on slides 26 and 27.

Numerator layout: ∂a/∂b has a row for each number of a, a column for each of b.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from course_lib.backprop.by_hand import Saved, loss_slope, sigmoid_slope


def jacobians(
    saved: Saved, y: float, W0: np.ndarray, W1: np.ndarray
) -> list[np.ndarray]:
    """One Jacobian for each step, from the loss to the inputs (slide 27).

    Returns
    -------
    list of five arrays
        ∂L/∂o, ∂o/∂u¹, ∂u¹/∂o⁰, ∂o⁰/∂u⁰ and ∂u⁰/∂x, of shapes (1, 1), (1, 1),
        (1, 2), (2, 2) and (2, 3).
    """
    return [
        np.array([[loss_slope(saved, y)]]),
        np.diag(sigmoid_slope(saved.o)),  # (f¹)′(u¹)
        W1,
        np.diag(sigmoid_slope(saved.o0)),  # (f⁰)′(u⁰)
        W0,
    ]


def slide_27(saved: Saved, y: float, W0: np.ndarray, W1: np.ndarray) -> tuple:
    """∂L/∂x, ∂L/∂W⁰ and ∂L/∂W¹ by the formulas of slide 27, in numerator layout.

    Returns
    -------
    dx : ndarray, shape (1, 3)
        A row.
    dW0, dW1 : ndarray, shapes (3, 2) and (2, 1)
        Transposed: entry [i, j] belongs to the weight to unit j from unit i.
    """
    to_o, f1, W1, f0, W0 = jacobians(saved, y, W0, W1)
    x, o0 = saved.x[:, None], saved.o0[:, None]  # columns
    to_u1 = to_o @ f1  # ∂L/∂u¹, a row of shape (1, 1)
    to_u0 = to_u1 @ W1 @ f0  # ∂L/∂u⁰, a row of shape (1, 2)
    return to_u0 @ W0, x @ to_u0, o0 @ to_u1


def product_cost(sizes: Sequence[int], *, from_left: bool) -> int:
    """Products of two numbers that a product of several matrices takes.

    Parameters
    ----------
    sizes : sequence of int
        The matrices have the shapes (sizes[0], sizes[1]), (sizes[1], sizes[2]) ….
    from_left : bool
        Whether the first two matrices are multiplied first, or the last two.

    Raises
    ------
    ValueError
        If there are not two sizes at least.

    Examples
    --------
    >>> product_cost([1, 2, 2, 3], from_left=True)  # 1·2·2 + 1·2·3
    10
    >>> product_cost([1, 2, 2, 3], from_left=False)  # 2·2·3 + 1·2·3
    18
    """
    if len(sizes) < 2:
        raise ValueError(
            f"product_cost: {len(sizes)} sizes; a matrix has two, give more"
        )
    if from_left:
        return sum(sizes[0] * a * b for a, b in pairwise(sizes[1:]))
    return sum(a * b * sizes[-1] for a, b in pairwise(sizes[:-1]))
