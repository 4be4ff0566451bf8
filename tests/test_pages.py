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


def checks(page: Path) -> list[tuple[str, bool, str, str]]:
    """Of each check: its exercise; whether its cell is folded; source and output."""
    return [
        (
            name,
            "hide-cell" in cell.metadata.get("tags", []),
            cell.source,
            "".join(output.get("text", "") for output in cell.outputs),
        )
        for cell in nbformat.read(page, as_version=4).cells
        if cell.cell_type == "code"
        for name in re.findall(r'^check\("([^"]+)"', cell.source, re.MULTILINE)
    ]


def test_every_exercise_is_asked_and_then_solved_on_one_page():
    solved = []
    for page in PAGES:
        asked, answered = [], []
        for name, folded, _, output in checks(page):
            assert folded == (name in asked) == (f"{name}: right." in output), name
            (answered if folded else asked).append(name)
        assert asked == answered, page
        solved += answered
    companions = [load()[n]["companion"] for n in solved if "companion" in load()[n]]
    assert sorted(solved + companions) == sorted(load())


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_a_page_has_a_self_check_and_a_folded_solution(page):
    cells = nbformat.read(page, as_version=4).cells
    assert any('check("' in cell.source for cell in cells)
    folded = [c for c in cells if "hide-cell" in c.metadata.get("tags", [])]
    assert len(folded) >= 1


def test_the_answers_are_not_in_clear_text_beside_the_question():
    for page in PAGES:
        for name, folded, source, output in checks(page):
            if not folded and not output:
                assert re.search(r"(=|return) \[*\.\.\.", source), (page, name)


def test_nothing_is_said_about_an_answer_that_nobody_gave():
    for page in PAGES:
        for name, _, source, output in checks(page):
            assert "no answer" not in output
            assert not ("answer = ..." in source and name in output), name


def test_exercises_keep_hashes_only():
    for name, entry in load().items():
        for code in [*entry["answer"], *entry["mistakes"]]:
            assert re.fullmatch("[0-9a-f]{12}", code)
        assert exercise.verdict(name, entry, ...) == ""


def test_every_exercise_can_be_answered_in_a_box():
    for name, entry in load().items():
        if "probes" in entry:
            companion = load()[entry["companion"]]
            assert "probes" not in companion and companion["question"], name
        elif len(entry["answer"]) > 1:
            assert len(entry["labels"]) == len(entry["answer"]), name
            assert len(set(entry["labels"])) == len(entry["answer"]), name
