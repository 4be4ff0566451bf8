"""The parts that pictures of networks are made of. Lengths are inches."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from course_lib.page.style import BLUE, GREY, INK

FACES = {
    "input": "#F2F2F2",
    "hidden": "#DCEBF5",
    "output": "#FBEBCB",
    "loss": "white",
}
RIMS = {"input": GREY, "hidden": BLUE, "output": "#9A6A00", "loss": INK}
WIDTHS = {"input": 0.7, "hidden": 1.3, "output": 1.3, "loss": 0.5}
HEIGHT = 0.5  # of a capsule
LINE = 0.19  # from one line of small letters to the next

SMALL = {"size": 11.5, "ha": "center", "va": "center"}
BACKED = {"bbox": {"boxstyle": "square,pad=0.12", "fc": "white", "ec": "none"}}
GRADIENT = {
    "style": "italic",
    "color": "#A84A00",
}  # a vermillion dark enough to read


def kinds(layers: int) -> list[str]:
    """What each layer is, of a network of so many."""
    return ["input", *["hidden"] * (layers - 2), "output"]


def number(ax: Axes, x: float, y: float, value: float, **style) -> None:
    """A value, or in the style GRADIENT a derivative."""
    ax.text(x, y, digits(value), **SMALL, **style)


def digits(value: float) -> str:
    """Two digits or so, in few characters: 0.25, −1.5, 0.003, 4e−6."""
    if abs(value) >= 99.5 or 0 < abs(value) < 0.0005:
        mantissa, exponent = f"{value:.0e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        text = f"{value:.{2 if abs(value) >= 0.095 else 3}f}"
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def capsule(ax: Axes, x: float, y: float, kind: str, *, dashed=False) -> None:
    """A unit; in two halves where something goes in and something else comes out."""
    width, radius = WIDTHS[kind], HEIGHT / 2
    box = f"round,pad=0,rounding_size={radius - 0.001}"
    look = {"fc": FACES[kind], "ec": RIMS[kind], "lw": 1.4, "zorder": 2}
    dashes = (0, (3, 2)) if dashed else "-"
    corner = x - width / 2, y - radius
    ax.add_patch(FancyBboxPatch(corner, width, HEIGHT, boxstyle=box, ls=dashes, **look))
    if kind in ("hidden", "output"):
        ax.plot([x, x], [y - radius, y + radius], "-", color=RIMS[kind], lw=0.9)


def circle(ax: Axes, x: float, y: float, kind: str) -> None:
    """A unit of a network drawn in outline."""
    look = {"fc": FACES[kind], "ec": RIMS[kind], "lw": 1.4, "zorder": 2}
    ax.add_patch(Circle((x, y), 0.18, **look))


def arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A way that the numbers take, without a weight."""
    look = {"color": GREY, "lw": 1.1, "zorder": 1, "shrinkA": 0, "shrinkB": 0}
    head = {"arrowstyle": "-|>", "mutation_scale": 11}
    ax.add_patch(FancyArrowPatch(start, end, **look, **head))


def captions(
    ax: Axes,
    x: Sequence[float],
    top: float,
    captions: Sequence[Sequence[str]],
) -> None:
    """Lines of text below each layer."""
    style = SMALL | {"va": "top", "color": "#555555"}
    for center, lines in zip(x, captions, strict=True):
        ax.text(center, top, "\n".join(lines), **style)


def page(ax: Axes | None, right: float, bottom: float, top: float) -> Axes:
    """Axes measured in inches, on a figure of just that size."""
    if ax is None:
        figure = plt.figure(figsize=(right, top - bottom))
        figure.set_layout_engine("none")  # the axes fill it
        ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, right), ylim=(bottom, top), aspect="equal")
    ax.axis("off")
    return ax
