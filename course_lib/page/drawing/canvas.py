"""Data to pixels, numbers to text, names to colours: the ground of a `Scene`."""

from __future__ import annotations

import math
from dataclasses import dataclass

# The palette of Okabe and Ito. Each colour is a variable of the page's style sheet
# (brighter on a dark page); where there is no style sheet, the value here holds.
COLORS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "grey": "#6E6E6E",
}
_PAINTS = {name: f"var(--player-{name},{code})" for name, code in COLORS.items()} | {
    "ink": "currentColor",
    "paper": "var(--pst-color-background,var(--jp-layout-color0,#fff))",
    "none": "none",
}


def number(value: float) -> str:
    """Return a number with one decimal, the same on every processor.

    Raises
    ------
    ValueError
        If the number is infinite or not a number.

    Examples
    --------
    >>> number(2.0), number(-0.04), number(12.25)
    ('2', '0', '12.3')
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be drawn; end the path before it diverges")
    # Processors differ in the last bit. The nudge takes sums that should be x.x5
    # away from the tie, so that this bit does not decide how they are rounded.
    rounded = round(float(value) + 1e-7, 1) + 0.0
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)


def paint(color: str) -> str:
    """Return the SVG paint of a colour of the palette, or of ink, paper or none."""
    if color not in _PAINTS:
        raise ValueError(f"no colour {color!r}; there are {', '.join(_PAINTS)}")
    return _PAINTS[color]


@dataclass(frozen=True)
class Plot:
    """The rectangle of pixels that shows the data from xlim and ylim."""

    width: float
    height: float
    xlim: tuple[float, float]
    ylim: tuple[float, float]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a point, counted from the top left corner."""
        (left, right), (low, high) = self.xlim, self.ylim
        across = (float(x) - left) / (right - left)
        up = (float(y) - low) / (high - low)
        return across * self.width, (1 - up) * self.height

    def pair(self, x: float, y: float) -> str:
        """Return the pixel of a point as SVG writes it.

        Examples
        --------
        >>> Plot(400, 300, xlim=(0, 10), ylim=(0, 1)).pair(5, 1)
        '200,0'
        """
        return ",".join(map(number, self.place(x, y)))
