"""Self-checks tell right from wrong, hint, and hold no answers."""

from __future__ import annotations

import json
import re
import runpy
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from course_lib import Tensor
from course_lib.page import check, exercise

TOOL = Path(__file__).parents[2] / "tools" / "exercises.py"
VERDICTS = json.loads(Path(__file__).with_name("verdicts.json").read_text("utf-8"))
MAY_HAVE = {"probes", "words", "labels", "columns", "choices", "question", "companion"}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes exercises as an author does, into a file of their own."""
    monkeypatch.setattr(exercise, "FILE", tmp_path / "exercises.json")

    def run(name: str, answer: str, *options: str) -> None:
        arguments = [str(TOOL), name, answer, "--hint", "Think again.", *options]
        monkeypatch.setattr(sys, "argv", arguments)
        runpy.run_path(str(TOOL), run_name="__main__")

    return run


@pytest.fixture
def said(capsys):
    """What `check` prints."""

    def run(name, answer) -> str:
        check(name, answer)
        return capsys.readouterr().out.removesuffix("\n")

    return run


def test_a_number(write, said):
    write("slope", "-0.125", "--digits", "3", "--mistake", "0.125", "Look at the sign.")
    assert said("slope", -0.125) == "slope: right."
    assert said("slope", -1 / 8) == "slope: right."
    assert said("slope", 0.25) == "slope: not yet. Think again."
    assert said("slope", 0.125) == "slope: not yet. Look at the sign."
    assert said("slope", np.float32(-0.125)) == "slope: right."
    for needed in (False, True):
        answer = Tensor(-0.125, requires_grad=needed)
        assert said("slope", answer) == said("slope", [answer]) == "slope: right."
    assert said("slope", np.nan) == said("slope", np.inf) == said("slope", 0)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (0.333, True),
        (1 / 3, True),
        (0.3329, True),
        (0.3334, True),
        (0.334, True),  # one unit in the last decimal is rounding on the way
        (0.332, True),
        (0.335, False),
        (0.331, False),
        (0.3346, False),
        (0.33, False),
    ],
)
def test_digits_that_count(write, said, answer, right):
    write("third", "1 / 3", "--digits", "3")
    assert said("third", answer).endswith("right.") is right


@pytest.mark.parametrize("answer", [0.0625, 0.0625 + 1e-12, 0.0625 - 1e-12, 0.062])
def test_rounding_at_an_edge_does_not_decide(write, said, answer):
    write("edge", "0.0625", "--digits", "3")
    assert said("edge", answer) == "edge: right."


def test_a_count(write, said):
    write("count", "3")
    assert said("count", 3) == said("count", 3.0) == "count: right."
    for wrong in (2, 4, 2.1, 3.9, -3, "3 units", None, 3j):
        assert said("count", wrong) == "count: not yet. Think again."


def test_dots_are_no_answer(write, said):
    write("pair", "(1, 2)")
    write("double", "lambda u: 2 * u", "--probes", "[[1.5]]")
    assert said("pair", ...) == said("pair", (1, ...)) == ""
    assert said("double", ...) == said("double", lambda u: ...) == ""


def test_several_values(write, said):
    write("matrix", "[[1, 2], [3, 4]]")
    for right in ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]]), (1, 2, 3, 4)):
        assert said("matrix", right) == "matrix: right."
    assert said("matrix", [[1, 2], [4, 3]]) == (
        "matrix: not yet (value 2, counted from 0, is the first wrong one). "
        "Think again."
    )
    assert said("matrix", [1, 2]) == "matrix: not yet. 4 values are asked for, 2 came."


def test_mistakes_with_several_values(write, said):
    write("pair", "(2, 3)", "--mistake", "(3, 2)", "The other way round.")
    assert said("pair", (3, 2)).endswith("The other way round.")
    assert said("pair", (2, 2)).endswith("Think again.")


def test_words_and_truth_values(write, said):
    write("word", "'Chain rule'")
    for right in ("chain rule", " Chain  RULE "):
        assert said("word", right) == "word: right."
    assert said("word", "sum rule") == "word: not yet. Think again."
    write("truth", "True")
    assert said("truth", np.bool_(True)) == said("truth", 2 > 1) == "truth: right."
    assert (
        said("truth", False) == said("truth", "yes") == "truth: not yet. Think again."
    )


def test_a_function(write, said):
    write(
        "square",
        "lambda u: u * u",
        "--probes",
        "[[0.5], [[1.0, -2.0]]]",
        "--digits",
        "3",
        "--mistake",
        "lambda u: 2 * u",
        "That is the slope.",
    )
    assert said("square", lambda u: u**2) == "square: right."
    assert said("square", np.square) == "square: right."
    assert said("square", lambda u: 2 * u).endswith("That is the slope.")
    assert said("square", abs) == (
        "square: not yet (value 0, counted from 0, is the first wrong one). "
        "Think again."
    )
    assert said("square", lambda: 1).startswith(
        "square: not yet. Your function raised TypeError: "
    )
    assert said("square", lambda u: None).startswith("square: not yet")
    assert said("square", 0.25) == "square: a function is asked for here."
    write("number", "1")
    assert said("number", abs) == "number: a value, not a function is asked for here."


def test_answers_of_one_exercise_are_not_those_of_another(write):
    write("one", "7")
    write("two", "7")
    known = json.loads(exercise.FILE.read_text("utf-8"))
    assert known["one"]["answer"] != known["two"]["answer"]


def test_an_exercise_that_is_not_there(write):
    write("slope", "1")
    with pytest.raises(
        KeyError, match=r"check: no exercise 'slop'; there are \['slope'"
    ):
        check("slop", 1)


def test_the_file_holds_hashes_and_hints_and_no_answers():
    exercises = json.loads(exercise.FILE.read_text("utf-8"))
    assert exercises
    for name, entry in exercises.items():
        assert entry.keys() - MAY_HAVE == {"hint", "digits", "answer", "mistakes"}, name
        for digest in [*entry["answer"], *entry["mistakes"]]:
            assert re.fullmatch("[0-9a-f]{12}", digest), name
        for hint in [entry["hint"], *entry["mistakes"].values()]:
            assert len(hint) > 10, name


@pytest.mark.parametrize("answer", [690.55, 690.9, 691.4, 690.999, -691, np.nan])
def test_a_count_is_whole(write, said, answer):
    write("count", "691")
    assert said("count", answer) == "count: not yet. Think again."
    for right in (691, 691.0, np.float32(691), 691 + 1e-12, np.int64(691)):
        assert said("count", right) == "count: right."


def test_whole_numbers_in_a_mistake_and_in_a_function(write, said):
    write("twice", "lambda n: 2 * n", "--probes", "[[1], [4]]")
    assert said("twice", lambda n: n + n) == "twice: right."
    assert "not yet" in said("twice", lambda n: 2.2 * n)


def test_a_function_may_return_truth_values(write, said):
    write("and", "lambda a, b: a * b", "--probes", "[[0, 1], [1, 1], [1, 0]]")
    assert said("and", lambda a, b: a == 1 and b == 1) == "and: right."
    assert said("and", lambda a, b: np.bool_(a * b)) == "and: right."
    assert "not yet" in said("and", lambda a, b: a == 1)
    write("halves", "lambda a: [a, 0.5]", "--probes", "[[0], [1]]", "--digits", "2")
    assert said("halves", lambda a: [a == 1, 0.5]) == "halves: right."


def test_numbers_beyond_floats_are_not_yet_right(write, said):
    write("count", "3")
    for wrong in (10**400, -(10**400), 1e308, np.inf):
        assert said("count", wrong) == "count: not yet. Think again."
    write("fine", "0.5", "--digits", "3")
    assert said("fine", 1e308) == "fine: not yet. Think again."
    assert said("fine", Fraction(1, 2)) == "fine: right."


@pytest.mark.parametrize("group", VERDICTS["groups"], ids=lambda group: group["name"])
def test_verdicts_that_the_boxes_of_the_site_give_too(group):
    for case in group["cases"]:
        answer = eval(case["answer"], {"np": np})
        said = exercise.verdict(group["name"], group["exercise"], answer)
        assert said == case["verdict"], case


def test_what_a_box_needs_to_know(write):
    write("pair", "[2, 'Two']", "--label", "a", "--label", "b", "--columns", "2")
    write("call", "lambda: 1", "--probes", "[[]]", "--companion", "pair")
    write("one", "'a'", "--choice", "a", "--choice", "b", "--question", "Which?")
    known = json.loads(exercise.FILE.read_text("utf-8"))
    assert known["pair"]["labels"] == ["a", "b"] and known["pair"]["columns"] == 2
    assert known["pair"]["words"] == [1] and known["one"]["words"] == [0]
    assert known["call"]["companion"] == "pair" and "labels" not in known["call"]
    assert known["one"]["choices"] == ["a", "b"]
    assert known["one"]["question"] == "Which?"
