"""What the page on batch normalisation says, over several seeds."""

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.data import digits
from course_lib.functional import batch_norm, layer_norm, linear
from course_lib.training import accuracy, fit, train_step

SEEDS = range(10, 15)  # not those of the page
LOSS = nn.CrossEntropyLoss()


@pytest.fixture(scope="module")
def data():
    return digits(397)


def network(norm, seed):
    """64–50–50–50–10 with He's weights."""
    manual_seed(seed)
    layers, inputs = [], 64
    for _ in range(3):
        layers.append(nn.Linear(inputs, 50))
        nn.init.kaiming_normal_(layers[-1].weight, nonlinearity="relu")
        nn.init.zeros_(layers[-1].bias)
        layers += [norm(50), nn.ReLU()] if norm else [nn.ReLU()]
        inputs = 50
    return nn.Sequential(*layers, nn.Linear(50, 10))


@np.errstate(over="ignore", invalid="ignore")
def train(data, norm, lr, seed):
    model = network(norm, seed)
    optimizer = optim.SGD(model.parameters(), lr)
    try:
        x, y = data.x_train, data.y_train
        fit(model, LOSS, optimizer, x, y, epochs=4, batch_size=50)
    except FloatingPointError:
        return 0.0
    return accuracy(model, data.x_test, data.y_test)


def runs(data, norm, lr):
    return np.array([train(data, norm, lr, seed) for seed in SEEDS])


def test_batch_norm_allows_larger_learning_rates(data):
    """At rate 1 and 3.16 all starts learn with it, and none without."""
    for lr in (1.0, 10**0.5):
        assert runs(data, nn.BatchNorm1d, lr).min() > 0.8
        assert runs(data, None, lr).max() < 0.6
    assert runs(data, nn.LayerNorm, 10**0.5).max() < 0.6
    assert runs(data, nn.BatchNorm1d, 10.0).mean() < 0.5  # it has a limit too


def test_batch_norm_is_quicker_with_equal_rates_and_with_the_best(data):
    best = {}
    for norm in (None, nn.BatchNorm1d):
        means = [runs(data, norm, lr).mean() for lr in (0.01, 0.1, 0.1 * 10**0.5)]
        best[norm] = means
    assert (np.array(best[nn.BatchNorm1d]) > best[None]).all()
    assert max(best[nn.BatchNorm1d]) > max(best[None]) + 0.02


def train_small(data, norm, size, seed):
    model, rng = network(norm, seed), np.random.default_rng(seed)
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    for _ in range(200):
        chosen = rng.choice(1400, size, replace=False)
        train_step(model, LOSS, optimizer, data.x_train[chosen], data.y_train[chosen])
    return accuracy(model, data.x_test, data.y_test)


def test_with_batches_of_two_batch_norm_is_worse_than_nothing(data):
    found = {
        (norm, size): np.mean([train_small(data, norm, size, s) for s in SEEDS])
        for norm in (None, nn.BatchNorm1d, nn.LayerNorm)
        for size in (2, 8)
    }
    assert found[nn.BatchNorm1d, 2] < min(found[None, 2], found[nn.LayerNorm, 2]) - 0.1
    assert found[nn.BatchNorm1d, 8] > found[None, 8]


def test_the_sums_of_hidden_units_keep_their_place_and_width(data):
    """Over all units of the third layer, after 160 steps with rate 0.1."""
    for seed in SEEDS:
        drifts = {}
        for norm in (None, nn.BatchNorm1d):
            model, rng = network(norm, seed), np.random.default_rng(seed)
            optimizer = optim.SGD(model.parameters(), lr=0.1)
            before = sums(model, data)
            for _ in range(160):
                chosen = rng.integers(1400, size=50)
                x, y = data.x_train[chosen], data.y_train[chosen]
                train_step(model, LOSS, optimizer, x, y)
            after = sums(model, data)
            wider = after.std(axis=0) / before.std(axis=0)
            moved = np.abs(after.mean(axis=0) - before.mean(axis=0))
            drifts[norm] = np.median(wider), np.median(moved)
        assert drifts[None][0] > 1.5 > 1.25 > drifts[nn.BatchNorm1d][0] > 0.8
        assert drifts[nn.BatchNorm1d][1] < 0.5 * drifts[None][1]


def sums(model, data):
    u = data.x_train[:256]
    for layer in list(model)[:-2]:
        u = layer(u)
    return u.data


@pytest.mark.parametrize("seed", SEEDS)
def test_the_size_of_weights_does_not_matter_and_steps_make_them_longer(data, seed):
    rng = np.random.default_rng(seed)
    W, g = rng.normal(size=(50, 64)), rng.normal(size=(50, 50))
    values, slopes = [], []
    for factor in (1, 10):
        weight = nn.Parameter(factor * W)
        u = linear(data.x_train[:50], weight)
        z = batch_norm(u, None, None, training=True, eps=0)
        z.backward(g)
        values.append(z.data)
        slopes.append(weight.grad)
    np.testing.assert_allclose(*values, rtol=0, atol=1e-10)
    np.testing.assert_allclose(slopes[0], 10 * slopes[1], rtol=0, atol=1e-10)
    assert abs((W * slopes[0]).sum()) < 1e-10
    for lr in (0.01, 1.0):
        assert np.linalg.norm(W - lr * slopes[0]) > np.linalg.norm(W)


def test_a_bias_before_batch_norm_has_no_slope(data):
    model = network(nn.BatchNorm1d, 0)
    LOSS(model(data.x_train[:50]), data.y_train[:50]).backward()
    for linear_layer in (model[0], model[3], model[6]):
        np.testing.assert_allclose(linear_layer.bias.grad, 0, atol=1e-15)


def test_two_examples_leave_their_order_alone():
    pairs = np.random.default_rng(0).normal(size=(2, 1000))
    z = batch_norm(pairs, None, None, training=True, eps=0).data
    np.testing.assert_allclose(z, np.sign(pairs - pairs[::-1]), atol=1e-9)


def test_layer_norm_does_not_see_the_others_and_batch_norm_does():
    x = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_array_equal(layer_norm(x, 4).data[:1], layer_norm(x[:1], 4).data)
    all5, two = (batch_norm(p, None, None, training=True).data[0] for p in (x, x[:2]))
    assert np.abs(all5 - two).max() > 0.1


@pytest.mark.parametrize("m", [2, 4, 8])
def test_the_variance_of_a_batch_is_too_small_by_one_share(m):
    many = np.random.default_rng(m).normal(size=(50_000, m))
    assert abs(many.var(axis=1).mean() - (m - 1) / m) < 0.02
    assert abs(many.var(axis=1, ddof=1).mean() - 1) < 0.02
