"""What the page on mini-batches says, over several seeds."""

from itertools import combinations
from time import perf_counter

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.datasets import batches, diabetes, digits
from course_lib.sgd.mini_batches import (
    batch_gradients,
    example_gradients,
    gradient,
    stochastic_descent,
    variance,
)
from course_lib.training import accuracy, evaluate, fit, predict, train_step

SEEDS = range(5)
LOSS = nn.CrossEntropyLoss()


@pytest.fixture(scope="module")
def parts():
    """Digits to learn from, and others to judge by."""
    x, y, *_ = digits()
    return x[:1024], y[:1024], x[1024:], y[1024:]


def start(seed, lr):
    manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    return model, optim.SGD(model.parameters(), lr)


def patients():
    """The line through 442 patients: its slope, and the height above the lowest."""
    x, y = diabetes()
    bmi = (x[:, 2] - 20) / 10
    X = np.stack([np.ones_like(bmi), bmi], axis=1)
    lowest = np.linalg.lstsq(X, y, rcond=None)[0]

    def slope(w, rows):
        return 2 / len(rows) * (X[rows] @ w - y[rows]) @ X[rows]

    def above(points):
        return (((points - lowest) @ X.T) ** 2).mean(axis=-1)

    return slope, above


def walk(slope, rate, m, steps, seed):
    rng = np.random.default_rng(seed)
    return stochastic_descent(
        slope, 442, np.zeros(2), rate, batch_size=m, steps=steps, rng=rng
    )


def test_some_five_steps_of_any_kind_lead_down():
    slope, above = patients()
    for m in (1, 4, 16, 64, 442):
        paths = [above(walk(slope, 0.1, m, 60, seed)) for seed in range(15)]
        first = [np.argmax(path < 0.05 * path[0]) for path in paths]
        assert 4 <= np.median(first) <= 5


def test_small_batches_wander_near_the_middle():
    slope, above = patients()
    spread = [
        np.mean([above(walk(slope, 0.1, m, 60, seed))[30:] for seed in range(15)])
        for m in (1, 4, 16, 64, 442)
    ]
    assert (np.diff(spread) < 0).all()
    assert spread[0] > 20 * spread[-1]


def test_noise_wins_near_the_middle_and_not_at_the_start():
    slope, _ = patients()

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


def test_the_variance_falls_as_one_over_m(parts):
    x, y, *_ = parts
    m = 2 ** np.arange(0, 9, 2)
    for seed in (5, 6, 7):
        model, optimizer = start(seed, 0.2)
        fit(model, LOSS, optimizer, x, y, epochs=1, batch_size=32)
        full, rng = gradient(model, LOSS, x, y), np.random.default_rng(seed)
        S = variance(example_gradients(model, LOSS, x, y), full)
        for replace, factor in [(True, 1), (False, (1024 - m) / 1023)]:
            v = [
                variance(
                    batch_gradients(
                        model,
                        LOSS,
                        x,
                        y,
                        batch_size=k,
                        count=150,
                        replace=replace,
                        rng=rng,
                    ),
                    full,
                )
                for k in m
            ]
            np.testing.assert_allclose(v, S / m * factor, rtol=0.15)
            fitted = np.polyfit(np.log(m), np.log(v), 1)[0]
            assert abs(fitted - (-1 if replace else -1.04)) < 0.03


def through_the_drawer(parts, seed, order):
    x, y, x_other, y_other = parts
    model, optimizer = start(seed, 0.1)
    for _ in range(20):
        for rows in np.split(order(), range(32, len(y), 32)):
            train_step(model, LOSS, optimizer, x[rows], y[rows])
    read = predict(model, x_other)
    return np.mean(read == y_other), np.mean(read == 9)


def test_a_sorted_drawer_teaches_badly_and_one_shuffle_mends_it(parts):
    drawer = np.argsort(parts[1], kind="stable")
    for seed in (5, 6, 7):
        rng = np.random.default_rng(seed)
        once = rng.permutation(1024)
        bad, nines = through_the_drawer(parts, seed, lambda: drawer)
        good, fair = through_the_drawer(parts, seed, lambda once=once: once)
        anew, _ = through_the_drawer(parts, seed, lambda rng=rng: rng.permutation(1024))
        assert bad < 0.8
        assert good > 0.92
        assert abs(good - anew) < 0.02
        assert nines > 1.5 * fair


def end_of(parts, seed, m, lr, updates):
    x, y, x_other, y_other = parts
    model, optimizer = start(seed, lr)
    done = 0
    while done < updates:
        for x_batch, y_batch in batches(x, y, m):
            train_step(model, LOSS, optimizer, x_batch, y_batch)
            done += 1
            if done == updates:
                break
    return evaluate(model, LOSS, x, y), accuracy(model, x_other, y_other)


def test_by_updates_the_batch_size_matters_little_and_by_looks_much(parts):
    for seed in (5, 6, 7):
        after_256 = [end_of(parts, seed, m, 0.05, 256)[0] for m in (4, 16, 64, 1024)]
        assert np.ptp(after_256) < 0.25 * np.mean(after_256)
        assert after_256[0] == max(after_256)  # the smallest batches trail
        few_looks = end_of(parts, seed, 1024, 0.05, 1)[0]  # as many as 256 · 4
        assert few_looks > 2 * after_256[0]


def test_the_linear_scaling_rule_holds_to_64_and_breaks_at_256(parts):
    for seed in (5, 6):
        ends = {
            m: end_of(parts, seed, m, 0.0125 * m, 8192 // m) for m in (1, 16, 64, 256)
        }
        assert all(abs(ends[m][0] - ends[1][0]) < 0.06 for m in (16, 64))
        assert all(ends[m][1] > 0.9 for m in (1, 16, 64))
        assert ends[256][1] < 0.2


def test_the_longest_step_is_too_long_for_the_full_gradient_too(parts):
    for seed in (5, 6, 7):
        assert end_of(parts, seed, 1024, 3.2, 32)[0] > 1.5
        assert end_of(parts, seed, 1024, 0.8, 32)[0] < 1


def test_the_rule_slips_beyond_the_noise_scale_with_a_quarter_of_the_rates(parts):
    for seed in (5, 6, 7):
        losses = {
            m: end_of(parts, seed, m, 0.0125 / 4 * m, 8192 // m)[0]
            for m in (4, 64, 256)
        }
        assert abs(losses[64] - losses[4]) < 0.015
        assert losses[256] > losses[4] + 0.03


def test_64_rows_take_far_less_time_than_64_times_one(parts):
    x, y, *_ = parts
    model, optimizer = start(0, 0.01)

    def seconds(m):
        begin = perf_counter()
        for _ in range(50):
            train_step(model, LOSS, optimizer, x[:m], y[:m])
        return perf_counter() - begin

    assert min(seconds(64) for _ in range(5)) < 16 * min(seconds(1) for _ in range(5))


def test_the_noise_scale_is_some_tens_and_grows(parts):
    x, y, *_ = parts
    for seed in (5, 6, 7):
        model, optimizer = start(seed, 0.2)
        scale = []
        for more in (1, 29):
            fit(model, LOSS, optimizer, x, y, epochs=more, batch_size=32)
            g = example_gradients(model, LOSS, x, y)
            full = g.mean(axis=0)
            scale.append(variance(g, full) / (full @ full))
        assert 40 < scale[0] < 90
        assert scale[1] > 2 * scale[0]


def test_a_constant_rate_never_arrives_and_a_falling_one_settles():
    slope, above = patients()

    def height(rate, m):
        return np.mean(
            [above(walk(slope, rate, m, 3000, s)[-1000:]) for s in range(5, 8)]
        )

    assert height(0.05, 442) < 1e-3
    assert 1.7 < height(0.05, 4) / height(0.025, 4) < 3
    assert 3.5 < height(0.05, 1) / height(0.05, 4) < 6
    assert height(lambda i: 0.05 / (1 + i / 200), 1) < 0.1 * height(0.05, 1)


def test_summed_losses_fail_with_a_larger_batch(parts):
    x, y, x_other, y_other = parts
    summed = nn.CrossEntropyLoss(reduction="sum")
    for seed in (5, 6):
        right = []
        for m, epochs in [(32, 10), (512, 40)]:
            model, optimizer = start(seed, 0.01)
            fit(model, summed, optimizer, x, y, epochs=epochs, batch_size=m)
            right.append(accuracy(model, x_other, y_other))
        assert right[0] > 0.9
        assert right[1] < 0.3
