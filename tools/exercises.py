"""Write an exercise into course_lib/exercises.json: hashes and hints, no answers.

    python tools/exercises.py by-hand-1 0.125 --digits 3 --hint "Start at the loss." \
        --mistake -0.125 "Look at the sign of o − y."
    python tools/exercises.py autodiff-2 "lambda u: u * u" --probes "[[0.5], [2.0]]" …

Answers are Python expressions; `np` is NumPy.
"""

import argparse
import json

import numpy as np

from course_lib.page import exercise


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
    given = parser.parse_args()
    probes = given.probes and json.loads(given.probes)

    def value(expression: str) -> object:
        answer = eval(expression, {"np": np})
        return (
            [answer(*map(exercise._argument, p)) for p in probes] if probes else answer
        )

    answer = value(given.answer)
    entry = {
        "hint": given.hint,
        "digits": given.digits,
        "answer": [
            exercise.digest(given.name, i, exercise._spellings(atom, given.digits)[0])
            for i, atom in enumerate(exercise._atoms(answer))
        ],
        "mistakes": {
            exercise.digest(
                given.name, "all", exercise.whole(value(wrong), given.digits)
            ): hint
            for wrong, hint in given.mistake
        },
    }
    if probes:
        entry["probes"] = probes
    known = (
        json.loads(exercise.FILE.read_text("utf-8")) if exercise.FILE.exists() else {}
    )
    known[given.name] = entry
    text = json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False)
    exercise.FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
