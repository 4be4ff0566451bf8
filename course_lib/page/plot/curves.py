"""Curves over a number, and over the epochs of a training run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from course_lib.page.style import GREY, MARKERS, PALETTE, axes, legend

FEW = 20  # a curve of no more points shows each with a marker


def lines(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    xlabel: str,
    ylabel: str,
    log: str = "",
    points: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
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
    points : dict of pairs of array_like, optional
        Measured points (x, y) by name, drawn as grey marks behind the curves.
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
    named = {name: (x, y) for name, y in curves.items()}
    _curves(named, xlabel, ylabel, log, ax, points)


def bands(
    x: ArrayLike,
    runs: Mapping[str, ArrayLike],
    *,
    xlabel: str,
    ylabel: str,
    log: str = "",
    ax: Axes | None = None,
) -> None:
    """Draw the mean of several runs as a curve, in a band from their least to greatest.

    Parameters
    ----------
    x : array_like, shape (n,)
    runs : dict of array_like, shape (runs, n)
        The runs, such as one a seed, of each curve by its name, at most seven.
    xlabel, ylabel, log, ax
        As for `lines`.

    Raises
    ------
    ValueError
        If a shape is wrong, or there is no curve, or more than seven.

    Examples
    --------
    >>> runs = {"SGD": [[0.8, 0.9], [0.7, 0.92]]}
    >>> bands([1, 2], runs, xlabel="epoch", ylabel="test accuracy")
    """
    x = np.asarray(x, dtype=float)
    for name, y in runs.items():
        if np.ndim(y) != 2 or np.shape(y)[1:] != x.shape:
            raise ValueError(
                f"bands: {name!r} has shape {np.shape(y)} and x {x.shape}; "
                "give (runs, n) and (n,)"
            )
    ax = axes(ax)
    for color, y in zip(PALETTE, runs.values(), strict=False):
        low, high = np.min(y, axis=0), np.max(y, axis=0)
        ax.fill_between(x, low, high, color=color, alpha=0.18, lw=0)
    means = {name: (x, np.mean(y, axis=0)) for name, y in runs.items()}
    _curves(means, xlabel, ylabel, log, ax)


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
    curves = {name: (np.arange(1, len(y) + 1), y) for name, y in histories.items()}
    ax = _curves(curves, xlabel, ylabel, "y" if log else "", ax)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def _curves(
    curves: dict,
    xlabel: str,
    ylabel: str,
    log: str,
    ax: Axes | None,
    points: Mapping | None = None,
) -> Axes:
    if not 0 < len(curves) <= len(PALETTE):
        raise ValueError(f"{len(curves)} curves; one figure shows 1 to {len(PALETTE)}")
    if log not in ("", "x", "y", "xy"):
        raise ValueError(f"log={log!r}; expected '', 'x', 'y' or 'xy'")
    ax = axes(ax)
    for marker, (name, xy) in zip("oxs", (points or {}).items(), strict=False):
        ax.plot(*xy, marker, ms=5, color=GREY, alpha=0.8, label=name)
    for marker, (name, (x, y)) in zip(MARKERS, curves.items(), strict=False):
        ax.plot(x, y, label=name, marker=marker if len(x) <= FEW else "")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if "x" in log:
        ax.set_xscale("log")
    if "y" in log:
        ax.set_yscale("log")
    if len(curves) > 1 or points:
        legend(ax, *ax.get_legend_handles_labels())
    return ax
