"""What the page on mini-batches says, over several seeds."""

from itertools import combinations

import numpy as np
import pytest

from course_lib import Tensor, nn
from course_lib.datasets import diabetes, digits
from course_lib.sgd.mini_batches import variance
from course_lib.training import accuracy, fit, train_step
from tests.definitions import definitions

LOSS = nn.CrossEntropyLoss()


page = definitions("sgd/mini_batches")
page.loss, page.m, page.marks = LOSS, 2 ** np.arange(10), 2 ** np.arange(20)


@pytest.fixture(scope="module", autouse=True)
def examples():
    """What the page computes: digits to learn from and others, and its patients."""
    x, y, *_ = digits()
    page.x, page.y, page.x_other, page.y_other = x[:1024], y[:1024], x[1024:], y[1024:]
    patients, page.answer_y = diabetes()
    bmi = (patients[:, 2] - 20) / 10
    page.X = X = np.stack([np.ones_like(bmi), bmi], axis=1)
    page.A = X.T @ X / len(X)
    page.lowest = np.linalg.lstsq(X, page.answer_y, rcond=None)[0]


def heights(lr, m, steps, seed):
    """How far above the lowest loss each point of a walk is."""
    walk = page.stochastic_descent(
        page.slope,
        442,
        np.zeros(2),
        lr,
        batch_size=m,
        steps=steps,
        rng=np.random.default_rng(seed),
    )
    return page.above(walk)


def test_some_five_steps_of_any_kind_lead_down():
    for m in (1, 4, 16, 64, 442):
        paths = [heights(0.1, m, 60, seed) for seed in range(15)]
        first = [np.argmax(path < 0.05 * path[0]) for path in paths]
        assert 4 <= np.median(first) <= 5


def test_small_batches_wander_near_the_middle():
    spread = [
        np.mean([heights(0.1, m, 60, seed)[30:] for seed in range(15)])
        for m in (1, 4, 16, 64, 442)
    ]
    assert (np.diff(spread) < 0).all()
    assert spread[0] > 20 * spread[-1]


def test_noise_wins_near_the_middle_and_not_at_the_start():
    slope = page.slope

    def uphill(w, m, rng):
        full = slope(w, np.arange(442))
        draws = [rng.choice(442, m, replace=False) for _ in range(2000)]
        return np.mean([slope(w, rows) @ full < 0 for rows in draws])

    rng, start, middle = np.random.default_rng(0), np.zeros(2), np.array([100.0, 60.0])
    full = slope(start, np.arange(442))
    assert all(slope(start, [j]) @ full > 0 for j in range(442))
    assert 0.25 < uphill(middle, 4, rng) < 0.35
    assert uphill(middle, 1, rng) > 0.4
    assert uphill(middle, 64, rng) < 0.05


def test_the_mean_of_all_mini_batches_is_the_full_gradient_and_the_variance_fits():
    rng = np.random.default_rng(0)
    for n, m in [(4, 2), (6, 3), (7, 2)]:
        g = rng.normal(size=(n, 3))
        pairs = np.array([np.mean(rows, axis=0) for rows in combinations(g, m)])
        np.testing.assert_allclose(pairs.mean(axis=0), g.mean(axis=0), atol=1e-14)
        S, mean = variance(g, g.mean(axis=0)), g.mean(axis=0)
        np.testing.assert_allclose(variance(pairs, mean), S / m * (n - m) / (n - 1))


def test_the_variance_falls_as_one_over_m():
    m = 2 ** np.arange(0, 9, 2)
    for seed in (5, 6, 7):
        model, optimizer = page.start(seed, 0.2)
        fit(model, LOSS, optimizer, page.x, page.y, epochs=1, batch_size=32)
        S, rng = page.single_variance(model), np.random.default_rng(seed)
        for replace, factor in [(True, 1), (False, (1024 - m) / 1023)]:
            v = [page.noise(model, k, replace, rng) for k in m]
            np.testing.assert_allclose(v, S / m * factor, rtol=0.15)
            fitted = np.polyfit(np.log(m), np.log(v), 1)[0]
            assert abs(fitted - (-1 if replace else -1.04)) < 0.03


def test_a_sorted_drawer_teaches_badly_and_one_shuffle_mends_it():
    drawer = np.argsort(page.y, kind="stable")
    for seed in (5, 6, 7):
        rng = np.random.default_rng(seed)
        once = rng.permutation(1024)
        orders = (
            lambda: drawer,
            lambda once=once: once,
            lambda rng=rng: rng.permutation(1024),
        )
        (bad, nines), (good, fair), (anew, _) = [
            (right[-1], share)
            for right, share in (page.course(order, seed) for order in orders)
        ]
        assert bad < 0.8
        assert good > 0.92
        assert abs(good - anew) < 0.02
        assert nines > 1.5 * fair


def end_of(seed, m, lr, updates):
    losses, right = page.learn(m, lr, seed, updates)
    return losses[-1], right


def test_by_updates_the_batch_size_matters_little_and_by_looks_much():
    for seed in (5, 6, 7):
        after_256 = [end_of(seed, m, 0.05, 256)[0] for m in (4, 16, 64, 1024)]
        assert np.ptp(after_256) < 0.25 * np.mean(after_256)
        assert after_256[0] == max(after_256)  # the smallest batches trail
        few_looks = end_of(seed, 1024, 0.05, 1)[0]  # as many as 256 · 4
        assert few_looks > 2 * after_256[0]


def test_the_linear_scaling_rule_holds_to_64_and_breaks_at_256():
    for seed in (5, 6):
        ends = {m: end_of(seed, m, 0.0125 * m, 8192 // m) for m in (1, 16, 64, 256)}
        assert all(abs(ends[m][0] - ends[1][0]) < 0.06 for m in (16, 64))
        assert all(ends[m][1] > 0.9 for m in (1, 16, 64))
        assert ends[256][1] < 0.2


def test_the_longest_step_is_too_long_for_the_full_gradient_too():
    for seed in (5, 6, 7):
        assert end_of(seed, 1024, 3.2, 32)[0] > 1.5
        assert end_of(seed, 1024, 0.8, 32)[0] < 1


def test_the_rule_slips_beyond_the_noise_scale_with_a_quarter_of_the_rates():
    for seed in (5, 6, 7):
        losses = {
            m: end_of(seed, m, 0.0125 / 4 * m, 8192 // m)[0] for m in (4, 64, 256)
        }
        assert abs(losses[64] - losses[4]) < 0.015
        assert losses[256] > losses[4] + 0.03


def test_64_rows_take_as_many_operations_as_one():
    """So they take far less than 64 times its time: each operation has its price."""
    model, optimizer = page.start(0, 0.01)

    def operations(m):
        """Tensors made in one step, a new one for each operation on arrays."""
        before = Tensor(0.0)._order
        train_step(model, LOSS, optimizer, page.x[:m], page.y[:m])
        return Tensor(0.0)._order - before

    assert operations(64) == operations(1) < 10


def test_the_noise_scale_is_some_tens_and_grows():
    for seed in (5, 6, 7):
        model, optimizer = page.start(seed, 0.2)
        scale = []
        for more in (1, 29):
            fit(model, LOSS, optimizer, page.x, page.y, epochs=more, batch_size=32)
            full = page.s.gradient(model, LOSS, page.x, page.y)
            scale.append(page.single_variance(model) / (full @ full))
        assert 40 < scale[0] < 90
        assert scale[1] > 2 * scale[0]


def test_a_constant_rate_never_arrives_and_a_falling_one_settles():
    def height(lr, m):
        return np.mean([heights(lr, m, 3000, seed)[-1000:] for seed in range(5, 8)])

    assert height(0.05, 442) < 1e-3
    assert 1.7 < height(0.05, 4) / height(0.025, 4) < 3
    assert 3.5 < height(0.05, 1) / height(0.05, 4) < 6
    assert height(0.05 / (1 + np.arange(3000) / 200), 1) < 0.1 * height(0.05, 1)


def test_summed_losses_fail_with_a_larger_batch():
    summed = nn.CrossEntropyLoss(reduction="sum")
    for seed in (5, 6):
        right = []
        for m, epochs in [(32, 10), (512, 40)]:
            model, optimizer = page.start(seed, 0.01)
            fit(model, summed, optimizer, page.x, page.y, epochs=epochs, batch_size=m)
            right.append(accuracy(model, page.x_other, page.y_other))
        assert right[0] > 0.9
        assert right[1] < 0.3
