"""The site has a place for an answer box after each cell that asks for an answer."""

import json
import re
from html import unescape

import pytest
from nbformat import v4

from tests.test_site import built
from tools.exercises import load

IMPORT = "from course_lib.page import check\n\n"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A small page of the site, with exercises."""
    folder = tmp_path_factory.mktemp("site")

    def cell(source, printed="", **metadata):
        outputs = [v4.new_output("stream", text=printed)] if printed else []
        return v4.new_code_cell(source, outputs=outputs, metadata=metadata)

    fold = {"tags": ["hide-cell"], "mystnb": {"code_prompt_show": "Show the solution"}}
    cells = [
        v4.new_markdown_cell("# Page\n\n## Exercises\n\n**1.**"),
        cell(f'{IMPORT}answer = [..., "..."]  # two\ncheck("two-layers-2", answer)'),
        cell('check("two-layers-2", [18, "023"])', "two-layers-2: right.\n", **fold),
        v4.new_markdown_cell("**2.**"),
        cell(
            'def f(x1, x2):\n    return 0\n\n\ncheck("neuron-2", f)', "neuron-2: no\n"
        ),
        cell('check("neuron-2", g)', "neuron-2: right.\n", **fold),
        cell("print('checked')", "checked\n"),
    ]
    page, warnings = built(folder, cells, "folds", "answers")
    assert warnings == ""
    return page


def test_one_box_an_exercise_after_its_cell(page):
    boxes = re.findall(r'<div class="answer" data-exercise="([^"]*)"></div>', page)
    asked = [json.loads(unescape(text)) for text in boxes]
    assert [one["name"] for one in asked] == ["two-layers-2", "neuron-2-value"]
    for one in asked:
        assert one == {"name": one["name"], **load()[one["name"]]}
    first, second, third = page.split('<div class="answer"')
    assert "two-layers-2" in first and "two-layers-2: right." in second
    assert "neuron-2: right." in third and "checked" in third


def test_what_was_printed_without_an_answer_is_gone(page):
    assert "neuron-2: no" not in page and "neuron-2: right." in page


def test_a_cell_of_dots_alone_gives_way_to_its_box(page):
    cells = re.findall(r'<div class="(cell(?: [^"]*)?) docutils', page)
    assert ["answer-cell" in cell for cell in cells] == [
        True,
        False,
        False,
    ]  # solutions are folds
