"""A small drawing in SVG: axes, and shapes with names that a `Player` can move."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partialmethod
from itertools import groupby
from typing import Any

import numpy as np

from course_lib.page import shapes as kinds
from course_lib.page.colors import ROOT_STYLE
from course_lib.page.labels import svg_label
from course_lib.page.shapes import (
    ARROWHEAD,
    Plot,
    Shape,
    element,
    numbers,
    pairs,
    pointed,
)


class Scene:
    """A drawing in data coordinates, to which shapes are added from back to front.

    Parameters
    ----------
    width, height : float
        Size in pixels, of which a phone shows a smaller copy.
    xlim, ylim : (float, float)
        The data shown, from left to right and from bottom to top.
    xlabel, ylabel : str
        Labels of the axes; ``$w_0$`` is set as mathematics.
    axes : bool
        Whether there are axes. Without them the data fill the whole drawing.
    grid : bool
        Whether faint lines go through the drawing at the ticks.
    xticks, yticks : sequence of float, optional
        Where the ticks are; round numbers if not given.
    letters : float, optional
        Size of the letters. If not given it is 14, and more in a drawing that is
        wider than 420, so that a phone, which has room for 330, shows at least 11.

    Notes
    -----
    The methods that draw take the fields of the shapes (see `shapes`): first where
    the shape lies, then its name, if a frame moves it, then by keyword ``color``,
    ``width``, ``dash``, ``fill``, ``opacity``, ``show``, and what only this shape has.

    Examples
    --------
    >>> scene = Scene(xlim=(-2, 2), ylim=(0, 4), xlabel="$x$")
    >>> scene.line([(-2, 4), (0, 0), (2, 4)]).dot(2, 4, "ball", color="orange")
    Scene: 2 shapes
    """

    def __init__(
        self,
        width: float = 420,
        height: float = 280,
        xlim: tuple[float, float] = (0, 1),
        ylim: tuple[float, float] = (0, 1),
        *,
        xlabel: str = "",
        ylabel: str = "",
        axes: bool = True,
        grid: bool = False,
        xticks: Sequence[float] | None = None,
        yticks: Sequence[float] | None = None,
        letters: float | None = None,
    ):
        self.width, self.height = width, height
        self.letters = letters or max(14, width / 30)
        self.left, self.top, right, bottom = 0, 0, 0, 0
        if axes:
            self.left, self.top = 50, 42 if ylabel else 12
            right, bottom = 16, 52 if xlabel else 30
        inner = width - self.left - right, height - self.top - bottom
        self.plot, self.axes = Plot(*inner, xlim, ylim), ""
        if axes:
            xticks = round_ticks(*xlim) if xticks is None else xticks
            yticks = round_ticks(*ylim) if yticks is None else yticks
            self.axes = self._axes(xticks, yticks, xlabel, ylabel, grid)
        self.shapes: list[Shape] = []
        self.names: dict[str, int] = {}  # to the place in the list of shapes

    def __repr__(self) -> str:
        return f"Scene: {len(self.shapes)} shapes"

    def _repr_svg_(self) -> str:
        return self.svg()

    def _draw(self, kind: type[Shape], *place: Any, **look: Any) -> "Scene":
        shape = kind(*place, **look)
        shape.svg(self.plot)  # a mistake is reported by the line that made it
        if shape.name:
            assert shape.name not in self.names, f"two shapes are named {shape.name!r}"
            self.names[shape.name] = len(self.shapes)
        self.shapes.append(shape)
        return self

    line = partialmethod(_draw, kinds.Line)  # points
    area = partialmethod(_draw, kinds.Area)  # points
    halfplane = partialmethod(_draw, kinds.HalfPlane)  # w1, w2, b
    rect = partialmethod(_draw, kinds.Rect)  # x0, y0, x1, y1
    dot = partialmethod(_draw, kinds.Dot)  # x, y
    text = partialmethod(_draw, kinds.Text)  # x, y, text
    arrow = partialmethod(_draw, kinds.Arrow)  # x0, y0, x1, y1
    image = partialmethod(_draw, kinds.Image)  # values, x0, y0, x1, y1
    group = partialmethod(_draw, kinds.Group)  # shapes

    def drawn(self, name: str, change: Mapping[str, Any]) -> dict[str, str]:
        """A shape's SVG attributes, with some of its fields changed."""
        return replace(self.shapes[self.names[name]], **change).svg(self.plot)

    def svg(
        self,
        changes: Mapping[str, Mapping[str, Any]] | None = None,
        marked: Iterable[str] = (),
    ) -> str:
        """The drawing as an SVG element.

        Parameters
        ----------
        changes : mapping of names to fields, optional
            A frame: the fields that differ from the scene as it was drawn.
        marked : iterable of str
            Names of the shapes that a script must find, by ``data-name``.
        """
        changes, marked = changes or {}, set(marked)
        parts = [shape.svg(self.plot) for shape in self.shapes]
        for name, change in changes.items():
            parts[self.names[name]] = self.drawn(name, change)
        for place, (shape, drawn) in enumerate(zip(self.shapes, parts, strict=True)):
            if "data-on" in drawn:
                drawn |= self._at_the_end(parts[self.names[drawn["data-on"]]])
            if shape.name in marked:
                parts[place] = {"data-name": shape.name} | drawn
        width, height, *inner = numbers(
            [self.width, self.height, self.plot.width, self.plot.height]
        )
        box = f"<svg x='{self.left}' y='{self.top}' "
        box += f"width='{inner[0]}' height='{inner[1]}'"
        layers = "".join(
            box + ("" if clip else " overflow='visible'") + f">{''.join(drawn)}</svg>"
            for clip, drawn in self._layers(parts)
        )
        kind = "scene" if self.axes else "scene schematic"
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' class='{kind}' role='img' "
            f"viewBox='0 0 {width} {height}' width='{width}' style='max-width:100%;"
            f"height:auto;background:var(--paper);--width:{width};--height:{height};"
            f"{ROOT_STYLE}' font-size='{self.letters:.3g}' "
            "font-family='var(--font-ui,system-ui,sans-serif)'>"
            f"{self.axes}{layers}</svg>"
        )

    def _layers(self, parts: list[dict[str, str]]) -> Iterable[tuple[bool, list[str]]]:
        """The elements, from back to front, and whether the axes cut them off."""
        drawn = zip(self.shapes, map(element, parts), strict=True)
        for clip, run in groupby(drawn, lambda pair: pair[0].clip or not self.axes):
            yield clip, [text for _, text in run]

    def _at_the_end(self, line: dict[str, str]) -> dict[str, str]:
        """How a dot lies on the last point that a line shows; player.js does it too."""
        points = line["points"].split(" ")
        last = points[: int(line.get("upto", len(points)))][-1]
        edge, way = self.plot.edge(np.array(last.split(","), dtype=float))
        if way.any():
            return {"transform": pointed(edge - 8 * way, way), "d": ARROWHEAD}
        return {"transform": f"translate({pairs(edge)})"}

    def _axes(self, xticks, yticks, xlabel, ylabel, grid) -> str:
        """Two lines with numbers at their ticks, and labels."""
        plot = self.plot
        xticks = [(x, plot.ylim[0]) for x in xticks]
        yticks = [(plot.xlim[0], y) for y in yticks]
        corner = [self.left, self.top]
        across, up = (
            numbers(plot.place(ticks)[:, k] + corner[k])
            for k, ticks in enumerate((xticks, yticks))
        )
        left, top, right, bottom, beside = numbers(
            [*corner, self.left + plot.width, self.top + plot.height, self.left - 7]
        )

        def text(x: str, y: str, dy: str, label: str) -> str:
            at = f"x='{x}' y='{y}' dy='{dy}'"
            return f"<text {at}>{svg_label(label)}</text>" if label else ""

        lines = "".join(f"M{x},{top}V{bottom}" for x in across)
        lines += "".join(f"M{left},{y}H{right}" for y in up)
        below = "".join(
            text(x, bottom, "1.3em", f"{tick:g}")
            for x, (tick, _) in zip(across, xticks, strict=True)
        )
        left_of = "".join(
            text(beside, y, ".35em", f"{tick:g}")
            for y, (_, tick) in zip(up, yticks, strict=True)
        )
        stroke = "fill='none' stroke='var(--ink)' stroke-opacity"
        return (
            (f"<path {stroke}='.14' d='{lines}'/>" if grid else "")
            + f"<path {stroke}='.6' d='M{left},{top}V{bottom}H{right}'/>"
            + f"<g fill='var(--ink)'><g text-anchor='middle'>{below}</g>"
            + f"<g text-anchor='end'>{left_of}{text(right, bottom, '2.45em', xlabel)}"
            # The label of y stands above its axis, where it can be read upright.
            + f"</g>{text('0', top, '-1.2em', ylabel)}</g>"
        )


def round_ticks(low: float, high: float) -> list[float]:
    """Three to seven round numbers between two numbers.

    Examples
    --------
    >>> round_ticks(-1, 4)
    [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]
    """
    unit = 10.0 ** math.floor(math.log10((high - low) / 3))
    step = next(k * unit for k in (1, 2, 5, 10) if (high - low) / (k * unit) < 6.5)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]
