"""An exercise can be answered on the page.

After each cell that asks for an answer stands an element from which
book/assets/answers.js builds a box to type in. It has the hashes of the answer, not the
answer. What the cell printed is left out: it is about an answer that nobody gave.
Without scripts there is no box, and the cell stands as it is.
"""

import json
import re
from html import escape
from pathlib import Path

from tools.site.cells import Change, html, is_cell, parts

EXERCISES = Path(__file__).parents[2] / "course_lib" / "page" / "exercises.json"
ASKED = re.compile(r'^check\("([^"]+)"', re.MULTILINE)
NOTHING_ELSE = re.compile(
    r"(from .* import check|answer = [\[\]., \"]+(#.*)?|check\(.*)?"
)


class AnswersInThePage(Change):
    """Put a box behind the first cell of a page that asks for an answer."""

    default_priority = 900  # when MyST-NB has chosen one form of each output

    def run(self, **_):
        exercises, seen = json.loads(EXERCISES.read_text("utf-8")), set()
        for cell in self.all(is_cell):
            source = "\n".join(part.astext() for part in parts(cell, "source"))
            for name in set(ASKED.findall(source)) - seen:
                seen.add(name)
                for output in parts(cell, "output"):
                    cell.remove(output)
                if all(map(NOTHING_ELSE.fullmatch, source.splitlines())):
                    cell["classes"].append("answer-cell")
                cell.parent.insert(cell.parent.index(cell) + 1, box(exercises, name))


def box(exercises, name):
    """The element that becomes the box of an exercise.

    A function cannot be typed: its companion is asked, or else nothing.
    """
    exercise = exercises[name]
    name = exercise.get("companion", name)
    exercise = exercises[name]
    data = {"name": name} if "probes" in exercise else {"name": name, **exercise}
    text = escape(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
    return html(f'<div class="answer" data-exercise="{text}"></div>')


def setup(app):
    app.add_post_transform(AnswersInThePage)
