"""The lesson on attention; that it is the library's attention: tests/nn."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib import Tensor
from course_lib.architectures.attention import (
    Attentive,
    again_and_again,
    attention,
    backwards,
    learn,
    share_right,
    token_loss,
)


def model(**settings) -> Attentive:
    return Attentive(26, 8, 12, rng=np.random.default_rng(0), **settings)


def words(n: int = 5) -> np.ndarray:
    return np.random.default_rng(1).integers(26, size=(n, 8))


def test_attention_by_loops():
    q, k, v = (np.random.default_rng(i).normal(size=(4, 3)) for i in range(3))
    o = attention(Tensor(q), Tensor(k), v, is_causal=True).data
    for i in range(4):
        e = [np.exp(q[i] @ k[j] / 3**0.5) for j in range(i + 1)]
        expected = sum(e[j] * v[j] for j in range(i + 1)) / sum(e)
        np.testing.assert_allclose(o[i], expected, atol=1e-13)


@pytest.mark.parametrize("layers", [1, 2])
def test_without_places_order_is_invisible(layers):
    """Shuffle the letters: the same outputs, shuffled. With places it is not so."""
    x, order = words(), np.random.default_rng(2).permutation(8)
    for positions in (False, True):
        attentive = model(positions=positions, layers=layers)
        one, other = attentive(x).data[:, order], attentive(x[:, order]).data
        assert np.allclose(one, other, atol=1e-12) is not positions


@pytest.mark.parametrize("heads", [1, 3])
def test_a_walk_shows_who_looks_where(heads):
    attentive = model(layers=2, heads=heads, causal=True)
    scores, maps = attentive.walk(words())
    np.testing.assert_array_equal(scores.data, attentive(words()).data)
    for looks in maps:
        assert looks.shape == (5, heads, 8, 8)
        np.testing.assert_allclose(looks.sum(axis=-1), 1)
        np.testing.assert_array_equal(looks * ~np.tri(8, dtype=bool), 0)
    assert (model().walk(words())[1][0] > 0).all()  # not causal


def test_causal_leaks_nothing():
    attentive, x = model(layers=2, causal=True), words()
    before = attentive(x).data
    x[:, 5] = (x[:, 5] + 1) % 26
    after = attentive(x).data
    np.testing.assert_array_equal(before[:, :5], after[:, :5])
    assert (before[:, 5:] != after[:, 5:]).any(axis=-1).all()


@pytest.mark.parametrize("silent", [0, 1])
def test_a_silenced_layer_adds_nothing(silent):
    attentive = model(layers=2)
    expected = attentive(words(), without=[silent]).data
    assert not np.allclose(expected, attentive(words()).data)
    out = attentive.layers[silent].out_proj
    out.weight.data = 0 * out.weight.data
    np.testing.assert_allclose(attentive(words()).data, expected, atol=1e-14)


def test_words_backwards():
    x, y = backwards(100, 8, np.random.default_rng(0))
    for word, answer in zip(x.tolist(), y.tolist(), strict=True):
        assert answer == word[::-1]
    assert set(x.ravel()) == set(range(26))


def test_words_again_and_again():
    x, y = again_and_again(200, 16, np.random.default_rng(0))
    sizes = set()
    for word, answer in zip(x, y, strict=True):
        size = int((answer < 0).sum())
        sizes.add(size)
        assert len(set(word[:size])) == size  # its letters differ
        np.testing.assert_array_equal(word[size:], word[:-size])
        np.testing.assert_array_equal(answer[size:-1], word[size + 1 :])
        assert answer[-1] == word[16 - size]
        assert (answer[:size] == -100).all()
    assert sizes == {3, 4, 5, 6, 7, 8}


def test_the_loss_of_one_who_knows_nothing():
    y = np.array([[3, -100, 7], [-100, 1, 2]])
    assert abs(token_loss(Tensor(np.zeros((2, 3, 26))), y).item() - np.log(26)) < 1e-12


def test_learning_lowers_the_loss_and_tells_of_each_step():
    attentive, rng, losses = model(), np.random.default_rng(0), []
    learn(
        attentive,
        lambda: backwards(64, 8, rng),
        100,
        after=lambda step, L: losses.append((step, L)),
    )
    assert [step for step, _ in losses] == list(range(100))
    assert losses[-1][1] < losses[0][1] - 0.5


def test_the_share_right_counts_what_is_asked():
    def answers(x):
        return Tensor(np.eye(26)[x])  # says what it reads

    x, y = np.array([[1, 2, 3, 4]]), np.array([[1, 0, -100, 4]])
    assert share_right(answers, x, y) == 2 / 3
