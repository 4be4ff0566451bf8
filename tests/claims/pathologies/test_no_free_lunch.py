"""What the page *No free lunch* concludes, with other starts than the page's."""

import itertools

import numpy as np
import pytest

from course_lib.pathologies.no_free_lunch import (
    LEARNING_RATES,
    OPTIMIZERS,
    clothes_task,
    diabetes_task,
    digits_task,
    search,
    trial,
)
from tests.definitions import definitions

page = definitions("pathologies/no_free_lunch")
SEEDS = range(10, 20)


def losses(task, lrs):
    """Test losses from ten starts, at the learning rates that the page found best."""
    return {
        name: np.array([trial(task, OPTIMIZERS[name], lr, s)[1] for s in SEEDS])
        for name, lr in lrs.items()
    }


def test_on_digits_the_gap_is_smaller_than_the_luck_of_the_start():
    lrs = {"Nesterov": 0.1, "Adam": 10**-1.5, "RMSProp": 0.01}
    found = losses(digits_task(), lrs)
    nesterov, adam = found["Nesterov"], found["Adam"]
    assert (nesterov < adam).sum() > 2  # Adam does not win
    assert abs(adam.mean() - nesterov.mean()) < np.ptp(adam) / 2
    assert abs(adam.mean() - found["RMSProp"].mean()) < np.ptp(adam) / 2


def test_on_diabetes_the_gap_is_smaller_than_the_luck_of_the_start():
    found = losses(diabetes_task(), {"AdaGrad": 0.1, "Adam": 10**-1.5})
    assert (found["AdaGrad"] < found["Adam"]).sum() > 2  # Adam does not win
    gap = abs(found["Adam"].mean() - found["AdaGrad"].mean())
    assert gap < np.ptp(found["Adam"]) / 2


def test_on_clothes_adam_wins_from_every_start():
    lrs = {"SGD": 0.1, "Momentum": 0.01, "RMSProp": 10**-2.5, "Adam": 10**-2.5}
    found = losses(clothes_task(), lrs)
    for name in ("SGD", "Momentum"):
        assert (found["Adam"] < found[name]).all()
    assert 0 < (found["RMSProp"] < found["Adam"]).sum() < 10  # perhaps luck


def test_the_default_of_sgd_has_hardly_begun_and_that_of_rmsprop_nearly_arrived():
    task = digits_task()
    best = search(task, OPTIMIZERS["RMSProp"], LEARNING_RATES, seeds=[7]).min()
    sgd = search(task, OPTIMIZERS["SGD"], [1e-3], SEEDS)
    rmsprop = search(task, OPTIMIZERS["RMSProp"], [1e-2], SEEDS)
    assert sgd > 0.9 * np.log(10)
    assert rmsprop < 2 * best


@pytest.mark.parametrize("large", [3.0, 2.5, 4.0])
def test_adam_goes_to_the_wrong_end_of_a_convex_task(large):
    """Reddi, Kale & Kumar 2018: with a short memory, for large slopes above 2."""
    assert definitions("appendix/published").end(large) == 1


def test_with_its_usual_memory_adam_goes_to_the_right_end():
    assert page.end((0.9, 0.999)) == -1


@pytest.mark.parametrize("large", [20, 30])
def test_a_longer_memory_falls_into_the_trap_if_the_large_slope_is_rare(large):
    assert page.end((0, 0.9)) < -0.99
    assert page.end((0, 0.9), large) > 0.99


def test_any_two_searchers_see_the_same_heights_equally_often():
    """Every searcher of two looks on three places with two heights."""
    landscapes = list(itertools.product([0, 1], repeat=3))
    seen = []
    for first in range(3):
        others = [place for place in range(3) if place != first]
        for low, high in itertools.product(others, repeat=2):
            looks = [(f[first], f[high if f[first] else low]) for f in landscapes]
            seen.append(sorted(looks))
    assert len(seen) == 12
    assert all(looks == seen[0] for looks in seen)


def test_a_run_that_breaks_down_counts_as_an_infinite_loss():
    assert trial(diabetes_task(), OPTIMIZERS["SGD"], 1e4, 0) == (np.inf, np.inf)


def test_one_seed_gives_all_optimizers_the_same_start():
    task = digits_task()._replace(epochs=0)
    starts = [trial(task, make, 0.1, 3) for make in OPTIMIZERS.values()]
    np.testing.assert_allclose(starts, [starts[0]] * len(starts), rtol=1e-12)
    assert abs(trial(task, OPTIMIZERS["SGD"], 0.1, 4)[0] - starts[0][0]) > 1e-4
