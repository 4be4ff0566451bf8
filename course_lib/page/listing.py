"""Listings: a page shows the very code that it runs, as plainly as it can be read."""

import ast
import inspect
import textwrap
from pathlib import Path

WIDTH = 78  # characters in a line of a page
ROOT = Path(__file__).parents[2]  # the folder that holds course_lib


class Listing:
    """Source code, by file, that a notebook renders under the files' names."""

    def __init__(self, code_of):
        self.code_of = code_of  # a mapping from path to code

    def _repr_markdown_(self):
        parts = self.code_of.items()
        return "\n\n".join(
            f"`{path}`\n\n```python\n{code}\n```" for path, code in parts
        )

    def __repr__(self):
        return "\n\n".join(f"# {path}\n{code}" for path, code in self.code_of.items())


def show(*things):
    """The source of functions, classes or methods, without docstrings and annotations.

    Parameters
    ----------
    *things : function, class or method
        Those of one file stand under one title. A lifted rule shows the rule.

    Examples
    --------
    >>> from course_lib.perceptron.neuron import step
    >>> show(step)
    # course_lib/perceptron/neuron.py
    def step(u):
        return np.where(u >= 0, 1.0, 0.0)
    """
    code_of = {}
    for thing in map(inspect.unwrap, things):
        path = Path(inspect.getsourcefile(thing)).relative_to(ROOT).as_posix()
        code_of.setdefault(path, []).append(_plain(inspect.getsource(thing)))
    return Listing({path: "\n\n\n".join(codes) for path, codes in code_of.items()})


def _plain(source):
    """A definition as it stands, without what a reader need not know."""
    source = textwrap.dedent(source).rstrip()
    lines = source.splitlines()
    functions = ast.FunctionDef | ast.ClassDef
    nodes = [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, functions)
    ]
    for node in sorted(nodes, key=lambda node: node.lineno, reverse=True):
        first = node.body[0]
        if ast.get_docstring(node) is not None and len(node.body) > 1:
            end = first.end_lineno
            while not lines[end].strip():
                end += 1  # the blank lines after a docstring go with it
            del lines[first.lineno - 1 : end]
        if isinstance(node, ast.FunctionDef):
            end = _end_of_arguments(node)
            while not lines[end - 1].split("  #")[0].endswith(":"):
                end += 1
            lines[node.lineno - 1 : end] = _signature(node, source)
    return "\n".join(lines)


def _end_of_arguments(function):
    inside = [*ast.walk(function.args), function.returns]
    return max(getattr(node, "end_lineno", function.lineno) for node in inside)


def _signature(function, source):
    """``def name(arguments):`` without annotations, in lines that fit a page."""
    a = function.args
    named = [*a.posonlyargs, *a.args]
    defaults = [None] * (len(named) - len(a.defaults)) + a.defaults
    words = [_argument(*pair, source) for pair in zip(named, defaults, strict=True)]
    if a.vararg or a.kwonlyargs:
        words.append(f"*{a.vararg.arg}" if a.vararg else "*")
    pairs = zip(a.kwonlyargs, a.kw_defaults, strict=True)
    words += [_argument(*pair, source) for pair in pairs]
    words += [f"**{a.kwarg.arg}"] if a.kwarg else []
    indent = " " * function.col_offset
    line = f"{indent}def {function.name}({', '.join(words)}):"
    if len(line) <= WIDTH:
        return [line]
    rows = [f"{indent}   "]
    for word in words:
        if len(f"{rows[-1]} {word},") > WIDTH:
            rows.append(f"{indent}   ")
        rows[-1] += f" {word},"
    return [f"{indent}def {function.name}(", *rows[:-1], rows[-1][:-1], f"{indent}):"]


def _argument(argument, default, source):
    if default is None:
        return argument.arg
    return f"{argument.arg}={ast.get_source_segment(source, default)}"
