"""What all figures share: the style sheet, colours, axes and legends.

Colour never speaks alone: curves differ in dashes, classes in markers and hatching.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

plt.style.use(Path(__file__).with_name("book.mplstyle"))

PALETTE = tuple(plt.rcParams["axes.prop_cycle"].by_key()["color"])
PALE = (
    "#D3E7F3",
    "#FBE9C4",
    "#CDEBE1",
    "#F8DCC8",
    "#F6E4EC",
    "#E2F2FB",
    "#E6E6E6",
)
BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY, GREY = PALETTE
INK = "#222222"
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "//", "..", "\\\\", "xx", "--", "++")


def axes(ax: Axes | None, size: tuple[float, float] | None = None) -> Axes:
    """The given axes, or those of a new figure of this size in inches."""
    return plt.subplots(figsize=size)[1] if ax is None else ax


def legend(ax: Axes, handles: Sequence, names: Sequence[str]) -> None:
    """A legend above the axes, in as many columns as fit, clear of all curves."""
    entry = 0.75 + 0.09 * max(len(name) for name in names)  # inches
    fitting = max(1, int((ax.figure.get_figwidth() - 0.7) / entry))
    rows = -(-len(names) // fitting)
    columns = -(-len(names) // rows)
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1)}
    ax.legend(handles, names, ncols=columns, **place)
