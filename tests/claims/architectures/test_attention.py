"""What the page on attention claims, with other seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from course_lib import load
from course_lib.architectures.attention import again_and_again, backwards, share_right
from course_lib.nn.functional import scaled_dot_product_attention
from tests.definitions import definitions

page = definitions("architectures/attention")
TRAINED = Path(__file__).parents[3] / "book/architectures/trained"
QUERY, KEYS = np.array([2.0, 0.0]), np.array([[1.0, 1.0], [0.0, 3.0], [2.0, 0.0]])
VALUES = np.array([24.0, 12.0, 20.0])


def test_the_toy_is_the_librarys_attention():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        q, K, V = rng.normal(size=4), rng.normal(size=(6, 4)), rng.normal(size=(6, 3))
        o = scaled_dot_product_attention(q[None], K, V).data[0]
        np.testing.assert_allclose(page.look(q, K, V), o, atol=1e-13)


def test_the_three_friends():
    p = np.exp(KEYS @ QUERY)
    assert [f"{e:.1f}" for e in p] == ["7.4", "1.0", "54.6"] and 62.9 < p.sum() < 63.1
    assert f"{p[2] / p.sum():.2f}" == "0.87"
    assert f"{p @ VALUES / p.sum():.1f}" == "20.3"
    with_root = page.look(QUERY, KEYS, VALUES)
    assert p @ VALUES / p.sum() < with_root < 20.5  # a little warmer
    assert abs(page.look(10 * QUERY, KEYS, VALUES) - 20) < 1e-3


def test_a_score_is_of_size_root_d_and_makes_shares_hard():
    for d in (16, 256):
        q, k = np.random.default_rng(d).normal(size=(2, 2000, 8, d))
        raw = (q[:, :1] @ k.swapaxes(1, 2))[:, 0]
        assert abs(raw.std() / d**0.5 - 1) < 0.1
        e = np.exp(raw - raw.max(axis=1, keepdims=True))
        assert (e.max(axis=1) / e.sum(axis=1)).mean() > (0.6 if d == 16 else 0.9)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_words_backwards_are_learned_and_the_map_is_the_known_one(seed):
    x, y = backwards(500, 8, np.random.default_rng(77))
    assert share_right(page.trained(40, seed), x, y) > 0.98
    model = page.trained(100, seed)
    assert share_right(model, x, y) > 0.995
    looks = model.walk(x)[1][0].mean(axis=(0, 1))
    assert (looks[np.arange(8), 7 - np.arange(8)] > 0.97).all()
    assert share_right(page.trained(100, seed, positions=False), x, y) < 0.25
    commonest = np.mean([np.bincount(word).max() / 8 for word in x])
    assert 0.21 < commonest < 0.24


def test_the_word_of_the_player_is_right_after_100_steps():
    model = page.trained(100)
    assert page.written(model, "keyboard") == "draobyek"
    assert page.written(page.trained(40), "keyboard") == "draobyek"


def test_the_causal_mask():
    masked = page.causal(np.arange(9.0).reshape(3, 3))
    np.testing.assert_array_equal(masked == -np.inf, np.triu(np.ones((3, 3)), 1) == 1)
    assert masked[2].tolist() == [6, 7, 8]


@pytest.mark.parametrize("seed", [3, 4])
def test_two_layers_can_what_one_cannot(seed):
    page.x, page.y = again_and_again(500, 16, np.random.default_rng(77))
    one, two = ([page.repeater(layers, seed, 500)] for layers in (1, 2))
    assert page.right(one) < 0.65
    assert page.right(two) > 0.98
    assert page.right(two, [0]) < 0.4
    assert page.right(two, [1]) < 0.2
    before, behind = page.shares(two[0])
    assert before[0] > 0.9 and behind[1] > 0.95  # the two layers share the work
    assert before[1] < 0.5 and behind[0] < 0.3


def test_the_stored_models():
    page.x, page.y = again_and_again(500, 16, np.random.default_rng(77))
    page.stored = load(TRAINED / "attention.save")
    one, two = page.loaded(1), page.loaded(2)
    assert 0.4 < page.right(one) < 0.65
    assert page.right(two) > 0.98
    x, y = page.x, page.y
    best = one[0](x).data.argmax(axis=-1)
    of_the_word = (best[:, :, None] == x[:, None, :]).any(axis=-1)
    assert of_the_word[y >= 0].mean() > 0.98
    length = (y < 0).sum(axis=1)  # guessing by place: some lengths, and not others
    share = {n: (best == y)[length == n][:, n:].mean() for n in range(3, 9)}
    assert share[3] > 0.6 and max(share[5], share[7]) < 0.4
    assert abs(page.blind() - 0.284) < 0.015
    assert abs(page.right(two, [0]) - page.blind()) < 0.06
    assert page.right(two, [1]) < 0.15
    for seed in range(3):
        losses = []
        page.repeater(2, seed, 20, lambda step, L, seen=losses: seen.append(L))
        np.testing.assert_allclose(losses, page.stored[2][seed]["first"], atol=1e-5)


def test_one_layer_looks_six_and_eight_places_back():
    page.x, page.y = x, y = again_and_again(500, 16, np.random.default_rng(77))
    page.stored = load(TRAINED / "attention.save")
    right, back = [], []
    length = (y < 0).sum(axis=1)
    for model in page.loaded(1):
        best = model(x).data.argmax(axis=-1)
        right.append([(best == y)[length == n][:, n:].mean() for n in range(3, 9)])
        looks = model.walk(x)[1][0][:, 0] * (y >= 0)[:, :, None]
        back.append([looks.diagonal(1 - d, 1, 2).sum() for d in range(2, 16)])
        assert set(np.argsort(back[-1])[-2:] + 2) == {6, 8}
    three, four, five, six, seven, eight = np.mean(right, axis=0)
    assert min(three, four, eight) > 0.5 and six > 0.4
    assert five < 1 / 4 + 0.1 and seven < 1 / 6 + 0.12


def test_papier():
    """The solution of exercise 4: what stands behind a p, and what behind "ap"."""
    word = "papierpapier"
    assert [i for i in range(12) if word[i] == "p"][3] == 8
    behind = [word[i + 1] for i in range(8) if word[i] == "p"]
    assert behind == ["a", "i", "a"]
    assert [word[i + 1] for i in range(1, 8) if word[i - 1 : i + 1] == "ap"] == ["i"]
    page.x, page.y = again_and_again(2, 16, np.random.default_rng(0))
    page.stored = load(TRAINED / "attention.save")
    page.LETTERS = "abcdefghijklmnopqrstuvwxyz"
    assert sorted(page.written(model, word)[8] for model in page.loaded(2)) == [*"aai"]


def test_no_training_helps_one_layer():
    """Nor does twice the width with twice the steps."""
    rng = np.random.default_rng(0)
    model = page.Attentive(26, 16, width=64, layers=1, causal=True, rng=rng)
    page.learn(model, lambda: page.again_and_again(32, 16, rng), steps=1000)
    x, y = again_and_again(500, 16, np.random.default_rng(77))
    assert share_right(model, x, y) < 0.75
