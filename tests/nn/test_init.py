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
        init.orthogonal_,
    ],
    ids=lambda f: f.__name__,
)
def test_chance_comes_from_the_given_or_from_the_default_generator(fill):
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
        (lambda w: init.xavier_normal_(w, 3.0), 18 / 500),
        (init.kaiming_normal_, 2 / 200),
        (init.kaiming_uniform_, 2 / 200),
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


@pytest.mark.parametrize("shape", [(5, 5), (3, 6), (6, 3), (4, 2, 3)])
def test_orthogonal_matrices_stretch_all_vectors_alike(shape):
    w = init.orthogonal_(weight(*shape), gain=2.0).data
    assert w.shape == shape
    stretches = np.linalg.svd(w.reshape(shape[0], -1), compute_uv=False)
    np.testing.assert_allclose(stretches, 2.0)


def test_orthogonal_matrices_prefer_no_sign():
    signs = [np.sign(init.orthogonal_(weight(2, 2)).data[0, 0]) for _ in range(200)]
    assert abs(np.mean(signs)) < 0.3


def test_gains():
    assert init.calculate_gain("sigmoid") == init.calculate_gain("linear") == 1
    assert init.calculate_gain("tanh") == 5 / 3
    assert init.calculate_gain("relu") == math.sqrt(2)
    assert init.calculate_gain("leaky_relu") == math.sqrt(2 / 1.0001)
    assert init.calculate_gain("leaky_relu", 1) == 1


def test_errors_say_what_was_wanted():
    with pytest.raises(ValueError, match=r"shape \(out, in\) wanted, got shape \(3,\)"):
        init.xavier_normal_(weight(3))
    with pytest.raises(ValueError, match='"fan_in" or "fan_out" wanted'):
        init.kaiming_normal_(weight(3, 3), mode="fan")
    with pytest.raises(ValueError, match=r"'relu'.*got 'swish'"):
        init.calculate_gain("swish")
