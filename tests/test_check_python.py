"""A newcomer with an old Python reads a plain sentence, and nothing is installed."""

import ast
import sys
from pathlib import Path

import pytest

from tools import check_python


def test_old_pythons_can_read_it():
    ast.parse(Path(check_python.__file__).read_text("utf-8"), feature_version=(3, 6))


def test_a_version_is_what_the_command_says():
    assert check_python.version_of(sys.executable) == sys.version_info[:2]
    assert check_python.version_of("no-such-python") == (0, 0)


@pytest.mark.parametrize(
    ("here", "cure"),
    [
        ((), "install Python 3.15, for example from python.org"),
        (("python3.11", "python3.13"), "again with python3.13 in place of python3"),
    ],
)
def test_an_old_python_is_told_what_to_do(monkeypatch, here, cure):
    monkeypatch.setattr(
        check_python, "version_of", lambda name: (3, 13) if name in here else (0, 0)
    )
    with pytest.raises(SystemExit, match=f"3.11 or newer, this is 3.9: .*{cure}"):
        check_python.check((3, 9))


@pytest.mark.parametrize("version", [check_python.OLDEST, check_python.NEWEST])
def test_the_books_pythons_pass_in_silence(tmp_path, capsys, version):
    check_python.check(version, tmp_path)
    assert capsys.readouterr().out == ""


def test_a_newer_python_is_told_so_and_passes(tmp_path, capsys):
    check_python.check((3, 16), tmp_path)
    assert (
        capsys.readouterr().out
        == "The book was tried up to Python 3.15; this is 3.16.\n"
    )


def test_an_environment_of_an_old_python_must_go(tmp_path, monkeypatch):
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(check_python, "version_of", lambda _: (3, 10))
    with pytest.raises(SystemExit, match=r"\.venv was made with an older Python"):
        check_python.check((3, 13), tmp_path)
    monkeypatch.setattr(check_python, "version_of", lambda _: (3, 11))
    check_python.check((3, 13), tmp_path)
