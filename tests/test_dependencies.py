"""Running the book needs NumPy and Matplotlib alone; other libraries judge it."""

import ast
import json
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from tests import oracles

ROOT = Path(__file__).parents[1]
OURS = {"course_lib", "matplotlib", "numpy", "contourpy"}  # it comes with Matplotlib
ALLOWED = OURS | sys.stdlib_module_names
MODULES = sorted(ROOT.glob("course_lib/**/*.py"))
PAGES = sorted(ROOT.glob("book/**/*.ipynb"))


def imported(source):
    """The top-level packages that a source imports, at whatever place."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]


def code_of(page):
    cells = nbformat.read(page, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_package_imports_numpy_and_matplotlib_alone(path):
    assert set(imported(path.read_text("utf-8"))) <= ALLOWED


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_import_the_package_numpy_and_matplotlib_alone(page):
    assert set(imported(code_of(page))) <= ALLOWED


def test_these_are_the_dependencies():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [line.partition(">")[0] for line in project["dependencies"]]
    assert sorted(names) == ["matplotlib", "numpy"]


def test_the_lock_has_no_judges():
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    judges = (ROOT / "requirements-oracles.txt").read_text("utf-8")
    for name in ("scikit-learn", "scipy", "torch"):
        assert f"\n{name}==" in judges and f"\n{name}==" not in lock


def test_a_missing_judge_is_a_skip_with_a_reason_and_in_ci_a_failure(monkeypatch):
    assert oracles.oracle("json") is json
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"no nobody: .*oracles\.txt"):
        oracles.oracle("nobody.here")
    monkeypatch.setenv("CI", "1")
    with pytest.raises(ImportError):
        oracles.oracle("nobody.here")
