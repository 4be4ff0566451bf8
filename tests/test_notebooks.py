"""Every page keeps the rules, and the checks of pages catch what they should."""

import copy
import re
from pathlib import Path

import nbformat
import nbval.kernel
import pytest
from nbformat import v4

from tests.kernels import persistent
from tests.notebooks import complaints, count_words, differences
from tools import pages

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "book").glob("**/*.ipynb"))
PAGE = "book/start/a.ipynb"


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(params=PAGES, ids=name)
def page(request):
    return request.param


@pytest.fixture
def stored(page):
    """The outputs of the page's cells, for those that have any."""
    cells = nbformat.read(page, as_version=4).cells
    return [c.outputs for c in cells if c.cell_type == "code" and c.outputs]


def image(kind: str):
    """A figure of one line, rising, falling or absent."""
    d = {"rising": "M0 9 9 0", "falling": "M0 0 9 9", "blank": "M0 0"}[kind]
    return drawing(f'<svg viewBox="0 0 9 9"><path d="{d}"/></svg>')


def drawing(svg: str):
    return v4.new_output("display_data", {"image/svg+xml": svg})


def text(content: str, mime: str = "text/plain"):
    return v4.new_output("execute_result", {mime: content}, execution_count=1)


# ---- The pages of the book -------------------------------------------------------


def test_the_book_has_pages():
    assert PAGES


def test_page_keeps_the_rules(page):
    notebook = nbformat.read(page, as_version=4)
    nbformat.validate(notebook)
    assert "\n".join(complaints(notebook, name(page))) == ""


def test_unchanged_outputs_agree(stored):
    for outputs in stored:
        assert differences(outputs, copy.deepcopy(outputs)) == []


def test_each_lost_or_added_output_is_reported(stored):
    for outputs in stored:
        for i in range(len(outputs)):
            rest = outputs[:i] + outputs[i + 1 :]
            assert differences(outputs, rest)
            assert differences(rest, outputs)


def test_each_changed_text_is_reported(stored):
    for outputs in stored:
        for i, output in enumerate(outputs):
            for key in output.get("data", {"text": ""}):
                if not key.startswith("image/"):
                    changed = copy.deepcopy(outputs)
                    holder = changed[i].get("data", changed[i])
                    holder[key] = f"{holder[key]} "
                    assert differences(outputs, changed)


def test_each_swapped_or_blank_figure_is_reported(stored):
    kind = "image/svg+xml"
    figures = {o.data[kind] for x in stored for o in x if kind in o.get("data", {})}
    for figure in figures:
        blank = re.sub(r' d="[^"]*"', ' d="M0 0"', figure)
        for other in {*figures, blank} - {figure}:
            assert differences([drawing(figure)], [drawing(other)])


# ---- The comparison of outputs ---------------------------------------------------


def test_pieces_of_a_stream_are_joined():
    pieces = [v4.new_output("stream", name="stdout", text=x) for x in ("a\n", "b\n")]
    whole = [v4.new_output("stream", name="stdout", text="a\nb\n")]
    assert differences(pieces, whole) == []
    assert (
        "+c"
        in differences(whole, [v4.new_output("stream", name="stdout", text="c")])[0]
    )


def test_order_of_outputs_matters():
    outputs = [text("1"), image("rising")]
    assert differences(outputs, outputs[::-1])


@pytest.mark.parametrize("other", ["falling", "blank"])
def test_a_figure_differs_from_another(other):
    assert "d of a <path>" in differences([image("rising")], [image(other)])[0]


def test_metadata_of_an_output_counts():
    wide = image("blank")
    wide.metadata = {"image/svg+xml": {"isolated": True}}
    assert "metadata" in differences([image("blank")], [wide])[0]


# ---- The rules of form -----------------------------------------------------------


def good_page():
    """A page without fault, of one cell of prose and one with a figure."""
    prose = v4.new_markdown_cell("# Title\n\n*Slide 3*\n\n" + "word " * 60, id="prose")
    alt = {"mystnb": {"image": {"alt": "A line that rises from left to right."}}}
    code = v4.new_code_cell(
        "draw()", id="code", execution_count=1, outputs=[image("rising")], metadata=alt
    )
    return v4.new_notebook(
        cells=[prose, code], metadata=pages.METADATA, nbformat_minor=5
    )


def test_a_good_page_has_no_complaints():
    assert complaints(good_page(), PAGE) == []


def source(content):
    return lambda page: page.cells[1].update(source=content)


def output(*outputs):
    return lambda page: page.cells[1].update(outputs=list(outputs))


def metadata(**entries):
    return lambda page: page.cells[1].metadata.update(entries)


def prose(content):
    def spoil(page):
        page.cells[0].source += content

    return spoil


FAULTS = {
    "never ran": lambda page: page.cells[1].update(execution_count=None),
    "ran as number 7": lambda page: page.cells[1].update(execution_count=7),
    "type error": output(v4.new_output("error", ename="E", evalue="", traceback=[])),
    "type stderr": output(v4.new_output("stream", name="stderr", text="!")),
    "np.float64(": output(text("np.float64(0.1)")),
    "np.True_": output(v4.new_output("stream", name="stdout", text="np.True_")),
    "0x7f2a30": output(text("<function f at 0x7f2a30>")),
    "<IPython": output(text("<IPython.core.display.HTML object>")),
    "<Figure": output(text("<Figure size 600x400 with 1 Axes>")),
    "<Axes": output(text("<Axes: >")),
    "alternative text": metadata(mystnb={"image": {"alt": "A line."}}),
    "shows image/png": output(v4.new_output("display_data", {"image/png": ""})),
    "draws in #ff0000": output(drawing('<svg><path stroke="#ff0000"/></svg>')),
    "SVG with metadata": output(drawing("<svg><metadata>2026</metadata></svg>")),
    "of 20 characters": metadata(mystnb={"image": {"alt": "_images/0123456789.png"}}),
    "several figures": output(image("rising"), image("falling")),
    "['nbval-skip']": metadata(tags=["nbval-skip"]),
    "['NBVAL_IGNORE_OUTPUT']": source("# NBVAL_IGNORE_OUTPUT\ndraw()"),
    "['raises-exception']": metadata(tags=["raises-exception"]),
    "unknown tags ['hide_input']": metadata(tags=["hide_input"]),
    "metadata ['execution']": metadata(execution={}),
    "language_info.name": lambda page: page.metadata.language_info.update(version="3"),
    "an id of its own": lambda page: page.cells[0].update(id="code"),
    "which cells have ids": lambda page: page.update(nbformat_minor=4),
    "13 lines": source("draw()\n" * 13),
    "0 lines": source(""),
    "more than 78 characters": source("draw()" + " " * 73),
    "78 characters: 'return": output(
        text(f"```python\nreturn {'x' * 78}\n```", "text/markdown")
    ),
    "semicolon": source("draw();"),
    "is not of the form": prose("\n*Slides 22-25*\n"),
    "image without": prose("![](figure.png)"),
    "names no slide": lambda page: page.cells[0].update(source="word " * 60),
    "has 8 words": lambda page: page.cells[0].update(
        source="*Slide 3*\n" + "word " * 7
    ),
    "has 3062 words": prose("word " * 3000),
    "has 46 cells": lambda page: page.cells.extend(
        v4.new_markdown_cell(id=f"more-{i}") for i in range(44)
    ),
}


@pytest.mark.parametrize("sentence", FAULTS)
def test_fault_is_reported(sentence):
    page = good_page()
    FAULTS[sentence](page)
    assert sentence in "\n".join(complaints(page, PAGE))


def test_the_alternative_text_may_stand_in_the_drawing():
    page = good_page()
    del page.cells[1].metadata["mystnb"]
    assert "alternative text" in complaints(page, PAGE)[0]
    label = 'aria-label="A line that rises from left to right."'
    page.cells[1].outputs = [drawing(f"<svg {label}></svg>")]
    assert complaints(page, PAGE) == []


def test_a_content_page_may_not_be_short():
    found = "\n".join(complaints(good_page(), "book/backprop/a.ipynb"))
    assert "has 2 cells" in found and "words" in found


def test_representations_beside_what_the_reader_sees_are_fine():
    page = good_page()
    page.cells[1].outputs[0].data["text/plain"] = "<Figure size 600x400 with 1 Axes>"
    assert complaints(page, PAGE) == []


def test_words_of_prose_are_counted():
    assert count_words("# One two\n\n$x y$ `code` three\n\n```python\ncode\n```") == 3
    assert count_words("```{note}\nfour words of prose\n```") == 4


# ---- Kernels ---------------------------------------------------------------------


@pytest.mark.parametrize(("failures", "starts"), [(0, True), (2, True), (3, False)])
def test_a_kernel_that_does_not_answer_is_started_again(failures, starts):
    calls = []

    def start(name, timeout):
        calls.append((name, timeout))
        if len(calls) <= failures:
            raise RuntimeError("Kernel didn't respond")
        return "kernel"

    if starts:
        assert persistent(start)("python", timeout=60) == "kernel"
    else:
        with pytest.raises(RuntimeError, match="didn't respond"):
            persistent(start)("python", timeout=60)
    assert calls == [("python", 60)] * min(failures + 1, 3)


def test_pages_are_run_by_such_kernels():
    assert nbval.kernel.start_new_kernel.__name__ == "start_in_the_end"
