"""Curves over a number, and over the epochs of a training run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from .style import MARKERS, PALETTE, axes, legend

FEW = 20  # a curve of no more points shows each with a marker


def lines(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    xlabel: str,
    ylabel: str,
    log: str = "",
    ax: Axes | None = None,
) -> None:
    """Draw named curves over one x.

    Parameters
    ----------
    x : array_like, shape (n,)
    curves : dict of array_like, shape (n,)
        The curves by name, in the order of the legend, at most seven. Up to 20
        points are marked one by one; values that are not finite leave a gap.
    xlabel, ylabel : str
        What the axes measure, with the unit.
    log : {"", "x", "y", "xy"}
        Axes with a logarithmic scale.
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    ValueError
        If there is no curve, or more than seven, or one of another length than x;
        if `log` is none of these.

    Examples
    --------
    >>> x = np.linspace(-4, 4, 101)
    >>> lines(x, {"tanh": np.tanh(x), "x": x}, xlabel="u", ylabel="f(u)")
    """
    x = np.asarray(x, dtype=float)
    for name, y in curves.items():
        if np.shape(y) != x.shape or x.ndim != 1:
            raise ValueError(
                f"lines: curve {name!r} has shape {np.shape(y)} and x {x.shape}; "
                "both must be (n,)"
            )
    _curves(
        {name: (x, y) for name, y in curves.items()}, xlabel, ylabel, log, ax
    )


def loss_curves(
    histories: Mapping[str, ArrayLike],
    *,
    ylabel: str,
    xlabel: str = "epoch",
    log: bool = False,
    ax: Axes | None = None,
) -> None:
    """Draw one number for each epoch (or step), for one or several runs of any lengths.

    Parameters
    ----------
    histories : dict of array_like, shape (epochs,)
        A value after each epoch 1, 2, …, by the name of the run.
    ylabel : str
        What was measured, with the unit: "loss (nats)".
    xlabel : str, default "epoch"
        What is counted.
    log : bool, default False
        Whether the scale is logarithmic.
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    ValueError
        If there is no run, or more than seven, or one that is empty.

    Examples
    --------
    >>> loss_curves({"training": [2.3, 0.9, 0.6]}, ylabel="loss (nats)")
    """
    for name, y in histories.items():
        if np.ndim(y) != 1 or len(y) == 0:
            raise ValueError(
                f"loss_curves: {name!r} has shape {np.shape(y)}; give one number for "
                "each epoch, at least one"
            )
    curves = {
        name: (np.arange(1, len(y) + 1), y) for name, y in histories.items()
    }
    ax = _curves(curves, xlabel, ylabel, "y" if log else "", ax)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def _curves(
    curves: dict, xlabel: str, ylabel: str, log: str, ax: Axes | None
) -> Axes:
    if not 0 < len(curves) <= len(PALETTE):
        raise ValueError(
            f"{len(curves)} curves; one figure shows 1 to {len(PALETTE)}"
        )
    if log not in ("", "x", "y", "xy"):
        raise ValueError(f"log={log!r}; expected '', 'x', 'y' or 'xy'")
    ax = axes(ax)
    for marker, (name, (x, y)) in zip(MARKERS, curves.items(), strict=False):
        ax.plot(x, y, label=name, marker=marker if len(x) <= FEW else "")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if "x" in log:
        ax.set_xscale("log")
    if "y" in log:
        ax.set_yscale("log")
    if len(curves) > 1:
        legend(ax, *ax.get_legend_handles_labels())
    return ax
