"""One epoch, cut into batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course_lib.core.seed import generator


def batches(
    x: np.ndarray,
    y: np.ndarray,
    batch_size: int,
    rng: np.random.Generator | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One epoch: all examples once, in a new random order, in batches (slide 29).

    Parameters
    ----------
    x : ndarray, shape (N, ...)
    y : ndarray, shape (N, ...)
        An answer for each example.
    batch_size : int
        Examples in a batch. The last batch holds what is left, so it may be smaller.
    rng : numpy Generator, optional
        Draws the order; the default generator if left out.

    Returns
    -------
    iterator of (x of the batch, y of the batch)

    Raises
    ------
    ValueError
        If there are no examples, x and y differ in length, or batch_size < 1.

    Examples
    --------
    >>> [len(y) for _, y in batches(np.zeros((5, 2)), np.zeros(5), batch_size=2)]
    [2, 2, 1]
    """
    _check(x, y, batch_size)
    order = generator(rng).permutation(len(x))
    return (
        (x[chosen], y[chosen])
        for chosen in np.split(order, range(batch_size, len(x), batch_size))
    )


def _check(x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
    if len(x) == 0 or len(x) != len(y):
        raise ValueError(
            "batches: expected one answer for each example and at least one example, "
            f"got {len(x)} examples and {len(y)} answers"
        )
    if batch_size < 1:
        raise ValueError(
            f"batches: expected a batch_size of at least 1, got {batch_size}"
        )
