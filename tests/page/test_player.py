"""Scenes and moving pictures: what is written out."""

import base64
import itertools
import json
import re
import zlib
from functools import partial
from html import unescape
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest

from course_lib.page import Player, Scene
from course_lib.page.colors import COLORS, ROOT_STYLE
from course_lib.page.labels import html_label, plain_label, svg_label
from course_lib.page.scene import round_ticks
from course_lib.page.shapes import Dot, Text, numbers, png_address


def ball() -> Scene:
    scene = Scene(200, 100, xlim=(0, 10), ylim=(0, 1), axes=False)
    return scene.dot(0, 0, name="ball").text(5, 0.5, "still", name="note")


def table(player: Player) -> dict:
    written = re.search(r"<script[^>]*>(.*?)</script>", player._repr_html_(), re.S)
    return json.loads(written[1])


def still(player: Player) -> ElementTree.Element:
    """The picture in the address, as player.js unpacks it."""
    address = re.search(r'src="data:image/svg\+xml,(.*?)"', player._repr_html_())[1]
    return ElementTree.fromstring(unquote(unescape(address)))


def unpacked(values: list, codes: str) -> list:
    """The value of each frame, as player.js reads it."""
    places = itertools.accumulate(codes.split(","), lambda last, code: code or last)
    return [values[int(place)] for place in places]


def tracks(player: Player) -> dict:
    return {
        (name, key): unpacked(values, codes)
        for name, key, values, codes in table(player)["tracks"]
    }


# --- what is written ----------------------------------------------------------------


def test_only_what_moves_is_stored():
    frames = [{"ball": {"x": x, "y": 0}} for x in (0, 5, 5, 10)]
    player = Player(ball(), frames, alt="A ball.")
    moved = ["translate(0,100)", "translate(100,100)"]
    moved += [moved[1], "translate(200,100)"]
    assert tracks(player) == {("ball", "transform"): moved}
    assert table(player)["tracks"][0][3] == "0,1,,2"


def test_a_frame_differs_from_the_scene_not_from_the_frame_before():
    frames = [{"ball": {"color": "orange"}}, {}]
    strokes = tracks(Player(ball(), frames, alt="A ball."))["ball", "stroke"]
    assert "orange" in strokes[0]
    assert "blue" in strokes[1]


def test_the_svg_is_the_still():
    frames = [{"note": {"text": word}} for word in ("one", "two", "three")]
    for at, word in ((0, "one"), (-1, "three")):
        svg = still(Player(ball(), frames, alt="A word.", still=at))
        assert "".join(svg.itertext()) == word


def test_a_line_is_drawn_up_to_a_point_and_stored_once():
    path = [(k, 0.5) for k in range(11)]
    scene = Scene(100, 100, xlim=(0, 10), axes=False).line(path, name="path", upto=2)
    player = Player(scene, [{"path": {"upto": k}} for k in range(12)], alt="A path.")
    assert "points=''" in player._repr_html_()
    assert player._repr_html_().count("100,50") == 1  # the last point, in the table
    assert tracks(player)["path", "upto"] == [str(k) for k in range(12)]
    assert "points='0,50 10,50'" in scene.svg()


def test_an_attribute_that_goes_away_is_null():
    frames = [{"ball": {"show": False}}, {"ball": {"show": True}}]
    assert tracks(Player(ball(), frames, alt="-"))["ball", "display"] == ["none", None]


def test_frames_follow_the_product_of_the_controls():
    controls = {"word": ["a", "b"], "$w_1$": [-1, 0.5, 2]}
    player = Player(
        ball(),
        lambda word, w: {"note": {"text": f"{word} {w}"}},
        controls,
        alt="A word.",
        still=("b", 0.5),
    )
    shown = tracks(player)["note", "text"]
    assert shown == ["a −1", "a 0.5", "a 2", "b −1", "b 0.5", "b 2"]
    data = table(player)
    assert data["start"] == [1, 1]
    assert data["time"] == -1
    assert data["choices"] == [True, False]
    assert data["controls"][1] == [
        "<i>w</i><sub>1</sub>",
        "w1",
        ["−1", "0.5", "2"],
    ]


def test_without_controls_the_frames_are_a_time_line():
    data = table(Player(ball(), [{}, {}, {}], alt="A ball."))
    assert data["time"] == 0
    assert data["controls"] == [["Step", "Step", ["0", "1", "2"]]]


def test_groups_and_captions_are_stored():
    frames = [{"caption": "$x$ < 1"}, {"caption": "$x$ < 1"}]
    data = table(Player(ball(), frames, alt="-", groups={"Ball": ["ball", "note"]}))
    assert data["groups"] == [["Ball", "Ball", ["ball", "note"]]]
    assert data["readings"] == [[[""], "0,"]]
    assert unpacked(*data["captions"]) == ["<i>x</i> &lt; 1"] * 2


def test_the_text_alternative_is_on_the_picture_and_in_the_plain_output():
    player = Player(ball(), [{}], alt='A "ball" & more.', caption="$x_0$ & <b>")
    html = player._repr_html_()
    assert '<img alt="A &quot;ball&quot; &amp; more." src="data:' in html
    assert (
        "<figcaption><i>x</i><sub>0</sub> &amp; &lt;b&gt;</figcaption></figure>" in html
    )
    assert repr(player) == 'Player: 1 frames. A "ball" & more.'


def test_no_text_can_end_the_script_or_the_svg():
    evil = "</script></svg><img src=x>"
    scene = ball().text(1, 0.5, evil, name=evil)
    frames = [{evil: {"text": evil}, "caption": evil}, {evil: {"text": 2}}]
    player = Player(scene, frames, groups={evil: [evil]}, alt=evil, caption=evil)
    html = player._repr_html_()
    assert html.count("</script>") == html.count("<script") == 1
    assert html.count("<svg") == 0
    assert html.count("<img") == 1
    assert "".join(still(player).itertext()) == f"still{evil}"
    assert tracks(player)[evil, "text"][0] == svg_label(evil)


def test_the_same_player_is_written_the_same():
    def written() -> str:
        frames = [{"ball": {"x": x}} for x in np.linspace(0, 10, 7)]
        return Player(ball(), frames, alt="A ball.")._repr_html_()

    assert written() == written()
    assert " id=" not in written()


def test_the_last_bit_of_a_sum_does_not_show():
    for tie in (0.05, 0.15, 2.25, 102.45, -3.35):
        assert len(set(numbers(np.nextafter(tie, [-1e9, tie, 1e9])))) == 1


def test_colours_are_said_once():
    scene = Scene(axes=False)
    for color in COLORS:
        scene.dot(0, 0, color=color)
    svg = scene.svg()
    assert svg.count("#") == len(COLORS)
    assert ROOT_STYLE in svg
    assert all(f"stroke='var(--{color})'" in svg for color in COLORS)
    with pytest.raises(ValueError, match=r"no colour 'red'.*blue"):
        scene.dot(0, 0, color="red")


def test_700_frames_of_three_sliders_stay_small():
    values = np.linspace(-2, 2, 9).tolist()
    scene = Scene(xlim=(-1, 2), ylim=(-1, 2)).halfplane(1, 1, -1.5, name="yes")
    player = Player(
        scene,
        lambda w1, w2, b: {
            "yes": {"w1": w1, "w2": w2, "b": b},
            "caption": f"{w1 + w2 + b:.2f}",
        },
        {"w1": values, "w2": values, "b": values},
        alt="A line.",
    )
    assert len(player.frames) == 729
    assert len(player._repr_html_().encode()) < 60_000


# --- the drawing --------------------------------------------------------------------


def test_data_become_pixels():
    assert "points='0,100 100,50 200,0'" in (
        Scene(200, 100, (0, 10), (0, 1), axes=False)
        .line([(0, 0), (5, 0.5), (10, 1)])
        .svg()
    )


def test_axes_are_labelled():
    svg = Scene(xlim=(-1, 1), xlabel="$x_1$", ylabel="loss", grid=True).svg()
    text = "".join(ElementTree.fromstring(svg).itertext())
    assert text == "−1−0.500.5100.20.40.60.81x1loss"


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3, 3), (0, 0.02), (17, 940), (0, 60)]
)
def test_ticks_are_few_and_inside(low, high):
    ticks = round_ticks(low, high)
    assert 3 <= len(ticks) <= 7
    assert low <= min(ticks)
    assert max(ticks) <= high


@pytest.mark.parametrize(
    ("weights", "corners"),
    [
        ((1, 0, 0), "105,105 50,105 50,-5 105,-5"),
        ((0, 0, 1), "-5,105"),
        ((0, 0, 0), ""),
    ],
)
def test_a_half_plane_is_cut_out_of_the_plot(weights, corners):
    scene = Scene(100, 100, (-1, 1), (-1, 1), axes=False).halfplane(*weights)
    points = re.search("points='(.*?)'", scene.svg())[1]
    assert set(corners.split()) <= set(points.split())
    assert bool(points) == bool(corners)


def test_an_arrow_keeps_its_distance():
    scene = Scene(100, 100, (0, 100), (0, 100), axes=False)
    scene.arrow(0, 50, 100, 50, gap=10, head=8)
    assert "M10,50 L90,50 M82,46 L90,50 L82,54" in scene.svg()
    scene.arrow(0, 50, 100, 50, bend=20, head=0)
    assert "'M0,50 Q50,10 100,50'" in scene.svg()


def test_what_sits_on_a_line_is_drawn_at_its_end():
    scene = Scene(100, 100, xlim=(0, 10), axes=False).line(
        [(0, 0), (5, 0.5), (10, 1)], "path"
    )
    scene.dot(0, 0, "head", on="path", marker="down")
    frames = [{"path": {"upto": k}} for k in (1, 2, 3)]
    for step, at in ((0, "0,100"), (1, "50,50"), (2, "100,0")):
        html = Player(scene, frames, alt="A path.", still=step)._repr_html_()
        assert re.search(f"data-on='path' [^>]*transform='translate.{at}.'", html)
    assert ("head", "transform") not in tracks(Player(scene, frames, alt="A path."))


def test_a_dot_beyond_the_axes_is_not_drawn_or_says_where_it_is():
    scene = Scene(xlim=(0, 10), ylim=(0, 10)).dot(5, 5, "lost").dot(5, 5, "found")
    shown = {"x": 12, "y": 5}
    assert scene.drawn("lost", {})["d"] and not scene.drawn("lost", shown)["d"]
    scene.dot(5, 5, "ball", beyond="$x$ = {x:.3g}")
    inside, outside = scene.drawn("ball", {}), scene.drawn("ball", shown)
    assert inside["tag"] == outside["tag"] == "g"
    width, height = scene.plot.width, scene.plot.height
    assert outside["transform"] == f"translate({width:g},{height / 2:g})"
    drawn = ElementTree.fromstring(f"<g>{outside['text']}</g>")
    assert "".join(drawn.itertext()) == "x = 12"
    assert drawn[1].get("text-anchor") == "end"  # it lies in the picture
    assert "rotate(0)" in drawn[0].get("transform")
    up = scene.drawn("ball", {"x": 5, "y": 11})["text"]
    assert "rotate(-90)" in up
    assert "<text" not in inside["text"]


def test_dots_and_groups_may_lie_on_the_edge_and_lines_are_cut_off():
    scene = Scene().line([(0, 0), (2, 2)]).dot(0, 0).dot(1, 1).line([(0, 1), (1, 0)])
    layers = re.findall(r"<svg x=[^>]*>", scene.svg())
    assert ["visible" in layer for layer in layers] == [False, True, False]


def test_a_group_is_exchanged_as_one():
    one, two = ([Dot(x, 0.5), Text(x, 0.5, "a < b")] for x in (0.25, 0.75))
    scene = Scene(100, 100, axes=False).group(one, "both")
    frames = [{}, {"both": {"shapes": two}}, {"both": {"show": False}}]
    player = Player(scene, frames, alt="Two dots.")
    drawn = tracks(player)["both", "text"]
    assert "translate(25,50)" in drawn[0] == drawn[2]
    assert "translate(75,50)" in drawn[1] and "a &lt; b" in drawn[1]
    assert tracks(player)["both", "display"] == [None, None, "none"]
    assert "".join(still(player).itertext()) == "a < b"


def test_frames_that_share_points_differ_in_how_many():
    points = [(0, 0), (5, 0.5), (10, 1)]
    scene = Scene(100, 100, xlim=(0, 10), axes=False).line([(0, 0)], "path", upto=1)
    frames = [{"path": {"points": points, "upto": k}} for k in (1, 2, 3)]
    found = tracks(Player(scene, frames, alt="A path."))
    assert found["path", "upto"] == ["1", "2", "3"]
    assert set(found["path", "points"]) == {"0,100 50,50 100,0"}


def test_a_raster_is_a_png_of_its_levels():
    address = png_address(np.array([[0.0, 1.0], [0.5, 9.0]]))
    png = base64.b64decode(address.partition(",")[2])
    start = png.index(b"IDAT")
    length = int.from_bytes(png[start - 4 : start])
    rows = zlib.decompress(png[start + 4 : start + 4 + length])
    assert list(rows) == [0, 255, 0, 0, 126, 0]


def test_the_first_row_of_an_image_lies_at_y0():
    rows = np.array([[0.0], [1.0]])
    scene = Scene(axes=False)
    upward = scene.image(rows, 0, 0, 1, 1).shapes[-1].svg(scene.plot)["href"]
    downward = scene.image(rows, 0, 1, 1, 0).shapes[-1].svg(scene.plot)["href"]
    assert upward == png_address(rows[::-1])
    assert downward == png_address(rows)


def test_labels_are_set_as_mathematics():
    assert html_label("$u_0^{12}$ a_b") == "<i>u</i><sub>0</sub><sup>12</sup> a_b"
    assert html_label("$w_{ji}$") == "<i>w</i><sub><i>ji</i></sub>"
    assert html_label("$log x$") == (
        '<span class="tex">log</span><span class="tex"> </span><i>x</i>'
    )
    assert plain_label("loss $L$ = -2") == "loss L = −2"
    svg = ElementTree.fromstring(f"<text>{svg_label('$u_0^1$ = 3')}</text>")
    assert "".join(svg.itertext()) == "u01 = 3"
    (above,) = [span for span in svg if span.get("dx")]
    assert above.text == "1" and float(above.get("dx")[:-2]) < 0  # not after the 0


def test_pieces_of_a_label_return_to_the_line():
    svg = ElementTree.fromstring(f"<text>{svg_label('$a_1^2b^3$ c')}</text>")
    height = sum(
        float(span.get("dy", "0em")[:-2]) * float(span.get("font-size", "1em")[:-2])
        for span in svg
    )
    assert height == pytest.approx(0, abs=0.02)


def test_scripts_may_start_elsewhere_than_the_still():
    frames = [{"ball": {"x": x}} for x in (0, 5, 10)]
    assert table(Player(ball(), frames, alt="A.", still=2, start=0))["start"] == [0]
    frame = partial(Player, ball(), lambda a, k: frames[k], alt="A.", still=("b", 2))
    controls = {"a": ["a", "b"], "k": range(3)}
    assert table(frame(controls, time="k"))["start"] == [1, 0]
    assert table(frame(controls))["start"] == table(frame(controls))["still"] == [1, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Player(ball(), [], alt="-"),
        lambda: Player(ball(), [{}], alt=""),
        lambda: Player(ball(), [{}] * 5, {"a": [1, 2], "b": [1, 2, 3]}, alt="-"),
        lambda: Player(ball(), [{}, {"ball": {"x": np.nan}}], alt="-"),
        lambda: Scene().line([(0, 0), (1, np.inf)]),
        lambda: ball().dot(1, 1, name="ball"),
        lambda: Scene().image(np.eye(300), 0, 0, 1, 1),
    ],
)
def test_what_would_be_drawn_wrongly_is_refused(wrong):
    with pytest.raises(AssertionError):
        wrong()
