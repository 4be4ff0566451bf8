"""Bars with their numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_lib.page.style import GREY, INK, SKY, axes


def bars(
    labels: Sequence[str],
    values: ArrayLike,
    errors: ArrayLike | None = None,
    *,
    xlabel: str,
    digits: int = 2,
    ax: Axes | None = None,
) -> None:
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

    Raises
    ------
    ValueError
        If the lengths differ or there is no bar.

    Examples
    --------
    >>> bars(["SGD", "Adam"], [0.91, 0.94], [0.01, 0.02], xlabel="test accuracy")
    """
    values = np.asarray(values, dtype=float)
    errors = np.zeros(len(values)) if errors is None else np.asarray(errors, float)
    if not len(labels) == len(values) == len(errors) or len(values) == 0:
        raise ValueError(
            f"bars: {len(labels)} labels, {len(values)} values, {len(errors)} errors; "
            "give the same number of each, at least one"
        )
    ax = axes(ax, (6.0, 0.9 + 0.5 * len(values)))
    y = np.arange(len(values))
    ax.barh(y, values, height=0.62, color=SKY)
    if errors.any():
        ax.errorbar(values, y, xerr=errors, fmt="none", ecolor=INK, elinewidth=1.3)
    for i, (value, error) in enumerate(zip(values, errors, strict=True)):
        text = f"{value:.{digits}f}".replace("-", "−")
        end, side = (value - error, -1) if value < 0 else (value + error, 1)
        style = {"va": "center", "ha": "left" if side > 0 else "right"}
        shift = {"xytext": (5 * side, 0), "textcoords": "offset points"}
        ax.annotate(text, (end, i), **shift, **style)
    ax.axvline(0, color=GREY, lw=0.9)
    ax.set_yticks(y, labels)
    ax.invert_yaxis()
    ax.margins(x=0.2)
    ax.tick_params(axis="y", length=0)
    ax.spines.left.set_visible(False)
    ax.set_xlabel(xlabel)
