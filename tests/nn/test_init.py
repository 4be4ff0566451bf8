"""Initialisation: PyTorch's distributions, names and errors."""

import math

import numpy as np
import pytest

from course_lib import manual_seed, nn

init = nn.init


def weight(*shape, dtype=None):
    return nn.Parameter(np.full(shape, 7.0), dtype=dtype)


def test_a_filled_tensor_is_returned_with_a_new_array():
    w = weight(4, 3)
    before = w.data
    assert init.normal_(w) is w
    assert (before == 7).all()
    assert w.shape == (4, 3) and (w.data != 7).all()


@pytest.mark.parametrize(
    "fill",
    [
        init.uniform_,
        init.normal_,
        init.xavier_uniform_,
        init.xavier_normal_,
        init.kaiming_uniform_,
        init.kaiming_normal_,
    ],
    ids=lambda f: f.__name__,
)
def test_random_numbers_come_from_the_given_or_the_default_generator(fill):
    draws = [fill(weight(4, 3), rng=np.random.default_rng(5)).data for _ in range(2)]
    np.testing.assert_array_equal(*draws)
    manual_seed(5)
    np.testing.assert_array_equal(fill(weight(4, 3)).data, draws[0])
    assert (fill(weight(4, 3)).data != draws[0]).any()
    small = fill(weight(4, 3, dtype=np.float32))
    assert small.dtype == np.float32


def test_constants():
    np.testing.assert_array_equal(init.constant_(weight(2, 3), 0.5).data, 0.5)
    np.testing.assert_array_equal(init.zeros_(weight(3)).data, np.zeros(3))
    np.testing.assert_array_equal(init.ones_(weight(3)).data, np.ones(3))


@pytest.mark.parametrize(
    ("fill", "variance"),
    [
        (lambda w: init.normal_(w, std=0.3), 0.09),
        (lambda w: init.uniform_(w, -1.0, 2.0), 9 / 12),
        (init.xavier_normal_, 2 / 500),
        (init.xavier_uniform_, 2 / 500),
        (lambda w: init.xavier_uniform_(w, 3.0), 18 / 500),
        (lambda w: init.xavier_normal_(w, 3.0), 18 / 500),
        (init.kaiming_normal_, 2 / 200),
        (init.kaiming_uniform_, 2 / 200),
        (lambda w: init.kaiming_uniform_(w, a=1.0, mode="fan_out"), 1 / 300),
        (lambda w: init.kaiming_normal_(w, mode="fan_out"), 2 / 300),
        (lambda w: init.kaiming_normal_(w, a=1.0), 1 / 200),
        (lambda w: init.kaiming_normal_(w, nonlinearity="tanh"), (5 / 3) ** 2 / 200),
    ],
)
def test_variances(fill, variance):
    w = fill(weight(300, 200)).data
    np.testing.assert_allclose(w.var(), variance, rtol=0.02)  # of 60,000 numbers


def test_kernels_count_their_places():
    w = init.kaiming_normal_(weight(50, 20, 5, 5)).data
    np.testing.assert_allclose(w.var(), 2 / (20 * 25), rtol=0.05)


def test_gains():
    assert init.calculate_gain("sigmoid") == init.calculate_gain("linear") == 1
    assert init.calculate_gain("tanh") == 5 / 3
    assert init.calculate_gain("relu") == math.sqrt(2)
    assert init.calculate_gain("leaky_relu") == math.sqrt(2 / 1.0001)
    assert init.calculate_gain("leaky_relu", 1) == 1


def test_a_bias_has_no_fans():
    with pytest.raises(ValueError, match=r"\(units, inputs\), got shape \(3,\); for a"):
        init.xavier_normal_(weight(3))


def test_unknown_names():
    fans = "expected one of 'fan_in', 'fan_out', got 'fan'"
    for fill in (init.kaiming_normal_, init.kaiming_uniform_):
        with pytest.raises(ValueError, match=fans):
            fill(weight(3, 3), mode="fan")
    with pytest.raises(ValueError, match="'relu', 'leaky_relu', got 'swish'"):
        init.calculate_gain("swish")
