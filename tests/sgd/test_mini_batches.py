"""Stochastic descent against its formula, and what mini-batches say on average."""

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.backprop.gradient_descent import descend
from course_lib.sgd.mini_batches import (
    batch_gradients,
    example_gradients,
    gradient,
    stochastic_descent,
    variance,
)
from course_lib.training import train_step

Y = np.array([1.0, 3.0, 4.0, 8.0])


def slope(w, rows):
    return np.mean(2 * (w - Y[rows]))


def test_the_full_batch_is_gradient_descent():
    walk = stochastic_descent(slope, 4, 0.0, 0.1, batch_size=4, steps=20)
    plain = descend(lambda w: 2 * (w - 4), 0.0, 0.1, 20)
    np.testing.assert_allclose(walk, plain, atol=1e-12)


@pytest.mark.parametrize(("m", "steps"), [(1, 9), (3, 7), (4, 5)])
def test_every_epoch_sees_each_example_once_in_a_new_order(m, steps):
    seen = []

    def note(w, rows):
        seen.append(rows)
        return 0.0

    rng = np.random.default_rng(0)
    path = stochastic_descent(note, 4, 0.0, 1.0, batch_size=m, steps=steps, rng=rng)
    assert path.shape == (steps + 1,)
    order, epochs = np.concatenate(seen), len(np.concatenate(seen)) // 4
    assert (np.sort(order.reshape(epochs, 4)) == np.arange(4)).all()
    assert len(np.unique(order.reshape(epochs, 4), axis=0)) > 1
    assert max(map(len, seen)) == m


def test_the_rate_may_be_a_function_of_the_step():
    walk = stochastic_descent(
        lambda w, rows: 1.0, 4, 0.0, lambda i: 1 / (1 + i), batch_size=3, steps=3
    )
    np.testing.assert_allclose(walk, [0, -1, -1.5, -1.5 - 1 / 3])


@pytest.mark.parametrize("m", [0, 5])
def test_a_batch_size_beyond_the_examples_is_an_error(m):
    with pytest.raises(ValueError, match=f"1 to 4 wanted, got {m}"):
        stochastic_descent(slope, 4, 0.0, 0.1, batch_size=m, steps=1)


def test_a_rate_that_runs_away_is_an_error():
    with pytest.raises(FloatingPointError, match="smaller learning rate"):
        stochastic_descent(slope, 4, 0.0, 5.0, batch_size=2, steps=2000)


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
