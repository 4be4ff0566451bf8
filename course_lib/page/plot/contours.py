"""A function of two variables as a map, and walks on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_lib.page.plot.curves import FEW
from course_lib.page.style import INK, MARKERS, PALETTE, axes, legend

PALE_INK = "#9A9A9A"
START = {"marker": "o", "ms": 9, "color": INK, "mfc": "none", "ls": "none"}


def contours(
    f: Callable[[np.ndarray], ArrayLike],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    paths: Mapping[str, ArrayLike] | None = None,
    *,
    xlabel: str,
    ylabel: str,
    levels: int = 12,
    equal: bool = True,
    ax: Axes | None = None,
) -> None:
    """Draw lines along which a function keeps its value, and paths across them.

    Parameters
    ----------
    f : callable
        From points of shape (n, 2) to values of shape (n,).
    xlim, ylim : pair of float
        The part of the plane to draw.
    paths : dict of array_like, shape (steps + 1, 2), optional
        The points of each walk by its name, at most seven walks. Up to 20 points
        are marked one by one. What leaves the drawn part is cut off.
    xlabel, ylabel : str
        What the axes measure.
    levels : int, default 12
        How many lines. They lie closer together in value towards the lowest, so
        that those of a parabola are equally far apart on the map.
    equal : bool, default True
        Whether both axes have one scale, so that angles are true.
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    ValueError
        If a shape is wrong, f is not finite or the same everywhere, or there are
        more than seven paths.

    Examples
    --------
    >>> walk = [[3, 1], [2, 0.2], [1, 0.0]]
    >>> contours(
    ...     lambda x: (x**2).sum(axis=1), (-4, 4), (-2, 2), {"a walk": walk},
    ...     xlabel="$x_0$", ylabel="$x_1$",
    ... )
    """
    paths = _checked(paths or {})
    x, y = np.meshgrid(np.linspace(*xlim, 201), np.linspace(*ylim, 201))
    z = np.asarray(f(np.column_stack([x.ravel(), y.ravel()])), dtype=float)
    if z.shape != (x.size,) or not np.isfinite(z).all():
        raise ValueError(
            f"contours: f gave shape {z.shape} for {x.size} points, expected "
            f"({x.size},) with finite numbers"
        )
    ax = axes(ax, (6.0, 4.6))
    heights = _heights(z, levels)
    drawn = ax.contour(x, y, z.reshape(x.shape), heights, colors=PALE_INK)
    drawn.set_linewidth(1)
    numbers = {"fmt": "{:,g}".format, "fontsize": 10, "colors": "#555555"}
    ax.clabel(drawn, heights[1::3], **numbers)
    for marker, (name, path) in zip(MARKERS, paths.items(), strict=False):
        marks = {"marker": marker if len(path) <= FEW else "", "ms": 5}
        ax.plot(*path.T, label=name, **marks)
        ax.plot(*path[0], **START)
    ax.set(xlim=xlim, ylim=ylim, xlabel=xlabel, ylabel=ylabel)
    if equal:
        ax.set_aspect("equal")
    if paths:
        legend(ax, *ax.get_legend_handles_labels())


def _checked(paths: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
    if len(paths) > len(PALETTE):
        raise ValueError(f"contours: {len(paths)} paths; at most {len(PALETTE)}")
    arrays = {name: np.asarray(p, dtype=float) for name, p in paths.items()}
    for name, path in arrays.items():
        if path.ndim != 2 or path.shape[1] != 2 or len(path) == 0:
            raise ValueError(
                f"contours: path {name!r} has shape {path.shape}; expected "
                "(steps + 1, 2)"
            )
    return arrays


def _heights(z: np.ndarray, levels: int) -> np.ndarray:
    """Heights for the lines, rounded to what a label can say."""
    low, height = z.min(), np.ptp(z)
    if height == 0:
        raise ValueError("contours: f is the same everywhere in this part")
    steps = np.arange(1, levels + 1) / (levels + 1)
    digits = 2 - int(np.floor(np.log10(height)))
    heights = np.unique(np.round(low + height * steps**2, digits))
    return heights[heights > low]
