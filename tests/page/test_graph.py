"""Graphs of computations: each number at its place, nothing on top of another."""

import doctest
import importlib
from itertools import combinations

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import FancyArrowPatch

from course_lib.page import plot

COLUMNS = [["t_0", "t_1"], ["s_0", "s_1", "s_2"], ["h"]]
EDGES = [
    ("t_0", "s_0", 3.0),
    ("t_1", "s_0", 2.25),
    ("t_0", "s_1", -0.875),
    ("t_1", "s_1", 1.0),
    ("t_0", "s_2", 4.0),
    ("t_1", "s_2", 0.0),
    ("s_0", "h", 5.0),
    ("s_1", "h", 6.0),
    ("s_2", "h", 7.0),
]
VALUES = {name: -8.125 for column in COLUMNS for name in column}
CHAIN = [(f"s_{k}", f"s_{k + 1}", f"$s_{k}$") for k in range(3) for _ in range(2)]
FIGURES = {
    "plain": lambda: plot.graph(COLUMNS, EDGES),
    "values": lambda: plot.graph(COLUMNS, EDGES, values=VALUES),
    "derivatives": lambda: plot.graph(
        COLUMNS, EDGES, values=VALUES, derivatives=VALUES
    ),
    "parallel": lambda: plot.graph([[f"s_{k}"] for k in range(4)], CHAIN),
    "one node": lambda: plot.graph([["t"]], []),
}


@pytest.fixture(autouse=True)
def _no_figures():
    plt.close("all")
    yield
    plt.close("all")


def texts() -> list:
    return plt.gca().texts


@pytest.mark.parametrize("name", FIGURES)
def test_one_figure_no_value_nothing_outside_nothing_overlaps(name):
    assert FIGURES[name]() is None
    assert len(plt.get_fignums()) == 1
    figure = plt.gcf()
    figure.canvas.draw()
    inside = figure.bbox.padded(1)
    boxes = [text.get_window_extent() for text in texts()]
    assert boxes
    for box in boxes:
        assert inside.x0 <= box.x0 and box.x1 <= inside.x1
        assert inside.y0 <= box.y0 and box.y1 <= inside.y1
    for a, b in combinations(boxes, 2):
        assert not a.overlaps(b)


def test_numbers_stand_at_their_places():
    plot.graph(COLUMNS, EDGES, values={"t_0": 2, "h": 34}, derivatives={"s_0": 5.5})
    at = {text.get_text(): text.get_position() for text in texts()}
    assert {"$t_0$ = 2", "$t_1$", "$h$ = 34", "2.25", "−0.88", "7"} <= set(at)
    assert at["5.5"][0] == at["$s_0$"][0]
    assert -0.5 < at["5.5"][1] - at["$s_0$"][1] < 0
    x, y = at["2.25"]  # on the edge from t_1 to s_0
    assert at["$t_1$"][0] < x < at["$s_0$"][0]
    assert at["$t_1$"][1] < y < at["$s_0$"][1]


def test_each_edge_is_an_arrow_and_parallel_ones_bend_apart():
    FIGURES["parallel"]()
    arrows = [p for p in plt.gca().patches if isinstance(p, FancyArrowPatch)]
    assert len(arrows) == 6
    middles = [a.get_path().interpolated(20).vertices for a in arrows[:2]]
    assert middles[0][:, 1].max() > 0.15 and middles[1][:, 1].min() < -0.15


def test_derivatives_are_italic_and_explained():
    FIGURES["derivatives"]()
    italic = [t.get_text() for t in texts() if t.get_fontstyle() == "italic"]
    assert len(italic) == 6 + 1
    assert "$h$" in italic[-1]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plot.graph([], []), "one or more"),
        (lambda: plot.graph([["a"], ["a"]], []), "a name of its own"),
        (lambda: plot.graph([["a"], ["b"]], [("a", "c", 1)]), "no node 'c'"),
        (lambda: plot.graph([["a"]], [], values={"b": 1}), "no node 'b'"),
        (lambda: plot.graph([["a"], ["b"]], [("b", "a", 1)]), "later column"),
        (lambda: plot.graph([["a", "b"]], [("a", "b", 1)]), "later column"),
    ],
)
def test_errors_say_what_was_wanted(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
    assert plt.get_fignums() == []


def test_examples_run():
    graph = importlib.import_module("course_lib.page.figures.graph")
    failed, tried = doctest.testmod(graph)
    assert tried and not failed
