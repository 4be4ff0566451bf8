"""Curves over a number or over the epochs of a training run, and bars."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from course_lib.page.plot.style import GREY, INK, MARKERS, PALETTE, axes, color, legend

FEW = 20  # a curve of no more points shows each with a marker
MANY = 5000  # more measured points than this are drawn as one picture


def lines(x, curves, *, xlabel, ylabel, log="", points=None, ax=None):
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

    Examples
    --------
    >>> x = np.linspace(-4, 4, 101)
    >>> lines(x, {"tanh": np.tanh(x), "x": x}, xlabel="u", ylabel="f(u)")
    """
    named = {name: (x, y) for name, y in curves.items()}
    _curves(named, xlabel, ylabel, log, ax, points)


def bands(x, runs, *, xlabel, ylabel, log="", ax=None):
    """Draw the mean of several runs as a curve, in a band from their least to greatest.

    Parameters
    ----------
    x : array_like, shape (n,)
    runs : dict of array_like, shape (runs, n)
        The runs, such as one a seed, of each curve by its name, at most seven.
    xlabel, ylabel, log, ax
        As for `lines`.

    Examples
    --------
    >>> runs = {"SGD": [[0.8, 0.9], [0.7, 0.92]]}
    >>> bands([1, 2], runs, xlabel="epoch", ylabel="test accuracy")
    """
    ax = axes(ax)
    for shade, y in zip(PALETTE, runs.values(), strict=False):
        low, high = np.min(y, axis=0), np.max(y, axis=0)
        ax.fill_between(x, low, high, color=shade, alpha=0.2, lw=0)
    means = {name: (x, np.mean(y, axis=0)) for name, y in runs.items()}
    _curves(means, xlabel, ylabel, log, ax)


def loss_curves(histories, *, ylabel, xlabel="epoch", log=False, ax=None):
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

    Examples
    --------
    >>> loss_curves({"training": [2.3, 0.9, 0.6]}, ylabel="loss (nats)")
    """
    curves = {name: (np.arange(1, len(y) + 1), y) for name, y in histories.items()}
    ax = _curves(curves, xlabel, ylabel, "y" if log else "", ax)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def bars(labels, values, errors=None, *, xlabel, digits=2, ax=None):
    """Draw horizontal bars, the first on top, with their values written behind them.

    Parameters
    ----------
    labels : sequence of str
    values : array_like, shape (n,)
    errors : array_like, shape (n,), optional
        Half lengths of the error bars; say in `xlabel` what they are.
    xlabel : str
        What is measured, with the unit.
    digits : int, default 2
        Digits after the point of the written values.
    ax : Axes, optional
        Where to draw.

    Examples
    --------
    >>> bars(["SGD", "Adam"], [0.91, 0.94], [0.01, 0.02], xlabel="test accuracy")
    """
    errors = np.zeros(len(values)) if errors is None else errors
    ax, y = axes(ax, (5.0, 0.8 + 0.4 * len(values))), np.arange(len(values))
    ax.barh(y, values, height=0.62, color=color("sky"))
    if np.any(errors):
        ax.errorbar(values, y, xerr=errors, fmt="none", ecolor=INK, elinewidth=1.2)
    for i, value, error in zip(y, values, errors, strict=True):
        side = -1 if value < 0 else 1
        shift = {"xytext": (4 * side, 0), "textcoords": "offset points"}
        style = {"va": "center", "ha": "left" if side > 0 else "right"}
        text = f"{value:.{digits}f}".replace("-", "−")
        ax.annotate(text, (value + side * error, i), **shift, **style)
    ax.axvline(0, color=GREY, lw=0.8)
    ax.set_yticks(y, labels)
    ax.invert_yaxis()
    ax.margins(x=0.25)
    ax.tick_params(axis="y", length=0)
    ax.spines.left.set_visible(False)
    ax.set_xlabel(xlabel)


def _curves(curves, xlabel, ylabel, log, ax, points=None):
    assert len(curves) <= len(PALETTE), f"{len(curves)} curves, {len(PALETTE)} colours"
    ax = axes(ax)
    for marker, (name, (x, y)) in zip("oxs", (points or {}).items(), strict=False):
        look = {"ms": 4, "color": GREY, "alpha": 0.8, "rasterized": len(x) > MANY}
        ax.plot(x, y, marker, label=name, **look)
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
