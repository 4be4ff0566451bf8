"""Functions of two variables as maps: heights with walks on them, and regions."""

from itertools import pairwise

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from course_lib.page.plot.curves import FEW
from course_lib.page.plot.style import (
    GREY,
    HATCHES,
    INK,
    MARKERS,
    PALETTE,
    PAPER,
    axes,
    legend,
)

START = {"marker": "o", "ms": 8, "color": INK, "mfc": "none", "ls": "none"}


def contours(
    f, xlim, ylim, paths=None, *, xlabel, ylabel, levels=12, equal=True, ax=None
):
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

    Examples
    --------
    >>> walk = [[3, 1], [2, 0.2], [1, 0.0]]
    >>> contours(
    ...     lambda x: (x**2).sum(axis=1), (-4, 4), (-2, 2), {"a walk": walk},
    ...     xlabel="$x_0$", ylabel="$x_1$",
    ... )
    """
    paths = {
        name: np.asarray(path, dtype=float) for name, path in (paths or {}).items()
    }
    assert len(paths) <= len(PALETTE), f"{len(paths)} paths, {len(PALETTE)} colours"
    x, y = np.meshgrid(np.linspace(*xlim, 201), np.linspace(*ylim, 201))
    z = np.asarray(f(np.column_stack([x.ravel(), y.ravel()])), dtype=float)
    tall = 4.3 * np.ptp(ylim) / np.ptp(xlim) if equal else 3.2  # inches
    ax, z = axes(ax, (5.0, min(0.95 + tall, 4.6))), z.reshape(x.shape)
    look = {"colors": [to_rgba(GREY, 0.6)], "linewidths": 1}
    drawn = ax.contour(x, y, z, heights(z, levels), **look)
    limits = np.array([xlim, ylim], dtype=float)
    walked = [
        np.linspace(p, q, 9) for path in paths.values() for p, q in pairwise(path)
    ]
    _write_heights(ax, drawn, limits, np.concatenate([np.empty((0, 2)), *walked]))
    for marker, (name, path) in zip(MARKERS, paths.items(), strict=False):
        ax.plot(*path.T, label=name, marker=marker if len(path) <= FEW else "")
        ax.plot(*path[0], **START)
    ax.set(xlim=xlim, ylim=ylim, xlabel=xlabel, ylabel=ylabel)
    if equal:
        ax.set_aspect("equal")
    if paths:
        legend(ax, *ax.get_legend_handles_labels())


def heights(z, levels):
    """Heights for the lines of a map, rounded to what a label can say.

    Examples
    --------
    >>> heights(np.array([0.0, 100.0]), 4)
    array([ 4., 16., 36., 64.])
    """
    low, height = z.min(), np.ptp(z)
    assert height > 0, "the function is the same everywhere"
    steps = np.arange(1, levels + 1) / (levels + 1)
    digits = 2 - int(np.floor(np.log10(height)))
    found = np.unique(np.round(low + height * steps**2, digits))
    return found[found > low]


def _write_heights(ax, drawn, limits, taken):
    """Write its height on every third line, away from the points that are taken.

    Matplotlib's own `clabel` looks for the straightest piece of a line; on a round
    line, the last bit of a sum decides which one that is. Here it is the end of the
    line in one of seven directions, if one is free.
    """
    size = np.ptp(limits, axis=1)
    angles = 0.4 + 2 * np.pi * np.arange(7) / 7
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    taken = (taken - limits[:, 0]) / size
    for k in range(1, len(drawn.levels), 3):
        line = (drawn.get_paths()[k].vertices - limits[:, 0]) / size
        line = line[(np.abs(line - 0.5) < 0.417).all(axis=1)]  # not on the frame
        if len(line) == 0:
            continue
        ends = line[(directions @ line.T).argmax(axis=1)]
        away = [np.hypot(*(end - taken).T).min(initial=9) for end in ends]
        if max(away) > 0.06:
            end = ends[np.argmax(away)]
            taken = np.vstack([taken, end])
            ground = {"fc": PAPER, "ec": "none", "pad": 1}
            style = {"ha": "center", "va": "center", "color": GREY, "zorder": 1.9}
            place = limits[:, 0] + end * size
            ax.text(*place, f"{drawn.levels[k]:,g}", bbox=ground, **style)


def decision_regions(
    predict,
    xlim,
    ylim,
    points=(),
    labels=(),
    *,
    names=("class 0", "class 1"),
    xlabel="$x_1$",
    ylabel="$x_2$",
    ax=None,
):
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

    Examples
    --------
    >>> xor = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> decision_regions(
    ...     lambda x: x.sum(axis=1) > 0.5, (-1, 2), (-1, 2), xor, [0, 1, 1, 0]
    ... )
    """
    # Off the round numbers, where a border often lies and the last bit would decide.
    steps = np.linspace(0, 1, 401) + 1e-4 / np.pi
    x1, x2 = np.meshgrid(*(low + steps * (high - low) for low, high in (xlim, ylim)))
    classes = np.asarray(predict(np.column_stack([x1.ravel(), x2.ravel()])))
    points, labels = np.reshape(points, (-1, 2)), np.asarray(labels)
    for found in (classes, labels):
        known = np.isin(found, range(len(names))).all()
        assert known, f"classes {np.unique(found)[:9]}, names for {len(names)}"
    ax = axes(ax, (4.2, 4.2))
    for c in range(len(names)):
        inside = (classes == c).reshape(x1.shape).astype(float)
        if inside.any():
            fill = {"colors": [_pale(c)], "hatches": [HATCHES[c]]}
            ax.contourf(x1, x2, inside, [0.5, 1.5], **fill)
        if 0 < inside.mean() < 1:
            ax.contour(x1, x2, inside, [0.5], colors=[INK], linewidths=1.2)
        ax.plot(*points[labels == c].T, **_marker(c))
    keys = [
        (Patch(fc=_pale(c), hatch=HATCHES[c]), Line2D([], [], **_marker(c)))
        for c in range(len(names))
    ]
    ax.set(xlim=xlim, ylim=ylim, aspect="equal", xlabel=xlabel, ylabel=ylabel)
    ax.locator_params(nbins=5)
    legend(ax, keys, names)


def _pale(c):
    return to_rgba(PALETTE[c], 0.18)


def _marker(c):
    look = {"color": PALETTE[c], "marker": MARKERS[c], "mec": INK, "ms": 7}
    return look | {"ls": "none"}
