"""The colours of the book, by name; they are set in ``colors.css`` alone.

A picture names a colour, ``var(--blue)``, and says once, in the style of its root,
what that is: the page's own colour, or the one of ``colors.css`` where there is no
page (as in JupyterLab). So a page that turns dark turns its pictures too, and a colour
that changes changes no picture.
"""

import re
from pathlib import Path

CSS = Path(__file__).with_name("colors.css").read_text("utf-8")
# Name -> the colour on a bright page, such as "#0072b2".
COLORS = dict(re.findall(r"--book-(\w+): (#\w{6});", CSS.split("}")[0]))
# For the style attribute of a picture's root.
ROOT_STYLE = ";".join(f"--{n}:var(--book-{n},{code})" for n, code in COLORS.items())
# What stands for 0 and for 1 on all pages, where two are to be told apart.
CLASSES = (("blue", "circle"), ("orange", "square"))


def class_look(label: int) -> dict[str, str]:
    """The colour and the marker of class 0 or 1, for a shape of a `Scene`.

    Examples
    --------
    >>> class_look(1)
    {'color': 'orange', 'marker': 'square'}
    """
    color, marker = CLASSES[label]
    return {"color": color, "marker": marker}


def paint(name: str) -> str:
    """How a picture names a colour.

    Examples
    --------
    >>> paint("blue"), paint("none")
    ('var(--blue)', 'none')
    """
    if name in ("none", "currentColor"):
        return name
    if name not in COLORS:
        raise ValueError(f"no colour {name!r}; there are {', '.join(COLORS)}")
    return f"var(--{name})"
