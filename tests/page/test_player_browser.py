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
    look = {"groups": groups, "alt": "A ball.", "rate": rate}
    return Player(scene, frames, still=3, start=3, **look)


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


def test_it_begins_where_it_is_told_and_does_not_play_by_itself(page_of):
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


def test_no_and_yes_is_a_box_to_tick(page_of):
    scene = Scene().text(0.5, 0.5, "", "note")
    controls = {"sun": ["no", "yes"], "rain": ["no", "yes"]}
    player = Player(
        scene,
        lambda sun, rain: {"note": {"text": sun + rain}},
        controls,
        still=("yes", "no"),
        alt="Two words.",
    )
    page = page_of(player)
    sun, rain = (page.get_by_role("checkbox", name=name) for name in controls)
    note = page.locator('[data-name="note"]')
    assert sun.is_checked() and not rain.is_checked()
    assert note.text_content() == "yesno"
    rain.press("Space")
    sun.click()
    assert note.text_content() == "noyes"


def test_a_number_stands_beside_its_name(page_of):
    scene = Scene().dot(0, 0, name="ball")
    controls = {"rate $η$": (0.1, 0.2), "step $i$": range(2)}
    player = Player(scene, lambda rate, i: {}, controls, time="step $i$", alt="A ball.")
    page = page_of(player)
    assert page.locator(".player-bar output").inner_text() == "i = 0"
    line = page.get_by_label("step i")
    assert line.get_attribute("aria-valuetext") == "i = 0"
    page.get_by_role("button", name="Step forward").click()
    assert page.locator(".player-bar output").inner_text() == "i = 1"
    letter = page.locator(".player-bar output i")
    assert "KaTeX_Math" in letter.evaluate("i => getComputedStyle(i).fontFamily")


def race(rate: float = 2) -> Player:
    """Two heads on lines, of which one leaves the picture."""
    scene = Scene(xlim=(0, 10), ylim=(0, 10))
    for name in ("near", "far"):
        scene.line([(0, 0)], name, upto=1)
        scene.dot(0, 0, f"head of {name}", on=name)
    paths = {"near": [(k, 5) for k in range(4)], "far": [(9 * k, 5) for k in range(4)]}
    frames = [
        {name: {"points": path, "upto": k + 1} for name, path in paths.items()}
        | {"readings": {name: path[k][0] for name, path in paths.items()}}
        for k in range(4)
    ]
    groups = {name: [name, f"head of {name}"] for name in paths}
    return Player(scene, frames, groups=groups, alt="A race.", still=3, rate=rate)


def test_readings_stand_in_the_legend_and_are_heard(page_of):
    page = page_of(race())
    readings = page.locator(".player-groups output")
    assert readings.all_inner_texts() == ["0", "0"]
    before = [
        label.bounding_box() for label in page.locator(".player-groups label").all()
    ]
    page.get_by_role("button", name="Step forward").click()
    assert readings.all_inner_texts() == ["1", "9"]
    assert page.locator(".player-heard").text_content() == "Step 1, near 1, far 9"
    page.keyboard.press("End")
    assert readings.all_inner_texts() == ["3", "27"]
    after = [
        label.bounding_box() for label in page.locator(".player-groups label").all()
    ]
    assert after == before


def test_a_head_beyond_the_axes_is_an_arrowhead_at_their_edge(page_of):
    player = race()
    page = page_of(player)
    head, near = (page.locator(f'[data-on="{name}"]') for name in ("far", "near"))
    inside = head.get_attribute("d")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    outline, place = head.get_attribute("d"), head.get_attribute("transform")
    assert outline != inside == near.get_attribute("d")
    right = player.scene.plot.width
    assert place.startswith(f"translate({right - 8:g},") and "rotate(0)" in place
    # Where scripts do not run, it is drawn the same.
    svg = player.scene.svg(
        {k: v for k, v in player.frames[3].items() if k != "readings"}
    )
    assert f"transform='{place}' d='{outline}'" in svg
    page.keyboard.press("Home")
    assert head.get_attribute("d") == inside


def test_the_speed_is_one_for_all_players_and_is_remembered(page_of):
    page = page_of(race(), race())
    first, second = page.locator("figure").all()
    play = first.get_by_role("button", name="Play")
    play.click()
    page.clock.run_for(1000)
    assert first.get_by_label("Step", exact=True).input_value() == "2"
    first.get_by_role("button", name="Pause").click()
    first.get_by_label("Speed").select_option("½×")
    assert second.get_by_label("Speed").input_value() == "0.5"
    second.get_by_role("button", name="Play").click()
    page.clock.run_for(1000)
    assert second.get_by_label("Step", exact=True).input_value() == "1"
    second.get_by_label("Speed").select_option("2×")  # while it plays
    page.clock.run_for(500)
    assert second.get_by_label("Step", exact=True).input_value() == "3"
    page.reload()
    assert page.get_by_label("Speed").first.input_value() == "2"


def test_sliders_have_one_length_and_all_begin_at_one_edge(page_of):
    controls = {"a": [0, 1], "a long name": [0, 1], "w": [-1000, 1]}
    scene = Scene().dot(0, 0, name="ball")
    page = page_of(Player(scene, lambda a, b, c: {}, controls, alt="A ball."))
    boxes = [s.bounding_box() for s in page.locator("input[type=range]").all()]
    assert len({(box["x"], box["width"]) for box in boxes}) == 1
    lefts = page.locator("figure, .player-panel, figcaption, .player-controls")
    assert len({box.bounding_box()["x"] for box in lefts.all()}) == 1


@pytest.mark.parametrize(("width", "size"), [(1200, 14), (360, 11)])
def test_letters_do_not_grow_with_the_picture(page_of, width, size):
    pictures = [
        Scene(width, height, xlabel="x").text(0.5, 0.5, "word", name="word")
        for width, height in ((400, 300), (560, 300), (400, 420))
    ]
    players = [Player(scene, [{}], alt="A word.") for scene in pictures]
    page = page_of(*players, viewport={"width": width, "height": 800})
    for svg, scene in zip(page.locator("figure > svg").all(), pictures, strict=True):
        drawn = svg.bounding_box()
        letters = float(svg.evaluate("s => parseFloat(getComputedStyle(s).fontSize)"))
        letters *= drawn["width"] / scene.width
        assert size - 0.01 <= letters <= size + 0.5
        assert drawn["height"] <= 512.1


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


def test_paper_shows_the_still_and_what_the_controls_say(page_of):
    page = page_of(race())
    paper = page.locator(".player-paper")
    assert paper.is_hidden()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert paper.inner_text() == "Step 3"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert frame_of(page) == 0
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")  # a frame that the reader chose stays
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert paper.inner_text() == "Step 1"


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
    assert sum(sizes) < 19_000
