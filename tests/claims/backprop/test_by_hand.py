"""What the page on backpropagation by hand says, with other numbers."""

import numpy as np
import pytest

from course_lib import Tensor, nn
from course_lib.backprop import by_hand
from course_lib.core.numerical import partial_derivatives
from course_lib.datasets import digits
from course_lib.perceptron.matrices import count_products
from course_lib.perceptron.neuron import step, with_one
from tests.definitions import definitions

F = nn.functional
seeds = pytest.mark.parametrize("seed", range(5))
page = definitions("backprop/by_hand")
x, y = np.array([1.0, 2.0, -1.0]), np.array([1.0])
W0 = np.array([[0.0, 0.5, 1.0], [-0.5, 1.0, 0.5]])
W1 = np.array([[2.0, -1.0]])


@pytest.fixture(scope="module")
def data():
    """The page's digits, where its functions find them."""
    sets = digits()
    page.X, page.labels = with_one(sets.x_train), sets.y_train
    page.Y = np.eye(10)[page.labels]
    return page.X, page.Y, page.labels


def test_one_weight():
    o = page.σ(1.0)
    factors = 2, o * (1 - o), 2 * (o - 1)
    assert np.round(factors, 3).tolist() == [2, 0.197, -0.538]
    assert round(np.prod(factors), 3) == -0.212
    L = [(page.σ(2 * w) - 1) ** 2 for w in (0.5, 0.6)]
    assert np.round(L, 3).tolist() == [0.072, 0.054]
    assert round(L[0] - L[1], 3) == 0.019


@seeds
@pytest.mark.parametrize("sizes", [(3, 2, 1), (3, 2, 2), (65, 32, 10)])
def test_blame_is_the_gradient(seed, sizes):
    rng = np.random.default_rng(seed)
    D, H, K = sizes
    x, y = rng.normal(size=D), rng.uniform(size=K)
    W = rng.normal(size=(H, D)), rng.normal(size=(K, H))
    L, *gradients = page.blame(x, y, *W)
    V0, V1 = (Tensor(w, requires_grad=True) for w in W)
    o = F.sigmoid(F.linear(F.sigmoid(F.linear(x, V0)), V1))
    taped = F.mse_loss(o, y, reduction="sum")
    taped.backward()
    assert pytest.approx(taped.item()) == L
    for gradient, v in zip(gradients, (V0, V1), strict=True):
        np.testing.assert_allclose(gradient, v.grad, atol=1e-12)
    if K < 10:
        measured = partial_derivatives(lambda V: page.blame(x, y, V, W[1])[0], W[0])
        np.testing.assert_allclose(gradients[0], measured, atol=1e-8)


def test_who_is_to_blame():
    L, dW0, dW1 = page.blame(x, y, W0, W1)
    assert round(L, 3) == 0.188
    np.testing.assert_allclose(dW0[0], [-0.106, -0.213, 0.106], atol=5e-4)
    np.testing.assert_allclose(dW0[1], [0.042, 0.084, -0.042], atol=5e-4)
    np.testing.assert_allclose(dW1[0], [-0.106, -0.156], atol=5e-4)
    half = np.abs([dW0[0, 0], dW0[0, 2], dW1[0, 0]])
    np.testing.assert_allclose(half, -dW0[0, 1] / 2)
    raised = W0 + np.array([[0, 1.0, 0], [0, 0, 0]])
    assert round(L - page.blame(x, y, raised, W1)[0], 3) == 0.118 < -dW0[0, 1]


def test_one_step_halves_the_loss():
    L, dW0, dW1 = page.blame(x, y, W0, W1)
    after = page.blame(x, y, W0 - dW0, W1 - dW1)[0]
    assert round(after, 3) == 0.095
    assert 0.45 < after / L < 0.55


def test_a_second_output_turns_the_verdict():
    both = np.array([[2.0, -1.0], [2.0, 0.5]])
    dW0 = page.blame(x, np.array([1.0, 0.0]), W0, both)[1]
    assert round(dW0[0, 1], 3) == 0.045
    assert round(page.blame(x, y, W0, both[:1])[1][0, 1], 3) == -0.213


@seeds
def test_with_steps_the_loss_is_flat(seed):
    rng = np.random.default_rng(seed)
    page.x, page.W1 = rng.normal(size=3), rng.normal(size=(1, 2))
    page.W0 = rng.normal(size=(2, 3))
    w = rng.normal()
    assert page.loss_at(w + 1e-6, step) == page.loss_at(w - 1e-6, step)
    assert page.loss_at(w + 1e-6, page.σ) != page.loss_at(w - 1e-6, page.σ)


def test_multiplications():
    """2 · 3 and 3 · 4 products forward; the same twice, less the first, backward."""
    assert page.multiplications((2, 3, 4)) == (18, 18 + 12, 2 * 18 * 18)


def test_a_forward_pass_costs_what_the_formula_says():
    x, W0, W1 = np.ones(20), np.ones((5, 20)), np.ones((3, 5))
    count = count_products(lambda A, B, x: A @ (B @ x), W1, W0, x)
    assert count == page.multiplications((20, 5, 3))[0] == 115
    count = count_products(lambda A, B, x: (A @ B) @ x, W1, W0, x)
    assert count == 3 * 5 * 20 + 3 * 20


@seeds
def test_single_digits_shout_and_the_average_is_quiet(seed, data):
    X, Y, _ = data
    V0, V1 = page.start(seed + 10)
    o = page.σ(page.σ(X @ V0.T) @ V1.T)
    assert 0.04 < o.min() and o.max() < 0.2
    wish = 2 * (Y - o)
    assert ((wish > 0) == (Y == 1)).all()
    assert wish[Y == 1].min() > 1.6 and wish[Y == 0].min() > -0.4
    assert np.abs(wish.mean(axis=0)).max() < 0.1
    hidden = wish * o * (1 - o) @ V1
    assert np.abs(hidden.mean(axis=0)).max() < np.abs(hidden).max() / 10


@seeds
def test_a_digit_wishes_for_itself(seed, data):
    X, Y, _ = data
    V0, V1 = page.start(seed + 10)
    for n in range(3):
        dV0 = page.blame(X[n], Y[n], V0, V1)[1]
        assert all(np.abs(np.corrcoef(row, X[n])[0, 1]) > 0.999 for row in dV0)
    pairs = zip(X, Y, strict=True)
    every = np.mean([page.blame(*pair, V0, V1)[1] for pair in pairs], axis=0)
    for row in every[:, 1:]:  # wishes of both signs, and not only faint ones
        assert min(row.max(), -row.min()) > 0.05 * np.abs(row).max()


@pytest.mark.parametrize("digit", range(10))
def test_the_step_of_one_digit_spoils_the_others(digit, data):
    X, Y, labels = data
    V = page.start(seed=digit + 20)
    n = labels.tolist().index(digit)
    own, mean = page.loss(X[[n]], Y[[n]], *V), page.loss(X, Y, *V)
    alone = page.after_one_step([n], *V)
    assert alone[0] < own / 2 and alone[1] > mean
    every = page.after_one_step([n, *range(len(X))], *V)
    assert every[1] < mean


def test_twins_stay_twins():
    U0, U1 = np.tile([0.3, -0.2, 0.5], (2, 1)), np.array([[0.7, 0.7]])
    for _ in range(50):
        _, dU0, dU1 = page.blame(x, y, U0, U1)
        U0, U1 = U0 - dU0, U1 - dU1
    np.testing.assert_array_equal(U0[0], U0[1])
    assert U1[0, 0] == U1[0, 1] != 0.7


def test_another_loss_changes_one_factor():
    saved = by_hand.forward(x, 1.0, W0, W1)
    measured = partial_derivatives(
        lambda W: abs(by_hand.forward(x, 1.0, W, W1).o[0] - 1), W0
    )
    assert saved.o[0] < 1
    assert round(measured[0, 1], 2) == -0.25


@seeds
def test_the_average_wish_is_faint(seed, data):
    X, Y, _ = data
    V = page.start(seed + 10)
    single = np.array([page.blame(*pair, *V)[1] for pair in zip(X, Y, strict=True)])
    largest = np.abs(single).max(axis=(1, 2)).mean()
    assert np.abs(single.mean(axis=0)[:, 1:]).max() < largest / 3
