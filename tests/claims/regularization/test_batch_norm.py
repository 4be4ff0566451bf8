"""What the page on batch normalisation says, over several seeds."""

import functools

import numpy as np
import pytest

from course_lib import nn, optim
from course_lib.datasets import digits
from course_lib.nn.functional import batch_norm, layer_norm, linear
from course_lib.nn.normalization import standardize
from course_lib.training import train_step
from tests.definitions import definitions

SEEDS = range(10, 15)  # not those of the page
LOSS = nn.CrossEntropyLoss()


DATA = digits(397)

page = definitions("regularization/batch_norm")
page.x, page.y, page.x_test, page.y_test = DATA
page.loss = LOSS


@functools.cache
def train(norm, lr, seed, epochs=4):
    """The accuracy in the end, and the loss of each step."""
    *losses, right = page.train(norm, lr, seed, epochs)
    return right / 100, np.array(losses)


def runs(norm, lr):
    return np.array([train(norm, lr, seed)[0] for seed in SEEDS])


def curve(norm, lr):
    """The loss, seven steps averaged, and the mean over the starts."""
    losses = [train(norm, lr, seed)[1] for seed in SEEDS]
    return np.reshape(losses, (5, 16, 7)).mean(axis=(0, 2))


ROOT = 10**0.5


def test_batch_norm_allows_larger_learning_rates():
    """At rate 1 and 3.16 all starts learn with it, and none without."""
    for lr in (1.0, ROOT):
        assert runs(nn.BatchNorm1d, lr).min() > 0.8
        assert runs(None, lr).max() < 0.6
        assert curve(None, lr)[8:].min() > 1.9 > 0.5 > curve(nn.BatchNorm1d, lr)[-1]
    assert runs(nn.LayerNorm, ROOT).max() < 0.6
    assert runs(nn.BatchNorm1d, 10.0).mean() < 0.5  # it has a limit too


def test_batch_norm_is_quicker_at_each_rate_and_in_the_best():
    rates = (0.01, 0.01 * ROOT, 0.1, 0.1 * ROOT)
    plain, batch = (
        [runs(n, lr).mean() for lr in rates] for n in (None, nn.BatchNorm1d)
    )
    assert (np.array(batch) > plain).all()
    assert max(batch) > max(plain) + 0.02
    end = curve(None, 0.1 * ROOT)[-1]
    first_below = np.argmax(curve(nn.BatchNorm1d, 0.1 * ROOT) < end)
    assert first_below < 8  # quarters of an epoch


def test_layer_norm_lies_between_the_two():
    for lr in (0.01, 0.01 * ROOT, 0.1):
        layer = runs(nn.LayerNorm, lr).mean()
        assert layer > runs(None, lr).mean()
        assert layer > runs(nn.BatchNorm1d, lr).mean() - 0.1
    layer, plain = (runs(n, 0.1 * ROOT).mean() for n in (nn.LayerNorm, None))
    assert layer < plain + 0.03  # the lead is lost
    layer = runs(nn.LayerNorm, 1.0).mean()
    assert runs(None, 1.0).mean() + 0.1 < layer < runs(nn.BatchNorm1d, 1.0).mean() - 0.1


def test_with_ten_times_as_many_epochs_there_is_no_lead():
    plain, batch = (
        np.mean([train(norm, 0.1 * ROOT, s, epochs=40)[0] for s in SEEDS[:3]])
        for norm in (None, nn.BatchNorm1d)
    )
    assert batch - plain < 0.01
    assert plain > runs(None, 0.1 * ROOT).mean() + 0.05


def test_with_batches_of_two_batch_norm_is_worse_than_nothing():
    found = {
        (norm, size): np.transpose([page.train_small(norm, size, s) for s in SEEDS])
        for norm in (None, nn.BatchNorm1d, nn.LayerNorm)
        for size in (2, 8)
    }
    (pairs, loss), others = found[nn.BatchNorm1d, 2], (None, nn.LayerNorm)
    assert pairs.max() < 60  # per cent
    assert pairs.mean() < min(found[n, 2][0].mean() for n in others) - 10
    assert loss.min() > 1.8 > 1.5 > max(found[n, 2][1].max() for n in others)
    assert found[nn.BatchNorm1d, 8][0].mean() > found[None, 8][0].mean()


def test_the_sums_of_hidden_units_keep_their_place_and_width():
    """Over all units of the third layer, after 160 steps with rate 0.1."""
    for seed in SEEDS:
        drifts, one_sided = {}, {}
        for norm in (None, nn.BatchNorm1d):
            model, rng = page.network(norm, seed), np.random.default_rng(seed)
            optimizer = optim.SGD(model.parameters(), lr=0.1)
            before = sums(model)
            for _ in range(160):
                chosen = rng.integers(1400, size=50)
                x, y = DATA.x_train[chosen], DATA.y_train[chosen]
                train_step(model, LOSS, optimizer, x, y)
            after = sums(model)
            wider = after.std(axis=0) / before.std(axis=0)
            moved = np.abs(after.mean(axis=0) - before.mean(axis=0))
            drifts[norm] = np.median(wider), np.median(moved)
            one_sided[norm] = (np.abs((after > 0).mean(axis=0) - 0.5) > 0.45).mean()
        assert drifts[None][0] > 1.5 > 1.25 > drifts[nn.BatchNorm1d][0] > 0.8
        assert drifts[nn.BatchNorm1d][1] < 0.5 * drifts[None][1]
        assert one_sided[None] > 0.05 and one_sided[nn.BatchNorm1d] == 0


def sums(model):
    u = DATA.x_train[:256]
    for layer in list(model)[:-2]:
        u = layer(u)
    return u.data


@pytest.mark.parametrize("seed", SEEDS)
def test_the_size_of_weights_does_not_matter_and_steps_make_them_longer(seed):
    rng = np.random.default_rng(seed)
    W, page.g = rng.normal(size=(50, 64)), rng.normal(size=(50, 50))
    values, slopes = zip(*map(page.through_norm, (W, 10 * W)), strict=True)
    np.testing.assert_allclose(*values, rtol=0, atol=1e-10)
    np.testing.assert_allclose(slopes[0], 10 * slopes[1], rtol=0, atol=1e-10)
    assert abs((W * slopes[0]).sum()) < 1e-10
    for lr in (0.01, 1.0):
        assert np.linalg.norm(W - lr * slopes[0]) > np.linalg.norm(W)


def test_the_size_of_all_weights_does_not_matter_to_layer_norm_either():
    W = np.random.default_rng(0).normal(size=(50, 64))
    u = [linear(DATA.x_train[:50], factor * W) for factor in (1, 10)]
    one, ten = (layer_norm(sums, 50, eps=0).data for sums in u)
    np.testing.assert_allclose(one, ten, rtol=0, atol=1e-10)


def test_the_way_back_by_hand():
    batch = np.array([2.0, 4, 4, 4, 5, 5, 7, 9])[:, None]
    z, back = standardize(batch, (0,), eps=0)
    np.testing.assert_allclose(z.ravel(), [-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2])
    slopes = back(8.0 * (batch == 9)).ravel()
    np.testing.assert_allclose(slopes, [1, 0, 0, 0, -0.5, -0.5, -1.5, 1.5], atol=1e-15)


def test_a_bias_before_batch_norm_has_no_slope():
    model = page.network(nn.BatchNorm1d, 0)
    LOSS(model(DATA.x_train[:50]), DATA.y_train[:50]).backward()
    for linear_layer in (model[0], model[3], model[6]):
        np.testing.assert_allclose(linear_layer.bias.grad, 0, atol=1e-15)


def test_two_examples_leave_their_order_alone():
    pairs = np.random.default_rng(0).normal(size=(2, 1000))
    z = batch_norm(pairs, None, None, training=True, eps=0).data
    np.testing.assert_allclose(z, np.sign(pairs - pairs[::-1]), atol=1e-9)


def test_layer_norm_does_not_see_the_others_and_batch_norm_does():
    x = np.random.default_rng(0).normal(size=(5, 4))
    alone, together = layer_norm(x[:1], 4).data, layer_norm(x, 4).data[:1]
    np.testing.assert_allclose(alone, together, atol=1e-14)
    all5, two = (batch_norm(p, None, None, training=True).data[0] for p in (x, x[:2]))
    assert np.abs(all5 - two).max() > 0.1


@pytest.mark.parametrize("m", [2, 4, 8])
def test_the_variance_of_a_batch_is_too_small_by_one_share(m):
    many = np.random.default_rng(m).normal(size=(50_000, m))
    assert abs(many.var(axis=1).mean() - (m - 1) / m) < 0.02
    assert abs(many.var(axis=1, ddof=1).mean() - 1) < 0.02
