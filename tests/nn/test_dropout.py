"""Dropout; its derivative is checked in test_rules.py."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import Tensor, manual_seed, nn
from course_lib.nn.dropout import dropout

SEEDS = range(5)


@given(st.floats(0, 0.99), st.integers(0, 99))
def test_each_number_is_dropped_or_divided(p, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(4, 3))
    o = dropout(x, p=p, rng=rng).data
    np.testing.assert_allclose(o[o != 0], (x / (1 - p))[o != 0], rtol=1e-15)
    assert np.isfinite(o).all()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_as_many_are_dropped_as_asked_for_and_the_mean_stays(p, seed):
    o = dropout(np.ones(100_000), p=p, rng=np.random.default_rng(seed)).data
    deviation = (p * (1 - p) / o.size) ** 0.5
    assert abs((o == 0).mean() - p) < 5 * deviation
    assert abs(o.mean() - 1) < 5 * deviation / (1 - p)
    assert abs(o.var() - p / (1 - p)) < 0.1 * p / (1 - p)


def test_the_derivative_has_the_mask_of_the_value():
    x = Tensor(np.ones(1000), requires_grad=True)
    o = dropout(x, p=0.3, rng=np.random.default_rng(0))
    o.sum().backward()
    np.testing.assert_array_equal(x.grad, o.data)


@pytest.mark.parametrize("p", [0.0, 0.5, 1.0])
def test_eval_returns_what_came(p):
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(dropout(x, p=p, training=False).data, x)
    np.testing.assert_array_equal(nn.Dropout(p).eval()(x).data, x)


def test_the_ends():
    x = np.arange(6.0)
    np.testing.assert_array_equal(dropout(x, p=0).data, x)
    np.testing.assert_array_equal(dropout(x, p=1).data, np.zeros(6))


@pytest.mark.parametrize("p", [-0.1, 1.1, 50, np.nan, np.inf])
@pytest.mark.parametrize("make", [nn.Dropout, lambda p: dropout(np.ones(2), p=p)])
def test_a_share_outside_0_to_1(p, make):
    with pytest.raises(ValueError, match=f"dropout: expected p from 0 to 1, got {p}"):
        make(p)


def test_a_new_mask_each_time_from_the_default_generator_or_a_given_one():
    x, layer = np.ones(50), nn.Dropout()
    manual_seed(3)
    first, second = layer(x).data, layer(x).data
    assert (first != second).any()
    manual_seed(3)
    np.testing.assert_array_equal(layer(x).data, first)
    own = nn.Dropout(rng=np.random.default_rng(3))
    np.testing.assert_array_equal(own(x).data, first)


def test_float32_has_the_masks_of_float64():
    x = np.random.default_rng(0).normal(size=100)
    single, double = (
        dropout(a, p=0.3, rng=np.random.default_rng(1)).data
        for a in (x.astype(np.float32), x)
    )
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single == 0, double == 0)
    np.testing.assert_allclose(single, double, rtol=1e-6)


def test_repr_and_state():
    assert repr(nn.Dropout(0.3)) == "Dropout(p=0.3)"
    assert nn.Dropout().state_dict() == {}
