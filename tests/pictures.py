"""How two pictures differ to the eye: images by their pixels, SVG by its parts.

Another processor may draw a line a hair's breadth elsewhere, and the colours of the
book may change; neither is a difference. Another mark, word, dash or place is.
"""

import base64
import io
import re
from difflib import unified_diff
from xml.etree import ElementTree

import numpy as np
from PIL import Image

NEAR = 0.5  # pixels that a point may move
PLACES = {"d", "points", "transform", "x", "y", "width", "height", "cx", "cy", "r"}
PLACES |= {"x1", "y1", "x2", "y2"}
NUMBER = re.compile(r"-?\d*\.?\d+(?:e-?\d+)?")
COMMAND = re.compile(r"([a-zA-Z])([^a-zA-Z]*)")


def image_difference(stored: str, fresh: str) -> str:
    """How two base64 images differ to the eye; an empty string if they do not.

    They agree when the mean difference is at most 2 grey levels, and at most 1 % of
    all pixels, and 10 % of those with ink on them, differ by more than 32 levels.
    """
    a, b = _pixels(stored), _pixels(fresh)
    if a.shape != b.shape:
        old, new = a.shape[1::-1], b.shape[1::-1]
        return f"the figure's size was {old}, and is now {new} pixels."
    difference = np.abs(a - b).max(axis=-1)
    off = (difference > 32).sum()
    ink = max((np.abs(image - image[0, 0]).max(axis=-1) > 32).sum() for image in (a, b))
    if difference.mean() <= 2 and off <= 0.01 * difference.size and off <= 0.1 * ink:
        return ""
    return (
        f"the figure differs in {off} of {difference.size} pixels ({ink} have ink on "
        f"them), by {difference.mean():.2f} grey levels in the mean."
    )


def svg_difference(stored: str, fresh: str) -> str:
    """How two SVG pictures differ to the eye; an empty string if they do not.

    They agree when they have the same elements with the same texts and attributes.
    Points may lie half a pixel apart, a line may have its points elsewhere as long as
    it goes the same way, and the names of parts and the values of colours are free.
    """
    a, b = (ElementTree.fromstring(_plain(svg)) for svg in (stored, fresh))
    return _element_difference(a, b)


def without_colors(text: str) -> str:
    """A picture without the values of its colours, which stand in its root."""
    return re.sub(r"--[\w-]+:var\(--book-\w+,[^)]*\);?", "", text)


def html_difference(stored: str, fresh: str) -> str:
    """How two tables or players differ; an empty string if in colours at most."""
    if without_colors(stored) == without_colors(fresh):
        return ""
    lines = stored.splitlines(), fresh.splitlines()
    changes = unified_diff(*lines, "in the page", "from the code", lineterm="")
    return "text/html differs.\n" + "\n".join(change[:2000] for change in changes)


def _plain(svg: str) -> str:
    """The picture without the values of colours, its parts named by their number."""
    svg = without_colors(svg)
    svg = re.sub(r">\n+<", "><", svg)
    for number, name in enumerate(re.findall(r'\bid="([^"]+)"', svg)):
        svg = re.sub(rf'(?<=["#]){re.escape(name)}(?=[")])', f"part{number}", svg)
    return svg


def _element_difference(a: ElementTree.Element, b: ElementTree.Element) -> str:
    kind = a.tag.split("}")[-1]
    if a.tag != b.tag:
        return f"a <{kind}> became a <{b.tag.split('}')[-1]}>."
    if (a.text, a.tail) != (b.text, b.tail):
        return f"the text of a <{kind}> was {a.text!r} and is now {b.text!r}."
    for key in sorted(a.attrib.keys() | b.attrib.keys()):
        old, new = a.get(key), b.get(key)
        if None in (old, new) or not _agree(key.split("}")[-1], old, new):
            old, new = (text and text[:200] for text in (old, new))
            return f"{key} of a <{kind}> was {old!r} and is now {new!r}."
    if len(a) != len(b):
        return f"a <{kind}> had {len(a)} parts and now has {len(b)}."
    return next(filter(None, map(_element_difference, a, b)), "")


def _agree(key: str, old: str, new: str) -> bool:
    if old == new or key not in PLACES:
        image = "data:image/png;base64,"
        if key == "href" and old.startswith(image) and new.startswith(image):
            return not image_difference(*(x.removeprefix(image) for x in (old, new)))
        return old == new
    if key == "d":
        return _paths_agree(*map(COMMAND.findall, (old, new)))
    return NUMBER.sub("", old) == NUMBER.sub("", new) and _near(old, new)


def _near(old: str, new: str, most: float = NEAR) -> bool:
    a, b = (np.array(NUMBER.findall(text), dtype=float) for text in (old, new))
    return len(a) == len(b) and bool((np.abs(a - b) <= most + 1e-9).all())


def _paths_agree(old: list, new: list) -> bool:
    """Whether two lists of commands and their numbers draw the same.

    Small letters are strokes of a mark, in which only the rounding may differ.
    """
    if [letter for letter, _ in old] == [letter for letter, _ in new] and all(
        _near(a, b, NEAR if letter.isupper() else 0.1)
        for (letter, a), (_, b) in zip(old, new, strict=True)
    ):
        return True
    if {letter for letter, _ in old + new} - {"M", "L", "Z"}:
        return False
    a, b = _segments(old), _segments(new)
    return _reach(a, b) <= NEAR and _reach(b, a) <= NEAR


def _segments(commands: list) -> np.ndarray:
    """The strokes of a path of straight lines, shape (n, 2 ends, 2 coordinates)."""
    found, points = [], np.zeros((0, 2))
    for letter, numbers in commands:
        here = np.array(NUMBER.findall(numbers), dtype=float).reshape(-1, 2)
        if letter == "Z":
            points = points[[-1, 0]]
        else:
            points = here if letter == "M" else np.vstack([points[-1:], here])
        found.append(np.stack([points[:-1], points[1:]], axis=1))
    return np.concatenate(found)


def _reach(a: np.ndarray, b: np.ndarray) -> float:
    """How far a place on the strokes of `a` can be from all strokes of `b`."""
    if not len(a) or not len(b):
        return 0.0 if len(a) == len(b) else np.inf
    start, along = b[:, 0], b[:, 1] - b[:, 0]
    length = np.maximum((along**2).sum(axis=1), 1e-9)
    farthest = 0.0
    for point in np.concatenate([_places(*stroke) for stroke in a]):
        share = np.clip(((point - start) * along).sum(axis=1) / length, 0, 1)
        away = point - start - share[:, None] * along
        farthest = max(farthest, (away**2).sum(axis=1).min() ** 0.5)
    return farthest


def _places(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Places on a stroke, at most two pixels apart, and its ends."""
    return np.linspace(start, end, 2 + int(np.hypot(*(end - start)) / 2))


def _pixels(image: str) -> np.ndarray:
    decoded = Image.open(io.BytesIO(base64.b64decode(image))).convert("RGBA")
    return np.asarray(decoded, dtype=np.int16)
