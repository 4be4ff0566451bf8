"""Schematic pictures: labels at the right places, edges between the right nodes."""

import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from course_lib.page import diagram
from course_lib.page.labels import plain_label
from course_lib.page.shapes import Arrow, Line, Rect, Text

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

COLUMNS = [["t_0", "t_1"], ["s_0", "s_1", "s_2"], ["h"]]
EDGES = [(t, s, 1.5) for s in COLUMNS[1] for t in COLUMNS[0]]
EDGES += [(s, "h", -0.875) for s in COLUMNS[1]]
NUMBERS = {name: -8.125 for column in COLUMNS for name in column}
CHAIN = [(f"s_{k}", f"s_{k + 1}", f"$s_{k}$") for k in range(3) for _ in range(2)]

PRODUCT = [("$W$", 2, 3), ("$x$", 3, 1), "=", ("$u$", 2, 1)]
LARGE = [
    ("$X$", 1437, 64),
    ("$V$", 64, 32),
    "+",
    ("$b$", 1, 32),
    "=",
    ("$U$", 1437, 32),
]

PICTURES = {
    "network": lambda: diagram.network([3, 2, 1], loss=True),
    "weights": lambda: diagram.network([W0, W1], activations=["tanh", "tanh"]),
    "values": lambda: diagram.network([W0, W1], values=VALUES, loss=True),
    "gradients": lambda: diagram.network(
        [W0, W1], values=VALUES, gradients=GRADIENTS, loss=True
    ),
    "symbols and gradients": lambda: diagram.network([3, 2, 1], gradients=GRADIENTS),
    "no bias": lambda: diagram.network([2, 1], bias=False),
    "three layers": lambda: diagram.network([4, 4, 3, 2], loss=True),
    "widening": lambda: diagram.network([1, 4, 2]),
    "outline": lambda: diagram.network([784, 128, 10], activations=["ReLU", "softmax"]),
    "unit": lambda: diagram.neuron(3),
    "unit with numbers": lambda: diagram.neuron(
        [-1.5, 1, -0.25], values={"x": [1, 1, 0], "u": -0.5, "o": 0}
    ),
    "graph": lambda: diagram.graph(COLUMNS, EDGES, values=NUMBERS, derivatives=NUMBERS),
    "parallel": lambda: diagram.graph([[f"s_{k}"] for k in range(4)], CHAIN),
    "one node": lambda: diagram.graph([["t"]], []),
    "boxes": lambda: diagram.boxes(PRODUCT),
    "large boxes": lambda: diagram.boxes(LARGE),
    "many boxes": lambda: diagram.boxes([("$W^0$", 8, 8)] * 3),
    "one box": lambda: diagram.boxes([("$X$", 1, 1)]),
}


def of(scene, kind) -> list:
    return [shape for shape in scene.shapes if isinstance(shape, kind)]


def named(scene, name):
    return scene.shapes[scene.names[name]]


def words(scene) -> dict:
    """What is written, and where."""
    return {text.text: (text.x, text.y + text.dy) for text in of(scene, Text)}


# --- networks -----------------------------------------------------------------------


def test_a_network_has_the_names_of_the_deck():
    scene = diagram.network([3, 2, 1], loss=True)
    inputs = ["$x_0$ = 1", "$x_1$", "$x_2$"]
    units = ["$u^0_0$", "$o^0_0$", "$u^0_1$", "$o^0_1$", "$u^1_0$", "$o$", "$L$"]
    edges = [f"$w^0_{{{j}{i}}}$" for j in range(2) for i in range(3)]
    edges += ["$w^1_{00}$", "$w^1_{01}$"]
    captions = ["inputs", "hidden units", "output unit", "loss"]
    written = [text.text for text in of(scene, Text)]
    assert sorted(written) == sorted(inputs + units + edges + captions)


@pytest.mark.parametrize("sizes", [[3, 2, 1], [2, 4, 1], [3, 3, 2]])
def test_edges_join_nodes_and_carry_their_own_weights(sizes):
    scene = diagram.network(sizes)
    at = words(scene)
    ends = [["x", *(f"o{k}" for k in range(len(sizes)))], [f"u{k}" for k in range(9)]]
    for k, (n, m) in enumerate(pairwise(sizes)):
        heights = []
        for j, i in np.ndindex(m, n):
            edge = named(scene, f"{ends[0][k]} {i} {ends[1][k]} {j}")
            first = "x" if k == 0 else f"u{k - 1}"  # a node is named by its first half
            start, end = named(scene, f"{first} {i}"), named(scene, f"u{k} {j}")
            middles = [(node.y0 + node.y1) / 2 for node in (start, end)]
            assert [edge.x0, edge.y0] == pytest.approx([start.x1, middles[0]])
            assert [edge.x1, edge.y1] == pytest.approx([end.x0, middles[1]])
            x, y = at[f"$w^{k}_{{{j}{i}}}$"]
            assert edge.x0 < x < edge.x1
            assert np.interp(x, [edge.x0, edge.x1], middles) == pytest.approx(y)
            heights.append(y)
        assert np.ptp(np.diff(sorted(heights))) == pytest.approx(0)  # evenly spaced


def test_only_what_carries_no_weight_has_a_head():
    arrows = of(diagram.network([3, 2, 1], loss=True), Arrow)
    assert [arrow.name for arrow in arrows if arrow.head] == ["o 0 L 0"]
    assert len(arrows) == 9


def test_inputs_are_counted_from_one_without_bias():
    written = words(diagram.network([2, 1], bias=False))
    assert {"$x_1$", "$x_2$", "$w^0_{01}$", "$w^0_{02}$"} <= set(written)
    assert "$x_0$ = 1" not in written


def test_values_stand_beneath_their_symbols_and_above_the_gradients():
    scene = diagram.network([W0, W1], values=VALUES, gradients=GRADIENTS, loss=True)
    at = words(scene)
    symbols = {"u0 1": "$u^0_1$", "o0 1": "$o^0_1$", "o 0": "$o$", "L 0": "$L$"}
    numbers = {"u0 1": "−0.85", "o0 1": "−0.085", "o 0": "0.57", "L 0": "0.18"}
    for name, symbol in symbols.items():
        value = named(scene, f"value of {name}")
        gradient = named(scene, f"derivative of {name}")
        assert (value.text, gradient.text) == (numbers[name], "−0.089")
        assert value.x == gradient.x == at[symbol][0]
        assert at[symbol][1] + 16 < value.y < gradient.y - 16
        assert (value.face, gradient.face) == ("", "italic")
    assert "value of x 0" not in scene.names  # it is 1, and says so
    assert {"0.1", "−0.45", "1.2", "−0.75"} <= set(at)
    italic = [text.text for text in of(scene, Text) if text.face == "italic"]
    assert len(italic) == 8 + 2 + 4 + 2 + 1 + 1  # edges, nodes, and the note
    assert "$w^0_{00}$" not in at


def test_an_outline_says_how_many():
    scene = diagram.network([784, 128, 10], activations=["ReLU", "softmax"])
    written = [text.text for text in of(scene, Text)]
    assert written.count("⋮") == 3
    assert {"784", "128", "10", "output units", "softmax"} <= set(written)
    assert len(of(scene, Line)) == 2 * 4 * 4  # all to all of those that are drawn


def test_a_unit_needs_no_indices_of_layers():
    symbols = ["$x_0$ = 1", "$x_1$", "$x_2$", "$w_0$", "$w_1$", "$w_2$", "$u$", "$o$"]
    assert set(words(diagram.neuron(3))) == {*symbols, "inputs", "unit"}
    numbers = words(PICTURES["unit with numbers"]())
    assert {"−1.5", "−0.25", "−0.5", "0"} <= set(numbers)
    assert "$w_0$" not in numbers


# --- graphs and walks ---------------------------------------------------------------


def test_numbers_of_a_graph_stand_at_their_places():
    edges = [*EDGES[:1], ("t_1", "s_0", 2.25), *EDGES[2:]]
    scene = diagram.graph(COLUMNS, edges, values={"t_0": 2}, derivatives={"s_0": 5.5})
    at = words(scene)
    assert named(scene, "value of t_0").text == "2"
    assert at["2"][0] == at["$t_0$"][0] and at["5.5"][0] == at["$s_0$"][0]
    assert 16 < at["5.5"][1] - at["$s_0$"][1] < 60
    edge = named(scene, "t_1 s_0")
    x, y = at["2.25"]
    assert np.interp(x, [edge.x0, edge.x1], [edge.y0, edge.y1]) == pytest.approx(y)
    assert all(arrow.head for arrow in of(scene, Arrow))


def test_parallel_edges_bend_apart():
    arrows = of(PICTURES["parallel"](), Arrow)
    assert len(arrows) == 6
    for one, other in (arrows[k : k + 2] for k in (0, 2, 4)):
        assert (one.x0, one.y0, one.x1, one.y1) == (
            other.x0,
            other.y0,
            other.x1,
            other.y1,
        )
        assert one.bend == -other.bend > 15


def frames_of(steps):
    given = {"a": 3.14159, "b": 6}, {"a": 2.0}
    return diagram.walk(
        [["a"], ["b"]], [("a", "b", "· 2")], *given, steps, alt="A graph."
    )


def test_numbers_of_a_walk_stay_once_they_have_appeared():
    player = frames_of([("a", "in"), ("b", "out"), ("∂a", "back")])
    hidden = [{n for n, c in f.items() if "show" in c} for f in player.frames]
    assert hidden[0] == {"value of b", "derivative of a"}
    assert hidden[1:] == [{"derivative of a"}, set()]
    assert [frame["caption"] for frame in player.frames] == ["in", "out", "back"]
    assert (player.start, player.still) == (0, 2)
    assert ">3.14<" in player._repr_html_().replace("&gt;", ">").replace("&lt;", "<")


def test_what_moves_backward_is_drawn_backward():
    player = frames_of([("a", ""), ("b", ""), ("∂a", "")])
    _, forth, back = player.frames
    edge = named(player.scene, "a b")
    assert forth["a b"] == {"color": "blue", "width": 2.5}
    assert (back["a b"]["x0"], back["a b"]["x1"]) == (edge.x1, edge.x0)
    assert back["a b"]["color"] == "vermillion"


# --- boxes --------------------------------------------------------------------------


def test_boxes_have_the_shapes_and_the_sizes_that_must_agree_are_bold():
    scene = diagram.boxes(PRODUCT)
    rects = of(scene, Rect)
    shapes = [(box.y1 - box.y0, box.x1 - box.x0) for box in rects]
    np.testing.assert_allclose(
        np.array(shapes) / shapes[2][1], [[2, 3], [3, 1], [2, 1]]
    )
    assert len(of(scene, Line)) == (1 + 2) + 2 + 1  # between the cells
    bold = [text.text for text in of(scene, Text) if text.face == "bold"]
    assert bold == ["3", "3"]
    assert [box.color for box in rects] == ["blue", "blue", "orange"]


def test_large_boxes_have_no_cells():
    scene = diagram.boxes(LARGE)
    assert not of(scene, Line)
    bold = [text.text for text in of(scene, Text) if text.face == "bold"]
    assert bold == ["64", "64"]  # the bias is added, not multiplied


def test_a_product_that_does_not_fit_is_refused():
    with pytest.raises(AssertionError, match=r"\$W\$ has 3 columns"):
        diagram.boxes([("$W$", 2, 3), ("$x$", 2, 1)])


# --- in the browser -----------------------------------------------------------------

MEASURE = """picture => {
  const frame = picture.getBoundingClientRect(), found = [];
  const texts = [...picture.querySelectorAll("text")].filter(
    (text) => getComputedStyle(text).display !== "none");
  const boxes = texts.map((text) => text.getBoundingClientRect());
  boxes.forEach((a, k) => {
    if (a.left < frame.left - 0.5 || a.right > frame.right + 0.5
        || a.top < frame.top - 0.5 || a.bottom > frame.bottom + 0.5)
      found.push(`${texts[k].textContent} sticks out`);
    boxes.slice(0, k).forEach((b, n) => {
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5)
        found.push(`${texts[k].textContent} and ${texts[n].textContent} overlap`);
    });
  });
  const scale = frame.width / picture.viewBox.baseVal.width;
  const sizes = texts.map((text) => parseFloat(getComputedStyle(text).fontSize));
  return [found, scale * Math.min(...sizes)];
}"""
PHONE = {"width": 346, "height": 800}  # 330 within the margins


def measured(page) -> list:
    return [p.evaluate(MEASURE) for p in page.locator("svg[role=img]").all()]


def test_no_two_labels_overlap_and_none_sticks_out(page_of):
    page = page_of(*(draw().svg() for draw in PICTURES.values()))
    faults = [found for found, _ in measured(page)]
    assert len(faults) == len(PICTURES)
    assert faults == [[]] * len(PICTURES)


CROSSED = """picture => {
  const named = (name) => [...picture.querySelectorAll(`[data-name*="${name}"]`)];
  const edges = named(" ").filter((shape) => shape.matches("path"));
  const numbers = named(" of ").filter((text) => !text.hasAttribute("display"));
  const found = [];
  for (const text of numbers) {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    for (const edge of edges) {
      const toPage = edge.getScreenCTM(), length = edge.getTotalLength();
      for (let at = 0; at <= length; at += 1) {
        const p = edge.getPointAtLength(at).matrixTransform(toPage);
        if (p.x > left && p.x < right && p.y > top + 3 && p.y < bottom - 3) {
          found.push(`${text.textContent} on ${edge.dataset.name}`);
          break;
        }
      }
    }
  }
  return [numbers.length, found];
}"""


def test_at_no_step_of_a_walk_a_number_lies_on_an_edge(page_of):
    """The network of the page: three inputs, two hidden units, one output."""
    x, u0, o0 = (["x_0", "x_1", "x_2"], ["u_0", "u_1"], ["o_0", "o_1"])
    columns = [x, u0, o0, ["u"], ["o"], ["L"]]
    edges = [(a, b, -0.5) for a in x for b in u0]
    edges += [(a, b, "") for a, b in zip(u0, o0, strict=True)]
    edges += [(a, "u", -1.0) for a in o0] + [("u", "o", ""), ("o", "L", "")]
    nodes = [node for column in columns for node in column]
    numbers = dict.fromkeys(nodes, -0.87)
    steps = [(" ".join(column), "forward") for column in columns]
    steps += [(" ".join(f"∂{n}" for n in c), "back") for c in reversed(columns)]
    player = diagram.walk(columns, edges, numbers, numbers, steps, alt="A walk.")
    page = page_of(player, viewport=PHONE)
    for step in range(len(steps)):
        seen, crossed = page.locator("svg[role=img]").evaluate(CROSSED)
        assert (step, crossed) == (step, [])
        page.get_by_role("button", name="Step forward").click()
    assert seen == 2 * len(nodes) - len(x)  # what never moves has no name


def test_a_walk_goes_back_backward(page_of):
    steps = [("a", "in"), ("b", "out"), ("∂b", "begin"), ("∂a", "back")]
    numbers = {"a": 1.0, "b": 2.0}
    edges = [("a", "b", 2)]
    player = diagram.walk([["a"], ["b"]], edges, numbers, numbers, steps, alt="A walk.")
    forward, *_, back = (
        player.scene.drawn("a b", f["a b"]) for f in player.frames[1::2]
    )
    points = [re.findall(r"[\d.]+,[\d.]+", edge["d"]) for edge in (forward, back)]
    assert points[0][:2] == points[1][1::-1]  # from end to start …
    assert points[1][3] == points[1][1]  # … with the head there
    lit = player.frames[3]
    assert lit["a b"]["color"] == lit["on a b"]["color"] == "vermillion"


def test_the_measure_sees_an_overlap_and_a_label_that_sticks_out(page_of):
    scene = diagram.neuron(2)
    scene.text(*words(scene)["$u$"], "u").text(0, 0, "out")
    ((found, _),) = measured(page_of(scene.svg()))
    assert sorted(found) == ["out sticks out", "u and u overlap"]


def book_pictures() -> dict:
    """The stored outputs of all cells that draw with `diagram`."""
    found = {}
    for path in sorted((Path(__file__).parents[2] / "book").glob("*/*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            source = "".join(cell["source"])
            for output in cell.get("outputs", []) if "diagram." in source else []:
                data = output.get("data", {})
                markup = data.get("image/svg+xml") or data.get("text/html") or ""
                if markup:
                    found[f"{path.stem} {cell['id']}"] = "".join(markup)
    return found


def test_the_pictures_of_the_book_can_be_read_on_a_phone(page_of):
    pictures = book_pictures()
    assert len(pictures) >= 16
    page = page_of(*pictures.values(), viewport=PHONE)
    for slider in page.locator("input[type=range]").all():
        slider.focus()
        page.keyboard.press("End")  # all numbers of a walk are there
    for name, (found, letters) in zip(pictures, measured(page), strict=True):
        assert (name, found) == (name, [])
        assert letters >= 11, (name, letters)


def test_every_label_can_be_said():
    for draw in PICTURES.values():
        for text in of(draw(), Text):
            assert not set("$_^{}\\") & set(plain_label(text.text))
