"""Products of matrices as boxes: sizes, what must agree, and room for all letters."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_lib.page import plot

ONE = [("$W$", 2, 3), ("$x$", 3, 1), "=", ("$u$", 2, 1)]
LARGE = [
    ("$X$", 1437, 64),
    ("$V$", 64, 32),
    "+",
    ("$b$", 1, 32),
    "=",
    ("$U$", 1437, 32),
]


@pytest.fixture(autouse=True)
def _no_figures():
    plt.close("all")
    yield
    plt.close("all")


@pytest.mark.parametrize("terms", [ONE, LARGE, [("$W$", 8, 8)] * 3, [("$X$", 1, 1)]])
def test_all_letters_fit_in_one_figure_of_at_most_six_inches(terms):
    assert plot.boxes(terms) is None
    figure = plt.gcf()
    figure.canvas.draw()
    drawn = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    inside = figure.bbox.padded(1)
    assert inside.x0 <= drawn.x0 and drawn.x1 <= inside.x1
    assert inside.y0 <= drawn.y0 and drawn.y1 <= inside.y1
    assert figure.get_figwidth() < 6.01
    boxes = [text.get_window_extent() for text in plt.gca().texts]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])


def test_sizes_that_must_agree_are_bold_and_boxes_have_the_shapes():
    plot.boxes(ONE)
    ax = plt.gca()
    bold = [text.get_text() for text in ax.texts if text.get_fontweight() == "bold"]
    assert bold == ["3", "3"]
    shapes = [(box.get_height(), box.get_width()) for box in ax.patches]
    np.testing.assert_allclose(
        np.array(shapes) / shapes[2][1], [[2, 3], [3, 1], [2, 1]]
    )
    assert len(ax.lines) == (1 + 2) + 2 + 1  # between the cells
    faces = [box.get_facecolor() for box in ax.patches]
    assert faces[0] == faces[1] != faces[2]


def test_large_boxes_have_no_cells():
    plot.boxes(LARGE)
    assert not plt.gca().lines
    bold = [t.get_text() for t in plt.gca().texts if t.get_fontweight() == "bold"]
    assert bold == ["64", "64"]  # the bias is added, not multiplied


def test_errors_say_what_does_not_fit():
    with pytest.raises(ValueError, match="W has 3 columns and x 2 rows"):
        plot.boxes([("W", 2, 3), ("x", 2, 1)])
    with pytest.raises(ValueError, match="one box or more"):
        plot.boxes(["="])
    with pytest.raises(ValueError, match="sizes of 1 or more"):
        plot.boxes([("W", 0, 3)])
    assert plt.get_fignums() == []
