"""A small drawing in SVG: axes, and shapes with names that a `Player` can move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_lib.page.drawing.axes import Axes, round_ticks
from course_lib.page.drawing.canvas import Plot, number
from course_lib.page.drawing.group import Group, element
from course_lib.page.drawing.raster import Image
from course_lib.page.drawing.shapes import (
    Area,
    Arrow,
    Dot,
    HalfPlane,
    Line,
    Rect,
    Shape,
    Text,
)


class Scene:
    """A drawing in data coordinates, to which shapes are added from back to front.

    Parameters
    ----------
    width, height : float
        Size in pixels, of which a screen shows a larger or smaller copy. A phone
        has about 330 pixels: keep to 480 or less where there are many labels.
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

    Raises
    ------
    ValueError
        If a range is empty, a name is used twice, a colour or marker is unknown, or
        a coordinate is not finite.

    Notes
    -----
    The methods that draw take the fields of the shapes:
    all of them ``color``, ``width``, ``dash``, ``fill``, ``opacity`` and ``show``.

    Examples
    --------
    >>> scene = Scene(xlim=(-2, 2), ylim=(0, 4), xlabel="$x$")
    >>> scene.line([(-2, 4), (0, 0), (2, 4)]).dot(2, 4, name="ball", color="orange")
    Scene: 2 shapes (ball)
    """

    def __init__(
        self,
        width: float = 480,
        height: float = 320,
        xlim: tuple[float, float] = (0, 1),
        ylim: tuple[float, float] = (0, 1),
        *,
        xlabel: str = "",
        ylabel: str = "",
        axes: bool = True,
        grid: bool = False,
        xticks: Sequence[float] | None = None,
        yticks: Sequence[float] | None = None,
    ):
        for name, (low, high) in {"xlim": xlim, "ylim": ylim}.items():
            if not low < high:
                raise ValueError(
                    f"{name}=({low}, {high}) shows nothing; give low < high"
                )
        self.width, self.height = width, height
        self.left, self.top, right, bottom = 0, 0, 0, 0
        if axes:
            self.left, self.top = 50, 34 if ylabel else 12
            right, bottom = 16, 52 if xlabel else 30
        inner = width - self.left - right, height - self.top - bottom
        self.plot = Plot(*inner, xlim, ylim)
        self.axes = ""
        if axes:
            xticks = round_ticks(*xlim) if xticks is None else xticks
            yticks = round_ticks(*ylim) if yticks is None else yticks
            corner = self.plot, self.left, self.top
            self.axes = Axes(*corner, xticks, yticks, xlabel, ylabel, grid).svg()
        self.shapes: list[Shape] = []
        self.names: dict[str, int] = {}  # to the place in the list of shapes

    def __repr__(self) -> str:
        count = f"{len(self.shapes)} shape" + "s" * (len(self.shapes) != 1)
        return f"Scene: {count} ({', '.join(self.names)})"

    def _repr_html_(self) -> str:
        return self.svg()

    def add(self, shape: Shape, name: str | None = None) -> Scene:
        """Draw a shape in front of the others, and return the scene."""
        if name in self.names:
            raise ValueError(f"there is a shape {name!r} already; choose another name")
        if on := getattr(shape, "on", ""):
            self._check_line(on)
        # So that a mistake is reported by the line that made it.
        shape.svg(self.plot)
        if name is not None:
            self.names[name] = len(self.shapes)
        self.shapes.append(shape)
        return self

    def _check_line(self, name: str) -> None:
        place = self.names.get(name)
        if place is None or not isinstance(self.shapes[place], Line):
            raise ValueError(
                f"no line is named {name!r}; draw it before what sits on it"
            )

    def line(self, points: ArrayLike, name: str | None = None, **look: Any) -> Scene:
        """Draw strokes through points; ``upto=k`` draws the first k points alone."""
        return self.add(Line(points, **look), name)

    def area(self, points: ArrayLike, name: str | None = None, **look: Any) -> Scene:
        """Draw a filled polygon."""
        return self.add(Area(points, **look), name)

    def halfplane(
        self,
        w1: float,
        w2: float,
        b: float,
        name: str | None = None,
        **look: Any,
    ) -> Scene:
        """Draw ``w1 x + w2 y + b = 0`` and shade its positive side."""
        return self.add(HalfPlane(w1, w2, b, **look), name)

    def rect(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        name: str | None = None,
        **look: Any,
    ) -> Scene:
        """Draw a rectangle between two opposite corners."""
        return self.add(Rect(x0, y0, x1, y1, **look), name)

    def dot(self, x: float, y: float, name: str | None = None, **look: Any) -> Scene:
        """Draw a circle, square, triangle, down(ward triangle), diamond or cross."""
        return self.add(Dot(x, y, **look), name)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        name: str | None = None,
        **look: Any,
    ) -> Scene:
        """Draw a label around a point; ``dx, dy`` move it by pixels."""
        return self.add(Text(x, y, text, **look), name)

    def arrow(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        name: str | None = None,
        **look: Any,
    ) -> Scene:
        """Draw an arrow that keeps ``gap`` pixels away from both points."""
        return self.add(Arrow(x0, y0, x1, y1, **look), name)

    def image(
        self,
        values: np.ndarray,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        name: str | None = None,
        **look: Any,
    ) -> Scene:
        """Draw a matrix as a raster whose first row lies at y0 and last at y1."""
        return self.add(Image(x0, y0, x1, y1, values, **look), name)

    def group(
        self, shapes: Sequence[Shape], name: str | None = None, **look: Any
    ) -> Scene:
        """Draw shapes that a frame exchanges together."""
        return self.add(Group(shapes, **look), name)

    def drawn(self, name: str, change: Mapping[str, Any]) -> dict[str, str]:
        """Return a shape's SVG attributes with some of its fields changed.

        Raises
        ------
        KeyError
            If no shape has this name.
        TypeError
            If the shape has no such field.
        """
        if name not in self.names:
            raise KeyError(f"no shape is named {name!r}; there are {[*self.names]}")
        shape = self.shapes[self.names[name]]
        known = [field.name for field in fields(shape) if field.name != "_"]
        if unknown := set(change) - set(known):
            kind = type(shape).__name__.lower()
            raise TypeError(
                f"{name!r} is a {kind}: it has no {min(unknown)!r}; it has {known}"
            )
        return replace(shape, **change).svg(self.plot)

    def svg(
        self,
        changes: Mapping[str, Mapping[str, Any]] | None = None,
        marked: Iterable[str] = (),
        alt: str = "",
    ) -> str:
        """Return the drawing as an SVG element.

        Parameters
        ----------
        changes : mapping of names to fields, optional
            A frame: the fields that differ from the scene as it was drawn.
        marked : iterable of str
            Names of the shapes that a script must find, by ``data-name``.
        alt : str
            What the drawing shows, for those who do not see it.
        """
        changes, marked = changes or {}, set(marked)
        names = {place: name for name, place in self.names.items()}
        parts = [shape.svg(self.plot) for shape in self.shapes]
        for name, change in changes.items():
            parts[self.names[name]] = self.drawn(name, change)
        for place, drawn in enumerate(parts):
            if "data-on" in drawn:
                line = parts[self.names[drawn["data-on"]]]
                drawn["transform"] = f"translate({_last_point(line)})"
            if names.get(place) in marked:
                parts[place] = {"data-name": names[place]} | drawn
        plot = self.plot
        label = f'role="img" aria-label="{escape(alt)}"' if alt else 'role="img"'
        return (
            f'<svg viewBox="0 0 {number(self.width)} {number(self.height)}" {label} '
            f'width="{number(self.width)}" style="max-width:100%;height:auto" '
            'font-size="14" font-family="system-ui,sans-serif">'
            + self.axes
            + f'<svg x="{self.left}" y="{self.top}" width="{number(plot.width)}" '
            f'height="{number(plot.height)}">{"".join(map(element, parts))}</svg></svg>'
        )


def _last_point(line: dict[str, str]) -> str:
    """The last point that a line shows."""
    points = line["points"].split(" ")
    return points[: int(line.get("upto", len(points)))][-1]
