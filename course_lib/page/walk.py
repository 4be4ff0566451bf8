"""A walk over a computation graph: values forward, derivatives backward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from course_lib.page.player import Player, Scene

RADIUS = 19  # of a node, in pixels


def walk(
    nodes: Mapping[str, tuple[float, float, str]],
    edges: Mapping[tuple[str, str], str],
    values: Mapping[str, float],
    slopes: Mapping[str, float],
    steps: Sequence[tuple[str, str]],
    *,
    size: tuple[float, float] = (430, 310),
    caption: str = "Inside: values. Below, in colour: derivatives of $L$.",
    alt: str,
) -> Player:
    """Let values and then derivatives appear on a graph, step by step.

    Parameters
    ----------
    nodes : mapping of str to (float, float, str)
        Place of each node and its label. The places span the drawing.
    edges : mapping of (str, str) to str
        Label, or "", of the arrow from one node to another.
    values, slopes : mapping of str to float
        What stands inside a node (all nodes) and below it (some), to 2 decimals.
    steps : sequence of (str, str)
        For each frame the nodes, separated by blanks, that receive something, and
        a sentence. ``"u"`` receives its value, ``"∂u"`` its derivative.
    size : (float, float)
        Of the drawing, in pixels.
    caption, alt : str
        See `Player`.

    Raises
    ------
    KeyError
        If a step names a node that does not exist.

    Examples
    --------
    >>> walk({"a": (0, 0, "$a$"), "b": (1, 0, "$b = 2a$")}, {("a", "b"): "2"},
    ...      {"a": 3, "b": 6}, {"a": 2, "b": 1},
    ...      [("a", "in"), ("b", "out"), ("∂b ∂a", "back")], alt="A small graph.")
    Player: 3 frames. A small graph.
    """
    xs, ys = zip(*[place[:2] for place in nodes.values()], strict=True)
    room_x = (max(xs) - min(xs)) * 0.075 + 0.1
    room_y = (max(ys) - min(ys)) * 0.22 + 0.5
    scene = Scene(
        *size,
        xlim=(min(xs) - room_x, max(xs) + room_x),
        ylim=(min(ys) - room_y, max(ys) + room_y),
        axes=False,
    )
    gap, far = RADIUS + 2, (max(ys) - min(ys)) / 2
    for start, end in edges:
        x0, y0, x1, y1 = *nodes[start][:2], *nodes[end][:2]
        way = f"{start} {end}"
        scene.arrow(x0, y0, x1, y1, way, gap=gap, color="grey", width=1)
    for (start, end), label in edges.items():
        x0, y0, x1, y1 = *nodes[start][:2], *nodes[end][:2]
        # Long edges cross at half way.
        part = 0.28 if abs(y1 - y0) > far else 0.5
        x, y = x0 + part * (x1 - x0), y0 + part * (y1 - y0)
        if label:
            scene.text(x, y, label, size=0.8, halo=True)
    for name, (x, y, label) in nodes.items():
        scene.dot(x, y, name, r=RADIUS, fill=0.12)
        value = _short(values[name])
        scene.text(x, y, value, f"in {name}", size=0.85, show=False)
        scene.text(x, y, label, dy=-RADIUS - 10, size=0.95)
        if name in slopes:
            look = {"color": "vermillion", "size": 0.9, "show": False}
            below, dy = _short(slopes[name]), RADIUS + 11
            scene.text(x, y, below, f"below {name}", dy=dy, halo=True, **look)

    frames, shown = [], {}
    for appearing, sentence in steps:
        now = appearing.split()
        for name in now:
            place = f"below {name[1:]}" if name[0] == "∂" else f"in {name}"
            shown[place] = {"show": True}
        lit = {name.removeprefix("∂"): {"fill": 0.45} for name in now}
        for start, end in edges:  # forward into a node, back out of one
            if end in now or f"∂{start}" in now:
                color = "vermillion" if f"∂{start}" in now else "blue"
                lit[f"{start} {end}"] = {"color": color, "width": 2.5}
        frames.append({**shown, **lit, "caption": sentence})
    return Player(
        scene,
        frames,
        start=0,
        still=len(frames) - 1,
        rate=0.7,
        caption=caption,
        alt=alt,
    )


def _short(value: float) -> str:
    """Two decimals, or none where the number is whole."""
    return f"{value:.0f}" if value == round(value) else f"{value:.2f}"
