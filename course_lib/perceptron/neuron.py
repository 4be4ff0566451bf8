"""One perceptron, without a tape (slides 4 to 6).

Inputs begin with x₀ = 1, the input of the bias.
"""

from itertools import product

import numpy as np

GATES = {
    "AND": (-1.5, 1, 1),
    "OR": (-0.5, 1, 1),
    "NAND": (1.5, -1, -1),
}


def step(u):
    """The unit step of slide 6: 1 where u ≥ 0, else 0.

    >>> step(np.array([-2.0, 0.0, 3.0]))
    array([0., 1., 1.])
    """
    return np.where(u >= 0, 1.0, 0.0)


def unit(x, w, b=0.0, f=step):
    """o = f(Σᵢ wᵢ xᵢ + b), of one example or of one in each row (slide 5).

    Where each example begins with x₀ = 1, the first weight is the bias, and b stays 0.

    >>> unit([[1, 0, 1], [1, 1, 1]], GATES["AND"])
    array([0., 1.])
    """
    assert np.shape(x)[-1] == len(w), f"x {np.shape(x)}, w {np.shape(w)}"
    return f((np.asarray(w) * x).sum(axis=-1) + b)


def with_one(points):
    """Points of the plane as inputs: x₀ = 1 before x₁ and x₂.

    >>> with_one([[0.5, 2.0], [3.0, -1.0]])
    array([[ 1. ,  0.5,  2. ],
           [ 1. ,  3. , -1. ]])
    """
    return np.column_stack([np.ones(len(points)), points])


def corners(inputs=2):
    """All rows of a truth table, each after x₀ = 1.

    >>> corners(2)
    array([[1, 0, 0],
           [1, 0, 1],
           [1, 1, 0],
           [1, 1, 1]])
    """
    return np.array([(1, *bits) for bits in product((0, 1), repeat=inputs)])


def reachable(values, inputs=2):
    """Every truth table of a step unit whose bias and weights are among `values`.

    Each table, in the order of `corners`, comes with the first weights that have it.
    All ``len(values) ** (inputs + 1)`` choices of weights are tried.

    >>> found = reachable([-2, -1, 0, 1, 2])
    >>> found[0, 0, 0, 1]  # AND
    (-2, 1, 1)
    """
    x = corners(inputs)
    found = {}
    for w in product(values, repeat=inputs + 1):
        table = tuple(int(o) for o in unit(x, w))
        found.setdefault(table, w)
    return found


def learn(x, y, w, rounds=100):
    """Rosenblatt's rule, w ← w + (y − o) x: add or subtract the input of each mistake.

    It stops after a round without a mistake, or after `rounds`. Besides the weights it
    returns the number of mistakes in each round.

    >>> w, mistakes = learn(corners(2), np.array([0, 0, 0, 1]), np.zeros(3))
    >>> mistakes
    [2, 3, 3, 2, 1, 0]
    """
    assert len(x) == len(y) and set(y) <= {0, 1}, "y: 0 or 1 for each example"
    mistakes = []
    for _ in range(rounds):
        wrong = 0
        for x_n, y_n in zip(x, y):
            o = unit(x_n, w)
            w = w + (y_n - o) * x_n  # nothing, plus x or minus x
            wrong += int(o != y_n)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes
