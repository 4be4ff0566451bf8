"""Embedding: a learned vector for each of a few tokens, looked up by number."""

import numpy as np

from course_lib.core.module import Module, Parameter
from course_lib.core.seed import generator
from course_lib.core.settings import check_number
from course_lib.core.tensor import differentiable


@differentiable
def embedding(x, W, padding_idx=None):
    """The rows of W that the numbers in x name: o = W[x].

    Parameters
    ----------
    x : int array, any shape
        Tokens, 0 to V − 1.
    W : Tensor, shape (V, D)
        Row k is the vector of token k.
    padding_idx : int, optional
        A token whose row gets no gradient, because it only fills up short sequences;
        a negative one is counted from the end.

    Returns
    -------
    Tensor, shape (*x.shape, D)

    Notes
    -----
    A row that was looked up several times gets the sum of the gradients. It is the
    gradient of the product of W with one 1 in each row of a matrix.

    Examples
    --------
    >>> embedding(np.array([2, 0]), np.array([[1.0, 2], [3, 4], [5, 6]])).tolist()
    [[5.0, 6.0], [1.0, 2.0]]
    """
    x = np.asarray(x)
    _check_embedding(x, W, padding_idx)

    def for_W(g):
        d = sum_by_token(x.ravel(), g.reshape(-1, W.shape[1]), len(W))
        if padding_idx is not None:
            d[padding_idx] = 0
        return d

    return W[x], (None, for_W)


def sum_by_token(tokens, rows, V):
    """Row k of the result is the sum of those rows that belong to token k of V."""
    if V <= 256:  # a product with a 1 for each token
        is_token = np.zeros((V, len(tokens)), rows.dtype)
        is_token[tokens, np.arange(len(tokens))] = 1
        return is_token @ rows
    d = np.zeros((V, rows.shape[1]), rows.dtype)
    order = np.argsort(tokens, kind="stable")  # equal tokens side by side
    found, starts = np.unique(tokens[order], return_index=True)
    if found.size:
        d[found] = np.add.reduceat(rows[order], starts)
    return d


def _check_embedding(x, W, padding_idx):
    if np.ndim(W) != 2:
        raise ValueError(
            f"embedding: expected a weight of shape (V, D), got {np.shape(W)}"
        )
    V = len(W)
    if x.dtype.kind not in "iu":
        raise TypeError(
            f"embedding: expected whole numbers as tokens, got {x.dtype}"
        )
    if x.size and not 0 <= x.min() <= x.max() < V:  # NumPy would take −1
        raise IndexError(
            f"embedding: expected tokens from 0 to {V - 1}, got tokens from "
            f"{x.min()} to {x.max()}"
        )
    if padding_idx is not None:
        check_number(
            "embedding", "padding_idx", padding_idx, -V, V - 1, whole=True
        )


class Embedding(Module):
    """`embedding` with its table of vectors.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        Number of tokens V, and numbers D in the vector of each.
    padding_idx : int, optional
        A token whose vector is 0 and is not learned.
    dtype : numpy dtype, default float64
    rng : numpy Generator, optional
        Draws the vectors; by default the generator that `manual_seed` sets.

    Attributes
    ----------
    weight : Parameter, shape (V, D)
        Drawn from the standard normal distribution, as in PyTorch.

    Examples
    --------
    >>> Embedding(27, 8)(np.array([[0, 1, 2], [0, 5, 5]])).shape
    (2, 3, 8)
    """

    def __init__(
        self,
        num_embeddings,
        embedding_dim,
        padding_idx=None,
        *,
        dtype=np.float64,
        rng=None,
    ):
        super().__init__()
        V, D = num_embeddings, embedding_dim
        check_number("Embedding", "num_embeddings", V, 1, whole=True)
        check_number("Embedding", "embedding_dim", D, 1, whole=True)
        weight = generator(rng).normal(size=(V, D))
        if padding_idx is not None:
            check_number(
                "Embedding", "padding_idx", padding_idx, -V, V - 1, whole=True
            )
            padding_idx = padding_idx % V
            weight[padding_idx] = 0
        self.num_embeddings, self.embedding_dim = V, D
        self.padding_idx = padding_idx
        self.weight = Parameter(weight, dtype=dtype)

    def forward(self, input):
        return embedding(input, self.weight, self.padding_idx)

    def extra_repr(self):
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        return text
