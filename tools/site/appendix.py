"""Tables that the appendix makes of the book itself: of slides, and of words.

A page asks for one in a line of its own: ``<!-- table of slides -->`` or
``<!-- table of words -->``.
"""

import csv
from pathlib import Path

from tools import slides


def table_of_slides(folder: Path) -> str:
    """All slides, with links from a folder to the sections that treat them."""
    return slides.table(slides.in_order(), folder)


def table_of_words(folder: Path) -> str:
    """The terms of ``glossary.tsv`` in English and Japanese, in alphabetical order."""
    with open(folder / "glossary.tsv", encoding="utf-8", newline="") as file:
        words = list(csv.DictReader(file, delimiter="\t"))
    lines = ["| English | Japanese | reading | slides |", "|:--|:--|:--|:--|"]
    for word in sorted(words, key=lambda word: word["english"].lower()):
        numbers = word["slides"].strip("-").replace("-", "–")
        cells = word["english"], word["japanese"], word["reading"], numbers
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


TABLES = {
    "<!-- table of slides -->": table_of_slides,
    "<!-- table of words -->": table_of_words,
}


def fill(app, docname, source):
    """Put the tables where a page asks for them."""
    for line, table in TABLES.items():
        if line in source[0]:
            folder = Path(app.env.doc2path(docname)).parent
            source[0] = source[0].replace(line, table(folder))


def setup(app):
    app.connect("source-read", fill)
