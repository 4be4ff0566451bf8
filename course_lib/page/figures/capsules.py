"""Small networks with every quantity of the deck at its place.

A unit is a capsule of two halves, what goes in and what comes out: u | o. The units of
every layer stand at the same distance, so that the labels on the edges between two
layers can stand at even distances as well: no two ever overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from course_lib.page.figures.parts import (
    BACKED,
    GRADIENT,
    HEIGHT,
    LINE,
    SMALL,
    WIDTHS,
    arrow,
    capsule,
    kinds,
    number,
)
from course_lib.page.style import GREY

BIAS = "$x_0=1$"


@dataclass
class Capsules:
    """Where everything stands, and its drawing."""

    sizes: list[int]
    values: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]
    first: int  # number of the first input, 0 or 1
    loss: bool
    labels: bool

    def __post_init__(self):
        between = list(pairwise(self.sizes))
        crowd = [1 + min(pair) if self.labels else 0 for pair in between]
        below = [any(key[0] != "W" for key in d) for d in (self.values, self.gradients)]
        self.rows = sum(below)  # of numbers below a unit
        room = LINE * (2.8 if self.gradients else 1.85)  # for the label of an edge
        self.step = max(0.75 + 0.15 * self.rows, room * max(crowd))
        self.kinds = kinds(len(self.sizes))
        gaps = [0.1, *(max(0.8, 0.5 * n) for n in crowd)]
        if self.loss:
            self.kinds, gaps = [*self.kinds, "loss"], [*gaps, 0.35]
        widths = np.array([WIDTHS[kind] for kind in self.kinds])
        self.x = np.cumsum(gaps) + np.cumsum(widths) - widths / 2
        self.right = self.x[-1] + widths[-1] / 2 + (0 if self.loss else 0.4)
        self.top = (max(self.sizes) - 1) / 2 * self.step + HEIGHT / 2 + 0.1
        self.floor = 0.05 - self.top - LINE * self.rows

    def draw(self, ax: Axes) -> None:
        last = len(self.sizes) - 1
        for k, size in enumerate(self.sizes):
            for j in range(size):
                at = self.x[k], self.y(k, j)
                if k == 0:
                    capsule(ax, *at, self.kinds[k], dashed=self.first + j == 0)
                    self.name(ax, *at, "x", j)
                else:
                    capsule(ax, *at, self.kinds[k])
                    quarter = WIDTHS[self.kinds[k]] / 4
                    out = "o" if k == last else f"o{k - 1}"
                    self.name(ax, at[0] - quarter, at[1], f"u{k - 1}", j)
                    self.name(ax, at[0] + quarter, at[1], out, j)
                if k < last:
                    self.edges(ax, k, j)
                else:
                    self.way_out(ax, *at)
        if self.loss:
            capsule(ax, self.x[-1], 0, "loss")
            self.name(ax, self.x[-1], 0, "L", 0)

    def y(self, k: int, j: int) -> float:
        return ((self.sizes[k] - 1) / 2 - j) * self.step

    def name(self, ax: Axes, x: float, y: float, key: str, j: int) -> None:
        """The symbol of a quantity, its value and its derivative below the unit."""
        symbol = self.symbol(key, j)
        size = 13 if symbol == BIAS else 15
        ax.text(x, y, symbol, ha="center", va="center_baseline", size=size)
        if symbol == BIAS:
            return
        row = y - HEIGHT / 2 - 0.12
        if key in self.values:
            number(ax, x, row, self.values[key].flat[j])
        if key in self.gradients:
            row -= LINE * (self.rows - 1)
            number(ax, x, row, self.gradients[key].flat[j], **GRADIENT)

    def symbol(self, key: str, j: int, i: int = 0) -> str:
        letter, k = key[0], key[1:]
        if letter == "x":
            return BIAS if self.first + j == 0 else f"$x_{self.first + j}$"
        if letter == "W":
            return f"$w^{k}_{{{j}{i + (self.first if k == '0' else 0)}}}$"
        if letter == "L" or (key == "o" and self.sizes[-1] == 1):
            return f"${letter}$"
        return f"${letter}^{k or len(self.sizes) - 2}_{j}$"

    def edges(self, ax: Axes, k: int, i: int) -> None:
        """All edges from unit i of layer k.

        Labels stand where edges are evenly spaced: a fraction 1/(1 + m) of the way
        from n units to m units, or, where n < m, as far from the other end.
        """
        n, m = self.sizes[k], self.sizes[k + 1]
        t = 1 / (1 + m) if m <= n else n / (1 + n)
        start = self.x[k] + WIDTHS[self.kinds[k]] / 2
        end = self.x[k + 1] - WIDTHS[self.kinds[k + 1]] / 2
        for j in range(m):
            heights = self.y(k, i), self.y(k + 1, j)
            ax.plot([start, end], heights, "-", color=GREY, lw=1.1, zorder=1)
            if self.labels:
                x, y = (
                    start + t * (end - start),
                    (1 - t) * heights[0] + t * heights[1],
                )
                self.label(ax, x, y, f"W{k}", j, i)

    def label(self, ax: Axes, x: float, y: float, key: str, j: int, i: int) -> None:
        shift = 0
        if key in self.gradients:  # two lines; symbols are a little higher
            shift = LINE * (0.5 if key in self.values else 0.56)
        if key in self.values:
            number(ax, x, y + shift, self.values[key][j, i], **BACKED)
        else:
            style = SMALL | BACKED | {"size": 13.5}
            ax.text(x, y + shift, self.symbol(key, j, i), **style)
        if key in self.gradients:
            style = BACKED | GRADIENT
            number(ax, x, y - shift, self.gradients[key][j, i], **style)

    def way_out(self, ax: Axes, x: float, y: float) -> None:
        """From an output to the loss, or away."""
        end = (self.x[-1] - WIDTHS["loss"] / 2, 0) if self.loss else (self.right, y)
        arrow(ax, (x + WIDTHS["output"] / 2, y), end)
