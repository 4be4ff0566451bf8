"""Derivatives on a graph of computations, one number a node (slides 20 and 21).

A graph is a list of edges ``(start, end, local)`` in the order of the computation:
``end`` was computed from ``start``, and ``local`` is ∂end/∂start while all else that
``end`` was computed from stays. A value that is used twice has two edges.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence

Edge = tuple[Hashable, Hashable, float]


def paths(
    edges: Sequence[Edge], start: Hashable, end: Hashable
) -> Iterator[list[float]]:
    """Every path from start to end, as the local derivatives along it.

    Examples
    --------
    >>> square = [("t", "f", 3.0), ("t", "f", 3.0)]  # f = t · t at t = 3
    >>> list(paths(square, "t", "f"))
    [[3.0], [3.0]]
    """
    if start == end:
        yield []
    for a, b, local in edges:
        if a == start:
            for rest in paths(edges, b, end):
                yield [local, *rest]


def sum_over_paths(
    edges: Sequence[Edge], start: Hashable, end: Hashable
) -> float:
    """∂end/∂start: multiply along each path, add up the paths (slide 21).

    Examples
    --------
    >>> sum_over_paths([("t", "f", 3.0), ("t", "f", 3.0)], "t", "f")
    6.0
    """
    return float(sum(math.prod(path) for path in paths(edges, start, end)))


def walk_back(edges: Sequence[Edge], end: Hashable) -> dict[Hashable, float]:
    """∂end/∂node for all nodes that reach the end, using every edge once.

    Raises
    ------
    ValueError
        If an edge leads into a node that was used before: then the edges are not
        in the order of the computation.

    Examples
    --------
    >>> walk_back([("t", "f", 3.0), ("t", "f", 3.0)], "f")
    {'f': 1.0, 't': 6.0}
    """
    _check_order(edges)
    derivative = {end: 1.0}
    for a, b, local in reversed(edges):
        if b in derivative:
            derivative[a] = derivative.get(a, 0.0) + derivative[b] * local
    return derivative


def walk_forward(
    edges: Sequence[Edge], start: Hashable
) -> dict[Hashable, float]:
    """∂node/∂start for all nodes that the start reaches, using every edge once.

    Raises
    ------
    ValueError
        As `walk_back`.

    Examples
    --------
    >>> walk_forward([("t", "f", 3.0), ("t", "f", 3.0)], "t")
    {'t': 1.0, 'f': 6.0}
    """
    _check_order(edges)
    derivative = {start: 1.0}
    for a, b, local in edges:
        if a in derivative:
            derivative[b] = derivative.get(b, 0.0) + local * derivative[a]
    return derivative


def _check_order(edges: Sequence[Edge]) -> None:
    used = set()
    for a, b, _ in edges:
        used.add(a)
        if b in used:
            raise ValueError(
                f"the edge {a!r} to {b!r} comes after {b!r} was used (or leads "
                "back to itself); list the edges in the order of the computation"
            )
