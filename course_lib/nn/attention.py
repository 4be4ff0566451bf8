"""Attention and the Transformer's layer: from what to what one looks (slide 43).

`attention_weights` says how much each query looks at each key; `MultiheadAttention`
does so in several heads at once.

There are two masks, and they mean the opposite. In `scaled_dot_product_attention` True
means *may look*; in the modules it means *may not look*. So it is in PyTorch.
"""

import copy
import math
from functools import reduce

import numpy as np

from course_lib.core import habits
from course_lib.core.module import Module, ModuleList, Parameter
from course_lib.core.ops import unbroadcast
from course_lib.core.settings import check_number
from course_lib.core.tensor import Tensor, array_of, differentiable, floating
from course_lib.nn import init
from course_lib.nn.dense import Linear, gelu, linear, relu
from course_lib.nn.dropout import Dropout, _check_share, dropout
from course_lib.nn.normalization import LayerNorm


@differentiable
@np.errstate(over="ignore", invalid="ignore")  # a score may be infinite
def attention_weights(
    query, key, attn_mask=None, is_causal=False, *, scale=None
):
    """softmax(Q Kᵀ/√d): how much each query looks at each key.

    Parameters
    ----------
    query : Tensor, shape (..., L, d)
        What each of L tokens looks for.
    key : Tensor, shape (..., S, d)
        What each of S tokens can be found by.
    attn_mask : array, shape (L, S) or one that NumPy repeats to (..., L, S), optional
        True where a query may look; or numbers that are added to the scores, −∞
        where it may not.
    is_causal : bool, default False
        Query i may look at keys 0 to i, and at no later one.
    scale : float, optional
        By which the products are multiplied; 1/√d if left out.

    Returns
    -------
    Tensor, shape (..., L, S)
        Each row adds up to 1. A query that may look nowhere has a row of zeros.

    Notes
    -----
    PyTorch has no function of this name: it is the first half of
    `scaled_dot_product_attention` (Vaswani et al. 2017, equation 1).

    Examples
    --------
    >>> query, keys = np.array([[2.0, 0.0]]), np.array([[1.0, 1.0], [0.0, 3.0]])
    >>> attention_weights(query, keys, scale=1)
    tensor([[0.8808, 0.1192]])
    """
    p, scale = _weights(query, key, attn_mask, is_causal, scale)
    for_scores = _once(lambda g: _through_softmax(g, p))
    return p, (
        lambda g: unbroadcast(scale * (for_scores(g) @ key), query),
        lambda g: unbroadcast(
            scale * (for_scores(g).swapaxes(-1, -2) @ query), key
        ),
        lambda g: unbroadcast(for_scores(g), attn_mask),
    )


def _weights(query, key, attn_mask, is_causal, scale):
    """The weights, and the scale."""
    query, key = floating(query), floating(key)
    _check_attention(query, key, attn_mask, is_causal)
    scale = float(query.shape[-1] ** -0.5 if scale is None else scale)
    # In memory keys × queries: so a maximum over the keys is found faster.
    scores = (key @ (scale * query).swapaxes(-1, -2)).swapaxes(-1, -2)
    if is_causal:
        attn_mask = np.tri(*scores.shape[-2:], dtype=bool)
    if attn_mask is not None:
        if attn_mask.dtype == bool:
            attn_mask = np.where(attn_mask, 0, -np.inf)
        added = attn_mask.swapaxes(-1, -2).astype(scores.dtype, order="C")
        scores += added.swapaxes(-1, -2)
    return _softmax(scores), scale


def _softmax(scores):
    """In place, along the last axis; a row of −∞ alone becomes zeros."""
    highest = scores.max(axis=-1, keepdims=True, initial=-np.inf)
    highest[highest == -np.inf] = 0
    scores -= highest
    e = np.exp(scores, out=scores)
    total = e.sum(axis=-1, keepdims=True)
    total[total == 0] = 1
    e /= total
    return e


def _through_softmax(g, p):
    """∂L/∂scores from g = ∂L/∂p."""
    d = g - np.einsum("...ij,...ij->...i", g, p)[..., None]
    d *= p
    return d


def _once(function):
    """Remembers the last result: several derivatives ask for the same."""
    last = None, None

    def remembered(g):
        nonlocal last
        if last[0] is not g:
            last = g, function(g)
        return last[1]

    return remembered


def _check_attention(query, key, attn_mask, is_causal):
    where = "scaled_dot_product_attention"
    for name, a in (("query", query), ("key", key)):
        if a.ndim < 2:
            raise ValueError(
                f"{where}: expected a {name} of shape (..., tokens, features), got "
                f"{a.shape}"
            )
    d, other = query.shape[-1], key.shape[-1]
    if d != other or not d:
        raise ValueError(
            f"{where}: expected as many features in query and key, and at least "
            f"one, got {d} and {other}"
        )
    if attn_mask is None:
        return
    if is_causal:
        raise ValueError(
            f"{where}: expected attn_mask or is_causal=True, got both; "
            "write attn_mask & np.tri(L, S, dtype=bool)"
        )
    _check_kind_of_mask(where, "attn_mask", attn_mask, "may look")
    shape = np.broadcast_shapes(query.shape[:-2], key.shape[:-2])
    shape = (*shape, query.shape[-2], key.shape[-2])
    own = (1,) * (len(shape) - attn_mask.ndim) + attn_mask.shape
    if len(own) != len(shape) or any(
        n not in (1, size) for n, size in zip(own, shape, strict=True)
    ):
        raise ValueError(
            f"{where}: expected an attn_mask of a shape that fits the scores, "
            f"{shape}, got {attn_mask.shape}"
        )


def _check_kind_of_mask(where, name, mask, meaning):
    """NumPy would take integers, 0 and 1, as numbers to add."""
    dtype = getattr(mask, "dtype", np.dtype(object))
    if dtype.kind not in "bf":
        raise TypeError(
            f"{where}: expected {name} to be an array of bool (True: {meaning}) or "
            f"of floats, which are added to the scores, got {dtype}; write "
            f"{name} == 1"
        )


@differentiable
@np.errstate(over="ignore", invalid="ignore")  # a score may be infinite
def scaled_dot_product_attention(
    query,
    key,
    value,
    attn_mask=None,
    dropout_p=0.0,
    is_causal=False,
    *,
    scale=None,
    rng=None,
):
    """softmax(Q Kᵀ/√d) V: each query gets a mixture of the values it looks at.

    Parameters
    ----------
    query : Tensor, shape (..., L, d)
    key : Tensor, shape (..., S, d)
    value : Tensor, shape (..., S, dv)
        What each token hands over to those who look at it.
    attn_mask, is_causal, scale
        As in `attention_weights`: True means *may look*.
    dropout_p : float, default 0
        Share of the weights that are set to 0 at random, also outside training.
    rng : numpy Generator, optional
        Draws these; by default the generator that `manual_seed` sets.

    Returns
    -------
    Tensor, shape (..., L, dv)
        Zeros where a query may look nowhere.

    Examples
    --------
    >>> query, keys = np.array([[2.0, 0.0]]), np.array([[1.0, 1.0], [0.0, 3.0]])
    >>> values = np.array([[10.0], [20.0]])
    >>> scaled_dot_product_attention(query, keys, values, scale=1)
    tensor([[11.192]])
    """
    value = floating(value)
    p, scale = _weights(query, key, attn_mask, is_causal, scale)
    looks, (through_dropout,) = dropout.rule(p, dropout_p, rng=rng)

    @_once
    def for_scores(g):
        d = (value @ g.swapaxes(-1, -2)).swapaxes(-1, -2)  # ∂L/∂looks
        return _through_softmax(unbroadcast(through_dropout(d), p), p)

    return looks @ value, (
        lambda g: unbroadcast(scale * (for_scores(g) @ key), query),
        lambda g: unbroadcast(
            scale * (for_scores(g).swapaxes(-1, -2) @ query), key
        ),
        lambda g: unbroadcast(looks.swapaxes(-1, -2) @ g, value),
        lambda g: unbroadcast(for_scores(g), attn_mask),
    )


class MultiheadAttention(Module):
    """Attention in several heads, each of which looks for something of its own.

    Each head has its part of the projected queries, keys and values: embed_dim /
    num_heads numbers of each token. What the heads bring is joined, and projected.

    Parameters
    ----------
    embed_dim : int
        Numbers per token, E.
    num_heads : int
        Number of heads H; it divides E.
    dropout : float, default 0
        Share of the attention weights that are dropped in training.
    bias : bool, default True
        Whether the projections have biases.
    batch_first : bool, default False
        Whether inputs have shape (N, L, E) instead of (L, N, E).
    dtype : numpy dtype, default float64
    rng : numpy Generator, optional
        Draws the weights, and what is dropped; by default the generator that
        `manual_seed` sets.

    Attributes
    ----------
    in_proj_weight : Parameter, shape (3E, E)
        The weights of queries, keys and values, one below the other; Xavier uniform.
    in_proj_bias : Parameter, shape (3E,), or None
        Starts at 0, as does the bias of ``out_proj``.
    out_proj : Linear

    Examples
    --------
    >>> attention = MultiheadAttention(4, num_heads=2, batch_first=True)
    >>> x = np.ones((5, 3, 4))
    >>> outputs, weights = attention(x, x, x)
    >>> outputs.shape, weights.shape
    ((5, 3, 4), (5, 3, 3))
    """

    def __init__(
        self,
        embed_dim,
        num_heads,
        dropout=0.0,
        bias=True,
        *,
        batch_first=False,
        dtype=np.float64,
        rng=None,
        **others,
    ):
        super().__init__()
        habits.refuse("MultiheadAttention", others)
        name = "MultiheadAttention"
        check_number(name, "embed_dim", embed_dim, 1, whole=True)
        check_number(name, "num_heads", num_heads, 1, whole=True)
        if embed_dim % num_heads:
            raise ValueError(
                f"{name}: expected num_heads to divide "
                f"embed_dim = {embed_dim}, "
                f"got {num_heads}"
            )
        _check_share(dropout)
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.dropout, self.rng = dropout, rng
        self.batch_first = batch_first
        W = np.empty((3 * embed_dim, embed_dim), dtype)
        self.in_proj_weight = init.xavier_uniform_(Parameter(W), rng=rng)
        self.in_proj_bias = None
        self.out_proj = Linear(
            embed_dim, embed_dim, bias, dtype=dtype, rng=rng
        )
        if bias:
            self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, dtype))
            init.zeros_(self.out_proj.bias)

    def forward(
        self,
        query,
        key,
        value,
        key_padding_mask=None,
        need_weights=True,
        attn_mask=None,
        average_attn_weights=True,
        is_causal=False,
    ):
        """What each query has found, and how much it looked where.

        Parameters
        ----------
        query : Tensor, shape (L, N, E), or (N, L, E) with batch_first, or (L, E)
        key, value : Tensor, shape (S, N, E), or (N, S, E) with batch_first, or (S, E)
        key_padding_mask : array, shape (N, S), or (S,), optional
            True where a key is padding, at which nobody may look.
        need_weights : bool, default True
            Whether the weights are returned too.
        attn_mask : array, shape (L, S) or (N·H, L, S), optional
            True where a query may *not* look. A mask of floats is added to the scores.
        average_attn_weights : bool, default True
            Whether to return the mean of the weights over the heads.
        is_causal : bool, default False
            A promise that attn_mask hides exactly what comes later. It changes
            nothing, but is checked.

        Returns
        -------
        outputs : Tensor, shape of query
        weights : Tensor, shape (N, L, S), or (N, H, L, S) without average, or None
            After dropout, as in PyTorch. A query that may look nowhere has weights
            and mixture 0, so its output is the bias of ``out_proj``.
        """
        self._check(*(np.shape(array_of(x)) for x in (query, key, value)))
        shape = np.shape(array_of(query))
        mask = self._mask(query, key, attn_mask, key_padding_mask, is_causal)
        # From (N, L, H, E/H), or (L, N, H, E/H), to (N, H, L, E/H).
        axes = (0, 2, 1, 3) if self.batch_first else (1, 2, 0, 3)
        axes = axes if len(shape) == 3 else (1, 0, 2)
        q, k, v = (
            self._heads(self._projected(i, x)).permute(*axes)
            for i, x in enumerate((query, key, value))
        )
        dropped, p = self.dropout if self.training else 0, None
        if need_weights:
            p = attention_weights(q, k, mask)
            p = dropout(p, dropped, rng=self.rng)
            found = p @ v
        else:
            found = scaled_dot_product_attention(
                q, k, v, mask, dropped, rng=self.rng
            )
        joined = found.permute(*np.argsort(axes)).reshape(*shape)
        if need_weights and average_attn_weights:
            p = p.mean(dim=-3)
        return self.out_proj(joined), p

    def _projected(self, i, x):
        """Queries (i = 0), keys (1) or values (2)."""
        rows = slice(i * self.embed_dim, (i + 1) * self.embed_dim)
        b = self.in_proj_bias
        return linear(
            x, self.in_proj_weight[rows], b if b is None else b[rows]
        )

    def _heads(self, a):
        H = self.num_heads
        return a.reshape(*a.shape[:-1], H, self.embed_dim // H)

    def _mask(self, query, key, attn_mask, key_padding_mask, is_causal):
        """Both masks as one, True where a query may look, or floats to add."""
        L, N = self._length_and_batch(query)
        S, H = self._length_and_batch(key)[0], self.num_heads
        masks = []
        if attn_mask is not None:
            shapes = (L, S), (math.prod(N) * H, L, S)
            mask = self._checked("attn_mask", attn_mask, *shapes)
            is_each = mask.ndim == 3
            masks.append(mask.reshape(*N, H, L, S) if is_each else mask)
        if is_causal:
            self._check_causal(attn_mask, L, S)
        if key_padding_mask is not None:
            mask = self._checked(
                "key_padding_mask", key_padding_mask, (*N, S)
            )
            masks.append(mask.reshape(*N, 1, 1, S))
        if not masks:
            return None
        if all(mask.dtype == bool for mask in masks):
            return ~reduce(np.logical_or, masks)
        return sum(
            np.where(m, -np.inf, 0) if m.dtype == bool else m for m in masks
        )

    def _length_and_batch(self, x):
        shape = np.shape(array_of(x))
        if len(shape) == 2:
            return shape[0], ()
        N, L = shape[:2] if self.batch_first else shape[1::-1]
        return L, (N,)

    def _checked(self, name, mask, *shapes):
        is_learned = isinstance(mask, Tensor) and mask.requires_grad
        mask = mask if is_learned else np.asarray(array_of(mask))
        _check_kind_of_mask(self._name(), name, mask, "may not look")
        if mask.shape not in shapes:
            raise ValueError(
                f"{self._name()}: expected {name} of shape "
                f"{' or '.join(map(str, shapes))}, got {mask.shape}"
            )
        return mask

    def _check_causal(self, attn_mask, L, S):
        later = ~np.tri(L, S, dtype=bool)
        mask = array_of(attn_mask)
        expected = (
            later
            if mask is None or mask.dtype == bool
            else np.where(later, -np.inf, 0)
        )
        if mask is None or not np.array_equal(mask, expected):
            raise ValueError(
                f"{self._name()}: is_causal=True promises an attn_mask "
                "that hides "
                "what comes later, and nothing else; write attn_mask="
                "np.triu(np.ones((L, L), bool), 1)"
            )

    def _check(self, query, key, value):
        E, batch = self.embed_dim, 0 if self.batch_first else 1
        if (
            len(query) not in (2, 3)
            or len(query) != len(key)
            or key != value
            or (query[-1], key[-1]) != (E, E)
            or (len(query) == 3 and query[batch] != key[batch])
        ):
            axes = "(N, L, {})" if self.batch_first else "(L, N, {})"
            raise ValueError(
                f"{self._name()}: expected a query of shape "
                f"{axes.format(E)} or "
                f"(L, {E}), and key and value of one shape with the "
                "same N, got "
                f"{query}, {key} and {value}"
            )

    def extra_repr(self):
        return f"{self.embed_dim}, {self.num_heads}"

    def _name(self):
        return f"MultiheadAttention({self.extra_repr()})"


class TransformerEncoderLayer(Module):
    """Attention, then a small network for each token; both are added to their input.

    Parameters
    ----------
    d_model : int
        Numbers per token, E.
    nhead : int
        Number of heads.
    dim_feedforward : int, default 2048
        Hidden units of the small network.
    dropout : float, default 0.1
        Share that is dropped in training: of the attention weights, of the hidden
        units, and of what is added.
    activation : {"relu", "gelu"} or callable, default relu
    layer_norm_eps : float, default 1e-5
    batch_first : bool, default False
        Whether inputs have shape (N, L, E) instead of (L, N, E).
    norm_first : bool, default False
        x + f(norm(x)) instead of norm(x + f(x)).
    bias : bool, default True
        Whether projections, dense layers and norms have biases.
    dtype : numpy dtype, default float64
    rng : numpy Generator, optional
        Draws the weights, and what is dropped.

    Attributes
    ----------
    self_attn : MultiheadAttention
    linear1, linear2 : Linear
    norm1, norm2 : LayerNorm

    Examples
    --------
    >>> layer = TransformerEncoderLayer(4, nhead=2, batch_first=True)
    >>> layer(np.ones((5, 3, 4))).shape
    (5, 3, 4)
    """

    def __init__(
        self,
        d_model,
        nhead,
        dim_feedforward=2048,
        dropout=0.1,
        activation=relu,
        layer_norm_eps=1e-5,
        batch_first=False,
        norm_first=False,
        bias=True,
        *,
        dtype=np.float64,
        rng=None,
        **others,
    ):
        super().__init__()
        habits.refuse("TransformerEncoderLayer", others)
        same = {"dtype": dtype, "rng": rng}
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, **same
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, **same)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **same)
        self.norm_first = norm_first
        norm = {"eps": layer_norm_eps, "bias": bias, "dtype": dtype}
        self.norm1 = LayerNorm(d_model, **norm)
        self.norm2 = LayerNorm(d_model, **norm)
        self.dropout1 = Dropout(dropout, rng=rng)
        self.dropout2 = Dropout(dropout, rng=rng)
        self.activation = _activation(activation)

    def forward(
        self, src, src_mask=None, src_key_padding_mask=None, is_causal=False
    ):
        """One step up, from tokens to tokens; masks as in `MultiheadAttention`."""

        def look(x):
            found, _ = self.self_attn(
                x,
                x,
                x,
                key_padding_mask=src_key_padding_mask,
                need_weights=False,
                attn_mask=src_mask,
                is_causal=is_causal,
            )
            return self.dropout1(found)

        def think(x):
            hidden = self.dropout(self.activation(self.linear1(x)))
            return self.dropout2(self.linear2(hidden))

        if self.norm_first:
            x = src + look(self.norm1(src))
            return x + think(self.norm2(x))
        x = self.norm1(src + look(src))
        return self.norm2(x + think(x))


def _activation(given):
    named = {"relu": relu, "gelu": gelu}
    if not callable(given) and given not in named:
        raise ValueError(
            'TransformerEncoderLayer: expected activation "relu", "gelu" or a '
            f"function, got {given!r}"
        )
    return given if callable(given) else named[given]


class TransformerEncoder(Module):
    """Several copies of one layer, one after the other.

    Parameters
    ----------
    encoder_layer : TransformerEncoderLayer
        It is copied: all copies start with the same weights, as in PyTorch.
    num_layers : int
    norm : Module, optional
        Comes after the last layer.
    """

    def __init__(self, encoder_layer, num_layers, norm=None, **others):
        super().__init__()
        habits.refuse("TransformerEncoder", others)
        rng = encoder_layer.self_attn.rng  # one for all: no two drop the same
        self.layers = ModuleList(
            copy.deepcopy(encoder_layer, {id(rng): rng})
            for _ in range(num_layers)
        )
        self.norm = norm

    def forward(
        self, src, mask=None, src_key_padding_mask=None, is_causal=None
    ):
        """The tokens after all layers; masks as in `MultiheadAttention`."""
        x = src
        for layer in self.layers:
            x = layer(x, mask, src_key_padding_mask, bool(is_causal))
        return x if self.norm is None else self.norm(x)
