"""Maps of functions of two variables: heights, walks and regions."""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_lib.page import plot
from course_lib.page.plot.maps import heights

LABELS = {"xlabel": "$x_0$", "ylabel": "$x_1$"}
WALK = [[3, 1], [2, 0.2], [1, 0.0]]
WALKS = {"a walk": WALK, "long": np.zeros((30, 2))}


def bowl(x):
    return 5 + 10_000 * (x**2).sum(axis=1)


def draw(f=bowl, paths=None, **settings):
    return plot.contours(f, (-4, 4), (-2, 2), paths, **LABELS, **settings)


def test_a_map_has_lines_heights_paths_and_their_starts():
    assert draw(paths=WALKS) is None
    ax = plt.gca()
    (drawn,) = ax.collections
    assert (np.diff(drawn.levels) > 0).all() and drawn.levels[0] > 5
    assert np.array_equal(drawn.levels, drawn.levels.round(-2))  # what labels say
    walk, start, long, _ = ax.lines
    np.testing.assert_array_equal(walk.get_xydata(), WALK)
    np.testing.assert_array_equal(start.get_xydata(), WALK[:1])
    assert walk.get_color() != long.get_color()
    assert walk.get_marker() == "o" and long.get_marker() == ""
    assert ax.get_aspect() == 1
    assert [text.get_text() for text in ax.get_legend().texts] == ["a walk", "long"]


def test_written_heights_are_true_and_clear_of_the_walks():
    draw(paths=WALKS)
    ax = plt.gca()
    plt.gcf().canvas.draw()
    assert len(ax.texts) >= 3
    for text in ax.texts:
        value = bowl(np.array([text.get_position()]))
        assert value == pytest.approx(float(text.get_text().replace(",", "")), rel=0.01)
        corners = text.get_window_extent()
        assert not any(corners.contains(*p) for p in ax.transData.transform(WALK))
        assert ax.bbox.contains(*corners.min) and ax.bbox.contains(*corners.max)
    for a, b in combinations([text.get_window_extent() for text in ax.texts], 2):
        assert not a.overlaps(b)


def test_the_last_bit_moves_no_height():
    places = []
    for bit in (0, 1e-12):
        draw(lambda x, bit=bit: bowl(x) * (1 + bit * np.sin(1e6 * x[:, 0])))
        places.append([text.get_position() for text in plt.gca().texts])
        plt.close("all")
    np.testing.assert_allclose(*places, atol=1e-6)


def test_a_map_without_paths_has_no_legend():
    draw(equal=False)
    assert plt.gca().get_legend() is None
    assert plt.gca().get_aspect() == "auto"


def test_heights_of_a_parabola_are_evenly_apart_on_the_map():
    found = heights(np.linspace(0, 1, 101) ** 2, 4)
    np.testing.assert_allclose(np.sqrt(found), [0.2, 0.4, 0.6, 0.8], atol=0.01)
    with pytest.raises(AssertionError, match="same everywhere"):
        heights(np.ones(3), 4)


def test_regions_have_hatches_and_classes_their_markers():
    plot.decision_regions(
        lambda x: np.searchsorted([-1, 1], x[:, 0]),
        (-2, 2),
        (-2, 2),
        [[-1.5, 0], [0, 0], [1.5, 0]],
        [0, 1, 1],
        names=["left", "middle", "right"],
    )
    ax = plt.gca()
    assert len({line.get_marker() for line in ax.lines}) == 3
    assert [len(line.get_xdata()) for line in ax.lines] == [1, 2, 0]
    hatches = [h for c in ax.collections for h in getattr(c, "hatches", []) if h]
    assert len(set(hatches)) == 2  # the first class has none


@pytest.mark.parametrize("labels", [[2], [0.5]])
def test_a_class_without_a_name_is_refused(labels):
    with pytest.raises(AssertionError, match="names for 2"):
        plot.decision_regions(
            lambda x: x[:, 0] > 0, (0, 1), (0, 1), [[0, 0]], labels, names=["a", "b"]
        )
    assert plt.get_fignums() == []
