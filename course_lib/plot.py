"""Every figure the book draws, in one style: one door to `course_lib.figures`.

Importing it loads ``book.mplstyle``. A function draws on `ax`, or on a new figure
where none is given, and returns nothing.
"""

from .figures.bars import bars
from .figures.boxes import boxes
from .figures.contours import contours
from .figures.curves import bands, lines, loss_curves
from .figures.graph import graph
from .figures.images import images
from .figures.network import network
from .figures.neuron import neuron
from .figures.regions import decision_regions
from .figures.style import PALETTE

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
