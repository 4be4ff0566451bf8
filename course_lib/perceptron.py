"""Perceptrons, without a tape (slides 4 to 10)."""

from __future__ import annotations

import numpy as np


def step(u: np.ndarray | float) -> np.ndarray:
    """The unit step of slide 6: 1 where u ≥ 0, else 0.

    Examples
    --------
    >>> step(np.array([-2.0, 0.0, 3.0]))
    array([0., 1., 1.])
    """
    return np.where(np.asarray(u) >= 0, 1.0, 0.0)
