"""Deep networks: what is built, and what a shortcut adds."""

import numpy as np
import pytest

from course_lib import Tensor, manual_seed, nn
from course_lib.core.numerical import jacobian
from course_lib.pathologies.relu_and_shortcuts import Residual, deep_network


def test_a_shortcut_adds_its_input_and_one_to_the_jacobian():
    inner = nn.Sequential(nn.Linear(3, 3), nn.Tanh())
    x = np.array([0.5, -1.0, 2.0])
    for scale in (1.0, 0.1):
        block = Residual(inner, scale)
        np.testing.assert_allclose(block(x).data, x + scale * inner(x).data)
        J = jacobian(lambda x, block=block: block(x).data, x)
        F = jacobian(lambda x: inner(x).data, x)
        np.testing.assert_allclose(J, np.eye(3) + scale * F, atol=1e-10)


def test_the_gradient_takes_both_ways():
    inner = nn.Linear(3, 3)
    x = Tensor(np.ones(3), requires_grad=True)
    g = np.array([1.0, 2.0, 3.0])
    Residual(inner, 0.5)(x).backward(g)
    np.testing.assert_allclose(x.grad, g + 0.5 * g @ inner.weight.data)
    np.testing.assert_allclose(inner.bias.grad, 0.5 * g)


@pytest.mark.parametrize("depth", [2, 3, 10])
@pytest.mark.parametrize("shortcuts", [False, True])
def test_depth_counts_layers_of_weights(depth, shortcuts):
    net = deep_network((6, 5, 4), depth, nn.ReLU, shortcuts=shortcuts)
    layers = [m for m in net.modules() if isinstance(m, nn.Linear)]
    assert [m.in_features for m in layers] == [6] + [5] * (depth - 1)
    assert [m.out_features for m in layers] == [5] * (depth - 1) + [4]
    assert net(np.ones((7, 6))).shape == (7, 4)
    kinds = [isinstance(m, Residual) for m in net.modules()]
    assert sum(kinds) == (depth - 2) * shortcuts
    assert sum(isinstance(m, nn.ReLU) for m in net.modules()) == depth - 1


def test_shortcuts_change_nothing_that_is_drawn():
    networks = []
    for settings in ({}, {"shortcuts": True}, {"shortcuts": True, "scale": 0.0}):
        manual_seed(1)
        networks.append(deep_network((6, 5, 4), 7, nn.Tanh, **settings))
    plain, residual, still = networks
    for a, b in zip(plain.parameters(), residual.parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)
    x = np.ones((2, 6))
    assert not np.allclose(plain(x).data, residual(x).data)
    shallow = nn.Sequential(still[0], still[-2], still[-1])
    np.testing.assert_array_equal(still(x).data, shallow(x).data)


def test_weights_are_drawn_anew_and_biases_are_zero():
    net = deep_network((6, 5, 4), 4, nn.ReLU, init=nn.init.ones_, shortcuts=True)
    for name, p in net.named_parameters():
        assert (p.data == (1 if name.endswith("weight") else 0)).all(), name
