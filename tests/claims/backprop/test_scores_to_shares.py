"""What the page on scores and shares says, with other numbers."""

import numpy as np
import pytest

from course_lib.backprop import by_hand
from course_lib.core.numerical import partial_derivatives
from course_lib.datasets import digits
from course_lib.nn.dense import logistic, softmax
from course_lib.nn.losses import cross_entropy
from tests.definitions import definitions

seeds = pytest.mark.parametrize("seed", range(5))
page = definitions("backprop/scores_to_shares")


@pytest.fixture(scope="module")
def data():
    """The page's digits, where its functions find them."""
    sets = digits()
    page.X, page.Y = sets.x_train, np.eye(10)[sets.y_train]
    return sets


@pytest.fixture(scope="module")
def networks(data):
    return [page.train(seed) for seed in range(5, 10)]


def test_three_scores():
    u = np.array([2.0, 1.0, -1.0])
    assert np.exp(u).round(2).tolist() == [7.39, 2.72, 0.37]
    assert np.exp(u).sum().round(2) == 10.48
    o = page.shares(u)
    assert o.round(3).tolist() == [0.705, 0.259, 0.035]
    assert (-np.log(o)).round(2).tolist() == [0.35, 1.35, 3.35]
    np.testing.assert_allclose(o[0] / o[1], np.e)


@seeds
def test_shares_are_softmax_and_ratios(seed):
    u = np.random.default_rng(seed).normal(0, 5, (4, 7))
    o = page.shares(u)
    assert (o > 0).all()
    np.testing.assert_allclose(o.sum(axis=1), 1)
    np.testing.assert_allclose(o, softmax.rule(u)[0])
    np.testing.assert_allclose(o[:, 0] / o[:, 1], np.exp(u[:, 0] - u[:, 1]))
    np.testing.assert_allclose(page.shares(u + 3.0), o)


@seeds
def test_blame_is_share_minus_truth(seed):
    rng = np.random.default_rng(seed)
    u, right = rng.normal(0, 3, 10), rng.integers(10)
    measured = partial_derivatives(lambda u: -np.log(page.shares(u)[right]), u)
    blame = page.shares(u) - np.eye(10)[right]
    np.testing.assert_allclose(blame, measured, atol=1e-8)
    assert abs(blame.sum()) < 1e-12
    assert -blame[right] == pytest.approx(np.delete(blame, right).sum())


def test_two_scores():
    losses = [-np.log(logistic(lead)) for lead in (1, 1.1, 0.9)]
    assert np.round(losses, 3).tolist() == [0.313, 0.287, 0.341]
    assert np.round(np.diff(losses)[0], 3) == -0.026
    assert np.round(losses[2] - losses[0], 3) == 0.028


def test_the_surest_mistakes():
    """Weak blame with the squared error, nearly 1 with cross-entropy."""
    o = logistic(-8.0)  # the answer is 1
    assert abs(2 * (o - 1) * o * (1 - o)) < 0.001 < 0.999 < abs(o - 1)


def test_two_scores_are_one_sigmoid():
    pairs = np.random.default_rng(0).normal(0, 5, (1000, 2))
    alone = logistic(pairs[:, 1] - pairs[:, 0])
    np.testing.assert_allclose(page.shares(pairs)[:, 1], alone)


@seeds
def test_a_step_is_that_of_the_rules(seed, data):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, 0.3, n) for n in ((32, 64), 32, (10, 32), 10)]
    _, *gradients = by_hand.classifier_chain(page.X, data.y_train, *weights)
    for w, d, moved in zip(
        weights, gradients, page.step(page.X, page.Y, *weights, 0.7), strict=True
    ):
        np.testing.assert_allclose(moved, w - 0.7 * d, atol=1e-12)


def test_digits_are_read(data, networks):
    """Other starts: about 98 of 100 new digits, each near 0.12 of surprise."""
    shares = [page.predict(data.x_test, *weights) for weights in networks]
    right = [(o.argmax(axis=1) == data.y_test).mean() for o in shares]
    assert np.mean(right) == pytest.approx(0.98, abs=0.006) and min(right) > 0.96
    for o in shares:
        L = -np.log(o[range(360), data.y_test])
        assert 0.1 < L.mean() < 0.15


def test_wishes_are_loud_before_and_quiet_after(data, networks):
    Y = np.eye(10)[data.y_test]
    for seed, weights in enumerate(networks, 5):
        before = page.predict(data.x_test, *page.train(seed, steps=0))
        assert 0.02 < before.min() and before.max() < 0.25
        after = page.predict(data.x_test, *weights)
        assert np.abs(Y - after).mean() < 0.2 * np.abs(Y - before).mean()


def test_noise_gets_more_than_half_of_the_chips(networks):
    for seed, weights in enumerate(networks):
        noise = np.random.default_rng(seed).uniform(size=(1000, 64))
        o = page.predict(noise, *weights)
        np.testing.assert_allclose(o.sum(axis=1), 1)
        assert o.max(axis=1).mean() > 0.5


def test_large_scores():
    u = np.array([1000.0, 999.0, 998.0])
    with np.errstate(all="ignore"):
        naive = np.exp(u) / np.exp(u).sum()
    assert np.isnan(naive).all()
    assert page.shares(u).round(3).tolist() == [0.665, 0.245, 0.09]
    far = np.array([[0.0, -2000.0]])
    assert page.shares(far)[0, 1] == 0  # its logarithm would be infinite
    assert cross_entropy.rule(far, np.array([1]))[0] == 2000
