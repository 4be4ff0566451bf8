"""Names at the ends of curves, remarks, and marks where curves leave."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

from course_lib.page import plot
from course_lib.page.plot.remarks import LINE, mark_exits
from course_lib.page.plot.svg import to_svg

X = np.linspace(-2, 2, 41)


def boxes():
    """The boxes of the words that stand in the axes, from the lowest up."""
    plt.gcf().draw_without_rendering()
    found = [Text.get_window_extent(text) for text in plt.gca().texts]
    return sorted(found, key=lambda box: box.y0)


def test_names_stand_at_the_ends_in_their_colours_and_no_legend_is_left():
    plot.lines(X, {"low": X, "high": X**2}, xlabel="x", ylabel="y")
    plot.label_ends()
    ax = plt.gca()
    assert ax.get_legend() is None
    words = {text.get_text(): text for text in ax.texts}
    for line in ax.lines:
        text = words[line.get_label()]
        assert text.get_color() == line.get_color()
        end = ax.transData.transform(line.get_xydata()[-1])
        box = text.get_window_extent()
        assert 0 < box.x0 - end[0] < 20
        assert abs((box.y0 + box.y1) / 2 - end[1]) < LINE


@pytest.mark.parametrize("spread", [0, 1e-9, 0.1, 1])
def test_seven_names_never_overlap_nor_leave_the_figure(spread):
    curves = {f"curve {k}": 5 + spread * k * X for k in range(7)}
    plot.lines(X, curves, xlabel="x", ylabel="y")
    plt.ylim(0, 6)
    plot.label_ends()
    found = boxes()
    assert len(found) == 7
    assert all(a.y1 <= b.y0 + 2 for a, b in pairwise(found))
    assert found[0].y0 >= 0 and found[-1].y1 <= plt.gcf().bbox.y1
    assert max(box.x1 for box in found) <= plt.gcf().bbox.x1


def test_a_curve_that_ends_early_or_leaves_is_named_where_it_was_last_seen():
    early = np.where(X < 0, X, np.nan)
    plot.lines(X, {"early": early, "steep": 9 * X}, xlabel="x", ylabel="y")
    plt.ylim(-3, 3)
    plot.label_ends()
    x = {text.get_text(): text.xy[0] for text in plt.gca().texts}
    assert x["early"] == pytest.approx(-0.1)
    assert x["steep"] == pytest.approx(0.3)
    assert "steep" in to_svg(plt.gcf())


def test_points_keep_their_legend():
    plot.lines(X, {"law": X}, points={"seen": (X, X)}, xlabel="x", ylabel="y")
    plot.label_ends()
    (left,) = plt.gca().get_legend().get_texts()
    assert left.get_text() == "seen"
    assert [text.get_text() for text in plt.gca().texts] == ["law"]


def test_a_remark_rings_its_point_and_stands_beside_it():
    plot.lines(X, {"law": X}, xlabel="x", ylabel="y")
    plot.annotate("zero", (0, 0), shift=(-40, 10))
    (box,), ax = boxes(), plt.gca()
    assert ax.lines[-1].get_xydata().tolist() == [[0, 0]]
    here = ax.transData.transform((0, 0))
    assert box.x1 <= here[0] - 39 and box.y0 < here[1] + 10 < box.y1


def exits():
    plt.gcf().draw_without_rendering()
    marks = mark_exits(plt.gcf())
    return [(mark.get_xydata()[0], mark.get_marker()[2]) for mark in marks]


def test_a_function_that_leaves_above_and_below_is_marked():
    plot.lines(X, {"cubic": X**3, "line": X}, xlabel="x", ylabel="y")
    plt.axis([-1.5, 2, -2, 4])
    (low, down), (high, up) = sorted(exits(), key=lambda found: found[0][1])
    box = plt.gca().bbox
    assert (down, up) == (180, 0)
    assert low[1] == pytest.approx(box.y0 + 4) and high[1] == pytest.approx(box.y1 - 4)
    assert plt.gca().transData.inverted().transform(high)[0] == pytest.approx(
        4 ** (1 / 3), abs=0.02
    )


def test_a_walk_is_marked_on_every_side_and_a_line_across_never():
    walk = [[0, 0], [5, 0], [0, 0.5], [-5, 0.5]]
    plot.contours(
        lambda x: (x**2).sum(axis=1),
        (-1, 1),
        (-1, 1),
        {"a": walk},
        xlabel="x",
        ylabel="y",
    )
    plt.axhline(0.2)
    assert sorted(angle for _, angle in exits()) == [-90, -90, 90]


def test_the_marks_are_drawn_once_and_go():
    plot.lines(X, {"cubic": X**3}, xlabel="x", ylabel="y")
    plt.ylim(-4, 4)
    first = to_svg(plt.gcf())
    assert to_svg(plt.gcf()) == first
    assert not plt.gcf().artists
    plt.ylim(-9, 9)
    assert first.count("z") > to_svg(plt.gcf()).count("z")
