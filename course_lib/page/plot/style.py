"""What all figures share: the style sheet, colours, axes and legends.

Colour never speaks alone: curves differ in dashes, classes in markers and hatching.
"""

from pathlib import Path

import matplotlib.pyplot as plt
from cycler import cycler

from course_lib.page.colors import COLORS

PALETTE = tuple(list(COLORS.values())[:7])
DASHES = (
    "-",
    (0, (5, 1.8)),
    (0, (1, 1.2)),
    (0, (7, 1.5, 1, 1.5)),
    (0, (9, 2.5)),
    (0, (3, 1.2, 1, 1.2, 1, 1.2)),
    (0, (1, 3)),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "//", "..", "\\\\", "xx", "--", "++")


def color(name):
    """The colour of this name, for Matplotlib; in a page it follows the theme.

    Examples
    --------
    >>> color("blue") == PALETTE[0]
    True
    """
    return COLORS[name]


INK, GREY, PAPER = map(color, ("ink", "grey", "paper"))

plt.style.use(Path(__file__).with_name("book.mplstyle"))
plt.rcParams["axes.prop_cycle"] = cycler(color=PALETTE) + cycler(linestyle=DASHES)
plt.rcParams |= dict.fromkeys(("figure.facecolor", "savefig.facecolor"), PAPER)
plt.rcParams |= dict.fromkeys(
    ("axes.edgecolor", "xtick.color", "ytick.color", "hatch.color"), GREY
)
plt.rcParams |= dict.fromkeys(
    ("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"), INK
)


def axes(ax, size=None):
    """The given axes, or those of a new figure of this size in inches."""
    return plt.subplots(figsize=size)[1] if ax is None else ax


def legend(ax, handles, names):
    """A legend above the axes, in as many columns as fit; for more rows, more room."""
    figure, place = ax.figure, {"loc": "lower left", "bbox_to_anchor": (0, 1)}
    for rows in range(1, len(names) + 1):
        drawn = ax.legend(handles, names, ncols=-(-len(names) // rows), **place)
        if drawn.get_window_extent().width <= figure.bbox.width - 0.8 * figure.dpi:
            break
    drawn.rows = rows
    figure.set_figheight(figure.get_figheight() + 0.22 * (rows - 1))
