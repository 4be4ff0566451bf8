"""Tables: results as a page shows them, with words as heads and the winner marked.

A notebook and the site show the HTML. The Markdown and the plain text hold the same
words, for readers of the file and for a terminal.
"""

from __future__ import annotations

import numbers
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

FORMULA = re.compile(r"(\$[^$]+\$)")
SPECIAL = re.compile(r"([\\`*_<>|\[\]])")  # what Markdown would read as its own


def table(
    rows: Sequence[Sequence] | Mapping[str, Sequence[Sequence]],
    head: Sequence[str],
    *,
    format: Mapping[str, str] | None = None,
    best: Mapping[str, Callable] | None = None,
    spread: str = " ± ",
    missing: str | None = None,
    caption: str = "",
) -> Table:
    """A table of words and numbers, with a line of heads.

    Parameters
    ----------
    rows : sequence of rows, or dict from a name to the rows of a group
        A cell is a word, a number, None (left empty), or a number with its spread:
        ``(0.91, 0.02)`` becomes 0.91 ± 0.02, and ``(0.91, 0.88, 0.93)``, the number
        with the least and the greatest, 0.91 (0.88 ± 0.93) with the `spread` between.
        Words and heads may have formulas in ``$…$``.
    head : sequence of str
        The names of the columns. The first column names the rows.
    format : dict from a column's name to a format, optional
        As in f-strings, such as ``".2f"``. A column of floats needs one.
    best : dict from a column's name to ``min``, ``max`` or another choice, optional
        Mark the winner of each group with two rows or more: all cells that read like
        the one chosen.
    spread : str
        What stands between the numbers of one cell, for instance ``"–"`` for a range.
    missing : str, optional
        What stands for NaN. Without it a NaN is written as nan.
    caption : str
        What the table shows; it stands above it.

    Raises
    ------
    ValueError
        If a row has not one cell for each head; if `format` or `best` name no column;
        or if a column of floats has no format: its last digits would be chance.

    Examples
    --------
    >>> rows = [["SGD", (0.17, 0.03), 12], ["Adam", (0.15, 0.04), 9]]
    >>> table(rows, ["", "loss", "steps"], format={"loss": ".2f"}, best={"loss": min})
                   loss  steps
    SGD     0.17 ± 0.03     12
    Adam  * 0.15 ± 0.04      9
    """
    formats, choices = dict(format or {}), dict(best or {})
    groups = dict(rows) if isinstance(rows, Mapping) else {"": rows}
    _check(groups, head, [*formats, *choices])
    written: dict[str, list[tuple]] = {}
    words = [True] * len(head)
    for group, lines in groups.items():
        columns = []
        for i, name in enumerate(head):
            cells = [row[i] for row in lines]
            write = _Writer(name, formats.get(name), spread, missing)
            columns.append(write.column(cells, choices.get(name)))
            words[i] = words[i] and all(isinstance(c, str | None) for c in cells)
        written[group] = list(zip(*columns, strict=True))
    return Table(list(head), written, words, caption)


@dataclass
class Table:
    """What `table` returns: cells as they are read.

    A cell is a pair: its text, and whether it is the best. Columns of words stand on
    the left.
    """

    head: list[str]
    groups: dict[str, list[tuple]]
    words: list[bool]
    caption: str

    def _repr_html_(self) -> str:
        left = ' style="text-align: left"'  # Jupyter sets all cells on the right
        sides = [left if words else "" for words in self.words]
        heads = [_html(name) for name in self.head]
        tags = ['th scope="row"', *["td"] * (len(sides) - 1)]
        # A box that scrolls can be reached by keyboard, so it needs a role and a name.
        lines = [
            '<div role="group" aria-label="Table" tabindex="0">',
            "<table>",
            "<thead>",
        ]
        lines += [_row(heads, ['th scope="col"'] * len(sides), sides), "</thead>"]
        for name, rows in self.groups.items():
            lines.append("<tbody>")
            if name:
                scope = f'class="group" scope="rowgroup" colspan="{len(sides)}"{left}'
                lines.append(f"<tr><th {scope}><span>{escape(name)}</span></th></tr>")
            lines += [_row([_html(*cell) for cell in row], tags, sides) for row in rows]
            lines.append("</tbody>")
        caption = f"<figcaption>{_html(self.caption)}</figcaption>\n" * bool(
            self.caption
        )
        body = "\n".join([*lines, "</table>", "</div>"])
        return f'<figure class="book-table">\n{caption}{body}\n</figure>'

    def _repr_markdown_(self) -> str:
        lines = [[_markdown(name) for name in self.head]]
        lines += [[":--" if words else "--:" for words in self.words]]
        lines += self._lines(_markdown, lambda name: _markdown(name, best=True))
        rows = [f"| {' | '.join(line)} |" for line in lines]
        return "\n".join([_markdown(self.caption), "", *rows] if self.caption else rows)

    def __repr__(self) -> str:
        lines = [self.head, *self._lines(lambda text, best: "* " * best + text, str)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        sides = ["<" if words else ">" for words in self.words]
        rows = [self.caption] if self.caption else []
        for line in lines:
            cells = zip(line, sides, widths, strict=True)
            row = "  ".join(f"{cell:{side}{width}}" for cell, side, width in cells)
            rows.append(row.rstrip())
        return "\n".join(rows)

    def _lines(self, write: Callable, write_name: Callable) -> list[list[str]]:
        """All rows, those of the groups' names too."""
        lines = []
        for name, rows in self.groups.items():
            if name:
                lines.append([write_name(name)] + [""] * (len(self.head) - 1))
            lines += [[write(*cell) for cell in row] for row in rows]
        return lines


@dataclass
class _Writer:
    """Writes the cells of a column."""

    name: str
    form: str | None
    spread: str
    missing: str | None

    def column(self, cells: list, choose: Callable | None) -> list[tuple[str, bool]]:
        """The text of each cell, and whether it is the best."""
        leads = [cell[0] if isinstance(cell, tuple) else cell for cell in cells]
        found = [x for x in leads if not isinstance(x, str | None) and x == x]
        best = self.number(choose(found)) if choose and len(found) > 1 else None
        return [
            (self.cell(cell), best is not None and self.cell(lead) == best)
            for cell, lead in zip(cells, leads, strict=True)
        ]

    def cell(self, cell: Any) -> str:
        if isinstance(cell, str | None):
            return " ".join((cell or "").split())
        if not isinstance(cell, tuple):
            return self.number(cell)
        first, *others = map(self.number, cell)
        rest = self.spread.join(others)
        return (
            f"{first} ({rest})" if len(others) == 2 else f"{first}{self.spread}{rest}"
        )

    def number(self, value: Any) -> str:
        if self.missing is not None and value != value:
            return self.missing
        if self.form is None and not isinstance(value, numbers.Integral):
            raise ValueError(
                f"table: column {self.name!r} holds floats; give it a format, such as "
                f'format={{{self.name!r}: ".2f"}}'
            )
        return f"{value:{self.form or ''}}".replace("-", "−")


def _check(groups: dict, head: Sequence[str], named: list[str]) -> None:
    for name in named:
        if name not in head:
            raise ValueError(f"table: no column {name!r}; there are {list(head)}")
    for row in (row for rows in groups.values() for row in rows):
        if len(row) != len(head):
            raise ValueError(
                f"table: expected {len(head)} cells in a row, one for each of "
                f"{list(head)}, got {len(row)}: {row}"
            )


def _row(texts: list[str], tags: list[str], sides: list[str]) -> str:
    cells = [
        f"<{tag if text else 'td'}{side}>{text}</{tag[:2] if text else 'td'}>"
        for text, tag, side in zip(texts, tags, sides, strict=True)
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _html(text: str, best: bool = False) -> str:
    return f"<strong>{escape(text)}</strong>" if best else escape(text)


def _markdown(text: str, best: bool = False) -> str:
    """A text as it is, but for formulas; in a cell a | must be escaped there too."""
    parts = FORMULA.split(text)
    parts[::2] = [SPECIAL.sub(r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [part.replace("|", r"\|") for part in parts[1::2]]
    joined = "".join(parts)
    return f"**{joined}**" if best else joined
