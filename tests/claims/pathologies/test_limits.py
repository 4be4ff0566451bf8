"""What the page on the limits before 2010 says, over seeds of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from course_lib import manual_seed, nn
from course_lib.backprop.gradient_descent import descend
from course_lib.datasets import digits, fashion_mnist
from course_lib.pathologies.local_optima import LANDSCAPES
from course_lib.pathologies.relu_and_shortcuts import deep_network
from course_lib.pathologies.vanishing_gradients import factor_per_layer
from tests.definitions import definitions

page = definitions("pathologies/limits")
SEEDS = range(10, 13)  # not those of the page
NUMBERS = (50, 500, 10_000)


@pytest.fixture(scope="module")
def errors():
    """Shares of test errors, shape (seeds, numbers), for both learners."""
    page.data, page.numbers = fashion_mnist(), NUMBERS
    page.judge = page.data.x_test[:5000].astype(float), page.data.y_test[:5000]
    return {
        make.__name__: 1
        - np.array([[page.test_accuracy(make, n, s) for n in NUMBERS] for s in SEEDS])
        for make in (page.linear, page.network)
    }


def test_more_pictures_fewer_errors_from_every_draw(errors):
    for runs in errors.values():
        assert (np.diff(runs, axis=1) < 0).all()


def test_the_exponent_is_about_a_quarter_or_more_at_first_and_shrinks(errors):
    for runs in errors.values():
        parts = slice(0, 2), slice(1, 3), slice(0, 3)
        first, then, whole = (page.exponent(runs, part) for part in parts)
        assert 0.2 < first < 0.4
        assert 0.05 < then < 0.18
        assert 0.12 < whole < 0.23


def test_the_hidden_layer_pays_with_many_pictures_only(errors):
    gain = errors["linear"] - errors["network"]
    assert abs(gain[:, 0].mean()) < 0.03
    assert gain[:, -1].min() > 0.005


def test_descent_stops_in_the_nearest_valley():
    land = LANDSCAPES["two valleys"]
    left, right = (descend(land.gradient, s, 0.05, 100)[-1] for s in (-1.5, 1.5))
    assert abs(left + 1.057) < 0.001 and abs(right - 0.930) < 0.001
    assert land.value(right) > land.value(left) + 0.9


@pytest.mark.parametrize(("κ", "expected"), [(1, 1), (10, 35), (50, 173), (100, 346)])
def test_a_ravine_costs_steps(κ, expected):
    assert page.steps_needed(κ) == expected
    if κ > 1:
        factor = (κ - 1) / (κ + 1)
        assert expected == math.ceil(math.log(0.001) / math.log(factor))


@pytest.mark.parametrize(
    ("unit", "size", "power", "factor"),
    [(nn.Sigmoid, 1, (-17, -15), (0.1, 0.2)), (nn.Tanh, 8, (3, 4.5), (1.4, 1.8))],
)
def test_gradients_vanish_and_explode_in_twenty_layers(unit, size, power, factor):
    data = digits()
    page.x, page.y = data.x_train[:200], data.y_train[:200]
    for seed in SEEDS:
        lengths = page.lengths(unit, size, seed)
        assert len(lengths) == 20
        assert power[0] < np.log10(lengths[0] / lengths[-1]) < power[1]
        assert factor[0] < factor_per_layer(lengths) < factor[1]


def test_a_step_leaves_the_first_layer_of_twenty_sigmoids_as_it_was():
    data = digits()
    for seed in SEEDS:
        manual_seed(seed)
        model = deep_network((64, 32, 10), 20, nn.Sigmoid)
        nn.CrossEntropyLoss()(model(data.x_train[:200]), data.y_train[:200]).backward()
        layers = [m for m in model if isinstance(m, nn.Linear)]

        def changed(layer):
            weights, gradient = layer.weight.data, layer.weight.grad
            return (weights - gradient != weights).mean()

        assert changed(layers[0]) < 0.1
        assert changed(layers[-1]) > 0.99
