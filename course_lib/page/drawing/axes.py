"""The axes of a `Scene`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from course_lib.page.drawing.canvas import Plot, number
from course_lib.page.drawing.labels import svg_label


@dataclass(frozen=True)
class Axes:
    """Two lines with ticks around a plot whose corner lies at (left, top)."""

    plot: Plot
    left: float
    top: float
    xticks: Sequence[float]
    yticks: Sequence[float]
    xlabel: str
    ylabel: str
    grid: bool

    def svg(self) -> str:
        """Return the lines, the numbers at the ticks, and the labels."""
        plot, left, top = self.plot, number(self.left), number(self.top)
        right = number(self.left + plot.width)
        bottom = number(self.top + plot.height)
        beside = number(self.left - 7)
        across = [number(self.left + plot.place(x, 0)[0]) for x in self.xticks]
        up = [number(self.top + plot.place(0, y)[1]) for y in self.yticks]

        grid = "".join(f"M{x},{top}V{bottom}" for x in across)
        grid += "".join(f"M{left},{y}H{right}" for y in up)
        xnumbers = "".join(
            _text(x, bottom, "1.3em", f"{tick:g}")
            for x, tick in zip(across, self.xticks, strict=True)
        )
        ynumbers = "".join(
            _text(beside, y, ".35em", f"{tick:g}")
            for y, tick in zip(up, self.yticks, strict=True)
        )
        # The label of y stands above its axis, where it can be read upright.
        labels = _text(right, bottom, "2.7em", self.xlabel)
        ylabel = _text(beside, top, "-.9em", self.ylabel)
        stroke = 'fill="none" stroke="currentColor" stroke-opacity'
        return (
            (f'<path {stroke}=".14" d="{grid}"/>' if self.grid else "")
            + f'<path {stroke}=".6" d="M{left},{top}V{bottom}H{right}"/>'
            + '<g fill="currentColor">'
            + f'<g text-anchor="middle">{xnumbers}</g>'
            + f'<g text-anchor="end">{ynumbers}{labels}</g>{ylabel}</g>'
        )


def round_ticks(low: float, high: float) -> list[float]:
    """Return three to seven round numbers between two numbers.

    Examples
    --------
    >>> round_ticks(-1, 4)
    [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]
    """
    unit = 10.0 ** math.floor(math.log10((high - low) / 3))
    step = next(k * unit for k in (1, 2, 5, 10) if (high - low) / (k * unit) < 6.5)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def _text(x: str, y: str, dy: str, label: str) -> str:
    return f'<text x="{x}" y="{y}" dy="{dy}">{svg_label(label)}</text>' if label else ""
