"""The race of slide 33: optimizers on three surfaces, as a moving picture.

Python runs the optimizers; the page only shows the points that they visited.
"""

import numpy as np

from course_lib.optim.trajectory import trajectory
from course_lib.page.levels import level_lines, shades
from course_lib.page.player import Player
from course_lib.page.scene import Scene, round_ticks
from course_lib.page.shapes import Dot, Image, Line, Text
from course_lib.pathologies.optimizers import OPTIMIZERS

# Colour, dashes and head of each optimizer's path.
LOOKS = {
    "SGD": ("blue", "", "circle"),
    "Momentum": ("orange", "10 3", "square"),
    "Nesterov": ("vermillion", "6 3", "diamond"),
    "AdaGrad": ("green", "2 3", "triangle"),
    "RMSProp": ("purple", "9 3 2 3", "cross"),
    "Adam": ("ink", "", "down"),
}
FACTORS = {"× 0.1": 0.1, "× 0.3": 0.3, "× 1": 1.0, "× 3": 3.0, "× 10": 10.0}
FAR = 20.0  # widths of the picture; a longer step is cut, and ends the path


def race_player(surfaces, lrs, steps=100, *, still):
    """A picture in which the optimizers move together, on each of several surfaces.

    By the name of each surface, ``surfaces`` holds it and ``lrs`` the learning rate of
    each optimizer. The reader chooses the surface, a factor for all learning rates and
    the step, and hides or shows each optimizer; ``still`` is the surface, the factor
    and the step that are shown where scripts do not run.
    """
    paths = {
        (where, factor, name): _Path(
            surface, name, FACTORS[factor] * lr, steps
        )
        for where, surface in surfaces.items()
        for factor in FACTORS
        for name, lr in zip(OPTIMIZERS, lrs[where])
    }
    grounds = {name: _ground(surface) for name, surface in surfaces.items()}
    axes = {"xlabel": "$x_1$", "ylabel": "$x_2$", "xticks": (), "yticks": ()}
    scene = Scene(520, 380, **axes).group((), "ground")
    for name, (color, dash, _) in LOOKS.items():
        look = {"color": color, "dash": dash, "halo": True, "upto": 1}
        scene.line([(0, 0)], name, **look)
    for name, (color, _, marker) in LOOKS.items():
        look = {"color": color, "marker": marker, "r": 6, "width": 2.5}
        scene.dot(0, 0, f"head of {name}", on=name, **look)

    def frame(surface, factor, step):
        here = {name: paths[surface, factor, name] for name in LOOKS}
        lines = {
            name: {"points": path.points, "upto": step + 1}
            for name, path in here.items()
        }
        return lines | {
            "ground": {"shapes": grounds[surface]},
            "readings": {n: path.height(step) for n, path in here.items()},
        }

    seen = frame(*still)["readings"]
    seen = ", ".join(f"{name} {height}" for name, height in seen.items())
    return Player(
        scene,
        frame,
        {
            "surface": list(surfaces),
            "learning rates": list(FACTORS),
            "step": range(steps + 1),
        },
        time="step",
        groups={name: [name, f"head of {name}"] for name in LOOKS},
        still=still,
        rate=8,
        caption="All six start in the ring, one upon another; the star is the "
        "lowest point, and what is darker is higher. Beside each name: the "
        "height above the star.",
        alt=f"A map of the {still[0]} with lines of equal height, and the "
        "paths of six optimizers from the start towards the lowest point. "
        f"Their heights above it after {still[2]} steps: {seen}.",
    )


class _Path:
    """Where an optimizer is after each step: in the picture, and how high."""

    def __init__(self, surface, name, lr, steps):
        make = OPTIMIZERS[name]
        try:
            path = trajectory(
                lambda p: make(p, lr), surface.gradient, surface.start, steps
            )
        except FloatingPointError as overflow:
            path = overflow.path
        self.heights = surface.gap(path)
        unit = _unit(surface, path)
        self.inside = ((unit >= 0) & (unit <= 1)).all(axis=1)
        self.points = _cut(unit)
        if len(self.points) < len(unit):
            self.inside[len(self.points) - 1 :] = False

    def height(self, step):
        """The height after a step, or "out" if it is out of the picture."""
        if step < len(self.heights) and self.inside[step]:
            return f"{self.heights[step]:.2f}"
        return "out"


def _unit(surface, points):
    """Points of the surface as points of the unit square that shows it."""
    low, high = np.array(surface.limits, dtype=float).T
    return (np.asarray(points, dtype=float) - low) / (high - low)


def _cut(path):
    """The path as far as it can be drawn."""
    strides = np.abs(np.diff(path, axis=0)).max(axis=1)
    far = np.flatnonzero(~(strides < FAR))
    if not len(far):
        return path
    k = far[0]
    last = path[k] + (path[k + 1] - path[k]) * (FAR / strides[k])
    return np.vstack([path[: k + 1], last])


def _ground(surface):
    """The map of a surface: heights, ticks, the start and the lowest points."""
    grey = shades(surface.value, *surface.limits)
    shapes = [Image(grey, 0, 0, 1, 1, smooth=True, opacity=0.12)]
    shapes += [
        Line(_unit(surface, line), color="grey", width=1, opacity=0.55)
        for line in level_lines(surface.value, *surface.limits)
    ]
    across, up = map(_ticks, surface.limits)
    shapes += [Text(at, 0, label, dy=15) for at, label in across]
    beside = {"anchor": "end", "dx": -7}
    shapes += [Text(0, at, label, **beside) for at, label in up]
    frame = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    shapes.append(Line(frame, color="grey", width=1))
    start = _unit(surface, surface.start)
    shapes.append(Dot(*start, r=10, fill=0, width=2, color="ink"))
    shapes += [
        Text(*_unit(surface, minimum), "★", halo=True, size=1.7)
        for minimum in surface.minima
    ]
    return shapes


def _ticks(limits):
    """Where an axis has numbers, as shares of its length, and the numbers."""
    low, high = limits
    return [
        ((x - low) / (high - low), f"{x:g}".replace("-", "−"))
        for x in round_ticks(low, high)
    ]
