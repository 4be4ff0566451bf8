"""Pictures that move in a static page: a `Scene`, its frames, and their controls.

Python computes every frame beforehand; the page needs no kernel. What is written
out is the picture of one frame, the *still*, which is all that a reader sees where
scripts do not run, and a table of what the other frames change. The page's
``player.js`` reads the table and adds buttons and sliders.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_lib.page.drawing.labels import html_label, plain_label
from course_lib.page.drawing.scene import Scene

__all__ = ["Player", "Scene"]

Frame = Mapping[str, Any]  # names of shapes to the fields that change


class Player:
    """A moving picture.

    Parameters
    ----------
    scene : Scene
        What is drawn. Frames refer to its shapes by name.
    frames : sequence of frames, or function of one value per control
        A frame says what differs from the scene as it was drawn (not from the frame
        before): ``{"ball": {"x": 1.5}, "note": {"text": "here"}}``. The fields are
        those of the shapes. ``"caption"`` holds a sentence shown, and read aloud,
        with the frame. With several controls, the last one changes fastest.
    controls : mapping of labels to values, optional
        Numbers become a slider, strings a list to choose from. Without controls,
        the frames are a time line.
    time : str, optional
        The control that the Play button moves.
    groups : mapping of labels to names of shapes, optional
        Each becomes a check box that hides and shows its shapes. It carries the
        look of the first shape, and so is the legend too.
    caption : str
        The sentence below the picture; ``$w_0$`` is set as mathematics.
    alt : str
        What the picture shows, for those who do not see it.
    still : int or tuple
        The frame that stands where scripts do not run: its number, or one value
        per control.
    start : int or tuple, optional
        The frame shown first where they run; the still if left out.
    rate : float
        Frames per second.

    Raises
    ------
    ValueError
        If there are no frames or not as many as the controls have combinations, if
        a coordinate is not finite, or there is no such still.
    KeyError, TypeError
        If a frame names a shape that the scene, or a field that the shape, has not.

    Examples
    --------
    >>> scene = Scene(xlim=(0, 2)).dot(0, 0.5, name="ball")
    >>> Player(scene, [{"ball": {"x": x}} for x in (0, 1, 2)], alt="A ball rolls.")
    Player: 3 frames. A ball rolls.
    """

    def __init__(
        self,
        scene: Scene,
        frames: Sequence[Frame] | Callable[..., Frame],
        controls: Mapping[str, Sequence] | None = None,
        *,
        time: str | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
        caption: str = "",
        alt: str,
        still: int | tuple = 0,
        start: int | tuple | None = None,
        rate: float = 10,
    ):
        if callable(frames):
            if not controls:
                raise ValueError("frames is a function: say of which controls")
            frames = [
                frames(*values) for values in itertools.product(*controls.values())
            ]
        self.scene, self.frames = scene, list(frames)
        if not self.frames:
            raise ValueError("there are no frames; give at least one")
        if not controls:
            controls, time = {"Step": range(len(self.frames))}, "Step"
        self.controls = {label: list(values) for label, values in controls.items()}
        self.groups, self.time = dict(groups or {}), time
        self.caption, self.alt, self.rate = caption, alt, rate
        self._check()
        self.still = self._number_of("still", still)
        self.start = self.still if start is None else self._number_of("start", start)
        self._states: dict[tuple, dict[str, str]] = {}
        self._tracks = self._changes()

    def __repr__(self) -> str:
        return f"Player: {len(self.frames)} frames. {self.alt}"

    def _repr_html_(self) -> str:
        moved = {name for name, *_ in self._tracks}
        grouped = {name for names in self.groups.values() for name in names}
        still = {k: v for k, v in self.frames[self.still].items() if k != "caption"}
        table = json.dumps(self._table(), ensure_ascii=False, separators=(",", ":"))
        # No "<" is left that could end the script.
        table = table.replace("<", "\\u003c")
        return (
            '<figure class="player">'
            + self.scene.svg(still, marked=moved | grouped, alt=self.alt)
            + f'<script type="application/json">{table}</script>'
            + f"<figcaption>{html_label(self.caption)}</figcaption></figure>"
        )

    def _check(self) -> None:
        sizes = [len(values) for values in self.controls.values()]
        if len(self.frames) != math.prod(sizes):
            raise ValueError(
                f"{len(self.frames)} frames, but the controls have "
                f"{' x '.join(map(str, sizes))} = {math.prod(sizes)} combinations"
            )
        if self.time is not None and self.time not in self.controls:
            raise ValueError(f"time={self.time!r} is none of {[*self.controls]}")
        if not self.alt:
            raise ValueError("alt is empty; say in a sentence what the picture shows")
        if not self.rate > 0:
            raise ValueError(f"rate={self.rate}; give a number of frames per second")
        if "caption" in self.scene.names:
            raise ValueError("a shape is named 'caption'; frames use this name")
        for count, frame in enumerate(self.frames):
            if unknown := set(frame) - set(self.scene.names) - {"caption"}:
                raise KeyError(
                    f"frame {count}: no shape is named {min(unknown)!r}; "
                    f"there are {[*self.scene.names]}"
                )
        for label, names in self.groups.items():
            if missing := [name for name in names if name not in self.scene.names]:
                raise KeyError(
                    f"group {label!r}: no shape is named {missing[0]!r}; "
                    f"there are {[*self.scene.names]}"
                )

    def _number_of(self, name: str, still: int | tuple) -> int:
        if isinstance(still, tuple):
            combinations = list(itertools.product(*self.controls.values()))
            if still not in combinations:
                raise ValueError(f"{name}={still} is not a value of every control")
            return combinations.index(still)
        if not -len(self.frames) <= still < len(self.frames):
            raise ValueError(f"{name}={still}, but there are {len(self.frames)} frames")
        return still % len(self.frames)

    def _changes(self) -> list[tuple[str, str, list[str | None]]]:
        """Return shape, attribute and its value in each frame, where any differ."""
        names = list(dict.fromkeys(name for frame in self.frames for name in frame))
        drawn: dict[str, list[dict[str, str]]] = {
            n: [] for n in names if n != "caption"
        }
        for count, frame in enumerate(self.frames):
            for name, states in drawn.items():
                try:
                    states.append(self._state(name, frame.get(name, {})))
                except (TypeError, ValueError) as error:
                    message = f"frame {count}, {name!r}: {error.args[0]}"
                    raise type(error)(message) from error
        tracks = []
        for name, states in drawn.items():
            partial = any("upto" in state for state in states)
            for key in dict.fromkeys(key for state in states for key in state):
                values = [state.get(key) for state in states]
                if len(set(values)) > 1 or (partial and key in ("points", "upto")):
                    tracks.append((name, key, values))
        return tracks

    def _state(self, name: str, change: Mapping[str, Any]) -> dict[str, str]:
        """Return `Scene.drawn`; what many frames share is worked out once."""
        shape = self.scene.shapes[self.scene.names[name]]
        upto = change.get("upto") if hasattr(shape, "upto") else None
        if upto is not None:
            change = {k: v for k, v in change.items() if k != "upto"}
        # The frames keep these values, so that one id is one value.
        key = name, *((field, id(value)) for field, value in change.items())
        if key not in self._states:
            self._states[key] = self.scene.drawn(name, change)
        state = self._states[key]
        return state if upto is None else state | {"upto": str(int(upto))}

    def _table(self) -> dict[str, Any]:
        """Return what ``player.js`` reads."""
        captions = [frame.get("caption", "") for frame in self.frames]
        return {
            "tracks": [[n, key, *_packed(values)] for n, key, values in self._tracks],
            "captions": _packed([html_label(c) for c in captions]),
            "controls": [
                [
                    html_label(label),
                    plain_label(label),
                    [_shown(v) for v in values],
                ]
                for label, values in self.controls.items()
            ],
            "choices": [isinstance(v[0], str) for v in self.controls.values()],
            "time": -1 if self.time is None else [*self.controls].index(self.time),
            "groups": [
                [html_label(g), list(names)] for g, names in self.groups.items()
            ],
            "start": self.start,
            "rate": self.rate,
        }


def _packed(values: Sequence[str | None]) -> tuple[list[str | None], str]:
    """Return the distinct values, and each frame's place among them.

    Where a frame repeats the frame before, the place is left empty.

    Examples
    --------
    >>> _packed(["a", "a", "b", "a"])
    (['a', 'b'], '0,,1,0')
    """
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    codes = [
        "" if k and value == values[k - 1] else str(places[value])
        for k, value in enumerate(values)
    ]
    return list(places), ",".join(codes)


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}".replace("-", "−")
