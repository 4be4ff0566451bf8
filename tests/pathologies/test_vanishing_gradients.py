"""What is reported of each layer, against finite differences and closed forms."""

import numpy as np

from course_lib import nn
from course_lib.core.numerical import partial_derivatives
from course_lib.pathologies.relu_and_shortcuts import Residual
from course_lib.pathologies.vanishing_gradients import (
    by_layer,
    factor_per_layer,
)

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(6, 3)), np.array([0, 1, 1, 0, 1, 0])
LOSS = nn.CrossEntropyLoss()


def model():
    rng = np.random.default_rng(1)
    inner = nn.Sequential(nn.Tanh(), nn.Linear(4, 4, rng=rng))
    first, last = nn.Linear(3, 4, rng=rng), nn.Linear(4, 2, rng=rng)
    return nn.Sequential(first, Residual(inner), nn.ReLU(), last)


def test_gradients_of_hidden_values_are_those_of_finite_differences():
    net = model()
    layers = by_layer(net, LOSS, X, Y)
    assert [a.kind for a in layers] == ["Linear", "Residual", "ReLU", "Linear"]
    value = X
    for i, layer in enumerate(layers):
        value = net[i](value).data
        rest = nn.Sequential(*list(net)[i + 1 :])
        slopes = partial_derivatives(
            lambda o, rest=rest: LOSS(rest(o), Y).item(), value
        )
        np.testing.assert_allclose(layer.gradient, np.linalg.norm(slopes), rtol=1e-6)
        far = np.mean((value[:, None] - value[None]) ** 2)  # all pairs of examples
        np.testing.assert_allclose(layer.signal, np.sqrt(far / 2))
        assert layer.dead == (value == 0).all(axis=0).mean()


def test_gradients_of_weights_are_those_of_the_tape_whatever_was_there():
    net = model()
    for p in net.parameters():
        p.grad = np.full(p.shape, 3.0)
    layers = by_layer(net, LOSS, X, Y)
    net.zero_grad()
    LOSS(net(X), Y).backward()
    for module, layer in zip(net, layers, strict=True):
        squares = [(p.grad**2).sum() for p in module.parameters()]
        if squares:
            np.testing.assert_allclose(layer.weight_gradient, np.sqrt(sum(squares)))
        else:
            assert np.isnan(layer.weight_gradient)


def test_dead_units_are_counted():
    first = nn.Linear(3, 4)
    first.bias.data = np.array([-100.0, 100.0, -100.0, -100.0])
    layers = by_layer(nn.Sequential(first, nn.ReLU(), nn.Linear(4, 2)), LOSS, X, Y)
    assert [a.dead for a in layers] == [0, 0.75, 0]
    leaky = nn.Sequential(first, nn.LeakyReLU(0.03), nn.Linear(4, 2))
    assert [a.dead for a in by_layer(leaky, LOSS, X, Y)] == [0, 0, 0]


def test_the_factor_is_that_of_a_geometric_series():
    lengths = 3.0 * 0.7 ** np.arange(20)[::-1]
    np.testing.assert_allclose(factor_per_layer(lengths), 0.7)
    np.testing.assert_allclose(factor_per_layer(lengths[::-1]), 1 / 0.7)
