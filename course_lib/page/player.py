"""Pictures that move in a static page: a `Scene`, its frames, and their controls.

Python computes every frame beforehand; the page needs no kernel. What is written
out is the picture of one frame, the *still*, which is all that a reader sees where
scripts do not run, and a table of what the other frames change. The page's
``player.js`` reads the table and adds buttons and sliders.
"""

import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from course_lib.page.labels import ending, html_label, plain_label
from course_lib.page.scene import Scene

Frame = Mapping[str, Any]  # names of shapes to the fields that change
WORDS = ("caption", "readings")  # what a frame holds beside them


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
        with the frame; ``"readings"`` holds a number or text for each of some groups,
        which stands in its check box. With several controls, the last one changes
        fastest.
    controls : mapping of labels to values, optional
        Numbers become a slider, strings a list to choose from. Without controls,
        the frames are a time line. A label that ends in mathematics is the name of
        the number: it is shown as "i = 0".
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
        The most telling frame, which stands where scripts do not run and on paper:
        its number, or one value per control.
    start : int or tuple, optional
        The frame shown first where they run. If left out, it is the still, but at
        the beginning of its time: what happens, the reader sees happen.
    rate : float
        Frames per second.

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
            frames = [frames(*at) for at in itertools.product(*controls.values())]
        self.scene, self.frames = scene, list(frames)
        if not controls:
            controls, time = {"Step": range(len(self.frames))}, "Step"
        self.controls = {label: list(values) for label, values in controls.items()}
        self.groups, self.time = dict(groups or {}), time
        self.caption, self.alt, self.rate = caption, alt, rate
        self._sizes = [len(values) for values in self.controls.values()]
        count = len(self.frames)
        assert count == math.prod(self._sizes) > 0, f"{count} frames: {self._sizes}"
        assert alt, "say in `alt` what the picture shows"
        self.still = self._number_of(still)
        self.start = self._beginning() if start is None else self._number_of(start)
        self._tracks = self._changes()

    def __repr__(self) -> str:
        return f"Player: {len(self.frames)} frames. {self.alt}"

    def _repr_html_(self) -> str:
        moved = {name for name, *_ in self._tracks}
        grouped = {name for names in self.groups.values() for name in names}
        still = {k: v for k, v in self.frames[self.still].items() if k not in WORDS}
        table = json.dumps(self._table(), ensure_ascii=False, separators=(",", ":"))
        # No "<" is left that could end the script.
        table = table.replace("<", "\\u003c")
        # An address, for JupyterLab shows no SVG that stands in the HTML of a
        # notebook that it does not trust (docs/decisions/0009); player.js unpacks it.
        picture = self.scene.svg(still, marked=moved | grouped)
        picture = picture.replace("%", "%25").replace("#", "%23")
        return (
            f'<figure class="player"><img alt="{escape(self.alt)}" '
            f'src="data:image/svg+xml,{escape(picture, quote=False)}">'
            f'<script type="application/json">{table}</script>'
            f"<figcaption>{html_label(self.caption)}</figcaption></figure>"
        )

    def _number_of(self, at: int | tuple) -> int:
        if isinstance(at, tuple):
            return [*itertools.product(*self.controls.values())].index(at)
        return range(len(self.frames))[at]  # from the end if negative

    def _beginning(self) -> int:
        """The number of the still, at the first value of the control of time."""
        at = list(np.unravel_index(self.still, self._sizes))
        if self.time is not None:
            at[[*self.controls].index(self.time)] = 0
        return int(np.ravel_multi_index(at, self._sizes))

    def _changes(self) -> list[tuple[str, str, list[str | None]]]:
        """Shape, attribute and its value in each frame, where any differ."""
        names = dict.fromkeys(name for frame in self.frames for name in frame)
        names = [name for name in names if name not in WORDS]
        tracks, known = [], {}
        for name in names:
            states = [self._state(name, f.get(name, {}), known) for f in self.frames]
            partial = any("upto" in state for state in states)
            for key in dict.fromkeys(key for state in states for key in state):
                values = [state.get(key) for state in states]
                if len(set(values)) > 1 or (partial and key in ("points", "upto")):
                    tracks.append((name, key, values))
        return tracks

    def _state(self, name: str, change: Mapping[str, Any], known: dict) -> dict:
        """`Scene.drawn`; what many frames share is drawn once.

        (The race has 1,515 frames of long lines: seconds, where this takes none.)
        """
        upto = {k: str(int(v)) for k, v in change.items() if k == "upto"}
        change = {k: v for k, v in change.items() if k != "upto"}
        # The frames keep these values, so that one id is one value.
        key = name, *((field, id(value)) for field, value in change.items())
        if key not in known:
            known[key] = self.scene.drawn(name, change)
        return known[key] | upto

    def _table(self) -> dict[str, Any]:
        """What ``player.js`` reads."""
        captions = [frame.get("caption", "") for frame in self.frames]
        readings = [frame.get("readings", {}) for frame in self.frames]
        clock = "" if self.time is None else ending(self.time)
        clock = f"{clock} = " if clock else f"{self.time} "
        return {
            "tracks": [[n, key, *_packed(values)] for n, key, values in self._tracks],
            "captions": _packed([html_label(c) for c in captions]),
            "controls": [
                [html_label(label), plain_label(label), [_shown(v) for v in values]]
                for label, values in self.controls.items()
            ],
            "choices": [isinstance(v[0], str) for v in self.controls.values()],
            "time": -1 if self.time is None else [*self.controls].index(self.time),
            "clock": [html_label(clock), plain_label(clock)],
            "groups": [
                [html_label(group), plain_label(group), list(names)]
                for group, names in self.groups.items()
            ],
            "readings": [
                _packed([_shown(reading.get(group, "")) for reading in readings])
                for group in self.groups
            ],
            "start": list(map(int, np.unravel_index(self.start, self._sizes))),
            "still": list(map(int, np.unravel_index(self.still, self._sizes))),
            "rate": self.rate,
        }


def _packed(values: Sequence[str | None]) -> tuple[list[str | None], str]:
    """The distinct values, and each frame's place among them.

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
