"""What the page on recurrent networks says, from other seeds."""

import numpy as np
import pytest

from course_lib import load, nn
from course_lib.architectures.recurrent import Counts, Writer, bits, learn_names
from course_lib.datasets import names
from tests.definitions import BOOK, definitions

page = definitions("architectures/recurrent")
STORED = load(BOOK / "architectures" / "trained" / "recurrent.save")
PARTS = names()


@pytest.fixture
def stored_network():
    page.model = Writer(nn.RNN, 64)
    page.model.load_state_dict(STORED["weights"]["names RNN 0"])


def test_three_steps_by_hand():
    layer = nn.RNN(1, 1, nonlinearity="relu", bias=False)
    layer.weight_ih_l0.data, layer.weight_hh_l0.data = np.eye(1), np.eye(1) / 2
    states, last = layer(np.reshape([4.0, 1, 2], (3, 1, 1)))
    assert states.data.ravel().tolist() == [4, 3, 3.5]
    L = ((last - 2.5) ** 2).sum()
    L.backward()
    assert L.item() == 1
    gradients = layer.weight_ih_l0.grad.item(), layer.weight_hh_l0.grad.item()
    assert gradients == (7, 10)


def test_powers():
    assert 0.5**10 < 1 / 1000
    assert 1.1**50 == pytest.approx(117, abs=1)
    h = 1.1**20
    slope = 2 * (h - 1) * 20 * 1.1**19
    assert h == pytest.approx(6.7, abs=0.05)
    assert (h - 1) ** 2 == pytest.approx(33, abs=0.5)
    assert slope == pytest.approx(1400, abs=50) and 1.1 - 0.01 * slope < -12.5
    assert max((w**20 - 1) ** 2 for w in (0, 0.4, 0.8)) <= 1


def test_the_gradient_by_distance():
    runs = {f: [page.by_distance(f, s) for s in range(10, 16)] for f in (1, 1.7, 3)}
    means = {f: np.exp(np.mean(np.log(r), axis=0)) for f, r in runs.items()}
    assert all(2e-4 < run[10] < 5e-3 for run in runs[1])
    assert 1e-3 < means[1][10] < 2e-3
    assert min(run[10] for run in runs[1.7]) > 10 * max(run[10] for run in runs[1])
    assert 1e-4 < means[1.7][39] < 0.05
    assert means[3][39] > 5
    slopes = np.diff(np.log(means[1]))
    assert (slopes < -0.3).all()  # a straight fall


def test_the_smoothing_was_chosen_on_validation_names():
    for n in (2, 3, 4):
        cost = {
            p: Counts(PARTS.train, n, p).bits(PARTS.validation)
            for p in (0.02, 0.1, 0.5)
        }
        assert cost[0.1] < min(cost.values()) + 0.002


def test_stored_networks_beat_plain_counts():
    counted = [Counts(PARTS.train, n, 0.1).bits(PARTS.test) for n in (1, 2, 3, 4)]
    tested = [STORED["runs"][f"names RNN {seed}"]["test"] for seed in range(3)]
    assert max(tested) < min(counted) - 0.1
    assert counted[1] == pytest.approx(3.4, abs=0.05)
    assert np.log2(27) == pytest.approx(4.75, abs=0.01)


def test_the_stored_weights_are_those_of_the_log():
    model = Writer(nn.RNN, 64)
    assert sum(p.numel() for p in model.parameters()) == 7435
    model.load_state_dict(STORED["weights"]["names RNN 0"])
    run = STORED["runs"]["names RNN 0"]
    for part in ("train", "validation", "test"):
        known = run[part] if part != "validation" else run[part][-1]
        assert bits(model, getattr(PARTS, part)) == pytest.approx(known, abs=2e-4)


@pytest.mark.parametrize("seed", range(3))
def test_the_training_begins_as_stored(seed):
    model = Writer(nn.RNN, 64, dtype=np.float32, rng=np.random.default_rng(seed))
    steps = learn_names(model, PARTS.train, epochs=20, seed=seed)
    first = STORED["runs"][f"names RNN {seed}"]["first"]
    np.testing.assert_allclose([next(steps) for _ in first], first, atol=1e-3)


def test_another_start_comes_out_as_well():
    model = Writer(nn.RNN, 64, dtype=np.float32, rng=np.random.default_rng(7))
    for _ in learn_names(model, PARTS.train, epochs=20, seed=7):
        pass
    assert bits(model, PARTS.test) == pytest.approx(2.81, abs=0.04)


def test_the_player_shows_names_that_are_new():
    chosen = {"stephanie", "elizabeth", "cristobal"}
    assert chosen <= set(PARTS.validation) and not chosen & set(PARTS.train)


def test_where_the_network_is_sure_and_where_surprised(stored_network):
    of_stephanie, of_elizabeth = map(page.next_letters, ("stephanie", "elizabeth"))
    assert of_stephanie[4, page.ALPHABET.index("h")] > 0.7
    assert of_stephanie[9, page.ALPHABET.index(".")] > 0.9
    assert of_elizabeth[5, page.ALPHABET.index("b")] < 0.02


TABLES = [Counts(PARTS.train, n, 0.1) for n in (1, 2, 3, 4)]


def test_falling_back_makes_probabilities():
    for before in ("...", ".ka", "qxz", "eli"):
        p = [page.fall_back(TABLES, before, letter) for letter in page.ALPHABET]
        assert min(p) > 0 and sum(p) == pytest.approx(1)
    once = [Counts(["eva"], n, 0) for n in (1, 2)]
    assert page.fall_back(once, "e", "a") == pytest.approx(
        0.75 * (0.25 / 4 + 0.75 * 4 / 4 / 27)
    )


def test_groups_of_four_that_fall_back_were_chosen_on_validation_names():
    longer = [*TABLES, Counts(PARTS.train, 5, 0.1)]
    cost = [page.falling_bits(longer[:n], PARTS.validation) for n in (3, 4, 5)]
    assert min(cost) == cost[1]


def test_the_lead_over_counts_that_fall_back_is_not_decided(stored_network):
    counted = page.falling_bits(TABLES, PARTS.test)
    assert counted == pytest.approx(2.849, abs=0.001)
    tested = [STORED["runs"][f"names RNN {seed}"]["test"] for seed in range(3)]
    assert max(tested) < counted < max(tested) + 0.05
    page.tables = TABLES
    mean, error = page.paired(PARTS.test)
    assert mean == pytest.approx(counted - tested[0], abs=5e-4)
    assert 0 < mean < 2 * error


def test_the_first_inputs_meet_a_steep_tanh():
    layer = nn.RNN(16, 64, rng=np.random.default_rng(10))
    layer.weight_hh_l0.data = 3 * layer.weight_hh_l0.data
    states, _ = layer(np.random.default_rng(11).normal(size=(40, 8, 16)))
    derivative = (1 - states.data**2).mean(axis=(1, 2))
    assert derivative[0] > 0.9 and derivative[20:].max() < 0.6
