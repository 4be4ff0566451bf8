"""A function of two variables as lines of equal height, for a `Scene`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import contourpy
import numpy as np
from numpy.typing import ArrayLike

BEND = 0.001  # of the width or height: less than a pixel
CELLS = 200  # of the grid, from left to right and from bottom to top


def level_lines(
    f: Callable[[np.ndarray], ArrayLike],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    levels: int | Sequence[float] = 12,
) -> list[np.ndarray]:
    """Return the lines along which a function has the same value.

    Parameters
    ----------
    f : callable
        From points of shape (..., 2) to values of shape (...).
    xlim, ylim : pair of float
        The part of the plane.
    levels : int or sequence of float
        The values, or how many: then most of them lie near the lowest value, and the
        lines are spread well over the plane.

    Returns
    -------
    list of arrays, shape (n, 2)
        The lines, without points that hardly bend them.

    Raises
    ------
    ValueError
        If f does not give one finite number for each point.

    Examples
    --------
    >>> lines = level_lines(lambda x: x[..., 0], (0, 1), (0, 1), [0.25, 0.5])
    >>> [line[:, 0].round(6).tolist() for line in lines]
    [[0.25, 0.25], [0.5, 0.5]]
    """
    x, y = (np.linspace(*lim, CELLS + 1) for lim in (xlim, ylim))
    z = np.asarray(f(np.stack(np.meshgrid(x, y), axis=-1)), dtype=float)
    if z.shape != (CELLS + 1, CELLS + 1) or not np.isfinite(z).all():
        raise ValueError(
            f"level_lines: f gave shape {z.shape} for a grid of points of shape "
            f"{(CELLS + 1, CELLS + 1)}; one finite number each is wanted"
        )
    if isinstance(levels, int):
        share = np.arange(1, levels + 1) / (levels + 1)
        levels = np.quantile(z, share**2)
    found = contourpy.contour_generator(x, y, z)
    size = np.array([np.ptp(xlim), np.ptp(ylim)])
    return [
        _thinned(line / size, BEND) * size
        for level in levels
        for line in found.lines(level)
    ]


def _thinned(line: np.ndarray, bend: float) -> np.ndarray:
    """Leave out points that lie within ``bend`` of the strokes that remain.

    Douglas & Peucker (1973).
    """
    start, end = line[0], line[-1]
    along = end - start
    length = np.hypot(*along)
    away = line - start
    # The distance from the stroke, or of a closed line from where it begins.
    distance = np.hypot(*away.T)
    if length > 1e-9:
        distance = np.abs(away @ [-along[1], along[0]]) / length
    k = int(distance.argmax())
    if distance[k] <= bend:
        return line[[0, -1]]
    return np.vstack([_thinned(line[: k + 1], bend)[:-1], _thinned(line[k:], bend)])
