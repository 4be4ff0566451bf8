"""Networks drawn in the deck's notation (slides 7 to 13 and 22 to 27)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from numbers import Integral

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_lib.page.figures.capsules import Capsules
from course_lib.page.figures.parts import (
    GRADIENT,
    LINE,
    SMALL,
    captions,
    circle,
    kinds,
    page,
)

MOST_UNITS = 6  # a network with a larger layer is drawn in outline


def network(
    layers: Sequence[int] | Sequence[ArrayLike],
    *,
    values: Mapping[str, ArrayLike] | None = None,
    gradients: Mapping[str, ArrayLike] | None = None,
    bias_as_input: bool = True,
    loss: bool = False,
    labels: bool = True,
    activations: Sequence[str] = (),
    ax: Axes | None = None,
) -> None:
    """Draw a layered network in the notation of slides 7 to 13.

    Parameters
    ----------
    layers : sequence of int, or of arrays of shape (out, in)
        Number of units of each layer, inputs first; or the weights W0, W1 …, whose
        numbers then stand on the edges in place of their names.
    values, gradients : dict of arrays, optional
        Numbers to write at their places, by name: ``x``, ``u0``, ``o0``, ``W0``,
        ``u1`` …, ``o`` (the last layer's), ``L``. Any may be left out. Gradients are
        derivatives of L; they stand beneath the values, in italics.
    bias_as_input : bool, default True
        Whether the first input is x₀ = 1; otherwise inputs are counted from 1.
    loss : bool, default False
        Whether to draw the loss L behind the last layer.
    labels : bool, default True
        Whether to write on the edges.
    activations : sequence of str, optional
        One name for each layer after the inputs, written below it.
    ax : Axes, optional
        Where to draw. Its limits are set, in inches.

    Raises
    ------
    ValueError
        If sizes do not fit together; if `values` or `gradients` hold a name or a
        shape that this network does not have; if they or `loss` are given for a
        network with a layer of more than six units, which is drawn in outline.

    Examples
    --------
    >>> network([3, 2, 1], loss=True)  # slide 22
    >>> network([[[0.5, 1, -1]]], values={"x": [1, 2, 3], "u0": -0.5})
    >>> network([784, 128, 10], activations=["ReLU", "softmax"])  # in outline
    """
    sizes, weights = _sizes_and_weights(layers)
    if activations and len(activations) != len(sizes) - 1:
        raise ValueError(
            f"network: {len(activations)} activations for {len(sizes) - 1} layers "
            "after the inputs; give one name for each"
        )
    values = weights | _checked("values", values, sizes)
    gradients = _checked("gradients", gradients, sizes)
    if max(sizes) > MOST_UNITS:
        if loss or len(values) > len(weights) or gradients:
            raise ValueError(
                f"network: layer sizes {sizes} are drawn in outline, which has no "
                f"place for values, gradients or the loss; give {MOST_UNITS} units "
                "or fewer a layer"
            )
        _outline(sizes, activations, ax)
        return
    net = Capsules(sizes, values, gradients, not bias_as_input, loss, labels)
    below = _captions(sizes, activations) + [["loss", ""]] * loss
    floor = net.floor - LINE * (max(map(len, below)) + bool(gradients)) - 0.1
    ax = page(ax, net.right + 0.1, floor, net.top)
    net.draw(ax)
    captions(ax, net.x, net.floor - 0.06, below)
    if gradients:
        note = "italics: ∂L/∂(what stands above)"
        ax.text(net.right / 2, floor + LINE / 2, note, **SMALL, **GRADIENT)


def _captions(sizes: list[int], activations: Sequence[str]) -> list[list[str]]:
    names = [[f"{kind} units"] for kind in kinds(len(sizes))]
    names[0] = ["inputs"]
    for lines, activation in zip(names[1:], activations, strict=False):
        lines.append(activation)
    return names


def _sizes_and_weights(
    layers: Sequence,
) -> tuple[list[int], dict[str, np.ndarray]]:
    if all(isinstance(layer, Integral) for layer in layers):
        sizes, weights = [int(size) for size in layers], {}
    else:
        arrays = [np.asarray(W, dtype=float) for W in layers]
        for k, W in enumerate(arrays):
            if W.ndim != 2 or (k and W.shape[1] != arrays[k - 1].shape[0]):
                wanted = f"(out, {arrays[k - 1].shape[0]})" if k else "(out, in)"
                raise ValueError(
                    f"network: W{k} has shape {W.shape}, expected {wanted}"
                )
        sizes = [arrays[0].shape[1], *(len(W) for W in arrays)] if arrays else []
        weights = {f"W{k}": W for k, W in enumerate(arrays)}
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(
            f"network: layer sizes {sizes}; give two layers or more, of at least one "
            "unit each, such as [3, 2, 1]"
        )
    return sizes, weights


def _checked(what: str, given: Mapping | None, sizes: list[int]) -> dict:
    """The given numbers as arrays, each of the shape of its place."""
    last = len(sizes) - 2
    shapes = {"x": (sizes[0],), "L": ()}
    for k, (n, m) in enumerate(pairwise(sizes)):
        shapes |= {
            f"W{k}": (m, n),
            f"u{k}": (m,),
            "o" if k == last else f"o{k}": (m,),
        }
    arrays = {}
    for key, value in (given or {}).items():
        if key not in shapes:
            names = ", ".join(sorted(shapes))
            raise ValueError(f"network: {what} has no place for {key!r}, only: {names}")
        array = np.asarray(value, dtype=float)
        if array.shape != shapes[key] and (
            key[0] == "W" or array.size != np.prod(shapes[key])
        ):
            raise ValueError(
                f"network: {what}[{key!r}] has shape {array.shape}, "
                f"expected {shapes[key]}"
            )
        arrays[key] = array
    return arrays


def _outline(sizes: list[int], activations: Sequence[str], ax: Axes | None) -> None:
    """Circles without letters, with a gap where there are too many to draw."""
    x = 0.6 + 1.8 * np.arange(len(sizes))
    slots = [np.arange(n) if n <= MOST_UNITS else np.array([0, 1, 2, 4]) for n in sizes]
    columns = [0.5 * (slot.max() / 2 - slot) for slot in slots]
    below = _captions(sizes, activations)
    for lines, n in zip(below, sizes, strict=True):
        lines.insert(0, f"{n}")
    top = max(column.max() for column in columns) + 0.3
    ax = page(ax, x[-1] + 0.6, -top - LINE * max(map(len, below)) - 0.1, top)
    for k, kind in enumerate(kinds(len(sizes))):
        for y in columns[k]:
            circle(ax, x[k], y, kind)
            for end in columns[k + 1] if k + 1 < len(sizes) else ():
                ax.plot(
                    x[k : k + 2],
                    [y, end],
                    "-",
                    color="#BDBDBD",
                    lw=0.8,
                    zorder=1,
                )
        if sizes[k] > MOST_UNITS:
            ax.text(x[k], -0.5, "⋮", ha="center", va="center", size=18)
    captions(ax, x, -top, below)
