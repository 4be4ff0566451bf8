"""The race of slide 33: optimizers on three surfaces, as a moving picture.

Python runs the optimizers; the page only shows the points that they visited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from course_lib.page.levels import level_lines
from course_lib.page.player import Player
from course_lib.page.scene import Scene, round_ticks
from course_lib.page.shapes import Dot, Line, Shape, Text
from course_lib.pathologies.optimizers import RUNNERS, Surface, walk

# Colour, dashes and head of each runner.
LOOKS = {
    "SGD": ("blue", "", "circle"),
    "Momentum": ("orange", "10 3", "square"),
    "Nesterov": ("vermillion", "6 3", "diamond"),
    "AdaGrad": ("green", "2 3", "triangle"),
    "RMSProp": ("purple", "9 3 2 3", "cross"),
    "Adam": ("ink", "", "down"),
}
MARKS = {
    "circle": "●",
    "square": "■",
    "diamond": "◆",
    "triangle": "▲",
    "cross": "✕",
    "down": "▼",
}
FACTORS = {"× 0.1": 0.1, "× 0.3": 0.3, "× 1": 1.0, "× 3": 3.0, "× 10": 10.0}
FAR = 20.0  # widths of the picture; a longer step is cut, and ends the walk


def race(
    surfaces: Sequence[Surface],
    rates: Mapping[str, Sequence[float]],
    steps: int = 100,
    *,
    still: tuple[str, str, int],
) -> Player:
    """A picture in which the optimizers move together.

    Parameters
    ----------
    surfaces : sequence of Surface
    rates : dict of sequences of float
        By the name of each surface, the learning rate of each runner.
    steps : int, default 100
        How many steps they take.
    still : tuple of str, str and int
        Surface, factor and step that are shown where scripts do not run.

    Returns
    -------
    Player
        Its reader chooses the surface, a factor for all learning rates and the step,
        and hides or shows each runner.
    """
    walks = {
        (surface.name, factor, runner.name): _Walk(
            surface, walk(runner, surface, FACTORS[factor] * rate, steps)
        )
        for surface in surfaces
        for factor in FACTORS
        for runner, rate in zip(RUNNERS, rates[surface.name], strict=True)
    }
    grounds = {surface.name: _ground(surface) for surface in surfaces}
    scene = Scene(480, 360, axes=False).group((), "ground")
    for name, (color, dash, _) in LOOKS.items():
        scene.line([(0, 0)], name, color=color, dash=dash, upto=1)
    for name, (color, _, marker) in LOOKS.items():
        look = {"color": color, "marker": marker, "r": 6, "width": 2.5}
        scene.dot(0, 0, f"head of {name}", on=name, **look)

    def frame(surface: str, factor: str, step: int) -> dict:
        here = {name: walks[surface, factor, name] for name in LOOKS}
        lines = {
            name: {"points": w.points, "upto": step + 1}
            for name, w in here.items()
        }
        caption = _caption(here, step)
        return lines | {
            "ground": {"shapes": grounds[surface]},
            "caption": caption,
        }

    return Player(
        scene,
        frame,
        {
            "surface": [surface.name for surface in surfaces],
            "learning rates": list(FACTORS),
            "step": range(steps + 1),
        },
        time="step",
        groups={name: [name, f"head of {name}"] for name in LOOKS},
        still=still,
        start=(still[0], still[1], 0),
        rate=8,
        caption="Ring: start. Star: lowest point. Heads: "
        + ", ".join(
            f"{name} {MARKS[look[2]]}" for name, look in LOOKS.items()
        )
        + ". The numbers are heights above the star, the lowest first.",
        alt=f"A map of the {still[0]} with lines of equal height, and the paths of "
        "six optimizers from the start towards the lowest point. "
        + frame(*still)["caption"],
    )


class _Walk:
    """Where a runner is after each step: in the picture, and how high."""

    def __init__(self, surface: Surface, path: np.ndarray):
        self.heights = surface.gap(path)
        unit = _unit(surface, path)
        self.inside = ((unit >= 0) & (unit <= 1)).all(axis=1)
        self.points = _cut(unit)
        if len(self.points) < len(unit):
            self.inside[len(self.points) - 1 :] = False

    def height(self, step: int) -> float | None:
        """The height after a step, or None if it is out of the picture."""
        if step < len(self.heights) and self.inside[step]:
            return float(self.heights[step])
        return None


def _unit(surface: Surface, points: np.ndarray) -> np.ndarray:
    """Points of the surface as points of the unit square that shows it."""
    low, high = np.array([surface.xlim, surface.ylim], dtype=float).T
    return (np.asarray(points, dtype=float) - low) / (high - low)


def _cut(path: np.ndarray) -> np.ndarray:
    """The path as far as it can be drawn."""
    strides = np.abs(np.diff(path, axis=0)).max(axis=1)
    far = np.flatnonzero(~(strides < FAR))
    if not len(far):
        return path
    k = far[0]
    last = path[k] + (path[k + 1] - path[k]) * (FAR / strides[k])
    return np.vstack([path[: k + 1], last])


def _caption(walks: Mapping[str, _Walk], step: int) -> str:
    if not step:
        height = next(iter(walks.values())).height(0)
        return (
            "Step 0: all stand in the ring, one upon another, "
            f"at height {height:.2f}"
        )
    heights = {name: w.height(step) for name, w in walks.items()}
    shown = {k: round(h, 2) for k, h in heights.items() if h is not None}
    ranked = sorted(shown, key=shown.get)  # equal ones stay in order
    out = [name for name in heights if name not in shown]
    text = f"Step {step}: "
    text += ", ".join(f"{name} {shown[name]:.2f}" for name in ranked)
    return text + (f"; out of the picture: {', '.join(out)}" if out else "")


def _ground(surface: Surface) -> list[Shape]:
    """The map of a surface: lines of equal height, axes, start, lowest points."""
    shapes: list[Shape] = [
        Line(_unit(surface, line), color="grey", width=1, opacity=0.55)
        for line in level_lines(surface.f, surface.xlim, surface.ylim)
    ]
    (left, right), (low, high) = surface.xlim, surface.ylim
    halo = {"halo": True, "size": 0.9}
    for x in round_ticks(left, right):
        at = (x - left) / (right - left)
        if not 0.06 < at < 0.9:
            continue
        shapes.append(Line([(at, 0), (at, 0.015)], color="ink", width=1))
        shapes.append(Text(at, 0.045, f"{x:g}", **halo))
    for y in round_ticks(low, high):
        at = (y - low) / (high - low)
        if not 0.06 < at < 0.9:
            continue
        shapes.append(Line([(0, at), (0.012, at)], color="ink", width=1))
        shapes.append(Text(0.018, at, f"{y:g}", anchor="start", **halo))
    shapes.append(Text(0.985, 0.045, "$x_1$", anchor="end", **halo))
    shapes.append(Text(0.018, 0.955, "$x_2$", anchor="start", **halo))
    frame = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    shapes.append(Line(frame, color="ink", width=1.5, opacity=0.6))
    start = _unit(surface, surface.start)
    shapes.append(Dot(*start, r=9, fill=0, width=2, color="ink"))
    for minimum in surface.minima:
        shapes.append(
            Text(*_unit(surface, minimum), "★", halo=True, size=1.2)
        )
    return shapes
