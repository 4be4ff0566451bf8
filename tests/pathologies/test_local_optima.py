"""Landscapes, noise, and networks side by side."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.core.numerical import (
    central_difference,
    hessian,
    partial_derivatives,
)
from course_lib.datasets import xor
from course_lib.nn.dense import relu
from course_lib.pathologies.local_optima import (
    LANDSCAPES,
    SmallNetworks,
    noisy,
)


@pytest.mark.parametrize("land", LANDSCAPES.values(), ids=LANDSCAPES)
def test_a_landscape_knows_its_gradient_and_its_lowest_place(land):
    x = np.linspace(-3, 3, 60_001)
    np.testing.assert_allclose(
        land.gradient(x), central_difference(land.value, x), atol=1e-6
    )
    [lowest] = land.minima
    assert abs(x[land.value(x).argmin()] - lowest) < 1.5e-4
    assert land.gap(lowest) == 0 < land.gap(land.start)
    valleys = (np.diff(np.sign(land.gradient(x))) > 0).sum()
    assert valleys >= 2


def test_noise_has_the_size_of_each_call_and_the_mean_0():
    gradient = noisy(np.cos, [0.0, 2.0, 0.5], np.random.default_rng(0))
    x = np.zeros(100_000)
    for size in (0.0, 2.0, 0.5):
        found = gradient(x)
        assert abs(found.mean() - 1) < 0.03
        np.testing.assert_allclose(found.std(), size, rtol=0.02, atol=1e-12)


def test_networks_side_by_side_have_each_its_hessian():
    rng = np.random.default_rng(0)
    nets = SmallNetworks(rng.normal(size=(6, 2)), rng.normal(size=(6, 1)), 2)
    w = nets.draw(3, rng)
    together = hessian(nets.gradients, w)
    for H, row in zip(together, w, strict=True):
        alone = hessian(lambda v: nets.gradients(v[None])[0], row)
        np.testing.assert_allclose(H, alone, atol=1e-6)


# ---- Networks side by side -------------------------------------------------------


@pytest.mark.parametrize("f", [None, relu], ids=["tanh", "relu"])
@pytest.mark.parametrize("penalty", [0.0, 0.1])
def test_each_network_gets_its_own_gradient(f, penalty):
    rng = np.random.default_rng(0)
    settings = {} if f is None else {"f": f}
    x, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 1))
    nets = SmallNetworks(x, y, 2, penalty=penalty, **settings)
    w = nets.draw(4, rng)
    gradients = nets.gradients(w)
    for row, gradient in zip(w, gradients, strict=True):
        numerical = partial_derivatives(lambda v: nets.losses(v[None])[0], row, h=1e-4)
        np.testing.assert_allclose(gradient, numerical, atol=1e-8)


def test_a_network_by_hand():
    """XOR = relu(x₁ + x₂) − 2 relu(x₁ + x₂ − 1)."""
    nets = SmallNetworks(*xor(), 2, relu)
    W0, b0, W1, b1 = [1, 1, 1, 1], [0, -1], [1, -2], [0]
    w = np.array([W0 + b0 + W1 + b1], dtype=float)
    assert nets.losses(w) == 0
    higher = w + np.eye(nets.size)[-1]  # the last bias is 1: all answers are 1 more
    assert nets.losses(higher) == 1
    x, y = xor()
    assert SmallNetworks(x, y + 1, 2, relu).losses(higher) == 0


def test_the_penalty_is_half_of_lambda_times_the_squares():
    w = np.random.default_rng(0).normal(size=(3, 9))
    plain, fined = (SmallNetworks(*xor(), 2, penalty=p) for p in (0.0, 0.5))
    difference = fined.losses(w) - plain.losses(w)
    np.testing.assert_allclose(difference, 0.25 * (w**2).sum(axis=1))


def test_exchanging_hidden_units_or_signs_changes_nothing():
    rng = np.random.default_rng(0)
    nets = SmallNetworks(rng.normal(size=(6, 2)), rng.normal(size=(6, 1)), 3)
    w = nets.draw(1, rng)
    W0, b0, W1 = w[0, :6].reshape(2, 3), w[0, 6:9], w[0, 9:12]
    order, sign = [2, 0, 1], np.array([1, -1, 1])
    for twin in (
        (W0[:, order], b0[order], W1[order]),
        (W0 * sign, b0 * sign, W1 * sign),
    ):
        other = np.concatenate([*map(np.ravel, twin), w[0, 12:]])[None]
        assert not np.allclose(other, w)
        np.testing.assert_allclose(nets.losses(other), nets.losses(w), rtol=1e-12)


def test_weights_are_drawn_as_a_linear_layer_draws_them():
    nets = SmallNetworks(np.zeros((1, 4)), np.zeros((1, 1)), 25)
    w = nets.draw(2000, np.random.default_rng(0))
    first, rest = w[:, : 5 * 25], w[:, 5 * 25 :]
    for part, bound in ((first, 0.5), (rest, 0.2)):
        assert np.abs(part).max() <= bound
        np.testing.assert_allclose(np.abs(part).max(), bound, rtol=1e-3)
        assert abs(part.mean()) < 0.01 * bound


def test_answers_of_another_shape_are_refused():
    with pytest.raises(AssertionError, match=r"x \(4, 2\), y \(4,\)"):
        SmallNetworks(np.zeros((4, 2)), np.zeros(4), 2)
