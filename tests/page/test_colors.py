"""The colours of the book: seen on both grounds, by every eye, by every name."""

import re
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_lib.page import colors, plot
from course_lib.page.plot.style import MARKERS

THEMES = [
    dict(re.findall(r"--book-(\w+): (#\w{6});", part))
    for part in colors.CSS.split("html[")
]
HUES = list(colors.COLORS)[:7]
# What is left of red, green and blue without the cones for red, or for green; Machado,
# Oliveira & Fernandes (2009).
EYES = {
    "all cones": np.eye(3),
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def light(code):
    """Red, green and blue as amounts of light."""
    c = np.array(to_rgb(code))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE 1976 L*a*b*, in which distances are about those that are seen."""
    to_xyz = [
        [0.4339, 0.3762, 0.1899],
        [0.2126, 0.7152, 0.0722],
        [0.0178, 0.1095, 0.8729],
    ]
    t = np.clip(to_xyz @ rgb, 0, 1)
    x, y, z = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_has_contrast_with_the_ground(theme):
    shares = {
        name: light(code) @ [0.2126, 0.7152, 0.0722] for name, code in theme.items()
    }
    for name in [*HUES, "ink"]:
        low, high = sorted([shares[name], shares["paper"]])
        assert (high + 0.05) / (low + 0.05) >= 3, name


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", THEMES)
def test_no_two_colours_look_alike(theme, eye):
    seen = {name: lab(EYES[eye] @ light(theme[name])) for name in HUES}
    for a, b in combinations(HUES, 2):
        assert np.linalg.norm(seen[a] - seen[b]) > 15, (a, b)


def test_both_themes_have_all_colours_and_no_code_stands_twice():
    assert THEMES[0] == colors.COLORS and THEMES[0].keys() == THEMES[1].keys()
    assert len(set(colors.COLORS.values())) == len(colors.COLORS)


def test_0_and_1_look_alike_in_figures_and_in_players():
    for label, (name, marker) in enumerate(colors.CLASSES):
        assert plot.PALETTE[label] == plot.color(name)
        assert {"o": "circle", "s": "square"}[MARKERS[label]] == marker
        assert colors.class_look(label) == {"color": name, "marker": marker}


def test_figures_take_the_colours_in_their_order():
    cycle = plt.rcParams["axes.prop_cycle"].by_key()
    assert cycle["color"] == list(plot.PALETTE) == [plot.color(name) for name in HUES]
    assert len(set(map(str, cycle["linestyle"]))) == 7
