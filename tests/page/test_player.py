"""Moving pictures: what is written out, and what is refused."""

import base64
import itertools
import json
import re
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest
from course_lib.page.drawing.axes import round_ticks
from course_lib.page.drawing.canvas import number
from course_lib.page.drawing.labels import html_label, plain_label, svg_label
from course_lib.page.drawing.raster import png_address
from course_lib.page.drawing.shapes import Dot, Text

from course_lib.page import Player, Scene


def ball() -> Scene:
    scene = Scene(200, 100, xlim=(0, 10), ylim=(0, 1), axes=False)
    return scene.dot(0, 0, name="ball").text(5, 0.5, "still", name="note")


def table(player: Player) -> dict:
    written = re.search(r"<script[^>]*>(.*?)</script>", player._repr_html_(), re.S)
    return json.loads(written[1])


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
    for still, word in ((0, "one"), (-1, "three")):
        html = Player(ball(), frames, alt="A word.", still=still)._repr_html_()
        svg = ElementTree.fromstring(re.search(r"<svg.*</svg>", html)[0])
        assert "".join(svg.itertext()) == word


def test_a_line_is_drawn_up_to_a_point_and_stored_once():
    path = [(k, 0.5) for k in range(11)]
    scene = Scene(100, 100, xlim=(0, 10), axes=False).line(path, name="path", upto=2)
    player = Player(scene, [{"path": {"upto": k}} for k in range(12)], alt="A path.")
    assert 'points=""' in player._repr_html_()
    assert player._repr_html_().count("100,50") == 1  # the last point, in the table
    assert tracks(player)["path", "upto"] == [str(k) for k in range(12)]
    assert 'points="0,50 10,50"' in scene.svg()


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
    assert data["start"] == 4
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
    assert data["groups"] == [["Ball", ["ball", "note"]]]
    assert unpacked(*data["captions"]) == ["<i>x</i> &lt; 1"] * 2


def test_the_text_alternative_is_on_the_picture_and_in_the_plain_output():
    player = Player(ball(), [{}], alt='A "ball" & more.', caption="$x_0$ & <b>")
    html = player._repr_html_()
    assert 'role="img" aria-label="A &quot;ball&quot; &amp; more."' in html
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
    assert html.count("<svg") == html.count("</svg>") == 2
    assert "<img" not in html
    assert tracks(player)[evil, "text"][0] == svg_label(evil)


def test_the_same_player_is_written_the_same():
    def written() -> str:
        frames = [{"ball": {"x": x}} for x in np.linspace(0, 10, 7)]
        return Player(ball(), frames, alt="A ball.")._repr_html_()

    assert written() == written()
    assert " id=" not in written()


def test_the_last_bit_of_a_sum_does_not_show():
    for tie in (0.05, 0.15, 2.25, 102.45, -3.35):
        drawn = {number(np.nextafter(tie, to)) for to in (-1e9, tie, 1e9)}
        assert len(drawn) == 1
    assert number(-0.01) == "0"


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
    assert 'points="0,100 100,50 200,0"' in (
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
    points = re.search('points="(.*?)"', scene.svg())[1]
    assert set(corners.split()) <= set(points.split())
    assert bool(points) == bool(corners)


def test_an_arrow_keeps_its_distance():
    scene = Scene(100, 100, (0, 100), (0, 100), axes=False)
    scene.arrow(0, 50, 100, 50, gap=10, head=8)
    assert "M10,50L90,50M82,46L90,50L82,54" in scene.svg()


def test_what_sits_on_a_line_is_drawn_at_its_end():
    scene = Scene(100, 100, xlim=(0, 10), axes=False).line(
        [(0, 0), (5, 0.5), (10, 1)], "path"
    )
    scene.dot(0, 0, "head", on="path", marker="down")
    frames = [{"path": {"upto": k}} for k in (1, 2, 3)]
    for still, at in ((0, "0,100"), (1, "50,50"), (2, "100,0")):
        html = Player(scene, frames, alt="A path.", still=still)._repr_html_()
        assert f'data-on="path" transform="translate({at})"' in html
    assert ("head", "transform") not in tracks(Player(scene, frames, alt="A path."))


def test_a_group_is_exchanged_as_one():
    one, two = ([Dot(x, 0.5), Text(x, 0.5, "a < b")] for x in (0.25, 0.75))
    scene = Scene(100, 100, axes=False).group(one, "both")
    frames = [{}, {"both": {"shapes": two}}, {"both": {"show": False}}]
    player = Player(scene, frames, alt="Two dots.")
    drawn = tracks(player)["both", "text"]
    assert "translate(25,50)" in drawn[0] == drawn[2]
    assert "translate(75,50)" in drawn[1] and "a &lt; b" in drawn[1]
    assert tracks(player)["both", "display"] == [None, None, "none"]
    svg = ElementTree.fromstring(re.search(r"<svg.*</svg>", player._repr_html_())[0])
    assert "".join(svg.itertext()) == "a < b"


def test_frames_that_share_points_differ_in_how_many():
    points = [(0, 0), (5, 0.5), (10, 1)]
    scene = Scene(100, 100, xlim=(0, 10), axes=False).line([(0, 0)], "path", upto=1)
    frames = [{"path": {"points": points, "upto": k}} for k in (1, 2, 3)]
    found = tracks(Player(scene, frames, alt="A path."))
    assert found["path", "upto"] == ["1", "2", "3"]
    assert set(found["path", "points"]) == {"0,100 50,50 100,0"}


def test_a_raster_is_a_png_of_its_levels():
    address = png_address(np.array([[0.0, 1.0], [0.5, 9.0]]), "grey", (0, 1))
    png = base64.b64decode(address.partition(",")[2])
    start = png.index(b"IDAT")
    length = int.from_bytes(png[start - 4 : start])
    rows = zlib.decompress(png[start + 4 : start + 4 + length])
    assert list(rows) == [0, 0, 63, 0, 32, 63]


def test_the_first_row_of_an_image_lies_at_y0():
    rows = np.array([[0.0], [1.0]])
    scene = Scene(axes=False)
    upward = scene.image(rows, 0, 0, 1, 1).shapes[-1].svg(scene.plot)["href"]
    downward = scene.image(rows, 0, 1, 1, 0).shapes[-1].svg(scene.plot)["href"]
    assert upward == png_address(rows[::-1], "grey", (0, 1))
    assert downward == png_address(rows, "grey", (0, 1))


def test_labels_are_set_as_mathematics():
    assert html_label("$u_0^{12}$ a_b") == "<i>u</i><sub>0</sub><sup>12</sup> a_b"
    assert plain_label("loss $L$ = -2") == "loss L = −2"
    svg = ElementTree.fromstring(f"<text>{svg_label('$u_0^1$ = 3')}</text>")
    assert "".join(svg.itertext()) == "u01 = 3"
    scripts = [span for span in svg if span.get("font-size")]
    assert float(scripts[1].get("dx")[:-2]) < 0  # above the first, not after it


def test_pieces_of_a_label_return_to_the_line():
    svg = ElementTree.fromstring(f"<text>{svg_label('$a_1^2b^3$ c')}</text>")
    height = sum(
        float(span.get("dy", "0em")[:-2]) * float(span.get("font-size", "1em")[:-2])
        for span in svg
    )
    assert height == pytest.approx(0, abs=0.02)


# --- what is refused ----------------------------------------------------------------

REFUSED = {
    "no frames": (lambda: Player(ball(), [], alt="-"), "no frames"),
    "unknown shape": (
        lambda: Player(ball(), [{}, {"bal": {"x": 1}}], alt="-"),
        "frame 1: no shape is named 'bal'; there are .*ball",
    ),
    "unknown field": (
        lambda: Player(ball(), [{"ball": {"z": 1}}], alt="-"),
        "'ball' is a dot: it has no 'z'; it has .*marker",
    ),
    "not finite": (
        lambda: Player(ball(), [{}, {"ball": {"x": np.nan}}], alt="-"),
        "frame 1, 'ball': nan cannot be drawn",
    ),
    "too few frames": (
        lambda: Player(ball(), [{}] * 5, {"a": [1, 2], "b": [1, 2, 3]}, alt="-"),
        "5 frames, but the controls have 2 x 3 = 6 combinations",
    ),
    "function without controls": (
        lambda: Player(ball(), lambda x: {}, alt="-"),
        "say of which controls",
    ),
    "still out of range": (
        lambda: Player(ball(), [{}], alt="-", still=1),
        "still=1, but there are 1 frames",
    ),
    "still of no control": (
        lambda: Player(ball(), [{}], {"a": [1]}, alt="-", still=(2,)),
        "is not a value of every control",
    ),
    "unknown time": (
        lambda: Player(ball(), [{}], {"a": [1]}, alt="-", time="t"),
        "time='t' is none of",
    ),
    "no alt": (lambda: Player(ball(), [{}], alt=""), "alt is empty"),
    "rate": (lambda: Player(ball(), [{}], alt="-", rate=0), "rate=0"),
    "group": (
        lambda: Player(ball(), [{}], alt="-", groups={"A": ["no"]}),
        "group 'A': no shape is named 'no'",
    ),
    "shape named caption": (
        lambda: Player(ball().dot(1, 1, name="caption"), [{}], alt="-"),
        "a shape is named 'caption'",
    ),
    "on no line": (
        lambda: ball().dot(1, 1, on="ball"),
        "no line is named 'ball'; draw it before",
    ),
    "upto of a dot": (
        lambda: Player(ball(), [{"ball": {"upto": 1}}], alt="-"),
        "'ball' is a dot: it has no 'upto'",
    ),
    "name twice": (lambda: ball().dot(1, 1, name="ball"), "'ball' already"),
    "range": (lambda: Scene(xlim=(1, 1)), "xlim=.* shows nothing"),
    "colour": (lambda: Scene().dot(0, 0, color="red"), "no colour 'red'.*blue"),
    "marker": (lambda: Scene().dot(0, 0, marker="o"), "no marker 'o'.*circle"),
    "points": (lambda: Scene().line([1, 2]), "give a list of pairs"),
    "infinite": (lambda: Scene().line([(0, 0), (1, np.inf)]), "cannot be drawn"),
    "image": (lambda: Scene().image([1.0], 0, 0, 1, 1), "give a matrix"),
    "scale": (lambda: Scene().image([[1]], 0, 0, 1, 1, scale="hot"), "no colour scale"),
    "large": (lambda: Scene().image(np.eye(300), 0, 0, 1, 1), "too large"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_drawn_is_refused(case):
    attempt, message = REFUSED[case]
    with pytest.raises((KeyError, TypeError, ValueError), match=message):
        attempt()


def test_scripts_may_start_elsewhere_than_the_still():
    frames = [{"ball": {"x": x}} for x in (0, 5, 10)]
    assert table(Player(ball(), frames, alt="A.", still=2, start=0))["start"] == 0
    assert table(Player(ball(), frames, alt="A.", still=2))["start"] == 2
    with pytest.raises(ValueError, match="start=9, but there are 3 frames"):
        Player(ball(), frames, alt="A.", start=9)
