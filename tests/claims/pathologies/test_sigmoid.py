"""What the page in defence of the sigmoid says, from other seeds."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from course_lib import Tensor, nn
from course_lib.backprop.gradient_descent import descend
from course_lib.datasets import breast_cancer, digits
from course_lib.nn.dense import logistic, softmax
from course_lib.nn.losses import cross_entropy
from tests.definitions import definitions

page = definitions("pathologies/sigmoid")
page.F = nn.functional
inputs, benign = breast_cancer()
page.inputs, page.ill = inputs, 1.0 - benign[:, None]
page.loss = nn.BCEWithLogitsLoss()


def taped(u, y, in_two=False):
    """The loss and its derivative with respect to u, from the tape."""
    page.y = np.array(float(y))
    return page.taped(u, in_two)


@pytest.mark.parametrize("y", [0, 1])
@pytest.mark.parametrize("size", [0, 5, 36, 40, 500, 700, 750, 1000])
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_fused_loss_is_exact_at_any_score(sign, size, y):
    u = float(sign * size)
    with localcontext() as context:
        context.prec = 1000
        e = Decimal(u).exp()
        exact = (1 + e).ln() - y * Decimal(u), e / (1 + e) - y
        exact = [float(number) for number in exact]
    # Derivatives near −1 + 0 are right to the digits of 1, others to all of theirs.
    L, derivative = taped(u, y)
    assert L == pytest.approx(exact[0], rel=1e-14, abs=0)
    assert derivative == pytest.approx(exact[1], rel=1e-12, abs=1e-16 * y)


def test_in_two_steps_the_loss_is_clamped_and_the_slope_is_lost():
    for u in (40.0, 750.0, 1000.0):
        assert taped(u, 0, in_two=True) == (100, 0)
        assert taped(u, 0) == (u, 1)
    np.testing.assert_allclose(taped(5.0, 0, in_two=True), taped(5.0, 0))

    assert taped(-40.0, 0, in_two=True)[1] < 1e-4 * taped(-40.0, 0)[1]  # no harm


def test_the_two_factors_computed_apart_break_at_40_and_at_minus_750():
    page.y = np.array(0.0)
    for u in np.array([40.0, 750.0, 1000.0]):
        L, derivative = page.naive(u)
        assert np.isposinf(L) and np.isnan(derivative)
    for u in np.array([-1000.0, -750.0]):
        assert np.isnan(page.naive(u)).all()
    for u in np.array([-5.0, 5.0]):
        np.testing.assert_allclose(page.naive(u), taped(u, 0))
    for u in np.array([0.0, -4.0, -10.0, -20.0]):  # the table of the two factors
        o = logistic(u)
        assert -1 / o * o * (1 - o) == pytest.approx(o - 1, rel=1e-12)


def test_the_output_is_rounded_to_1_from_37_on_and_from_17_in_float32():
    for kind, first in [(np.float64, 37), (np.float32, 17)]:
        ones = logistic(np.arange(50, dtype=kind)) == 1
        assert ones.dtype == bool and ones.argmax() == first and ones[first:].all()


@pytest.mark.parametrize("seed", range(5))
def test_softmax_of_two_is_the_sigmoid_of_the_difference(seed):
    u = np.random.default_rng(seed + 5).normal(0, 20, size=(1000, 2))
    o = softmax(u).data[:, 1]
    np.testing.assert_allclose(o, logistic(u[:, 1] - u[:, 0]), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_the_slope_of_softmax_and_cross_entropy_is_output_minus_answer(seed):
    rng = np.random.default_rng(seed + 5)
    u, y = rng.normal(0, 300, size=(6, 4)), rng.integers(4, size=6)
    scores = Tensor(u, requires_grad=True)
    cross_entropy(scores, y, reduction="sum").backward()
    expected = softmax(u).data - np.eye(4)[y]
    np.testing.assert_allclose(scores.grad, expected, atol=1e-15)


def outputs(start, square):
    """Nielsen's unit: x = 1, y = 0, η = 0.15; the output after each epoch."""
    gradient = page.square_gradient if square else page.cross_gradient
    path = descend(gradient, np.array(start), 0.15, 300)
    return logistic(path.sum(axis=1))


def test_nielsens_unit_waits_for_150_epochs_and_ends_where_he_says():
    mild, bad = outputs((0.6, 0.9), True), outputs((2.0, 2.0), True)
    assert round(mild[0], 2) == 0.82 and round(bad[0], 2) == 0.98
    assert round(mild[300], 2) == 0.09 and round(bad[300], 2) == 0.20
    assert bad[150] > 0.93
    for start in ((0.6, 0.9), (2.0, 2.0)):
        assert outputs(start, False)[300] < 0.02
    assert outputs((2.0, 2.0), False)[50] < 0.1


def epochs_needed(loss, lr, added, seed, data):
    """Epochs to 90 % on test digits, at most 15, with a bias that says 0."""
    page.x, page.y = data.x_train, data.y_train
    right = page.learn(loss, lr, seed, data[2:], added, epochs=15)
    return 1 + (np.cumsum(right >= 0.9) == 0).sum()


def test_the_surer_and_wronger_the_longer_the_squared_error_waits():
    data = digits()
    needed = {
        (name, added): [epochs_needed(loss, lr, added, s, data) for s in (5, 6, 7)]
        for name, loss, lr in [("square", page.square, 10), ("cross", cross_entropy, 1)]
        for added in (0, 10, 12)
    }
    assert np.mean(needed["square", 0]) < np.mean(needed["cross", 0]) + 2  # alike
    assert min(needed["square", 10]) > max(needed["square", 0])
    assert min(needed["square", 12]) > 2 * max(needed["square", 0]) + 4
    assert np.mean(needed["cross", 12]) < np.mean(needed["cross", 0]) + 3
    assert max(needed["cross", 12]) < min(needed["square", 10]) + 1


def test_larger_rates_than_the_best_do_not_learn():
    data = digits()
    for loss, lr in [(page.square, 30), (cross_entropy, 3)]:
        found = [epochs_needed(loss, lr, 0, seed, data) for seed in (5, 6, 7)]
        assert sorted(found)[1] > 15  # not within 15 epochs, mostly


def reliability(steps):
    said, ill, off, nats = zip(
        *(page.forecasts(s, steps) for s in range(10, 20)), strict=True
    )
    said, ill = np.concatenate(said), np.concatenate(ill)
    table = {}
    for a, b in [(0.0, 0.1), (0.1, 0.3), (0.7, 0.9), (0.9, 1)]:
        part = (said >= a) & (said <= b)
        table[f"{a}"] = said[part].mean(), ill[part].mean()
    return table, np.abs(off).max(), np.array(nats)


def test_outputs_are_near_probabilities_until_training_goes_on_for_too_long():
    early, off, nats = reliability(300)
    late, late_off, late_nats = reliability(3000)
    assert off < 0.005 and late_off < 0.0015  # mean output and share, where it learned
    for said, ill in (early["0.0"], early["0.9"]):
        assert abs(said - ill) < 0.01
    assert early["0.7"][1] > early["0.7"][0] + 0.1  # too careful in between
    assert early["0.1"][1] < early["0.1"][0] - 0.03
    assert late["0.0"][1] > 2 * late["0.0"][0]  # too sure of the healthy
    assert late["0.7"][1] < late["0.7"][0] < early["0.7"][1]
    assert late_nats.mean() > 1.2 * nats.mean()
    assert (late_nats > nats).sum() >= 9  # of 10 divisions


def test_a_sigmoid_too_many_leaves_a_loss_that_cannot_fall_to_0():
    for u, y, floor in [(-50.0, 0, np.log(2)), (50.0, 1, np.log(1 + np.exp(-1)))]:
        u = Tensor(u, requires_grad=True)
        L = page.loss(page.F.sigmoid(u), np.array(float(y)))
        L.backward()
        assert L.item() == pytest.approx(floor) and abs(u.grad) < 1e-15
