"""What the pages promise together: exercises that can be asked and solved."""

import re
from pathlib import Path

import nbformat
import pytest

from course_lib.page import exercise
from tools.exercises import load

BOOK = Path(__file__).parent.parent / "book"
PAGES = sorted(BOOK.rglob("*.ipynb"))
LESSONS = [page for page in PAGES if page.parent.name != "appendix"]


def printed(page: Path) -> list[tuple[str, str]]:
    """The source and the printed output of each code cell."""
    cells = nbformat.read(page, as_version=4).cells
    return [
        (cell.source, "".join(output.get("text", "") for output in cell.outputs))
        for cell in cells
        if cell.cell_type == "code"
    ]


def test_every_exercise_is_asked_and_solved_on_one_page():
    asked, solved = [], []
    for page in PAGES:
        for source, output in printed(page):
            for name in re.findall(r'check\("([^"]+)"', source):
                unsolved = re.search(f"{name}: (no answer|not) yet", output)
                asked += [name] if unsolved else []
                solved += [name] if f"{name}: right." in output else []
    assert sorted(asked) == sorted(solved) == sorted(load())


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_a_page_has_a_self_check_and_a_folded_solution(page):
    cells = nbformat.read(page, as_version=4).cells
    assert any('check("' in cell.source for cell in cells)
    folded = [c for c in cells if "hide-cell" in c.metadata.get("tags", [])]
    assert len(folded) >= 1


def test_the_answers_are_not_in_clear_text_beside_the_question():
    for page in PAGES:
        for source, output in printed(page):
            if "no answer yet" in output:
                assert re.search(r"(=|return) \[*\.\.\.", source), (page, source)


def test_exercises_keep_hashes_only():
    for name, entry in load().items():
        assert set(entry) <= {"answer", "digits", "hint", "mistakes", "probes"}, name
        for code in [*entry["answer"], *entry["mistakes"]]:
            assert re.fullmatch("[0-9a-f]{12}", code)
        assert exercise.verdict(name, entry, ...).startswith("no answer yet")
