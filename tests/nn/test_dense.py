"""Dense layers and activations; derivatives are checked in test_rules.py."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course_lib import Tensor, manual_seed, nn
from course_lib.nn.dense import (
    leaky_relu,
    linear,
    log_probabilities,
    log_softmax,
    logistic,
    relu,
    sigmoid,
    softmax,
    tanh,
)

scores = arrays.arrays(
    float,
    st.tuples(st.integers(1, 4), st.integers(1, 5)),
    elements=st.floats(-1000, 1000),
)


def slope(function, at: float, **settings) -> float:
    u = Tensor(at, requires_grad=True)
    function(u, **settings).backward()
    return u.grad.item()


# Linear


@given(st.integers(0, 4), st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_linear_is_the_sum_of_the_slides(N, D, K, seed):
    """uₖ = Σᵢ wₖᵢ xᵢ + bₖ, by loops."""
    rng = np.random.default_rng(seed)
    x, W, b = rng.normal(size=(N, D)), rng.normal(size=(K, D)), rng.normal(size=K)
    u = np.zeros((N, K))
    for n in range(N):
        for k in range(K):
            u[n, k] = b[k]
            for i in range(D):
                u[n, k] += W[k, i] * x[n, i]
    np.testing.assert_allclose(linear(x, W, b).data, u, atol=1e-12)
    np.testing.assert_allclose(linear(x, W).data, u - b, atol=1e-12)


def test_linear_on_more_axes_is_the_same_on_each():
    rng = np.random.default_rng(0)
    x, layer = rng.normal(size=(2, 4, 3)), nn.Linear(3, 5)
    whole = layer(x).data
    assert whole.shape == (2, 4, 5)
    for i, j in np.ndindex(2, 4):
        np.testing.assert_allclose(whole[i, j], layer(x[i, j]).data, rtol=1e-12)


@pytest.mark.parametrize(
    ("x", "b", "message"),
    [
        (np.ones((5, 4)), None, "3 features in the last axis of the input, got 4"),
        (np.ones((3, 5)), None, "3 features in the last axis of the input, got 5"),
        (np.ones(4), None, "3 features in the last axis of the input, got 4"),
        (np.ones((2, 5, 3, 4)), None, "3 features .* got 4"),
        (np.array(1.0), None, "3 features .* got a single number"),
        (np.ones((5, 3)), np.ones(1), r"a bias of shape \(2,\), got \(1,\)"),
        (np.ones((5, 3)), np.ones((5, 2)), r"a bias of shape \(2,\), got \(5, 2\)"),
        (np.ones((5, 3)), np.array(1.0), r"a bias of shape \(2,\), got \(\)"),
    ],
)
def test_linear_refuses_shapes_that_do_not_fit(x, b, message):
    with pytest.raises(ValueError, match=rf"Linear\(3, 2\): expected {message}"):
        linear(x, np.ones((2, 3)), b)


def test_linear_layer():
    layer = nn.Linear(4, 3)
    assert layer.weight.shape == (3, 4)
    assert layer.bias.shape == (3,)
    assert layer.weight.dtype == layer.bias.dtype == np.float64
    assert (layer.in_features, layer.out_features) == (4, 3)
    assert repr(layer) == "Linear(4, 3, bias=True)"
    bare = nn.Linear(4, 3, bias=False, dtype=np.float32)
    assert bare.bias is None
    assert bare.weight.dtype == np.float32
    assert [name for name, _ in bare.named_parameters()] == ["weight"]
    assert repr(bare) == "Linear(4, 3, bias=False)"
    assert bare(np.ones((2, 4), np.float32)).dtype == np.float32


def test_linear_draws_evenly_from_one_over_root_d():
    layer = nn.Linear(25, 4_000, rng=np.random.default_rng(0))
    for parameter in (layer.weight, layer.bias):
        w = parameter.data
        assert np.abs(w).max() <= 0.2
        assert abs(w.mean()) < 0.006
        np.testing.assert_allclose(w.var(), 0.4**2 / 12, rtol=0.03)
        np.testing.assert_allclose((w.min(), w.max()), (-0.2, 0.2), rtol=0.01)


def test_linear_draws_from_the_generator_that_is_given():
    first, again = (nn.Linear(3, 2, rng=np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first.weight.data, again.weight.data)
    manual_seed(5)
    by_default = nn.Linear(3, 2)
    np.testing.assert_array_equal(first.bias.data, by_default.bias.data)


# Activations


def test_sigmoid():
    np.testing.assert_allclose(sigmoid(np.log([1, 3, 1 / 4])).data, [0.5, 0.75, 0.2])
    assert sigmoid(np.array(0.0)).item() == 0.5
    np.testing.assert_allclose(slope(sigmoid, 0.0), 0.25)


@given(st.floats(-700, 700))
def test_sigmoid_mirrors(u):
    """σ(u) = 1 / (1 + e⁻ᵘ), and σ(−u) = 1 − σ(u)."""
    u = np.array(u)
    np.testing.assert_allclose(logistic(u), 1 / (1 + np.exp(-u)), rtol=1e-14)
    np.testing.assert_allclose(logistic(u) + logistic(-u), 1, rtol=1e-15)


def test_extreme_scores_stay_finite():
    u = np.array([-1e4, -1000.0, 0.0, 1000.0, 1e4])
    np.testing.assert_array_equal(logistic(u), [0, 0, 0.5, 1, 1])
    np.testing.assert_array_equal(tanh(u).data, [-1, -1, 0, 1, 1])
    np.testing.assert_array_equal(softmax(u).data, [0, 0, 0, 0, 1])
    np.testing.assert_array_equal(log_softmax(u).data, u - 1e4)


def test_tanh():
    u = np.array([-2.0, 0.0, 0.5])
    np.testing.assert_allclose(tanh(u).data, 2 * logistic(2 * u) - 1, atol=1e-15)
    assert slope(tanh, 0.0) == 1


def test_relu_and_its_slope_at_the_kink():
    np.testing.assert_array_equal(relu(np.array([-2.0, 0.0, 3.0])).data, [0, 0, 3])
    assert [slope(relu, u) for u in (-2.0, 0.0, 1e-9, 3.0)] == [0, 0, 1, 1]


def test_leaky_relu_and_its_slope_at_the_kink():
    u = np.array([-2.0, 0.0, 3.0])
    np.testing.assert_array_equal(leaky_relu(u).data, [-0.02, 0, 3])
    np.testing.assert_array_equal(leaky_relu(u, negative_slope=0.5).data, [-1, 0, 3])
    assert [slope(leaky_relu, u) for u in (-2.0, 0.0, 1e-9)] == [0.01, 0.01, 1]


@given(scores, st.floats(-1e3, 1e3))
def test_softmax_gives_probabilities_and_ignores_a_shift(u, shift):
    o = softmax(u).data
    np.testing.assert_allclose(o.sum(axis=-1), 1, rtol=1e-12)
    assert (o >= 0).all()
    np.testing.assert_allclose(softmax(u + shift).data, o, rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(softmax(u.T, dim=0).data, o.T, rtol=1e-12, atol=1e-300)


@given(scores)
def test_log_softmax_is_the_logarithm_of_softmax(u):
    log_p = log_softmax(u).data
    assert np.isfinite(log_p).all()
    assert (log_p <= 0).all()
    np.testing.assert_allclose(np.exp(log_p), softmax(u).data, rtol=1e-12, atol=1e-300)
    np.testing.assert_array_equal(log_p, log_probabilities(u))


def test_probabilities_run_along_the_last_axis():
    u = np.log([1.0, 2.0, 5.0])
    for scores in (u, np.tile(u, (2, 4, 1))):
        for log_p in (log_probabilities(scores), log_softmax(scores).data):
            np.testing.assert_allclose(np.exp(log_p)[..., 2], 5 / 8)
        np.testing.assert_allclose(softmax(scores).data[..., 2], 5 / 8)


def test_softmax_by_hand():
    np.testing.assert_allclose(
        softmax(np.log([1.0, 2.0, 5.0])).data, [1 / 8, 1 / 4, 5 / 8]
    )
    u = np.log([[1.0, 2.0], [3.0, 2.0]])
    np.testing.assert_allclose(softmax(u, dim=0).data, [[0.25, 0.5], [0.75, 0.5]])


@pytest.mark.parametrize(
    ("module", "function", "description"),
    [
        (nn.Sigmoid(), sigmoid, "Sigmoid()"),
        (nn.Tanh(), tanh, "Tanh()"),
        (nn.ReLU(), relu, "ReLU()"),
        (nn.LeakyReLU(), leaky_relu, "LeakyReLU(negative_slope=0.01)"),
        (
            nn.LeakyReLU(0.03),
            lambda u: leaky_relu(u, negative_slope=0.03),
            "LeakyReLU(negative_slope=0.03)",
        ),
        (nn.Softmax(), softmax, "Softmax(dim=-1)"),
        (nn.Softmax(dim=0), lambda u: softmax(u, dim=0), "Softmax(dim=0)"),
        (nn.LogSoftmax(), log_softmax, "LogSoftmax(dim=-1)"),
        (nn.LogSoftmax(dim=0), lambda u: log_softmax(u, dim=0), "LogSoftmax(dim=0)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_modules_are_their_functions(module, function, description):
    u = np.array([[-1.5, 0.0, 2.0], [0.1, -0.2, 0.3]])
    np.testing.assert_array_equal(module(u).data, function(u).data)
    assert repr(module) == description
    assert list(module.parameters()) == []


def test_words_are_no_input():
    layer = nn.Linear(2, 3)
    with pytest.raises(TypeError, match=r"Linear\(2, 3\): expected numbers, got an"):
        layer(np.array([["a", "b"]]))
