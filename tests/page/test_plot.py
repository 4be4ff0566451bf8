"""Drawings of networks: what they say, that it can be read, that errors speak."""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_lib.page import plot

W0 = np.array([[0.1, -0.2, 0.3], [-0.45, 0.52, 0.66]])
W1 = np.array([[1.2, -0.75]])
VALUES = {
    "x": [1, 0.5, -1],
    "u0": [-0.32, -0.85],
    "o0": [0.42, -0.085],
    "u1": 0.29,
    "o": 0.57,
    "L": 0.18,
}
GRADIENTS = {key: -0.0888 * np.ones_like(value) for key, value in VALUES.items()}
GRADIENTS |= {"W0": 0.0123 * W0, "W1": -0.0567 * W1}

FIGURES = {
    "network": lambda: plot.network([3, 2, 1], loss=True),
    "weights": lambda: plot.network([W0, W1], activations=["tanh", "tanh"]),
    "values": lambda: plot.network([W0, W1], values=VALUES, loss=True),
    "gradients": lambda: plot.network(
        [W0, W1], values=VALUES, gradients=GRADIENTS, loss=True
    ),
    "symbols and gradients": lambda: plot.network([3, 2, 1], gradients=GRADIENTS),
    "neuron": lambda: plot.network([2, 1], bias_as_input=False),
    "three layers": lambda: plot.network([4, 4, 3, 2], loss=True),
    "widening": lambda: plot.network([1, 4, 2]),
    "outline": lambda: plot.network([784, 128, 10], activations=["ReLU", "softmax"]),
    "unit": lambda: plot.neuron(3),
    "unit with numbers": lambda: plot.neuron(
        [-1.5, 1, -0.25], values={"x": [1, 1, 0], "u": -0.5, "o": 0}
    ),
}
NETWORKS = [name for name in FIGURES if list(FIGURES).index(name) < 8]


@pytest.fixture(autouse=True)
def _no_figures():
    plt.close("all")
    yield
    plt.close("all")


def words() -> list[str]:
    return [text.get_text() for text in plt.gca().texts]


def boxes(artists: list) -> list:
    plt.gcf().canvas.draw()
    return [artist.get_window_extent() for artist in artists]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", FIGURES)
def test_one_figure_no_value_and_all_letters_inside(name):
    assert FIGURES[name]() is None
    assert len(plt.get_fignums()) == 1
    figure = plt.gcf()
    figure.canvas.draw()
    inside = figure.bbox.padded(1)
    drawn = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert inside.x0 <= drawn.x0 and drawn.x1 <= inside.x1
    assert inside.y0 <= drawn.y0 and drawn.y1 <= inside.y1


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_drawn_twice_has_the_same_pixels(name):
    pixels = []
    for _ in range(2):
        plt.close("all")
        FIGURES[name]()
        plt.gcf().canvas.draw()
        pixels.append(np.asarray(plt.gcf().canvas.buffer_rgba()).copy())
    assert np.array_equal(*pixels)
    assert pixels[0].std() > 0


@pytest.mark.parametrize("name", NETWORKS)
def test_texts_of_a_network_do_not_overlap(name):
    FIGURES[name]()
    for a, b in combinations(zip(words(), boxes(plt.gca().texts), strict=True), 2):
        assert not a[1].overlaps(b[1]), (a[0], b[0])


def test_network_has_the_names_of_the_deck():
    plot.network([3, 2, 1], loss=True)
    inputs = ["$x_0=1$", "$x_1$", "$x_2$"]
    units = ["$u^0_0$", "$o^0_0$", "$u^0_1$", "$o^0_1$", "$u^1_0$", "$o$", "$L$"]
    edges = [f"$w^0_{{{j}{i}}}$" for j in range(2) for i in range(3)]
    edges += ["$w^1_{00}$", "$w^1_{01}$"]
    captions = ["inputs", "hidden units", "output units", "loss\n"]
    assert sorted(words()) == sorted(inputs + units + edges + captions)


def test_each_weight_stands_on_its_own_edge():
    plot.network([3, 2, 1])
    ax = plt.gca()
    at = {text.get_text(): text.get_position() for text in ax.texts}
    heights = [at[f"$w^0_{{{j}{i}}}$"][1] for i in range(3) for j in range(2)]
    assert np.ptp(np.diff(heights)) == pytest.approx(0)  # evenly spaced
    for j in range(2):
        for i in range(3):
            x, y = at[f"$w^0_{{{j}{i}}}$"]
            left, right = at[f"$x_{i}$" if i else "$x_0=1$"][1], at[f"$u^0_{j}$"][1]
            ways = [line.get_xydata() for line in ax.lines]
            (edge,) = [way for way in ways if np.allclose(way[:, 1], [left, right])]
            assert np.interp(x, *edge.T) == pytest.approx(y)


def test_inputs_are_counted_from_one_without_bias():
    plot.network([2, 1], bias_as_input=False)
    assert {"$x_1$", "$x_2$", "$w^0_{01}$", "$w^0_{02}$"} <= set(words())
    assert "$x_0=1$" not in words()


def test_values_stand_above_gradients_and_gradients_are_italic():
    plot.network([W0, W1], values=VALUES, gradients=GRADIENTS, loss=True)
    texts = plt.gca().texts
    italic = [text for text in texts if text.get_fontstyle() == "italic"]
    upright = [text.get_text() for text in texts if text not in italic]
    assert {"0.1", "−0.45", "1.2", "−0.75", "−0.085", "0.57"} <= set(upright)
    drawn = 8 + 2 + 4 + 2 + 1  # weights, x1 and x2, hidden, output, loss
    assert len(italic) == drawn + 1  # and the note
    assert "$w^0_{00}$" not in upright
    for text in italic[:-1]:
        x, y = text.get_position()
        above = [t for t in texts if t not in italic and t.get_position()[0] == x]
        assert any(0 < t.get_position()[1] - y < 0.25 for t in above)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1"),
        (-0.25, "−0.25"),
        (0.5, "0.5"),
        (0.0312, "0.031"),
        (-4e-6, "−4e−6"),
        (20, "20"),
        (1234, "1e3"),
        (np.nan, "nan"),
    ],
)
def test_numbers_are_short(value, text):
    plot.network([1, 1], values={"W0": [[value]]})
    assert text in words()


def test_outline_says_how_many():
    plot.network([784, 128, 10], activations=["ReLU", "softmax"])
    assert words().count("⋮") == 3
    assert "784\ninputs" in words()
    assert "10\noutput units\nsoftmax" in words()


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plot.network([3]), "two layers or more"),
        (lambda: plot.network([]), "two layers or more"),
        (lambda: plot.network([3, 0]), "at least one unit"),
        (lambda: plot.network([W0, W0]), r"W1 has shape \(2, 3\), expected \(out, 2\)"),
        (lambda: plot.network([3, 2], values={"v": 1}), "no place for 'v'"),
        (
            lambda: plot.network([3, 2], values={"x": [1]}),
            r"shape \(1,\), expected \(3",
        ),
        (lambda: plot.network([3, 2], gradients={"W0": W0.T}), r"expected \(2, 3\)"),
        (lambda: plot.network([3, 2], activations=["a", "b"]), "2 activations for 1"),
        (lambda: plot.network([784, 2], values={"L": 1}), "outline"),
    ],
)
def test_errors_say_what_was_wanted(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
    assert plt.get_fignums() == []


def test_a_unit_needs_no_indices_of_layers():
    plot.neuron(3)
    symbols = ["$x_0=1$", "$x_1$", "$x_2$", "$w_0$", "$w_1$", "$w_2$", "$u$", "$o$"]
    assert sorted(words()) == sorted([*symbols, "inputs", "unit"])


def test_a_unit_shows_its_numbers():
    FIGURES["unit with numbers"]()
    assert {"−1.5", "−0.25", "−0.5", "0"} <= set(words())
    assert "$w_0$" not in words()


@pytest.mark.parametrize(
    ("weights", "values", "message"),
    [
        (1, {}, "2 to 6"),
        ([0.0] * 7, {}, "2 to 6"),
        (3, {"x": [1, 2]}, "x with 3 numbers"),
        (3, {"L": 1}, "there is place"),
    ],
)
def test_a_unit_refuses_what_it_has_no_place_for(weights, values, message):
    with pytest.raises(ValueError, match=message):
        plot.neuron(weights, values=values)
