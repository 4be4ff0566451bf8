"""What the page on many directions says, over seeds of its own."""

import numpy as np
import pytest

from course_lib import manual_seed, nn
from course_lib.backprop.gradient_descent import descend
from course_lib.core.numerical import hessian
from course_lib.datasets import digits
from course_lib.pathologies.many_directions import flat_gradient, random_curvatures
from tests.definitions import definitions

page = definitions("pathologies/many_directions")
SEEDS = range(10, 13)  # not those of the page
TABLES = random_curvatures(2, 30, np.random.default_rng(10))


def numbers(H):
    return H[0, 0], H[0, 1], H[1, 1]


@pytest.mark.parametrize("H", TABLES)
def test_the_eigenvalues_are_the_ends_of_the_wave_and_solve_the_equation(H):
    a, b, c = numbers(H)
    least, most = page.eigenvalues(a, b, c)
    np.testing.assert_allclose([least, most], np.linalg.eigvalsh(H))
    angles = np.arange(0, 180, 0.25)
    v = page.arrow(angles)
    bend = 2 * page.heights(v, H)
    np.testing.assert_allclose(bend, (v @ H * v).sum(axis=1))
    np.testing.assert_allclose([bend.min(), bend.max()], [least, most], atol=1e-3)
    apart = abs(angles[bend.argmax()] - angles[bend.argmin()])
    assert abs(apart - 90) <= 0.5
    # There, and only there, the image lies on the line of the arrow.
    image = v @ H
    beside = np.abs(v[:, 0] * image[:, 1] - v[:, 1] * image[:, 0])
    calm = beside < 0.02 * (most - least)
    ends = np.minimum(bend - least, most - bend) < 0.001 * (most - least)
    assert calm[[bend.argmax(), bend.argmin()]].all()
    assert ends[calm].all()
    for λ in (least, most):
        assert (a - λ) * (c - λ) == pytest.approx(b**2)


@pytest.mark.parametrize("H", TABLES)
def test_turning_towards_the_image_makes_the_curvature_larger(H):
    for degrees in range(0, 180, 7):
        v, left = page.arrow(degrees), page.arrow(degrees + 90)
        pull = left @ H @ v
        turned = page.arrow(degrees + 1e-3)
        gain = turned @ H @ turned - v @ H @ v
        assert gain == pytest.approx(2 * pull * np.radians(1e-3), rel=1e-2, abs=1e-8)


@pytest.mark.parametrize("H", TABLES)
def test_every_cut_is_a_parabola(H):
    for degrees in (0, 20, 45, 133):
        v = page.arrow(degrees)
        for t in (-2, 0.5, 3):
            assert page.heights(t * v, H) == pytest.approx(t**2 * page.heights(v, H))


def test_the_numbers_of_the_three_surfaces():
    found = {k: np.linalg.eigvalsh(H) for k, H in page.SURFACES.items()}
    np.testing.assert_allclose(found["pass"], [-1, 3])
    np.testing.assert_allclose(found["bowl"], [1, 3])
    np.testing.assert_allclose(found["ravine"], [0.3, 3])
    H = np.array(page.SURFACES["pass"])
    f = lambda w: w[0] ** 2 / 2 + 2 * w[0] * w[1] + w[1] ** 2 / 2  # noqa: E731
    for w in np.random.default_rng(10).normal(size=(5, 2)):
        assert page.heights(w, H) == pytest.approx(f(w))
        steps = 1e-5 * np.eye(2)
        slopes = [(f(w + h) - f(w - h)) / 2e-5 for h in steps]
        np.testing.assert_allclose(H @ w, slopes, atol=1e-8)
    for v in ([1, 0], [0, 1]):
        assert v @ H @ v == 1  # both axes bend up


@pytest.mark.parametrize("n", [3, 5, 8])
def test_in_n_dimensions_there_are_n_eigenvectors_at_right_angles(n):
    for H in random_curvatures(n, 10, np.random.default_rng(n)):
        λ, Q = np.linalg.eigh(H)
        np.testing.assert_allclose(Q.T @ Q, np.eye(n), atol=1e-12)
        np.testing.assert_allclose(H @ Q, Q * λ, atol=1e-12)
        v = np.random.default_rng(1).normal(size=(1000, n))
        v /= np.linalg.norm(v, axis=1, keepdims=True)
        bend = (v @ H * v).sum(axis=1)
        assert λ[0] <= bend.min() and bend.max() <= λ[-1]


def test_minima_are_rarer_than_coins_and_a_few_in_a_million_with_six():
    rng = np.random.default_rng(10)
    for n, exact in [(1, 0.5), (2, (2 - 2**0.5) / 4), (4, 0.0025)]:
        H = random_curvatures(n, 100_000, rng)
        share = (np.linalg.eigvalsh(H) > 0).all(axis=1).mean()
        assert share == pytest.approx(exact, rel=0.2)
        assert n == 1 or share < 0.5**n
    # Six: the exact share is 4.6 in a million (tests/pathologies).
    counts = 1e6 * page.share_of_minima(6)
    assert 1 <= counts <= 12


def test_low_places_have_fewer_ways_down():
    for seed in SEEDS:
        L, index = page.search(seed)
        assert L[index == 0].mean() < L[index == 1].mean() < L[index >= 2].mean()
        assert np.corrcoef(index, L)[0, 1] > 0.6
        # The highest answers the same to all; each hidden unit is a way down.
        assert index[L.argmax()] == 3
        assert L[index == 0].max() < 0.7 * L.max()  # no minimum lies high


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
