"""Embedding: rows looked up, their gradients added up, and wrong tokens refused."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib import Tensor, nn
from course_lib.nn.embedding import embedding, sum_by_token
from tests.oracles import oracle


def test_it_is_the_product_with_one_hot_rows():
    rng = np.random.default_rng(0)
    x, W = rng.integers(5, size=(3, 4)), rng.normal(size=(5, 2))
    hot = nn.functional.one_hot(x, 5).data.astype(float)
    np.testing.assert_array_equal(embedding(x, W).data, hot @ W)
    looked_up, multiplied = (Tensor(W, requires_grad=True) for _ in range(2))
    g = rng.normal(size=(3, 4, 2))
    embedding(x, looked_up).backward(g)
    (Tensor(hot) @ multiplied).backward(g)
    np.testing.assert_allclose(looked_up.grad, multiplied.grad, rtol=1e-14)


@pytest.mark.parametrize("V", [1, 27, 256, 257, 1000])
@pytest.mark.parametrize("n", [0, 1, 400])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_a_token_are_added_up(V, n, dtype):
    rng = np.random.default_rng(V + n)
    tokens, rows = rng.integers(V, size=n), rng.normal(size=(n, 3)).astype(dtype)
    expected = np.zeros((V, 3))
    for token, row in zip(tokens, rows, strict=True):
        expected[token] += row
    found = sum_by_token(tokens, rows, V)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("tokens", "error", "message"),
    [
        ([0, 3], IndexError, "expected tokens from 0 to 2, got tokens from 0 to 3"),
        ([-1, 2], IndexError, "expected tokens from 0 to 2, got tokens from -1 to 2"),
        ([0.0, 1.0], TypeError, "expected whole numbers as tokens, got float64"),
        ([True, False], TypeError, "expected whole numbers as tokens, got bool"),
    ],
)
def test_tokens_that_are_none(tokens, error, message):
    for look_up in (nn.Embedding(3, 2), lambda x: embedding(x, np.ones((3, 2)))):
        with pytest.raises(error, match=f"embedding: {message}"):
            look_up(np.array(tokens))


def test_a_table_that_is_none():
    with pytest.raises(ValueError, match=r"weight of shape \(V, D\), got \(3,\)"):
        embedding(np.array([0]), np.ones(3))


@pytest.mark.parametrize("wrong", [3, -4, 1.0, True])
def test_padding_that_is_no_token(wrong):
    for use in (
        lambda: nn.Embedding(3, 2, wrong),
        lambda: embedding(np.array([0]), np.ones((3, 2)), wrong),
    ):
        with pytest.raises((TypeError, ValueError), match="padding_idx, got"):
            use()


@pytest.mark.parametrize("option", ["max_norm", "scale_grad_by_freq", "sparse"])
def test_options_that_there_are_not(option):
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{option}'"):
        nn.Embedding(3, 2, **{option: True})
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{option}'"):
        embedding(np.array([0]), np.ones((3, 2)), **{option: True})


@pytest.mark.parametrize(
    ("size", "message"),
    [((0, 2), "num_embeddings, got 0"), ((3, 0), "embedding_dim, got 0")],
)
def test_sizes_that_cannot_be(size, message):
    with pytest.raises(ValueError, match=f"Embedding: .*{message}"):
        nn.Embedding(*size)


def test_the_module():
    layer = nn.Embedding(300, 40, rng=np.random.default_rng(0))
    assert list(layer.state_dict()) == ["weight"]
    assert abs(layer.weight.data.mean()) < 0.02
    np.testing.assert_allclose(layer.weight.data.std(), 1, rtol=0.02)
    assert nn.Embedding(3, 2, dtype=np.float32)([1]).dtype == np.float32
    assert repr(nn.Embedding(3, 2)) == "Embedding(3, 2)"
    assert repr(nn.Embedding(3, 2, -1)) == "Embedding(3, 2, padding_idx=2)"


@pytest.mark.parametrize("padding_idx", [None, 1, -1])
@pytest.mark.parametrize("V", [5, 300])
def test_the_module_is_pytorchs(padding_idx, V):
    torch = oracle("torch")
    rng = np.random.default_rng(0)
    ours = nn.Embedding(V, 3, padding_idx)
    theirs = torch.nn.Embedding(V, 3, padding_idx, dtype=torch.float64)
    zero = (ours.weight.data == 0).all(axis=1)
    np.testing.assert_array_equal(zero, (theirs.weight == 0).all(dim=1).numpy())
    state = {k: torch.tensor(v) for k, v in ours.state_dict().items()}
    theirs.load_state_dict(state)
    x, g = rng.integers(V, size=(4, 6)), rng.normal(size=(4, 6, 3))
    mine, other = ours(x), theirs(torch.tensor(x))
    np.testing.assert_array_equal(mine.data, other.detach().numpy())
    mine.backward(g)
    other.backward(torch.tensor(g))
    np.testing.assert_allclose(
        ours.weight.grad, theirs.weight.grad.numpy(), rtol=1e-12, atol=1e-13
    )
