"""The networks of the page, their data, and what is stored of their training."""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from course_lib import Tensor, load
from course_lib.architectures import seeing

FOLDER = Path(__file__).parents[2] / "book" / "architectures" / "trained"


@pytest.fixture(scope="module")
def data():
    return seeing.clothes()


@pytest.mark.parametrize(
    ("model", "weights"),
    [
        (seeing.cnn(), 9098),
        (seeing.cnn((32, 64), 5), 83_466),
        (seeing.mlp(12), 9550),
        (seeing.mlp(256, 128, 100), 247_766),
    ],
)
def test_networks_give_ten_scores_and_learn_all_their_weights(model, weights):
    assert sum(p.numel() for p in model.parameters()) == weights
    x = np.random.default_rng(0).normal(size=(3, 1, 28, 28)).astype(np.float32)
    u = model(Tensor(x))
    assert u.shape == (3, 10) and u.dtype == np.float32
    u.sum().backward()
    assert all(np.abs(p.grad).max() > 0 for p in model.parameters())


def test_clothes_are_scaled_by_what_is_learned_from_and_kept_apart(data):
    (x, y), (x_val, y_val), (x_test, y_test) = data
    assert [len(a) for a in (x, x_val, x_test)] == [55_000, 5_000, 10_000]
    assert [len(a) for a in (y, y_val, y_test)] == [55_000, 5_000, 10_000]
    assert x.shape[1:] == (1, 28, 28) and x.dtype == np.float32
    assert abs(x.mean(dtype=float)) < 1e-3 and abs(x.std(dtype=float) - 1) < 1e-3
    assert x_val.min() == x_test.min() == x.min()  # black is black in all three


def test_training_is_the_same_each_time_and_its_rate_falls(data, monkeypatch):
    (x, y), rates = (data[0][0][:300], data[0][1][:300]), []

    def recording(model, loss, optimizer, *batch):
        rates.append(optimizer.param_groups[0]["lr"])
        return step(model, loss, optimizer, *batch)

    step = seeing.train_step
    monkeypatch.setattr(seeing, "train_step", recording)
    runs = [
        [*seeing.steps(seeing.mlp(5, rng=np.random.default_rng(1)), x, y, 4, seed=7)]
        for _ in range(2)
    ]
    assert runs[0] == runs[1] and len(runs[0]) == 12
    assert runs[0][-1] < runs[0][0]
    half_waves = [1e-3 * (1 + np.cos(np.pi * t / 4)) / 2 for t in range(4)]
    np.testing.assert_allclose(rates[:12], np.repeat(half_waves, 3))


def test_shifted_pictures():
    x = np.arange(12).reshape(1, 3, 4)
    moved = seeing.shifted(x, down=1, right=2)
    assert moved[0, 1, 2] == x[0, 0, 0]
    np.testing.assert_array_equal(np.sort(moved.ravel()), x.ravel())
    np.testing.assert_array_equal(seeing.shifted(x), x)


# What is stored


def test_what_is_stored_is_whole_and_small():
    content = (FOLDER / "seeing.save").read_bytes()
    about = json.loads((FOLDER / "seeing.json").read_text("utf-8"))
    assert hashlib.sha256(content).hexdigest() == about["sha256"]
    assert len(content) < 330_000
    stored = load(FOLDER / "seeing.save")
    for name, weights in stored["weights"].items():
        model = {"cnn": seeing.cnn, "mlp": lambda: seeing.mlp(12)}.get(
            name[:-2], lambda: seeing.cnn((32, 64), 5)
        )()
        model.load_state_dict(weights)
        count = sum(p.numel() for p in model.parameters())
        assert count == stored["runs"][name]["weights"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_a_stored_run_begins_as_it_says(name, seed, data):
    make = {"cnn": seeing.cnn, "mlp": lambda rng: seeing.mlp(12, rng=rng)}[name]
    log = load(FOLDER / "seeing.save")["runs"][f"{name} {seed}"]
    model = make(rng=np.random.default_rng(seed))
    losses = [*islice(seeing.steps(model, *data[0], 3, seed), 20)]
    np.testing.assert_allclose(losses, log["first"], rtol=0, atol=1e-3)
