"""The race: what it stores, and how it behaves in a browser."""

from __future__ import annotations

import json
import re
from functools import partial

import numpy as np
import pytest

from course_lib.optim.trajectory import trajectory
from course_lib.page.levels import level_lines, shades
from course_lib.page.scene import Scene
from course_lib.pathologies.optimizers import OPTIMIZERS, SURFACES, VALLEY
from course_lib.pathologies.race import FACTORS, FAR, LOOKS, race_player

LRS = {
    "long valley": [0.42, 0.042, 0.32, 3.2, 0.056, 0.24],
    "saddle": [0.42, 0.24, 0.32, 0.75, 0.032, 0.042],
    "Beale’s function": [0.032, 0.0032, 0.0042, 2.4, 0.024, 0.42],
}
STEPS = 30


@pytest.fixture(scope="module")
def player():
    return race_player(SURFACES, LRS, STEPS, still=("long valley", "× 1", 15))


def visited(name, lr, steps=STEPS):
    make = OPTIMIZERS[name]
    try:
        return trajectory(lambda p: make(p, lr), VALLEY.gradient, VALLEY.start, steps)
    except FloatingPointError as overflow:
        return overflow.path


# --- what is stored -----------------------------------------------------------------


def test_every_optimizer_has_a_look_of_its_own():
    assert list(OPTIMIZERS) == list(LOOKS)
    colors, _, heads = zip(*LOOKS.values(), strict=True)
    assert len(set(colors)) == len(set(heads)) == len(LOOKS)


def test_the_lines_are_the_trajectories(player):
    """The pixels of a path are where the optimizer was, to a tenth."""
    html = player._repr_html_()
    tracks = json.loads(re.search(r"<script[^>]*>(.*?)</script>", html, re.S)[1])
    (stored,) = [t[2] for t in tracks["tracks"] if t[:2] == ["Adam", "points"]]
    low, high = np.array(VALLEY.limits, dtype=float).T
    for factor, points in zip(FACTORS.values(), stored, strict=False):
        pixels = np.array([p.split(",") for p in points.split()], dtype=float)
        unit = (visited("Adam", factor * 0.24) - low) / (high - low)
        expected = player.scene.plot.place(unit)
        np.testing.assert_allclose(pixels, expected, rtol=0, atol=0.0501)


def test_the_page_stays_small():
    whole = race_player(SURFACES, LRS, 100, still=("long valley", "× 1", 15))
    assert len(whole.frames) == 3 * 5 * 101
    assert len(whole._repr_html_().encode()) < 350_000


def test_the_height_of_each_stands_beside_its_name(player):
    readings = {}
    for number, frame in enumerate(player.frames):
        surface, rest = divmod(number, 5 * (STEPS + 1))
        factor, step = divmod(rest, STEPS + 1)
        readings[surface, factor, step] = frame["readings"]
    assert set(readings[0, 2, 0].values()) == {"10.50"}
    assert set(readings[2, 4, 0].values()) == {"41.25"}
    for name, lr in zip(LOOKS, LRS["long valley"], strict=True):
        height = VALLEY.gap(visited(name, lr)[15])
        assert readings[0, 2, 15][name] == f"{height:.2f}"
    last = readings[0, 4, 30]
    assert [name for name in LOOKS if last[name] == "out"] == ["SGD", "Nesterov"]


def test_what_is_darker_is_higher():
    grey = shades(VALLEY.value, *VALLEY.limits)
    low, high = np.array(VALLEY.limits, dtype=float).T
    at = np.stack(np.meshgrid(*np.linspace(low, high, len(grey)).T), axis=-1)
    order = VALLEY.value(at).ravel().argsort()
    assert (np.diff(grey.ravel()[order]) > -1e-9).all()
    assert grey.min() == 0 and grey.max() > 0.95


def test_who_runs_away_is_cut_far_outside_in_the_right_direction(player):
    """SGD at ten times its rate jumps ever farther across the valley."""
    path = player.frames[4 * (STEPS + 1)]["SGD"]["points"]
    assert np.isfinite(path).all()
    assert 1 < len(path) <= STEPS
    assert FAR / 2 < np.abs(path[-1]).max() < 2 * FAR
    true = visited("SGD", 4.2, len(path) - 1)
    ours, theirs = path[-1] - path[-2], (true[-1] - true[-2]) / [8, 6]
    np.testing.assert_allclose(
        ours / np.hypot(*ours), theirs / np.hypot(*theirs), atol=1e-9
    )


def test_who_jumps_far_and_comes_back_is_shown(player):
    """AdaGrad at ten times its rate, in the valley: out by 30, and back."""
    frame = player.frames[4 * (STEPS + 1) + STEPS]
    assert len(frame["AdaGrad"]["points"]) == STEPS + 1
    assert frame["AdaGrad"]["points"][1].max() > 3
    assert frame["readings"]["AdaGrad"] == "0.00"


def test_lines_of_equal_height_keep_their_height():
    for surface in SURFACES.values():
        lines = level_lines(surface.value, *surface.limits)
        assert len(lines) >= 12
        for line in lines:
            heights = surface.gap(line)
            assert np.ptp(heights) < 0.2 * (1 + heights.mean())


def test_lines_are_thinned_to_what_the_eye_needs():
    def distance(x):
        return np.hypot(x[..., 0], x[..., 1])

    (circle,) = level_lines(distance, (-1, 1), (-1, 1), [0.5])
    assert len(circle) < 80
    np.testing.assert_allclose(distance(circle), 0.5, atol=2e-3)
    middles = (circle[1:] + circle[:-1]) / 2
    np.testing.assert_allclose(distance(middles), 0.5, atol=6e-3)


# --- in a browser -------------------------------------------------------------------


@pytest.fixture
def open_page(page_of, player):
    return partial(page_of, player)


def head(page, name):
    return page.locator(f'[data-on="{name}"]')


def last_point(page, name):
    points = page.locator(f'[data-name="{name}"]').first.get_attribute("points")
    return points.split(" ")[-1]


def now(page):
    return page.locator(".player-heard").text_content()


def translated(point):
    """Where a point of the unit square lies."""
    scene = Scene(520, 380, xlabel="$x_1$", ylabel="$x_2$")
    return f"translate({scene.plot.pairs(point)})"


def test_it_opens_at_the_start(open_page):
    page = open_page()
    assert now(page).startswith("step 0, SGD 10.50, ")
    start = translated([1 / 8, 1 / 6])
    assert head(page, "Adam").get_attribute("transform") == start
    assert page.get_by_role("combobox", name="surface").input_value() == "0"


def test_heads_sit_at_the_ends_of_their_lines(open_page):
    page = open_page()
    page.get_by_role("button", name="Play").focus()
    for key in ("ArrowRight", "ArrowRight", "End", "ArrowLeft"):
        page.keyboard.press(key)
        for name in LOOKS:
            at = f"translate({last_point(page, name)})"
            assert head(page, name).get_attribute("transform") == at
    assert now(page).startswith("step 29, ")


def test_surface_and_rates_are_chosen_by_keyboard(open_page):
    page = open_page()
    page.get_by_label("step", exact=True).fill("12")
    ticks = page.locator('[data-name="ground"]')
    before, ground = last_point(page, "Adam"), ticks.inner_html()
    page.get_by_role("combobox", name="learning rates").focus()
    page.keyboard.press("ArrowDown")
    faster = last_point(page, "Adam")
    assert faster != before
    assert ticks.inner_html() == ground
    page.get_by_role("combobox", name="surface").focus()
    page.keyboard.press("ArrowDown")
    assert ticks.inner_html() != ground
    assert now(page).startswith("step 12, ")
    assert page.get_by_role("combobox", name="surface").input_value() == "1"


def test_play_moves_all(open_page):
    page = open_page()
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(1000)
    assert int(page.get_by_label("step", exact=True).input_value()) > 2
    page.get_by_role("button", name="Pause").click()
    moved = {head(page, name).get_attribute("transform") for name in LOOKS}
    assert len(moved) == len(LOOKS)


def test_an_optimizer_is_hidden_with_its_head(open_page):
    page = open_page()
    page.get_by_label("Adam", exact=True).uncheck()
    page.get_by_role("button", name="Step forward").click()
    assert head(page, "Adam").is_hidden()
    assert page.locator('[data-name="Adam"]').is_hidden()
    assert head(page, "SGD").is_visible()
    page.get_by_label("Adam", exact=True).check()
    assert head(page, "Adam").is_visible()


def test_the_legend_shows_line_and_head(open_page):
    page = open_page()
    swatches = page.locator(".player-groups svg")
    assert swatches.count() == len(LOOKS)
    for k, name in enumerate(LOOKS):
        drawn = swatches.nth(k).locator("path")
        shape = head(page, name).get_attribute("d")
        assert drawn.count() == 2
        assert drawn.nth(1).get_attribute("d") == shape
        assert drawn.nth(1).get_attribute("transform") == "translate(14,4)"
        assert drawn.nth(1).get_attribute("data-on") is None
    dashes = {swatches.nth(k).inner_html().split("dasharray")[1][:9] for k in range(5)}
    assert len(dashes) == 5


@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_sticks_out(open_page, width):
    page = open_page(viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("button, select, input[type=range], label").all():
        assert control.bounding_box()["height"] >= 44


def test_without_scripts_the_still_shows_all(open_page):
    page = open_page(java_script_enabled=False)
    image = page.locator("figure > img")
    assert image.evaluate("image => image.naturalWidth") == 520
    picture = image.get_attribute("src")
    for name in LOOKS:
        (points,) = re.findall(f"data-name='{name}' points='([^']*)'", picture)
        (at,) = re.findall(f"data-on='{name}' .*?translate.([^)]*)", picture)
        assert at == points.split()[-1] not in translated([1 / 8, 1 / 6])
    assert "All six start in the ring" in page.locator("figcaption").inner_text()
    assert "after 15 steps: SGD 0.18, " in image.get_attribute("alt")


def test_on_paper_the_still_is_seen(open_page):
    page = open_page()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert now(page).startswith("step 15, ")
    assert page.get_by_role("button", name="Play").is_hidden()
    assert page.locator(".player-groups svg").first.is_visible()


def test_a_frame_that_the_reader_chose_is_printed(open_page):
    page = open_page()
    page.get_by_label("step", exact=True).fill("7")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert now(page).startswith("step 7, ")
