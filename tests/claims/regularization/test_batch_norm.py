"""What the page on batch normalisation says, over several seeds."""

import functools

import numpy as np
import pytest

from course_lib import nn, optim
from course_lib.datasets import digits
from course_lib.nn.functional import batch_norm, layer_norm, linear
from course_lib.nn.normalization import standardize
from course_lib.training import accuracy, train_step
from tests.definitions import definitions

SEEDS = (10, 11)  # not those of the page
LOSS = nn.CrossEntropyLoss()
DATA = digits(397)
ROOT = 10**0.5

page = definitions("regularization/batch_norm")
page.x, page.y = DATA.x_train[:1100], DATA.y_train[:1100]
page.x_valid, page.y_valid = DATA.x_test, DATA.y_test
page.loss = LOSS


@functools.cache
def runs(norm, lr, epochs=4):
    """The accuracies on new digits, and the mean loss of the last epoch."""
    found = [page.train(norm, lr, seed, epochs) for seed in SEEDS]
    right = [accuracy(model, DATA.x_test, DATA.y_test) for model, _ in found]
    return np.array(right), np.array([last for _, last in found])


def test_batch_norm_allows_learning_rates_ten_times_as_large():
    """At rate 1 and 3.16 all starts learn with it, and none without."""
    for lr in (1.0, ROOT):
        assert runs(nn.BatchNorm1d, lr)[0].min() > 0.8
        assert runs(None, lr)[0].max() < 0.6
        assert runs(None, lr)[1].min() > 1.5 > 0.5 > runs(nn.BatchNorm1d, lr)[1].max()
        assert runs(nn.LayerNorm, lr)[1].max() > 0.8  # its curve ends too


def test_batch_norm_is_faster_at_each_rate_and_at_the_best():
    rates = 0.01, 0.1, 0.1 * ROOT
    plain, batch, layer = (
        np.array([runs(n, lr)[0].mean() for lr in rates])
        for n in (None, nn.BatchNorm1d, nn.LayerNorm)
    )
    assert (batch > plain).all() and batch.max() > plain.max() + 0.05
    assert plain.max() < layer.max() < batch.max()


def test_after_longer_training_the_lead_is_gone():
    """Paired by the start, at the rates that the page chooses."""
    plain = runs(None, 0.1 * ROOT, 20)[0]
    lead = runs(nn.BatchNorm1d, 0.1 * ROOT, 20)[0] - plain
    assert abs(lead.mean()) < 0.015
    assert plain.mean() > runs(None, 0.1 * ROOT)[0].mean() + 0.05


def test_with_batches_of_two_batch_norm_is_worse_than_nothing():
    found = {
        (norm, size): np.array([page.train_small(norm, size, s) for s in SEEDS[:2]])
        for norm, size in [
            (None, 2),
            (nn.BatchNorm1d, 2),
            (nn.LayerNorm, 2),
            (nn.BatchNorm1d, 32),
        ]
    }
    pairs = found[nn.BatchNorm1d, 2]
    assert pairs.max() < 60  # per cent
    assert pairs.mean() < min(found[n, 2].mean() for n in (None, nn.LayerNorm)) - 10
    assert found[nn.BatchNorm1d, 32].mean() > 88


def test_the_functions_of_the_page_are_those_of_the_library():
    rng = np.random.default_rng(0)
    U, (γ, β) = rng.normal(2, 3, size=(6, 4)), rng.normal(size=(2, 4))
    down = batch_norm(U, None, None, γ, β, training=True).data
    np.testing.assert_allclose(page.batch_norm(U, γ, β), down, rtol=1e-12)
    along = layer_norm(U, 4, γ, β).data
    np.testing.assert_allclose(page.layer_norm(U, γ, β), along, rtol=1e-12)


def test_the_sums_of_hidden_units_keep_their_place_and_width():
    """Over all units of the third layer, after 160 steps with rate 0.1."""
    for seed in SEEDS[:2]:
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


def through_norm(W, g):
    W = nn.Parameter(W)
    u = linear(DATA.x_train[:50], W)
    z = batch_norm(u, None, None, training=True, eps=0)
    z.backward(g)
    return z.data, W.grad


@pytest.mark.parametrize("seed", SEEDS)
def test_the_size_of_weights_does_not_matter_and_steps_make_them_longer(seed):
    rng = np.random.default_rng(seed)
    W, g = rng.normal(size=(50, 64)), rng.normal(size=(50, 50))
    values, slopes = zip(*(through_norm(w, g) for w in (W, 10 * W)), strict=True)
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


def test_the_gradient_by_hand():
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
