"""Listings: a page shows the very code that it runs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from typing import Any


class Listing:
    """Source code that a notebook renders as a code block, under its file's name."""

    def __init__(self, code: str, path: str):
        self.code, self.path = code, path

    def _repr_markdown_(self) -> str:
        return f"`{self.path}`\n\n```python\n{self.code}\n```"

    def __repr__(self) -> str:
        return f"# {self.path}\n{self.code}"


def show(*things: Any) -> Listing:
    """The source of functions, classes or methods, without their docstrings.

    Parameters
    ----------
    *things : function, class or method
        All defined in one module. A lifted rule shows the rule.

    Examples
    --------
    >>> from course_lib.perceptron import step
    >>> show(step)
    # course_lib/perceptron.py
    def step(u: np.ndarray | float) -> np.ndarray:
        return np.where(np.asarray(u) >= 0, 1.0, 0.0)
    """
    paths = {inspect.getsourcefile(inspect.unwrap(thing)) for thing in things}
    if len(paths) != 1:
        raise ValueError(
            f"show: things of one module wanted, got {sorted(paths)}"
        )
    path = Path(paths.pop())
    code = "\n\n\n".join(_source(thing) for thing in things)
    return Listing(code, f"{path.parent.name}/{path.name}")


def _source(thing: Any) -> str:
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(thing)))
    lines = source.rstrip().splitlines()
    for start, end in sorted(_docstrings(ast.parse(source)), reverse=True):
        while end < len(lines) and not lines[end].strip():
            end += 1  # the blank lines after a docstring go with it
        del lines[start - 1 : end]
    return "\n".join(lines)


def _docstrings(tree: ast.AST) -> list[tuple[int, int]]:
    """First and last line of each docstring that is not all there is."""
    return [
        (node.body[0].lineno, node.body[0].end_lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and ast.get_docstring(node) is not None
        and len(node.body) > 1
    ]
