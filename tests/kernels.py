"""Kernels that start, even when two are started at once."""

from collections.abc import Callable
from typing import Any


def persistent(start: Callable, tries: int = 3) -> Callable:
    """Call ``start`` again when it raises a RuntimeError, up to ``tries`` times in all.

    Jupyter looks for free ports and then lets a kernel take them. Where two workers of
    the tests do so at once, both kernels can be given the same ports, and one of them
    never answers.
    """

    def start_in_the_end(*arguments: Any, **options: Any) -> Any:
        for _ in range(tries - 1):
            try:
                return start(*arguments, **options)
            except RuntimeError:
                continue
        return start(*arguments, **options)

    return start_in_the_end
