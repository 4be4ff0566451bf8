"""The Transformer of the lesson, and the task that asks for a look-up."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib import Tensor
from course_lib.architectures.transformer import Transformer, recall
from course_lib.nn.functional import scaled_dot_product_attention
from tests.oracles import oracle

torch = oracle("torch")


def model(**settings) -> Transformer:
    return Transformer(7, 6, 8, heads=2, rng=np.random.default_rng(0), **settings)


def tokens(n: int = 5, T: int = 6) -> np.ndarray:
    return np.random.default_rng(1).integers(7, size=(n, T))


@pytest.mark.parametrize("layers", [1, 3])
def test_the_same_model_of_pytorchs_parts(layers):
    ours, x = model(layers=layers), tokens()
    tensors = {k: torch.tensor(v) for k, v in ours.state_dict().items()}
    u = tensors["token.weight"][torch.tensor(x)] + tensors["position.weight"]
    later = torch.triu(torch.ones(6, 6, dtype=bool), 1)
    for i in range(layers):
        block = torch.nn.TransformerEncoderLayer(
            8, 2, 32, 0.0, batch_first=True, norm_first=True, dtype=torch.float64
        )
        start = f"blocks.{i}."
        own = {k.removeprefix(start): v for k, v in tensors.items() if start in k}
        block.load_state_dict(own)
        u = block(u, later)
    norm = tensors["norm.weight"], tensors["norm.bias"]
    u = torch.nn.functional.layer_norm(u, (8,), *norm)
    expected = u @ tensors["scores.weight"].T + tensors["scores.bias"]
    found = ours(x).data
    assert np.isfinite(found).all() and found.shape == (5, 6, 7)
    np.testing.assert_allclose(found, expected.detach(), atol=1e-10)


def test_nothing_leaks_from_later_tokens():
    x = tokens()
    before = model()(x).data
    for t in range(6):
        changed = x.copy()
        changed[:, t] = (x[:, t] + 1) % 7
        after = model()(changed).data
        np.testing.assert_array_equal(after[:, :t], before[:, :t])
        assert (after[:, t:] != before[:, t:]).any(axis=-1).all()


def test_a_shorter_text_has_the_same_beginning():
    x = tokens()
    np.testing.assert_allclose(
        model()(x[:, :4]).data, model()(x).data[:, :4], atol=1e-12
    )


def test_the_maps_are_those_of_the_walk():
    transformer, x = model(layers=2), tokens()
    for looks in transformer.maps(x):
        assert looks.shape == (5, 2, 6, 6)
        np.testing.assert_allclose(looks.sum(axis=-1), 1)
        np.testing.assert_array_equal(looks * ~np.tri(6, dtype=bool), 0)
    scores = transformer.scores.weight
    scores.data = 0 * scores.data  # what comes after the blocks does not matter
    np.testing.assert_array_equal(transformer.maps(x)[1], looks)


def test_dropout_in_training_only():
    transformer, x = model(dropout=0.5), tokens()
    assert not np.array_equal(transformer(x).data, transformer(x).data)
    transformer.eval()
    np.testing.assert_array_equal(transformer(x).data, transformer(x).data)


def test_all_weights_get_a_gradient():
    transformer = model(layers=2)
    transformer(tokens()).sum().backward(np.array(1.0))
    for name, p in transformer.named_parameters():
        assert p.grad is not None, name
    u = transformer(tokens())
    u.backward(np.random.default_rng(0).normal(size=u.shape))
    assert all((p.grad != 0).any() for p in transformer.parameters())


@pytest.mark.parametrize(("pairs", "symbols"), [(2, 5), (8, 13), (5, 5)])
def test_recall(pairs, symbols):
    x, y = recall(300, pairs, symbols, np.random.default_rng(0))
    assert x.shape == y.shape == (300, 3 * pairs)
    for line, answers in zip(x.tolist(), y.tolist(), strict=True):
        value = dict(zip(line[: 2 * pairs : 2], line[1 : 2 * pairs : 2], strict=True))
        assert len(value) == pairs  # keys differ
        assert all(k < symbols <= v < 2 * symbols for k, v in value.items())
        assert answers[: 2 * pairs] == [-100] * (2 * pairs)
        assert answers[2 * pairs :] == [value[key] for key in line[2 * pairs :]]
        assert sorted(line[2 * pairs :]) == sorted(value)
    orders = {tuple(line[::2][:pairs]) != tuple(line[2 * pairs :]) for line in x}
    assert True in orders  # not always in the same order


def test_a_look_up_by_hand_solves_recall():
    """Attention with the right queries, keys and values is the answer."""
    x, y = recall(50, 4, 9, np.random.default_rng(0))
    one_hot = np.eye(18)
    keys, values, queries = (
        one_hot[x[:, a:b:c]] for a, b, c in [(0, 8, 2), (1, 8, 2), (8, 12, 1)]
    )
    found = scaled_dot_product_attention(Tensor(queries), keys, values, scale=50.0)
    np.testing.assert_array_equal(found.data.argmax(axis=-1), y[:, 8:])
