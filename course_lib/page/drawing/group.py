"""Several shapes as one, so that a frame can exchange them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from course_lib.page.drawing.canvas import Plot
from course_lib.page.drawing.shapes import Shape


@dataclass(frozen=True)
class Group(Shape):
    """Shapes that are drawn, hidden or exchanged together."""

    shapes: Sequence[Shape]

    def geometry(self, plot: Plot) -> dict[str, str]:
        drawn = "".join(element(shape.svg(plot)) for shape in self.shapes)
        return {"tag": "g", "text": drawn}

    def ink(self) -> dict[str, str]:
        return {}


def element(drawn: dict[str, str]) -> str:
    """Return the SVG element of a shape's tag, attributes and text.

    Examples
    --------
    >>> element({"tag": "circle", "r": "2"})
    '<circle r="2"/>'
    """
    drawn = dict(drawn)
    tag, text = drawn.pop("tag"), drawn.pop("text", "")
    if "upto" in drawn:
        points = drawn["points"].split(" ")[: int(drawn.pop("upto"))]
        drawn["points"] = " ".join(points)
    written = "".join(f' {key}="{escape(value)}"' for key, value in drawn.items())
    return f"<{tag}{written}>{text}</{tag}>" if text else f"<{tag}{written}/>"
