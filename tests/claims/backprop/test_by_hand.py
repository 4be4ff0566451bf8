"""What the page on backpropagation by hand says, with other numbers."""

import numpy as np
import pytest

from course_lib.core.numerical import partial_derivatives
from course_lib.datasets import digits
from course_lib.perceptron.matrices import count_products
from tests.definitions import definitions

seeds = pytest.mark.parametrize("seed", range(5))
page = definitions("backprop/by_hand")


@seeds
def test_steps_have_no_slope_to_follow(seed):
    rng = np.random.default_rng(seed)
    page.x, page.W1, page.y = rng.normal(size=3), rng.normal(size=(1, 2)), 1.0
    slopes = partial_derivatives(page.loss_with_steps, rng.normal(size=(2, 3)))
    assert not slopes.any()


def test_multiplications():
    """2 · 3 and 3 · 4 products forward; the same twice, less the first, backward."""
    assert page.multiplications((2, 3, 4)) == {
        "forward": 18,
        "backward": 18 + 12,
        "finite differences": 2 * 18 * 18,
    }


def test_a_forward_pass_costs_what_the_formula_says():
    x, W0, W1 = np.ones(20), np.ones((5, 20)), np.ones((3, 5))
    count = count_products(lambda A, B, x: A @ (B @ x), W1, W0, x)
    assert count == page.multiplications((20, 5, 3))["forward"] == 115
    count = count_products(lambda A, B, x: (A @ B) @ x, W1, W0, x)
    assert count == 3 * 5 * 20 + 3 * 20


def test_the_derivatives_by_hand_teach_digits_from_other_starts():
    data = digits()
    page.X, page.Y = data.x_train, data.y_train
    for seed in (5, 6):
        L, (W0, b0, W1, b1) = page.learn_by_hand(seed)
        scores = page.logistic(data.x_test @ W0.T + b0) @ W1.T + b1
        assert L < 0.3
        assert (scores.argmax(axis=1) == data.y_test).mean() > 0.9
