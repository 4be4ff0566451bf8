"""What the page on training in practice says, over several seeds."""

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.datasets import batches, digits, fashion_mnist
from course_lib.optim import lr_scheduler
from course_lib.sgd.mini_batches import example_gradients
from course_lib.training import accuracy, evaluate, fit, predict, train_step

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


def network(seed, inputs=64, units=32):
    manual_seed(seed)
    layers = nn.Linear(inputs, units), nn.ReLU(), nn.Linear(units, 10)
    return nn.Sequential(*layers)


def run(seed, lr, learning, validation, *, epochs=20, units=32, schedule=None):
    model = network(seed, learning[0].shape[1], units)
    optimizer = optim.SGD(model.parameters(), lr)
    schedule = schedule and schedule(optimizer, epochs)
    history = fit(
        model,
        LOSS,
        optimizer,
        *learning,
        epochs=epochs,
        batch_size=32,
        validation=validation,
        after_epoch=schedule and (lambda epoch: schedule.step()),
    )
    return history, model


def silent_units(model, x):
    return int((nn.Sequential(model[0], model[1])(x).data == 0).all(axis=0).sum())


def test_the_seven_lines_are_what_fit_does(parts):
    (x, y), *_ = parts
    for seed in SEEDS:
        model, rng = network(seed), np.random.default_rng(seed)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            for x_batch, y_batch in batches(x, y, 32, rng):
                optimizer.zero_grad()
                LOSS(model(x_batch), y_batch).backward()
                optimizer.step()
        twin, rng = network(seed), np.random.default_rng(seed)
        sgd = optim.SGD(twin.parameters(), lr=0.1)
        fit(twin, LOSS, sgd, x, y, epochs=3, batch_size=32, rng=rng)
        for a, b in zip(model.parameters(), twin.parameters(), strict=True):
            assert np.array_equal(a.data, b.data)


def one_batch(seed, fault, parts):
    (x, y), validation, _ = parts
    model, rng = network(seed), np.random.default_rng(seed)
    if fault == "softmax twice":
        model = nn.Sequential(model, nn.Softmax(dim=1))
    optimizer, answers = optim.SGD(model.parameters(), lr=0.5), y[:32]
    if fault == "wrong answers":
        answers = rng.permutation(answers)
    for _ in range(500):
        if fault == "order lost":
            answers = rng.permutation(answers)
        L = train_step(model, LOSS, optimizer, x[:32], answers)
    return L, accuracy(model, *validation)


def test_one_batch_finds_two_faults_and_lets_wrong_answers_through(parts):
    (x, y), *_ = parts
    _, counts = np.unique(y[:32], return_counts=True)
    entropy = -np.sum(counts / 32 * np.log(counts / 32))
    for seed in SEEDS:
        assert abs(evaluate(network(seed), LOSS, x, y) - np.log(10)) < 0.06
        right, seen = one_batch(seed, "none", parts)
        assert right < 0.01
        assert seen > 0.6
        floor = np.log((np.e + 9) / np.e)
        assert floor < one_batch(seed, "softmax twice", parts)[0] < floor + 0.25
        assert abs(one_batch(seed, "order lost", parts)[0] - entropy) < 0.1
        wrong, guess = one_batch(seed, "wrong answers", parts)
        assert wrong < 0.02
        assert guess < 0.25


def test_the_best_rate_stands_beside_the_abyss_and_the_lost_are_silent(parts):
    learning, validation, _ = parts
    for seed in SEEDS:
        ends = {}
        for lr in (0.01, 0.1, 1, 3):
            history, model = run(seed, lr, learning, validation)
            ends[lr] = history.validation_accuracy[-1]
            if lr == 1:
                assert 0 < silent_units(model, learning[0]) < 32
        assert ends[0.01] < ends[0.1] < ends[1]
        assert ends[3] < 0.2
        assert silent_units(model, learning[0]) == 32
        assert abs(history.loss[-1] - np.log(10)) < 0.05
        assert len(np.unique(predict(model, validation[0]))) == 1
        _, model = run(seed, 3, learning, validation, epochs=1)
        assert silent_units(model, learning[0]) > 16


def test_four_curves_have_the_shapes_that_the_page_reads(parts, clothes):
    learning, validation, _ = parts
    (x, y), judges = clothes
    for seed in SEEDS:
        for lr in (0.003, 0.01):
            low, _ = run(seed, lr, learning, validation)
            assert (np.diff(low.loss) < 0).all()  # smooth, and still falling
            assert low.loss[-1] > 1
        high, _ = run(seed, 3, learning, validation)
        assert 5 <= (np.diff(high.loss) < 0).sum() <= 14  # hops, 19 times
        good, _ = run(seed, 0.3, learning, validation)
        assert good.validation_loss[0] < good.loss[0]
        assert good.loss[-1] < 0.1
        assert 0 < good.validation_loss[-1] - good.loss[-1] < 0.12
        few = x[:500], y[:500]
        if seed == SEEDS[-1]:
            continue  # two are enough of the longest run
        memory, _ = run(seed, 0.1, few, judges, epochs=100, units=64)
        assert memory.loss[-1] < 0.05
        assert memory.validation_loss[-1] > 1.1 * min(memory.validation_loss)


def test_schedules_help_on_clothes_and_not_on_digits(parts, clothes):
    learning, validation, _ = parts

    def ends(lr, epochs, *task, schedule=None):
        histories = [
            run(seed, lr, *task, epochs=epochs, schedule=schedule)[0] for seed in SEEDS
        ]
        return np.array([h.validation_accuracy[-1] for h in histories])

    def cosine(optimizer, epochs):
        return lr_scheduler.CosineAnnealingLR(optimizer, epochs)

    def warm_up(optimizer, epochs):
        return lr_scheduler.LinearLR(optimizer, 0.2, total_iters=4)

    plain, falling, warm = (
        ends(0.2, 15, *clothes, schedule=s) for s in (None, cosine, warm_up)
    )
    assert falling.mean() > plain.mean() + 0.01
    assert np.ptp(falling) < np.ptp(plain)
    assert warm.mean() < falling.mean() - 0.01
    for lr in (0.1, 0.05):
        smaller = ends(lr, 15, *clothes)
        assert smaller.mean() < falling.mean() - 0.01
        assert np.ptp(smaller) > np.ptp(falling)
    plain, falling = (
        ends(1.0, 30, learning, validation, schedule=s) for s in (None, cosine)
    )
    assert abs(falling.mean() - plain.mean()) < 0.01


def test_digits_are_learned_until_their_gradients_vanish_and_clothes_are_not(
    parts, clothes
):
    for (x, y), lr, epochs, bounds in [
        (parts[0], 1.0, 30, (0, 0.02)),
        (clothes[0], 0.2, 15, (0.1, 5)),
    ]:
        model = network(5, x.shape[1])
        optimizer = optim.SGD(model.parameters(), lr)
        fit(model, LOSS, optimizer, x, y, epochs=epochs, batch_size=32)
        g = example_gradients(model, LOSS, x[:500], y[:500])
        assert bounds[0] < np.median(np.linalg.norm(g, axis=1)) < bounds[1]


def test_the_chosen_network_reads_unseen_digits_and_its_mistakes_are_shared(parts):
    x, y, x_test, y_test = digits()
    wrong = []
    for seed in range(5, 10):
        model = run(seed, 1.0, (x, y), None, epochs=30, units=64)[1]
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
