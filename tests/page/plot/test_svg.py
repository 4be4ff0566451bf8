"""A figure as SVG: colours by name, text as text, nothing that clashes or changes."""

import base64
import io
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbformat import v4
from PIL import Image

from course_lib.page import plot
from course_lib.page.plot.svg import to_svg
from tools import pages

X = np.linspace(0, 1, 50)


def drawn(draw, *arguments, **settings):
    draw(*arguments, **settings)
    svg = to_svg(plt.gcf())
    plt.close("all")
    return svg


def lines(x=X, y=X, **settings):
    return drawn(plot.lines, x, {"a": y}, xlabel="$x_0$ (m)", ylabel="y", **settings)


def regions(names=("no", "yes")):
    square = (0, 1), (0, 1)
    return drawn(plot.decision_regions, lambda x: x[:, 0] > 0.5, *square, names=names)


def paths(svg, **look):
    """The data of all paths that look so."""
    root = ElementTree.fromstring(svg)
    found = [element for element in root.iter() if element.tag.endswith("}path")]
    look = {key.replace("_", "-"): value for key, value in look.items()}
    return [e.get("d") for e in found if look.items() <= e.attrib.items()]


@pytest.mark.parametrize("draw", [lines, regions])
def test_colours_are_names_which_the_root_explains(draw):
    root, body = draw().split(">", 1)
    used = set(re.findall(r"var\((--\w+)\)", body))
    assert {"--ink", "--paper", "--grey", "--blue"} <= used
    assert used <= set(re.findall(r"(--\w+):var\(--book-\w+,#\w{6}\)", root))
    assert not re.search(r'"#\w', body)


def test_a_colour_that_the_book_has_not_stays_as_it_is():
    def draw():
        plt.plot(X, X, color="red")

    assert paths(drawn(draw), stroke="#ff0000")


def test_text_is_text():
    svg = lines()
    texts = ["".join(t.itertext()) for t in ElementTree.fromstring(svg).iter()]
    assert {"x0 (m)", "y", "0.2", "1.0"} <= set(texts)
    assert "<metadata" not in svg and "<style" not in svg and "<?xml" not in svg


def test_powers_and_minus_signs_are_set():
    svg = lines(X + 0.001, 10 ** (6 * X), log="y")
    assert re.search(r">10</tspan><tspan[^>]*font-size[^>]*>5</tspan>", svg)
    assert "mathdefault" not in svg and "−" in lines(X, X - 1)


def test_tex_beyond_a_label_is_drawn():
    def draw():
        plt.title(r"$\frac{\alpha}{2}$")

    svg = drawn(draw)
    assert "frac" not in svg and any("Q" in d for d in paths(svg, fill="var(--ink)"))


def test_coordinates_have_one_decimal_at_most():
    for d in paths(lines(X, np.sin(9 * X))):
        assert not re.search(r"\d\.\d\d|e-", d)


def test_a_long_curve_keeps_the_points_that_bend_it_alone():
    x = np.linspace(0, 1, 5000)
    (straight,) = paths(lines(x, x), stroke="var(--blue)")
    assert len(straight.split()) <= 5
    (bent,) = paths(lines(x, np.sin(6 * x)), stroke="var(--blue)")
    assert 20 < len(bent.split()) < 200


def test_thousands_of_points_stay_small():
    rng = np.random.default_rng(0)
    assert len(lines(points={"seen": rng.normal(size=(2, 4000))})) < 60_000
    svg = lines(points={"seen": rng.uniform(size=(2, 40_000))})  # as a picture
    place = re.search(r'<image x="(.+?)" y="(.+?)" width="(.+?)" height="(.+?)"', svg)
    x, y, width, height = map(float, place.groups())
    (axes,) = paths(svg, stroke_linecap="square")
    left, bottom, _, top, _, _, right, _ = map(float, re.findall(r"[\d.]+", axes))
    assert x - left == pytest.approx(right - x - width, abs=4) and x > left
    assert y - top == pytest.approx(bottom - y - height, abs=4) and y > top
    assert len(svg) < 200_000


def test_what_leaves_the_axes_is_cut_off():
    def draw():
        plt.plot([0, 1, 2], [0, 1000, 0])
        plt.fill_between([0, 1, 2], 0, [0, 1000, 0], lw=0, alpha=0.2)
        plt.plot([0.5, 1.5, 90], [5, 5, 5], "s", ms=9)
        plt.axis([0, 2, 0, 10])

    svg = drawn(draw)
    for d in paths(svg, stroke_width="2.3") + paths(svg, fill_opacity="0.2"):
        x, y = np.array(re.findall(r"[\d.-]+", d), dtype=float).reshape(-1, 2).T
        assert 0 <= x.min() and x.max() <= 480 and 0 <= y.min() and y.max() <= 298
    assert paths(svg, fill_opacity="0.2")
    marks = [d for d in paths(svg) if "z" in d]
    assert sorted(mark.count("z") for mark in marks) == [1, 1, 2]  # triangles, squares


def test_a_gap_in_a_curve_stays_a_gap():
    y = X.copy()
    y[20:25] = np.nan
    (d,) = paths(lines(X, y), stroke="var(--blue)")
    assert d.count("M") == 2


def test_names_of_parts_are_those_of_one_figure():
    a, b = regions(), regions(("0", "1"))
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (a, b)]
    assert all(ids) and not ids[0] & ids[1]
    for svg, names in zip((a, b), ids, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) == names
    assert regions() == a


def test_images_are_exact_pictures_with_sharp_pixels():
    image = np.arange(12).reshape(3, 4)
    svg = drawn(plot.images, image[None])
    assert 'image-rendering="pixelated"' in svg
    (data,) = re.findall(r'base64,([^"]+)', svg)
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))), dtype=int)
    assert pixels.shape == (3, 4) and pixels[0, 0] == 255 and pixels[-1, -1] == 0
    assert (np.diff(pixels.ravel()) < 0).all()


def test_a_notebook_shows_svg_only():
    cells = [
        "import matplotlib.pyplot as plt\nfrom course_lib.page import plot",
        "plot.lines([0, 1], {'a': [0, 1]}, xlabel='x', ylabel='y')",
        "plt.plot([0, 1])\nplt.show()",
        "figure, ax = plt.subplots()\nplt.close()\nfigure",
    ]
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in cells])
    pages.run(notebook, Path(__file__).parent)
    assert notebook.cells[0].outputs == []
    for cell in notebook.cells[1:]:
        kinds = [set(o.data) for o in cell.outputs if "data" in o]
        assert {"image/svg+xml", "text/plain"} in kinds
        assert not any("image/png" in kind for kind in kinds)
        (plain,) = {o.data["text/plain"] for o in cell.outputs if len(o.data) > 1}
        assert plain.startswith("A figure.")
    nbformat.validate(notebook)


def test_plain_python_needs_no_notebook(tmp_path):
    code = (
        "import sys, matplotlib.pyplot as plt; from course_lib.page import plot; "
        "plot.lines([0, 1], {'a': [0, 1]}, xlabel='x', ylabel='y'); "
        "plt.savefig('figure.png'); assert 'IPython' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    assert (tmp_path / "figure.png").stat().st_size > 1000
