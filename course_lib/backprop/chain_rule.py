"""Derivatives on a graph of computations, one number a node (slides 20 and 21).

A graph is a list of edges ``(start, end, local)`` in the order of the computation:
``end`` was computed from ``start``, and ``local`` is ∂end/∂start while all else that
``end`` was computed from stays. A value that is used twice has two edges.
"""

import math


def paths(edges, start, end):
    """Every path from start to end, as the local derivatives along it.

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


def sum_over_paths(edges, start, end):
    """∂end/∂start: multiply along each path, add up the paths (slide 21).

    >>> sum_over_paths([("t", "f", 3.0), ("t", "f", 3.0)], "t", "f")
    6.0
    """
    return sum(math.prod(path) for path in paths(edges, start, end))


def in_order(edges):
    """Whether all edges into a value come before those out of it.

    >>> in_order([("x", "u", 2.0), ("u", "f", 3.0)])
    True
    """
    used = set()
    for a, b, _ in edges:
        used.add(a)
        if b in used:
            return False
    return True


def walk_back(edges, end):
    """∂end/∂node for all nodes that the end depends on, using every edge once.

    >>> walk_back([("t", "f", 3.0), ("t", "f", 3.0)], "f")
    {'f': 1.0, 't': 6.0}
    """
    assert in_order(edges), "an edge into a value comes after one out of it"
    derivative = {end: 1.0}
    for a, b, local in reversed(edges):
        if b in derivative:
            derivative[a] = derivative.get(a, 0.0) + derivative[b] * local
    return derivative


def walk_forward(edges, start):
    """∂node/∂start for all nodes that depend on the start, using every edge once.

    >>> walk_forward([("t", "f", 3.0), ("t", "f", 3.0)], "t")
    {'t': 1.0, 'f': 6.0}
    """
    assert in_order(edges), "an edge into a value comes after one out of it"
    derivative = {start: 1.0}
    for a, b, local in edges:
        if a in derivative:
            derivative[b] = derivative.get(b, 0.0) + local * derivative[a]
    return derivative
