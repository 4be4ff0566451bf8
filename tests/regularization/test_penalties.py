"""Penalties: values, gradients, their place in a training step, and their errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib import nn, optim
from course_lib.backprop.learning import grid_search
from course_lib.regularization.penalties import (
    l1_penalty,
    l2_penalty,
    lasso,
    soft_threshold,
)
from tests.oracles import oracle


@pytest.fixture
def model():
    rng = np.random.default_rng(0)
    return nn.Sequential(nn.Linear(3, 4, rng=rng), nn.Tanh(), nn.Linear(4, 2, rng=rng))


@pytest.mark.parametrize(
    ("penalty", "value", "gradient"),
    [
        (l2_penalty, lambda w: 0.5 * (w**2).sum(), lambda w: w),
        (l1_penalty, lambda w: np.abs(w).sum(), np.sign),
    ],
)
def test_values_and_gradients(model, penalty, value, gradient):
    total = penalty(model.parameters())
    arrays = [p.data for p in model.parameters()]
    np.testing.assert_allclose(total.item(), sum(map(value, arrays)), rtol=1e-12)
    (0.3 * total).backward()
    for p in model.parameters():
        np.testing.assert_allclose(p.grad, 0.3 * gradient(p.data), rtol=1e-12)


def test_l2_in_the_loss_is_weight_decay_of_sgd(model):
    x, y = np.random.default_rng(1).normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
    start, ends = model.state_dict(), []
    for in_loss, in_step in [(0.1, 0), (0, 0.1)]:
        model.load_state_dict(start)
        optimizer = optim.SGD(model.parameters(), lr=0.2, weight_decay=in_step)
        for _ in range(10):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            (loss + in_loss * l2_penalty(model.parameters())).backward()
            optimizer.step()
        ends.append(np.concatenate([p.data.ravel() for p in model.parameters()]))
    np.testing.assert_allclose(*ends, rtol=1e-12)


@given(
    hnp.arrays(float, 3, elements=st.floats(-3, 3)),
    st.floats(0, 2),
)
def test_soft_threshold_is_the_best_compromise(w, threshold):
    v = soft_threshold(w, threshold)
    grid = np.append(np.linspace(-3, 3, 601), 0)
    for was, now in zip(w, v, strict=True):

        def cost(t, was=was):
            return 0.5 * (t - was) ** 2 + threshold * abs(t)

        assert cost(now) <= cost(grid_search(cost, grid)[0]) + 1e-12
    assert (np.abs(v) <= np.abs(w)).all() and (v * w >= 0).all()
    assert not v[np.abs(w) <= threshold].any()


@pytest.mark.parametrize("penalty", [1.0, 5.0, 20.0])
def test_lasso_as_scikit_learn(penalty):
    rng = np.random.default_rng(2)
    X = rng.normal(size=(40, 12))
    y = X[:, :3] @ [2.0, -1.0, 0.5] + 0.3 * rng.normal(size=40)
    Lasso = oracle("sklearn.linear_model").Lasso
    judge = Lasso(alpha=penalty / 40, fit_intercept=False, tol=1e-13)
    expected = judge.fit(X, y).coef_
    w = lasso(X, y, penalty)
    np.testing.assert_allclose(w, expected, atol=1e-9)
    np.testing.assert_array_equal(w == 0, expected == 0)
    assert 0 < (w == 0).sum() < 12


def test_the_lasso_takes_as_many_steps_as_it_is_told():
    X, y = np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([4.0, 8.0])
    w = np.zeros(2)
    for steps in range(3):  # the greatest curvature is 4
        np.testing.assert_allclose(lasso(X, y, 1.0, steps), w, rtol=1e-12)
        w = soft_threshold(w - X.T @ (X @ w - y) / 4, 1 / 4)
