"""A table says the same in HTML, Markdown and plain text, and has what a page asks."""

import re
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
from nbformat import v4

from course_lib.page import table
from tests.test_site import built


def html(made) -> str:
    return made._repr_html_()


def cells(made) -> list[list[str]]:
    """The texts of the HTML, row by row."""
    rows = re.findall(r"<tr>(.*?)</tr>", html(made))
    found = [re.findall(r"<t[dh].*?>(.*?)</t[dh]>", row) for row in rows]
    return [[unescape(re.sub("<.*?>", "", text)) for text in row] for row in found]


def marked(made) -> list[str]:
    """What is marked: the same in all three forms."""
    found = re.findall(r"<strong>(.*?)</strong>", html(made))
    assert re.findall(r"(?<=.)\| \*\*(.*?)\*\* ", made._repr_markdown_()) == found
    assert re.findall(r"\* (\S+)", str(made)) == found
    return found


def test_words_stand_left_and_numbers_right_with_their_digits():
    rows = [["SGD", 0.5, 12], ["Adam", np.float32(-0.25), np.int64(1234)]]
    made = table(rows, ["name", "loss", "n"], format={"loss": ".3f", "n": ","})
    expected = [["name", "loss", "n"], ["SGD", "0.500", "12"]]
    assert cells(made) == [*expected, ["Adam", "−0.250", "1,234"]]
    assert str(made) == "name    loss      n\nSGD    0.500     12\nAdam  −0.250  1,234"
    assert made._repr_markdown_().splitlines()[1] == "| :-- | --: | --: |"
    left = re.findall(r'<t[dh][^>]*text-align: left">(.*?)<', html(made))
    assert left == ["name", "SGD", "Adam"]
    assert html(made).count('<th scope="row"') == 2
    assert html(made).count('<th scope="col"') == 3


def test_a_cell_holds_its_spread():
    rows = [["a", (0.914, 0.021), (3, 5)], ["b", (0.9, 0.88, 0.931), (2, 4)]]
    head = ["", "mean", "range"]
    made = table(rows, head, format={"mean": ".2f"}, best={"mean": max})
    assert cells(made)[1:] == [
        ["a", "0.91 ± 0.02", "3 ± 5"],
        ["b", "0.90 (0.88 ± 0.93)", "2 ± 4"],
    ]
    assert "<strong>0.91 ± 0.02</strong>" in html(made)
    made = table(rows, head, format={"mean": ".2f"}, spread="–")
    assert cells(made)[2] == ["b", "0.90 (0.88–0.93)", "2–4"]


def test_groups_have_rows_of_their_own_and_a_winner_each():
    rows = {
        "one": [["a", 1], ["b", 2]],
        "two": [["a", 4], ["b", 3]],
        "last": [["c", 9]],
    }
    made = table(rows, ["", "n"], best={"n": max})
    assert cells(made)[1::3] == [["one"], ["two"], ["last"]]
    assert marked(made) == ["2", "4"]  # and none where there is nothing to win
    assert html(made).count("<tbody>") == 3
    assert 'scope="rowgroup" colspan="2"' in html(made)
    assert "\n| **two** |  |\n" in made._repr_markdown_()
    assert str(made).splitlines()[4] == "two"


@pytest.mark.parametrize(
    ("values", "choose", "expected"),
    [
        ([0.114, 0.106, 0.2], min, ["0.11", "0.11"]),  # they read alike
        ([0.1, 0.3, 0.2], max, ["0.30"]),
        ([np.nan, 0.3, 0.2], min, ["0.20"]),
        ([0.3, np.nan, 0.2], max, ["0.30"]),
        ([np.inf, 0.3, 0.2], max, ["inf"]),
        ([0.5, 0.9, 1.2], lambda v: min(v, key=lambda x: abs(x - 1)), ["0.90"]),
        ([np.nan, np.nan, 0.2], min, []),
        (["–", 0.3, None], min, []),
    ],
)
def test_the_winner_is_marked(values, choose, expected):
    rows = [["x", value] for value in values]
    made = table(rows, ["", "loss"], format={"loss": ".2f"}, best={"loss": choose})
    assert marked(made) == expected


def test_nan_is_written_unless_another_sign_is_asked_for():
    rows = [["x", np.nan, (np.nan, 0.1)], ["y", 1.0, None]]
    options = {"format": {"a": ".1f", "b": ".1f"}}
    made = table(rows, ["", "a", "b"], **options)
    assert cells(made)[1:] == [["x", "nan", "nan ± 0.1"], ["y", "1.0", ""]]
    made = table(rows, ["", "a", "b"], **options, missing="–")
    assert cells(made)[1:] == [["x", "–", "– ± 0.1"], ["y", "1.0", ""]]


HARD = "a < b & c | *d* _e_ `f` [g](h) \\ $x_1|y<2$"


def test_nothing_in_a_word_is_taken_for_html_or_markdown():
    made = table({HARD: [[HARD, 1]]}, [HARD, "n"], caption=HARD)

    class Texts(HTMLParser):
        found, tags = [], set()

        def handle_starttag(self, tag, attrs):
            self.tags.add(tag)

        def handle_data(self, data):
            self.found.append(data)

    Texts().feed(html(made))
    assert Texts.found.count(HARD) == 4
    known = {"figure", "figcaption", "div", "table", "thead", "tbody", "tr", "th", "td"}
    assert Texts.tags == known | {"span"}
    written = made._repr_markdown_()
    assert len(re.findall(r"(?<!\\)\|", written.splitlines()[2])) == 3
    assert r"\*d\* \_e\_ \`f\` \[g\](h) \\ $x_1\|y<2$" in written


def test_line_breaks_in_a_word_are_spaces():
    assert cells(table([["a\n b", 1]], ["", "n"]))[1] == ["a b", "1"]


def test_an_empty_table_has_its_heads():
    made = table([], ["a", "b"])
    assert cells(made) == [["a", "b"]] and str(made) == "a  b"


def test_what_is_refused():
    with pytest.raises(
        ValueError, match=r"expected 2 cells in a row, one for each of "
    ):
        table([["a", 1], ["b"]], ["", "n"])
    with pytest.raises(ValueError, match=r"got 3: \['b', 1, 2\]"):
        table({"g": [["b", 1, 2]]}, ["", "n"])
    with pytest.raises(ValueError, match=r"no column 'm'; there are \['', 'n'\]"):
        table([], ["", "n"], best={"m": min})
    with pytest.raises(ValueError, match="'n' holds floats; give it a format"):
        table([["a", np.float32(0.1)]], ["", "n"])
    with pytest.raises(ValueError, match="'n' holds floats; give it a format"):
        table([["a", (1, 0.5)]], ["", "n"])


def test_formulas_in_a_table_are_formulas_on_the_site(tmp_path):
    made = table(
        [["$a<b$", 5]], ["name", r"$\eta$"], caption="With $x_1$, for $5 and 6."
    )
    data = {"text/html": html(made), "text/markdown": "x", "text/plain": str(made)}
    output = v4.new_output("execute_result", data, execution_count=1)
    cells = [v4.new_markdown_cell("# Page"), v4.new_code_cell("f()", outputs=[output])]
    page, warnings = built(tmp_path, cells, "folds", "formulas", "tables")
    assert warnings == ""
    shown = page[page.index("<figure") : page.index("</figure>")]
    formulas = re.findall(r"<math.*?</math>", shown)
    assert [re.sub("<.*?>", "", text) for text in formulas] == ["x1", "η", "a&lt;b"]
    assert "for $5 and 6.</figcaption>" in shown


def test_each_head_of_a_table_has_a_name_for_the_ear(tmp_path):
    made = table([["a", 5]], ["", r"$\eta$"])
    data = {"text/html": html(made), "text/markdown": "x", "text/plain": str(made)}
    output = v4.new_output("execute_result", data, execution_count=1)
    text = "# Page\n\n| | $e^u$ | sum $s$ |\n|---|---|---|\n| one | 1 | 2 |"
    cells = [v4.new_markdown_cell(text), v4.new_code_cell("f()", outputs=[output])]
    page, warnings = built(tmp_path, cells, "folds", "formulas", "tables")
    assert warnings == ""
    first, second = re.findall(r"<thead>(.*?)</thead>", page, re.DOTALL)
    assert re.findall(r"<t[hd]\b", first) == ["<td", "<th", "<th"]
    assert re.findall(r"<t[hd]\b", second) == ["<td", "<th"]
    assert re.findall('aria-label="(.*?)"', first + second) == ["eu", "η"]
