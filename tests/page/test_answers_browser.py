"""The boxes of the site judge as `check` does, for a mouse, a keyboard and the ear."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest

from course_lib.page import exercise
from tools.exercises import load
from tools.site.answers import box

ASSETS = Path(__file__).parents[2] / "book" / "assets"
HEAD = (
    f'<link rel="stylesheet" href="{(ASSETS / "answers.css").as_uri()}">'
    f'<script src="{(ASSETS / "answers.js").as_uri()}"></script>'
)
VERDICTS = json.loads(Path(__file__).with_name("verdicts.json").read_text("utf-8"))
TYPED = json.loads(Path(__file__).with_name("typed.json").read_text("utf-8"))
TYPE = """cases => cases.map(([name, typed]) => {
  const place = [...document.querySelectorAll(".answer")].find(
    (one) => JSON.parse(one.dataset.exercise).name === name);
  const values = [...place.querySelectorAll(".answer-value")];
  values.forEach((value, i) => {
    const text = value.querySelector("input[type=text]");
    if (text) text.value = typed[i];
    else
      for (const one of value.querySelectorAll("input"))
        one.checked = one.value === typed[i];
  });
  place.querySelector("button").click();
  const said = place.querySelector("[role=status]");
  const invalid = values.findIndex((value) =>
    value.matches("[aria-invalid]") || value.querySelector("[aria-invalid]"));
  return [said.dataset.mood, said.textContent, invalid];
})"""


def boxes(exercises: dict[str, dict]) -> str:
    """A page's HTML with a box for each exercise."""
    asked = [name for name, entry in exercises.items() if "probes" not in entry]
    return (
        f'{HEAD}<section id="exercises"><h2>Exercises</h2>'
        + "".join(box(exercises, name).astext() for name in asked)
        + "</section>"
    )


NOT_YET = re.compile(r"not yet(?: \(value (\d+), .*? wrong one\))?\. (.*)")


def assert_says(said, verdict: str, *case):
    """What a box says is what `check` prints."""
    mood, text, invalid = said
    if verdict == "right.":
        assert said == ["right", "Right.", -1], case
    else:
        place, hint = NOT_YET.fullmatch(verdict).groups()
        assert mood == "wrong" and invalid == int(place or 0), (said, case)
        assert text.startswith("Not yet. ") and text.endswith(f" {hint}"), (text, case)


def test_the_boxes_give_the_verdicts_of_check(page_of):
    groups = VERDICTS["groups"]
    page = page_of(boxes({group["name"]: group["exercise"] for group in groups}))
    cases = [(group["name"], case) for group in groups for case in group["cases"]]
    said = page.evaluate(TYPE, [(name, case["typed"]) for name, case in cases])
    assert len(said) > 150
    for (name, case), one in zip(cases, said, strict=True):
        assert_says(one, case["verdict"], name, case)


@pytest.mark.parametrize("text", VERDICTS["unreadable"])
def test_what_is_no_number_is_said_to_be_none(page_of, text):
    group = VERDICTS["groups"][0]
    page = page_of(boxes({group["name"]: group["exercise"]}))
    [[mood, sentence, invalid]] = page.evaluate(TYPE, [(group["name"], [text])])
    assert mood == "wrong" and invalid == 0
    assert sentence.startswith(f"“{text}” is not a number")


def read(text: str, entry: dict, place: int) -> object:
    """What a typed text means in Python."""
    if place in entry.get("words", []):
        return text
    plain = text.replace("−", "-").replace(" ", "").replace("0,98", "0.98")
    return float(Fraction(plain.replace(",", "")))


CHOSEN = {  # other choices
    "more": "less",
    "overfits": "small",
    "0.1": "0.01",
    "saddle": "peak",
}


def wrong(typed: list[str]) -> list[str]:
    """The same values with another last one, a choice where there are choices."""
    return [*typed[:-1], CHOSEN.get(typed[-1], "12345")]


def test_every_exercise_of_the_book_can_be_answered_right_and_wrong(page_of):
    exercises = {n: entry for n, entry in load().items() if "probes" not in entry}
    assert TYPED.keys() == exercises.keys()
    cases = [(name, TYPED[name]) for name in exercises]
    cases += [(name, wrong(TYPED[name])) for name in exercises]
    page = page_of(boxes(exercises))
    said = page.evaluate(TYPE, cases)
    for i, ((name, typed), one) in enumerate(zip(cases, said, strict=True)):
        entry = exercises[name]
        answer = [read(text, entry, place) for place, text in enumerate(typed)]
        verdict = exercise.verdict(name, entry, answer)
        assert (verdict == "right.") == (i < len(exercises)), (name, typed)
        assert_says(one, verdict, name, typed)
    done = page.locator(".answers-done")
    assert done.inner_text() == f"{len(exercises)} of {len(exercises)} exercises done"


FOCUSED = "document.activeElement.labels[0].textContent"
PAIR = VERDICTS["groups"][9]
CHOICE = VERDICTS["groups"][13]
THREE = {group["name"]: group["exercise"] for group in (PAIR, CHOICE)}
THREE["pair"] |= {"labels": ["x₁", "x₂"], "question": "Where is it?"}
THREE["slope"] = VERDICTS["groups"][0]["exercise"]


def test_enter_judges_and_the_line_counts(page_of):
    page = page_of(boxes(THREE))
    done = page.locator(".answers-done")
    assert done.inner_text() == "0 of 3 exercises done"
    slope = page.get_by_label("Your answer", exact=True).last
    slope.fill("1/8")
    slope.press("Enter")
    said = page.get_by_role("status").nth(2)
    assert said.inner_text() == "Not yet. Look at the sign."
    slope.press("Home")
    slope.type("−")
    assert said.inner_text() == ""
    slope.press("Enter")
    assert said.inner_text() == "Right."
    assert done.inner_text() == "1 of 3 exercises done"
    page.get_by_label("more").check()
    page.get_by_role("button", name="Check").nth(1).click()
    assert done.inner_text() == "2 of 3 exercises done"


def test_the_keyboard_and_the_ear_find_everything(page_of):
    page = page_of(boxes(THREE))
    for label in ("x₁", "x₂"):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED) == label
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    assert (
        page.get_by_role("status").nth(0).inner_text()
        == "There is no answer for x₁ yet."
    )
    assert page.evaluate(FOCUSED) == "x₁"
    page.keyboard.type("1.5")
    page.keyboard.press("Enter")
    assert page.get_by_role("status").nth(0).inner_text() == (
        "Not yet. First wrong value: x₂. Think again."
    )
    second = page.get_by_label("x₂")
    assert second.get_attribute("aria-invalid") == "true"
    described = [
        page.locator(f"#{name}").inner_text()
        for name in second.get_attribute("aria-describedby").split()
    ]
    assert described[0] == "Where is it?" and described[1].startswith("Not yet")
    assert page.get_by_role("radiogroup", name="Your answer").count() == 1


def test_answers_are_remembered_and_forgotten_when_emptied(page_of):
    page = page_of(boxes(THREE))
    page.evaluate(TYPE, [("pair", ["3/2", "-0.25"]), ("choice", ["less"])])
    page.reload()
    assert page.locator(".answers-done").inner_text() == "1 of 3 exercises done"
    assert page.get_by_label("x₁").input_value() == "3/2"
    assert page.get_by_role("status").nth(0).inner_text() == "Right."
    assert page.get_by_label("less").is_checked()
    assert page.get_by_role("status").nth(1).inner_text() == "Not yet. Count again."
    page.evaluate(TYPE, [("pair", ["3/2", "7"])])
    page.reload()
    assert page.locator(".answers-done").inner_text() == "1 of 3 exercises done"
    page.evaluate(TYPE, [("pair", ["", ""])])
    page.reload()
    assert page.get_by_label("x₁").input_value() == ""
    assert page.locator(".answers-done").inner_text() == "0 of 3 exercises done"


def test_a_browser_that_remembers_nothing_judges_all_the_same(page_of):
    forbid = (
        "<script>Object.defineProperty(window, 'localStorage',"
        "{get() { throw new DOMException('no', 'SecurityError') }})</script>"
    )
    page = page_of(forbid + boxes(THREE))
    said = page.evaluate(TYPE, [("slope", ["-0.125"])])
    assert said == [["right", "Right.", -1]]
    assert page.locator(".answers-done").inner_text() == "1 of 3 exercises done"


def test_without_scripts_there_is_no_box(page_of):
    page = page_of(boxes(THREE), java_script_enabled=False)
    assert page.locator(".answer").count() == 3
    assert page.locator(".answer > *, .answers-done").count() == 0


def test_a_function_without_a_companion_is_for_the_notebook(page_of):
    code = {"f": THREE["slope"] | {"probes": [[1]]}}
    page = page_of(HEAD + box(code, "f").astext())
    assert page.locator(".answer").inner_text() == "Answer this one in the notebook."
    assert page.locator("input, .answers-done").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_boxes_fit_a_phone_and_a_finger(page_of, scheme):
    page = page_of(
        f'<meta name="viewport" content="width=device-width">'
        f"<style>body {{ margin: 12px }}</style>{boxes(load())}",
        viewport={"width": 360, "height": 800},
    )
    page.evaluate(f"document.documentElement.dataset.theme = '{scheme}'")
    assert page.evaluate("document.scrollingElement.scrollWidth") == 360
    small = page.evaluate(
        """() => [...document.querySelectorAll(
          ".answer input[type=text], .answer button, .answer label:has(input)")]
          .map((one) => one.getBoundingClientRect())
          .filter((box) => box.height < 44 || box.width < 44 || box.right > 360)"""
    )
    assert small == []
