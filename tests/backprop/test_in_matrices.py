"""Slide 27 in numerator layout: the numbers of slides 23 to 25, transposed."""

import numpy as np
import pytest

from course_lib.backprop import by_hand
from course_lib.backprop.in_matrices import jacobians, slide_27
from course_lib.core.numerical import jacobian

seeds = pytest.mark.parametrize("seed", range(10))


def network(seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    x = np.array([1.0, *rng.normal(size=2)])
    y, W0, W1 = rng.uniform(), rng.normal(size=(2, 3)), rng.normal(size=(1, 2))
    return by_hand.forward(x, y, W0, W1), y, W0, W1


@seeds
def test_matrix_form_has_the_very_numbers_of_the_scalar_form(seed):
    saved, y, W0, W1 = network(seed)
    dx, dW0, dW1 = slide_27(saved, y, W0, W1)
    assert [d.shape for d in (dx, dW0, dW1)] == [(1, 3), (3, 2), (2, 1)]
    slide0, slide1 = by_hand.slide_weights(saved, y, W1)
    np.testing.assert_array_equal(dW0.T, slide0)
    np.testing.assert_array_equal(dW1.T, slide1)
    # ∂L/∂x adds two paths, and the slide takes out a common factor: to rounding.
    assert dx[0, 1] == pytest.approx(by_hand.slide_25(saved, y, W0, W1), abs=1e-15)


@seeds
def test_matrix_form_and_chain_of_rules(seed):
    saved, y, W0, W1 = network(seed)
    _, *chained = by_hand.chain(saved.x, np.array([y]), W0, W1)
    for matrix, rule in zip(slide_27(saved, y, W0, W1), chained, strict=True):
        transposed = matrix[0] if rule.ndim == 1 else matrix.T
        np.testing.assert_allclose(transposed, rule, rtol=0, atol=1e-15)
        assert np.isfinite(matrix).all()


@seeds
def test_each_jacobian_is_that_of_finite_differences(seed):
    saved, y, W0, W1 = network(seed)
    x, u0, o0, u1, o, _ = saved
    steps = [
        jacobian(lambda o: (o - y) ** 2, o),
        jacobian(by_hand.logistic, u1),
        jacobian(lambda o0: W1 @ o0, o0),
        jacobian(by_hand.logistic, u0),
        jacobian(lambda x: W0 @ x, x),
    ]
    for exact, measured in zip(jacobians(saved, y, W0, W1), steps, strict=True):
        assert exact.shape == measured.shape
        np.testing.assert_allclose(exact, measured, atol=1e-10)


@seeds
def test_the_third_order_tensor_contracts_to_the_outer_product(seed):
    """∂uⱼ/∂w_ki is xᵢ for j = k, else 0."""
    saved, y, W0, W1 = network(seed)
    tensor = np.eye(2)[:, :, None] * saved.x
    measured = jacobian(lambda W: W @ saved.x, W0)
    assert tensor.shape == measured.shape == (2, 2, 3)
    np.testing.assert_allclose(tensor, measured, atol=1e-10)
    to_o, f1, _, f0, _ = jacobians(saved, y, W0, W1)
    to_u0 = (to_o @ f1 @ W1 @ f0)[0]
    dW0 = np.tensordot(to_u0, tensor, axes=1)
    np.testing.assert_array_equal(dW0, slide_27(saved, y, W0, W1)[1].T)


@seeds
def test_a_batch_adds_the_outer_products(seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(6, 3)), rng.uniform(size=(6, 1))
    W0, W1 = rng.normal(size=(2, 3)), rng.normal(size=(1, 2))
    _, _, dW0, dW1 = by_hand.chain(X, y, W0, W1)
    each = [
        slide_27(by_hand.forward(x, answer, W0, W1), answer, W0, W1)
        for x, (answer,) in zip(X, y, strict=True)
    ]
    for k, whole in ((1, dW0), (2, dW1)):
        mean = np.mean([one[k].T for one in each], axis=0)
        np.testing.assert_allclose(whole, mean, rtol=0, atol=1e-15)
