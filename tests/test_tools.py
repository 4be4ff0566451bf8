"""The authors' tools, and the check of a changed page from end to end."""

import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

import course_lib
from tools import pages, size, slides
from tools.site import appendix, reference
from tools.slides import slide_numbers, slides_to_sections

ROOT = Path(__file__).resolve().parent.parent
PIXEL = (  # a white figure of one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4"
    "DwABAQEAHLCMmQAAAABJRU5ErkJggg=="
)


def test_slide_markers():
    assert slide_numbers("*Slides 22–25, 28*") == [22, 23, 24, 25, 28]
    assert slide_numbers("*Slide 28*") == [28]
    wrong = ["*Slides 22-25*", "*Slide 1–2*", "*Slides 3*", "*Slides 44–46*", "Slide 3"]
    assert [line for line in wrong if slide_numbers(line)] == []


def test_slides_lead_to_sections(tmp_path):
    path = tmp_path / "page.ipynb"
    cells = [v4.new_markdown_cell("# Title\n\n## Part\n\n*Slides 3–4*", id="a")]
    nbformat.write(v4.new_notebook(cells=cells), path)
    sections = slides_to_sections([path])
    assert sections[3] == sections[4] == [(path, "Part")] and sections[5] == []


def test_the_appendix_has_a_line_for_each_slide():
    lines = slides.table(slides.in_order(), ROOT / "book" / "appendix").splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == [
        str(n) for n in range(1, 46)
    ]
    assert "[A small network](../backprop/by_hand.ipynb#a-small-network)" in lines[23]
    assert "start/welcome.ipynb" in lines[2]


def test_the_words_of_the_appendix_are_in_order():
    rows = appendix.table_of_words(ROOT / "book" / "appendix").splitlines()[2:]
    english = [row.split(" | ")[0].strip("| ").lower() for row in rows]
    assert len(english) > 140 and english == sorted(english)
    assert all(row.count("|") == 5 for row in rows)


def test_the_reference_asks_for_the_whole_package():
    folder = ROOT / "book" / "appendix"
    asked = [
        name
        for page in (folder / "reference").glob("*.md")
        for name in reference.ASKED.findall(page.read_text(encoding="utf-8"))
    ]
    whole = {found.name for found in pkgutil.iter_modules(course_lib.__path__)}
    assert sorted(asked) == sorted(f"course_lib.{n}" for n in whole - {"page"})
    text = (folder / "reference.md").read_text(encoding="utf-8")
    linked = re.findall(r"`(course_lib\.\w+)`\)", text)
    assert sorted(linked) == sorted(asked)


def test_the_reference_knows_what_a_page_shows_and_uses(tmp_path):
    path = tmp_path / "page.ipynb"
    code = """
import numpy as np
from course_lib import nn
from course_lib.perceptron.neuron import step as threshold

model = nn.Linear(3, 2)
np.ones(3)
show(threshold, nn.functional.relu)
"""
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(code, id="a")]), path)
    found = set(reference.names_in(path))
    assert ("course_lib.nn.dense.Linear", False) in found
    assert ("course_lib.perceptron.neuron.step", True) in found
    assert ("course_lib.nn.dense.relu", True) in found
    assert {name for name, _ in found if "numpy" in name} == set()
    assert ("course_lib.nn.dense.Linear", True) not in found


def test_signs_of_formulas_are_escaped_in_docstrings_but_not_in_examples():
    lines = ["|o − y| and `a*b`", "", ">>> x = 2 * y_1", "array([2])", "", "w_1"]
    reference.escape(None, "", "", None, None, lines)
    assert lines == [
        r"\|o − y\| and `a*b`",
        "",
        ">>> x = 2 * y_1",
        "array([2])",
        "",
        r"w\_1",
    ]


def test_pytest_sees_what_changed_in_a_page(tmp_path):
    good, bad = tmp_path / "good.ipynb", tmp_path / "bad.ipynb"
    figure = "import matplotlib.pyplot as plt\n\nplt.plot([0, 1])\nplt.show()"
    cells = [v4.new_code_cell(x, id=x[:5]) for x in ("print('seen')", figure)]
    nbformat.write(v4.new_notebook(cells=cells, metadata=pages.METADATA), good)
    pages.main(["run", str(good)])

    page = nbformat.read(good, as_version=4)
    page.cells[0].outputs = []
    page.cells[1].outputs[0].data["image/png"] = PIXEL
    nbformat.write(page, bad)

    # The project's own settings, for pages outside of the project.
    options = ["-c", ROOT / "pyproject.toml", f"--rootdir={tmp_path}", "-p", "conftest"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-n0", "-v", good, bad],
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    verdicts = re.findall(r"(\w+)::ipynb::Cell (\d) (PASSED|FAILED)", run.stdout)
    assert verdicts == [
        ("good", "0", "PASSED"),
        ("good", "1", "PASSED"),
        ("bad", "0", "FAILED"),
        ("bad", "1", "FAILED"),
    ]
    assert "The page stores the outputs [], but the code makes ['stdout']" in run.stdout
    assert "the figure's size was (1, 1)" in run.stdout
    assert "python tools/pages.py run bad.ipynb" in run.stdout


def test_a_page_comes_back_from_its_text(tmp_path, capsys):
    path, text_path = tmp_path / "page.ipynb", tmp_path / "page.md"
    alt = "mystnb:\n  image:\n    alt: A line that rises.\ntags: [hide-input]"
    cells = (
        "# Title\n\n+++\n\nMore.\n\n```{code-cell}\n---\n" + alt + "\n---\n1 + 1\n```\n"
    )
    text_path.write_text(cells)
    pages.main(["write", str(text_path), str(path)])
    first = path.read_bytes()
    written = nbformat.reads(first, as_version=4)
    assert written.metadata == pages.METADATA
    assert written.cells[2].metadata.mystnb.image.alt == "A line that rises."
    assert written.cells[2].outputs[0].data["text/plain"] == "2"

    pages.main(["run", str(path)])
    assert path.read_bytes() == first

    pages.main(["text", str(path)])
    text = capsys.readouterr().out
    assert text.rstrip() == cells.rstrip()
    text_path.write_text(f"# New\n\n+++\n\n{text}")
    pages.main(["write", str(text_path), str(path)])
    new = nbformat.read(path, as_version=4)
    assert new.cells[1:] == written.cells
    assert new.cells[0].id not in {cell.id for cell in written.cells}


def test_pieces_of_a_stream_are_stored_as_one(tmp_path):
    code = "print(1, flush=True)\nprint(2, flush=True)\nprint(3)"
    (tmp_path / "page.md").write_text(f"```{{code-cell}}\n{code}\n```\n")
    path = tmp_path / "page.ipynb"
    pages.main(["write", str(tmp_path / "page.md"), str(path)])
    outputs = nbformat.read(path, as_version=4).cells[0].outputs
    assert [output.text for output in outputs] == ["1\n2\n3\n"]


def test_a_page_that_fails_is_not_written(tmp_path):
    text_path = tmp_path / "page.md"
    text_path.write_text("```{code-cell}\n1 / 0\n```\n")
    with pytest.raises(SystemExit, match="ZeroDivisionError"):
        pages.main(["write", str(text_path), str(tmp_path / "page.ipynb")])
    assert not (tmp_path / "page.ipynb").exists()


def test_ci_runs_the_command_that_the_readme_gives():
    commands = re.findall(r"^python3 .*$", (ROOT / "README.md").read_text(), re.M)
    assert [c.split(" && ")[3].split()[0] for c in commands] == [
        ".venv/bin/jupyter-book",
        ".venv/bin/pytest",
    ]
    assert commands[1] in (ROOT / ".ci" / "run").read_text().splitlines()


def test_size_counts_lines_of_code():
    source = 'x = 1  # one\n\n# two\ndef f():\n    "Three."\n    return (\n4\n)\n'
    assert size.code_lines(source) == 5


def test_the_readme_tells_the_true_size():
    readme = (ROOT / "README.md").read_text("utf-8")
    told = re.findall(
        r"^\| [^|]*`\w+`[^|]*\|[^|]*\| (\d+) \| ([\d,]+) \|$", readme, re.M
    )
    found = [(f"{files}", f"{lines:,}") for files, lines in size.wings().values()]
    assert told == found
