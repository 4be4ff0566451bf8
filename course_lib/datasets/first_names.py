"""First names, letter by letter: the data of the pages on sequences.

A model reads a mark that says "begin" and the letters of a name, and predicts what
comes next: the letters, and the mark again, "end". The mark is 0, a is 1, z is 26.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course_lib.core.tensor import array_of
from course_lib.datasets.shipped import FOLDER

ALPHABET = (
    ".abcdefghijklmnopqrstuvwxyz"  # 27 tokens; the mark, 0, is written "."
)
IGNORED = -100  # a target that `cross_entropy` leaves out


class Names(NamedTuple):
    """Names to learn from, to choose by, and to test on once."""

    train: list[str]
    validation: list[str]
    test: list[str]


def names() -> Names:
    """5,163 first names in lower case, shuffled always in the same way.

    Returns
    -------
    Names
        4,131 names to learn from, 516 to choose by (validation), 516 to test on once.

    Notes
    -----
    From the frequency files of the 1990 US Census, in the public domain. The longest
    has 11 letters.

    Examples
    --------
    >>> [len(part) for part in names()]
    [4131, 516, 516]
    """
    listed = (FOLDER / "names" / "names.txt").read_text("ascii").split()
    order = np.random.default_rng(0).permutation(len(listed))
    shuffled = [listed[i] for i in order]
    return Names(shuffled[:4131], shuffled[4131:4647], shuffled[4647:])


def encode(
    names: Sequence[str], length: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Names as tokens: what a model reads, and what it is to predict at each place.

    Parameters
    ----------
    names : sequence of str
        N words of the letters a to z.
    length : int, optional
        Number of columns T, at least one more than letters in the longest name, which
        is the default.

    Returns
    -------
    x : int ndarray, shape (N, T)
        The mark 0, then the letters; shorter names are filled up with 0.
    y : int ndarray, shape (N, T)
        At each place the token that comes next: the letters, then the mark 0; behind
        it −100, which `cross_entropy` leaves out.

    Raises
    ------
    ValueError
        If there are no names, one has other signs than a to z, or one is too long.

    Examples
    --------
    >>> x, y = encode(["eva", "al"])
    >>> x
    array([[ 0,  5, 22,  1],
           [ 0,  1, 12,  0]])
    >>> y
    array([[   5,   22,    1,    0],
           [   1,   12,    0, -100]])
    """
    T = _check_names(names, length)
    x = np.zeros((len(names), T), int)
    y = np.full((len(names), T), IGNORED)
    for row, name in enumerate(names):
        letters = [ALPHABET.index(letter) for letter in name]
        x[row, 1 : 1 + len(name)] = letters
        y[row, : 1 + len(name)] = [*letters, 0]
    return x, y


def _check_names(names: Sequence[str], length: int | None) -> int:
    if isinstance(names, str) or not len(names):
        raise ValueError(
            f"encode: expected a list of at least one name, got {names!r}"
        )
    for name in names:
        if not set(name) <= set(ALPHABET[1:]):
            raise ValueError(
                f"encode: expected names of the letters a to z, got {name!r}"
            )
    longest = 1 + max(len(name) for name in names)
    if length is not None and length < longest:
        raise ValueError(
            f"encode: expected a length of at least {longest}, one more than "
            f"letters in the longest name, got {length}"
        )
    return longest if length is None else length


def decode(tokens: Sequence[int]) -> str:
    """The letters up to the mark that ends a name; a mark at the beginning is skipped.

    Examples
    --------
    >>> decode([0, 5, 22, 1, 0, 0])
    'eva'
    >>> decode([5, 22, 1])
    'eva'
    """
    letters = "".join(ALPHABET[token] for token in array_of(tokens))
    return letters.removeprefix(ALPHABET[0]).split(ALPHABET[0])[0]
