"""Dropout: outputs set to 0 at random while the network learns (slide 41)."""

import numpy as np

from course_lib.core.module import Module
from course_lib.core.seed import generator
from course_lib.core.tensor import differentiable, floating


@differentiable
def dropout(x, p=0.5, training=True, *, rng=None):
    """Set each number to 0 with probability p, and divide the others by 1 − p.

    Each number of x is multiplied by a random r/(1 − p), where r is 0 with
    probability p and 1 otherwise. The mean of that factor is 1, so the mean of the
    result is x (slide 41; Srivastava et al. 2014, there without the division).

    Parameters
    ----------
    x : Tensor, any shape
        Outputs of units.
    p : float, default 0.5
        Probability of being dropped, 0 to 1.
    training : bool, default True
        If False, x is returned as it is.
    rng : numpy Generator, optional
        Draws the mask; by default the generator that `manual_seed` sets.

    Returns
    -------
    Tensor, shape of x

    Examples
    --------
    >>> import numpy as np
    >>> dropout(np.ones(6), p=0.5, rng=np.random.default_rng(0))
    tensor([2., 0., 0., 0., 2., 2.])
    """
    _check_share(p)
    x = floating(x)
    if not training or p == 0:
        return x, (lambda g: g,)
    mask = (generator(rng).random(np.shape(x)) >= p).astype(x.dtype)
    if p < 1:  # with p = 1 nothing is left to divide
        mask /= 1 - p
    return x * mask, (lambda g: g * mask,)


def _check_share(p):
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: expected p from 0 to 1, got {p}")


class Dropout(Module):
    """`dropout` as a module: a new mask for each call in training, none in eval.

    Parameters
    ----------
    p : float, default 0.5
        Probability of being dropped, 0 to 1.
    rng : numpy Generator, optional
        Draws the masks; by default the generator that `manual_seed` sets.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Dropout(0.2)
    >>> layer.eval()(np.ones(3))
    tensor([1., 1., 1.])
    """

    def __init__(self, p=0.5, *, rng=None):
        super().__init__()
        _check_share(p)
        self.p, self.rng = p, rng

    def forward(self, input):
        return dropout(input, self.p, self.training, rng=self.rng)

    def extra_repr(self):
        return f"p={self.p}"
