"""Products of matrices drawn as boxes, so that one sees whether their shapes fit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_lib.page.figures.parts import FACES, LINE, RIMS, SMALL, page
from course_lib.page.style import GREY

Term = tuple[str, int, int] | str  # name, rows, columns; or a sign

MOST_CELLS = 8  # boxes with more rows or columns are drawn without cells
WIDTH = 6.0  # of the figure, at most
MATCH = {"color": "#A84A00", "weight": "bold"}  # sizes that must be equal


def boxes(terms: Sequence[Term], *, ax: Axes | None = None) -> None:
    """Draw a formula with its matrices as boxes, rows high and columns wide.

    Parameters
    ----------
    terms : sequence of (name, rows, columns), and signs such as "=" and "+"
        Boxes that follow one another without a sign are multiplied; the two sizes
        that must agree are bold. Boxes after "=" have the colour of a result. Up to
        eight rows and columns are drawn as cells, larger boxes not to scale.
    ax : Axes, optional
        Where to draw. Its limits are set, in inches.

    Raises
    ------
    ValueError
        If a size is below 1, or the shapes of a product do not fit.

    Examples
    --------
    >>> boxes([("$W$", 2, 3), ("$x$", 3, 1), "=", ("$u$", 2, 1)])
    """
    matrices = [term for term in terms if not isinstance(term, str)]
    sizes = np.array([size for _, *size in matrices])
    if not len(sizes) or sizes.min() < 1:
        raise ValueError(
            f"boxes: sizes {sizes.tolist()}; give one box or more, and sizes of 1 "
            "or more"
        )
    inner = _inner(terms)
    cells = sizes.max() <= MOST_CELLS
    lengths = sizes if cells else 1 + 3 * np.log10(sizes)
    gap, sign = 0.18, 0.2  # right of a term, and for a sign
    lefts = [0.15 + 0.1 * len(str(rows)) for rows in sizes[:, 0]]
    signs = len(terms) - len(matrices)
    free = WIDTH - 0.1 - len(terms) * gap - sum(lefts) - signs * sign
    cell = min(0.38, free / lengths[:, 1].sum())
    heights, widths = cell * lengths.T
    top = heights.max() / 2 + 0.35
    right = WIDTH - free + widths.sum()
    ax = page(ax, right, -heights.max() / 2 - 0.45, top)
    x, k, kind = 0.1, 0, "hidden"
    for term in terms:
        if isinstance(term, str):
            ax.text(x + sign / 2, 0, term, size=15, ha="center", va="center")
            kind = "output" if term == "=" else kind
            x += sign + gap
            continue
        name, rows, columns = term
        x += lefts[k]
        corner, size = (x, -heights[k] / 2), (widths[k], heights[k])
        look = {"fc": FACES[kind], "ec": RIMS[kind], "lw": 1.4}
        ax.add_patch(Rectangle(corner, *size, **look))
        if cells:
            _cells(ax, corner, rows, columns, cell)
        styles = [MATCH if (k, side) in inner else {} for side in ("rows", "columns")]
        ax.text(x - 0.07, 0, f"{rows}", **SMALL | {"ha": "right"} | styles[0])
        middle = x + widths[k] / 2
        ax.text(middle, heights[k] / 2 + 0.15, f"{columns}", **SMALL | styles[1])
        ax.text(
            middle,
            -heights.max() / 2 - LINE - 0.08,
            name,
            **SMALL | {"size": 14},
        )
        x += widths[k] + gap
        k += 1


def _inner(terms: Sequence[Term]) -> set[tuple[int, str]]:
    """The sizes that meet in a product, as (number of the box, side)."""
    meeting, k = set(), -1
    for one, other in pairwise(["", *terms]):
        k += not isinstance(other, str)
        if isinstance(one, str) or isinstance(other, str):
            continue
        if one[2] != other[1]:
            raise ValueError(
                f"boxes: {one[0]} has {one[2]} columns and {other[0]} {other[1]} "
                "rows; a product needs the same number"
            )
        meeting |= {(k - 1, "columns"), (k, "rows")}
    return meeting


def _cells(ax: Axes, corner: tuple, rows: int, columns: int, cell: float) -> None:
    x, y = corner
    look = {"color": GREY, "lw": 0.5}
    for i in range(1, rows):
        ax.plot([x, x + columns * cell], [y + i * cell] * 2, "-", **look)
    for j in range(1, columns):
        ax.plot([x + j * cell] * 2, [y, y + rows * cell], "-", **look)
