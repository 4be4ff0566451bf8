"""Figures of quantities: curves, bars, maps and images, by Matplotlib, as SVG.

`course_lib.page.diagram` has the schematic ones.

Importing it sets the style of the book; in a notebook every figure, also one that a
reader draws, is then shown as SVG that follows the colours of the page. A function
draws on `ax`, or on a new figure where none is given, and returns nothing.
"""

from course_lib.page.plot.curves import bands, bars, lines, loss_curves
from course_lib.page.plot.evidence import evidence
from course_lib.page.plot.images import images
from course_lib.page.plot.maps import contours, decision_regions
from course_lib.page.plot.remarks import annotate, label_ends
from course_lib.page.plot.style import PALETTE, color
from course_lib.page.plot.svg import show_as_svg

__all__ = [
    "PALETTE",
    "annotate",
    "bands",
    "bars",
    "color",
    "contours",
    "decision_regions",
    "evidence",
    "images",
    "label_ends",
    "lines",
    "loss_curves",
]

show_as_svg()
