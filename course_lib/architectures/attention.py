"""Attention: from what to what one looks (slide 43)."""

import numpy as np

from course_lib import exp, nn, no_grad, optim, where
from course_lib.nn import functional as F
from course_lib.training import train_step


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


def token_loss(u, y):
    """Cross-entropy of scores (N, T, K) for tokens (N, T), in nats a token."""
    return F.cross_entropy(u.reshape(-1, u.shape[-1]), np.ravel(y))


def backwards(n, length, rng, symbols=26):
    """Words of random letters, and the same words written backwards."""
    x = rng.integers(symbols, size=(n, length))
    return x, x[:, ::-1].copy()


def again_and_again(n, length, rng, symbols=26):
    """Random words, each repeated to the end; y is the next letter.

    A word has different letters, at least 3 and at most half of the length. As long
    as it comes for the first time, y is −100: nobody can know what is next.
    """
    x, y = np.empty((n, length + 1), int), np.full((n, length), -100)
    for row in range(n):
        size = rng.integers(3, length // 2 + 1)
        x[row] = np.resize(rng.permutation(symbols)[:size], length + 1)
        y[row, size:] = x[row, size + 1 :]
    return x[:, :-1], y


def repeater(layers, seed, steps, after=None):
    """A causal `Attentive`, which has learned words `again_and_again`."""
    rng = np.random.default_rng(seed)
    model = Attentive(26, 16, width=32, layers=layers, causal=True, rng=rng)
    learn(model, lambda: again_and_again(32, 16, rng), steps, after=after)
    return model


def learn(model, draw, steps, lr=0.005, after=None):
    """Train on new examples from ``draw()``; calls ``after(step, loss)``, if given."""
    optimizer = optim.Adam(model.parameters(), lr)
    for step in range(steps):
        L = train_step(model, token_loss, optimizer, *draw())
        if after:
            after(step, L)


@no_grad()
def share_right(model, x, y, **settings):
    """Of the tokens that are asked for, the share that has the highest score."""
    best = model(x, **settings).data.argmax(axis=-1)
    return (best == y)[y >= 0].mean()
