"""Running the book needs NumPy and Matplotlib alone; other libraries judge it.

And one lock serves all Pythons that the README names. (That all of it exists as wheels
is what `tools/lock.py` asks the registry.)
"""

import ast
import json
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

from tests import oracles
from tools import check_python, lock, processors

ROOT = Path(__file__).parents[1]
# The last three come with Matplotlib.
OURS = {"course_lib", "matplotlib", "numpy", "contourpy", "cycler", "PIL"}
ALLOWED = OURS | sys.stdlib_module_names
MODULES = sorted(ROOT.glob("course_lib/**/*.py"))
PAGES = sorted(ROOT.glob("book/**/*.ipynb"))
MACHINES = {
    "Linux": {"sys_platform": "linux", "os_name": "posix"},
    "macOS": {"sys_platform": "darwin", "os_name": "posix"},
    "Windows": {"sys_platform": "win32", "os_name": "nt"},
}


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


def text(name):
    return (ROOT / name).read_text("utf-8")


def test_all_files_name_the_same_pythons():
    pythons = lock.pythons()
    oldest, newest = pythons[0], pythons[-1]
    settings = tomllib.loads(text("pyproject.toml"))
    assert settings["project"]["requires-python"] == f">={oldest}"
    assert settings["tool"]["ruff"]["target-version"] == "py" + oldest.replace(".", "")
    assert processors.PYTHONS == pythons
    for version, name in ((check_python.OLDEST, oldest), (check_python.NEWEST, newest)):
        assert "{}.{}".format(*version) == name
    listed = f"You need Python {', '.join(pythons[:-1])} or {newest} "
    assert listed in " ".join(text("README.md").split())
    assert f"Python {oldest} to {newest}" in text("CONTRIBUTING.md")
    assert f" --python-version {oldest} " in text("requirements.txt").splitlines()[1]
    assert text("runtime.txt").strip().removeprefix("python-") in pythons


def pins(name, environment):
    """The packages that a file pins for a Python on a machine, in their order."""
    lines = (line.partition("#")[0].strip() for line in text(name).splitlines())
    given = [Requirement(line) for line in lines if line]
    return [
        (pin.name, str(pin.specifier))
        for pin in given
        if pin.marker is None or pin.marker.evaluate(environment)
    ]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", lock.pythons())
def test_markers_choose_one_version_for_every_python(python, machine):
    full = {"python_version": python, "python_full_version": f"{python}.9"}
    environment = MACHINES[machine] | full
    locked = pins("requirements.txt", environment)
    assert len(dict(locked)) == len(locked)
    assert {*pins("tools/constraints.txt", environment)} <= {*locked}
    assert {"numpy", "matplotlib", "contourpy", "pyyaml", "pillow"} <= {*dict(locked)}
    judges = [name for name, _ in pins("requirements-oracles.txt", environment)]
    assert judges == ["scikit-learn", "scipy", "torch"]
