"""What the page on the Transformer claims: of the stored runs, and with new seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from course_lib import load, nn
from course_lib.architectures.attention import learn, share_right, token_loss
from course_lib.architectures.recurrent import Counts, Writer, bits
from course_lib.architectures.transformer import Transformer, recall
from course_lib.datasets import encode, names
from course_lib.training import evaluate
from tests.definitions import definitions

page = definitions("architectures/transformer")
TRAINED = Path(__file__).parents[3] / "book/architectures/trained"
NAMES, RECALL = (load(TRAINED / f"{part}.save") for part in ("names", "recall"))


def best(name: str) -> np.ndarray:
    return np.array([min(run["validation"]) for run in NAMES[name]]) / np.log(2)


def test_the_toy_block_is_the_librarys():
    layer = nn.TransformerEncoderLayer(
        8, 2, 16, 0.0, batch_first=True, norm_first=True, rng=np.random.default_rng(0)
    )
    x = np.random.default_rng(1).normal(size=(3, 5, 8))
    o = page.block(
        x,
        lambda z: layer.self_attn(z, z, z)[0],
        lambda z: layer.linear2(layer.linear1(z) * (layer.linear1(z) > 0)),
        layer.norm1,
        layer.norm2,
    )
    np.testing.assert_allclose(o.data, layer(x).data, atol=1e-13)


def test_the_weights_are_those_that_were_measured():
    model = Transformer(27, 12, 32)
    model.load_state_dict(NAMES["weights"])
    data, log = names(), NAMES["Transformer"][0]
    found = evaluate(model, token_loss, *encode(data.validation, 12))
    assert abs(found - min(log["validation"])) < 2e-4
    found = evaluate(model, token_loss, *encode(data.test, 12))
    assert abs(found - log["test"]) < 2e-4
    assert abs(bits(model, data.test) - log["test"] / np.log(2)) < 1e-3
    assert log["weights"] == sum(p.numel() for p in model.parameters()) == 27_611


def test_most_weights_are_in_the_small_networks():
    model = Transformer(27, 12, 32)
    parts = {"linear": 0, "self_attn": 0}
    for name, p in model.named_parameters():
        for part in parts:
            parts[part] += p.numel() * (part in name)
    assert parts["linear"] > 1.9 * parts["self_attn"]


def test_the_gru_is_better_at_its_size_and_all_networks_beat_counting():
    gru, ours, wide = map(best, ("GRU", "Transformer", "Transformer, wide"))
    assert wide.max() < gru.min() and gru.max() < ours.min() - 0.02
    tests = [[r["test"] for r in NAMES[k]] for k in ("Transformer, wide", "GRU")]
    assert max(tests[0]) < min(tests[1])
    assert max(tests[1]) < min(r["test"] for r in NAMES["Transformer"])
    data = names()
    counted = min(
        Counts(data.train, 4, plus).bits(data.validation)
        for plus in (0.01, 0.03, 0.1, 0.3, 1)
    )
    assert ours.max() < counted < np.log2(27)
    kinds = ("GRU", "Transformer", "Transformer, wide")
    small, other, large = (NAMES[k][0]["weights"] for k in kinds)
    assert 0.6 < small / other < 0.7 and 5.5 < large / small < 6


def test_the_plain_rnn_is_ahead_of_the_small_transformer():
    runs = load(TRAINED / "recurrent.save")["runs"]
    plain = [runs[f"names RNN {seed}"] for seed in range(3)]
    ours = NAMES["Transformer"]
    bits = [run["test"] / np.log(2) for run in ours]
    assert max(run["test"] for run in plain) < min(bits)
    assert 0.25 < plain[0]["weights"] / ours[0]["weights"] < 0.3
    assert 1.45 < ours[0]["weights"] / NAMES["GRU"][0]["weights"] < 1.6


def test_the_player_reads_test_names_and_n_looks_at_the_letter_before():
    assert set(page.READ) <= set(names().test)
    model = Transformer(27, 12, 32)
    model.load_state_dict(NAMES["weights"])
    looks = model.maps(encode(["veronica"], 12)[0])[1][0, :, 5].mean(axis=0)
    assert looks.argmax() == 4 and looks[4] > 0.6


def test_the_gru_is_ahead_from_the_twelfth_epoch():
    gru, ours = (
        np.mean([run["validation"] for run in NAMES[k]], axis=0)
        for k in ("GRU", "Transformer")
    )
    assert (gru[11:30] < ours[11:30]).all()


def test_the_transformer_learns_by_heart_after_its_best_epoch():
    for run in NAMES["Transformer"]:
        validation, learning = run["validation"], run["loss"]
        assert 15 <= np.argmin(validation) + 1 <= 36
        assert validation[-1] > min(validation) + 0.02
        assert learning[-1] == min(learning)
    for run in NAMES["GRU"]:
        assert run["validation"][-1] < min(run["validation"]) + 0.02


def rates(name: str) -> dict[float, np.ndarray]:
    found: dict[float, list] = {}
    for run in RECALL[name]:
        found.setdefault(run["lr"], []).append(run["right"])
    return {lr: np.array(runs) for lr, runs in found.items()}


def test_recall_is_learned_by_the_transformer_alone():
    for pairs in (2, 4, 8):
        (runs,) = rates(f"Transformer, {pairs}").values()
        assert len(runs) == 3 and (runs[:, -1] > 0.98).all(), pairs
    grus = rates("GRU, 8")
    assert len(grus) == 3
    assert max(runs[:, -1].max() for runs in grus.values()) < 0.4
    sizes = [RECALL[f"{kind}, 8"][0]["weights"] for kind in ("GRU", "Transformer")]
    assert 0.95 < sizes[0] / sizes[1] < 1.15


def test_with_four_and_eight_pairs_the_gru_only_names_the_commonest_value():
    for pairs, level in [(2, 0.54), (4, 0.355), (8, 0.275)]:
        assert abs(page.guessed(pairs) - level) < 0.01
        known = max(runs[:, -1].mean() for runs in rates(f"GRU, {pairs}").values())
        if pairs == 2:
            assert known > level + 0.3
        else:
            assert abs(known - level) < 0.015


def test_the_curve_jumps():
    (runs,) = rates("Transformer, 8").values()
    for run in runs:
        late = np.argmax(run > 0.9)
        assert run[max(late - 3, 0)] < 0.6  # within 150 steps


@pytest.mark.parametrize("pairs", [2, 4])
def test_first_steps_are_those_stored(pairs):
    rng, first = np.random.default_rng(1), []
    model = Transformer(27, 24, 32, dtype=np.float32, rng=rng)
    learn(
        model,
        lambda: recall(64, pairs, 13, rng),
        10,
        lr=2e-3,
        after=lambda step, L: first.append(L),
    )
    np.testing.assert_allclose(
        first, RECALL[f"Transformer, {pairs}"][1]["first"], atol=1e-3
    )


def test_recall_with_another_seed():
    x, y = recall(300, 4, 13, np.random.default_rng(77))
    right = {}
    for kind in ("Transformer", "GRU"):
        rng = np.random.default_rng(7)
        model = (
            Transformer(27, 24, 32, dtype=np.float32, rng=rng)
            if kind == "Transformer"
            else Writer(nn.GRU, 80, features=32, dtype=np.float32, rng=rng)
        )
        learn(model, lambda rng=rng: recall(64, 4, 13, rng), 500, lr=2e-3)
        right[kind] = share_right(model, x, y)
    assert right["Transformer"] > 0.95 > 0.8 > right["GRU"]
