"""What a page must be: the comparison of its outputs and the rules of its form.

``differences`` compares stored with fresh outputs; ``complaints`` reads one page and
lists what breaks a rule. Both return sentences, and an empty list means that all is
well.
"""

import json
import re
from difflib import unified_diff

from nbformat import NotebookNode

from tests.pictures import html_difference, image_difference, svg_difference
from tools.pages import METADATA, join_streams
from tools.slides import SLIDES, slide_numbers

TAGS = {"hide-input", "hide-output", "hide-cell", "remove-input"}
# Cells that nbval may skip or not compare: (page, cell id) -> the reason.
UNCHECKED: dict[tuple[str, str], str] = {}
NBVAL_MARK = re.compile(
    r"nbval[-_]\w+|raises-exception|PYTEST_VALIDATE_IGNORE_OUTPUT", re.IGNORECASE
)

# ---- Outputs ---------------------------------------------------------------------

COMPARED = {
    "image/png": image_difference,
    "image/svg+xml": svg_difference,
    "text/html": html_difference,
}


def differences(stored: list, fresh: list) -> list[str]:
    """All differences between the stored and the fresh outputs of a cell.

    Parameters
    ----------
    stored, fresh : list of outputs in nbformat 4

    Returns
    -------
    list of str
        One sentence per difference, none if a reader would see the same.
    """
    stored, fresh = join_streams(stored), join_streams(fresh)
    kinds = [_kind(output) for output in stored], [_kind(output) for output in fresh]
    if kinds[0] != kinds[1]:
        return [
            f"The page stores the outputs {kinds[0]}, but the code makes {kinds[1]}."
        ]
    found = []
    for number, pair in enumerate(zip(stored, fresh, strict=True), 1):
        a, b = map(_contents, pair)
        for mime in sorted(a.keys() | b.keys()):
            if mime not in a or mime not in b:
                found.append(
                    f"Output {number}: {mime} is only in one of page and code."
                )
            elif mime in COMPARED:
                if sentence := COMPARED[mime](a[mime], b[mime]):
                    found.append(f"Output {number}: {sentence}")
            elif a[mime] != b[mime]:
                found.append(
                    f"Output {number}: {mime} differs.\n" + _diff(a[mime], b[mime])
                )
    return found


def _kind(output: dict) -> str:
    return output.get("name") or output["output_type"]


def _contents(output: dict) -> dict:
    """What an output holds, by mime type, with its display metadata."""
    if output["output_type"] == "stream":
        return {"text": output["text"]}
    if output["output_type"] == "error":
        return {"error": f"{output['ename']}: {output['evalue']}"}
    return {**output["data"], "metadata": dict(output.get("metadata", {}))}


def _diff(stored, fresh) -> str:
    texts = (
        t if isinstance(t, str) else json.dumps(t, indent=1) for t in (stored, fresh)
    )
    lines = (text.splitlines() for text in texts)
    return "\n".join(unified_diff(*lines, "in the page", "from the code", lineterm=""))


# ---- Form ------------------------------------------------------------------------


def complaints(notebook: NotebookNode, path: str) -> list[str]:
    """All breaches of the rules in one page; ``path`` is relative to the root."""
    found = [f"{path}: {sentence}" for sentence in _page_complaints(notebook, path)]
    count = 0
    for cell in notebook.cells:
        about = _cell_complaints(cell, path)
        if cell.cell_type == "code":
            count += 1
            if cell.execution_count is None:
                about.append("never ran; run the page with tools/pages.py run.")
            elif cell.execution_count != count:
                about.append(f"ran as number {cell.execution_count}, not {count}.")
            about += _code_complaints(cell)
        found += [f"{path}, cell {cell.get('id')}: {sentence}" for sentence in about]
    return found


def _page_complaints(notebook: NotebookNode, path: str) -> list[str]:
    found = []
    if notebook.metadata != METADATA:
        found.append("metadata must be kernelspec and language_info.name alone.")
    if (notebook.nbformat, notebook.nbformat_minor) != (4, 5):
        found.append("the format must be 4.5, in which cells have ids.")
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) < len(ids):
        found.append("each cell needs an id of its own.")
    starting = path.startswith("book/start/")  # these pages may be short
    if not (1 if starting else 15) <= len(ids) <= 45:
        found.append(f"has {len(ids)} cells; a page has 15 to 45.")
    words = sum(
        count_words(c.source) for c in notebook.cells if c.cell_type == "markdown"
    )
    if not (50 if starting else 500) <= words <= 2200:
        found.append(f"has {words} words; a page has 600 to 1,800.")
    if not any(map(SLIDES.search, (c.source for c in notebook.cells))):
        found.append("names no slide; write a line such as *Slides 22–25, 28*.")
    return found


def _cell_complaints(cell: NotebookNode, path: str) -> list[str]:
    found = []
    if extra := cell.metadata.keys() - {"tags", "mystnb"}:
        found.append(f"has metadata {sorted(extra)}; only tags and mystnb may stay.")
    tags = set(cell.metadata.get("tags", []))
    marks = set(filter(NBVAL_MARK.fullmatch, tags))
    if cell.cell_type == "code":
        marks |= set(
            re.findall(rf"#\s*({NBVAL_MARK.pattern})", cell.source, re.IGNORECASE)
        )
    if marks and not UNCHECKED.get((path, cell.get("id"))):
        found.append(
            f"{sorted(marks)} needs a reason in UNCHECKED (tests/notebooks.py)."
        )
    if unknown := tags - TAGS - marks:
        found.append(f"has unknown tags {sorted(unknown)}; known are {sorted(TAGS)}.")
    if cell.cell_type == "markdown":
        for line in cell.source.splitlines():
            if re.match(r"\*+Slides?\b", line) and not slide_numbers(line):
                found.append(f"{line!r} is not of the form *Slides 22–25, 28*.")
        if "![](" in cell.source:
            found.append("has an image without alternative text.")
    return found


def _code_complaints(cell: NotebookNode) -> list[str]:
    found = []
    lines = cell.source.splitlines()
    hidden = "hide-input" in cell.metadata.get("tags", [])
    most, longest = (45, 88) if hidden else (12, 78)
    imports = re.fullmatch(r"((from|import) [^\n(]+(\([^)]*\))?\s*)*", cell.source)
    if not 1 <= len(lines) <= (40 if imports else most):
        found.append(f"has {len(lines)} lines; at most {most} are read with ease.")
    if cell.source.rstrip().endswith(";"):
        found.append("ends with a semicolon, which nbval does not heed.")
    outputs = [_contents(output) for output in cell.outputs]
    listings = [o["text/markdown"] for o in outputs if "text/markdown" in o]
    fenced = re.findall(r"^```\w.*?^```", "\n".join(listings), re.MULTILINE | re.DOTALL)
    for line in lines + "\n".join(fenced).splitlines():
        if len(line) > longest:
            found.append(f"has a line of more than {longest} characters: {line!r}")
    for output, contents in zip(cell.outputs, outputs, strict=True):
        if _kind(output) in ("error", "stderr"):
            found.append(f"has an output of type {_kind(output)}.")
        for mime, text in contents.items():
            plain = mime == "text" or contents.keys() == {"text/plain", "metadata"}
            if mime == "image/svg+xml":
                found += _svg_complaints(text)
            elif isinstance(text, str) and not mime.startswith("image/"):
                found += _text_complaints(text, plain)
            elif mime.startswith("image/"):
                found.append(f"shows {mime}; import course_lib.page.plot for SVG.")
    figures = sum(any(mime.startswith("image/") for mime in o) for o in outputs)
    alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
    for drawing in (o["image/svg+xml"] for o in outputs if "image/svg+xml" in o):
        alt = alt or "".join(re.findall('aria-label="([^"]*)"', drawing)[:1])
    if figures > 1:
        found.append(
            "draws several figures; give each its own cell and alternative text."
        )
    if figures and (len(alt) < 20 or "_images/" in alt):
        found.append(
            "needs alternative text: mystnb, image, alt, of 20 characters or more."
        )
    return found


def _svg_complaints(svg: str) -> list[str]:
    found = []
    if colors := re.findall(r'(?:fill|stroke|color)="(#\w+)"', svg):
        found.append(f"draws in {colors[0]}; name a colour of the book: plot.color.")
    if "<metadata" in svg or "<?xml" in svg:
        found.append("holds an SVG with metadata; import course_lib.page.plot.")
    return found


def _text_complaints(text: str, plain: bool) -> list[str]:
    found = []
    if match := re.search(r"\bnp\.(\w+\d+\(|True_|False_)", text) if plain else None:
        found.append(f"prints {match[0]}, as only NumPy 2 does; format the number.")
    if match := re.search(r"\b0x[0-9a-fA-F]{4,}", text):
        found.append(f"prints the address {match[0]}, which changes from run to run.")
    if (
        match := re.search(r"<(IPython|Figure|Axes|matplotlib)\b", text)
        if plain
        else None
    ):
        found.append(f"shows {match[0]}…> to the reader; end the cell with plt.show().")
    return found


def count_words(source: str) -> int:
    """Number of words of prose, without formulas, code and names of directives."""
    block, inline = re.MULTILINE | re.DOTALL, r"\$[^$]*\$|`[^`\n]*`|\{\S+\}|\]\(\S+\)"
    source = re.sub(r"^(`{3,})[\w ]*\n.*?^\1$|\$\$.*?\$\$", " ", source, flags=block)
    source = re.sub(rf"^(```|:).*|{inline}", " ", source, flags=re.MULTILINE)
    return len(re.findall(r"[^\W\d_][\w’'-]*", source))
