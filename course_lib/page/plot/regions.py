"""How a classifier divides the plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from course_lib.page.style import (
    HATCHES,
    INK,
    MARKERS,
    PALE,
    PALETTE,
    axes,
    legend,
)


def decision_regions(
    predict: Callable[[np.ndarray], ArrayLike],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    points: ArrayLike = (),
    labels: ArrayLike = (),
    *,
    names: Sequence[str] = ("class 0", "class 1"),
    xlabel: str = "$x_1$",
    ylabel: str = "$x_2$",
    ax: Axes | None = None,
) -> None:
    """Draw how a classifier divides the plane, and examples on it.

    Parameters
    ----------
    predict : callable
        From points of shape (n, 2) to their classes, shape (n,): 0, 1 ….
    xlim, ylim : pair of float
        The part of the plane to draw.
    points : array_like, shape (m, 2), optional
    labels : int array_like, shape (m,), optional
        Their true classes.
    names : sequence of str
        One name for each class, at most seven.
    xlabel, ylabel : str
        What the axes measure.
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    ValueError
        If a shape is wrong, a class has no name, or there are more than seven.

    Examples
    --------
    >>> xor = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> decision_regions(
    ...     lambda x: x.sum(axis=1) > 0.5, (-1, 2), (-1, 2), xor, [0, 1, 1, 0]
    ... )
    """
    if not 0 < len(names) <= len(PALETTE):
        raise ValueError(
            f"decision_regions: {len(names)} names; a figure shows 1 to {len(PALETTE)}"
        )
    x1, x2 = np.meshgrid(np.linspace(*xlim, 401), np.linspace(*ylim, 401))
    grid = np.column_stack([x1.ravel(), x2.ravel()])
    classes = _classes(predict(grid), len(grid), len(names))
    points = np.reshape(points, (-1, 2))
    labels = _classes(labels, len(points), len(names))
    ax = axes(ax, (4.8, 4.8))
    for c in range(len(names)):
        inside = (classes == c).reshape(x1.shape).astype(float)
        fill = {"colors": [PALE[c]], "hatches": [HATCHES[c]]}
        if inside.any():
            ax.contourf(x1, x2, inside, [0.5, 1.5], **fill)
        if 0 < inside.mean() < 1:
            ax.contour(x1, x2, inside, [0.5], colors=[INK], linewidths=1.4)
        ax.plot(*points[labels == c].T, **_marker(c))
    handles = [_key(c) for c in range(len(names))]
    ax.set(xlim=xlim, ylim=ylim, aspect="equal", xlabel=xlabel, ylabel=ylabel)
    ax.locator_params(nbins=5)
    legend(ax, handles, names)


def _key(c: int) -> tuple[Patch, Line2D]:
    """The legend's sign of a class: a marker on its region."""
    region = Patch(fc=PALE[c], hatch=HATCHES[c])
    return region, Line2D([], [], **_marker(c))


def _marker(c: int) -> dict:
    look = {"color": PALETTE[c], "marker": MARKERS[c], "mec": INK, "ms": 8}
    return look | {"ls": "none"}


def _classes(values: ArrayLike, n: int, k: int) -> np.ndarray:
    classes = np.asarray(values)
    if classes.shape != (n,) or not np.isin(classes, range(k)).all():
        raise ValueError(
            f"decision_regions: classes {np.unique(classes)[:9]} of shape "
            f"{classes.shape}; expected one of 0 to {k - 1} for each of {n} points; "
            "`names` says how many classes there are"
        )
    return classes
