"""What the page on vanishing and exploding gradients says, from other seeds."""

import numpy as np
import pytest

from course_lib import manual_seed, nn
from course_lib.datasets import digits
from course_lib.nn.dense import relu, sigmoid, tanh
from course_lib.pathologies.relu_and_shortcuts import deep_network
from course_lib.pathologies.vanishing_gradients import (
    expected_factors,
    factor_per_layer,
)
from tests.definitions import definitions

page = definitions("pathologies/vanishing_gradients")
SEEDS = range(5, 10)
page.data = digits()
X, Y = page.x, page.y = page.data.x_train[:64], page.data.y_train[:64]
SPREAD = (X**2).sum(axis=1).mean() / 64
STARTS = {  # with n Var(w)
    "PyTorch's": (None, 1 / 3),
    "small": (page.normal(0.01), 0.01),
    "Xavier": (nn.init.xavier_normal_, 1),
    "He": (nn.init.kaiming_normal_, 2),
    "too large": (page.normal(4), 4),
    "64": (page.normal(64), 64),
    "256": (page.normal(256), 256),
}
UNITS = {
    "sigmoid": (nn.Sigmoid, sigmoid, 1 / 4),
    "tanh": (nn.Tanh, tanh, 1),
    "ReLU": (nn.ReLU, relu, 1),
}
page.STARTS = {name: init for name, (init, _) in STARTS.items()}
page.UNITS = {name: unit for name, (unit, *_) in UNITS.items()}


def network(unit, start, seed):
    manual_seed(seed)
    sizes, init = (64, 100, 10), page.STARTS[start]
    return deep_network(sizes, 50, page.UNITS[unit], init=init)


def factors(unit, start, seeds=SEEDS):
    runs = [page.hidden_layers(unit, start, seed=seed) for seed in seeds]
    return np.array([factor_per_layer([a.gradient for a in run]) for run in runs])


@pytest.mark.parametrize("start", [*STARTS][:5])
@pytest.mark.parametrize("unit", UNITS)
def test_the_measured_factor_is_that_of_theory_and_below_the_bound(unit, start):
    (_, rule, top), (init, v) = UNITS[unit], STARTS[start]
    b = 1 / 300 if init is None else 0  # Var(b)
    _, expected = expected_factors(rule, v, b, start=v * SPREAD + b, layers=48)
    theory = np.exp(np.log(expected).mean())
    found = factors(unit, start, seeds=range(5, 8))
    np.testing.assert_allclose(found.mean(), theory, rtol=0.02)
    bound = page.largest_factor(network(unit, start, 5), top)
    assert found.max() < bound
    assert bound > 1.9 * theory  # far too careful
    vanishes = unit == "sigmoid" or v < 1 or (unit, start) == ("ReLU", "Xavier")
    assert (found < 0.75).all() == vanishes


@pytest.mark.parametrize("unit", UNITS)
def test_no_gradient_exceeds_the_largest_factor(unit):
    lengths = [a.gradient for a in page.hidden_layers(unit, "too large", seed=5)]
    bound = page.largest_factor(network(unit, "too large", 5), UNITS[unit][2])
    assert lengths[0] / lengths[-1] < bound**48


def test_larger_weights_hardly_help_one_unit_a_layer():
    o, w = 0.5, np.linspace(0, 20, 2001)
    for _ in range(300):
        o = sigmoid.rule(w * o)[0]
    factor = w * o * (1 - o)
    assert 0.26 < factor.max() < 0.28
    assert (np.diff(factor[w >= 2]) < 0).all()


@pytest.mark.parametrize(
    ("unit", "start", "low", "high"),
    [
        ("ReLU", "He", 0.1, 3),
        ("ReLU", "Xavier", 0.5**26, 0.5**22),
        ("ReLU", "too large", 1e6, 1e8),
        ("tanh", "Xavier", 0.1, 0.5),
    ],
)
def test_the_signal_forward(unit, start, low, high):
    for seed in SEEDS:
        layers = page.hidden_layers(unit, start, seed=seed)
        assert low < layers[-1].std / layers[0].std < high


@pytest.mark.parametrize("seed", SEEDS)
def test_saturation_alone_does_not_make_a_gradient_vanish(seed):
    model = network("sigmoid", "64", seed)
    value, shares = X, []
    for module in list(model)[:-1]:
        value = module(value).data
        if isinstance(module, nn.Linear):
            shares.append(page.saturated(value))
    assert 1 / 3 < np.mean(shares) < 0.5
    [found] = factors("sigmoid", "64", [seed])
    [large] = factors("sigmoid", "256", [seed])
    assert 0.8 < found < 1 < large


def test_saturated_sums():
    assert page.saturated(np.array([4.58, 4.6, -4.6, 0.0])) == 0.5
    assert page.saturated(np.array([0.0, 100.0])) == 0.5


def test_a_cliff_throws_far_and_a_limit_helps():
    assert abs(page.descent(np.inf)[-1]) < 0.1  # on the plain, where the slope is 0
    assert abs(page.descent(1.0)[-1] - 0.5**0.05) < 0.002


@pytest.fixture
def learns(monkeypatch):
    """The page's, which tells also the share of gradients longer than 1."""
    lengths = []

    def clip(parameters, max_norm):
        lengths.append(clip_grad_norm_(parameters, max_norm))
        return lengths[-1]

    def learns(*run):
        lengths.clear()
        return page.learns(*run), np.mean(np.array(lengths) > 1)

    clip_grad_norm_ = nn.utils.clip_grad_norm_
    monkeypatch.setattr(nn.utils, "clip_grad_norm_", clip)
    return learns


def explodes(seed):
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            return page.learns("too large", 0.1, np.inf, seed) < 0.2  # or has given up
    except FloatingPointError:
        return True


def test_clipping_saves_a_network_that_explodes(learns):
    assert sum(explodes(seed) for seed in range(20, 40)) > 15
    runs = {
        (start, lr, limit): np.array(
            [learns(start, lr, limit, seed) for seed in SEEDS]
        ).T
        for start, lr, limit in [
            ("too large", 0.1, 1.0),
            ("too large", 0.01, np.inf),
            ("too large", 0.01, 1.0),
            ("He", 0.2, np.inf),
            ("He", 0.2, 1.0),
            ("He", 0.05, np.inf),
        ]
    }
    (clipped, long), (gentle, _), (both, too), (wild, _), (he, he_long), (right, _) = (
        runs.values()
    )
    assert clipped.min() > 0.6 and (gentle < clipped).all()
    assert both.max() < gentle.min()
    assert wild.mean() < he.mean() - 0.15 and he.min() > 0.7
    assert right.min() > 0.7
    assert min(long.min(), too.min(), he_long.min()) > 0.9  # a step is η long
