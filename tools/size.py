"""Print how large the package is: code lines of each wing.

    python tools/size.py

A line counts if it is neither blank nor comment nor docstring. The wings are the
library (what PyTorch has too), the lessons (a folder a part, a module a page) and
`page` (what pages are made of).
"""

import ast
import io
import tokenize
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "course_lib"
LIBRARY = ("core", "nn", "optim", "datasets", "training", "__init__")
QUIET = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def code_lines(source: str) -> int:
    """How many lines hold code."""
    lines = set[int]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in QUIET:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        has_docstring = ast.Module | ast.ClassDef | ast.FunctionDef
        if isinstance(node, has_docstring) and ast.get_docstring(node) is not None:
            first = node.body[0]
            lines.difference_update(range(first.lineno, first.end_lineno + 1))
    return len(lines)


def wings() -> dict[str, tuple[int, int]]:
    """Of each wing, the number of files and of code lines."""
    found = {"library": (0, 0), "lessons": (0, 0), "page": (0, 0)}
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        wing = "library" if room in LIBRARY else "page" if room == "page" else "lessons"
        files, lines = found[wing]
        found[wing] = files + 1, lines + code_lines(path.read_text("utf-8"))
    return found


def main() -> None:
    """Print the table."""
    found = wings()
    for wing, (files, lines) in found.items():
        print(f"{wing:8} {files:3} files {lines:6,} lines")
    files, lines = (sum(column) for column in zip(*found.values(), strict=True))
    print(f"{'all':8} {files:3} files {lines:6,} lines")


if __name__ == "__main__":
    main()
