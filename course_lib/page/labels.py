r"""Labels with a little mathematics: ``"slope $w_{ji}^0$ = 2"`` in SVG and HTML.

Between dollar signs letters are italic (but for ``log``, ``exp`` and the like), ``_``
lowers and ``^`` raises what follows it (one character, or more in braces), and
``\mathbf{x}`` is bold. Everything else is taken literally. A minus before a digit is
printed as a true minus sign. Mathematics has the faces of the page's formulas.
"""

import re
from html import escape

_MATHS = re.compile(r"\$([^$]*)\$")
_LETTER = "A-Za-zα-ω"
_TOKEN = re.compile(
    rf"([_^])(?:\{{([^}}]*)\}}|(.))|\\mathbf\{{(\w)\}}|([{_LETTER}]+)|([^{_LETTER}_^\\]+)"
)
_MINUS = re.compile(r"(?<![\w)])-(?=[\d.])")

_UPRIGHT = {"cos", "exp", "log", "max", "min", "sin", "tanh"}

# The faces of KaTeX: italic letters, and all else.
_MATH = "KaTeX_Math,serif"
_MAIN = "KaTeX_Main,serif"
# In sizes of the letters around them.
_SIZE = {"letter": 1.15, "upright": 1.1, "bold": 1.1, "sub": 0.85, "sup": 0.85}
_HEIGHT = {"sub": -0.26, "sup": 0.46}  # above the line, in sizes of the base
_DIGIT = 0.52  # width of a character of a script, in its own size
_CHARACTER = 0.6  # width of any other, in sizes of the letters; most are narrower


def label_pieces(text: str) -> list[tuple[str, str]]:
    """Split a label into pairs of a style and a string.

    Returns
    -------
    list of (str, str)
        The styles are ``text``, and in mathematics ``letter`` (italic), ``upright``,
        ``bold``, ``sub`` and ``sup``.

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
        for mark, braced, single, bold, letters, other in _TOKEN.findall(part):
            if mark:
                pieces.append(("sub" if mark == "_" else "sup", braced or single))
            elif bold:
                pieces.append(("bold", bold))
            else:
                style = "letter" if letters and letters not in _UPRIGHT else "upright"
                pieces.append((style, letters or other))
    return pieces


def plain_label(text: str) -> str:
    """The label as plain text, for names that are read aloud.

    Examples
    --------
    >>> plain_label("weight $w_{ji}^0$")
    'weight wji0'
    """
    return "".join(string for _, string in label_pieces(text))


def label_width(text: str) -> float:
    """About how wide a label is, in sizes of its letters.

    Examples
    --------
    >>> round(label_width("$w_{00}$ = 1"), 2)
    3.97
    """
    return sum(
        len(string) * _SIZE.get(style, 1) * (_DIGIT if style in _HEIGHT else _CHARACTER)
        for style, string in label_pieces(text)
    )


def html_label(text: str) -> str:
    """The label as HTML, with every special character escaped.

    Examples
    --------
    >>> html_label("$w_1$ < 2")
    '<i>w</i><sub>1</sub> &lt; 2'
    """
    tags = {"letter": "i", "bold": "b", "sub": "sub", "sup": "sup"}
    parts = []
    for style, string in label_pieces(text):
        piece = escape(string)
        if style in _HEIGHT and _is_letters(string):
            piece = f"<i>{piece}</i>"
        if style in tags:
            piece = f"<{tags[style]}>{piece}</{tags[style]}>"
        parts.append(
            f'<span class="tex">{piece}</span>' if style == "upright" else piece
        )
    return "".join(parts)


def ending(text: str) -> str:
    """The mathematics at the end of a label: what a number set beside it is called.

    Examples
    --------
    >>> ending("learning rate $η$"), ending("epoch")
    ('$η$', '')
    """
    found = re.search(r"\$[^$]*\$$", text)
    return found[0] if found else ""


def _is_letters(script: str) -> bool:
    return bool(re.fullmatch(f"[{_LETTER}]+", script))


def svg_label(text: str) -> str:
    """The label as the content of an SVG text element.

    A raised script that follows a lowered one is set above it, and the other way
    round. SVG's own ``baseline-shift`` is not drawn by every browser, so the pieces
    are moved with ``dy``.

    Examples
    --------
    >>> svg_label("a < b")
    'a &lt; b'
    """
    main, italic = (
        f" font-family='{_MAIN}'",
        f" font-family='{_MATH}' font-style='italic'",
    )
    looks = {"letter": italic, "upright": main, "bold": f"{main} font-weight='bold'"}
    parts, height, before = [], 0.0, ("text", "")
    for style, string in label_pieces(text):
        size = _SIZE.get(style, 1.0)
        target = _HEIGHT.get(style, 0.0)
        attributes = looks.get(style, "")
        if style in _HEIGHT:
            attributes = italic if _is_letters(string) else main
        if style in _SIZE:
            attributes += f" font-size='{size:g}em'"
        if {style, before[0]} == {"sub", "sup"}:
            attributes += f" dx='{-_DIGIT * len(before[1]):.3g}em'"
        if target != height:
            attributes += f" dy='{(height - target) / size:.3g}em'"
        piece = escape(string)
        parts.append(f"<tspan{attributes}>{piece}</tspan>" if attributes else piece)
        height, before = target, (style, string)
    return "".join(parts)
