"""Formulas are typeset when the site is built.

KaTeX runs inside Python (in V8, by mini-racer), so a page needs no script and a build
nothing but pip. Each formula is written twice, as letters in their places for the eye
and as MathML for screen readers. Wrong TeX is a warning, and a warning fails the build.
"""

import json
import re
from functools import cache
from html import escape
from pathlib import Path

from docutils import nodes
from py_mini_racer import MiniRacer
from sphinx.util import logging

from tools.site.cells import Change

KATEX = Path(__file__).with_name("katex") / "katex.min.js"  # version 0.19.1
SHORT = {  # what stands hundreds of times on a page; the rules are in book.css
    'class="mspace" style="margin-right:0.1667em;"': 'class="ms1"',
    'class="mspace" style="margin-right:0.2222em;"': 'class="ms2"',
    'class="mspace" style="margin-right:0.2778em;"': 'class="ms3"',
    'class="pstrut" style="height:2.7em;"': 'class="ps2"',
    'class="pstrut" style="height:3em;"': 'class="ps3"',
    'class="katex-sizing reset-size6 size3"': 'class="sz3"',
}
STYLES = Path(__file__).parents[2] / "book" / "assets" / "katex" / "katex.css"
OPTIONS = {"throwOnError": True, "strict": "error", "output": "htmlAndMathml"}
CLOSING = r"[.,;:!?)\]’”%]"
AFTER = re.compile(rf"\A(?:-\w+{CLOSING}*|{CLOSING}+)")  # what may not begin a line
BEFORE = re.compile(r"[(\[“‘]+$")  # what may not end one

logger = logging.getLogger(__name__)


@cache
def _katex():
    context = MiniRacer()
    context.eval(KATEX.read_text("utf-8"))
    return context


@cache
def typeset(tex, display=False):
    """The HTML of a formula; ValueError for wrong TeX."""
    options = json.dumps(OPTIONS | {"displayMode": display})
    code = (
        "(() => { try { return '=' + katex.renderToString(TEX, OPTIONS) }"
        " catch (error) { return '!' + error.message } })()"
    )
    code = code.replace("TEX", json.dumps(tex)).replace("OPTIONS", options)
    html = _katex().eval(code)
    if html[0] == "!":
        raise ValueError(html[1:])
    return _lean(html[1:])


def _lean(html):
    """A formula without what no browser and no rule of the style sheet looks at."""
    html = re.sub(r"</?semantics>|<annotation.*?</annotation>", "", html, flags=re.S)
    html = re.sub(r' xmlns="[^"]*"', "", html)
    html = html.replace("<mo>\u2061</mo></m", "</m")  # λ_\min: no third part of msub
    html = re.sub(r' class="([^"]*)"', _styled, html)
    for long, short in SHORT.items():
        html = html.replace(long, short)
    return html


def _styled(found):
    names = " ".join(name for name in found[1].split() if name in _with_rules())
    return f' class="{names}"' if names else ""


@cache
def _with_rules():
    return set(re.findall(r"\.([a-z][\w-]*)", STYLES.read_text("utf-8")))


def _formula(node, display):
    try:
        return typeset(node.astext(), display)
    except ValueError as error:
        message = "wrong TeX: %s"
        logger.warning(message, error, location=node, type="formula")
        return ""


def visit_inline(writer, node):
    """Write a formula that stands in a line, and the punctuation that clings to it."""
    html = _formula(node, display=False)
    if before := node.get("before"):
        first = '<span class="katex-base">'
        html = html.replace(first, f"{first}{_text(before)}", 1)
    if after := node.get("after"):
        end = "</span></span></span>"  # of the last piece, of the pieces, of the whole
        html = html.removesuffix(end) + _text(after) + end
    writer.body.append(f'<span class="math">{html}</span>')
    raise nodes.SkipNode


def _text(text):
    return f'<span class="beside">{escape(text)}</span>'


def visit_display(writer, node):
    """Write a formula that stands in a line of its own."""
    name = f' id="{node["ids"][0]}"' if node.get("ids") else ""
    html = _formula(node, display=True)
    writer.body.append(f'<div class="math" tabindex="-1"{name}>{html}</div>\n')
    raise nodes.SkipNode


class PunctuationStays(Change):
    """A comma after a formula begins no line, a bracket before it ends none."""

    default_priority = 700

    def run(self, **_):
        for formula in self.all(nodes.math):
            place = formula.parent.index(formula)
            formula["before"] = self.cut(formula.parent, place - 1, BEFORE)
            formula["after"] = self.cut(formula.parent, place + 1, AFTER)

    def cut(self, line, place, pattern):
        """Take from the text at a place of a line what the pattern finds."""
        text = line[place] if 0 <= place < len(line) else None
        found = pattern.search(text) if isinstance(text, nodes.Text) else None
        if not found:
            return ""
        line.replace(text, nodes.Text(text[: found.start()] + text[found.end() :]))
        return found[0]


def setup(app):
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.add_post_transform(PunctuationStays)
