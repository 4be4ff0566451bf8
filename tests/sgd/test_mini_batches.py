"""Stochastic descent against its formula, and what mini-batches say on average."""

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.backprop.gradient_descent import descend
from course_lib.sgd.mini_batches import (
    batch_gradients,
    example_gradients,
    gradient,
    shuffled_batches,
    stochastic_descent,
    variance,
)
from course_lib.training import train_step

Y = np.array([1.0, 3.0, 4.0, 8.0])


def mean_gradient(w, rows):
    return np.mean(2 * (w - Y[rows]))


def test_the_full_batch_is_gradient_descent():
    walk = stochastic_descent(mean_gradient, 4, 0.0, 0.1, batch_size=4, steps=20)
    plain = descend(lambda w: 2 * (w - 4), 0.0, 0.1, 20)
    np.testing.assert_allclose(walk, plain, atol=1e-12)


@pytest.mark.parametrize("m", [1, 3, 4])
def test_every_epoch_sees_each_example_once_in_a_new_order(m):
    batches = shuffled_batches(4, m, np.random.default_rng(0))
    epochs = [[next(batches) for _ in range(0, 4, m)] for _ in range(5)]
    assert all(max(map(len, epoch)) == m for epoch in epochs)
    orders = np.array([np.concatenate(epoch) for epoch in epochs])
    assert (np.sort(orders) == np.arange(4)).all()
    assert len(np.unique(orders, axis=0)) > 1


@pytest.mark.parametrize("m", [1, 3, 4])
def test_each_step_takes_the_next_batch(m):
    seen = []

    def note(w, rows):
        seen.append(rows)
        return 0.0

    rng = np.random.default_rng(0)
    path = stochastic_descent(note, 4, 0.0, 1.0, batch_size=m, steps=7, rng=rng)
    assert path.shape == (8,)
    batches = shuffled_batches(4, m, np.random.default_rng(0))
    for rows in seen:
        np.testing.assert_array_equal(rows, next(batches))
    assert len(seen) == 7


def test_each_step_may_have_a_rate_of_its_own():
    walk = stochastic_descent(
        lambda w, rows: 1.0, 4, 0.0, 1 / np.arange(1, 4), batch_size=3, steps=3
    )
    np.testing.assert_allclose(walk, [0, -1, -1.5, -1.5 - 1 / 3])


@pytest.fixture
def task():
    rng = manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    return (
        model,
        nn.CrossEntropyLoss(),
        rng.normal(size=(20, 3)),
        rng.integers(2, size=20),
    )


def test_gradient_is_what_a_step_goes_by(task):
    model, *_ = task
    before = np.concatenate([p.data.ravel() for p in model.parameters()])
    g = gradient(*task)
    assert g.shape == before.shape
    loss, x, y = task[1:]
    train_step(model, loss, optim.SGD(model.parameters(), lr=0.5), x, y)
    after = np.concatenate([p.data.ravel() for p in model.parameters()])
    np.testing.assert_allclose(after, before - 0.5 * g, atol=1e-15)


def test_single_gradients_have_the_full_one_as_their_mean(task):
    singles = example_gradients(*task)
    assert len(singles) == 20
    np.testing.assert_allclose(singles.mean(axis=0), gradient(*task), atol=1e-14)


def test_batches_have_the_size_and_number_asked_for(task):
    model, _, x, y = task
    sizes = []

    def loss(scores, answers):
        sizes.append(len(answers))
        return nn.functional.cross_entropy(scores, answers)

    g = batch_gradients(model, loss, x, y, batch_size=5, count=7)
    assert g.shape == (7, gradient(*task).size)
    assert sizes[:7] == [5] * 7


def test_without_replacement_the_largest_batch_is_the_full_one(task):
    full = gradient(*task)
    rng = np.random.default_rng(0)
    g = batch_gradients(*task, batch_size=20, count=3, replace=False, rng=rng)
    np.testing.assert_allclose(g, np.tile(full, (3, 1)), atol=1e-14)
    h = batch_gradients(*task, batch_size=20, count=3, rng=rng)
    assert variance(h, full) > 1e-6


def test_variance_is_about_the_mean_that_is_given():
    g = np.array([[1.0, 0.0], [3.0, 4.0]])
    assert variance(g, np.array([1.0, 0.0])) == 10
    assert variance(g, g.mean(axis=0)) == 5


def test_batches_come_from_the_given_or_the_default_generator(task):
    options = {"batch_size": 3, "count": 4}
    found = batch_gradients(*task, **options, rng=np.random.default_rng(1))
    again = batch_gradients(*task, **options, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(again, found)
    assert (batch_gradients(*task, **options) != found).any()
    manual_seed(1)
    np.testing.assert_array_equal(batch_gradients(*task, **options), found)
