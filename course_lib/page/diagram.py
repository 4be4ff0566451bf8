"""Schematic pictures: networks, single neurons, graphs of computations, boxes, walks.

Networks and graphs are columns of nodes with edges from column to column. The nodes
of all columns stand at one distance, and the label of an edge stands where the edges
between two columns are evenly spaced. So no two labels ever overlap.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, zip_longest

import numpy as np
from numpy.typing import ArrayLike

from course_lib.page.labels import label_width
from course_lib.page.player import Player
from course_lib.page.scene import Scene

LETTER = 14  # size of the letters, in pixels
LINE = 18  # from one line of letters to the next
HEIGHT = 32  # of a node
OUT = 26  # length of an arrow that leaves a unit
RIM = 3  # around a drawing
BIAS = "$x_0$ = 1"

WIRE = {"color": "grey", "width": 1.2}  # look of an edge
BACK = {"color": "vermillion", "face": "italic"}  # look of a derivative
NOTE = {"color": "grey"}  # look of a caption
MOST_UNITS = 6  # a network with a larger layer is drawn in outline
MOST_CELLS = 8  # boxes with more rows or columns are drawn without cells

Node = Mapping[str, str]  # name -> label, of one part or of two halves
Edge = tuple  # start, end, and what stands on it: a number or a text


def network(
    layers: Sequence[int] | Sequence[ArrayLike],
    *,
    values: Mapping[str, ArrayLike] | None = None,
    gradients: Mapping[str, ArrayLike] | None = None,
    bias: bool = True,
    loss: bool = False,
    activations: Sequence[str] = (),
) -> Scene:
    """Draw a layered network in the notation of slides 7 to 13 and 22 to 27.

    Parameters
    ----------
    layers : sequence of int, or of arrays of shape (out, in)
        Number of units of each layer, inputs first; or the weights W0, W1 …, whose
        numbers then stand on the edges in place of their names.
    values, gradients : dict of arrays, optional
        Numbers to write at their places, by name: ``x``, ``u0``, ``o0``, ``u1`` …,
        ``o`` (the last layer's), ``L``. Gradients, which may have ``W0`` … too, are
        derivatives of L; they stand beneath the values, in italics.
    bias : bool, default True
        Whether the first input is x₀ = 1; otherwise inputs are counted from 1.
    loss : bool, default False
        Whether to draw the loss L behind the last layer.
    activations : sequence of str, optional
        One name for each layer after the inputs, written below it.

    Notes
    -----
    A network with a layer of more than six units is drawn in outline.

    Examples
    --------
    >>> network([3, 2, 1], loss=True)  # slide 22
    Scene: 49 shapes
    >>> network([[[0.5, 1, -1]]], values={"x": [1, 2, 3], "u0": -0.5})
    Scene: 25 shapes
    >>> network([784, 128, 10], activations=["ReLU", "softmax"])  # in outline
    Scene: 67 shapes
    """
    W = [] if np.ndim(layers[0]) == 0 else [np.asarray(layer) for layer in layers]
    sizes = [W[0].shape[1], *map(len, W)] if W else list(layers)
    last, first = len(sizes) - 2, 0 if bias else 1
    captions = [["inputs"], *(["hidden units"] for _ in sizes[2:]), ["output units"]]
    captions[-1] = ["output unit"] if sizes[-1] == 1 else captions[-1]
    for lines, activation in zip(captions[1:], activations, strict=False):
        lines.append(activation)
    if max(sizes) > MOST_UNITS:
        return _outline(sizes, captions)

    # A node's name is the quantity and its number: "u0 1".
    columns = [[{f"x {j}": f"$x_{j + first}$"} for j in range(sizes[0])]]
    if bias:
        columns[0][0] = {"x 0": BIAS}
    for k, size in enumerate(sizes[1:]):
        out = "o" if k == last else f"o{k}"
        output = "$o$" if k == last and size == 1 else f"$o^{k}_{{}}$"
        columns.append(
            [
                {f"u{k} {j}": f"$u^{k}_{j}$", f"{out} {j}": output.format(j)}
                for j in range(size)
            ]
        )
    dW = [np.asarray((gradients or {}).get(f"W{k}", [])) for k in range(len(sizes))]
    edges = []
    for k, (left, right) in enumerate(pairwise(columns)):
        for j, i in np.ndindex(len(right), len(left)):
            (*_, start), (end, *_) = left[i], right[j]
            label = f"$w^{k}_{{{j}{i + first * (k == 0)}}}$" if not W else W[k][j, i]
            edges.append((start, end, label, dW[k][j, i] if dW[k].size else ""))
    colors = _colors(len(columns))
    if loss:
        edges += [(f"o {j}", "L 0", "") for j in range(sizes[-1])]
        columns.append([{"L 0": "$L$"}])
        captions.append(["loss"])
        colors.append("ink")
    return _layered(
        columns,
        edges,
        _spread(values, skip=bias),
        _spread(gradients, skip=bias),
        colors=colors,
        captions=captions,
        heads=len(sizes) - 1,
        out=not loss,
        note="italics: ∂$L$/∂(what stands above)" if gradients else "",
    )


def neuron(
    weights: int | Sequence[float], *, values: Mapping[str, ArrayLike] | None = None
) -> Scene:
    """Draw one unit, with x₀ = 1 as its first input (slides 4 and 5).

    Parameters
    ----------
    weights : int, or sequence of float
        The number of weights, or the weights w₀, w₁ …, whose numbers then stand on
        the edges in place of their names.
    values : dict, optional
        Numbers to write at their places: ``x``, ``u``, ``o``. Any may be left out.

    Examples
    --------
    >>> neuron(3)
    Scene: 22 shapes
    >>> neuron([-1.5, 1, 1], values={"x": [1, 1, 0], "u": -0.5, "o": 0})
    Scene: 26 shapes
    """
    if isinstance(weights, int):
        weights = [f"$w_{i}$" for i in range(weights)]
    inputs = [{f"x {i}": f"$x_{i}$" if i else BIAS} for i in range(len(weights))]
    return _layered(
        [inputs, [{"u 0": "$u$", "o 0": "$o$"}]],
        [(f"x {i}", "u 0", weight) for i, weight in enumerate(weights)],
        _spread(values, skip=True),
        captions=[["inputs"], ["unit"]],
        heads=1,
        out=True,
    )


def graph(
    columns: Sequence[Sequence[str]],
    edges: Iterable[Edge],
    *,
    values: Mapping[str, float | str] | None = None,
    derivatives: Mapping[str, float | str] | None = None,
) -> Scene:
    """Draw which value was computed from which, and what stands on each edge.

    Parameters
    ----------
    columns : sequence of sequences of str
        The names of the nodes from left to right, as TeX without dollars: ``s_0``.
        The last column holds the result.
    edges : iterable of (str, str, float or str)
        Start, end and ∂end/∂start, as in `chain_rule`; a str is written as it is.
        Each leads to a later column. Two edges between the same nodes bend apart.
    values, derivatives : dict of float or str, optional
        What to write beneath the nodes: values, and in italics derivatives.

    Notes
    -----
    The shapes have names, so that a `Player` can move them: a node ``"s_0"``, what
    stands beneath it ``"value of s_0"`` and ``"derivative of s_0"``, an edge
    ``"t_0 s_0"``, and what stands on it ``"on t_0 s_0"``.

    Examples
    --------
    >>> edges = [("t", "s", 2.0), ("s", "f", 5.0)]
    >>> graph([["t"], ["s"], ["f"]], edges, values={"t": 1.0, "s": 4.0, "f": 25.0})
    Scene: 15 shapes
    """
    nodes = [[{name: f"${name}$"} for name in column] for column in columns]
    return _layered(nodes, edges, values, derivatives)


def walk(
    columns: Sequence[Sequence[str]],
    edges: Iterable[Edge],
    values: Mapping[str, float],
    derivatives: Mapping[str, float],
    steps: Sequence[tuple[str, str]],
    *,
    caption: str = "Below each node: its value. In italics: the derivative of $L$.",
    alt: str,
) -> Player:
    """Let values and then derivatives appear on a graph, step by step.

    Parameters
    ----------
    columns, edges, values, derivatives
        As in `graph`.
    steps : sequence of (str, str)
        For each frame the nodes, separated by blanks, that receive something, and
        a sentence. ``"u"`` receives its value, ``"∂u"`` its derivative.
    caption, alt : str
        See `Player`.

    Examples
    --------
    >>> walk([["a"], ["b"]], [("a", "b", 2)], {"a": 3, "b": 6}, {"a": 2, "b": 1},
    ...      [("a", "in"), ("b", "out"), ("∂b ∂a", "back")], alt="A small graph.")
    Player: 3 frames. A small graph.
    """
    edges = list(edges)
    short = [
        {name: round(float(value), 2) for name, value in given.items()}
        for given in (values, derivatives)
    ]
    scene = graph(columns, edges, values=short[0], derivatives=short[1])
    hidden = {name: {"show": False} for name in scene.names if " of " in name}
    frames, gone_back = [], {}
    for appearing, sentence in steps:
        now, lit = appearing.split(), dict(gone_back)
        for node in now:
            kind = "derivative" if node[0] == "∂" else "value"
            hidden.pop(f"{kind} of {node.removeprefix('∂')}", None)
            lit[node.removeprefix("∂")] = {"fill": 0.45}
        for start, end, _ in edges:
            edge, color = f"{start} {end}", "blue"
            if f"∂{start}" in now:
                lit[edge], color = backward(scene, start, end), "vermillion"
                gone_back[edge] = lit[edge] | {"width": 1.2}
            elif end in now:
                lit[edge] = {"color": "blue", "width": 2.5}
            if lit.get(edge, {}).get("width") == 2.5 and f"on {edge}" in scene.names:
                lit[f"on {edge}"] = {"color": color, "face": "bold"}
        frames.append({**hidden, **lit, "caption": sentence})
    look = {"caption": caption, "alt": alt, "rate": 0.7}
    return Player(scene, frames, start=0, still=len(frames) - 1, **look)


def backward(scene: Scene, start: str, end: str) -> dict:
    """For a frame: how an edge looks on which a derivative moves, end to start."""
    arrow = scene.shapes[scene.names[f"{start} {end}"]]
    turned = {"x0": arrow.x1, "y0": arrow.y1, "x1": arrow.x0, "y1": arrow.y0}
    return turned | {"color": "vermillion", "width": 2.5}


def boxes(terms: Sequence[tuple[str, int, int] | str]) -> Scene:
    """Draw a formula with its matrices as boxes, rows high and columns wide.

    Parameters
    ----------
    terms : sequence of (name, rows, columns), and signs such as "=" and "+"
        Boxes that follow one another without a sign are multiplied; the two sizes
        that must agree are bold. Boxes after "=" have the colour of a result. Up to
        eight rows and columns are drawn as cells, larger boxes not to scale.

    Examples
    --------
    >>> boxes([("$W$", 2, 3), ("$x$", 3, 1), "=", ("$u$", 2, 1)])
    Scene: 19 shapes
    """
    matrices = [term for term in terms if not isinstance(term, str)]
    sizes = np.array([size for _, *size in matrices])
    scaled = sizes if sizes.max() <= MOST_CELLS else 1 + 3 * np.log10(sizes)
    cell = min(32, 200 / scaled[:, 1].sum(), 130 / scaled[:, 0].max())
    matching, k = set(), -1  # (number of the box, side)
    for one, other in pairwise(["", *terms]):
        k += not isinstance(other, str)
        if not isinstance(one, str) and not isinstance(other, str):
            assert one[2] == other[1], f"{one[0]} has {one[2]} columns, {other}"
            matching |= {(k - 1, 1), (k, 0)}

    middle = 4 + LINE + cell * scaled[:, 0].max() / 2
    drawn, x, k, color = [], RIM, 0, "blue"  # (method, place, look)
    for term in terms:
        if isinstance(term, str):
            width = _wide(term) + 16
            drawn.append(("text", (x + width / 2 - 4, middle, term), {}))
            color, x = "orange" if term == "=" else color, x + width
            continue
        name, rows, columns = term
        height, width = cell * scaled[k]
        margin = (_wide(name) - width) / 2 + 4
        x += max(_wide(str(rows)) + 8, margin)
        top, bottom, right = middle - height / 2, middle + height / 2, x + width
        box = {"color": color, "fill": 0.12, "width": 1.4}
        drawn.append(("rect", (x, top, right, bottom), box))
        if sizes.max() <= MOST_CELLS:
            across = np.linspace(x, right, columns + 1)[1:-1]
            down = np.linspace(top, bottom, rows + 1)[1:-1]
            inner = [[(at, top), (at, bottom)] for at in across]
            inner += [[(x, at), (right, at)] for at in down]
            drawn += [("line", (ends,), WIRE | {"width": 0.6}) for ends in inner]
        match = {"face": "bold", "color": "vermillion"}
        faces = [match if (k, side) in matching else {} for side in (0, 1)]
        center = x + width / 2
        drawn.append(("text", (x - 5, middle, f"{rows}"), {"anchor": "end"} | faces[0]))
        drawn.append(("text", (center, top - 11, f"{columns}"), faces[1]))
        drawn.append(("text", (center, 2 * middle - 4, name), {"size": 1.15}))
        x, k = right + max(8, margin), k + 1
    scene = _sheet(x + RIM - 4, 2 * middle + 12)
    for method, place, look in drawn:
        getattr(scene, method)(*place, **look)
    return scene


# --- columns of nodes ----------------------------------------------------------------


def _layered(
    columns: Sequence[Sequence[Node]],
    edges: Iterable[Edge],
    values: Mapping[str, float | str] | None = None,
    derivatives: Mapping[str, float | str] | None = None,
    *,
    colors: Sequence[str] = (),
    captions: Sequence[Sequence[str]] = (),
    heads: int = 0,
    out: bool = False,
    note: str = "",
) -> Scene:
    """Draw columns of nodes, from left to right.

    An edge may have a derivative after its label. Edges are arrows from the column
    `heads` on; with `out` an arrow leaves each node of the last column.
    """
    edges = [(a, b, *map(digits, texts)) for a, b, *texts in edges]
    given = {"value": values or {}, "derivative": derivatives or {}}
    beneath = {
        kind: {name: digits(value) for name, value in numbers.items()}
        for kind, numbers in given.items()
        if numbers
    }
    column_of = {name: k for k, c in enumerate(columns) for node in c for name in node}
    gaps, steps = [], [HEIGHT + 12 + LINE * len(beneath)]
    for k, pair in enumerate(pairwise(columns)):
        labels = [texts for a, _, *texts in edges if column_of[a] == k and any(texts)]
        crowd = 1 + min(map(len, pair))
        lines = max((sum(map(bool, texts)) for texts in labels), default=0)
        steps.append([0, LINE + 5, 2 * LINE + 6][lines] * crowd)
        wide = max((_wide(text) for texts in labels for text in texts), default=0)
        gaps.append(max(32 + 16 * crowd, 36 + wide) if labels else 22)
    widths = [
        _widths(column, beneath, lines)
        for column, lines in zip_longest(columns, captions, fillvalue=())
    ]
    nodes, slots, beyond = zip(*widths, strict=True)
    spare = 384 - sum(slots) - sum(gaps)
    gaps = np.array(gaps) + np.clip(spare / max(1, len(gaps)), 0, 40)
    left = RIM + beyond[0] + np.cumsum([0, *gaps]) + np.cumsum([0, *slots[:-1]])
    x = left + np.array(slots) / 2

    step, ways = max(steps), Counter((start, end) for start, end, *_ in edges)
    bend = 30 if max(ways.values(), default=1) > 1 else 0
    tallest = (max(map(len, columns)) - 1) / 2 * step + HEIGHT / 2
    middle = RIM + max(tallest, bend + LINE / 2)
    floor = middle + max(tallest + LINE * len(beneath), bend + LINE / 2)
    lines = max(map(len, captions), default=0) + bool(note)
    scene = _sheet(
        left[-1] + slots[-1] + max(beyond[-1], OUT * out) + RIM,
        floor + LINE * lines + 4 * bool(lines) + RIM,
    )
    at = {
        name: (x[k], middle + (j - (len(column) - 1) / 2) * step)
        for k, column in enumerate(columns)
        for j, node in enumerate(column)
        for name in node
    }
    labels, drawn = [], Counter()
    for start, end, label, *derivative in edges:
        (a, b), k = (column_of[start], column_of[end]), drawn[start, end]
        drawn[start, end] += 1
        (x0, y0), (x1, y1) = at[start], at[end]
        x0, x1 = x0 + nodes[a] / 2, x1 - nodes[b] / 2
        side = bend * (1 - 2 * k) if ways[start, end] > 1 else 0
        look = WIRE | {"bend": side, "head": 8 if a >= heads else 0}
        scene.arrow(x0, y0, x1, y1, "" if k else f"{start} {end}", **look)
        n, m = len(columns[a]), len(columns[b])
        t = 0.5 if n == m == 1 else 1 / (1 + m) if m <= n else n / (1 + n)
        place = x0 + t * (x1 - x0), y0 + t * (y1 - y0) - side
        apart = LINE / 2 + 2 if any(derivative) else 0
        name = "" if k else f"on {start} {end}"
        labels.append((*place, label, name, {"dy": -apart}))
        labels += [(*place, text, "", BACK | {"dy": apart}) for text in derivative]
    for *place, text, name, look in labels:  # above all edges
        if text:
            x0, y0 = place[0] - _wide(text) / 2, place[1] + look["dy"] - 8
            ground = {"color": "paper", "fill": 1, "width": 0}
            scene.rect(x0, y0, x0 + _wide(text), y0 + 16, **ground)
            scene.text(*place, text, name, **look)
    for k, color in enumerate(colors or _colors(len(columns))):
        for node in columns[k]:
            place = at[next(iter(node))]
            _node(scene, node, *place, nodes[k], color, beneath)
            if out and k == len(columns) - 1:
                end = place[0] + nodes[k] / 2
                scene.arrow(end, place[1], end + OUT, place[1], **WIRE)
    for center, lines in zip(x, captions, strict=False):
        for row, line in enumerate(lines):
            scene.text(center, floor + LINE * (row + 0.5) + 4, line, **NOTE)
    if note:
        scene.text(scene.width / 2, scene.height - LINE / 2 - RIM, note, **BACK)
    return scene


def _widths(column: Sequence[Node], beneath: dict, lines: Sequence[str]) -> tuple:
    """Width of the nodes of a column, of its slot, and how far text stands out."""
    names = [name for node in column for name in node]
    numbers = [given.get(name, "") for given in beneath.values() for name in names]
    number = max(map(_wide, numbers), default=0) + 3
    label = max(_wide(label) for node in column for label in node.values())
    if len(column[0]) == 2:
        width = slot = 2 * max(34, label + 10, number)
    else:
        width = max(HEIGHT, label + 11)
        slot = max(width, number - 14)
    widest = max([number, *map(_wide, lines)])
    return width, slot, max(0, (widest - slot) / 2)


def _node(scene, node, x, y, width, color, beneath) -> None:
    """A capsule of one part or two, and the numbers beneath it."""
    first, *_ = node
    left, top, bottom = x - width / 2, y - HEIGHT / 2, y + HEIGHT / 2
    dash = "4 3" if node[first] == BIAS else ""
    look = {"color": color, "width": 1.4, "dash": dash, "radius": HEIGHT / 2}
    scene.rect(left, top, left + width, bottom, first, fill=0.12, **look)
    if len(node) == 2:
        scene.line([(x, top), (x, bottom)], color=color, width=1)
    for part, (name, label) in enumerate(node.items()):
        center = left + width * (part + 0.5) / len(node)
        scene.text(center, y, label)
        for row, (kind, given) in enumerate(beneath.items()):
            if name in given:
                below = bottom + LINE * (row + 0.5) + 1
                look = {"halo": True} | (BACK if kind == "derivative" else {})
                scene.text(center, below, given[name], f"{kind} of {name}", **look)


def _colors(columns: int) -> list[str]:
    """What goes in is grey, what comes out orange."""
    return ["grey", *["blue"] * (columns - 2), "orange"][:columns]


def _outline(sizes: Sequence[int], captions: Sequence[Sequence[str]]) -> Scene:
    """Circles without letters, with a gap where there are too many to draw."""
    slots = [np.arange(n) if n <= MOST_UNITS else np.array([0, 1, 2, 4]) for n in sizes]
    columns = [36 * (slot - slot.max() / 2) for slot in slots]
    x = 48 + 145 * np.arange(len(sizes))
    top = max(column.max() for column in columns) + 16
    lines = 1 + max(map(len, captions))
    scene = _sheet(x[-1] + 48, 2 * top + 4 + LINE * lines + RIM)
    for k, (left, right) in enumerate(pairwise(columns)):
        for a in left:
            for b in right:
                ends = [(x[k], top + a), (x[k + 1], top + b)]
                scene.line(ends, color="grey", width=0.6)
    for k, n in enumerate(sizes):
        for y in columns[k]:
            scene.dot(x[k], top + y, r=12, color="paper", width=0)
            scene.dot(x[k], top + y, r=12, color=_colors(len(sizes))[k], fill=0.12)
        if n > MOST_UNITS:
            scene.text(x[k], top + 36, "⋮", size=1.4)
        for row, line in enumerate([f"{n:,}", *captions[k]]):
            look = NOTE if row else {}
            scene.text(x[k], 2 * top + 4 + LINE * (row + 0.5), line, **look)
    return scene


def _sheet(width: float, height: float) -> Scene:
    """A scene measured in pixels, from its top left corner."""
    return Scene(width, height, (0, width), (height, 0), axes=False, letters=LETTER)


def _wide(label: str) -> float:
    return LETTER * label_width(label)


def _spread(given: Mapping[str, ArrayLike] | None, *, skip: bool) -> dict[str, float]:
    """Numbers of each node by its name, without that of x₀ = 1.

    Examples
    --------
    >>> _spread({"x": [1, 2], "o": 3}, skip=True)
    {'x 1': 2, 'o 0': 3}
    """
    spread = {
        f"{key} {j}": value
        for key, array in (given or {}).items()
        if key[0] != "W"
        for j, value in enumerate(np.ravel(array).tolist())
    }
    return {name: v for name, v in spread.items() if not (skip and name == "x 0")}


def digits(value: float | str) -> str:
    """Two digits or so, in few characters; what is text already stays.

    Examples
    --------
    >>> [digits(value) for value in (0.25, -1.5, 0.003, -4e-6, 1234)]
    ['0.25', '−1.5', '0.003', '−4e−6', '1e3']
    """
    if isinstance(value, str):
        return value
    if abs(value) >= 999.5 or 0 < abs(value) < 0.0005:
        mantissa, exponent = f"{value:.0e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        text = f"{value:.{2 if abs(value) >= 0.095 else 3}f}"
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")
