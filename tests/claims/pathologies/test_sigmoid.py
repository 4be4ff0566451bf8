"""What the page in defence of the sigmoid says, from other seeds."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from course_lib import Tensor, manual_seed, nn, optim
from course_lib.backprop.gradient_descent import descend
from course_lib.datasets import breast_cancer, digits
from course_lib.nn.dense import logistic, softmax
from course_lib.nn.losses import cross_entropy
from course_lib.training import accuracy, evaluate, fit, train_step

F = nn.functional


def both(loss, u, y):
    """A loss and its slope by u, from the tape."""
    u = Tensor(u, requires_grad=True)
    L = loss(u, np.array(float(y)))
    L.backward()
    return L.item(), float(u.grad)


def in_two(u, y):
    return nn.BCELoss()(F.sigmoid(u), y)


fused = nn.BCEWithLogitsLoss()


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
    # Slopes near −1 + 0 are right to the digits of 1, others to all of theirs.
    L, slope = both(fused, u, y)
    assert L == pytest.approx(exact[0], rel=1e-14, abs=0)
    assert slope == pytest.approx(exact[1], rel=1e-12, abs=1e-16 * y)


def test_in_two_steps_the_loss_is_clamped_and_the_slope_is_lost():
    for u in (40.0, 750.0, 1000.0):
        assert both(in_two, u, 0) == (100, 0)
        assert both(fused, u, 0) == (u, 1)
    np.testing.assert_allclose(both(in_two, 5.0, 0), both(fused, 5.0, 0))

    assert both(in_two, -40.0, 0)[1] < 1e-4 * both(fused, -40.0, 0)[1]  # no harm


@np.errstate(all="ignore")
def naive(u, y):
    """Slide 36 as it stands, and its slope from the two factors."""
    o = 1 / (1 + np.exp(-u))
    L = -y * np.log(o) - (1 - y) * np.log(1 - o)
    return L, (-y / o + (1 - y) / (1 - o)) * o * (1 - o)


def test_the_two_factors_computed_apart_break_at_40_and_at_minus_750():
    for u in np.array([40.0, 750.0, 1000.0]):
        L, slope = naive(u, np.array(0.0))
        assert np.isposinf(L) and np.isnan(slope)
    for u in np.array([-1000.0, -750.0]):
        assert np.isnan(naive(u, np.array(0.0))).all()
    for u in np.array([-5.0, 5.0]):
        np.testing.assert_allclose(naive(u, np.array(0.0)), both(fused, u, 0))
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
    wanted = softmax(u).data - np.eye(4)[y]
    np.testing.assert_allclose(scores.grad, wanted, atol=1e-15)


def outputs(start, square):
    """Nielsen's unit: x = 1, y = 0, η = 0.15; the output after each epoch."""

    def slope(p):
        o = logistic(p.sum())
        return np.full(2, o * o * (1 - o) if square else o)

    path = descend(slope, np.array(start), 0.15, 300)
    return logistic(path.sum(axis=1))


def test_nielsens_unit_waits_for_150_epochs_and_ends_where_he_says():
    mild, bad = outputs((0.6, 0.9), True), outputs((2.0, 2.0), True)
    assert round(mild[0], 2) == 0.82 and round(bad[0], 2) == 0.98
    assert round(mild[300], 2) == 0.09 and round(bad[300], 2) == 0.20
    assert bad[150] > 0.93
    for start in ((0.6, 0.9), (2.0, 2.0)):
        assert outputs(start, False)[300] < 0.02
    assert outputs((2.0, 2.0), False)[50] < 0.1


def square(u, y):
    return F.mse_loss(F.softmax(u), np.eye(10)[y])


def epochs_needed(loss, lr, added, seed, data):
    """Epochs to 90 % on test digits, at most 15, with a bias that says 0."""
    manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10))
    model[2].bias.data = model[2].bias.data + added * np.eye(10)[0]
    right = []
    fit(
        model,
        loss,
        optim.SGD(model.parameters(), lr),
        data.x_train,
        data.y_train,
        epochs=15,
        batch_size=32,
        rng=np.random.default_rng(seed),
        after_epoch=lambda _: right.append(accuracy(model, data.x_test, data.y_test)),
    )
    return 1 + (np.cumsum(np.array(right) >= 0.9) == 0).sum()


def test_the_surer_and_wronger_the_longer_the_squared_error_waits():
    data = digits()
    needed = {
        (name, added): [epochs_needed(loss, lr, added, s, data) for s in (5, 6, 7)]
        for name, loss, lr in [("square", square, 10), ("cross", cross_entropy, 1)]
        for added in (0, 10, 12)
    }
    assert np.mean(needed["square", 0]) < np.mean(needed["cross", 0]) + 2  # alike
    assert min(needed["square", 10]) > max(needed["square", 0])
    assert min(needed["square", 12]) > 2 * max(needed["square", 0]) + 4
    assert np.mean(needed["cross", 12]) < np.mean(needed["cross", 0]) + 3
    assert max(needed["cross", 12]) < min(needed["square", 10]) + 1


def test_larger_rates_than_the_best_do_not_learn():
    data = digits()
    for loss, lr in [(square, 30), (cross_entropy, 3)]:
        found = [epochs_needed(loss, lr, 0, seed, data) for seed in (5, 6, 7)]
        assert sorted(found)[1] > 15  # not within 15 epochs, mostly


def forecasts(seed, steps):
    """Probabilities of illness for one half, learned from the other half."""
    x, benign = breast_cancer()
    y = 1.0 - benign[:, None]
    order = np.random.default_rng(seed).permutation(569)
    train, other = order[:284], order[284:]
    x = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
    manual_seed(seed)
    model = nn.Linear(30, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.3)
    for _ in range(steps):
        train_step(model, fused, optimizer, x[train], y[train])
    o = logistic(model(x).data)
    off = (o[train] - y[train]).mean()
    return o[other], y[other], off, evaluate(model, fused, x[other], y[other])


def reliability(steps):
    said, ill, off, nats = zip(
        *(forecasts(s, steps) for s in range(10, 20)), strict=True
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
        L, slope = both(lambda u, y: fused(F.sigmoid(u), y), u, y)
        assert L == pytest.approx(floor) and abs(slope) < 1e-15
