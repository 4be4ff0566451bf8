"""What the page on penalties, early stopping and simpler models says."""

import functools

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim, training
from course_lib.datasets import digits
from course_lib.optim.trajectory import trajectory
from course_lib.regularization.overfitting import (
    cubic,
    least_squares,
    polynomial_features,
)
from course_lib.regularization.penalties import lasso, soft_threshold
from course_lib.training import accuracy, evaluate
from tests.definitions import definitions

SEEDS = range(5, 10)  # other ones than the page's
DATA, LOSS = digits(), nn.CrossEntropyLoss()

page = definitions("regularization/penalties")
page.data, page.loss = DATA, LOSS


@pytest.fixture(scope="module")
def polynomial():
    """Features of 16 places and of many, and 200 samples: y = law + noise."""
    x, at = np.linspace(-1, 1, 16), np.linspace(-1, 1, 161)
    noise = 0.3 * np.random.default_rng(1).normal(size=(16, 200))
    X, X_at = polynomial_features(x, 15), polynomial_features(at, 15)
    return X, cubic(x)[:, None] + noise, X_at, cubic(at)[:, None]


def test_a_price_tames_the_weights_and_helps_up_to_a_point(polynomial):
    X, Y, X_at, truth = polynomial
    prices = [0, 1e-6, 1e-4, 0.01, 0.03, 0.1, 1, 10]
    fits = [least_squares(X, Y, price) for price in prices]
    largest = [np.abs(W).max(axis=0).mean() for W in fits]
    sample = [((X @ W - Y) ** 2).mean() for W in fits]
    distance = [((X_at @ W - truth) ** 2).mean() for W in fits]
    assert (np.diff(largest) < 0).all() and (np.diff(sample) > 0).all()
    assert largest[0] > 1e4 and largest[4] < 3
    best = np.argmin(distance)
    assert prices[best] in (0.01, 0.03, 0.1)
    assert distance[best] < distance[0] / 1000 and distance[best] < distance[-1] / 4


@pytest.mark.parametrize("price", [0.1, 1.0])
def test_descent_with_weight_decay_arrives_at_ridge_regression(polynomial, price):
    X, Y, *_ = polynomial
    bends = np.linalg.eigvalsh(X.T @ X) + price
    rate = 2 / (bends[0] + bends[-1])
    for k in range(5):
        path = trajectory(
            lambda w: optim.SGD(w, rate, weight_decay=price),
            lambda w, k=k: X.T @ (X @ w - Y[:, k]),
            np.zeros(16),
            6_000,
        )
        exact = least_squares(X, Y[:, k], price)
        np.testing.assert_allclose(path[-1], exact, rtol=0, atol=1e-10)


def test_one_weight_l2_divides_and_l1_subtracts():
    for price in (0, 1, 3, 5):
        two, one = 1.0, 1.0
        for _ in range(500):
            two -= 0.1 * (two - 3 + price * two)
            one = soft_threshold(one - 0.1 * (one - 3), 0.1 * price)
        np.testing.assert_allclose(two, 3 / (1 + price))
        np.testing.assert_allclose(one, max(3 - price, 0), atol=1e-12)


def test_plain_descent_on_l1_hovers_about_0():
    w, price = 1.0, 5.0
    for _ in range(500):
        w -= 0.1 * ((w - 3) + price * np.sign(w))
    assert 0 < abs(w) < 0.1 * (price + 3)


def test_among_equal_penalties_l1_is_often_best_at_a_corner_and_l2_never():
    angle = np.linspace(0, 2 * np.pi, 401)[:-1]  # the corners are among these
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    diamond = circle / np.abs(circle).sum(axis=1, keepdims=True)
    rng, zeros = np.random.default_rng(0), []
    for _ in range(200):  # bowls of any direction, their lowest point outside
        axes, turn = rng.uniform(0.1, 1, 2), rng.uniform(0, np.pi)
        rows = [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
        lowest = 1.75 * np.array([np.cos(toward := rng.uniform(0, 7)), np.sin(toward)])
        best = [
            edge[(((edge - lowest) @ np.transpose(rows)) ** 2 @ axes).argmin()]
            for edge in (circle, diamond)
        ]
        zeros.append([np.abs(point).min() < 1e-12 for point in best])
    on_circle, on_diamond = np.mean(zeros, axis=0)
    assert on_circle < 0.05 and 0.3 < on_diamond < 1


def test_l1_strikes_out_noise_and_l2_nothing():
    errors = []
    for seed in range(20, 40):
        x, y = page.patients(seed)
        none, l2, more_l2 = (least_squares(x[:150], y[:150], p) for p in (0, 15, 45))
        l1, more_l1 = (lasso(x[:150], y[:150], p) for p in (15, 45))
        assert (l2 != 0).all() and (more_l2 != 0).all()
        assert (l1[:10] == 0).sum() in (5, 6, 7) and (l1[10:] == 0).sum() >= 14
        fits = [none, l2, more_l2, l1, more_l1]
        errors.append([np.mean((x[150:] @ w - y[150:]) ** 2) for w in fits])
    none, l2, more_l2, l1, more_l1 = np.mean(errors, axis=0)
    assert l1 < more_l2 < l2 < none < more_l1


@pytest.mark.parametrize("size", [10.0, 30.0, 100.0])
def test_adam_divides_the_decay_and_adamw_does_not(size):
    def after(make):
        rng = np.random.default_rng(int(size))
        steps = ([1, size] * rng.permutation([[1, 1], [-1, -1]]) for _ in range(5000))
        slopes = (row for pair in steps for row in pair)
        return trajectory(make, lambda w: next(slopes), np.ones(2), 10_000)[-1]

    adam = after(lambda w: optim.Adam(w, 1e-3, weight_decay=0.1))
    adamw = after(lambda w: optim.AdamW(w, 1e-3, weight_decay=0.1))
    np.testing.assert_allclose(adamw, np.exp(-1), rtol=0.1)
    np.testing.assert_allclose(adam, np.exp([-1, -1 / size]), rtol=0.1)


def test_under_sgd_l2_in_the_loss_is_decay():
    w = v = np.array([1.0, -2.0])
    for g in np.random.default_rng(0).normal(size=(100, 2)):
        w, v = w - 0.1 * (g + 0.5 * w), (1 - 0.1 * 0.5) * v - 0.1 * g
    np.testing.assert_allclose(w, v, rtol=1e-12)


@functools.cache
def learn(seed, wrong, price=0.0, patience=None):
    """Norm, test error, epochs, share of wrong labels learned by heart, lost loss.

    The last is how far the validation loss at the end is above its lowest.
    """
    models = []

    def fit(model, *args, **options):
        models.append(model)
        return training.fit(model, *args, **options)

    page.fit = fit  # to keep the model, which the page throws away
    norm, error, history = page.learn(seed, wrong, price, patience)
    (x, y), validation = page.sample(seed, wrong)
    spoiled = y != page.sample(seed, 0)[0][1]
    heart = accuracy(models[0], x[spoiled], y[spoiled]) if wrong else 0.0
    above = evaluate(models[0], LOSS, *validation) - min(history.validation_loss)
    return norm, error, len(history.loss), heart, above


def runs(*settings):
    return np.array([learn(seed, *settings) for seed in SEEDS]).T


def test_wrong_labels_make_larger_weights_and_a_price_helps_against_them():
    clean, spoiled, priced = runs(0), runs(0.3), runs(0.3, 0.03)
    assert (spoiled[0] > clean[0]).all()  # norms
    assert (priced[1] < spoiled[1] - 0.05).all()  # test errors
    clean_priced, too_dear = runs(0, 0.003), runs(0, 0.1)
    assert abs(clean_priced[1].mean() - clean[1].mean()) < 0.01
    assert (too_dear[1] > clean[1] + 0.05).all()


def test_stopping_early_leaves_the_wrong_labels_unlearned():
    full, stopped = runs(0.3), runs(0.3, 0.0, 10)
    assert (stopped[1] < full[1] - 0.05).all()
    assert stopped[1].mean() < 0.65 * full[1].mean()
    assert stopped[1].mean() < runs(0.3, 0.03)[1].mean() + 0.02
    assert (stopped[2] < 60).all() and (stopped[0] < 0.75 * full[0]).all()
    assert (full[3] > 0.5).all() and (stopped[3] < 0.3).all()


def test_stopping_early_brings_back_the_best_weights():
    full, stopped = runs(0.3), runs(0.3, 0.0, 10)
    assert (full[4] > 0.2).all()  # training on leaves the best weights behind
    np.testing.assert_allclose(stopped[4], 0, atol=1e-12)


def test_a_large_norm_is_no_proof():
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    outputs, norm = model(DATA.x_test).data, page.norm_of(model)
    for p, factor in zip(model.parameters(), [10, 10, 0.1, 1], strict=True):
        p.data = factor * p.data
    np.testing.assert_allclose(model(DATA.x_test).data, outputs, rtol=1e-9, atol=1e-12)
    assert page.norm_of(model) ** 2 > 50 * norm**2


def read(hidden, n, seed, rate, batch_size=50, epochs=None):
    """As the page's `compete`, at other rates and for other times; in points."""
    few = manual_seed(seed).permutation(len(DATA.x_train))[:n]
    dense = [m for _ in range(hidden) for m in (nn.Linear(64, 64), nn.ReLU())]
    model = nn.Sequential(*dense, nn.Linear(64, 10))
    optimizer = optim.Adam(model.parameters(), rate)
    how = {"epochs": epochs or max(300 // -(-n // 50), 30), "batch_size": batch_size}
    training.fit(model, LOSS, optimizer, DATA.x_train[few], DATA.y_train[few], **how)
    return 100 * accuracy(model, DATA.x_test, DATA.y_test)


def lead(n, seeds, learn=page.compete):
    """How much more the deep network reads than the linear one, for each seed."""
    linear, deep = ([learn(hidden, n, s) for s in seeds] for hidden in (0, 2))
    return 100 * np.subtract(deep, linear)


def test_the_linear_model_is_as_good_up_to_300_digits_and_the_deep_one_at_1000():
    seeds = range(10, 20)
    for n in (30, 300):
        assert -5 < lead(n, seeds).mean() < 0.2
    assert 0 < lead(1000, range(10, 15)).mean() < 2


def test_the_rates_suit_the_models():
    seeds = range(10, 14)
    for hidden, rate in ((0, 0.05), (2, 0.005)):
        half, it, twice = (
            np.mean([read(hidden, 100, s, r) for s in seeds])
            for r in (rate / 2, rate, 2 * rate)
        )
        assert it > max(half, twice) - 0.8


def test_a_linear_model_that_is_not_done_seems_to_lose():
    def hasty(hidden, n, seed):
        return read(hidden, n, seed, 0.005, batch_size=20, epochs=12) / 100  # 300 steps

    seeds = range(10, 14)
    assert lead(500, seeds, hasty).min() > 0.5
    assert lead(500, seeds, hasty).mean() > lead(500, seeds).mean() + 1
