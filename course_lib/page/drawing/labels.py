"""Labels with a little mathematics: ``"slope $w_{ji}^0$ = 2"`` in SVG and HTML.

Between dollar signs letters are italic, ``_`` lowers and ``^`` raises what follows
it (one character, or more in braces). Everything else is taken literally. A minus
before a digit is printed as a true minus sign.
"""

from __future__ import annotations

import re
from html import escape

_MATHS = re.compile(r"\$([^$]*)\$")
_TOKEN = re.compile(r"([_^])(?:\{([^}]*)\}|(.))|([A-Za-zα-ω]+)|([^A-Za-zα-ω_^]+)")
_MINUS = re.compile(r"(?<![\w)])-(?=[\d.])")

_SIZE = 0.72  # of a script, in sizes of its base
_HEIGHT = {"sub": -0.22, "sup": 0.42}  # above the line, in sizes of the base
_DIGIT = 0.52  # width of a character of a script, in its own size


def label_pieces(text: str) -> list[tuple[str, str]]:
    """Split a label into pairs of a style and a string.

    Returns
    -------
    list of (str, str)
        The styles are ``text`` (upright), ``letter`` (italic), ``sub`` and ``sup``.

    Examples
    --------
    >>> label_pieces("weight $w_1$ = -2")
    [('text', 'weight '), ('letter', 'w'), ('sub', '1'), ('text', ' = −2')]
    """
    pieces = []
    for place, part in enumerate(_MATHS.split(_MINUS.sub("−", str(text)))):
        if place % 2 == 0:
            pieces += [("text", part)] if part else []
            continue
        for mark, braced, single, letters, other in _TOKEN.findall(part):
            if mark:
                style = "sub" if mark == "_" else "sup"
                pieces.append((style, braced or single))
            else:
                pieces.append(("letter", letters) if letters else ("text", other))
    return pieces


def plain_label(text: str) -> str:
    """Return the label as plain text, for names that are read aloud.

    Examples
    --------
    >>> plain_label("weight $w_{ji}^0$")
    'weight wji0'
    """
    return "".join(string for _, string in label_pieces(text))


def html_label(text: str) -> str:
    """Return the label as HTML, with every special character escaped.

    Examples
    --------
    >>> html_label("$w_1$ < 2")
    '<i>w</i><sub>1</sub> &lt; 2'
    """
    tags = {"letter": "i", "sub": "sub", "sup": "sup"}
    return "".join(
        f"<{tags[style]}>{escape(string)}</{tags[style]}>"
        if style in tags
        else escape(string)
        for style, string in label_pieces(text)
    )


def svg_label(text: str) -> str:
    """Return the label as the content of an SVG text element.

    A raised script that follows a lowered one is set above it, and the other way
    round. SVG's own ``baseline-shift`` is not drawn by every browser, so the pieces
    are moved with ``dy``.

    Examples
    --------
    >>> svg_label("a < b")
    'a &lt; b'
    """
    parts, height, before = [], 0.0, ("text", "")
    for style, string in label_pieces(text):
        size = _SIZE if style in _HEIGHT else 1.0
        target = _HEIGHT.get(style, 0.0)
        attributes = ""
        if style in _HEIGHT:
            attributes += f' font-size="{_SIZE:g}em"'
            if before[0] in _HEIGHT and before[0] != style:
                attributes += f' dx="{-_DIGIT * len(before[1]):.3g}em"'
        elif style == "letter":
            attributes += ' font-family="serif" font-style="italic"'
        if target != height:
            attributes += f' dy="{(height - target) / size:.3g}em"'
        piece = escape(string)
        parts.append(f"<tspan{attributes}>{piece}</tspan>" if attributes else piece)
        height, before = target, (style, string)
    return "".join(parts)
