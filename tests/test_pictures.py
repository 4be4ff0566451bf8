"""The comparison of pictures catches what an eye would see, and forgives the rest."""

import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from course_lib.page import Player, Scene, plot
from course_lib.page.colors import COLORS
from course_lib.page.plot.svg import to_svg
from tests.pictures import (
    NUMBER,
    html_difference,
    image_difference,
    svg_difference,
)


def png(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def thin(kind: str) -> str:
    """A sparse picture: one thin line, rising, falling or absent, on white."""
    pixels, at = np.full((100, 120, 3), 255), np.arange(100)
    if kind != "blank":
        pixels[99 - at if kind == "rising" else at, at] = 0
    return png(pixels)


@pytest.mark.parametrize("other", ["falling", "blank"])
def test_a_sparse_picture_differs_from_another(other):
    assert "pixels" in image_difference(thin("rising"), thin(other))


def test_a_picture_of_another_size_differs():
    assert "size" in image_difference(thin("blank"), png(np.full((10, 10, 3), 255)))


def test_faint_noise_in_a_picture_is_forgiven():
    noise = np.random.default_rng(0).integers(0, 3, size=(100, 120, 3))
    assert image_difference(thin("blank"), png(255 - noise)) == ""


def test_a_player_in_other_colours_agrees_and_with_another_number_differs():
    scene = Scene(100, 100, (0, 1), (0, 1)).dot(0.5, 0.5, "dot")
    player = Player(
        scene, lambda i: {"dot": {"x": i / 10}}, {"i": range(3)}, alt="A dot."
    )
    page = player._repr_html_()
    blue = COLORS["blue"].removeprefix("#")
    assert blue in page
    assert html_difference(page, page.replace(blue, "123456")) == ""
    assert "differs" in html_difference(page, page.replace("A dot", "No dot"))


X = np.linspace(0, 6, 200)
DIGITS = np.random.default_rng(0).random((3, 8, 8))


def drawn(draw, *arguments, **settings) -> str:
    draw(*arguments, **settings)
    svg = to_svg(plt.gcf())
    plt.close("all")
    return svg


def curves(up=0.0, ylabel="height", points=5, wave=np.sin):
    seen = {"seen": (np.arange(points), np.ones(points))}
    both = {"wave": wave(X) + up, "line": X / 9 - 1}
    labels = {"xlabel": "$x_0$", "ylabel": ylabel}
    return drawn(plot.lines, X, both, points=seen, **labels)


def regions(border=0.4, names=("a", "b")):
    square = (0, 1), (0, 1)
    return drawn(
        plot.decision_regions, lambda x: x[:, 0] > border, *square, names=names
    )


def rewritten(pattern: str, change, svg: str) -> str:
    """The picture with each match of a pattern changed."""
    changed = re.sub(pattern, change, svg)
    assert changed != svg
    return changed


def shaken(svg: str, by: float) -> str:
    """The picture with every number of its coordinates moved by up to `by` pixels."""
    rng = np.random.default_rng(0)

    def move(numbers):
        moved = float(numbers[0]) + rng.uniform(-by, by)
        return f"{moved:.2f}"

    def shake(match):
        return match[1] + NUMBER.sub(move, match[2]) + '"'

    places = r'( d="|<text x="|(?<=\d") y=")([MLZ\d .-]*)"'
    return rewritten(places, shake, svg)


@pytest.mark.parametrize("draw", [curves, regions])
def test_a_redraw_on_another_processor_in_other_colours_agrees(draw):
    svg = draw()
    assert svg_difference(svg, draw()) == ""
    assert svg_difference(svg, shaken(svg, 0.45)) == ""
    assert svg_difference(svg, rewritten(r",#\w{6}\)", ",#123456)", svg)) == ""
    assert svg_difference(svg, shaken(svg, 1.5)) != ""


def test_the_names_of_parts_are_free():
    svg = regions()
    renamed = rewritten(r"h\w{8}-0", "h00000000-0", svg)
    assert svg_difference(svg, renamed) == ""
    swapped = rewritten(r'fill="url[^"]*"', 'fill="none"', svg)
    assert "fill" in svg_difference(svg, swapped)


def test_a_line_may_have_its_points_elsewhere():
    def path(d):
        return f'<svg><path d="{d}"/></svg>'

    line = path("M0 0 50 10 100 20")
    assert svg_difference(line, path("M0 0 100 20")) == ""
    assert svg_difference(line, path("M0 0 30 6 70 14.3 100 20")) == ""
    assert svg_difference(line, path("M100 20 0 0")) == ""
    assert svg_difference(line, path("M0 0 50 11 100 20")) != ""
    assert svg_difference(line, path("M0 0 90 18")) != ""
    assert svg_difference(path("M0 0 9 0 9 9Z"), path("M0 0 9 0 9 9 0 0")) == ""
    assert svg_difference(path("M0 0 9 0 9 9Z"), path("M0 0 9 0 9 9")) != ""


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (lambda svg: curves(up=0.02), "d of a <path>"),
        (lambda svg: curves(wave=np.cos), "d of a <path>"),
        (lambda svg: curves(points=4), "d of a <path>"),
        (lambda svg: curves(ylabel="width"), "'height' and is now 'width'"),
        (
            lambda svg: rewritten(r"dasharray=\"[\d.]+", 'dasharray="9', svg),
            "dasharray",
        ),
        (
            lambda svg: rewritten(r"stroke-width=\"2.3", 'stroke-width="2.4', svg),
            "width",
        ),
        (lambda svg: rewritten(r"var\(--orange\)\" s", 'var(--sky)" s', svg), "stroke"),
        (lambda svg: rewritten(r"<text [^>]*>0<.text>", "", svg), "parts"),
        (lambda svg: rewritten(r'<text x="\d', '<text x="', svg), "x of a <text>"),
        (lambda svg: rewritten(r"<tspan[^>]*>0<.tspan>", "0", svg), "text"),
        (
            lambda svg: rewritten(r'viewBox="0 0 480', 'viewBox="0 0 490', svg),
            "viewBox",
        ),
    ],
)
def test_what_an_eye_would_see_is_a_difference(other, word):
    svg = curves()
    assert word in svg_difference(svg, other(svg))


def test_another_region_or_hatching_is_a_difference():
    assert "d of a <path>" in svg_difference(regions(), regions(border=0.42))
    other = rewritten(r'<path fill="var\(--grey\)"[^>]*>', "", regions())
    assert "parts" in svg_difference(regions(), other)


def test_a_picture_within_a_figure_is_compared_by_its_pixels():
    figure = drawn(plot.images, DIGITS, ["0", "1", "2"])
    noise = 0.01 * np.random.default_rng(1).random(DIGITS.shape)
    darker = drawn(plot.images, DIGITS + noise, ["0", "1", "2"])
    swapped = drawn(plot.images, DIGITS[[1, 0, 2]], ["0", "1", "2"])
    assert figure != darker and svg_difference(figure, darker) == ""
    assert "href of a <image>" in svg_difference(figure, swapped)
