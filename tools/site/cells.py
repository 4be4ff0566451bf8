"""What the parts of the extension share: a change of a page, cells, and HTML."""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform


class Change(SphinxPostTransform):
    """A change of a page on its way to the site; ``default_priority`` is its turn."""

    formats = ("html",)

    def all(self, kind):
        """The nodes of a kind, which may be changed while one walks through them."""
        return list(self.document.findall(kind))


def is_cell(node):
    """Whether a node is a cell of code."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def parts(cell, kind):
    """The source or the output of a cell."""
    return [part for part in cell if part.get("nb_element") == f"cell_code_{kind}"]


def html(text):
    """A node that is written as it stands."""
    return nodes.raw("", text, format="html")
