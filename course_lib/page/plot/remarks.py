"""Words beside the curves: their names at their ends, and one remark at the answer."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.transforms import IdentityTransform

from course_lib.page.plot.style import GREY, INK, PAPER, legend

LINE = 18  # pixels from one label to the next
GAP = 7  # pixels from the end of a curve to its label
EXIT = "_exit"  # the label of a mark where a curve leaves


def label_ends(ax=None):
    """Write the name of each curve at its end, in its colour, instead of in a legend.

    Labels that would lie on one another move apart, with a stroke to the end of their
    curve. Call it when everything is drawn and the limits are set. Names of points
    without a line stay in a legend.

    Parameters
    ----------
    ax : Axes, optional
        The current ones if left out.

    Examples
    --------
    >>> from course_lib.page.plot import lines
    >>> x = np.linspace(-4, 4, 101)
    >>> lines(x, {"tanh": np.tanh(x), "x": x}, xlabel="u", ylabel="f(u)")
    >>> label_ends()
    """
    ax = ax or plt.gca()
    named = [line for line in ax.lines if not line.get_label().startswith("_")]
    curves = [line for line in named if line.get_linestyle() != "None"]
    points = [line for line in named if line not in curves]
    if ax.get_legend():
        rows = ax.get_legend().rows
        ax.figure.set_figheight(ax.figure.get_figheight() - 0.22 * (rows - 1))
        ax.get_legend().remove()
    if points:
        legend(ax, points, [line.get_label() for line in points])
    ax.figure.draw_without_rendering()
    ends = np.array([_end(ax, line) for line in curves])
    pixels = ax.transData.transform(ends)
    order = np.argsort(pixels[:, 1], kind="stable")
    moved = np.empty(len(curves))
    limits = ax.bbox.y0 + LINE / 3, ax.bbox.y1 - LINE / 3
    moved[order] = spread(pixels[order, 1], LINE, *limits)
    for line, end, pixel, y in zip(curves, ends, pixels, moved, strict=True):
        shift, color = y - pixel[1], line.get_color()
        far = abs(shift) > LINE / 3
        look = {"arrowstyle": "-", "color": color, "lw": 0.8, "relpos": (0, 0.5)}
        ax.annotate(
            line.get_label(),
            end,
            (GAP + 8 * far, shift),
            textcoords="offset pixels",
            va="center",
            color=color,
            annotation_clip=False,
            arrowprops=look | {"shrinkA": 0, "shrinkB": 2} if far else None,
        )


def _end(ax, line):
    """The last point of a curve that is in sight."""
    xy = line.get_xydata()
    inside = ax.bbox.padded(1)
    seen = [inside.contains(*pixel) for pixel in ax.transData.transform(xy)]
    assert any(seen), f"the curve {line.get_label()!r} is out of sight"
    return xy[np.flatnonzero(seen)[-1]]


def spread(wanted, apart, low, high):
    """Places in ascending order, near those wanted, so far apart, within limits.

    Examples
    --------
    >>> spread([10, 12, 90], 8, 0, 100).tolist()
    [7.0, 15.0, 90.0]
    >>> spread([98, 99], 8, 0, 100).tolist()
    [92.0, 100.0]
    """
    steps = apart * np.arange(len(wanted))
    blocks = []  # [mean, size] of neighbours that touch
    for place in np.asarray(wanted, dtype=float) - steps:
        blocks.append([place, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, n), (b, m) = blocks[-2:]
            blocks[-2:] = [[(n * a + m * b) / (n + m), n + m]]
    places = np.concatenate([np.full(size, mean) for mean, size in blocks])
    return places.clip(low, max(low, high - steps[-1])) + steps


def annotate(text, at, shift=(24, 24), ax=None):
    """Ring one point, the answer, and say what it is.

    Parameters
    ----------
    text : str
    at : (float, float)
        The point.
    shift : (float, float)
        Where the text stands, in pixels to the right of and above the point.
    ax : Axes, optional
        The current ones if left out.

    Examples
    --------
    >>> from course_lib.page.plot import lines
    >>> lines([0, 1, 2], {"loss": [3, 1, 2]}, xlabel="step", ylabel="loss")
    >>> annotate("lowest", (1, 1), shift=(0, 40))
    """
    ax = ax or plt.gca()
    ring = {"ms": 10, "mfc": "none", "color": INK, "ls": "none", "zorder": 4}
    ax.plot(*at, "o", label="_answer", **ring)
    across, up = shift
    ax.annotate(
        text,
        at,
        shift,
        textcoords="offset pixels",
        ha="left" if across > 0 else "right" if across < 0 else "center",
        va="center" if abs(across) > abs(up) else "bottom" if up > 0 else "top",
        bbox={"fc": PAPER, "ec": "none", "pad": 1},
        arrowprops={"arrowstyle": "-", "color": GREY, "lw": 0.8, "shrinkB": 6},
        zorder=4,
    )


def mark_exits(figure):
    """Put a small triangle where a curve leaves its axes; return the triangles.

    A curve that merely goes on to the left or right, as a function does, has none.
    """
    marks = []
    for ax in figure.axes:
        for line in [line for line in ax.lines if line.get_transform() == ax.transData]:
            for place, angle in _exits(ax.bbox, ax.transData, line):
                look = {"marker": (3, 0, angle), "ms": 7, "color": line.get_color()}
                mark = Line2D(*place[:, None], transform=IdentityTransform(), **look)
                mark.set(label=EXIT, mew=0, zorder=3)
                marks.append(figure.add_artist(mark))
    return marks


def _exits(box, to_pixels, line):
    """Where a curve leaves a box, and the angle at which it points out there."""
    if line.get_linestyle() == "None" or not line.get_visible():
        return []
    pixels = to_pixels.transform(line.get_xydata())
    low, high = box.min, box.max
    steps = np.diff(pixels[:, 0])
    function = bool((steps >= 0).all() or (steps <= 0).all())
    inside = ((pixels >= low - 1) & (pixels <= high + 1)).all(axis=1)
    found = []
    for i in np.flatnonzero(inside[:-1] != inside[1:]):
        a, b = pixels[[i, i + 1] if inside[i] else [i + 1, i]]
        if not np.isfinite(b).all():
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(b > high, high - a, low - a) / (b - a)
        shares[(b >= low - 1) & (b <= high + 1)] = np.inf
        side = int(shares.argmin())
        if function and side == 0:
            continue
        way = np.sign(b - a)[side]
        place = a + np.clip(shares[side], 0, 1) * (b - a)
        place[side] -= 4 * way
        if all(np.hypot(*(place - other)) > 9 for other, _ in found):
            angle = (-90 * way) if side == 0 else (0 if way > 0 else 180)
            found.append((place, angle))
    return found
