"""The reference: every public name of the package, its docstring, and its pages.

A page asks for a part of the package in a line of its own, ``<!-- reference of
course_lib.nn -->``. Sphinx's autodoc reads the docstrings; here the modules are listed,
each name gets a line on the pages that show or use it, and the title of a listing links
to the name that it defines.
"""

import ast
import importlib
import pkgutil
import re
from functools import cache
from pathlib import Path

import nbformat
from docutils import nodes

from tools import slides
from tools.site.cells import Change

ASKED = re.compile(r"<!-- reference of ([\w.]+) -->")
DEFINED = re.compile(r"^(?:def|class) (\w+)", re.MULTILINE)
MODULE = """\
## `{name}`

```{{eval-rst}}
.. automodule:: {name}
   :members:
   :member-order: bysource
```
"""


def modules(name):
    """A module, or those of a folder that define something, in alphabetical order."""
    module = importlib.import_module(name)
    if not hasattr(module, "__path__"):
        return [name]
    inner = [f"{name}.{found.name}" for found in pkgutil.iter_modules(module.__path__)]
    return [one for each in inner for one in modules(each) if public(one)]


def public(module):
    """The functions and classes that a module defines for others."""
    names = vars(importlib.import_module(module)).items()
    return [
        name
        for name, thing in names
        if getattr(thing, "__module__", "") == module
        and hasattr(thing, "__name__")  # as an instance has not
        and not name.startswith("_")
    ]


def fill(app, docname, source):
    """Put the modules where a page asks for them."""
    source[0] = ASKED.sub(
        lambda asked: "\n".join(MODULE.format(name=m) for m in modules(asked[1])),
        source[0],
    )


def escape(app, what, name, thing, options, lines):
    """Signs of formulas are no marks of the markup; lines of examples stay."""
    example = False
    for i, line in enumerate(lines):
        example = line.strip() != "" and (example or line.strip().startswith(">>> "))
        if not example:
            parts = re.split("(`+[^`]*`+)", line)
            lines[i] = "".join(
                part if "`" in part else re.sub(r"([|*_\\])", r"\\\1", part)
                for part in parts
            )


def name_pages(app, what, name, thing, options, lines):
    """End a docstring with the pages of the book that show or use the thing."""
    if what not in ("function", "class"):
        return
    shown, used = pages_of_names()
    for word, pages in (("Shown", shown.get(name)), ("Used", used.get(name))):
        if pages:
            links = ", ".join(f":doc:`/{page}`" for page in pages[:4])
            lines += ["", f"{word} on {links}{' …' * (len(pages) > 4)}", ""]
            return


@cache
def pages_of_names():
    """For every name of the package the pages that show it, and those that use it."""
    shown, used = {}, {}
    for page in slides.in_order():
        if page.suffix == ".ipynb":
            place = page.relative_to(slides.ROOT).with_suffix("").as_posix()
            for name, is_shown in names_in(page):
                for pages in [used] + [shown] * is_shown:
                    pages.setdefault(name, []).append(place)
    return tuple(
        {name: list(dict.fromkeys(pages)) for name, pages in found.items()}
        for found in (shown, used)
    )


def names_in(page: Path):
    """The names of the package that a page's code speaks of, and whether it shows them.

    Only the page's imports are run.
    """
    known = {}
    for cell in nbformat.read(page, as_version=4).cells:
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            for node in ast.walk(tree):
                if imports_package(node):
                    exec(ast.unparse(node), known)
            for node in ast.walk(tree):
                called = isinstance(node, ast.Call) and getattr(node.func, "id", "")
                for part in node.args if called == "show" else [node]:
                    if name := resolved(part, known):
                        yield name, called == "show"


def imports_package(node):
    """Whether a line imports from the package."""
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").startswith("course_lib")
    return isinstance(node, ast.Import) and all(
        name.name.startswith("course_lib") for name in node.names
    )


def resolved(node, known):
    """The full name of what ``nn.Linear`` or ``step`` means, "" if it is not ours."""
    path = []
    while isinstance(node, ast.Attribute):
        path.insert(0, node.attr)
        node = node.value
    thing = known.get(getattr(node, "id", None))
    for name in path:
        inner = getattr(thing, name, None)
        if isinstance(thing, type) or inner is None:
            break
        thing = inner
    module = getattr(thing, "__module__", None) or ""
    name = getattr(thing, "__qualname__", "")
    return f"{module}.{name}" if module.startswith("course_lib") and name else ""


class TitlesToReference(Change):
    """The title of a listing, the name of a file, links to what the reference says."""

    default_priority = 175

    def run(self, **_):
        found = self.env.get_domain("py").objects
        for title in self.all(nodes.paragraph):
            if "file" in title["classes"]:
                code = title.parent[title.parent.index(title) + 1].astext()
                module = title.astext().removesuffix(".py").replace("/", ".")
                names = [f"{module}.{name}" for name in DEFINED.findall(code)]
                for name in [*names, module]:
                    if name in found:
                        self.link(title, found[name])
                        break

    def link(self, title, entry):
        """Wrap the title in a link."""
        address = self.app.builder.get_relative_uri(self.env.docname, entry.docname)
        address += f"#{entry.node_id}"
        reference = nodes.reference("", "", *title.children, refuri=address)
        title.children = []
        title += reference


class Attributes(Change):
    """What napoleon calls variables are attributes, as in the docstrings."""

    default_priority = 175

    def run(self, **_):
        for name in self.all(nodes.field_name):
            if name.astext() == "Variables":
                name.replace(name[0], nodes.Text("Attributes"))


def setup(app):
    app.connect("source-read", fill)
    app.connect("autodoc-process-docstring", escape, priority=100)  # before napoleon
    app.connect("autodoc-process-docstring", name_pages, priority=900)
    app.add_post_transform(Attributes)
    app.add_post_transform(TitlesToReference)
