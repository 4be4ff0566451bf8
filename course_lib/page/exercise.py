"""Self-checks: `check` says whether an answer is right, without holding it.

``exercises.json`` beside this file has, for each exercise, hashes of the right
answer and of common mistakes, and hints. `tools/exercises.py` writes it. The answer
boxes of the site judge by the same file and the same rules (`book/assets/answers.js`).
"""

from __future__ import annotations

import hashlib
import json
import math
import numbers
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("exercises.json")


def check(name: str, answer: Any) -> None:
    """Print whether the answer to an exercise is right, or else a hint.

    Nothing is printed while there is no answer.

    Parameters
    ----------
    name : str
        The exercise, for instance "by-hand-1".
    answer : number, array, str, bool or function
        ``...`` stands for no answer. Numbers are compared to the digits that
        the exercise asks for; without digits they must be whole. True counts as 1, and
        False as 0. A function is called with arguments of ours.

    Raises
    ------
    KeyError
        If there is no such exercise.
    """
    exercises = json.loads(FILE.read_text(encoding="utf-8"))
    if name not in exercises:
        raise KeyError(f"check: no exercise {name!r}; there are {sorted(exercises)}")
    if sentence := verdict(name, exercises[name], answer):
        print(f"{name}: {sentence}")


def verdict(name: str, exercise: dict, answer: Any) -> str:
    """What `check` prints after the name; nothing while an answer is ``...``."""
    if answer is not ... and callable(answer) != ("probes" in exercise):
        wanted = "a function" if "probes" in exercise else "a value, not a function"
        return f"{wanted} is asked for here."
    if callable(answer):
        try:
            answer = [answer(*map(_argument, probe)) for probe in exercise["probes"]]
        except Exception as error:  # whatever a learner's function raises
            return f"not yet. Your function raised {type(error).__name__}: {error}"
    atoms, right = _atoms(answer), exercise["answer"]
    if ... in atoms:
        return ""
    if len(atoms) != len(right):
        return f"not yet. {len(right)} values are asked for, {len(atoms)} came."
    digits = exercise.get("digits", 0)
    wrong = [
        i
        for i, atom in enumerate(atoms)
        if not any(digest(name, i, t) == right[i] for t in _spellings(atom, digits))
    ]
    if not wrong:
        return "right."
    known = exercise.get("mistakes", {})
    hint = known.get(digest(name, "all", whole(answer, digits)), exercise["hint"])
    which = f" (value {wrong[0]}, counted from 0, is the first wrong one)"
    return f"not yet{which if len(atoms) > 1 else ''}. {hint}"


def digest(name: str, place: int | str, text: str) -> str:
    """Twelve hexadecimal digits that stand for an answer."""
    return hashlib.sha256(f"{name}/{place}/{text}".encode()).hexdigest()[:12]


def whole(answer: Any, digits: int) -> str:
    """A whole answer as one text."""
    return " ".join(_spellings(atom, digits)[0] for atom in _atoms(answer))


def _argument(probe: Any) -> Any:
    return np.array(probe) if isinstance(probe, list) else probe


def _atoms(answer: Any) -> list:
    """The single numbers, words or truth values that an answer is made of."""
    if isinstance(answer, list | tuple):
        return [atom for part in answer for atom in _atoms(part)]
    if hasattr(answer, "detach"):  # a tensor
        answer = answer.detach().numpy()
    return np.ravel(answer).tolist()


def _spellings(atom: Any, digits: int) -> list[str]:
    """The texts an atom may stand for; the first is its own."""
    if isinstance(atom, str):
        return [" ".join(atom.lower().split())]
    if isinstance(atom, bool):
        return [str(atom), str(atom * 10**digits)]
    if not isinstance(atom, numbers.Real) or not abs(atom) < 1e300:
        return [str(atom)]  # also infinity and NaN
    u = float(atom) * 10**digits
    if not digits and not math.isclose(u, round(u), rel_tol=1e-9, abs_tol=1e-9):
        return [str(u)]  # no whole number
    # One unit in the last decimal either way is a matter of rounding on the way.
    return [str(round(u) + nudge) for nudge in ((0, -1, 1) if digits else (0,))]
