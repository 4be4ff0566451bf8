"""The map of a function of two variables."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_lib.page import plot

LABELS = {"xlabel": "$x_0$", "ylabel": "$x_1$"}
WALK = [[3, 1], [2, 0.2], [1, 0.0]]


def bowl(x):
    return 5 + 10_000 * (x**2).sum(axis=1)


@pytest.fixture(autouse=True)
def _no_figures():
    plt.close("all")
    yield
    plt.close("all")


def draw(f=bowl, paths=None, **settings):
    return plot.contours(f, (-4, 4), (-2, 2), paths, **LABELS, **settings)


def test_a_map_has_levels_labels_paths_and_their_starts():
    assert draw(paths={"a walk": WALK, "long": np.zeros((30, 2))}) is None
    ax = plt.gca()
    (drawn,) = ax.collections
    assert (np.diff(drawn.levels) > 0).all() and drawn.levels[0] > 5
    assert np.array_equal(drawn.levels, drawn.levels.round(-2))  # what labels say
    assert "e+" not in "".join(text.get_text() for text in ax.texts)
    walk, start, long, _ = ax.lines
    np.testing.assert_array_equal(walk.get_xydata(), WALK)
    np.testing.assert_array_equal(start.get_xydata(), WALK[:1])
    assert walk.get_color() != long.get_color()
    assert walk.get_marker() == "o" and long.get_marker() == ""
    assert ax.get_aspect() == 1
    assert [text.get_text() for text in ax.get_legend().texts] == ["a walk", "long"]


def test_a_map_without_paths_has_no_legend():
    draw(equal=False)
    assert plt.gca().get_legend() is None
    assert plt.gca().get_aspect() == "auto"


@pytest.mark.parametrize(
    ("f", "paths", "message"),
    [
        (bowl, {"a": [1, 2]}, r"path 'a' has shape \(2,\)"),
        (bowl, {"a": np.zeros((0, 2))}, "steps"),
        (bowl, {str(k): WALK for k in range(8)}, "8 paths; at most 7"),
        (lambda x: x, None, r"f gave shape \(40401, 2\)"),
        (lambda x: x[:, 0] * np.nan, None, "finite"),
        (lambda x: 0 * x[:, 0], None, "the same everywhere"),
    ],
)
def test_errors_say_what_was_wanted(f, paths, message):
    with pytest.raises(ValueError, match=message):
        draw(f, paths)
