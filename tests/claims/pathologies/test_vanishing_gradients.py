"""What the page on vanishing and exploding gradients says, from other seeds."""

from functools import cache

import numpy as np
import pytest

from course_lib import Tensor, nn
from tests.definitions import definitions

page = definitions("pathologies/vanishing_gradients")
SEEDS = range(20, 32)


def logistic(u):
    return 1 / (1 + np.exp(-u))


page.UNITS = UNITS = {
    "sigmoid": (logistic, lambda u: logistic(u) * (1 - logistic(u))),
    "tanh": (np.tanh, lambda u: 1 - np.tanh(u) ** 2),
    "ReLU": (lambda u: np.maximum(u, 0), lambda u: (u > 0) * 1.0),
}
MODULES = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "ReLU": nn.ReLU}


@pytest.mark.parametrize("unit", UNITS)
def test_the_lengths_are_those_of_the_tape(unit):
    """Drawn once more in the same order, and sent through the library's layers."""
    rng, n, f = np.random.default_rng(7), 6, MODULES[unit]()
    u, g = rng.normal(size=n), rng.normal(size=n)
    sums = [Tensor(u, requires_grad=True)]
    for _ in range(3):
        W = rng.normal(size=(n, n)) * (4 / n) ** 0.5
        sums.append(f(sums[-1]) @ W.T)
    sums[-1].backward(g)
    found = page.lengths(*UNITS[unit], 4, 4, n, 7)
    assert found[0] == pytest.approx(np.linalg.norm(sums[0].grad))
    assert found[-1] == pytest.approx(np.linalg.norm(g))


@cache
def factors(unit, size):
    return page.factor(unit, size, SEEDS)


def formula(unit, size, n=400, layers=12):
    """√(n Var(w) · mean f′²), with f′ in the sums of a wide random network."""
    f, slope = UNITS[unit]
    rng, found = np.random.default_rng(3), []
    u = rng.normal(size=n)
    for _ in range(layers):
        found.append(np.sqrt(size * np.mean(slope(u) ** 2)))
        u = rng.normal(size=(n, n)) * (size / n) ** 0.5 @ f(u)
    return np.exp(np.mean(np.log(found[2:])))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("size", [1 / 3, 2, 16])
def test_the_factor_is_that_of_the_formula(unit, size):
    assert factors(unit, size) == pytest.approx(formula(unit, size), rel=0.06)


def test_which_starts_let_the_gradient_through():
    assert factors("tanh", 1) == pytest.approx(0.9, abs=0.05)
    assert factors("ReLU", 2) == pytest.approx(1, abs=0.03)
    assert factors("sigmoid", 1 / 3) == pytest.approx(0.14, abs=0.005)
    assert factors("sigmoid", 64) < 0.95 and factors("ReLU", 4) > 1.3


def test_squashing_units_have_a_brake_and_relus_have_none():
    growth = {unit: factors(unit, 256) / factors(unit, 1) for unit in UNITS}
    assert growth["ReLU"] == pytest.approx(16, rel=0.05)
    assert 5 < growth["sigmoid"] < 6 and 2.5 < growth["tanh"] < 3.5


def test_larger_weights_hardly_help_one_unit_a_layer():
    left = [page.chain(w, 10) for w in np.linspace(0.5, 20, 200)]
    assert max(left) < 1e-5
    assert page.chain(2, 2) == pytest.approx(0.197, abs=5e-4)
    assert page.chain(1, 10) < 1e-6
    assert page.chain(8, 10) < page.chain(1, 10) < page.chain(2, 10)


def test_four_units_with_weights_of_one_half():
    W = np.full((4, 4), 0.5)
    assert ([1, 1, 1, 1] @ W == 2).all() and not ([1, -1, 1, -1] @ W).any()
    signs = np.random.default_rng(1).choice([-0.5, 0.5], size=(20_000, 4))
    assert np.mean(signs.sum(axis=1) ** 2) == pytest.approx(1, rel=0.05)
    even = np.random.default_rng(1).uniform(-1, 1, size=100_000) / 10
    assert 100 * even.var() == pytest.approx(1 / 3, rel=0.02)  # PyTorch's, n = 100


def test_a_fair_coin_makes_most_products_small():
    coins = np.random.default_rng(9).integers(2, size=(20_000, 50))
    products = np.where(coins, 1.5, 0.5).prod(axis=1)
    assert np.mean(products < 1) == pytest.approx(0.9675, abs=0.006)
    products = np.where(coins[:, :6], 1.5, 0.5).prod(axis=1)
    assert products.mean() == pytest.approx(1, abs=0.05)


def test_in_narrow_layers_the_typical_gradient_vanishes():
    narrow = page.arrived(10, range(100, 200))
    assert np.mean(narrow < 1) > 0.96 and np.median(narrow) < 3e-3
    wide = page.arrived(100, range(100, 160))
    assert 0.65 < np.mean(wide < 1) < 0.95 and 0.3 < np.median(wide) < 0.75


def test_a_cliff_throws_far_and_a_limit_helps():
    free, clipped = page.descend(np.inf), page.descend(1)
    assert free[1] - free[0] == pytest.approx(-1.09, abs=0.005)
    assert abs(free[-1] - free[1]) < 1e-9  # on the plain, where the slope is 0
    assert abs(clipped[-1] - 0.5**0.05) < 0.002


def test_clipping_is_that_of_the_library():
    w, path = nn.Parameter(1.05), page.descend(1)
    for k in range(100):
        w.grad = None
        ((w**20 - 0.5) ** 2).backward()
        nn.utils.clip_grad_norm_([w], 1)
        w.data = w.data - 0.005 * w.grad
        assert w.item() == pytest.approx(path[k + 1], rel=1e-5)
