"""Which sections of the book treat which slides of the deck.

A section says so in a line of its own, ``*Slides 22–25, 28*`` or ``*Slide 28*``, and

    python tools/slides.py

prints the table of all slides with links to their sections; the appendix has it, too.
"""

import os
import re
from functools import cache
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
ALL_SLIDES = range(1, 46)
SLIDES = re.compile(r"^\*Slides? (\d+(?:–\d+)?(?:, \d+(?:–\d+)?)*)\*$", re.MULTILINE)


def slide_numbers(line: str) -> list[int]:
    """The slides that a line such as ``*Slides 22–25, 28*`` names; none if it is wrong.

    >>> slide_numbers("*Slides 22–25, 28*")
    [22, 23, 24, 25, 28]
    >>> slide_numbers("*Slides 22-25*")
    []
    """
    match = SLIDES.fullmatch(line)
    if not match:
        return []
    numbers = []
    for part in match[1].split(", "):
        first, _, last = part.partition("–")
        numbers += range(int(first), int(last or first) + 1)
    right = numbers == sorted(set(numbers)) and set(numbers) <= set(ALL_SLIDES)
    return numbers if right and (len(numbers) > 1) == ("Slides" in line) else []


def slides_to_sections(pages: list[Path]) -> dict[int, list[tuple[Path, str]]]:
    """The sections, as (page, heading), that treat each slide from 1 to 45."""
    sections = {slide: list[tuple[Path, str]]() for slide in ALL_SLIDES}
    for page in pages:
        heading = ""
        for line in _prose(page):
            if match := re.match(r"#+ (.*\S)", line):
                heading = match[1]
            for slide in slide_numbers(line):
                sections[slide].append((page, heading))
    return sections


@cache
def _prose(page: Path) -> list[str]:
    """The lines of the page's Markdown cells."""
    cells = nbformat.read(page, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return text.splitlines()


def table(pages: list[Path], beside: Path) -> str:
    """A line for each slide: its pages, and links to their sections from a folder."""
    lines = ["| slide | treated in |", "|--:|:--|"]
    for slide, sections in slides_to_sections(pages).items():
        places: dict[str, list[str]] = {}
        for page, heading in sections:
            address = Path(os.path.relpath(page, beside)).as_posix()
            title = next(line[2:] for line in _prose(page) if line.startswith("# "))
            link = f"[{heading}]({address}#{_anchor(heading)})"
            places.setdefault(title, []).append(link)
        told = [f"*{title}*: {', '.join(links)}" for title, links in places.items()]
        lines.append(f"| {slide} | {'; '.join(told) or '–'} |")
    return "\n".join(lines)


def _anchor(heading: str) -> str:
    """The address of a heading within its page, as MyST makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def in_order() -> list[Path]:
    """The notebooks of the book, in the order of its contents."""
    lines = (ROOT / "_toc.yml").read_text("utf-8").splitlines()
    files = [line.split(": ")[1] for line in lines if re.search("file: |root: ", line)]
    pages = [ROOT / f"{file}.ipynb" for file in files]
    return [page for page in pages if page.exists()]


if __name__ == "__main__":
    print(table(in_order(), ROOT))
