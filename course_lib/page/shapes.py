"""The shapes of a `Scene`: what is drawn, in data coordinates.

A shape is a value that never changes. A frame of a `Player` is the same shape with
other fields, so everything that a shape can be given, a frame can move.
"""

import base64
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from html import escape
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from course_lib.page.colors import paint
from course_lib.page.labels import svg_label

MARKERS = {
    "circle": "M{r},0A{r},{r},0,1,1,-{r},0A{r},{r},0,1,1,{r},0Z",
    "square": "M-{r},-{r}H{r}V{r}H-{r}Z",
    "triangle": "M0,-{r}L{r},{r}H-{r}Z",
    "down": "M0,{r}L{r},-{r}H-{r}Z",
    "diamond": "M0,-{r}L{r},0L0,{r}L-{r},0Z",
    "cross": "M-{r},-{r}L{r},{r}M-{r},{r}L{r},-{r}",
}


ARROWHEAD = "M8,0L-6,-6V6Z"  # points to the right; in place of what is out of sight


def numbers(values: ArrayLike) -> list[str]:
    """Numbers with one decimal, the same on every processor.

    Examples
    --------
    >>> numbers([2.0, -0.04, 12.25])
    ['2', '0', '12.3']
    """
    values = np.asarray(values, dtype=float)
    assert np.isfinite(values).all(), "end a path before it is infinite or NaN"
    # Processors differ in the last bit. The nudge takes sums that should be x.x5
    # away from the tie, so that this bit does not decide how they are rounded.
    rounded = np.round(values + 1e-7, 1) + 0.0
    return [f"{value:.10g}" for value in rounded.tolist()]


@dataclass(frozen=True)
class Plot:
    """The rectangle of pixels that shows the data from xlim and ylim."""

    width: float
    height: float
    xlim: tuple[float, float]
    ylim: tuple[float, float]

    def place(self, points: ArrayLike) -> np.ndarray:
        """Pixels of points, counted from the top left corner.

        Examples
        --------
        >>> Plot(400, 300, xlim=(0, 10), ylim=(0, 1)).place([(5, 1)])
        array([[200.,   0.]])
        """
        x, y = np.asarray(points, dtype=float).reshape(-1, 2).T
        (left, right), (low, high) = self.xlim, self.ylim
        across, down = (x - left) / (right - left), (high - y) / (high - low)
        return np.stack([across * self.width, down * self.height], axis=1)

    def edge(self, pixel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The nearest pixel that is in sight, and which way the given one lies from it.

        Examples
        --------
        >>> Plot(400, 300, xlim=(0, 10), ylim=(0, 1)).edge(np.array([950, 20]))
        (array([400,  20]), array([1., 0.]))
        """
        size = np.array([self.width, self.height])
        return np.clip(pixel, 0, size), (pixel > size + 0.5) - 1.0 * (pixel < -0.5)

    def pairs(self, points: ArrayLike) -> str:
        """Pixels of points as SVG writes them: ``"200,0 400,300"``."""
        return pairs(self.place(points))


def pairs(pixels: np.ndarray) -> str:
    """Pixels as SVG writes them."""
    x, y = (numbers(column) for column in np.reshape(pixels, (-1, 2)).T)
    return " ".join(f"{a},{b}" for a, b in zip(x, y, strict=True))


def element(drawn: dict[str, str]) -> str:
    """The SVG element of a shape's tag, attributes and text.

    Examples
    --------
    >>> element({"tag": "circle", "r": "2"})
    "<circle r='2'/>"
    """
    drawn = dict(drawn)
    tag, text = drawn.pop("tag"), drawn.pop("text", "")
    if "upto" in drawn:
        points = drawn["points"].split(" ")[: int(drawn.pop("upto"))]
        drawn["points"] = " ".join(points)
    # Single quotes: a player writes the whole picture into src="…".
    written = "".join(f" {key}='{escape(value)}'" for key, value in drawn.items())
    return f"<{tag}{written}>{text}</{tag}>" if text else f"<{tag}{written}/>"


@dataclass(frozen=True)
class Shape:
    """What all shapes share.

    Parameters
    ----------
    color : str
        A name of `colors`, or ``"none"``.
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
    clip : bool
        Whether the part of it that lies beyond the axes is cut off.
    halo : bool
        Whether a rim sets it off from what lies behind it.
    """

    _: KW_ONLY
    color: str = "blue"
    width: float = 2
    dash: str = ""
    fill: float = 0
    opacity: float = 1
    show: bool = True
    clip: bool = True
    halo: bool = False

    def svg(self, plot: Plot) -> dict[str, str]:
        """The element: its ``tag``, its attributes, and its ``text`` if any."""
        drawn = self.geometry(plot) | self.ink()
        if self.opacity != 1:
            drawn["opacity"] = f"{self.opacity:.3g}"
        if not self.show:
            drawn["display"] = "none"
        return drawn

    def geometry(self, plot: Plot) -> dict[str, str]:
        """The tag, and the attributes that say where the shape is."""
        raise NotImplementedError

    def ink(self) -> dict[str, str]:
        """The attributes that say how the shape looks."""
        color = paint(self.color)
        look = {"fill": color if self.fill else "none"}
        if 0 < self.fill < 1:
            look["fill-opacity"] = f"{self.fill:.3g}"
        if self.width:
            look |= {"stroke": color, "stroke-width": f"{self.width:.3g}"}
        if self.dash:
            look["stroke-dasharray"] = self.dash
        if self.halo:
            look["filter"] = "drop-shadow(0 0 1.5px var(--paper))"
        return look


@dataclass(frozen=True)
class Line(Shape):
    """Straight strokes through the points; ``upto=k`` draws the first k alone."""

    points: ArrayLike
    name: str = ""
    _: KW_ONLY
    upto: int | None = None

    def geometry(self, plot: Plot) -> dict[str, str]:
        drawn = {"tag": "polyline", "points": plot.pairs(self.points)}
        return drawn if self.upto is None else drawn | {"upto": str(int(self.upto))}


@dataclass(frozen=True)
class Area(Shape):
    """A filled polygon."""

    points: ArrayLike
    name: str = ""
    _: KW_ONLY
    fill: float = 0.15

    def geometry(self, plot: Plot) -> dict[str, str]:
        return {"tag": "polygon", "points": plot.pairs(self.points)}


@dataclass(frozen=True)
class HalfPlane(Shape):
    """The side of the line ``w1 x + w2 y + b = 0`` where the sum is positive."""

    w1: float
    w2: float
    b: float
    name: str = ""
    _: KW_ONLY
    fill: float = 0.15

    def geometry(self, plot: Plot) -> dict[str, str]:
        # The plot and a rim around it, so that only the line itself shows a stroke.
        low, high = np.array([plot.xlim, plot.ylim]).T
        low, high = low - (rim := 0.05 * (high - low)), high + rim
        corners = low + (high - low) * [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
        height = corners @ [self.w1, self.w2] + self.b
        kept = []
        for (p, q), (at_p, at_q) in zip(
            pairwise(corners), pairwise(height), strict=True
        ):
            if at_p > 0:
                kept.append(p)
            if (at_p > 0) != (at_q > 0):
                kept.append(p + at_p / (at_p - at_q) * (q - p))
        return {"tag": "polygon", "points": plot.pairs(kept)}


@dataclass(frozen=True)
class Rect(Shape):
    """A rectangle with two opposite corners; ``radius`` rounds it, in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float
    name: str = ""
    _: KW_ONLY
    fill: float = 0.15
    radius: float = 0

    def geometry(self, plot: Plot) -> dict[str, str]:
        corners = plot.place([(self.x0, self.y0), (self.x1, self.y1)])
        drawn = {"tag": "rect"} | _box(corners)
        return drawn | ({"rx": f"{self.radius:.3g}"} if self.radius else {})


def _box(corners: np.ndarray) -> dict[str, str]:
    box = [*corners.min(axis=0), *np.ptp(corners, axis=0)]
    return dict(zip(("x", "y", "width", "height"), numbers(box), strict=True))


@dataclass(frozen=True)
class Dot(Shape):
    """A circle, square, triangle, down(ward triangle), diamond or cross.

    ``r`` is its radius in pixels, ``fill=0`` leaves it open. With ``on`` it sits at
    the end of the line of this name, wherever that moves. Beyond the axes nothing is
    drawn, but with ``beyond`` an arrowhead at their edge and this label, in which
    ``{x}`` and ``{y}`` are where the dot is: ``"$x$ = {x:.3g}"``.
    """

    x: float
    y: float
    name: str = ""
    _: KW_ONLY
    r: float = 5
    marker: str = "circle"
    on: str = ""
    beyond: str = ""
    fill: float = 1
    width: float = 1.5
    clip: bool = False

    def geometry(self, plot: Plot) -> dict[str, str]:
        pixel = plot.place([self.x, self.y])[0]
        edge, way = plot.edge(pixel)
        drawn = {"transform": f"translate({pairs(edge)})"}
        outline = MARKERS[self.marker].format(r=f"{self.r:.3g}")
        if self.on:
            on = {"data-on": self.on, "data-outline": outline}
            return {"tag": "path"} | on | drawn | {"d": outline}
        if not self.beyond:
            return {"tag": "path"} | drawn | {"d": "" if way.any() else outline}
        inside = element({"tag": "path", "d": outline})
        if way.any():
            inside = self._pointer(plot, edge, way)
        return {"tag": "g"} | drawn | {"text": inside}

    def _pointer(self, plot: Plot, edge: np.ndarray, way: np.ndarray) -> str:
        """An arrowhead, and beside it the label."""
        head = {"tag": "path", "transform": pointed(-8 * way, way), "d": ARROWHEAD}
        label = Text(0, 0, self.beyond.format(x=self.x, y=self.y), halo=True)
        share = edge[0] / plot.width
        anchor = "end" if share > 0.7 else "start" if share < 0.3 else "middle"
        at = -way * [22, 26 if not way[0] else 6]
        label = label.geometry(plot) | label.ink() | {"text-anchor": anchor}
        return element(head) + element(label | {"transform": f"translate({pairs(at)})"})


def pointed(pixel: np.ndarray, way: np.ndarray) -> str:
    """The ``transform`` that moves an arrowhead to a pixel and turns it a way."""
    angle = np.degrees(np.arctan2(way[1], way[0]))
    return f"translate({pairs(pixel)}) rotate({angle:.0f})"


@dataclass(frozen=True)
class Arrow(Shape):
    """An arrow that keeps ``gap`` pixels away from both of its ends.

    ``bend`` moves its middle to the left by so many pixels.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    name: str = ""
    _: KW_ONLY
    gap: float = 0
    head: float = 8
    bend: float = 0

    def geometry(self, plot: Plot) -> dict[str, str]:
        start, end = plot.place([(self.x0, self.y0), (self.x1, self.y1)])
        length = float(np.hypot(*(end - start)))
        if length <= 2 * self.gap:
            return {"tag": "path", "d": ""}
        along = (end - start) / length
        left = np.array([along[1], -along[0]])
        start, end = start + self.gap * along, end - self.gap * along
        middle = (start + end) / 2 + 2 * self.bend * left
        ahead = (end - middle) / np.hypot(*(end - middle))
        side = np.array([-ahead[1], ahead[0]]) / 2
        wings = [end - self.head * (ahead + sign * side) for sign in (1, -1)]
        stroke = "M{} Q{} {}" if self.bend else "M{0} L{2}"
        d = stroke.format(*map(pairs, (start, middle, end)))
        if self.head:
            d += " M{} L{} L{}".format(*map(pairs, (wings[0], end, wings[1])))
        return {"tag": "path", "d": d}


@dataclass(frozen=True)
class Text(Shape):
    """A label (see `labels`) around a point; ``dx, dy`` move it by pixels.

    ``face`` is ``"bold"`` or ``"italic"``.
    """

    x: float
    y: float
    text: str
    name: str = ""
    _: KW_ONLY
    anchor: str = "middle"
    size: float = 1
    face: str = ""
    dx: float = 0
    dy: float = 0
    color: str = "ink"

    def geometry(self, plot: Plot) -> dict[str, str]:
        at = plot.place([self.x, self.y])[0] + [self.dx, self.dy]
        place = f"translate({pairs(at)})"
        return {"tag": "text", "transform": place, "text": svg_label(self.text)}

    def ink(self) -> dict[str, str]:
        look = {"fill": paint(self.color), "text-anchor": self.anchor, "dy": ".35em"}
        if self.size != 1:
            look["font-size"] = f"{self.size:.3g}em"
        if self.face:
            look["font-weight" if self.face == "bold" else "font-style"] = self.face
        if self.halo:
            look |= {"stroke": paint("paper"), "stroke-width": "5"}
            look |= {"stroke-linejoin": "round", "paint-order": "stroke"}
        return look


@dataclass(frozen=True)
class Group(Shape):
    """Shapes that are drawn, hidden or exchanged together; they may leave the axes."""

    shapes: Sequence[Shape]
    name: str = ""
    _: KW_ONLY
    clip: bool = False

    def geometry(self, plot: Plot) -> dict[str, str]:
        drawn = "".join(element(shape.svg(plot)) for shape in self.shapes)
        return {"tag": "g", "text": drawn}

    def ink(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True)
class Image(Shape):
    """A matrix from 0, white, to 1, black; its first row lies at y0, its last at y1.

    With ``smooth`` the grey between the middles of its cells changes little by little.
    """

    values: np.ndarray
    x0: float
    y0: float
    x1: float
    y1: float
    name: str = ""
    _: KW_ONLY
    smooth: bool = False

    def geometry(self, plot: Plot) -> dict[str, str]:
        corners = plot.place([(self.x0, self.y0), (self.x1, self.y1)])
        rows = np.asarray(self.values, dtype=float)
        if corners[0, 1] > corners[1, 1]:
            rows = rows[::-1]  # PNG begins at the top
        return {"tag": "image", "href": png_address(rows)} | _box(corners)

    def ink(self) -> dict[str, str]:
        sharp = {} if self.smooth else {"style": "image-rendering:pixelated"}
        return {"preserveAspectRatio": "none"} | sharp


def png_address(values: np.ndarray) -> str:
    """A ``data:`` address of a matrix as a PNG of 64 grey levels.

    Written out by hand, without compression: a compressing library gives other bytes
    in its next version, and a picture of a page must not change by itself.

    Examples
    --------
    >>> png_address(np.eye(2))[:26]
    'data:image/png;base64,iVBO'
    """
    # As in `numbers`: a tie is no matter of the last bit.
    level = np.floor(63 * np.clip(values, 0, 1) + 0.5 + 1e-7).astype(int)
    height, width = level.shape
    grey = (255 - 255 * level // 63).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in grey)  # 0: no filter
    assert len(rows) < 65_536, f"{level.shape} is too large an image for a page"
    stored = struct.pack("<BHH", 1, len(rows), len(rows) ^ 0xFFFF)
    packet = b"\x78\x01" + stored + rows + struct.pack(">I", zlib.adler32(rows))
    png = b"\x89PNG\r\n\x1a\n" + _chunks(
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", packet),
        (b"IEND", b""),
    )
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    def packed(name: bytes, data: bytes) -> Iterable[bytes]:
        check = zlib.crc32(name + data)
        return struct.pack(">I", len(data)), name, data, struct.pack(">I", check)

    return b"".join(part for chunk in chunks for part in packed(*chunk))
