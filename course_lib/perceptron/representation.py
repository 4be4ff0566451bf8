"""Functions put together from bumps: what a network can represent (slide 11).

A bump is the difference of two units. One hidden layer adds up bumps over a line; a
second one makes towers over a square. No tape: all weights are set, none is learned.
"""

import numpy as np

from course_lib.perceptron.neuron import step


def bump(x, left, right, f=step):
    """1 from left up to right, 0 elsewhere: two units with weights +1 and −1.

    >>> bump(np.array([0.1, 0.2, 0.3, 0.4]), left=0.2, right=0.4)
    array([0., 1., 1., 0.])
    """
    return f(x - left) - f(x - right)


def edges_and_middles(n):
    """The edges and the middles of n equal intervals of [0, 1].

    The outermost edges are moved to −1 and 2, so that 0 and 1 lie inside a bump.

    >>> edges_and_middles(2)
    (array([-1. ,  0.5,  2. ]), array([0.25, 0.75]))
    """
    assert n >= 1, f"at least one interval, not {n}"
    edges = np.linspace(0, 1, n + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    edges[0], edges[-1] = -1, 2
    return edges, middles


def bumps(y, n, f=step):
    """A network with one hidden layer of 2n units, close to y on [0, 1].

    Where the slope of y is at most M, step units err by at most M / 2n (slide 11,
    made exact).

    >>> network = bumps(lambda x: x**2, 2)
    >>> network(np.array([0.0, 0.4, 0.5, 1.0]))
    array([0.0625, 0.0625, 0.5625, 0.5625])
    """
    edges, middles = edges_and_middles(n)
    heights = np.broadcast_to(y(middles), n)

    def network(x):
        x = np.asarray(x)[..., None]  # one column for each bump
        return bump(x, edges[:-1], edges[1:], f) @ heights

    return network


def towers(y, n, f=step):
    """A network with two hidden layers, close to y on the square [0, 1] × [0, 1].

    Its first hidden layer has 4n units, which make n bumps along each axis; its
    second has n² units, one for each tower.

    >>> network = towers(lambda x1, x2: x1 + 10 * x2, 2)
    >>> network(np.array([0.0, 1.0]), np.array([0.0, 0.0]))
    array([2.75, 3.25])
    """
    edges, middles = edges_and_middles(n)
    heights = np.broadcast_to(y(middles[:, None], middles), (n, n))

    def network(x1, x2):
        along1, along2 = (
            bump(np.asarray(x)[..., None], edges[:-1], edges[1:], f)
            for x in (x1, x2)
        )
        both = along1[..., :, None] + along2[..., None, :]  # 2 in one cell
        return (f(both - 1.5) * heights).sum(axis=(-2, -1))

    return network
