"""What the page on the limits before 2010 says, over seeds of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from course_lib import manual_seed, nn
from course_lib.backprop.gradient_descent import descend
from course_lib.datasets import digits
from course_lib.pathologies.local_optima import LANDSCAPES
from course_lib.pathologies.relu_and_shortcuts import deep_network
from course_lib.pathologies.vanishing_gradients import factor_per_layer
from tests.definitions import definitions

page = definitions("pathologies/limits")
SEEDS = range(10, 13)  # not those of the page


@pytest.fixture(scope="module", autouse=True)
def _data():
    page.data = digits()


def test_errors_fall_slowly_with_more_digits_and_reach_a_floor():
    e = np.array([[page.error(n, s) for n in (10, 100, 300, 1000)] for s in SEEDS])
    few, hundred, more, most = e.mean(axis=0)
    assert few > 0.3 > 0.15 > hundred > more
    assert abs(more - most) < 0.03


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


def test_gradients_vanish_in_twenty_layers():
    for seed in SEEDS:
        lengths = page.lengths(seed)
        assert len(lengths) == 20
        assert -17.5 < np.log10(lengths[0] / lengths[-1]) < -14.5
        assert 0.1 < factor_per_layer(lengths) < 0.2


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
