"""What the page on scales and augmentation says."""

import functools

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.datasets import digits, wine
from course_lib.regularization.data import (
    MinMaxScaler,
    RandomAugmenter,
    StandardScaler,
    shift,
)
from course_lib.training import accuracy, fit, predict
from tests.definitions import definitions

SEEDS = range(5, 10)  # other ones than the page's
DATA, LOSS = digits(), nn.CrossEntropyLoss()

page = definitions("regularization/data")
page.data, page.loss = DATA, LOSS
page.X, page.Y = wine()


@np.errstate(over="ignore", invalid="ignore")
def right(rate, make=lambda: None, **how):
    """The share of unseen wines named right, for each seed; 0 where it ran away."""
    found = []
    for seed in SEEDS:
        try:
            found.append(page.learn(*page.wines(seed, make()), rate, **how))
        except FloatingPointError:
            found.append(0.0)
    return np.array(found)


def test_raw_units_have_no_good_rate_and_scaled_ones_have():
    raw = [right(10.0**k).mean() for k in range(-5, -1)]
    assert max(raw) < 0.75
    for make in (MinMaxScaler, StandardScaler):
        assert right(0.1, make).min() > 0.9
        assert right(1.0, make).min() > 0.85
    assert right(0.01, StandardScaler).mean() > right(0.01, MinMaxScaler).mean() + 0.2


def test_time_and_adam_help_on_raw_units():
    sgd, adam = right(1e-5, epochs=300), right(1e-3, epochs=300, Optimizer=optim.Adam)
    assert 0.4 < sgd.mean() < 0.8 and 0.88 < adam.mean() < 1
    assert (sgd < right(0.1, StandardScaler)).all()


def test_the_condition_numbers_span_six_powers_of_ten():
    for seed in SEEDS:
        kappa = [
            np.linalg.cond(np.insert(page.wines(seed, scaler)[0], 0, 1, axis=1)) ** 2
            for scaler in (None, MinMaxScaler(), StandardScaler())
        ]
        assert kappa[0] > 1e8 and kappa[1] < 2000 and kappa[2] < 100


def test_a_delivery_of_one_grape_must_keep_the_scale_of_training():
    known, own = [], []
    for seed in SEEDS:
        scaler = StandardScaler()
        x, y, x_test, y_test = page.wines(seed, scaler)
        model = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3))
        optimizer = optim.SGD(model.parameters(), 0.1)
        fit(model, LOSS, optimizer, x, y, epochs=30, batch_size=16)
        one, grape = x_test[y_test == 1], y_test[y_test == 1]
        known.append(accuracy(model, one, grape))
        own.append(accuracy(model, StandardScaler().fit(one).transform(one), grape))
    assert min(known) > 0.85 and np.mean(own) < 0.65


def test_lost_decimal_points_hurt_min_max_most():
    spreads, found = {}, {}
    for make in (MinMaxScaler, StandardScaler):
        rows = []
        for seed in SEEDS:
            x, y, x_test, y_test = page.wines(seed)
            x[range(13), range(13)] *= 100
            scaler = make().fit(x)
            x, x_test = scaler.transform(x), scaler.transform(x_test)
            manual_seed(seed)
            share = page.learn(x, y, x_test, y_test, 0.3)
            rows.append([share, np.delete(x[:, 12], 12).std()])
        found[make], spreads[make] = np.mean(rows, axis=0)
    assert spreads[MinMaxScaler] < 0.01 and spreads[StandardScaler] < 0.1
    assert found[MinMaxScaler] < 0.5 < found[StandardScaler] < 0.9


def test_one_constant_for_all_pixels_is_enough():
    found = {}
    for way in ("raw", "divided by 16", "each by itself"):
        rates = [
            np.mean([page.learn(*page.pixels(way, s), rate) for s in SEEDS])
            for rate in (0.03, 0.1, 0.3)
        ]
        found[way] = max(rates)
    assert min(found.values()) > 0.87
    assert max(found.values()) - found["divided by 16"] < 0.02


WAYS = {
    "none": RandomAugmenter(),
    "shift": RandomAugmenter(pixels=1),
    "turn": RandomAugmenter(degrees=15),
    "noise": RandomAugmenter(std=0.3),
    "all": RandomAugmenter(degrees=15, pixels=1, std=0.3),
    "turn anyhow": RandomAugmenter(degrees=180),
}
CAMERA = RandomAugmenter(15, 1, rng=np.random.default_rng(1))
WORLDS = {
    "centred": (DATA.x_train, DATA.x_test),
    "camera": (CAMERA(DATA.x_train), CAMERA(DATA.x_test)),
}
page.worlds = WORLDS


@functools.cache
def reader(world, way, seed):
    """A network that has learned 100 digits and 19 changed copies of each."""
    return page.read(world, WAYS[way], seed)


def gain(world, way):
    """Points of accuracy against the same digits and weights without augmentation."""
    x, y = WORLDS[world][1], DATA.y_test
    found = [
        [accuracy(reader(world, w, s), x, y) for s in SEEDS] for w in (way, "none")
    ]
    return 100 * np.subtract(*found)


def test_shifts_gain_most_in_the_world_of_the_camera():
    shifts = gain("camera", "shift")
    assert shifts.min() > 10
    for way in ("turn", "noise", "all"):
        assert shifts.mean() > gain("camera", way).mean() + 3


@pytest.mark.parametrize("way", ["turn", "noise"])
def test_turns_and_noise_change_little_on_centred_digits(way):
    gains = gain("centred", way)
    assert -2 < gains.mean() < 2 and gains.min() < 0 < gains.max()


def test_shifts_gain_nothing_on_centred_digits_and_teach_invariance():
    gains = gain("centred", "shift")
    assert -4 < gains.mean() < 1 and gains.min() < 0
    for seed in SEEDS:
        for dx in (-1, 1):
            x = shift(DATA.x_test, dx, 0)
            plain, taught = (
                accuracy(reader("centred", way, seed), x, DATA.y_test)
                for way in ("none", "shift")
            )
            assert taught > plain + 0.25


def test_turning_by_any_angle_ruins_sixes_and_nines():
    is_69 = np.isin(DATA.y_test, (6, 9))
    x, y = DATA.x_test[is_69], DATA.y_test[is_69]

    def means(way):
        read = [predict(reader("centred", way, seed), x) for seed in SEEDS]
        return np.mean([r == y for r in read]), np.mean([r == 15 - y for r in read])

    for harmless in ("none", "turn"):
        right, exchanged = means(harmless)
        assert right > 0.88 and exchanged < 0.02
    right, exchanged = means("turn anyhow")
    assert 0.4 < right < 0.8 and exchanged > 0.03
