"""A function of two variables as a map, for a `Scene`: lines of equal height, grey."""

from collections.abc import Callable, Sequence

import contourpy
import numpy as np
from numpy.typing import ArrayLike

CELLS = 200  # of the grid, each way; coarser grids break thin lines into pieces
BEND = 0.001  # of the width or height: less than a pixel


def level_lines(
    f: Callable[[np.ndarray], ArrayLike],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    levels: int | Sequence[float] = 12,
) -> list[np.ndarray]:
    """Lines, shape (n, 2), along which a function has the same value.

    Points that hardly bend them are left out.

    Parameters
    ----------
    f : callable
        From points of shape (..., 2) to values of shape (...).
    xlim, ylim : pair of float
        The part of the plane.
    levels : int or sequence of float
        The values, or how many: then most of them lie near the lowest one, so that
        the lines are spread well over the plane.

    Examples
    --------
    >>> lines = level_lines(lambda x: x[..., 0], (0, 1), (0, 1), levels=1)
    >>> [line[:, 0].round(6).tolist() for line in lines]
    [[0.25, 0.25]]
    """
    x, y = (np.linspace(*lim, CELLS + 1) for lim in (xlim, ylim))
    z = np.asarray(f(np.stack(np.meshgrid(x, y), axis=-1)), dtype=float)
    if isinstance(levels, int):
        levels = np.quantile(z, (np.arange(1, levels + 1) / (levels + 1)) ** 2)
    found = contourpy.contour_generator(x, y, z)
    size = np.array([np.ptp(xlim), np.ptp(ylim)])
    return [
        _thinned(line / size) * size for level in levels for line in found.lines(level)
    ]


def shades(
    f: Callable[[np.ndarray], ArrayLike],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    rows: int = 45,
) -> np.ndarray:
    """The heights of a function from 0, lowest, to 1, for an image behind the lines.

    Between two neighbours of the lines that `level_lines` chooses lie always as many
    shades. The first row is that of the least y.

    Examples
    --------
    >>> shades(lambda x: x[..., 0], (0, 1), (0, 1), rows=3).round(2).tolist()[0]
    [0.0, 0.58, 0.82]
    """
    x, y = (np.linspace(*lim, rows) for lim in (xlim, ylim))
    z = np.asarray(f(np.stack(np.meshgrid(x, y), axis=-1)), dtype=float).round(9)
    return np.sqrt(np.searchsorted(np.sort(z, axis=None), z) / z.size)


def _thinned(line: np.ndarray) -> np.ndarray:
    """Without points that lie within BEND of the strokes that remain.

    Douglas & Peucker (1973).
    """
    along, away = line[-1] - line[0], line - line[0]
    length = np.hypot(*along)
    if length > 1e-9:
        distance = np.abs(away @ [-along[1], along[0]]) / length
    else:  # a closed line: from where it begins
        distance = np.hypot(*away.T)
    k = int(distance.argmax())
    if distance[k] <= BEND:
        return line[[0, -1]]
    return np.vstack([_thinned(line[: k + 1])[:-1], _thinned(line[k:])])
