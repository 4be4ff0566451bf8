"""What a caller sets: numbers within their limits, and arrays of examples."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from course_lib.core.tensor import Tensor


def check_number(
    where: str,
    name: str,
    value: Any,
    least: float = 0,
    most: float = math.inf,
    *,
    below: float = math.inf,
    whole: bool = False,
) -> None:
    """Refuse a setting that is no finite number within its limits.

    Parameters
    ----------
    where, name : str
        Whose setting it is, and its name, for the message.
    value : object
        The setting. A bool is no number here.
    least, most, below : float
        The limits: least ≤ value ≤ most, and value < below.
    whole : bool, default False
        Whether only an integer will do.

    Raises
    ------
    TypeError
        If the value is no number, or no integer where ``whole`` asks for one.
    ValueError
        If it is outside the limits, infinite or not a number.

    Examples
    --------
    >>> check_number("SGD", "lr", 0.1)
    >>> check_number("SGD", "lr", -0.1)
    Traceback (most recent call last):
        ...
    ValueError: SGD: expected a number of at least 0 as lr, got -0.1
    """
    kind = numbers.Integral if whole else numbers.Real
    is_number = isinstance(value, kind) and not isinstance(value, bool)
    if is_number and least <= value <= most and value < below:
        return  # NaN and infinity do not come here
    limits = [f"at least {least}"] * (least > -math.inf)
    limits += [f"at most {most}"] * (most < math.inf)
    limits += [f"below {below}"] * (below < math.inf)
    kind = "whole " if whole else "" if limits else "finite "
    within = f" of {' and '.join(limits)}" if limits else ""
    error = ValueError if is_number else TypeError
    raise error(
        f"{where}: expected a {kind}number{within} as {name}, got {value!r}"
    )


def as_array(where: str, name: str, value: Any) -> np.ndarray:
    """An array of examples or targets: of an array, a list, a Tensor, or pandas' data.

    What has an index of its own would be indexed by it, and not by place; so its values
    alone are taken.

    Raises
    ------
    TypeError
        If it does not hold one number (or word) in each place, or some are masked.

    Examples
    --------
    >>> as_array("fit", "y", [1, 2])
    array([1, 2])
    """
    if isinstance(value, Tensor):
        return value.data
    kind = type(value).__name__
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    array = np.asarray(value)
    # Numbers of several kinds, as in columns of a table.
    if array.dtype == object:
        array = np.asarray(array.tolist())
        if array.dtype.kind not in "biufc":
            raise TypeError(
                f"{where}: expected numbers in {name}, got {kind} "
                "with other values; convert or drop them first"
            )
    if np.ma.is_masked(value):
        raise TypeError(
            f"{where}: expected numbers in {name}, got some that are masked; "
            "drop or fill them first"
        )
    return array
