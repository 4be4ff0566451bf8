"""What the page on ReLU, Leaky ReLU and shortcuts says, from other seeds."""

import numpy as np
import pytest

from course_lib import nn, optim
from course_lib.datasets import digits
from course_lib.training import accuracy, fit
from tests.definitions import definitions

SEEDS = range(5, 8)
page = definitions("pathologies/relu_and_shortcuts")
DATA = page.data = digits()
LOSS = page.loss = nn.CrossEntropyLoss()
page.x, page.y = DATA.x_train[:64], DATA.y_train[:64]
S, HE, SHORT = (
    {"activation": nn.Sigmoid},
    {"init": nn.init.kaiming_normal_},
    {"shortcuts": True},
)
page.NETWORKS = {
    "sigmoid": S,
    "sigmoid, large": S | {"init": page.large},
    "sigmoid, shortcuts": S | SHORT,
    "ReLU": {},
    "ReLU, Xavier": {"init": nn.init.xavier_normal_},
    "ReLU, He": HE,
    "Leaky ReLU, He": HE | {"activation": page.leaky},
    "ReLU, shortcuts": SHORT,
    "ReLU, He, shortcuts": SHORT | HE,
    "… scaled": SHORT | HE | {"scale": 28**-0.5},
    "ReLU, 3 layers": {"depth": 3},
}


def right(model):
    return accuracy(model, DATA.x_test, DATA.y_test)


def trials(name, seeds=SEEDS):
    """The trained networks, and their shares of right test digits."""
    models = []
    for seed in seeds:
        models.append(page.build(name, seed))
        page.train(models[-1])
    return models, np.array([right(model) for model in models])


@pytest.mark.parametrize("seed", range(5, 10))
def test_thirty_sigmoid_layers_make_all_digits_the_same(seed):
    model = page.build("sigmoid", seed)
    assert np.ptp(model(DATA.x_test).data, axis=0).max() < 1e-12
    layers = page.hidden(model)
    assert layers[10].signal < 1e-7 * layers[0].signal
    assert layers[0].gradient < 1e-22 * layers[-1].gradient


@pytest.mark.parametrize(
    ("make", "lr"),
    [(optim.SGD, 0.1), (optim.SGD, 3.0), (optim.Adam, 0.03)],
)
def test_no_rate_and_no_optimizer_trains_them(make, lr):
    model = page.build("sigmoid", 5)
    optimizer = make(model.parameters(), lr=lr)
    fit(model, LOSS, optimizer, DATA.x_train, DATA.y_train, epochs=10, batch_size=96)
    assert right(model) < 0.2
    answers = model(DATA.x_test).data.argmax(axis=1)
    assert (answers == answers[0]).all()  # all digits get one name


def test_which_networks_of_thirty_layers_learn():
    _, xavier = trials("ReLU, Xavier", seeds=(5, 6))
    deep, he = trials("ReLU, He")
    _, leaky_he = trials("Leaky ReLU, He")
    _, shortcuts = trials("ReLU, shortcuts")
    _, exploding = trials("ReLU, He, shortcuts", seeds=(5, 6))
    _, scaled = trials("… scaled", seeds=(5, 6))
    _, sigmoids = trials("sigmoid, shortcuts", seeds=(5, 6))
    assert trials("ReLU", seeds=(5, 6))[1].max() < 0.15
    assert xavier.mean() < he.mean() - 0.15
    assert abs(he.mean() - leaky_he.mean()) < 0.2
    assert max(he.mean(), leaky_he.mean()) < shortcuts.mean() - 0.1
    assert shortcuts.min() > 0.85
    assert 0.5 < sigmoids.mean() < shortcuts.mean() - 0.05
    assert exploding.max() < 0.4
    assert scaled.min() > 0.85 and abs(scaled.mean() - shortcuts.mean()) < 0.04
    shallow, three = trials("ReLU, 3 layers")
    assert max(he.mean(), leaky_he.mean()) < three.mean() - 0.05
    assert three.mean() < shortcuts.mean() - 0.02
    fitted = [
        np.mean([accuracy(model, DATA.x_train, DATA.y_train) for model in models])
        for models in (deep, shallow)
    ]
    assert fitted[0] < fitted[1] - 0.05  # degradation: on the training digits, too


def test_sigmoids_learn_little_from_a_large_start():
    assert trials("sigmoid, large", seeds=(5, 6))[1].max() < 0.4


@pytest.mark.parametrize(
    ("name", "squared"),
    [
        ("sigmoid, shortcuts", 0.02),
        ("ReLU, shortcuts", 1 / 6),
        ("ReLU, He, shortcuts", 1.0),
        ("… scaled", 1 / 28),
    ],
)
def test_through_shortcuts_gradients_grow_as_expected(name, squared):
    growth = []
    for seed in range(5, 15):
        layers = page.hidden(page.build(name, seed))
        growth.append(layers[0].gradient / layers[-1].gradient)
    per_block = np.exp(np.log(growth).mean() / 28)
    np.testing.assert_allclose(per_block, np.sqrt(1 + squared), rtol=0.04)
    assert min(growth) > 1


def dead_and_right(unit, lr):
    runs = [page.dead_and_right(unit, lr, seed) for seed in range(5, 11)]
    return np.mean(runs, axis=0)


def test_dead_units():
    """In the mean over the starts: at 1.5 the last bit decides where each run ends."""
    dead, right = dead_and_right(nn.ReLU(), 0.2)
    none, same = dead_and_right(page.leaky(), 0.2)
    assert dead < 0.15 and none == 0 and abs(right - same) < 0.02
    dead, right = dead_and_right(nn.ReLU(), 1.5)
    assert dead > 0.8 and right < 0.3
    none, right = dead_and_right(page.leaky(), 1.5)
    assert none == 0 and right > 0.7
