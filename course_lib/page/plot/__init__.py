"""Every figure the book draws, in one style: one door to `course_lib.page.figures`.

Importing it loads ``book.mplstyle``. A function draws on `ax`, or on a new figure
where none is given, and returns nothing.
"""

from course_lib.page.figures.boxes import boxes
from course_lib.page.figures.graph import graph
from course_lib.page.figures.network import network
from course_lib.page.figures.neuron import neuron
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
    "boxes",
    "contours",
    "decision_regions",
    "graph",
    "images",
    "lines",
    "loss_curves",
    "network",
    "neuron",
]
