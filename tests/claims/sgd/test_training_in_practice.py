"""What the page on training in practice says, over several seeds."""

import numpy as np
import pytest

from course_lib import nn, optim
from course_lib.datasets import batches, digits
from course_lib.training import accuracy, evaluate, fit, predict
from tests.definitions import definitions

SEEDS = (5, 6, 7)
LOSS = nn.CrossEntropyLoss()
page = definitions("sgd/training_in_practice")


@pytest.fixture(scope="module", autouse=True)
def examples():
    """What the page computes: digits to learn from and to validate by."""
    x, y, *_ = digits()
    page.loss, page.x, page.y = LOSS, x[:1077], y[:1077]
    page.validation = x[1077:], y[1077:]
    return page.x, page.y


def test_the_loop_does_what_fit_does(examples):
    for seed in SEEDS[:2]:
        model, rng = page.network(seed), np.random.default_rng(seed)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            for x_batch, y_batch in batches(*examples, 32, rng):
                optimizer.zero_grad()
                LOSS(model(x_batch), y_batch).backward()
                optimizer.step()
        twin, rng = page.network(seed), np.random.default_rng(seed)
        sgd = optim.SGD(twin.parameters(), lr=0.1)
        fit(twin, LOSS, sgd, *examples, epochs=2, batch_size=32, rng=rng)
        for a, b in zip(model.parameters(), twin.parameters(), strict=True):
            np.testing.assert_allclose(a.data, b.data, atol=1e-12)


def test_one_batch_finds_two_faults_and_lets_wrong_answers_through(examples):
    x, y = examples
    _, counts = np.unique(y[:32], return_counts=True)
    entropy = -np.sum(counts / 32 * np.log(counts / 32))
    assert abs(entropy - 2.08) < 0.005
    floor = -np.log(np.e / (np.e + 9))
    assert abs(floor - 1.46) < 0.005
    for seed in SEEDS:
        assert abs(evaluate(page.network(seed), LOSS, x, y) - np.log(10)) < 0.06
        right, seen = page.one_batch(seed, "none")
        assert right < 0.02
        assert seen > 0.55
        assert floor < page.one_batch(seed, "softmax twice")[0] < floor + 0.3
        lost, guess = page.one_batch(seed, "order lost")
        assert abs(lost - entropy) < 0.1 and guess < 0.25
        wrong, guess = page.one_batch(seed, "wrong answers")
        assert wrong < 0.04
        assert guess < 0.25


def test_the_best_rates_stand_beside_the_abyss_where_all_units_are_silent(examples):
    for seed in SEEDS:
        ends = {}
        for lr in (0.03, 0.1, 0.3, 1):
            history, model = page.train(lr, seed, examples)
            ends[lr] = history.validation_accuracy[-1]
            if lr == 1:
                assert 4 <= page.silent(model) < 32
        assert ends[0.03] < ends[0.1] < min(ends[0.3], ends[1]) + 0.01
        history, model = page.train(3, seed, examples)
        assert history.validation_accuracy[-1] < 0.2
        assert page.silent(model) == 32
        assert abs(history.loss[-1] - np.log(10)) < 0.05
        assert len(np.unique(predict(model, page.validation[0]))) == 1
        assert 4 <= (np.diff(history.loss) < 0).sum() <= 10  # hops, 14 times
        _, model = page.train(3, seed, examples, epochs=1)
        assert page.silent(model) > 16


def test_two_more_curves_have_the_shapes_that_the_page_reads(examples):
    x, y = examples
    for seed in SEEDS:
        low, _ = page.train(0.01, seed, examples)
        assert (np.diff(low.loss) < 0).all()  # smooth, and still falling
        assert low.loss[-1] > 1
        good, _ = page.train(0.3, seed, examples)
        assert good.validation_loss[0] < good.loss[0]
        assert good.loss[-1] < 0.15
        assert abs(good.validation_loss[-1] - good.loss[-1]) < 0.2
        rng, fifty = np.random.default_rng(seed), y[:50].copy()
        fifty[rng.choice(50, 10, replace=False)] = rng.integers(10, size=10)
        memory, _ = page.train(0.3, seed, (x[:50], fifty), epochs=200)
        assert memory.loss[-1] < 0.1
        assert memory.validation_loss[-1] > 1.2 * min(memory.validation_loss)


def test_a_falling_rate_takes_the_luck_out(examples):
    x, y = examples
    noisy, rng = y.copy(), np.random.default_rng(5)
    rows = rng.choice(len(y), len(y) // 5, replace=False)
    noisy[rows] = rng.integers(10, size=len(rows))
    constant, falling = (
        np.array(
            [
                page.train(1.0, seed, (x, noisy), 12, after)[0].validation_accuracy[-1]
                for seed in range(5, 10)
            ]
        )
        for after in (None, page.cosine)
    )
    assert falling.mean() > constant.mean() + 0.02
    assert np.ptp(falling) < 0.6 * np.ptp(constant)
    assert falling.min() > 0.9


def test_the_chosen_network_reads_unseen_digits_and_its_mistakes_are_shared():
    x, y, x_test, y_test = digits()
    models = [page.train(0.3, seed, (x, y))[1] for seed in range(5, 10)]
    wrong = np.array([predict(model, x_test) != y_test for model in models])
    assert 1 - wrong.mean(axis=1).max() > 0.94
    often = wrong.sum(axis=0) >= 3
    assert 0 < often.sum() <= 15
    assert wrong[:, often].sum() > wrong.sum() / 2
    assert accuracy(models[0], x_test, y_test) == 1 - wrong[0].mean()
