"""What the page on training in practice says, over several seeds."""

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.datasets import batches, digits, fashion_mnist
from course_lib.optim import lr_scheduler
from course_lib.sgd.mini_batches import example_gradients
from course_lib.training import accuracy, evaluate, fit, predict
from tests.definitions import definitions

SEEDS = (5, 6, 7)
LOSS = nn.CrossEntropyLoss()


@pytest.fixture(scope="module")
def parts():
    """Digits to learn from, to validate by, and to test by."""
    x, y, x_test, y_test = digits()
    return (x[:1077], y[:1077]), (x[1077:], y[1077:]), (x_test, y_test)


@pytest.fixture(scope="module")
def clothes():
    x, y, *_ = fashion_mnist(np.float64)
    return (x[:2000], y[:2000]), (x[50000:52000], y[50000:52000])


page = definitions("sgd/training_in_practice")
page.loss = LOSS


@pytest.fixture(scope="module", autouse=True)
def examples(parts):
    """What the page computes."""
    (page.x, page.y), page.validation, _ = parts


def trained(seed, x, y, *, lr, epochs, units=32, validation=None):
    """As the page trains, on any examples."""
    model = page.network(seed, x.shape[1], units)
    settings = {"epochs": epochs, "batch_size": 32, "validation": validation}
    optimizer = optim.SGD(model.parameters(), lr)
    return fit(model, LOSS, optimizer, x, y, **settings), model


def test_the_seven_lines_are_what_fit_does(parts):
    (x, y), *_ = parts
    for seed in SEEDS:
        model, rng = page.network(seed), np.random.default_rng(seed)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            for x_batch, y_batch in batches(x, y, 32, rng):
                optimizer.zero_grad()
                LOSS(model(x_batch), y_batch).backward()
                optimizer.step()
        twin, rng = page.network(seed), np.random.default_rng(seed)
        sgd = optim.SGD(twin.parameters(), lr=0.1)
        fit(twin, LOSS, sgd, x, y, epochs=3, batch_size=32, rng=rng)
        for a, b in zip(model.parameters(), twin.parameters(), strict=True):
            np.testing.assert_allclose(a.data, b.data, atol=1e-12)


def test_one_batch_finds_two_faults_and_lets_wrong_answers_through(parts):
    (x, y), *_ = parts
    _, counts = np.unique(y[:32], return_counts=True)
    entropy = -np.sum(counts / 32 * np.log(counts / 32))
    for seed in SEEDS:
        assert abs(evaluate(page.network(seed), LOSS, x, y) - np.log(10)) < 0.06
        right, seen = page.one_batch(seed, "none")
        assert right < 0.01
        assert seen > 0.6
        floor = np.log((np.e + 9) / np.e)
        assert floor < page.one_batch(seed, "softmax twice")[0] < floor + 0.25
        assert abs(page.one_batch(seed, "order lost")[0] - entropy) < 0.1
        wrong, guess = page.one_batch(seed, "wrong answers")
        assert wrong < 0.02
        assert guess < 0.25


def test_the_best_rate_stands_beside_the_abyss_and_the_lost_are_silent():
    for seed in SEEDS:
        ends = {}
        for lr in (0.01, 0.1, 1, 3):
            history, model = page.train(lr, seed)
            ends[lr] = history.validation_accuracy[-1]
            if lr == 1:
                assert 0 < page.silent(model) < 32
        assert ends[0.01] < ends[0.1] < ends[1]
        assert ends[3] < 0.2
        assert page.silent(model) == 32
        assert abs(history.loss[-1] - np.log(10)) < 0.05
        assert len(np.unique(predict(model, page.validation[0]))) == 1
        _, model = page.train(3, seed, epochs=1)
        assert page.silent(model) > 16


def test_four_curves_have_the_shapes_that_the_page_reads(clothes):
    (x, y), judges = clothes
    for seed in SEEDS:
        for lr in (0.003, 0.01):
            low, _ = page.train(lr, seed)
            assert (np.diff(low.loss) < 0).all()  # smooth, and still falling
            assert low.loss[-1] > 1
        high, _ = page.train(3, seed)
        assert 5 <= (np.diff(high.loss) < 0).sum() <= 14  # hops, 19 times
        good, _ = page.train(0.3, seed)
        assert good.validation_loss[0] < good.loss[0]
        assert good.loss[-1] < 0.1
        assert 0 < good.validation_loss[-1] - good.loss[-1] < 0.12
    for seed in SEEDS[:2]:  # two are enough of the longest run
        memory, _ = trained(
            seed, x[:500], y[:500], lr=0.1, epochs=100, units=64, validation=judges
        )
        assert memory.loss[-1] < 0.05
        assert memory.validation_loss[-1] > 1.1 * min(memory.validation_loss)


def test_schedules_help_on_clothes_and_not_on_digits(parts, clothes):
    learning, validation, _ = parts

    def ends(lr, epochs, *task, schedule):
        right = [page.scheduled(schedule, seed, *task, lr, epochs) for seed in SEEDS]
        return np.array(right)

    def constant(optimizer, epochs):
        return lr_scheduler.LambdaLR(optimizer, lambda t: 1.0)

    def cosine(optimizer, epochs):
        return lr_scheduler.CosineAnnealingLR(optimizer, epochs)

    def warm_up(optimizer, epochs):
        return lr_scheduler.LinearLR(optimizer, 0.2, total_iters=4)

    plain, falling, warm = (
        ends(0.2, 15, *clothes, schedule=s) for s in (constant, cosine, warm_up)
    )
    assert falling.mean() > plain.mean() + 0.01
    assert np.ptp(falling) < np.ptp(plain)
    assert warm.mean() < falling.mean() - 0.01
    for lr in (0.1, 0.05):
        smaller = ends(lr, 15, *clothes, schedule=constant)
        assert smaller.mean() < falling.mean() - 0.01
        assert np.ptp(smaller) > np.ptp(falling)
    plain, falling = (
        ends(1.0, 30, learning, validation, schedule=s) for s in (constant, cosine)
    )
    assert abs(falling.mean() - plain.mean()) < 0.01


def test_digits_are_learned_until_their_gradients_vanish_and_clothes_are_not(
    parts, clothes
):
    for (x, y), lr, epochs, bounds in [
        (parts[0], 1.0, 30, (0, 0.02)),
        (clothes[0], 0.2, 15, (0.1, 5)),
    ]:
        _, model = trained(5, x, y, lr=lr, epochs=epochs)
        g = example_gradients(model, LOSS, x[:500], y[:500])
        assert bounds[0] < np.median(np.linalg.norm(g, axis=1)) < bounds[1]


def test_the_chosen_network_reads_unseen_digits_and_its_mistakes_are_shared(parts):
    x, y, x_test, y_test = digits()
    wrong = []
    for seed in range(5, 10):
        _, model = trained(seed, x, y, lr=1.0, epochs=30, units=64)
        wrong.append(predict(model, x_test) != y_test)
    wrong = np.array(wrong)
    assert 1 - wrong.mean(axis=1).max() > 0.97
    often = wrong.sum(axis=0) >= 3
    assert often.sum() <= 10
    assert wrong[:, often].sum() > wrong.sum() / 2


def test_twenty_layers_of_this_kind_do_not_learn(parts):
    (x, y), validation, _ = parts
    for seed, lr in zip(SEEDS, (0.1, 0.3, 1.0), strict=True):
        manual_seed(seed)
        layers = [nn.Linear(64, 32), nn.ReLU()]
        for _ in range(18):
            layers += [nn.Linear(32, 32), nn.ReLU()]
        model = nn.Sequential(*layers, nn.Linear(32, 10))
        optimizer = optim.SGD(model.parameters(), lr)
        fit(model, LOSS, optimizer, x, y, epochs=5, batch_size=32)
        assert accuracy(model, *validation) < 0.2
