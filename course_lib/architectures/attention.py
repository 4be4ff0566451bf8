"""Attention: from what to what one looks (slide 43)."""

import numpy as np

from course_lib import exp, nn, where


def attention(query, key, value, attn_mask=None, is_causal=False, scale=None):
    """Attention in plain steps: scores, shares, mixture; each one is on the tape."""
    scores = query @ key.transpose(-2, -1)
    scores = scores * (scale or query.shape[-1] ** -0.5)
    if is_causal:
        attn_mask = np.tri(*scores.shape[-2:], dtype=bool)
    if attn_mask is not None and attn_mask.dtype == bool:
        scores = where(attn_mask, scores, -np.inf)
    elif attn_mask is not None:
        scores = scores + attn_mask
    highest = scores.data.max(axis=-1, keepdims=True)
    e = exp(scores - np.maximum(highest, -1e300))  # a row of −∞ stays one
    total = e.sum(dim=-1, keepdim=True)
    return e / (total + (total.data == 0)) @ value


class Attentive(nn.Module):
    """Tokens that look at each other: layers of attention, and nothing else.

    x = token + position;  x ← x + attention(x) in each layer;  scores = W x + b
    """

    def __init__(
        self,
        symbols,
        length,
        width,
        layers=1,
        heads=1,
        causal=False,
        positions=True,
        dtype=float,
        rng=None,
    ):
        super().__init__()
        same = {"dtype": dtype, "rng": rng}
        self.token = nn.Embedding(symbols, width, **same)
        self.position = nn.Embedding(length, width, **same)
        self.layers = nn.ModuleList(
            nn.MultiheadAttention(width, heads, batch_first=True, **same)
            for _ in range(layers)
        )
        self.scores = nn.Linear(width, symbols, **same)
        self.causal, self.positions = causal, positions

    def forward(self, x, without=()):
        return self.walk(x, without)[0]

    def walk(self, x, without=()):
        """The scores, and who looks where: one map for each head of each layer."""
        T, maps = x.shape[1], []
        later = ~np.tri(T, dtype=bool) if self.causal else None
        u = self.token(x)
        if self.positions:
            u = u + self.position(np.arange(T))
        for i, layer in enumerate(self.layers):
            found, looks = layer(
                u, u, u, attn_mask=later, average_attn_weights=False
            )
            maps.append(looks.data)
            if i not in without:
                u = u + found
        return self.scores(u), maps
