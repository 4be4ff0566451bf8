"""What the page on scales and augmentation says."""

import functools

import numpy as np
import pytest
from sklearn.datasets import load_wine

from course_lib import manual_seed, nn, optim
from course_lib.datasets import digits
from course_lib.regularization.data import (
    MinMaxScaler,
    RandomAugmenter,
    StandardScaler,
    shift,
)
from course_lib.regularization.evaluation import train_test_split
from course_lib.training import accuracy, fit, predict

SEEDS = range(5, 10)  # other ones than the page's
DATA, LOSS = digits(), nn.CrossEntropyLoss()
X, Y = load_wine(return_X_y=True)


def wines(seed, scaler=None, spoil=False):
    rng = manual_seed(seed)
    x, x_test, y, y_test = train_test_split(X, Y, test_size=54, stratify=Y, rng=rng)
    if spoil:
        x[range(13), range(13)] *= 100
    if scaler is not None:
        x, x_test = scaler.fit(x).transform(x), scaler.transform(x_test)
    return x, y, x_test, y_test


@np.errstate(over="ignore", invalid="ignore")
def trained(x, y, rate, Optimizer=optim.SGD, epochs=30):
    model = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 10))
    optimizer = Optimizer(model.parameters(), rate)
    fit(model, LOSS, optimizer, x, y, epochs=epochs, batch_size=16)
    return model


def right(rate, make=lambda: None, **how):
    """The share of unseen wines named right, for each seed; 0 where it ran away."""
    found = []
    for seed in SEEDS:
        x, y, x_test, y_test = wines(seed, make())
        try:
            found.append(accuracy(trained(x, y, rate, **how), x_test, y_test))
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
    sgd, adam = right(1e-4, epochs=300), right(1e-3, epochs=300, Optimizer=optim.Adam)
    assert 0.5 < sgd.mean() < 0.85 and 0.88 < adam.mean() < 1
    assert (sgd < right(0.1, StandardScaler)).all()


def test_the_condition_numbers_span_six_powers_of_ten():
    for seed in SEEDS:
        kappa = [
            np.linalg.cond(np.insert(wines(seed, scaler)[0], 0, 1, axis=1)) ** 2
            for scaler in (None, MinMaxScaler(), StandardScaler())
        ]
        assert kappa[0] > 1e8 and kappa[1] < 2000 and kappa[2] < 100


def test_a_delivery_of_one_grape_must_keep_the_scale_of_training():
    known, own = [], []
    for seed in SEEDS:
        scaler = StandardScaler()
        x, y, x_test, y_test = wines(seed, scaler)
        model = trained(x, y, 0.1)
        one, grape = x_test[y_test == 1], y_test[y_test == 1]
        known.append(accuracy(model, one, grape))
        own.append(accuracy(model, StandardScaler().fit_transform(one), grape))
    assert min(known) > 0.85 and np.mean(own) < 0.65


def test_lost_decimal_points_hurt_min_max_most():
    spreads, found = {}, {}
    for make in (MinMaxScaler, StandardScaler):
        rows = []
        for seed in SEEDS:
            x, y, x_test, y_test = wines(seed, make(), spoil=True)
            manual_seed(seed)
            model = trained(x, y, 0.3)
            spread = np.delete(x[:, 12], 12).std()
            rows.append([accuracy(model, x_test, y_test), spread])
        found[make], spreads[make] = np.mean(rows, axis=0)
    assert spreads[MinMaxScaler] < 0.01 and spreads[StandardScaler] < 0.1
    assert found[MinMaxScaler] < 0.5 < found[StandardScaler] < 0.9


def test_one_constant_for_all_pixels_is_enough():
    def best(way):
        rates = {}
        for rate in (0.03, 0.1, 0.3):
            runs = []
            for seed in SEEDS:
                few = manual_seed(seed).permutation(len(DATA.x_train))[:200]
                x, x_test = way(16 * DATA.x_train[few]), way(16 * DATA.x_test)
                try:
                    model = trained(x, DATA.y_train[few], rate)
                    runs.append(accuracy(model, x_test, DATA.y_test))
                except FloatingPointError:
                    runs.append(0.0)
            rates[rate] = np.mean(runs)
        return max(rates.values())

    raw, divided = best(lambda x: x), best(lambda x: x / 16)
    each = best(StandardScaler().fit(16 * DATA.x_train).transform)
    assert min(raw, divided, each) > 0.87
    assert max(raw, divided, each) - divided < 0.02


WAYS = {
    "none": {},
    "shift": {"pixels": 1},
    "turn": {"degrees": 15},
    "noise": {"std": 0.3},
    "all": {"degrees": 15, "pixels": 1, "std": 0.3},
    "turn anyhow": {"degrees": 180},
}
CAMERA = RandomAugmenter(15, 1, rng=np.random.default_rng(1))
WORLDS = {
    "centred": (DATA.x_train, DATA.x_test),
    "camera": (CAMERA(DATA.x_train), CAMERA(DATA.x_test)),
}


@functools.cache
def reader(world, way, seed):
    """A network that has learned 100 digits and 19 changed copies of each."""
    few = manual_seed(seed).permutation(len(DATA.x_train))[:100]
    augment, x = RandomAugmenter(**WAYS[way]), WORLDS[world][0][few]
    x = np.concatenate([x, *(augment(x) for _ in range(19))])
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    y = np.tile(DATA.y_train[few], 20)
    fit(model, LOSS, optimizer, x, y, epochs=20, batch_size=100)
    return model


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
