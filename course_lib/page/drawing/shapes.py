"""The shapes of a `Scene`: what is drawn, in data coordinates.

A shape is a value that never changes. A frame of a `Player` is the same shape with
other fields, so everything that a shape can be given, a frame can move.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import ArrayLike

from course_lib.page.drawing.canvas import Plot, number, paint
from course_lib.page.drawing.labels import svg_label

_MARKERS = {
    "circle": "M{r},0A{r},{r},0,1,1,-{r},0A{r},{r},0,1,1,{r},0Z",
    "square": "M-{r},-{r}H{r}V{r}H-{r}Z",
    "triangle": "M0,-{r}L{r},{r}H-{r}Z",
    "down": "M0,{r}L{r},-{r}H-{r}Z",
    "diamond": "M0,-{r}L{r},0L0,{r}L-{r},0Z",
    "cross": "M-{r},-{r}L{r},{r}M-{r},{r}L{r},-{r}",
}


@dataclass(frozen=True)
class Shape:
    """What all shapes share.

    Parameters
    ----------
    color : str
        A colour of the palette, ``"ink"``, ``"paper"`` or ``"none"``.
    width : float
        Of the stroke, in pixels.
    dash : str
        Lengths of strokes and gaps in pixels, such as ``"6 4"``.
    fill : float
        Opacity of the inside, 0 to 1.
    opacity : float
        Of the whole shape, 0 to 1.
    show : bool
        Whether the shape is there at all.
    """

    _: KW_ONLY
    color: str = "blue"
    width: float = 2
    dash: str = ""
    fill: float = 0
    opacity: float = 1
    show: bool = True

    def svg(self, plot: Plot) -> dict[str, str]:
        """Return the element: its ``tag``, its attributes, and its ``text`` if any."""
        drawn = self.geometry(plot) | self.ink()
        if self.opacity != 1:
            drawn["opacity"] = f"{self.opacity:.3g}"
        if not self.show:
            drawn["display"] = "none"
        return drawn

    def geometry(self, plot: Plot) -> dict[str, str]:
        """Return the tag, and the attributes that say where the shape is."""
        raise NotImplementedError

    def ink(self) -> dict[str, str]:
        """Return the attributes that say how the shape looks."""
        color = paint(self.color)
        look = {"fill": color if self.fill else "none"}
        if 0 < self.fill < 1:
            look["fill-opacity"] = f"{self.fill:.3g}"
        if self.width:
            look |= {"stroke": color, "stroke-width": f"{self.width:.3g}"}
        if self.dash:
            look["stroke-dasharray"] = self.dash
        return look


def _pairs(points: ArrayLike, plot: Plot) -> str:
    array = np.asarray(points, dtype=float)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"points of shape {array.shape}; give a list of pairs (x, y)")
    return " ".join(plot.pair(x, y) for x, y in array)


@dataclass(frozen=True)
class Line(Shape):
    """Straight strokes through the points; ``upto`` draws only the first few."""

    points: ArrayLike
    upto: int | None = None

    def geometry(self, plot: Plot) -> dict[str, str]:
        points = _pairs(self.points, plot)
        upto = {} if self.upto is None else {"upto": str(int(self.upto))}
        return {"tag": "polyline", "points": points} | upto


@dataclass(frozen=True)
class Area(Shape):
    """A polygon."""

    points: ArrayLike
    _: KW_ONLY
    fill: float = 0.15

    def geometry(self, plot: Plot) -> dict[str, str]:
        points = _pairs(self.points, plot)
        return {"tag": "polygon", "points": points}


@dataclass(frozen=True)
class HalfPlane(Shape):
    """The side of the line ``w1 x + w2 y + b = 0`` where the sum is positive."""

    w1: float
    w2: float
    b: float
    _: KW_ONLY
    fill: float = 0.15

    def geometry(self, plot: Plot) -> dict[str, str]:
        # The plot and a rim around it, so that only the line itself shows a stroke.
        (left, right), (low, high) = plot.xlim, plot.ylim
        x, y = 0.05 * (right - left), 0.05 * (high - low)
        left, right, low, high = left - x, right + x, low - y, high + y
        corners = [(left, low), (right, low), (right, high), (left, high)]
        kept = []
        for p, q in zip(corners, corners[1:] + corners[:1], strict=True):
            at_p, at_q = (self.w1 * u + self.w2 * v + self.b for u, v in (p, q))
            if at_p > 0:
                kept.append(p)
            crosses = (at_p > 0) != (at_q > 0)
            if crosses:  # the line, on this side of the plot
                t = at_p / (at_p - at_q)
                kept.append(tuple(u + t * (v - u) for u, v in zip(p, q, strict=True)))
        return {
            "tag": "polygon",
            "points": " ".join(plot.pair(*p) for p in kept),
        }


@dataclass(frozen=True)
class Rect(Shape):
    """A rectangle with (x0, y0) and (x1, y1) as opposite corners."""

    x0: float
    y0: float
    x1: float
    y1: float
    _: KW_ONLY
    fill: float = 0.15

    def box(self, plot: Plot) -> dict[str, str]:
        (x0, y0), (x1, y1) = (
            plot.place(self.x0, self.y0),
            plot.place(self.x1, self.y1),
        )
        corner = {"x": number(min(x0, x1)), "y": number(min(y0, y1))}
        return corner | {
            "width": number(abs(x1 - x0)),
            "height": number(abs(y1 - y0)),
        }

    def geometry(self, plot: Plot) -> dict[str, str]:
        return {"tag": "rect"} | self.box(plot)


@dataclass(frozen=True)
class Dot(Shape):
    """A marker; ``r`` is its radius in pixels, ``fill=0`` leaves it open.

    With ``on`` it sits at the end of the line of this name, wherever that moves.
    """

    x: float
    y: float
    _: KW_ONLY
    r: float = 5
    marker: str = "circle"
    on: str = ""
    fill: float = 1
    width: float = 1.5

    def geometry(self, plot: Plot) -> dict[str, str]:
        if self.marker not in _MARKERS:
            raise ValueError(f"no marker {self.marker!r}; there are {[*_MARKERS]}")
        outline = _MARKERS[self.marker].format(r=number(self.r))
        at = f"translate({plot.pair(self.x, self.y)})"
        on = {"data-on": self.on} if self.on else {}
        return {"tag": "path"} | on | {"transform": at, "d": outline}


@dataclass(frozen=True)
class Arrow(Shape):
    """An arrow that stops ``gap`` pixels before both of its ends."""

    x0: float
    y0: float
    x1: float
    y1: float
    _: KW_ONLY
    gap: float = 0
    head: float = 8

    def geometry(self, plot: Plot) -> dict[str, str]:
        start, end = (
            np.array(plot.place(x, y))
            for x, y in ((self.x0, self.y0), (self.x1, self.y1))
        )
        length = float(np.hypot(*(end - start)))
        if length <= 2 * self.gap:
            return {"tag": "path", "d": ""}
        along = (end - start) / length
        across = np.array([-along[1], along[0]])
        start, end = start + self.gap * along, end - self.gap * along
        wings = [end - self.head * (along + side * across) for side in (0.5, -0.5)]
        stops = [start, end, wings[0], end, wings[1]]
        pairs = [",".join(map(number, stop)) for stop in stops]
        return {"tag": "path", "d": "M{}L{}M{}L{}L{}".format(*pairs)}


@dataclass(frozen=True)
class Text(Shape):
    """A label (see `labels`); ``halo`` sets it off from strokes."""

    x: float
    y: float
    text: str
    _: KW_ONLY
    anchor: str = "middle"
    size: float = 1
    dx: float = 0
    dy: float = 0
    halo: bool = False
    color: str = "ink"

    def geometry(self, plot: Plot) -> dict[str, str]:
        x, y = plot.place(self.x, self.y)
        at = f"translate({number(x + self.dx)},{number(y + self.dy)})"
        return {"tag": "text", "transform": at, "text": svg_label(self.text)}

    def ink(self) -> dict[str, str]:
        look = {
            "fill": paint(self.color),
            "text-anchor": self.anchor,
            "dy": ".35em",
        }
        if self.size != 1:
            look["font-size"] = f"{self.size:.3g}em"
        if self.halo:
            look |= {"stroke": paint("paper"), "stroke-width": "5"}
            look |= {"stroke-linejoin": "round", "paint-order": "stroke"}
        return look
