"""What the page on representation says, of other functions and other seeds."""

import numpy as np
import pytest

from course_lib.nn.dense import logistic
from course_lib.perceptron.neuron import step
from course_lib.perceptron.representation import bumps
from tests.definitions import definitions

page = definitions("perceptron/representation")
page.grid = np.linspace(0, 1, 8193)
COUNTS = np.array([16, 32, 64, 128])
SMOOTH = {  # functions and their steepest slopes on [0, 1]
    "sine": (lambda x: np.sin(2 * np.pi * x), 2 * np.pi),
    "square": (lambda x: x**2, 2),
    "exp": (np.exp, np.e),
    "corner": (lambda x: np.abs(x - 0.3), 1),
    "line": (lambda x: 3 - x, 1),
}
SURFACES = {
    "hill": lambda a, b: np.exp(-8 * ((a - 0.4) ** 2 + (b - 0.6) ** 2)),
    "saddle": lambda a, b: a**2 - b**2,
    "wave": lambda a, b: np.sin(2 * np.pi * a) * np.cos(np.pi * b),
    "plane": lambda a, b: a - b,
}


def power(counts, errors):
    """The slope of a straight line through the logarithms."""
    return np.polyfit(np.log(counts), np.log(errors), 1)[0]


@pytest.mark.parametrize("seed", range(5, 10))
@pytest.mark.parametrize("depth", [2, 10, 50])
def test_linear_layers_collapse_to_one(depth, seed):
    assert page.difference(depth, seed) < 1e-12


@pytest.mark.parametrize("name", SMOOTH)
def test_error_keeps_the_bound_and_falls_with_slope_minus_one(name):
    y, steepest = SMOOTH[name]
    errors = [page.largest_error(y, n) for n in COUNTS]
    assert (errors <= steepest / (2 * COUNTS) * (1 + 1e-12)).all()
    assert power(COUNTS, errors) == pytest.approx(-1, abs=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_slope_for_random_sums_of_waves(seed):
    rng = np.random.default_rng(seed)
    heights, phases = rng.normal(size=3), rng.uniform(0, 6, size=3)
    waves = np.arange(1, 4) * np.pi

    def y(x):
        return np.sin(np.asarray(x)[..., None] * waves + phases) @ heights

    errors = [page.largest_error(y, n) for n in COUNTS]
    bound = (np.abs(heights) * waves).sum() / (2 * COUNTS)
    assert (errors <= bound).all()
    assert power(COUNTS, errors) == pytest.approx(-1, abs=0.1)


def test_the_root_converges_at_half_the_rate_and_a_jump_not_at_all():
    errors = [page.largest_error(np.sqrt, n) for n in COUNTS]
    assert power(COUNTS, errors) == pytest.approx(-0.5, abs=0.01)
    for place in (1 / 3, 0.3, 1 / np.sqrt(2)):
        errors = [page.largest_error(lambda x, a=place: step(x - a), n) for n in COUNTS]
        assert min(errors) == 1


@pytest.mark.parametrize("name", SMOOTH)
def test_steep_sigmoids_do_as_well_as_steps(name):
    y, _ = SMOOTH[name]
    steps = page.largest_error(y, 20)
    sigmoids = page.largest_error(y, 20, lambda u: logistic(640 * u))
    assert sigmoids == pytest.approx(steps, rel=0.01)


def test_soft_sigmoids_do_worse_on_the_sine():
    y, _ = SMOOTH["sine"]
    errors = [
        page.largest_error(y, 20, lambda u, s=s: logistic(s * u))
        for s in (10, 40, 160, 640)
    ]
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize("name", SURFACES)
def test_on_the_square_the_slope_is_near_minus_one_half(name):
    counts = np.array([8, 16, 32])
    errors = [page.worst_on_square(SURFACES[name], n) for n in counts]
    assert power(counts, errors) == pytest.approx(-1, abs=0.1)
    units = 4 * counts + counts**2
    assert -0.65 < power(units, errors) < -0.5


def test_outside_the_interval_the_network_knows_nothing():
    y, _ = SMOOTH["sine"]
    o = bumps(y, 64)
    beyond = np.linspace(1, 1.5, 201)
    assert np.ptp(o(beyond)) < 1e-12  # it stays as it was at 1
    assert np.abs(o(beyond) - y(beyond)).max() > 1
    assert page.largest_error(y, 64) < 0.05
