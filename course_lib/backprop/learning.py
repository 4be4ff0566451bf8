"""Learning as a search (slides 14 to 16)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from course_lib.backprop.gradient_descent import _check_values


def grid_search(
    f: Callable, candidates: Sequence
) -> tuple[np.ndarray, np.ndarray]:
    """The best of all candidates, found by trying each of them.

    Parameters
    ----------
    f : callable
        Takes one candidate, returns one number.
    candidates : array_like, shape (n, ...)

    Returns
    -------
    best : one of the candidates
        Where f is smallest; the first of them, if there are several.
    values : ndarray, shape (n,)
        f at every candidate.

    Raises
    ------
    ValueError
        If there are no candidates, or f is not a number at one of them.

    Examples
    --------
    >>> best, values = grid_search(lambda x: (x - 2) ** 2, [0.0, 1.5, 3.0])
    >>> print(best, values)
    1.5 [4.   0.25 1.  ]
    """
    values = np.array([float(f(c)) for c in candidates])
    _check_values(values)
    return candidates[values.argmin()], values
