"""What the page on ReLU, Leaky ReLU and shortcuts says, from other seeds."""

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.datasets import digits
from course_lib.pathologies.relu_and_shortcuts import deep_network
from course_lib.pathologies.vanishing_gradients import by_layer
from course_lib.training import accuracy, fit

SEEDS = range(5, 8)
DATA, LOSS = digits(), nn.CrossEntropyLoss()
X, Y = DATA.x_train[:64], DATA.y_train[:64]
HE, SHORT = {"init": nn.init.kaiming_normal_}, {"shortcuts": True}


def leaky():
    return nn.LeakyReLU(0.03)


def build(seed, activation=nn.ReLU, depth=30, **settings):
    manual_seed(seed)
    return deep_network((64, 32, 10), depth, activation, **settings)


def train(model, make=optim.Adam, lr=0.001):
    optimizer = make(model.parameters(), lr=lr)
    fit(model, LOSS, optimizer, DATA.x_train, DATA.y_train, epochs=10, batch_size=96)
    return accuracy(model, DATA.x_test, DATA.y_test)


def trials(*names, seeds=SEEDS, **settings):
    return np.array([train(build(seed, *names, **settings)) for seed in seeds])


def hidden(model):
    layers = by_layer(model, LOSS, X, Y)
    return [a for a in layers if a.kind in ("Linear", "Residual")][:-1]


@pytest.mark.parametrize("seed", range(5, 10))
def test_thirty_sigmoid_layers_make_all_digits_the_same(seed):
    model = build(seed, nn.Sigmoid)
    assert np.ptp(model(DATA.x_test).data, axis=0).max() < 1e-12
    layers = hidden(model)
    assert layers[10].signal < 1e-7 * layers[0].signal
    assert layers[0].gradient < 1e-22 * layers[-1].gradient


@pytest.mark.parametrize(
    ("make", "lr"),
    [(optim.SGD, 0.1), (optim.SGD, 3.0), (optim.Adam, 0.03)],
)
def test_no_rate_and_no_optimizer_trains_them(make, lr):
    model = build(5, nn.Sigmoid)
    assert train(model, make, lr) < 0.2
    answers = model(DATA.x_test).data.argmax(axis=1)
    assert (answers == answers[0]).all()  # all digits get one name


def test_which_networks_of_thirty_layers_learn():
    xavier = trials(seeds=(5, 6), init=nn.init.xavier_normal_)
    deep = [build(seed, **HE) for seed in SEEDS]
    he = np.array([train(model) for model in deep])
    leaky_he = trials(leaky, seeds=(5, 6), **HE)
    shortcuts, exploding = trials(**SHORT), trials(seeds=(5, 6), **HE, **SHORT)
    scaled = trials(seeds=(5, 6), **HE, **SHORT, scale=28**-0.5)
    assert trials(seeds=(5, 6)).max() < 0.15
    assert xavier.mean() < he.mean() - 0.15
    assert abs(he.mean() - leaky_he.mean()) < 0.15
    assert max(he.max(), leaky_he.max()) < shortcuts.min()
    assert shortcuts.min() > 0.85
    assert 0.5 < trials(nn.Sigmoid, seeds=(5, 6), **SHORT).max() < shortcuts.min()
    assert exploding.max() < 0.4
    assert scaled.min() > 0.85 and abs(scaled.mean() - shortcuts.mean()) < 0.04
    shallow = [build(seed, depth=3) for seed in SEEDS]
    right = np.array([train(model) for model in shallow])
    assert max(he.max(), leaky_he.max()) < right.min()
    assert right.mean() < shortcuts.mean() - 0.02
    fitted = [
        np.mean([accuracy(model, DATA.x_train, DATA.y_train) for model in models])
        for models in (deep, shallow)
    ]
    assert fitted[0] < fitted[1] - 0.05  # degradation: on the training digits, too


def test_sigmoids_learn_little_from_a_large_start():
    def large(w):
        nn.init.normal_(w, std=8 / np.sqrt(w.shape[1]))

    found = trials(nn.Sigmoid, init=large, seeds=(5, 6))
    assert found.max() < 0.4


@pytest.mark.parametrize(
    ("activation", "settings", "squared"),
    [
        (nn.Sigmoid, {}, 0.02),
        (nn.ReLU, {}, 1 / 6),
        (nn.ReLU, HE, 1.0),
        (nn.ReLU, HE | {"scale": 28**-0.5}, 1 / 28),
    ],
)
def test_through_shortcuts_gradients_grow_as_expected(activation, settings, squared):
    growth = []
    for seed in range(5, 15):
        layers = hidden(build(seed, activation, **SHORT, **settings))
        growth.append(layers[0].gradient / layers[-1].gradient)
    per_block = np.exp(np.log(growth).mean() / 28)
    np.testing.assert_allclose(per_block, np.sqrt(1 + squared), rtol=0.04)
    assert min(growth) > 1


def dead_and_right(unit, lr, seed):
    manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 32), unit, nn.Linear(32, 10))
    optimizer, x, y = optim.SGD(model.parameters(), lr), DATA.x_train, DATA.y_train
    fit(model, LOSS, optimizer, x, y, epochs=10, batch_size=32)
    return by_layer(model, LOSS, x, y)[1].dead, accuracy(
        model, DATA.x_test, DATA.y_test
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_dead_units(seed):
    dead, right = dead_and_right(nn.ReLU(), 0.2, seed)
    none, same = dead_and_right(leaky(), 0.2, seed)
    assert dead < 0.2 and none == 0 and abs(right - same) < 0.03
    dead, right = dead_and_right(nn.ReLU(), 1.5, seed)
    assert dead > 0.9 and right < 0.3
    none, right = dead_and_right(leaky(), 1.5, seed)
    assert none == 0 and right > 0.7
