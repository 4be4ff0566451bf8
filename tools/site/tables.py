"""Tables have a box to scroll in, and their formulas are set.

course_lib/page/table.py writes HTML, in which Jupyter sets what stands in $…$. The site
sets formulas when it is built, so here the HTML is cut into pieces, and those that are
formulas become formulas.
"""

import re
from html import unescape

from docutils import nodes

from tools.site.cells import Change, html

FORMULA = re.compile(r"\$([^$<>]+)\$")


class FormulasInTables(Change):
    """Replace the HTML of a table by its pieces, with a formula for each $…$."""

    default_priority = 600  # after the choice of one form, before the formulas are set

    def run(self, **_):
        for table in self.all(nodes.raw):
            if table.astext().startswith('<figure class="book-table"'):
                pieces = FORMULA.split(table.astext())
                table.replace_self(
                    [
                        nodes.math("", unescape(piece)) if i % 2 else html(piece)
                        for i, piece in enumerate(pieces)
                    ]
                )


class TablesInABox(Change):
    """A table of the text gets a box of its own, which scrolls where it is too wide."""

    default_priority = 610

    def run(self, **_):
        for table in self.all(nodes.table):
            box = nodes.container("", classes=["table-box"])
            table.replace_self(box)
            box += table


def setup(app):
    app.add_post_transform(TablesInABox)
    app.add_post_transform(FormulasInTables)
