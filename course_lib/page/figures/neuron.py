"""One unit in the deck's notation (slides 4 and 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_lib.page.figures.capsules import BIAS, Capsules
from course_lib.page.figures.parts import LINE, captions, page


class _Unit(Capsules):
    """A network of one unit, whose symbols need no index of layer and unit."""

    def symbol(self, key: str, j: int, i: int = 0) -> str:
        if key == "W0":
            return f"$w_{i}$"
        if key == "x":
            return f"$x_{j}$" if j else BIAS
        return f"${key[0]}$"


def neuron(
    weights: int | Sequence[float],
    *,
    values: Mapping[str, ArrayLike] | None = None,
    ax: Axes | None = None,
) -> None:
    """Draw one unit, with x₀ = 1 as its first input.

    Parameters
    ----------
    weights : int, or sequence of float
        The number of weights, or the weights w₀, w₁ …, whose numbers then stand on
        the edges in place of their names.
    values : dict, optional
        Numbers to write at their places: ``x``, ``u``, ``o``. Any may be left out.
    ax : Axes, optional
        Where to draw. Its limits are set, in inches.

    Raises
    ------
    ValueError
        If there are less than two weights or more than six, or `values` holds
        another name, or not one x for each weight.

    Examples
    --------
    >>> neuron(3)
    >>> neuron([-1.5, 1, 1], values={"x": [1, 1, 0], "u": -0.5, "o": 0})
    """
    named = isinstance(weights, Integral)
    n = int(weights) if named else len(weights)
    if not 2 <= n <= 6:
        raise ValueError(f"neuron: {n} weights; a drawing shows 2 to 6")
    numbers = {} if named else {"W0": np.reshape(weights, (1, n))}
    for key, value in (values or {}).items():
        size = {"x": n, "u": 1, "o": 1}.get(key)
        if size is None or np.size(value) != size:
            raise ValueError(
                f"neuron: values[{key!r}] of shape {np.shape(value)}; there is place "
                f"for x with {n} numbers, u and o"
            )
        numbers["u0" if key == "u" else key] = np.ravel(np.asarray(value, dtype=float))
    unit = _Unit([n, 1], numbers, {}, 0, loss=False, labels=True)
    ax = page(ax, unit.right + 0.1, unit.floor - LINE - 0.1, unit.top)
    unit.draw(ax)
    captions(ax, unit.x, unit.floor - 0.06, [["inputs"], ["unit"]])
