"""The code of the page on gates: rules in plain steps, and the two tasks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from course_lib import nn
from course_lib.architectures.gates import (
    adding,
    baseline,
    copying,
    gru_step,
    learn_task,
    lstm_step,
    open_forget_gate,
    reader,
    share_of_baseline,
)
from course_lib.core.ops import cat, stack
from course_lib.nn.recurrent import gru, lstm
from tests.architectures.test_recurrent import arrays, same


@pytest.mark.parametrize("seed", range(3))
def test_the_lstm_is_its_steps_on_the_tape(seed):
    def steps(x, h, c, *weights):
        states = []
        for x_t in x:
            h, c = lstm_step(x_t, h, c, *weights)
            states.append(h)
        return cat([stack(states), c[None]])

    same(lstm, steps, arrays(4, 2, seed=seed))


@pytest.mark.parametrize("seed", range(3))
def test_the_gru_is_its_steps_on_the_tape(seed):
    def steps(x, h, *weights):
        states = []
        for x_t in x:
            h = gru_step(x_t, h, *weights)
            states.append(h)
        return stack(states)

    same(gru, steps, arrays(3, 1, seed=seed))


@pytest.mark.parametrize("T", [2, 7, 40])
def test_adding(T):
    x, y = adding(4000, T, np.random.default_rng(0))
    assert x.shape == (4000, T, 2) and y.shape == (4000, 1)
    marks = x[:, :, 1]
    assert set(np.unique(marks)) <= {0, 1}
    np.testing.assert_array_equal(marks[:, : T // 2].sum(axis=1), 1)
    np.testing.assert_array_equal(marks[:, T // 2 :].sum(axis=1), 1)
    np.testing.assert_allclose((x[:, :, 0] * marks).sum(axis=1), y[:, 0])
    assert ((y - 1) ** 2).mean() == pytest.approx(baseline("adding", T), rel=0.1)


@pytest.mark.parametrize("T", [1, 5, 20])
def test_copying(T):
    x, y = copying(50, T, np.random.default_rng(0))
    tokens = x.argmax(axis=2)
    assert x.shape == (50, T + 20, 10) and (x.sum(axis=2) == 1).all()
    np.testing.assert_array_equal(tokens[:, :10], y[:, -10:])
    assert tokens[:, :10].max() == 7
    assert (tokens[:, 10 : T + 9] == 8).all() and (tokens[:, T + 10 :] == 8).all()
    assert (tokens[:, T + 9] == 9).all()  # "now": from the next step on, write
    assert (y[:, :-10] == 8).all()


def test_baselines():
    assert baseline("adding", 99) == 1 / 6
    _, y = copying(10, 5, np.random.default_rng(0))
    u = np.full((*y.shape, 10), -1e3)
    u[:, :-10, 8], u[:, -10:, :8] = 0, 0  # blanks, then a guess among eight
    L = nn.functional.cross_entropy(u.reshape(-1, 10), y.ravel())
    assert baseline("copy", 5) == pytest.approx(L.item(), rel=1e-12)


def test_an_open_forget_gate_changes_the_bias_of_f_alone():
    layer = nn.LSTM(2, 3, rng=np.random.default_rng(0))
    before = layer.state_dict()
    assert open_forget_gate(layer, 2.0) is layer
    for name, values in layer.state_dict().items():
        change = np.zeros(12)
        change[3:6] = 2.0 if name == "bias_ih_l0" else 0.0
        np.testing.assert_allclose(
            (values - before[name]).T, np.zeros_like(values.T) + change
        )


@pytest.mark.parametrize("layer", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("task", ["adding", "copy"])
def test_training_runs_and_is_the_same_each_time(layer, task):
    runs = []
    for _ in range(2):
        model = reader(task, layer, 8, seed=1)
        assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}
        runs.append(list(itertools.islice(learn_task(model, task, 4, 0), 60)))
        assert 0 < share_of_baseline(model, task, 4) < 3
    np.testing.assert_array_equal(*runs)
    assert np.mean(runs[0][-10:]) < np.mean(runs[0][:10])


def test_a_gru_learns_to_add_four_numbers():
    model = reader("adding", nn.GRU, 16)
    for _ in itertools.islice(learn_task(model, "adding", 4, 0, lr=1e-2), 300):
        pass
    assert share_of_baseline(model, "adding", 4) < 0.2
