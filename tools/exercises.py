"""Write an exercise into course_lib/page/exercises.json: hashes and hints, no answers.

    python tools/exercises.py by-hand-1 0.125 --digits 3 --hint "Start at the loss." \
        --mistake -0.125 "Look at the sign of o − y."
    python tools/exercises.py autodiff-2 "lambda u: u * u" --probes "[[0.5], [2.0]]" …

Answers are Python expressions; `np` is NumPy. The site has a box to type the answer
in. Several values want a label each, and a word to be chosen wants its choices:

    python tools/exercises.py chain-rule-2 "[40, 36]" … --label paths --label edges
    python tools/exercises.py minima-3 "'more'" … --choice more --choice less

A function cannot be typed in a box. An exercise that asks for one names a companion, an
exercise with a question of its own, which the function answers:

    python tools/exercises.py autodiff-2 "lambda u: …" … --companion autodiff-2-value
    python tools/exercises.py autodiff-2-value 0.5 … --question "What is f′(0)?"
"""

import argparse
import json

import numpy as np

from course_lib.page import exercise

REQUIRED = ("hint", "digits", "answer", "mistakes")


def load() -> dict[str, dict]:
    """All exercises by name."""
    return json.loads(exercise.FILE.read_text("utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("answer", help="a Python expression")
    parser.add_argument("--digits", type=int, default=0, help="decimals that count")
    parser.add_argument("--hint", required=True)
    parser.add_argument("--mistake", nargs=2, action="append", default=[])
    parser.add_argument(
        "--probes", help="argument lists that a function is called with"
    )
    parser.add_argument("--label", action="append", help="a value's name, in order")
    parser.add_argument("--columns", type=int, help="values in a row of the box")
    parser.add_argument("--choice", action="append", help="what a value may be")
    parser.add_argument("--question", help="what the box asks, if the page does not")
    parser.add_argument("--companion", help="the exercise in the box of a function")
    given = parser.parse_args()
    probes = given.probes and json.loads(given.probes)

    def value(expression: str) -> object:
        answer = eval(expression, {"np": np})
        return (
            [answer(*map(exercise._argument, p)) for p in probes] if probes else answer
        )

    answer = value(given.answer)
    atoms = exercise._atoms(answer)
    entry = {
        "hint": given.hint,
        "digits": given.digits,
        "answer": [
            exercise.digest(given.name, i, exercise._spellings(atom, given.digits)[0])
            for i, atom in enumerate(atoms)
        ],
        "mistakes": {
            exercise.digest(
                given.name, "all", exercise.whole(value(wrong), given.digits)
            ): hint
            for wrong, hint in given.mistake
        },
    }
    entry |= {
        "probes": probes,
        "words": [i for i, atom in enumerate(atoms) if isinstance(atom, str)],
        "labels": given.label,
        "columns": given.columns,
        "choices": given.choice,
        "question": given.question,
        "companion": given.companion,
    }
    entry = {key: part for key, part in entry.items() if part or key in REQUIRED}
    known = (
        json.loads(exercise.FILE.read_text("utf-8")) if exercise.FILE.exists() else {}
    )
    known[given.name] = entry
    text = json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False)
    exercise.FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
