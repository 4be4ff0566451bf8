"""Figures of quantities, in one style; `page.diagram` has the schematic ones.

Importing it loads ``book.mplstyle``. A function draws on `ax`, or on a new figure
where none is given, and returns nothing.
"""

from course_lib.page.plot.bars import bars
from course_lib.page.plot.contours import contours
from course_lib.page.plot.curves import bands, lines, loss_curves
from course_lib.page.plot.images import images
from course_lib.page.plot.regions import decision_regions
from course_lib.page.style import PALETTE

__all__ = [
    "PALETTE",
    "bands",
    "bars",
    "contours",
    "decision_regions",
    "images",
    "lines",
    "loss_curves",
]
