"""The code of the page on recurrent networks: the rule in steps, names, counts."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib import Tensor, nn
from course_lib.architectures.recurrent import (
    Counts,
    Writer,
    bits,
    gradient_by_distance,
    learn_names,
    unrolled,
    write,
)
from course_lib.datasets import ALPHABET, names
from course_lib.nn.recurrent import rnn


def arrays(blocks: int, states: int, T=5, N=3, D=2, H=4, seed=0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = [(T, N, D), *[(N, H)] * states]
    shapes += [(blocks * H, D), (blocks * H, H), (blocks * H,), (blocks * H,)]
    return [rng.normal(size=shape) for shape in shapes]


def same(one, other, given: list[np.ndarray]) -> None:
    """Two functions of the same arrays have the same value and gradients, to 1e-12."""
    results = []
    for function in (one, other):
        leaves = [Tensor(a, requires_grad=True) for a in given]
        value = function(*leaves)
        value.backward(np.random.default_rng(1).normal(size=value.shape))
        results.append([value.data, *(leaf.grad for leaf in leaves)])
    for a, b in zip(*results, strict=True):
        assert np.abs(a).max() > 0
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_rule_is_the_steps_on_the_tape(seed):
    same(rnn, unrolled, arrays(1, 1, seed=seed))


def test_bits_count_each_character_and_the_end_once():
    even = np.zeros((1, 27))
    assert bits(lambda x: np.zeros((*x.shape, 27)), ["a", "eva"]) == pytest.approx(
        np.log2(27), rel=1e-14
    )
    even[0, 1] = np.log(27)  # "a" and all others together: one half each
    model = lambda x: np.broadcast_to(even, (*x.shape, 27))  # noqa: E731
    p = {True: 27 / 53, False: 1 / 53}
    expected = -np.mean([np.log2(p[c == "a"]) for c in "a." + "eva."])
    assert bits(model, ["a", "eva"]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("plus", [0.1, 1])
def test_counted_probabilities_sum_to_1(n, plus):
    counts = Counts(names().train[:200], n, plus)
    for before in (
        ("..." + "eva")[-(n - 1) :] if n == 1 else ["." * (n - 1), "zqz"[: n - 1]]
    ):
        before = before if n > 1 else ""
        total = sum(counts.probability(before, letter) for letter in ALPHABET)
        assert total == pytest.approx(1, rel=1e-12)


def test_counts_by_hand():
    counts = Counts(["ab", "aa"], n=2, plus=0)
    assert counts.probability(".", "a") == 1
    assert counts.probability("a", "b") == counts.probability("a", "a") == 1 / 3
    assert counts.bits(["ab"]) == pytest.approx(np.log2(3) / 3)
    assert Counts(["ab"], 3, 0).pairs("ab") == [("..", "a"), (".a", "b"), ("ab", ".")]


def test_known_figures_of_the_whole_set():
    """Unigram and bigram cost of all names, as counted elsewhere (nats)."""
    everything = [name for part in names() for name in part]
    for n, nats in [(1, 2.8112), (2, 2.334566), (3, 1.9778)]:
        found = Counts(everything, n, 0).bits(everything) * np.log(2)
        assert found == pytest.approx(nats, abs=5e-5)


def test_a_state_may_be_handed_on():
    model, x = Writer(nn.GRU, 8, rng=np.random.default_rng(0)), np.array([[0, 1, 2, 3]])
    h = model.layer(model.embedding(x[:, :2]))[1]
    np.testing.assert_allclose(
        model(x[:, 2:], h).data, model(x).data[:, 2:], atol=1e-14
    )


def test_training_makes_names_cheaper_and_is_the_same_each_time():
    few = names().train[:200]
    runs = []
    for _ in range(2):
        model = Writer(nn.RNN, 16, rng=np.random.default_rng(0))
        losses = list(learn_names(model, few, epochs=3, seed=0))
        runs.append(losses)
        assert len(losses) == 3 * 7
        assert np.mean(losses[-7:]) < np.mean(losses[:7]) - 0.3
        assert bits(model, few) < 4.5
    np.testing.assert_array_equal(*runs)


def test_writing_ends_and_follows_the_probabilities():
    class Fixed(nn.Module):
        def forward(self, x):
            o = np.full((*x.shape, 27), -50.0)
            o[..., 1] = 0  # always "a"
            return Tensor(o)

    assert write(Fixed(), np.random.default_rng(0), longest=7) == "a" * 7
    model = Writer(nn.RNN, 8, rng=np.random.default_rng(0))
    written = [write(model, np.random.default_rng(seed)) for seed in range(20)]
    assert len(set(written)) > 10 and max(map(len, written)) <= 15
    assert set("".join(written)) <= set(ALPHABET[1:])


def test_gradient_by_distance_of_one_unit_is_a_power():
    layer = nn.RNN(1, 1, nonlinearity="relu", bias=False)
    layer.weight_ih_l0.data, layer.weight_hh_l0.data = np.eye(1) * 100, np.eye(1) / 2

    class Positive:
        def normal(self, size):
            return np.ones(size)

    found = gradient_by_distance(layer, Positive(), T=6)
    np.testing.assert_allclose(found, 0.5 ** np.arange(6))
