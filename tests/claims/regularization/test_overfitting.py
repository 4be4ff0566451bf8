"""What the page on overfitting says, over samples and seeds that it does not use."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.datasets import digits
from course_lib.regularization.overfitting import (
    cubic,
    least_squares,
    polynomial_features,
)
from tests.definitions import definitions

SEEDS = range(5, 10)
SIGMA = 0.3
PLACES = np.linspace(-1, 1, 16)

page = definitions("regularization/overfitting")
page.data = digits()
page.x_500 = page.data.x_train[:500]
page.x = page.Y = page.x_new = page.Y_new = None  # `fits` hands them over


def measured(x, rng, samples=400, law=cubic, sigma=SIGMA):
    return law(x)[:, None] + sigma * rng.normal(size=(len(x), samples))


def fits(seed, degrees=range(16), n=16, law=cubic, sigma=SIGMA):
    """By degree: weights, mean training and test error, bias² and variance."""
    rng = np.random.default_rng(seed)
    x, x_new = np.linspace(-1, 1, n), rng.uniform(-1, 1, 1000)
    Y = measured(x, rng, law=law, sigma=sigma)
    Y_new = measured(x_new, rng, law=law, sigma=sigma)
    rows = []
    for degree in degrees:
        W, train, test = page.fit_all(degree, x, Y, x_new, Y_new)
        o = polynomial_features(x_new, degree) @ W
        bias2 = np.mean((o.mean(axis=1) - law(x_new)) ** 2)
        rows.append((W, train.mean(), test.mean(), bias2, o.var(axis=1).mean()))
    return rows


@pytest.fixture(params=SEEDS, scope="module")
def by_degree(request):
    return fits(request.param)


def test_training_error_falls_to_zero_and_test_error_is_least_at_the_laws_degree(
    by_degree,
):
    train, test = (np.array([row[i] for row in by_degree]) for i in (1, 2))
    assert np.all(np.diff(train) < 0) and train[15] < 1e-12
    assert np.all(test[:3] < train[:3])  # few new places lie as far out as x = 1
    assert np.argmin(test) == 3
    assert np.all(np.diff(test[3:]) > 0)
    assert test[15] > 100 * test[0]


def test_training_error_and_new_noise_follow_the_two_formulas(by_degree):
    again = measured(PLACES, np.random.default_rng(99))
    for d in range(3, 16):
        W, train = by_degree[d][:2]
        new = np.mean((polynomial_features(PLACES, d) @ W - again) ** 2)
        assert abs(train - SIGMA**2 * (1 - (d + 1) / 16)) < 0.003
        assert abs(new - SIGMA**2 * (1 + (d + 1) / 16)) < 0.012


def test_weights_explode_with_alternating_signs_at_the_top(by_degree):
    largest = [np.median(np.abs(row[0]).max(axis=0)) for row in by_degree]
    assert 2.5 < largest[3] < 3.5
    assert largest[9] > 30 and largest[12] > 500 and largest[15] > 50_000
    assert np.all(np.diff(largest[5:]) > 0)
    signs = np.sign(by_degree[15][0][[9, 11, 13, 15]])
    assert np.mean(np.all(np.diff(signs, axis=0) != 0, axis=0)) > 0.9


def test_bias_variance_and_noise_add_up_to_the_error(by_degree):
    for d, (_, _, test, bias2, variance) in enumerate(by_degree):
        assert abs(bias2 + variance + SIGMA**2 - test) < 0.002 + 0.01 * test
        if d < 3:
            assert bias2 > 10 * variance
        else:  # the law is among the polynomials: what is left is chance
            assert bias2 < 10 * variance / 400
    variances = [row[4] for row in by_degree]
    assert np.all(np.diff(variances) > 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_data_cure_variance_and_not_bias(seed):
    few, many = (fits(seed, (1, 3, 12), n) for n in (16, 256))
    assert few[2][2] > 2.5 * few[1][2]
    assert many[2][2] < 1.1 * many[1][2]
    assert many[0][2] > 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_less_noise_allows_a_higher_degree_where_the_law_is_no_polynomial(seed):
    best = [
        np.argmin([row[2] for row in fits(seed, law=lambda x: np.sin(4 * x), sigma=s)])
        for s in (0.3, 0.05)
    ]
    assert best == [5, 7]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_second_descent_depends_on_the_columns(seed):
    rng = np.random.default_rng(seed)
    Y, x_new = measured(PLACES, rng), rng.uniform(-1, 1, 1000)

    def error(columns, count):
        o = columns(x_new, count - 1) @ least_squares(columns(PLACES, count - 1), Y)
        return np.mean((o - cubic(x_new)[:, None]) ** 2) + SIGMA**2

    for count in (4, 16):  # the same curves, in other words
        one, two = error(page.legendre, count), error(polynomial_features, count)
        assert abs(one - two) < 1e-6 * one
    assert error(page.legendre, 24) < 0.01 * error(page.legendre, 16)
    assert error(page.legendre, 24) > error(page.legendre, 4)
    assert error(polynomial_features, 24) > 5 * error(polynomial_features, 16)


def test_a_network_learns_random_labels_by_heart_and_is_at_chance_on_new_digits():
    needed = {}
    for share, low, high in [(0, 0.95, 1), (0.5, 0.4, 0.75), (1, 0.04, 0.18)]:
        runs = [page.train_on(share, seed) for seed in SEEDS]
        needed[share] = [1 + by_epoch.index(1) for by_epoch, _ in runs]
        assert all(by_epoch[-1] == 1 for by_epoch, _ in runs)
        assert all(low < test < high for _, test in runs)
    assert max(needed[0]) * 5 < min(needed[0.5] + needed[1])
