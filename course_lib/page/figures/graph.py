"""Graphs of computations: values in the nodes, local derivatives on the edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course_lib.page.figures.parts import (
    BACKED,
    FACES,
    GRADIENT,
    HEIGHT,
    LINE,
    RIMS,
    SMALL,
    digits,
    number,
    page,
)
from course_lib.page.style import GREY

GAP = 1.05  # between two columns of nodes, inches
BEND = 0.42  # how far two edges between the same nodes are apart, at most


def graph(
    columns: Sequence[Sequence[str]],
    edges: Iterable[tuple[str, str, float | str]],
    *,
    values: Mapping[str, float] | None = None,
    derivatives: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> None:
    """Draw which value was computed from which, and the derivative on each edge.

    Parameters
    ----------
    columns : sequence of sequences of str
        The names of the nodes from left to right, as TeX without dollars: ``s_0``.
        The last column holds the result.
    edges : iterable of (str, str, float or str)
        Start, end and ∂end/∂start, as in `chain_rule`; a str is written as it is.
        Each leads to a later column. Two edges between the same nodes bend apart.
    values : dict of float, optional
        Numbers to write into the nodes.
    derivatives : dict of float, optional
        Derivatives of the result, to write beneath the nodes in italics.
    ax : Axes, optional
        Where to draw. Its limits are set, in inches.

    Raises
    ------
    ValueError
        If a name is used twice, if an edge or a number belongs to no node, or if an
        edge does not lead to a later column.

    Examples
    --------
    >>> edges = [("t", "s", 2.0), ("s", "f", 5.0)]
    >>> graph([["t"], ["s"], ["f"]], edges, values={"t": 1.0, "s": 4.0, "f": 25.0})
    """
    values, derivatives, edges = values or {}, derivatives or {}, list(edges)
    column_of = _columns(columns, edges, [*values, *derivatives])
    crowd = max((1 + min(len(a), len(b)) for a, b in pairwise(columns)), default=1)
    step = max(0.85 + LINE * bool(derivatives), 1.85 * LINE * crowd)
    width = 1.05 if values else 0.55
    x = [0.1 + width / 2 + k * (width + GAP) for k in range(len(columns))]
    at = {
        name: (x[k], ((len(column) - 1) / 2 - j) * step)
        for k, column in enumerate(columns)
        for j, name in enumerate(column)
    }
    top = (max(map(len, columns)) - 1) / 2 * step + HEIGHT / 2 + 0.12
    bend = BEND * any(len(ways) > 1 for ways in _ways(edges).values())
    top = max(top, bend + LINE)
    ax = page(ax, x[-1] + width / 2 + 0.1, -top - 2 * LINE * bool(derivatives), top)
    for (start, end), ways in _ways(edges).items():
        sizes = [len(columns[column_of[node]]) for node in (start, end)]
        for k, local in enumerate(ways):
            offset = BEND * (1 - 2 * k / (len(ways) - 1)) if len(ways) > 1 else 0.0
            _edge(ax, at[start], at[end], width, offset, sizes, local)
    for name, (left, height) in at.items():
        kind = "input" if column_of[name] == 0 else "hidden"
        kind = "output" if column_of[name] == len(columns) - 1 else kind
        _node(ax, left, height, width, kind, name, values.get(name))
        if name in derivatives:
            below = height - HEIGHT / 2 - 0.12
            number(ax, left, below, derivatives[name], **GRADIENT)
    if derivatives:
        note = f"italics: derivative of ${columns[-1][0]}$ by what stands above"
        floor = ax.get_ylim()[0]
        ax.text(
            sum(ax.get_xlim()) / 2,
            floor + LINE / 2,
            note,
            **SMALL,
            **GRADIENT,
        )


def _columns(columns: Sequence, edges: list, named: list) -> dict[str, int]:
    """The column of each node, after a look at whether all fits together."""
    names = [name for column in columns for name in column]
    if len(set(names)) < len(names) or not names:
        raise ValueError(
            f"graph: the nodes are {names}; give one or more, each a name of its own"
        )
    column_of = {name: k for k, column in enumerate(columns) for name in column}
    for name in [*named, *(node for edge in edges for node in edge[:2])]:
        if name not in column_of:
            raise ValueError(f"graph: there is no node {name!r}, only {names}")
    for start, end, _ in edges:
        if column_of[start] >= column_of[end]:
            raise ValueError(
                f"graph: the edge {start!r} to {end!r} does not lead to a later "
                "column; move one of the two"
            )
    return column_of


def _ways(edges: list) -> dict[tuple[str, str], list]:
    """What stands on all edges from one node to another."""
    ways: dict[tuple[str, str], list] = {}
    for start, end, local in edges:
        ways.setdefault((start, end), []).append(local)
    return ways


def _edge(ax, start, end, width, offset, sizes, local) -> None:
    """An arrow with its label, which stands where edges are evenly spaced."""
    (x0, y0), (x1, y1) = start, end
    x0, x1 = x0 + width / 2, x1 - width / 2
    n, m = sizes
    t = 1 / (1 + m) if m <= n else n / (1 + n)
    t = 0.5 if m == n == 1 else t
    style = f"arc3,rad={-2 * offset / (x1 - x0):.4g}"
    look = {"color": GREY, "lw": 1.1, "zorder": 1, "shrinkA": 0, "shrinkB": 0}
    head = {
        "arrowstyle": "-|>",
        "mutation_scale": 11,
        "connectionstyle": style,
    }
    ax.add_patch(FancyArrowPatch((x0, y0), (x1, y1), **look, **head))
    text = local if isinstance(local, str) else digits(local)
    x, y = (1 - t) * x0 + t * x1, (1 - t) * y0 + t * y1 + offset
    ax.text(x, y, text, **SMALL, **BACKED)


def _node(ax, x, y, width, kind, name, value) -> None:
    box = f"round,pad=0,rounding_size={HEIGHT / 2 - 0.001}"
    corner = x - width / 2, y - HEIGHT / 2
    look = {"fc": FACES[kind], "ec": RIMS[kind], "lw": 1.4, "zorder": 2}
    ax.add_patch(FancyBboxPatch(corner, width, HEIGHT, boxstyle=box, **look))
    text = f"${name}$" if value is None else f"${name}$ = {digits(value)}"
    ax.text(x, y, text, ha="center", va="center_baseline", size=13)
