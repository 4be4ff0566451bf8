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
LSTMS = ("LSTM", "LSTM, bias 1")


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
    for name, (kind, bias) in page.STARTS.items():
        if kind == "LSTM":  # the forget gate alone leaves less
            assert far[name] > 39 * np.log10(logistic(np.float64(bias))) + 0.5


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


def test_adding_by_length_as_stored():
    share = {
        (n, T): page.shares("adding", T, n) for n in page.NETWORKS for T in page.LENGTHS
    }
    assert max(max(share[n, 10]) for n in page.NETWORKS) < 0.05
    assert max(share["RNN", 20]) < 0.2
    assert all(min(share["RNN", T]) > 0.9 for T in page.LENGTHS if T >= 40)
    for network in ("LSTM", "LSTM, bias 1", "GRU"):
        assert all(max(share[network, T]) < 0.05 for T in (20, 40))
    assert sorted(s > 0.9 for s in share["LSTM", 80]) == [False, False, True]
    assert max(share["LSTM, bias 1", 80] + share["GRU", 80]) < 0.05
    steps = [RUNS[f"adding 80 GRU {seed}"]["steps"] for seed in range(3)]
    assert (min(steps), max(steps)) == (500, 600)


def test_copying_as_stored():
    share = {
        (n, T): np.mean(page.shares("copy", T, n))
        for n in page.NETWORKS
        for T in (5, 20)
    }
    for T in (5, 20):
        order = [share[n, T] for n in ("GRU", "LSTM, bias 1", "LSTM", "RNN")]
        assert order == sorted(order)
        assert min(page.shares("copy", T, "RNN")) > 0.99
        assert share["LSTM", T] > 0.9
        rest = [min(page.shares("copy", T, n)) for n in page.NETWORKS if n != "GRU"]
        assert max(page.shares("copy", T, "GRU")) < min(rest)
    drawn, opened = ([page.shares("copy", T, n) for T in (5, 20)] for n in LSTMS)
    assert max(opened[0]) < min(drawn[0]) and max(opened[1]) > min(drawn[1])
    assert 0.7 < share["LSTM, bias 1", 5] < 0.8 < share["LSTM, bias 1", 20] < 0.95
    assert share["GRU", 5] < 0.7 and share["GRU", 20] < 0.75
    assert min(share.values()) > 0.4  # nobody masters it


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
    size = {n: (PLAIN | RUNS)[f"names {n} 0"]["weights"] for n in cost}
    assert round(size["GRU"] / size["RNN"], 1) == 2.4
    assert round(size["LSTM"] / size["RNN"], 1) == 3.1
    assert max(len(name) for part in names() for name in part) == 11
    nats = {n: np.mean(c) * np.log(2) for n, c in cost.items()}
    assert nats["RNN"] == pytest.approx(1.95, abs=0.005)
    assert nats["GRU"] == pytest.approx(1.91, abs=0.005)
