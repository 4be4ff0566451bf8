"""What the page on mini-batches says, over several seeds."""

from itertools import combinations

import numpy as np
import pytest

from course_lib import Tensor, manual_seed, nn, optim
from course_lib.datasets import diabetes, digits
from course_lib.training import train_step
from tests.definitions import definitions

page = definitions("sgd/mini_batches")
SEEDS = range(5, 10)  # not those of the page
N, MIDDLE = 442, np.array([100.0, 60.0])


@pytest.fixture(scope="module", autouse=True)
def examples():
    """What the page computes: its patients, and digits to learn from and others."""
    patients, y = diabetes()
    page.x, page.y, page.N = (patients[:, 2] - 20) / 10, y, N
    X = np.stack([np.ones(N), page.x], axis=1)
    page.H, page.lowest = X.T @ X / N, np.linalg.lstsq(X, y, rcond=None)[0]
    page.scaled = (patients - patients.mean(axis=0)) / patients.std(axis=0)
    x, y, *_ = digits()
    page.x_digits, page.y_digits = x[:1024], y[:1024]
    page.x_other, page.y_other = x[1024:], y[1024:]


def heights(η, m, epochs, seed):
    """How far above the lowest loss each point of a walk is."""
    rng = np.random.default_rng(seed)
    return page.above(
        np.array(page.sgd(page.gradient, N, np.zeros(2), η, m, epochs, rng))
    )


def test_about_five_steps_of_any_kind_lead_down():
    for m, epochs in ((1, 1), (4, 1), (16, 3), (64, 9), (442, 60)):
        paths = [heights(0.1, m, epochs, seed)[:61] for seed in range(15)]
        first = [np.argmax(path < 0.05 * path[0]) for path in paths]
        assert 4 <= np.median(first) <= 5


def test_small_batches_wander_near_the_middle():
    spread = [
        np.mean([heights(0.1, m, epochs, seed)[30:61] for seed in range(15)])
        for m, epochs in ((1, 1), (4, 1), (16, 3), (64, 9), (442, 60))
    ]
    assert (np.diff(spread) < 0).all()
    assert spread[0] > 20 * spread[-1]


def test_noise_wins_near_the_middle_and_not_at_the_start():
    gradient, rng = page.gradient, np.random.default_rng(0)

    def uphill(w, m):
        full = gradient(w, np.arange(N))
        draws = [rng.choice(N, m, replace=False) for _ in range(2000)]
        return np.mean([gradient(w, rows) @ full < 0 for rows in draws])

    full = gradient(np.zeros(2), np.arange(N))
    assert all(gradient(np.zeros(2), [j]) @ full > 0 for j in range(N))
    assert 0.25 < uphill(MIDDLE, 4) < 0.37
    assert uphill(MIDDLE, 1) > 0.4
    assert uphill(MIDDLE, 64) < 0.05


def test_four_times_the_looks_halve_the_error_however_many_examples():
    rng = np.random.default_rng(0)
    for rows in (np.arange(N), rng.choice(N, 40, replace=False)):
        full = page.gradient(MIDDLE, rows)
        singles = np.array([page.gradient(MIDDLE, [j]) for j in rows])
        S = ((singles - full) ** 2).sum(axis=1).mean()
        for m in (1, 4, 16):
            draws = singles[rng.integers(len(rows), size=(20_000, m))].mean(axis=1)
            error = ((draws - full) ** 2).sum(axis=1).mean()
            np.testing.assert_allclose(error, S / m, rtol=0.05)


def test_the_mean_of_all_mini_batches_is_the_full_gradient_and_the_variance_fits():
    rng = np.random.default_rng(0)
    for n, m in [(4, 2), (6, 3), (7, 2)]:
        g = rng.normal(size=(n, 3))
        pairs = np.array([np.mean(rows, axis=0) for rows in combinations(g, m)])
        mean = g.mean(axis=0)
        np.testing.assert_allclose(pairs.mean(axis=0), mean, atol=1e-14)
        S, found = (((a - mean) ** 2).sum(axis=1).mean() for a in (g, pairs))
        np.testing.assert_allclose(found, S / m * (n - m) / (n - 1))


def test_the_network_of_the_page_takes_the_steps_of_the_library():
    weights = page.new_networks([np.random.default_rng(seed) for seed in (5, 6)])
    rows = np.arange(64).reshape(2, 32)
    x, y = page.x_digits[rows], page.y_digits[rows]
    moved = page.step(x, y, 0.3, *weights)
    for k in range(2):
        layers = nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)
        model = nn.Sequential(*layers)
        for p, w in zip(model.parameters(), weights, strict=True):
            p.data = w[k].T.reshape(p.shape)
        optimizer = optim.SGD(model.parameters(), 0.3)
        train_step(model, nn.CrossEntropyLoss(), optimizer, x[k], y[k])
        for p, w in zip(model.parameters(), moved, strict=True):
            np.testing.assert_allclose(p.data, w[k].T.reshape(p.shape), atol=1e-12)


def test_a_sorted_drawer_teaches_badly_and_one_shuffle_mends_it():
    drawer = np.argsort(page.y_digits, kind="stable")
    once = np.random.default_rng(5).permutation(1024)
    right, nines = [], []
    for order in (
        lambda rows: np.broadcast_to(drawer, rows.shape),
        lambda rows: np.broadcast_to(once, rows.shape),
        lambda rows: rows,
    ):
        _, answers = page.learn(32, 0.1, 20 * 1024, SEEDS, order)
        right.append((answers == page.y_other).mean(axis=1))
        nines.append((answers == 9).mean(axis=1))
    bad, once, anew = right
    assert bad.max() < 0.8
    assert once.min() > 0.92
    assert np.abs(once - anew).max() < 0.025
    assert (nines[0] > 1.5 * nines[1]).all()


def test_small_batches_win_the_race_and_larger_ones_want_larger_rates():
    ends = {}
    for m, ηs in {1: (0.03, 0.1), 16: (0.1, 0.3), 64: (0.3, 1), 256: (0.3, 1)}.items():
        L = [page.learn(m, η, 4096, SEEDS)[0].mean() for η in ηs]
        ends[m] = min(L), ηs[np.argmin(L)]
    losses, best = zip(*ends.values(), strict=True)
    assert max(losses[:2]) < 0.25 < losses[2] < 0.5 < losses[3]
    assert best == (0.03, 0.3, 1, 1)


def test_no_batch_size_bears_the_rate_of_3():
    for m in (4, 64, 1024):
        loss, answers = page.learn(m, 3.0, 8192, SEEDS)
        assert loss.mean() > 1.9
        assert (answers == page.y_other).mean() < 0.4


def test_64_rows_take_as_many_operations_as_one():
    """So they take far less than 64 times its time: each operation has its price."""
    manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = optim.SGD(model.parameters(), 0.01)

    def operations(m):
        """Tensors made in one step, a new one for each operation on arrays."""
        before = Tensor(0.0)._order
        batch = page.x_digits[:m], page.y_digits[:m]
        train_step(model, nn.CrossEntropyLoss(), optimizer, *batch)
        return Tensor(0.0)._order - before

    assert operations(64) == operations(1) < 10


def test_a_walk_hovers_unless_the_model_fits_every_example():
    for seed in SEEDS:
        six = np.random.default_rng(seed).choice(N, 6, replace=False)
        page.six = six  # a default of the page's function
        few = page.height_of([2], 0.05, 1500, six, seed)
        many = page.height_of(range(10), 0.05, 1500, six, seed)
        assert few[-1000:].mean() > 1e-4
        assert few[-1000:].mean() > 0.3 * few[1000:2000].mean()
        assert many[-1] < 1e-6


def test_a_rate_that_falls_lets_the_walk_settle():
    def height(falls):
        found = []
        for seed in range(5, 8):
            rng, w = np.random.default_rng(seed), np.zeros(2)
            for i in range(3000):
                η = 0.05 / (1 + i / 200) if falls else 0.05
                w = w - η * page.gradient(w, rng.choice(N, 1))
                found += [page.above(w)] * (i >= 2000)
        return np.mean(found)

    assert height(falls=True) < 0.1 * height(falls=False)


def test_summed_losses_fail_with_a_larger_batch():
    for m, epochs, works in ((32, 10, True), (512, 40, False)):
        _, answers = page.learn(m, 0.01 * m, epochs * 1024, SEEDS)
        right = (answers == page.y_other).mean(axis=1)
        assert right.min() > 0.9 if works else right.max() < 0.3


def test_a_curve_ends_where_some_start_no_longer_survives():
    for m, too_long in ((1, 0.3), (16, 1), (64, 3)):
        assert page.learn(m, too_long, 4096, SEEDS)[0].max() > 1.5
