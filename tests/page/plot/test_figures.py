"""Every kind of figure: what it says, and that it can be read."""

import doctest
import importlib
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_lib.page import plot
from course_lib.page.plot.svg import to_svg

X = np.linspace(-2, 2, 30)
IMAGES = np.arange(3 * 4 * 5).reshape(3, 4, 5)
FIGURES = {
    "contours": lambda: plot.contours(
        lambda x: 5 + 10_000 * (x**2).sum(axis=1),
        (-4, 4),
        (-2, 2),
        {"a walk": [[3, 1], [2, 0.2], [1, 0.0]]},
        xlabel="$x_0$",
        ylabel="$x_1$",
    ),
    "lines": lambda: plot.lines(X, {"a": X, "b": X**2}, xlabel="x", ylabel="y"),
    "points": lambda: plot.lines(
        X, {"a": X}, points={"seen": (X[::3], X[::3] + 0.2)}, xlabel="x", ylabel="y"
    ),
    "bands": lambda: plot.bands(
        X, {"a": [X, X + 1], "b": [X**2, X**2 - 1]}, xlabel="x", ylabel="y"
    ),
    "loss_curves": lambda: plot.loss_curves(
        {f"rate {k}": [3, 2, 1][k % 3 :] for k in range(7)}, ylabel="loss", log=True
    ),
    "images": lambda: plot.images(
        IMAGES, ["0", "true 1\nread 2", "2"], mistakes=[False, True, False]
    ),
    "bars": lambda: plot.bars(
        ["a name of some length", "b"], [-0.4, 0.91], [0.1, 0.02], xlabel="weight"
    ),
    "decision_regions": lambda: plot.decision_regions(
        lambda x: np.searchsorted([-1, 1], x[:, 0]),
        (-2, 2),
        (-2, 2),
        [[-1.5, 0], [0, 0], [1.5, 0]],
        [0, 1, 1],
        names=["left", "middle", "right"],
    ),
}


@pytest.fixture(params=FIGURES)
def draw(request):
    return FIGURES[request.param]


def words() -> list[str]:
    return [text.get_text() for text in plt.gca().texts]


@pytest.mark.filterwarnings("error")
def test_one_figure_no_value_and_all_letters_inside(draw):
    assert draw() is None
    assert len(plt.get_fignums()) == 1
    figure = plt.gcf()
    figure.canvas.draw()
    inside = figure.bbox.padded(1)
    drawn = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert inside.x0 <= drawn.x0 and drawn.x1 <= inside.x1
    assert inside.y0 <= drawn.y0 and drawn.y1 <= inside.y1


def test_a_figure_drawn_twice_is_the_same_and_small(draw):
    drawn = []
    for _ in range(2):
        plt.close("all")
        draw()
        drawn.append(to_svg(plt.gcf()))
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) < 15_000


def test_figures_draw_on_given_axes():
    figure, (left, right) = plt.subplots(1, 2)
    plot.bars(["a"], [1], xlabel="x", ax=left)
    plot.lines(X, {"x": X}, xlabel="x", ylabel="y", ax=right)
    assert plt.get_fignums() == [figure.number]
    assert len(left.patches) == len(right.lines) == 1


def test_curves_differ_without_colour():
    curves = {str(k): np.arange(5.0) + k for k in range(7)}
    plot.lines(range(5), curves, xlabel="x", ylabel="y", log="y")
    ax = plt.gca()
    assert len({line.get_marker() for line in ax.lines}) == 7
    assert len({str(line._dash_pattern) for line in ax.lines}) == 7
    assert ax.get_yscale() == "log" and ax.get_xscale() == "linear"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(curves)


def test_a_legend_of_several_rows_takes_nothing_from_the_curves():
    heights = []
    for name in ("a", "a name of many words, longer than half"):
        plot.lines(X, {name + "1": X, name + "2": X}, xlabel="x", ylabel="y")
        plt.gcf().canvas.draw()
        heights.append(plt.gca().bbox.height)
        assert plt.gca().get_legend().get_window_extent().x1 <= plt.gcf().bbox.x1
    assert heights[1] == pytest.approx(heights[0], rel=0.05)


def test_loss_curves_count_epochs_from_one():
    plot.loss_curves({"short": [3, 2], "long": [3, 2, 1]}, ylabel="loss (nats)")
    ax = plt.gca()
    assert [line.get_xdata().tolist() for line in ax.lines] == [[1, 2], [1, 2, 3]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss (nats)")


def test_a_band_reaches_from_the_least_to_the_greatest_run():
    plot.bands([0, 1], {"a": [[1, 2], [3, 6]]}, xlabel="x", ylabel="y")
    (line,) = plt.gca().lines
    np.testing.assert_array_equal(line.get_ydata(), [2, 4])
    (band,) = plt.gca().collections
    corners = band.get_paths()[0].vertices
    assert corners[:, 1].min() == 1 and corners[:, 1].max() == 6


def test_mistakes_have_a_sign_and_a_frame():
    FIGURES["images"]()
    titles = [ax.get_title() for ax in plt.gcf().axes]
    widths = [ax.spines["left"].get_linewidth() for ax in plt.gcf().axes]
    assert titles == ["0", "✗ true 1\nread 2", "2"]
    assert widths[1] > 2 * widths[0] == 2 * widths[2]


def test_titles_of_images_do_not_touch():
    plot.images(np.eye(5)[:, None], ["true 3\nread 8"] * 5, mistakes=[True] * 5)
    plt.gcf().canvas.draw()
    for a, b in pairwise(ax.title.get_window_extent() for ax in plt.gcf().axes):
        assert a.x1 < b.x0


def test_bars_start_at_zero_and_show_their_numbers():
    plot.bars(["a", "b"], [0.5, -0.25], [0.1, 0], xlabel="accuracy")
    ax = plt.gca()
    assert [bar.get_width() for bar in ax.patches] == [0.5, -0.25]
    assert words() == ["0.50", "−0.25"]
    first, second = (label.get_position()[1] for label in ax.get_yticklabels())
    assert (
        ax.transData.transform((0, first))[1] > ax.transData.transform((0, second))[1]
    )


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (
            lambda: plot.lines(X, dict.fromkeys("abcdefgh", X), xlabel="", ylabel=""),
            "8 curves, 7 colours",
        ),
        (lambda: plot.images(np.eye(4)), "reshape"),
    ],
)
def test_what_a_figure_has_no_place_for_is_refused(draw, message):
    with pytest.raises(AssertionError, match=message):
        draw()
    assert plt.get_fignums() == []


@pytest.mark.parametrize("module", ["curves", "images", "maps", "style", "svg"])
def test_examples_run(module):
    figures = importlib.import_module(f"course_lib.page.plot.{module}")
    failed, tried = doctest.testmod(figures)
    assert tried and not failed


def test_evidence_for_and_against_shares_a_scale():
    """Orange for positive numbers, blue for negative ones, ink for an image without."""
    plot.evidence([[[2, -4], [0, 1]], [[1, 0], [0, -1]], [[0, 3], [0, 0]]])
    panels = [
        [(p.get_facecolor(), p.get_xy()) for p in ax.patches] for ax in plt.gcf().axes
    ]
    rgb = [[tuple(np.round(c[:3], 2)) for c, _ in panel] for panel in panels]
    orange, blue, ink = (
        tuple(np.round(to_rgb(plot.color(c)), 2)) for c in ("orange", "blue", "ink")
    )
    assert rgb == [[orange, blue, orange], [orange, blue], [ink]]
    alphas = [[round(c[3], 2) for c, _ in panel] for panel in panels]
    assert alphas == [[0.5, 1, 0.25], [0.25, 0.25], [1]]
    assert [xy for _, xy in panels[0]] == [(0, 1), (1, 1), (1, 0)]  # from the top
    with pytest.raises(AssertionError, match="reshape"):
        plot.evidence(np.ones(64))
