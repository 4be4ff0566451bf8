"""Clipping: what is shortened, by how much, and what is left alone."""

import numpy as np
import pytest

from course_lib import nn

clip_norm = nn.utils.clip_grad_norm_


def parameters(*gradients):
    made = [nn.Parameter(np.zeros(np.shape(g))) for g in gradients]
    for p, g in zip(made, gradients, strict=True):
        p.grad = np.array(g, dtype=float)
        p.grad.flags.writeable = False
    return made


def test_all_gradients_are_shortened_by_one_factor():
    a, b = parameters([[3.0, 0.0]], [4.0])
    unused = nn.Parameter([1.0])
    assert clip_norm(iter([a, b, unused]), max_norm=0.5) == 5
    np.testing.assert_allclose(a.grad, [[0.3, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(b.grad, [0.4], rtol=1e-6)
    assert unused.grad is None


def test_a_short_gradient_stays():
    (a,) = parameters([3.0, 4.0])
    assert clip_norm(a, max_norm=5.1) == 5  # one parameter, without a list
    np.testing.assert_array_equal(a.grad, [3, 4])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_no_number_is_reported(bad):
    with pytest.raises(FloatingPointError, match=f"norm of the gradient is {bad}"):
        clip_norm(parameters([1.0, bad]), max_norm=1)


def test_a_gradient_of_0_stays():
    (a,) = parameters([0.0, 0.0])
    assert clip_norm([a], max_norm=1) == 0
    np.testing.assert_array_equal(a.grad, [0, 0])
