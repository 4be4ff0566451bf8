"""Attention: PyTorch is the oracle of every variant, each mask and each order of axes.

Derivatives of the rule are checked in test_rules.py too.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from course_lib import Tensor, nn, no_grad
from course_lib.architectures import attention as lesson
from course_lib.nn import functional as F
from course_lib.nn.attention import attention_weights
from tests.oracles import oracle

torch = oracle("torch")
N, L, S, E, H = 3, 5, 4, 6, 2  # all different: no axis can be taken for another


@pytest.fixture(autouse=True)
def _float64():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def may_look(*shape: int, seed: int = 0) -> np.ndarray:
    """A mask with True in each row, and no two rows alike as far as possible."""
    mask = np.random.default_rng(seed).random(shape) < 0.5
    mask[..., seed % shape[-1]] = True
    return mask


def close(ours, theirs, what: str = "") -> None:
    ours = ours.data if isinstance(ours, Tensor) else ours
    theirs = theirs.detach().numpy()
    assert np.isfinite(ours).all()
    np.testing.assert_allclose(ours, theirs, atol=1e-10, rtol=1e-9, err_msg=what)
    assert ours.shape == theirs.shape


def pair(array: np.ndarray) -> tuple[Tensor, torch.Tensor]:
    """The same leaf here and in PyTorch."""
    return Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)


# The function

MASKS = {
    "none": {},
    "bool": {"attn_mask": may_look(L, S)},
    "bool for each": {"attn_mask": may_look(N, H, L, S)},
    "bool for keys": {"attn_mask": may_look(N, 1, 1, S, seed=1)},
    "bool, one row for all": {"attn_mask": np.arange(S)[None] != 1},
    "one row hidden": {"attn_mask": np.arange(L)[:, None] != np.ones(S)},
    "all hidden": {"attn_mask": np.zeros((L, S), bool)},
    "float": {"attn_mask": numbers(L, S)},
    "float for each": {"attn_mask": numbers(N, H, L, S)},
    "float, −∞": {"attn_mask": np.where(may_look(L, S, seed=3), 0.5, -np.inf)},
    "float, one row −∞": {
        "attn_mask": np.where(np.arange(L)[:, None] == 2, -np.inf, numbers(L, S))
    },
    "causal": {"is_causal": True},
    "scale": {"scale": 0.3},
    "causal, scale": {"is_causal": True, "scale": 1.7},
    "bool, scale": {"attn_mask": may_look(L, S, seed=4), "scale": 2.0},
}


def theirs(settings: dict) -> dict:
    return {
        k: torch.tensor(v) if isinstance(v, np.ndarray) else v
        for k, v in settings.items()
    }


def check_against_torch(function, settings, shapes) -> None:
    ours, known = zip(
        *(pair(numbers(*s, seed=i)) for i, s in enumerate(shapes)), strict=True
    )
    ours, known = list(ours), list(known)
    o = function(*ours, **settings)
    expected = torch.nn.functional.scaled_dot_product_attention(
        *known, **theirs(settings)
    )
    close(o, expected)
    g = numbers(*o.shape, seed=9)
    o.backward(g)
    expected.backward(torch.tensor(g))
    for name, a, b in zip(["query", "key", "value"], ours, known, strict=True):
        close(a.grad, b.grad, name)


FUNCTIONS = {
    "fused": F.scaled_dot_product_attention,
    "composed": lesson.attention,
}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_mask(function, mask):
    shapes = (N, H, L, 3), (N, H, S, 3), (N, H, S, 2)
    check_against_torch(FUNCTIONS[function], MASKS[mask], shapes)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "shapes",
    [
        ((L, 3), (S, 3), (S, 2)),
        ((N, L, 3), (N, S, 3), (N, S, 3)),
        ((2, N, H, L, 3), (2, N, H, S, 3), (2, N, H, S, 1)),
        ((N, 1, L, 3), (1, H, S, 3), (N, H, S, 2)),
        ((N, H, L, 3), (N, H, S, 3), (1, 1, S, 2)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_every_shape(function, shapes):
    check_against_torch(FUNCTIONS[function], {}, shapes)
    check_against_torch(FUNCTIONS[function], {"is_causal": True}, shapes)


@pytest.mark.parametrize("mask", MASKS)
def test_fused_and_composed_are_one(mask):
    results = []
    for function in FUNCTIONS.values():
        leaves = [
            Tensor(numbers(N, H, n, 3, seed=n), requires_grad=True) for n in (L, S, S)
        ]
        o = function(*leaves, **MASKS[mask])
        o.backward(numbers(*o.shape))
        results.append([o.data, *(leaf.grad for leaf in leaves)])
    for fused, composed in zip(*results, strict=True):
        assert np.isfinite(fused).all()
        np.testing.assert_allclose(fused, composed, rtol=1e-12, atol=1e-14)


def test_a_learned_mask_gets_its_gradient():
    leaves, known = zip(
        *(pair(numbers(N, H, n, 3, seed=n)) for n in (L, S, S)), strict=True
    )
    for shape in [(L, S), (N, 1, L, S), (1, S)]:
        mask, their_mask = pair(numbers(*shape))
        o = F.scaled_dot_product_attention(*leaves, mask)
        expected = torch.nn.functional.scaled_dot_product_attention(*known, their_mask)
        o.backward(numbers(*o.shape))
        expected.backward(torch.tensor(numbers(*o.shape)))
        close(mask.grad, their_mask.grad)


def test_the_weights_by_loops():
    q, k = numbers(L, 3), numbers(S, 3)
    for may in (np.ones((L, S), bool), may_look(L, S), np.tri(L, S, dtype=bool)):
        p = attention_weights(q, k, may).data
        for i, j in np.ndindex(L, S):
            e = [np.exp(q[i] @ k[s] / np.sqrt(3)) * may[i, s] for s in range(S)]
            assert abs(p[i, j] - e[j] / sum(e)) < 1e-14


def test_causal_looks_back_and_not_ahead():
    """A book shipped the opposite."""
    p = attention_weights(numbers(4, 2), numbers(4, 2), is_causal=True).data
    np.testing.assert_array_equal(p[0], [1, 0, 0, 0])
    np.testing.assert_array_equal(p > 0, np.tri(4, dtype=bool))


def test_a_query_that_may_look_nowhere_finds_nothing():
    may = np.ones((L, S), bool)
    may[1] = False
    leaves = [Tensor(numbers(n, 3, seed=n), requires_grad=True) for n in (L, S, S)]
    o = F.scaled_dot_product_attention(*leaves, may)
    np.testing.assert_array_equal(o.data[1], 0)
    o.sum().backward()
    np.testing.assert_array_equal(leaves[0].grad[1], 0)
    assert all(np.isfinite(leaf.grad).all() for leaf in leaves)


def test_large_scores_do_not_overflow():
    q, k = np.array([[1e160, 0.0]]), np.array([[1e150, 0.0], [-1e150, 0.0]])
    np.testing.assert_array_equal(attention_weights(q, k, scale=1e-300).data, [[1, 0]])


def test_dropout_of_the_weights():
    """With the mask that ours draws; what is left is multiplied by 1/(1 − p)."""
    ours, known = zip(
        *(pair(numbers(N, H, n, 3, seed=n)) for n in (L, S, S)), strict=True
    )
    o = F.scaled_dot_product_attention(
        *ours, dropout_p=0.4, rng=np.random.default_rng(5)
    )
    kept = torch.tensor(np.random.default_rng(5).random((N, H, L, S)) >= 0.4) / 0.6
    q, k, v = known
    p = torch.softmax(q @ k.transpose(-1, -2) / 3**0.5, -1)
    expected = (p * kept) @ v
    close(o, expected)
    o.backward(numbers(*o.shape))
    expected.backward(torch.tensor(numbers(*o.shape)))
    for a, b in zip(ours, known, strict=True):
        close(a.grad, b.grad)


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (((L, 3), (S, 2), (S, 2)), {}, "as many features in query and key.*3 and 2"),
        (((3,), (S, 3), (S, 2)), {}, r"query of shape \(..., tokens, features\)"),
        (((L, 3), (S, 3), (S, 2)), {"attn_mask": np.ones((S, L), bool)}, r"\(5, 4\)"),
        (((L, 3), (S, 3), (S, 2)), {"attn_mask": np.ones((2, L, S), bool)}, "fits"),
        (
            ((L, 3), (S, 3), (S, 2)),
            {"attn_mask": np.ones((L, S), bool), "is_causal": True},
            "got both",
        ),
    ],
)
def test_wrong_arguments(arguments, settings, message):
    with pytest.raises(ValueError, match=message):
        F.scaled_dot_product_attention(*(numbers(*s) for s in arguments), **settings)


def test_integers_are_no_mask():
    q = numbers(2, 3)
    with pytest.raises(TypeError, match=r"bool \(True: may look\).*attn_mask == 1"):
        F.scaled_dot_product_attention(q, q, q, np.tri(2, dtype=int))
    attention = nn.MultiheadAttention(2, 1)
    x = numbers(3, 4, 2)
    with pytest.raises(TypeError, match=r"attn_mask .*\(True: may not look\)"):
        attention(x, x, x, attn_mask=np.tri(3, dtype=int))
    with pytest.raises(TypeError, match=r"key_padding_mask .*got int"):
        attention(x, x, x, key_padding_mask=np.zeros((4, 3), int))


# The module

HIDDEN = {
    "none": {},
    "bool": {"attn_mask": ~may_look(L, S)},
    "bool for each head": {"attn_mask": ~may_look(N * H, L, S)},
    "float": {"attn_mask": numbers(L, S)},
    "float for each head": {"attn_mask": numbers(N * H, L, S)},
    "float, −∞": {"attn_mask": np.where(may_look(L, S), 0.2, -np.inf)},
    "padding": {"key_padding_mask": ~may_look(N, S, seed=1)},
    "padding as floats": {
        "key_padding_mask": np.where(may_look(N, S, seed=1), 0.0, -np.inf)
    },
    "both": {
        "attn_mask": ~may_look(L, S),
        "key_padding_mask": ~may_look(N, S),
    },
    "float and padding": {
        "attn_mask": numbers(L, S),
        "key_padding_mask": np.where(may_look(N, S), 0.0, -np.inf),
    },
    "both for each head": {
        "attn_mask": ~may_look(N * H, L, S),
        "key_padding_mask": ~may_look(N, S),
    },
}


def two_modules(ours: nn.Module, known: torch.nn.Module) -> tuple:
    """The same weights in both, all different and none of them 0."""
    rng = np.random.default_rng(3)
    state = {k: rng.uniform(-0.8, 0.8, v.shape) for k, v in ours.state_dict().items()}
    assert list(state) == list(known.state_dict())
    ours.load_state_dict(state)
    known.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
    return ours, known


def compare_gradients(ours, known, o, expected, inputs, their_inputs) -> None:
    close(o, expected)
    g = numbers(*o.shape, seed=8)
    o.backward(g)
    expected.backward(torch.tensor(g))
    for i, (a, b) in enumerate(zip(inputs, their_inputs, strict=True)):
        close(a.grad, b.grad, f"input {i}")
    theirs = dict(known.named_parameters())
    for name, p in ours.named_parameters():
        close(p.grad, theirs[name].grad, name)


def shape_of(length: int, batch_first: bool, batched: bool = True) -> tuple:
    if not batched:
        return length, E
    return (N, length, E) if batch_first else (length, N, E)


@pytest.mark.parametrize("mask", HIDDEN)
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("need_weights", [True, False])
def test_cross_attention(mask, batch_first, need_weights):
    ours, known = two_modules(
        nn.MultiheadAttention(E, H, batch_first=batch_first),
        torch.nn.MultiheadAttention(E, H, batch_first=batch_first),
    )
    inputs, their_inputs = zip(
        *(
            pair(numbers(*shape_of(n, batch_first), seed=n + i))
            for i, n in enumerate((L, S, S))
        ),
        strict=True,
    )
    for average in (True, False):
        settings = {"need_weights": need_weights, "average_attn_weights": average}
        o, p = ours(*inputs, **settings, **HIDDEN[mask])
        expected, their_p = known(*their_inputs, **settings, **theirs(HIDDEN[mask]))
        if need_weights:
            assert p.shape == ((N, L, S) if average else (N, H, L, S))
            close(p, their_p)
        else:
            assert p is their_p is None
    compare_gradients(ours, known, o, expected, inputs, their_inputs)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("heads", [1, 2, 3, 6])
def test_self_attention(batch_first, bias, heads):
    ours, known = two_modules(
        nn.MultiheadAttention(E, heads, bias=bias, batch_first=batch_first),
        torch.nn.MultiheadAttention(E, heads, bias=bias, batch_first=batch_first),
    )
    x, their_x = pair(numbers(*shape_of(L, batch_first)))
    later = np.triu(np.ones((L, L), bool), 1)
    for is_causal in (False, True):
        o, _ = ours(x, x, x, attn_mask=later, is_causal=is_causal)
    expected, _ = known(their_x, their_x, their_x, attn_mask=torch.tensor(later))
    compare_gradients(ours, known, o, expected, [x], [their_x])


@pytest.mark.parametrize(
    "mask",
    [
        {},
        {"attn_mask": ~may_look(L, S)},
        {"attn_mask": ~may_look(H, L, S)},
        {"key_padding_mask": ~may_look(S, seed=1)},
    ],
)
@pytest.mark.parametrize("batch_first", [True, False])
def test_without_a_batch(mask, batch_first):
    ours, known = two_modules(
        nn.MultiheadAttention(E, H, batch_first=batch_first),
        torch.nn.MultiheadAttention(E, H, batch_first=batch_first),
    )
    inputs, their_inputs = zip(
        *(pair(numbers(n, E, seed=n + i)) for i, n in enumerate((L, S, S))), strict=True
    )
    o, p = ours(*inputs, **mask, average_attn_weights=False)
    expected, their_p = known(*their_inputs, **theirs(mask), average_attn_weights=False)
    close(p, their_p)
    compare_gradients(ours, known, o, expected, inputs, their_inputs)


def test_gradients_through_the_weights():
    ours, known = two_modules(
        nn.MultiheadAttention(E, H), torch.nn.MultiheadAttention(E, H)
    )
    x, their_x = pair(numbers(L, N, E))
    g = numbers(N, L, L)
    ours(x, x, x)[1].backward(g)
    known(their_x, their_x, their_x)[1].backward(torch.tensor(g))
    close(x.grad, their_x.grad)


def test_a_learned_mask_of_the_module():
    ours, known = two_modules(
        nn.MultiheadAttention(E, H), torch.nn.MultiheadAttention(E, H)
    )
    x, their_x = pair(numbers(L, N, E))
    for shape in [(L, L), (N * H, L, L)]:
        mask, their_mask = pair(numbers(*shape))
        o, _ = ours(x, x, x, attn_mask=mask)
        expected, _ = known(their_x, their_x, their_x, attn_mask=their_mask)
        o.backward(numbers(*o.shape))
        expected.backward(torch.tensor(numbers(*o.shape)))
        close(mask.grad, their_mask.grad)


@pytest.mark.parametrize("need_weights", [True, False])
def test_padding_alone_gives_the_bias_of_the_last_projection(need_weights):
    """PyTorch: NaN with need_weights=True, as here without them."""
    ours, known = two_modules(
        nn.MultiheadAttention(E, H, batch_first=True),
        torch.nn.MultiheadAttention(E, H, batch_first=True),
    )
    padding = np.zeros((N, S), bool)
    padding[1] = True
    q, their_q = pair(numbers(N, L, E))
    k, their_k = pair(numbers(N, S, E))
    o, _ = ours(q, k, k, padding, need_weights=need_weights)
    expected, _ = known(
        their_q, their_k, their_k, torch.tensor(padding), need_weights=False
    )
    np.testing.assert_array_equal(o.data[1], np.tile(ours.out_proj.bias.data, (L, 1)))
    compare_gradients(ours, known, o, expected, [q, k], [their_q, their_k])


def test_dropout_of_the_module_only_in_training():
    attention = nn.MultiheadAttention(E, H, dropout=0.5, rng=np.random.default_rng(0))
    x = numbers(L, N, E)
    o, p = attention(x, x, x, average_attn_weights=False)
    assert 0.3 < (p.data == 0).mean() < 0.7
    again, _ = attention(x, x, x)
    assert not np.array_equal(o.data, again.data)
    attention.eval()
    o, p = attention(x, x, x)
    np.testing.assert_array_equal(o.data, attention(x, x, x)[0].data)
    np.testing.assert_allclose(p.data.sum(-1), 1)


def test_weights_as_pytorch_draws_them():
    attention = nn.MultiheadAttention(64, 4, rng=np.random.default_rng(0))
    bound = (6 / (64 + 3 * 64)) ** 0.5  # Xavier, of a weight of shape (3E, E)
    weight = attention.in_proj_weight.data
    assert 0.99 * bound < np.abs(weight).max() <= bound
    for bias in (attention.in_proj_bias, attention.out_proj.bias):
        np.testing.assert_array_equal(bias.data, 0)
    assert 0.99 / 8 < np.abs(attention.out_proj.weight.data).max() <= 1 / 8
    their = torch.nn.MultiheadAttention(64, 4).in_proj_weight.detach().abs().max()
    assert 0.99 * bound < their <= bound


def test_the_same_generator_gives_the_same_weights():
    one, other, third = (
        nn.TransformerEncoderLayer(E, H, 8, rng=np.random.default_rng(s)).state_dict()
        for s in (0, 0, 1)
    )
    assert all(np.array_equal(one[k], other[k]) for k in one)
    assert not np.array_equal(one["linear1.weight"], third["linear1.weight"])


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("make", ["attention", "layer"])
def test_nothing_leaks_from_later_tokens(make, batch_first):
    """Change one token: what came before keeps its last bit."""
    rng = np.random.default_rng(0)
    attention = nn.MultiheadAttention(E, H, batch_first=batch_first, rng=rng)
    layer = nn.TransformerEncoderLayer(E, H, 8, batch_first=batch_first, rng=rng)
    later = np.triu(np.ones((L, L), bool), 1)

    def outputs(x):
        if make == "layer":
            o = layer.eval()(x, later, is_causal=True)
        else:
            o, _ = attention(x, x, x, attn_mask=later)
        return o.data if batch_first else o.data.swapaxes(0, 1)

    x = numbers(*shape_of(L, batch_first))
    before = outputs(x)
    for t in range(L):
        changed = x.copy()
        changed[(slice(None), t) if batch_first else t] += 1e3
        after = outputs(changed)
        np.testing.assert_array_equal(after[:, :t], before[:, :t])
        assert (after[:, t:] != before[:, t:]).any(axis=-1).all()


def test_no_gradient_flows_from_earlier_tokens_to_later_ones():
    x = Tensor(numbers(N, H, L, 3), requires_grad=True)
    F.scaled_dot_product_attention(x, x, x, is_causal=True)[:, :, 2].sum().backward()
    np.testing.assert_array_equal(x.grad[:, :, 3:], 0)
    assert (x.grad[:, :, :3] != 0).all()


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"kdim": 3}, "embed_dim features"),
        ({"vdim": 3}, "embed_dim features"),
        ({"add_bias_kv": True}, "a token of your own"),
        ({"add_zero_attn": True}, "a token of your own"),
        ({"device": "cpu"}, "leave it out"),
        ({"nonsense": 1}, "unexpected argument 'nonsense'"),
    ],
)
def test_what_is_refused(settings, word):
    with pytest.raises(TypeError, match=f"{next(iter(settings))}.*{word}|{word}"):
        nn.MultiheadAttention(E, H, **settings)


def test_more_that_is_refused():
    q = numbers(2, 3)
    with pytest.raises(TypeError, match="enable_gqa"):
        F.scaled_dot_product_attention(q, q, q, enable_gqa=True)
    layer = nn.TransformerEncoderLayer(E, H, 8)
    with pytest.raises(TypeError, match=r"mask_check.*nested"):
        nn.TransformerEncoder(layer, 2, mask_check=True)
    with pytest.raises(TypeError, match="device"):
        nn.TransformerEncoderLayer(E, H, device="cpu")
    with pytest.raises(ValueError, match='"relu", "gelu" or a function, got \'tanh\''):
        nn.TransformerEncoderLayer(E, H, activation="tanh")
    with pytest.raises(ValueError, match="num_heads to divide embed_dim = 6, got 4"):
        nn.MultiheadAttention(6, 4)
    with pytest.raises(ValueError, match="p from 0 to 1"):
        nn.MultiheadAttention(6, 2, dropout=2)
    with pytest.raises(ValueError, match="at least 1 as num_heads"):
        nn.MultiheadAttention(6, 0)


@pytest.mark.parametrize(
    "shapes",
    [
        ((L, N, E), (S, N, E), (L, N, E)),
        ((L, N, E), (S, 2, E), (S, 2, E)),
        ((L, N, 4), (S, N, E), (S, N, E)),
        ((L, N, E), (S, E), (S, E)),
        ((E,), (E,), (E,)),
    ],
)
def test_wrong_inputs_of_the_module(shapes):
    with pytest.raises(ValueError, match=r"MultiheadAttention\(6, 2\): .*\(L, N, 6\)"):
        nn.MultiheadAttention(E, H)(*(numbers(*s) for s in shapes))


def test_wrong_masks_of_the_module():
    attention, x = nn.MultiheadAttention(E, H), numbers(L, N, E)
    with pytest.raises(ValueError, match=r"attn_mask of shape \(5, 5\) or \(6, 5, 5\)"):
        attention(x, x, x, attn_mask=np.zeros((N, L, L), bool))
    with pytest.raises(ValueError, match=r"key_padding_mask of shape \(3, 5\), got"):
        attention(x, x, x, np.zeros((L, N), bool))
    later = np.triu(np.ones((L, L), bool), 1)
    with pytest.raises(ValueError, match="promises an attn_mask"):
        attention(x, x, x, is_causal=True)
    with pytest.raises(ValueError, match="promises an attn_mask"):
        attention(x, x, x, attn_mask=later.T, is_causal=True)
    with pytest.raises(ValueError, match="promises an attn_mask"):
        attention(x, x, x, attn_mask=later * -1.0, is_causal=True)
    as_floats = np.where(later, -np.inf, 0)
    one, _ = attention(x, x, x, attn_mask=as_floats, is_causal=True)
    other, _ = attention(x, x, x, attn_mask=later)
    np.testing.assert_array_equal(one.data, other.data)


def test_a_mask_of_bools_beside_one_of_floats():
    """PyTorch warns of it; it means what both of floats mean."""
    attention, q, k = nn.MultiheadAttention(E, H), numbers(L, N, E), numbers(S, N, E)
    may, padding = may_look(L, S), ~may_look(N, S, seed=1)
    added = np.where(may, 0.0, -np.inf), np.where(padding, -np.inf, 0.0)
    expected, _ = attention(q, k, k, added[1], attn_mask=added[0])
    for one, other in [(padding, added[0]), (added[1], ~may), (padding, ~may)]:
        found, _ = attention(q, k, k, one, attn_mask=other)
        np.testing.assert_array_equal(found.data, expected.data)


def test_a_mask_may_be_a_list_or_a_tensor():
    attention, x = nn.MultiheadAttention(E, H), numbers(2, N, E)
    expected, _ = attention(x, x, x, attn_mask=np.array([[False, True], [False] * 2]))
    for mask in ([[False, True], [False] * 2], Tensor([[False, True], [False] * 2])):
        o, _ = attention(x, x, x, attn_mask=mask)
        np.testing.assert_array_equal(o.data, expected.data)


# The Transformer's layer


@pytest.mark.parametrize(
    ("norm_first", "batch_first", "activation", "bias"),
    [*itertools.product((True, False), (True, False), ("relu", "gelu"), (True, False))],
)
def test_layer(norm_first, batch_first, activation, bias):
    settings = {
        "dim_feedforward": 7,
        "dropout": 0.0,
        "activation": activation,
        "norm_first": norm_first,
        "batch_first": batch_first,
        "bias": bias,
        "layer_norm_eps": 0.01,
    }
    ours, known = two_modules(
        nn.TransformerEncoderLayer(E, H, **settings),
        torch.nn.TransformerEncoderLayer(E, H, **settings),
    )
    masks = {
        "src_mask": np.triu(np.ones((L, L), bool), 1),
        "src_key_padding_mask": np.arange(L) >= np.array([5, 3, 4])[:, None],
    }
    for chosen in ({}, {"src_mask"}, {"src_key_padding_mask"}, set(masks)):
        x, their_x = pair(numbers(*shape_of(L, batch_first)))
        used = {k: masks[k] for k in chosen}
        o, expected = ours(x, **used), known(their_x, **theirs(used))
        ours.zero_grad()
        known.zero_grad()
        compare_gradients(ours, known, o, expected, [x], [their_x])


@pytest.mark.parametrize("norm", [True, False])
def test_encoder(norm):
    ours, known = two_modules(
        nn.TransformerEncoder(
            nn.TransformerEncoderLayer(E, H, 7, 0.0, norm_first=True),
            3,
            nn.LayerNorm(E) if norm else None,
        ),
        torch.nn.TransformerEncoder(
            torch.nn.TransformerEncoderLayer(E, H, 7, 0.0, norm_first=True),
            3,
            torch.nn.LayerNorm(E) if norm else None,
            enable_nested_tensor=False,
        ),
    )
    later = np.triu(np.ones((L, L), bool), 1)
    x, their_x = pair(numbers(L, N, E))
    o = ours(x, later, is_causal=True)
    expected = known(their_x, torch.tensor(later), is_causal=True)
    compare_gradients(ours, known, o, expected, [x], [their_x])


def test_copies_of_a_layer_start_alike_and_learn_apart():
    rng = np.random.default_rng(0)
    layer = nn.TransformerEncoderLayer(E, H, 7, 0.5, rng=rng)
    encoder = nn.TransformerEncoder(layer, 2)
    first, second = encoder.layers
    np.testing.assert_array_equal(first.linear1.weight.data, layer.linear1.weight.data)
    assert first.linear1.weight is not second.linear1.weight
    assert first.dropout.rng is second.dropout2.rng is rng
    assert len(list(encoder.parameters())) == 2 * len(list(layer.parameters()))


def test_dropout_of_the_layer():
    """Each of its four places drops in training, and none in eval."""
    x = numbers(L, N, E)
    layer = nn.TransformerEncoderLayer(E, H, 7, 0.0, rng=np.random.default_rng(0))
    plain = layer(x).data
    for place in ("dropout", "dropout1", "dropout2"):
        getattr(layer, place).p = 0.5
        assert not np.array_equal(layer(x).data, plain), place
        np.testing.assert_array_equal(layer.eval()(x).data, plain)
        getattr(layer.train(), place).p = 0.0
    layer.self_attn.dropout = 0.5
    assert not np.array_equal(layer(x).data, plain)
    np.testing.assert_array_equal(layer.eval()(x).data, plain)
    assert nn.TransformerEncoderLayer(E, H).dropout1.p == 0.1


def test_float32_is_kept():
    layer = nn.TransformerEncoderLayer(E, H, 7, dtype=np.float32)
    x = Tensor(numbers(L, N, E).astype(np.float32), requires_grad=True)
    for mask in (np.triu(np.ones((L, L), bool), 1), np.zeros((L, L))):
        o = layer(x, mask)
        assert o.dtype == np.float32
        o.sum().backward()
        assert x.grad.dtype == np.float32
    q = x.data[0]
    scaled = F.scaled_dot_product_attention(q, q, q, scale=np.float64(0.5))
    assert scaled.dtype == np.float32
    assert {v.dtype for v in layer.state_dict().values()} == {np.dtype(np.float32)}


def test_without_recording_the_values_are_the_same():
    attention, x = nn.MultiheadAttention(E, H), numbers(L, N, E)
    with no_grad():
        o, _ = attention(x, x, x)
    assert not o.requires_grad
    np.testing.assert_array_equal(o.data, attention(x, x, x)[0].data)
