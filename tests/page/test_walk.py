"""Walks over computation graphs."""

import pytest
from course_lib.page.walk import walk

NODES = {"a": (0, 0, "$a$"), "b": (1, 0, "$b$")}
EDGES = {("a", "b"): "· 2"}


def frames_of(steps):
    player = walk(NODES, EDGES, {"a": 3, "b": 6}, {"a": 2.0}, steps, alt="A graph.")
    return player.frames


def test_values_and_derivatives_stay_once_they_have_appeared():
    first, second, third = frames_of([("a", "in"), ("b", "out"), ("∂a", "back")])
    assert set(first) == {"in a", "a", "caption"}
    assert set(second) == {"in a", "in b", "b", "a b", "caption"}
    assert set(third) == {"in a", "in b", "below a", "a", "a b", "caption"}
    assert (second["a b"]["color"], third["a b"]["color"]) == ("blue", "vermillion")
    assert [f["caption"] for f in (first, second, third)] == ["in", "out", "back"]


def test_numbers_are_drawn_with_two_digits_and_the_still_is_the_end():
    player = walk(
        NODES, EDGES, {"a": 3.14159, "b": 6}, {"a": 2}, [("a", "in")], alt="G."
    )
    html = player._repr_html_()
    assert ">3.14<" in html and ">2<" in html and "· 2" in html
    assert (player.start, player.still) == (0, 0)


def test_a_step_to_a_node_that_does_not_exist():
    with pytest.raises(KeyError, match="no shape is named 'c'"):
        frames_of([("c", "where?")])
