"""What the page on gates says, from other seeds."""

import itertools

import numpy as np
import pytest

from course_lib import load, nn
from course_lib.architectures.gates import (
    baseline,
    learn_task,
    open_forget_gate,
    reader,
    share_of_baseline,
)
from course_lib.architectures.recurrent import Writer, bits
from course_lib.datasets import names
from course_lib.nn.dense import logistic
from tests.definitions import BOOK, definitions

page = definitions("architectures/gates")
FILE = load(BOOK / "architectures" / "trained" / "gates.save")
RUNS = page.stored = FILE["runs"]
PLAIN = load(BOOK / "architectures" / "trained" / "recurrent.save")["runs"]
page.SEEDS = range(3)


def test_numbers_of_the_text():
    assert 0.99**100 == pytest.approx(1 / 3, abs=0.04)
    assert logistic(np.float64(1)) == pytest.approx(0.73, abs=0.005)
    assert logistic(np.float64(3)) == pytest.approx(0.95, abs=0.005)


def test_the_cell_set_by_hand():
    after = [page.cell("1", step)["after"]["text"] for step in (1, 2, 3, 4, 5)]
    assert after == [f"$c$ = {c}" for c in ("0.00", "0.80", "0.80", "1.40", "1.40")]
    assert page.cell("1", 5)["h"]["text"] == f"$h$ = {np.tanh(1.4):.2f}"
    leaking = 0.5 * (0.6 + 0.5 * (0.5 * 0.8))
    assert page.cell("0.5", 5)["after"]["text"] == f"$c$ = {leaking:.2f}"


def test_open_forget_gates_reach_back():
    far = {
        name: np.mean([np.log10(page.by_distance(name, s)[39]) for s in range(10, 16)])
        for name in page.STARTS
    }
    assert far["RNN"] < -9.5 < far["GRU"] < -7 and -9.5 < far["LSTM"] < -7
    assert -4 < far["LSTM, bias 1"] < -2
    assert -1 < far["LSTM, bias 3"] < 1


def losses(task, T, network, seed, steps, lr, units):
    model = reader(task, getattr(nn, network.split(",")[0]), units, seed=seed)
    if "," in network:
        open_forget_gate(model.layer)
    run = learn_task(model, task, T, seed, lr=lr)
    return model, list(itertools.islice(run, steps))


@pytest.mark.parametrize(
    "name", ["adding 40 GRU 1", "adding 80 LSTM, open 2", "copy 5 RNN 0"]
)
def test_the_training_begins_as_stored(name):
    task, T, *network, seed = name.split()
    setting = (5e-3, 32) if task == "adding" else (1e-2, 64)
    _, first = losses(task, int(T), " ".join(network), int(seed), 20, *setting)
    np.testing.assert_allclose(first, RUNS[name]["first"], rtol=1e-2)


def test_another_start_adds_as_the_page_says():
    plain, _ = losses("adding", 40, "RNN", 7, 1200, 5e-3, 32)
    assert share_of_baseline(plain, "adding", 40) > 0.9
    for network, steps in [("GRU", 800), ("LSTM, open", 1500)]:
        gated, curve = losses("adding", 40, network, 7, steps, 5e-3, 32)
        assert np.mean(curve[-100:]) / baseline("adding", 40) < 0.05
        assert share_of_baseline(gated, "adding", 40) < 0.05


@pytest.mark.parametrize("network", ["GRU", "LSTM"])
def test_the_stored_weights_are_those_of_the_log(network):
    name, parts = f"names {network} 0", names()
    model = Writer(getattr(nn, network), 64)
    model.load_state_dict(FILE["weights"][name])
    assert sum(p.numel() for p in model.parameters()) == RUNS[name]["weights"]
    assert bits(model, parts.test) == pytest.approx(RUNS[name]["test"], abs=2e-4)


def test_gates_gain_a_little_on_names():
    cost = {
        n: [(PLAIN | RUNS)[f"names {n} {seed}"]["test"] for seed in range(3)]
        for n in ("RNN", "GRU", "LSTM")
    }
    for network in ("GRU", "LSTM"):
        assert max(cost[network]) < min(cost["RNN"])
        assert 0.04 < np.mean(cost["RNN"]) - np.mean(cost[network]) < 0.09
    nats = {n: np.mean(c) * np.log(2) for n, c in cost.items()}
    assert nats["RNN"] == pytest.approx(1.95, abs=0.005)
    assert nats["GRU"] == pytest.approx(1.91, abs=0.005)
