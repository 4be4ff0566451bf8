"""What a reader may skip is folded, and code stands below.

- A heading that begins with "▸" folds its section: the evidence of what was said.
- Code that draws, imports or prints a listing does not stand before its picture: one
  small link below the picture unfolds it.
- A cell that is hidden whole is a solution.
- A printed listing has the name of its file as its title.
- A line that is only *Slides 4, 5* goes to the margin.
"""

import ast
import re

from docutils import nodes

from tools.site.cells import Change, is_cell

QUIET = {"show", "check", "table"}  # calls whose result matters, not their code
SLIDES = re.compile(r"Slides? [0-9, –]+")
SIGN = "▸ "  # of headings that fold


class fold(nodes.General, nodes.Element):
    """A title that unfolds what follows."""


class title_of_fold(nodes.General, nodes.TextElement):
    """What one sees of a fold."""


def folded(title, kind, *content):
    """A fold, with the content of a heading as its title."""
    summary = title_of_fold("", "", *title)
    return fold("", summary, *content, classes=["fold", kind])


def visit_fold(writer, node):
    """Open the fold."""
    writer.body.append(writer.starttag(node, "details", ""))


def depart_fold(writer, _):
    """Close the fold."""
    writer.body.append("</details>\n")


def visit_title(writer, _):
    """Open the title."""
    writer.body.append("<summary>")


def depart_title(writer, _):
    """Close the title."""
    writer.body.append("</summary>\n")


class FoldSections(Change):
    """Sections whose heading has the sign become folds."""

    default_priority = 150

    def run(self, **_):
        for section in self.all(nodes.section):
            title, *content = section.children
            if title.astext().startswith(SIGN):
                first = title[0]
                title.replace(first, nodes.Text(first.astext().removeprefix(SIGN)))
                node = folded(title.children, "evidence", *content)
                node["ids"] = section["ids"]
                section.replace_self(node)


class CodeBelow(Change):
    """Put the hidden code of neighboring cells into one fold below what they show."""

    default_priority = 160  # before MyST-NB hides cells in its own way

    def run(self, **_):
        self.waiting = []  # code that has shown nothing yet
        for cell in self.all(is_cell):
            self.place(cell)
        if self.waiting:
            page = self.all(nodes.section)[0]
            page += self.code()

    def place(self, cell):
        """Put one cell where it belongs."""
        mode = cell.attributes.pop("hide_mode", None)
        if mode == "all":
            cell.replace_self(
                folded([nodes.Text("Solution")], "solution", *cell.children)
            )
            return
        source, *output = cell.children
        if mode is None and not is_quiet(source.astext()):
            return
        cell.remove(source)
        self.waiting.append(source)
        if not output:
            cell.parent.remove(cell)
        elif mode and not is_cell_with_picture(following(cell)):
            cell.parent.insert(cell.parent.index(cell) + 1, self.code())

    def code(self):
        """The fold of all code that waits."""
        code, self.waiting = self.waiting, []
        return folded([nodes.Text("code")], "code", *code)


def is_cell_with_picture(node):
    """Whether a node is a cell whose code is hidden and that shows something."""
    return is_cell(node) and node.get("hide_mode") == "input" and len(node) > 1


def following(node):
    """The next neighbor, if there is one."""
    place = node.parent.index(node) + 1
    return node.parent[place] if place < len(node.parent) else None


def is_quiet(source):
    """Whether a cell only imports, or calls what shows, checks and tabulates."""
    return all(
        isinstance(line, ast.Import | ast.ImportFrom)
        or (
            isinstance(line, ast.Expr)
            and isinstance(line.value, ast.Call)
            and getattr(line.value.func, "id", "") in QUIET
        )
        for line in ast.parse(source).body
    )


class FilesAsTitles(Change):
    """The name of the file that a listing comes from is the listing's title."""

    default_priority = 170

    def run(self, **_):
        for code in self.all(nodes.literal_block):
            place = code.parent.index(code)
            title = code.parent[place - 1] if place else None
            if isinstance(title, nodes.paragraph) and title.astext().endswith(".py"):
                title["classes"].append("file")


class SlidesInTheMargin(Change):
    """A line that only names slides of the deck becomes a note in the margin."""

    default_priority = 170

    def run(self, **_):
        for line in self.all(nodes.paragraph):
            alone = len(line) == 1 and isinstance(line[0], nodes.emphasis)
            if alone and SLIDES.fullmatch(line.astext()):
                line["classes"].append("slides")
                line[0].replace_self(nodes.inline("", *line[0].children))


def setup(app):
    app.add_node(fold, html=(visit_fold, depart_fold))
    app.add_node(title_of_fold, html=(visit_title, depart_title))
    app.add_post_transform(FoldSections)
    app.add_post_transform(CodeBelow)
    app.add_post_transform(FilesAsTitles)
    app.add_post_transform(SlidesInTheMargin)
