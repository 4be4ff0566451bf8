"""Where chance comes from: one default generator, and how to set it."""

from __future__ import annotations

import numpy as np

_default = np.random.default_rng(0)


def manual_seed(seed: int) -> np.random.Generator:
    """Start the default generator anew (`torch.manual_seed`).

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
    """The generator that was given or, where none was, the default one."""
    if rng is None:
        return _default
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng: a numpy Generator wanted, got {rng!r}; "
            "write numpy.random.default_rng(seed)"
        )
    return rng
