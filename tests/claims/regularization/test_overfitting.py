"""What the page on overfitting says, over samples and seeds that it does not use."""

import numpy as np
import pytest

from course_lib.datasets import digits
from course_lib.regularization.overfitting import (
    cubic,
    least_squares,
    polynomial_features,
)
from tests.definitions import definitions

SEEDS = range(5, 8)
SIGMA = 0.3
PLACES = np.linspace(-1, 1, 16)
AT = np.linspace(-1, 1, 401)

page = definitions("regularization/overfitting")
page.data = digits()


def measured(x, seed, samples=400, law=cubic, sigma=SIGMA):
    noise = np.random.default_rng(seed).normal(size=(len(x), samples))
    return law(x)[:, None] + sigma * noise


def errors(seed, degree, n=16, law=cubic, sigma=SIGMA):
    """Mean training and test error, bias² and variance."""
    x = np.linspace(-1, 1, n)
    Y = measured(x, seed, law=law, sigma=sigma)
    w = page.fit(x, Y, degree)
    train, o = np.mean((page.outputs(w, x) - Y) ** 2), page.outputs(w, AT)
    test = np.mean((o - law(AT)[:, None]) ** 2) + sigma**2
    bias2 = np.mean((o.mean(axis=1) - law(AT)) ** 2)
    return train, test, bias2, o.var(axis=1).mean()


@pytest.fixture(params=SEEDS, scope="module")
def by_degree(request):
    return np.array([errors(request.param, degree) for degree in range(16)]).T


def test_training_error_falls_to_zero_and_test_error_is_least_at_the_laws_degree(
    by_degree,
):
    train, test, *_ = by_degree
    assert np.all(np.diff(train) < 0) and train[15] < 1e-12
    assert np.argmin(test) == 3 and np.all(np.diff(test[3:]) > 0)
    assert test[14] > 1 and test[10] < 0.3  # "slowly to degree 10, then steeply"


def test_the_pages_loop_finds_the_same(by_degree):
    for degree in (1, 3, 12):
        training, test = page.mean_errors(degree)
        assert training == pytest.approx(by_degree[0, degree], rel=0.3)
        assert test == pytest.approx(by_degree[1, degree], rel=0.3)


def test_the_three_points_by_hand():
    x, y = np.array([-1.0, 0.0, 1.0]), np.array([1.0, 0.0, 2.0])
    for w, error in [([1], 2 / 3), ([1, 0.5], 0.5), ([0, 0.5, 1.5], 0)]:
        np.testing.assert_allclose(page.fit(x, y, len(w) - 1), w, atol=1e-12)
        assert np.mean((page.outputs(w, x) - y) ** 2) == pytest.approx(error)
    w = np.random.default_rng(0).normal(size=2)
    square = 3 * (w[0] - 1) ** 2 + 2 * (w[1] - 0.5) ** 2 + 1.5
    assert np.sum((page.outputs(w, x) - y) ** 2) == pytest.approx(square)


def test_training_error_and_new_noise_follow_the_two_formulas(by_degree):
    Y, again = measured(PLACES, 5), measured(PLACES, 99)
    for d in range(3, 16):
        new = np.mean((page.outputs(page.fit(PLACES, Y, d), PLACES) - again) ** 2)
        assert abs(by_degree[0, d] - SIGMA**2 * (1 - (d + 1) / 16)) < 0.003
        assert abs(new - SIGMA**2 * (1 + (d + 1) / 16)) < 0.012


def test_degree_1_errs_together_and_degree_12_each_for_itself(by_degree):
    _, test, bias2, variance = by_degree
    np.testing.assert_allclose(bias2 + variance + SIGMA**2, test, rtol=1e-9)
    assert np.all(bias2[:3] > 10 * variance[:3])
    assert np.all(bias2[3:] < 10 * variance[3:] / 400)  # what is left is chance
    assert np.all(np.diff(variance) > 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_data_cure_variance_and_not_bias(seed):
    few, many = ([errors(seed, d, n)[1] for d in (1, 3, 12)] for n in (16, 256))
    assert few[2] > 2.5 * few[1] and many[2] < 1.1 * many[1]
    assert many[0] > 0.9 * few[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_less_noise_allows_a_higher_degree_where_the_law_is_no_polynomial(seed):
    best = [
        np.argmin(
            [
                errors(seed, d, law=lambda x: np.sin(4 * x), sigma=s)[1]
                for d in range(15)
            ]
        )
        for s in (0.3, 0.05)
    ]
    assert best == [5, 7]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_second_descent_depends_on_the_columns(seed):
    Y = measured(PLACES, seed)

    def error(columns, count):
        o = columns(AT, count - 1) @ least_squares(columns(PLACES, count - 1), Y)
        return np.mean((o - cubic(AT)[:, None]) ** 2) + SIGMA**2

    for count in (4, 16):  # the same curves, written down in another way
        one, two = error(page.legendre, count), error(polynomial_features, count)
        assert abs(one - two) < 1e-6 * one
    assert error(page.legendre, 24) < 0.01 * error(page.legendre, 16)
    assert error(page.legendre, 24) > error(page.legendre, 4)
    assert error(polynomial_features, 24) > 5 * error(polynomial_features, 16)


def test_a_network_learns_random_labels_by_heart_and_is_at_chance_on_new_digits():
    assert 64 * 100 + 100 + 100 * 10 + 10 == 7510
    for share, low, high in [(0, 0.92, 0.98), (0.5, 0.4, 0.65), (1, 0.04, 0.18)]:
        for seed in (5, 6):
            own, new = page.train_on(share, seed)  # every four epochs
            assert own[-1] > 0.97 and low < new[-1] < high
            quick = np.argmax(own > 0.97)
            assert quick <= 3 if share == 0 else quick >= 8
            if share == 0.5:  # better in between than at the end
                assert new[:6].max() > new[-1] + 0.08
