"""Batch and layer normalisation; derivatives are checked in test_rules.py."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import Tensor, nn
from course_lib.nn.functional import batch_norm, layer_norm
from course_lib.nn.normalization import standardize


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return 5 + 3 * np.random.default_rng(seed).normal(size=shape)


# Rules


def test_batch_norm_by_loops():
    x, γ, β = numbers(4, 3, 2), numbers(3, seed=1), numbers(3, seed=2)
    o = batch_norm(x, None, None, γ, β, training=True, eps=0.1).data
    for c in range(3):
        values = [x[n, c, i] for n in range(4) for i in range(2)]
        μ = sum(values) / 8
        var = sum((value - μ) ** 2 for value in values) / 8
        for n, i in np.ndindex(4, 2):
            z = (x[n, c, i] - μ) / (var + 0.1) ** 0.5
            assert abs(o[n, c, i] - (γ[c] * z + β[c])) < 1e-12


def test_batch_norm_with_given_statistics():
    x = np.array([[7.0, 1.0]])
    o = batch_norm(x, np.array([1.0, 1.0]), np.array([9.0, 4.0]), eps=0)
    np.testing.assert_array_equal(o.data, [[2.0, 0.0]])


@given(st.integers(2, 30), st.integers(1, 4), st.integers(0, 99))
def test_batch_norm_gives_mean_0_and_variance_1(N, C, seed):
    z = batch_norm(numbers(N, C, seed=seed), None, None, training=True, eps=0).data
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(z.var(axis=0), 1, atol=1e-10)


@given(st.floats(0.1, 100), st.floats(-100, 100), st.integers(0, 99))
def test_scale_and_shift_of_the_input_are_taken_out(scale, shift, seed):
    x = numbers(6, 3, seed=seed)
    for rule in (
        lambda x: batch_norm(x, None, None, training=True, eps=0).data,
        lambda x: layer_norm(x, 3, eps=0).data,
    ):
        np.testing.assert_allclose(rule(scale * x + shift), rule(x), atol=1e-9)


def test_layer_norm_is_batch_norm_of_the_transpose():
    x = numbers(4, 6)
    other = batch_norm(x.T, None, None, training=True).data.T
    np.testing.assert_allclose(layer_norm(x, 6).data, other, atol=1e-12)


def test_layer_norm_of_an_example_does_not_depend_on_the_others():
    x = numbers(4, 6)
    np.testing.assert_array_equal(layer_norm(x, 6).data[:1], layer_norm(x[:1], 6).data)


def test_the_gradient_is_at_right_angles_to_ones_and_to_z():
    """z does not change when x is shifted or scaled: no derivative in those ways."""
    x, g = numbers(8, 3), np.random.default_rng(1).normal(size=(8, 3))
    z, derivative = standardize(x, (0,), eps=0)
    d = derivative(g)
    np.testing.assert_allclose(d.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((d * z).sum(axis=0), 0, atol=1e-12)


def test_a_constant_unit_stays_finite():
    x = Tensor(np.full((4, 2), 3.0), requires_grad=True)
    o = batch_norm(x, None, None, training=True)
    np.testing.assert_array_equal(o.data, 0)
    (o * o).sum().backward()
    assert np.isfinite(x.grad).all()


@pytest.mark.parametrize(
    ("x", "arguments", "settings", "message"),
    [
        ((3,), (None, None), {"training": True}, r"shape \(N, C, …\), got \(3,\)"),
        ((1, 3), (None, None), {"training": True}, "more than one value, got input"),
        ((0, 3), (None, None), {"training": True}, "more than one value, got input"),
        ((1, 3, 1), (None, None), {"training": True}, "call eval"),
        ((4, 3), (None, None), {}, "expected mean and var"),
        ((4, 3), (np.ones(3), None), {}, "expected mean and var"),
        ((4, 3), (np.ones(4), np.ones(3)), {}, r"mean of shape \(3,\), got \(4,\)"),
        ((4, 3), (np.ones(3), np.ones(1)), {}, r"var of shape \(3,\), got \(1,\)"),
        ((4, 3), (np.ones(3), np.ones(3), np.ones(1)), {}, "γ of shape"),
        ((4, 3), (np.ones(3), np.ones(3), None, np.ones((4, 3))), {}, "β of shape"),
    ],
)
def test_wrong_use_of_batch_norm(x, arguments, settings, message):
    with pytest.raises(ValueError, match=f"batch_norm: .*{message}"):
        batch_norm(np.ones(x), *arguments, **settings)


@pytest.mark.parametrize(
    ("x", "arguments", "message"),
    [
        ((4, 3), (4,), r"ends in \(4,\), got \(4, 3\)"),
        ((3,), ((2, 3),), r"ends in \(2, 3\), got \(3,\)"),
        ((4, 3), ((),), "ends in"),
        ((4, 3), (3, np.ones(1)), r"γ of shape \(3,\), got \(1,\)"),
        ((4, 3), (3, None, np.ones(4)), r"β of shape \(3,\), got \(4,\)"),
    ],
)
def test_wrong_use_of_layer_norm(x, arguments, message):
    with pytest.raises(ValueError, match=f"layer_norm: .*{message}"):
        layer_norm(np.ones(x), *arguments)


# Modules


def test_running_statistics_are_exponential_means_with_the_unbiased_variance():
    layer = nn.BatchNorm1d(2, momentum=0.25)
    mean, var = np.zeros(2), np.ones(2)
    for seed in range(3):
        x = numbers(5, 2, seed=seed)
        layer(x)
        mean = 0.75 * mean + 0.25 * x.mean(axis=0)
        var = 0.75 * var + 0.25 * ((x - x.mean(axis=0)) ** 2).sum(axis=0) / 4
    np.testing.assert_allclose(layer.running_mean, mean, rtol=1e-14)
    np.testing.assert_allclose(layer.running_var, var, rtol=1e-14)
    assert layer.num_batches_tracked == 3


def test_without_momentum_all_batches_count_the_same():
    layer = nn.BatchNorm2d(2, momentum=None)
    batches = [numbers(3, 2, 4, 4, seed=seed) for seed in range(4)]
    for x in batches:
        layer(x)
    means = [x.mean(axis=(0, 2, 3)) for x in batches]
    np.testing.assert_allclose(layer.running_mean, np.mean(means, axis=0))


def test_eval_uses_what_was_tracked_and_changes_nothing():
    layer = nn.BatchNorm1d(2)
    for seed in range(200):
        layer(numbers(50, 2, seed=seed))
    state = layer.state_dict()
    o = layer.eval()(np.array([[5.0, 8.0]])).data
    np.testing.assert_allclose(o, [[0, 1]], atol=0.1)
    for name, values in layer.state_dict().items():
        np.testing.assert_array_equal(values, state[name])


def test_without_tracking_the_batch_is_used_in_eval_too():
    layer, x = nn.BatchNorm1d(2, track_running_stats=False), numbers(4, 2)
    trained = layer(x).data
    np.testing.assert_array_equal(layer.eval()(x).data, trained)
    assert list(layer.state_dict()) == ["weight", "bias"]


def test_a_failed_call_leaves_the_statistics_alone():
    layer = nn.BatchNorm1d(3)
    with pytest.raises(ValueError, match="more than one value"):
        layer(np.ones((1, 3)))
    assert layer.num_batches_tracked == 0
    np.testing.assert_array_equal(layer.running_mean, 0)


def test_gradients_do_not_reach_the_running_statistics():
    layer = nn.BatchNorm1d(3)
    layer(Tensor(numbers(4, 3), requires_grad=True)).sum().backward()
    assert type(layer.running_mean) is type(layer.running_var) is np.ndarray
    assert layer.weight.grad.shape == layer.bias.grad.shape == (3,)


@pytest.mark.parametrize(
    "make", [nn.BatchNorm1d, nn.LayerNorm, lambda n, **k: nn.BatchNorm2d(n, **k)]
)
def test_float32_is_kept(make):
    layer = make(3, dtype=np.float32)
    shape = (4, 3, 2, 2) if isinstance(layer, nn.BatchNorm2d) else (4, 3)
    assert layer(numbers(*shape).astype(np.float32)).dtype == np.float32
    for values in layer.state_dict().values():
        assert values.dtype in (np.float32, np.int64)
    assert layer.eval()(numbers(*shape).astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            nn.BatchNorm1d(3),
            (4, 2),
            r"1d\(3\): .* 3 features in axis 1, got .*\(4, 2\)",
        ),
        (nn.BatchNorm1d(3), (3,), r"with 2 or 3 axes .* got shape \(3,\)"),
        (nn.BatchNorm1d(3), (2, 3, 4, 4), "with 2 or 3 axes"),
        (nn.BatchNorm2d(3), (4, 3), r"BatchNorm2d\(3\): expected input with 4 axes"),
        (nn.BatchNorm2d(3), (2, 4, 3, 3), "3 features in axis 1, got shape"),
    ],
)
def test_wrong_inputs_of_modules(layer, shape, message):
    for training in (True, False):
        with pytest.raises(ValueError, match=message):
            layer.train(training)(np.ones(shape))


def test_repr():
    assert repr(nn.BatchNorm1d(3, affine=False)) == (
        "BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=False, "
        "track_running_stats=True)"
    )
    assert repr(nn.LayerNorm([2, 3])) == (
        "LayerNorm((2, 3), eps=1e-05, elementwise_affine=True)"
    )


def test_layer_norm_with_parts_of_its_parameters():
    assert list(nn.LayerNorm(3).state_dict()) == ["weight", "bias"]
    assert list(nn.LayerNorm(3, bias=False).state_dict()) == ["weight"]
    plain = nn.LayerNorm((2, 3), elementwise_affine=False)
    assert plain.state_dict() == {}
    z = plain(numbers(4, 2, 3)).data
    np.testing.assert_allclose(z.mean(axis=(1, 2)), 0, atol=1e-12)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("make", [nn.BatchNorm1d, nn.LayerNorm])
def test_a_layer_passes_its_eps_on(make, training):
    x = np.array([[1.0, -1.0], [-1.0, 1.0]])  # mean 0 and variance 1, over either axis
    layer = make(2, eps=3.0).train(training)
    np.testing.assert_allclose(layer(x).data, x / 2, rtol=1e-15)
