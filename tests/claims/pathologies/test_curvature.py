"""What the page on pathological curvature says, from other starts and seeds."""

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.backprop.gradient_descent import descend
from course_lib.core.module import Parameter
from course_lib.core.numerical import hessian
from course_lib.datasets import breast_cancer, diabetes, digits, wine
from course_lib.pathologies.curvature import (
    best_lr,
    best_momentum,
    flat_gradient,
    valley,
)
from tests.definitions import definitions

page = definitions("pathologies/curvature")
KAPPAS = np.array([100, 1000, 10_000])


@pytest.fixture(scope="module", params=[1, 2, 3])
def starts(request):
    starts = np.random.default_rng(request.param).normal(size=(5, 2))
    page.starts = starts / np.linalg.norm(starts, axis=1, keepdims=True)
    return page.starts


def exponent(steps, x=KAPPAS):
    return np.polyfit(np.log(x), np.log(steps), 1)[0]


def test_in_the_player_the_best_rate_arrives_for_3_and_not_for_30():
    left = {}
    for κ in (3, 30):
        ends = {}
        for share in (0.1, 0.5, 0.8, 0.9, 0.97, 1.02):
            path = descend(valley(κ).dot, np.array([9.0, 2.0]), share * 2 / κ, 20)
            ends[share] = np.linalg.norm(path[-1]) / np.linalg.norm(path[0])
        left[κ] = min(ends.values())
        best = min(ends, key=ends.get)
    assert left[3] < 1e-4 and 0.25 < left[30] < 0.3
    assert best == 0.97  # for 30, not 0.5, which does not zigzag


def test_descent_takes_kappa_and_momentum_about_root_kappa_steps(starts):
    slow = [page.with_descent(κ) for κ in KAPPAS]
    formula = np.log(1000) / -np.log(1 - 2 / (KAPPAS + 1))
    np.testing.assert_allclose(slow, np.ceil(formula))
    assert exponent(slow) == pytest.approx(1, abs=0.01)
    quick = [page.with_momentum(κ) for κ in KAPPAS]
    assert 0.5 < exponent(quick) < 0.6
    assert quick[-1] < 0.025 * slow[-1]  # saves 98 % of the steps


def test_turning_the_valley_changes_nothing_for_descent_and_momentum(starts):
    a = np.radians(45)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    for lr, β in [(best_lr(1, 100), 0), best_momentum(1, 100)]:
        steps = []
        for degrees, page.starts in [(0, starts), (45, starts @ turn.T)]:
            A = valley(100, degrees)
            steps.append(page.median_steps(lambda p: optim.SGD(p, lr, β), A))  # noqa: B023
        assert steps[1] == pytest.approx(steps[0], abs=1)


def test_adam_does_not_feel_a_ravine_along_an_axis_and_feels_a_turned_one(starts):
    along = [page.with_adam(valley(κ)) for κ in KAPPAS]
    assert len(set(along)) == 1
    turned = [page.with_adam(valley(κ, 45)) for κ in KAPPAS]
    assert 0.55 < exponent(turned) < 0.85  # between momentum and descent
    assert turned[-1] > 10 * along[-1]


@pytest.mark.parametrize(("degrees", "parted"), [(0, False), (45, True)])
def test_in_the_turned_ravine_adam_has_one_divisor_for_both_coordinates(
    starts, degrees, parted
):
    x, A = Parameter(starts), valley(1000, degrees)
    optimizer, v = optim.Adam([x], lr=1), 0
    for _ in range(100):
        x.grad = x.data @ A
        v = 0.999 * v + 0.001 * x.grad**2  # as Adam does by default
        optimizer.step()
    ratio = np.sqrt(v.max(axis=1) / v.min(axis=1))
    assert (ratio < 1.05).all() == parted


@pytest.fixture(scope="module")
def line():
    """The diabetes data on the standardised body mass index."""
    patients, page.y = diabetes()
    bmi = patients[:, 2]
    page.X = np.stack([np.ones(442), (bmi - bmi.mean()) / bmi.std()], axis=1)
    page.best = np.linalg.lstsq(page.X, page.y, rcond=None)[0]
    return page.X, page.y, page.best


def test_distances_are_those_of_mini_batch_descent(line):
    X, y, best = line
    rng, w = np.random.default_rng(5), np.zeros(2)
    found = page.distances([0.1, 0.2, 0.05], seed=5)
    for lr, distance in zip([0.1, 0.2, 0.05], found[1:], strict=True):
        rows = rng.integers(442, size=10)
        w = w - lr * 2 * np.mean((X[rows] @ w - y[rows])[:, None] * X[rows], axis=0)
        assert distance == pytest.approx(np.linalg.norm(w - best))


def test_at_a_constant_rate_sgd_hovers_at_a_distance_like_the_root_of_the_rate(line):
    X, y, best = line
    np.testing.assert_allclose(2 / 442 * X.T @ X, 2 * np.eye(2), atol=1e-12)
    s2 = ((2 * (X @ best - y)[:, None] * X) ** 2).sum(axis=1).mean() / 10
    lrs, radii = np.array([0.01, 0.03, 0.1]), []
    for lr in lrs:
        late = [page.distances([lr] * 4000, seed)[2000:] for seed in range(5, 10)]
        radii.append(np.sqrt(np.mean(np.square(late))))
    formula = np.sqrt(lrs * s2 / (2 * (2 - 2 * lrs)))
    np.testing.assert_allclose(radii, formula, rtol=0.15)
    assert exponent(radii, lrs) == pytest.approx(0.5, abs=0.1)


def test_at_a_large_rate_sgd_hovers_farther_out_since_the_noise_grows(line):
    X, y, best = line
    residuals = 2 * (X @ best - y)[:, None] * X
    s2 = (residuals**2).sum(axis=1).mean() / 10
    late = [page.distances([0.3] * 4000, seed)[2000:] for seed in range(5, 10)]
    radius = np.sqrt(np.mean(np.square(late)))
    assert 1.02 < radius / np.sqrt(0.3 * s2 / (2 * (2 - 2 * 0.3))) < 1.1
    # The noise at weights that are off by d adds 2 (x·d) x to each gradient.
    outer = X[:, :, None] * X[:, None, :]
    grown = 2 * np.trace((outer @ outer).mean(axis=0) - np.eye(2)) / 10
    exact = 0.3**2 * s2 / (1 - (1 - 2 * 0.3) ** 2 - 0.3**2 * grown)
    assert radius == pytest.approx(np.sqrt(exact), rel=0.02)


def test_a_falling_rate_is_quick_and_settles(line):
    i = np.arange(1, 4001)
    ends, early = [], []
    for seed in range(5, 15):
        falling = page.distances(0.3 / (1 + i / 20), seed)
        large, small = (page.distances(np.full(4000, lr), seed) for lr in (0.3, 0.01))
        ends.append([run[-500:].mean() for run in (falling, small, large)])
        early.append([run[20:60].mean() for run in (falling, small)])
    ends, early = np.mean(ends, axis=0), np.mean(early, axis=0)
    assert ends[0] < 0.7 * ends[1] < 0.7 * 0.3 * ends[2]
    assert early[0] < 0.3 * early[1]


@pytest.mark.parametrize("load", [diabetes, wine, breast_cancer])
def test_standardising_takes_a_factor_of_100_000_off_the_condition_number(load):
    raw, _ = load()
    kappas = []
    for inputs in (raw, (raw - raw.mean(axis=0)) / raw.std(axis=0)):
        X = np.column_stack([np.ones(len(raw)), inputs])
        curvatures = np.linalg.eigvalsh(X.T @ X)
        kappas.append(curvatures[-1] / curvatures[0])
    assert kappas[0] > 1e5 * kappas[1]
    if load is breast_cancer:  # correlated inputs stay a ravine
        assert kappas[1] > 5e4


def spectrum(seed, hidden):
    """Curvatures of a trained network; how the gradient changes in level directions."""
    data, loss = digits(), nn.CrossEntropyLoss()
    x, y = data.x_train[:500], data.y_train[:500]
    manual_seed(seed)
    net = nn.Sequential(nn.Linear(64, hidden), nn.Tanh(), nn.Linear(hidden, 10))
    w, gradient = flat_gradient(net, loss, x, y)
    w = descend(gradient, w, 0.5, 1000)[-1]
    H = hessian(gradient, w)
    level = np.zeros((2, len(w)))
    level[0, -10:] = 1  # all ten biases
    level[1, np.flatnonzero(x.max(axis=0) == 0)[0]] = 1  # a blank pixel
    return np.linalg.eigvalsh(H), H @ level.T


@pytest.mark.parametrize("seed", [5, 6])
@pytest.mark.parametrize("hidden", [8, 16])
def test_a_trained_network_has_few_steep_and_very_many_flat_directions(seed, hidden):
    curvatures, at_level = spectrum(seed, hidden)
    most = curvatures[-1]
    # Twice as many weights, and hardly more steep directions.
    assert 7 <= (curvatures > 0.1 * most).sum() <= 14
    assert (np.abs(curvatures) < 0.01 * most).mean() > 0.85
    assert -0.01 * most < curvatures[0] < -1e-4  # some bend down, slightly
    assert np.abs(at_level).max() < 1e-8
