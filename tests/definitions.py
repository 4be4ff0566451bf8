"""A page's own functions, for the tests of what the page claims."""

import ast
from functools import cache
from pathlib import Path
from types import ModuleType

import nbformat

from tests.shaken import transformed

BOOK = Path(__file__).parents[1] / "book"
KEPT = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef


@cache
def definitions(page: str) -> ModuleType:
    """What a page imports and defines, and its plain constants; nothing else is run.

    A function that uses a value which the page computes finds it where the test puts
    it: ``page = definitions("sgd/mini_batches"); page.x = …``. One with such a value as
    a default is defined when the test first asks for it.
    """
    notebook = nbformat.read(BOOK / f"{page}.ipynb", as_version=4)
    module, late = ModuleType(page), {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for node in filter(_is_kept, ast.parse(cell.source).body):
                tree = transformed(ast.Module([node], []))
                code = compile(tree, f"{page}.ipynb", "exec")
                try:
                    exec(code, vars(module))
                except NameError:  # a default that the page computes
                    late[node.name] = code

    def define(name: str):
        if name not in late:
            raise AttributeError(f"page {page}: no definition of {name}")
        exec(late[name], vars(module))
        return vars(module)[name]

    module.__getattr__ = define
    return module


def _is_kept(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Assign):
        return isinstance(node, KEPT)
    try:
        ast.literal_eval(node.value)
    except ValueError:
        return False
    return True
