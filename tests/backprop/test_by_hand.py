"""The slides' derivation, the chain of rules, the tape and differences agree."""

import numpy as np
import pytest

from course_lib import Tensor, nn
from course_lib.backprop import by_hand
from course_lib.core.numerical import partial_derivatives

F = nn.functional
seeds = pytest.mark.parametrize("seed", range(5))


def network(seed: int, shape: tuple = (), dtype: type = np.float64) -> tuple:
    """Inputs with x₀ = 1, answers and weights of the deck's network."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(*shape, 3))
    x[..., 0] = 1
    y = rng.uniform(size=(*shape, 1))
    W0, W1 = rng.normal(size=(2, 3)), rng.normal(size=(1, 2))
    return tuple(array.astype(dtype) for array in (x, y, W0, W1))


def by_tape(x, y, W0, W1) -> tuple:
    x, W0, W1 = (Tensor(array, requires_grad=True) for array in (x, W0, W1))
    o = F.sigmoid(F.linear(F.sigmoid(F.linear(x, W0)), W1))
    L = F.mse_loss(o, y)
    L.backward()
    return L.data, x.grad, W0.grad, W1.grad


@seeds
def test_all_ways_agree_on_one_example(seed):
    x, y, W0, W1 = network(seed)
    saved = by_hand.forward(x, y[0], W0, W1)
    L, dx, dW0, dW1 = by_hand.chain(x, y, W0, W1)
    assert saved.L == pytest.approx(L, rel=1e-12)
    assert type(saved.L) is float
    dx1 = by_hand.slide_25(saved, y[0], W0, W1)
    np.testing.assert_allclose(dx1, dx[1], atol=1e-9)
    for slide, rule in zip(
        by_hand.slide_weights(saved, y[0], W1), (dW0, dW1), strict=True
    ):
        assert slide.shape == rule.shape
        np.testing.assert_allclose(slide, rule, atol=1e-9)
    arrays = [x, W0, W1]
    for i, derivative in enumerate([dx, dW0, dW1]):

        def loss(a, i=i):
            x, W0, W1 = [*arrays[:i], a, *arrays[i + 1 :]]
            return by_hand.forward(x, y[0], W0, W1).L

        np.testing.assert_allclose(
            derivative, partial_derivatives(loss, arrays[i]), atol=1e-9
        )


@seeds
@pytest.mark.parametrize("shape", [(), (1,), (7,), (64,)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_chain_and_tape_agree_bit_for_bit(seed, shape, dtype):
    arrays = network(seed, shape, dtype)
    for chained, taped in zip(by_hand.chain(*arrays), by_tape(*arrays), strict=True):
        assert np.isfinite(chained).all()
        np.testing.assert_array_equal(np.asarray(chained), taped, strict=True)
        assert np.asarray(chained).dtype == dtype


@seeds
def test_a_batch_is_the_mean_of_its_examples(seed):
    x, y, W0, W1 = network(seed, (6,))
    whole = by_hand.chain(x, y, W0, W1)
    each = [by_hand.chain(x[n], y[n], W0, W1) for n in range(6)]
    for i in (0, 2, 3):
        np.testing.assert_allclose(whole[i], np.mean([e[i] for e in each], axis=0))
    np.testing.assert_allclose(whole[1], [e[1] / 6 for e in each])


def test_forward_keeps_every_value():
    x, y, W0, W1 = network(0)
    saved = by_hand.forward(x, y[0], W0, W1)
    np.testing.assert_allclose(saved.u0, [sum(W0[j] * x) for j in range(2)])
    np.testing.assert_allclose(saved.o0, 1 / (1 + np.exp(-saved.u0)))
    np.testing.assert_allclose(saved.u1, [sum(W1[0] * saved.o0)])
    np.testing.assert_allclose(saved.o, 1 / (1 + np.exp(-saved.u1)))
    assert pytest.approx((saved.o[0] - y[0]) ** 2) == saved.L


def test_forward_with_another_unit():
    """With f(u) = u the network is one product of matrices."""
    x, y, W0, W1 = network(0)
    saved = by_hand.forward(x, y[0], W0, W1, f=lambda u: u)
    np.testing.assert_allclose(saved.o, W1 @ W0 @ x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_classifier_chain_and_tape_agree_bit_for_bit(dtype):
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(100, 784)).astype(dtype)
    target = rng.integers(10, size=100)
    model = nn.Sequential(
        nn.Linear(784, 128, dtype=dtype, rng=rng),
        nn.Sigmoid(),
        nn.Linear(128, 10, dtype=dtype, rng=rng),
    )
    W0, b0, W1, b1 = (p.data for p in model.parameters())
    L, *derivatives = by_hand.classifier_chain(x, target, W0, b0, W1, b1)
    taped = nn.CrossEntropyLoss()(model(x), target)
    taped.backward()
    np.testing.assert_array_equal(np.asarray(L), taped.data, strict=True)
    assert np.isfinite(L)
    for d, parameter in zip(derivatives, model.parameters(), strict=True):
        np.testing.assert_array_equal(d, parameter.grad, strict=True)
