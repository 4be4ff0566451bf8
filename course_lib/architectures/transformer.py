"""The Transformer: blocks of attention and thinking, one after the other (slide 43)."""

import numpy as np

from course_lib import nn


class Transformer(nn.Module):
    """Predicts what comes next, at each place, from what has come so far.

    x = token + position;  x ← x + attention(norm(x)) and x ← x + network(norm(x))
    in each block;  scores = W norm(x) + b
    """

    def __init__(
        self,
        symbols,
        length,
        width,
        layers=2,
        heads=4,
        dropout=0.0,
        dtype=float,
        rng=None,
    ):
        super().__init__()
        same = {"dtype": dtype, "rng": rng}
        self.token = nn.Embedding(symbols, width, **same)
        self.position = nn.Embedding(length, width, **same)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width,
                heads,
                4 * width,
                dropout,
                batch_first=True,
                norm_first=True,
                **same,
            )
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width, dtype=dtype)
        self.scores = nn.Linear(width, symbols, **same)

    def forward(self, x):
        T = x.shape[1]  # x holds letters as numbers, (N, T)
        later = np.triu(np.ones((T, T), bool), 1)  # above the diagonal
        u = self.token(x) + self.position(np.arange(T))  # (N, T, width)
        for block in self.blocks:
            u = block(u, later)  # True in `later`: may not look
        return self.scores(self.norm(u))  # (N, T, symbols)

    def maps(self, x):
        """Who looks where: for each block an array (N, heads, T, T)."""
        T, found = x.shape[1], []
        later = np.triu(np.ones((T, T), bool), 1)
        u = self.token(x) + self.position(np.arange(T))
        for block in self.blocks:
            z = block.norm1(u)
            _, looks = block.self_attn(
                z, z, z, attn_mask=later, average_attn_weights=False
            )
            found.append(looks.data)
            u = block(u, later)
        return found


def recall(n, pairs, symbols, rng):
    """Pairs of a key and a value, then all keys again; asked are their values.

    Keys are 0 … symbols − 1, values symbols … 2·symbols − 1; y is −100 (no question)
    but where a key comes for the second time.
    """
    keys = np.argsort(rng.random((n, symbols)), axis=1)[:, :pairs]
    values = rng.integers(symbols, 2 * symbols, size=(n, pairs))
    order = np.argsort(rng.random((n, pairs)), axis=1)
    keys_again = np.take_along_axis(keys, order, axis=1)
    answers = np.take_along_axis(values, order, axis=1)
    first = np.stack([keys, values], axis=2).reshape(n, -1)
    x = np.concatenate([first, keys_again], axis=1)
    y = np.full_like(x, -100)
    y[:, 2 * pairs :] = answers
    return x, y
