"""Tables have a box to scroll in, formulas that are set, and heads with names.

course_lib/page/table.py writes HTML, in which Jupyter sets what stands in $…$. The site
sets formulas when it is built, so here the HTML is cut into pieces, and those that are
formulas become formulas.
"""

import re
from html import unescape

from docutils import nodes

from tools.site.cells import Change, html

FORMULA = re.compile(r"\$([^$<>]+)\$")
HEAD = re.compile(r"<th\b([^>]*)>(.*?)</th>", re.DOTALL)
SEEN = re.compile(r'<span class="katex-html".*', re.DOTALL)


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


def name_heads(app, pagename, templatename, context, doctree):
    """Give each head of a table a name for the ear; a cell without words is no head."""
    context["body"] = HEAD.sub(named, context.get("body") or "")


def named(head):
    """A head, or a cell of the same look."""
    look, content = head.groups()
    words, *formula = content.split("<math")
    if re.sub("<[^>]*>", "", words).strip():
        return head[0]
    if not formula:
        return f"<td{look}>{content}</td>"
    letters = re.sub("<[^>]*>", "", "<math" + SEEN.sub("", formula[0]))
    return head[0].replace("<math", f'<math aria-label="{letters}"', 1)


def setup(app):
    app.connect("html-page-context", name_heads)
    app.add_post_transform(TablesInABox)
    app.add_post_transform(FormulasInTables)
