"""Pictures that a page draws stand in the page itself.

MyST-NB writes each SVG output into a file, which a browser shows on its own, without
the style sheet of the page. Written into the page, a picture has the page's colours
and letters. Its alternative text becomes its name.
"""

from html import escape
from pathlib import Path

from docutils import nodes

from tools.site.cells import Change, html


class PicturesInThePage(Change):
    """Put the drawing in the place of each image of an SVG output."""

    default_priority = 900  # when MyST-NB has chosen one form of each output

    def run(self, **_):
        for image in self.all(nodes.image):
            file = Path(self.env.srcdir, image["uri"])
            if file.suffix == ".svg" and "jupyter_execute" in file.parts:
                svg = with_name(file.read_text("utf-8"), image.get("alt", ""))
                image.replace_self(html(svg))


def with_name(svg, alt):
    """The drawing as an image with a name, unless it has one already."""
    if "aria-label=" in svg.split(">")[0]:
        return svg
    role = "" if "role=" in svg.split(">")[0] else 'role="img" '
    return svg.replace("<svg ", f'<svg {role}aria-label="{escape(alt)}" ', 1)


def setup(app):
    app.add_post_transform(PicturesInThePage)
