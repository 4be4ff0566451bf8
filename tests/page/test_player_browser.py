"""Moving pictures in a browser, from a file, as a reader meets them."""

from pathlib import Path

import pytest

from course_lib.page import Player, Scene

ASSETS = Path(__file__).parents[2] / "book" / "assets"


def film(rate: float = 20) -> Player:
    scene = Scene(xlim=(0, 10), axes=False).dot(0, 0.5, name="ball")
    scene.line([(k, k / 20) for k in range(11)], name="path", color="orange", upto=1)
    frames = [
        {"ball": {"x": k}, "path": {"upto": k + 1}, "caption": f"$x$ = {k}"}
        for k in range(11)
    ]
    groups = {"Path": ["path"]}
    return Player(scene, frames, groups=groups, alt="A ball.", still=3, rate=rate)


def board() -> Player:
    scene = Scene(xlim=(-2, 2), axes=False).text(0, 0.5, "", name="note")
    return Player(
        scene,
        lambda word, w: {"note": {"text": f"{word} {w}"}},
        {"word": ["sum", "product"], "$w_1$": [-1, 0, 1]},
        alt="A word and a number.",
    )


def frame_of(page) -> int:
    return int(page.get_by_label("Step", exact=True).input_value())


def test_it_begins_at_the_still_and_does_not_play_by_itself(page_of):
    page = page_of(film())
    page.clock.run_for(10_000)
    assert frame_of(page) == 3
    assert page.get_by_role("button", name="Play").is_visible()


def test_play_runs_to_the_end_and_then_from_the_start(page_of):
    page = page_of(film())
    page.get_by_role("button", name="Play").click()
    assert page.get_by_role("button", name="Pause").is_visible()
    page.clock.run_for(1000)
    assert frame_of(page) == 10
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(120)
    assert frame_of(page) == 2
    page.clock.run_for(1000)
    assert frame_of(page) == 10


def test_pause_stops(page_of):
    page = page_of(film())
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(120)
    page.get_by_role("button", name="Pause").click()
    assert frame_of(page) == 5
    page.clock.run_for(1000)
    assert frame_of(page) == 5


def test_a_step_moves_the_shapes_and_the_caption(page_of):
    page = page_of(film())
    ball, path = page.locator('[data-name="ball"]'), page.locator('[data-name="path"]')
    before = ball.get_attribute("transform")
    page.get_by_role("button", name="Step forward").click()
    assert ball.get_attribute("transform") == "translate(168,140)" != before
    assert path.get_attribute("points").count(",") == 5
    assert page.locator("[aria-live=polite]").inner_text() == "x = 4"
    page.get_by_role("button", name="Step back").click()
    assert ball.get_attribute("transform") == before


def test_steps_end_at_the_ends(page_of):
    page = page_of(film())
    for _ in range(5):
        page.get_by_role("button", name="Step back").click()
    assert frame_of(page) == 0


def test_keys(page_of):
    page = page_of(film())
    page.get_by_role("button", name="Play").focus()
    for key, frame in (
        ("End", 10),
        ("ArrowLeft", 9),
        ("Home", 0),
        ("ArrowRight", 1),
    ):
        page.keyboard.press(key)
        assert frame_of(page) == frame
    for key in ("k", " "):
        page.keyboard.press(key)
        assert page.get_by_role("button", name="Pause").is_visible()
        page.keyboard.press(key)
        assert page.get_by_role("button", name="Play").is_visible()


def test_keys_on_the_time_line(page_of):
    page = page_of(film())
    line = page.get_by_label("Step", exact=True)
    line.focus()
    page.keyboard.press("ArrowRight")
    assert frame_of(page) == 4
    assert line.get_attribute("aria-valuetext") == "Step 4"
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="Pause").is_visible()


def test_scrubbing_takes_over_from_play(page_of):
    page = page_of(film())
    page.get_by_role("button", name="Play").click()
    page.get_by_label("Step", exact=True).fill("1")
    assert page.get_by_role("button", name="Play").is_visible()
    page.clock.run_for(1000)
    assert frame_of(page) == 1


def test_a_shape_hidden_in_a_frame_comes_back(page_of):
    scene = Scene(axes=False).dot(0.5, 0.5, name="ball")
    page = page_of(Player(scene, [{"ball": {"show": False}}, {}], alt="A ball."))
    ball = page.locator('[data-name="ball"]')
    assert ball.is_hidden()
    page.get_by_role("button", name="Step forward").click()
    assert ball.is_visible()
    assert ball.get_attribute("display") is None


def test_the_caption_is_silent_while_playing(page_of):
    page = page_of(film(rate=2))
    page.get_by_role("button", name="Play").click()
    assert page.locator(".player-now [aria-live]").get_attribute("aria-live") == "off"
    page.get_by_role("button", name="Pause").click()
    live = page.locator(".player-now [aria-live]")
    assert live.get_attribute("aria-live") == "polite"


def test_sliders_and_choices(page_of):
    page = page_of(board())
    note = page.locator('[data-name="note"]')
    assert page.get_by_role("button").count() == 0
    page.get_by_role("combobox", name="word").select_option("product")
    page.get_by_label("w1").focus()
    page.keyboard.press("End")
    assert note.text_content() == "product 1"
    page.keyboard.press("Home")
    assert note.text_content() == "product −1"


def test_groups_hide_and_show(page_of):
    page = page_of(film())
    path = page.locator('[data-name="path"]')
    page.get_by_label("Path").uncheck()
    assert path.is_hidden()
    page.get_by_role("button", name="Step forward").click()
    assert path.is_hidden()
    page.get_by_label("Path").check()
    assert path.is_visible()


def test_players_of_one_page_do_not_disturb_each_other(page_of):
    page = page_of(film(), film())
    first, second = page.locator("figure").all()
    second.get_by_role("button", name="Step forward").click()
    assert first.get_by_label("Step", exact=True).input_value() == "3"
    assert second.get_by_label("Step", exact=True).input_value() == "4"


def test_reduced_motion_shows_stills_slowly(page_of):
    page = page_of(film(), reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(900)
    assert frame_of(page) == 3
    page.clock.run_for(200)
    assert frame_of(page) == 5


def test_without_scripts_the_still_is_there(page_of):
    page = page_of(film(), java_script_enabled=False)
    image = page.locator("figure > img")
    assert image.evaluate("i => [i.complete, i.naturalWidth]") == [True, 420]
    assert image.get_attribute("alt") == "A ball."
    assert page.locator("button, input").count() == 0


def test_scripts_put_the_picture_itself_in_place_of_the_image(page_of):
    page = page_of(film())
    assert page.locator("figure > img").count() == 0
    assert page.locator("figure > svg").get_attribute("aria-label") == "A ball."
    assert page.locator("figure > svg").bounding_box()["width"] == 420


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_those_of_the_page_in_the_picture_and_in_the_legend(page_of, theme):
    page = page_of(film())
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    wanted = page.evaluate(
        """() => {
          const probe = document.body.appendChild(document.createElement("i"));
          probe.style.color = "var(--book-orange)";
          return getComputedStyle(probe).color;
        }"""
    )
    lines = page.locator('[data-name="path"], .player-groups path')
    strokes = lines.evaluate_all("all => all.map((l) => getComputedStyle(l).stroke)")
    assert strokes == [wanted] * 2


def test_print_shows_no_controls(page_of):
    page = page_of(film())
    page.emulate_media(media="print")
    assert page.get_by_role("button", name="Play").is_hidden()
    assert page.locator("figure > svg").is_visible()


@pytest.mark.parametrize("width", [360, 1200])
def test_controls_fit_and_can_be_touched(page_of, width):
    page = page_of(film(), board(), viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("button, select, input[type=range], label").all():
        assert control.bounding_box()["height"] >= 44


def test_the_assets_are_small():
    sizes = [(ASSETS / f"player.{kind}").stat().st_size for kind in ("js", "css")]
    assert sum(sizes) < 12_500
