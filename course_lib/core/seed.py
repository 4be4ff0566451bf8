"""Random numbers: one default generator, and how to seed it."""

from __future__ import annotations

import numpy as np

_default = np.random.default_rng(0)


def manual_seed(seed: int) -> np.random.Generator:
    """Restart the default generator from a seed (`torch.manual_seed`).

    Examples
    --------
    >>> rng = manual_seed(1)
    >>> first = rng.normal()
    >>> manual_seed(1).normal() == first
    True
    """
    global _default
    _default = np.random.default_rng(seed)
    return _default


def generator(rng: np.random.Generator | None = None) -> np.random.Generator:
    """The given generator, or the default one if there is none."""
    return _default if rng is None else rng
