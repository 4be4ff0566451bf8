"""Break the code in one place at a time, and see whether the tests notice.

    python tools/mutants.py                      # the core
    python tools/mutants.py course_lib/nn/dense.py --tests tests/nn/test_dense.py

Each change swaps one sign, operator, comparison or constant. It is made in a copy of
the project in a temporary folder; the working tree is never touched. The exit status
is 1 if a change survives that `EQUIVALENT` does not excuse.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
CORE = (  # modules
    "core/tensor",
    "core/ops",
    "core/module",
    "nn/dense",
    "nn/losses",
    "nn/utils",
    "optim/sgd",
    "optim/adaptive",
    "optim/lr_scheduler",
)
TESTS = (  # folders and files
    "tests/core",
    "tests/nn",
    "tests/optim",
    "tests/backprop/test_by_hand.py",
    "tests/test_training.py",
    "tests/test_torch.py",
)
OWN = {  # where a test of a module has another name
    "course_lib/optim/sgd.py": "tests/optim/test_optimizers.py",
    "course_lib/optim/adaptive.py": "tests/optim/test_optimizers.py",
}
NOT_COPIED = shutil.ignore_patterns(".*", "_build", "__pycache__", "book", "*.gz")

SWAPS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Mod: ast.Mult,
    ast.USub: ast.UAdd,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
# Changed lines, and why no test can see the change.
EQUIVALENT = {
    "waiting = [(+self._order, self)]": "a heap of one is in order",
    "def _accumulate(self, d: np.ndarray, lent: bool=True) -> None:": (
        "one needless copy of the seed"
    ),
    "return np.where(u > 0, 1, e) / (1 + e)": "e is 1 where u is 0",
    "m = memory['m'] = alpha * memory.get('m', 0) - (1 - alpha) * g": (
        "only the square of m is used"
    ),
    "return a.reshape(-2, a.shape[-1])": "NumPy takes any negative size as unknown",
}


class Change(NamedTuple):
    path: str
    line: int
    before: str  # the changed statement
    after: str
    source: str  # of the whole changed module


def changes(path: str) -> Iterator[Change]:
    """A module with one place changed, for every place."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    original = ast.unparse(tree).splitlines()
    for node in ast.walk(tree):
        for field, new in replacements(node):
            old = getattr(node, field)
            setattr(node, field, new)
            source = ast.unparse(tree)
            setattr(node, field, old)
            pairs = zip(original, source.splitlines(), strict=True)
            before, after = next((a, b) for a, b in pairs if a != b)
            yield Change(path, node.lineno, before.strip(), after.strip(), source)


def replacements(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Fields of a node, with what to put there instead."""
    match node:
        case ast.BinOp(op=op) | ast.BoolOp(op=op) | ast.UnaryOp(op=op):
            if type(op) in SWAPS:
                yield "op", SWAPS[type(op)]()
            if isinstance(op, ast.Not):
                yield "operand", ast.UnaryOp(ast.Not(), node.operand)
        case ast.Compare(ops=ops):
            for i, op in enumerate(ops):
                if type(op) in SWAPS:
                    yield "ops", [*ops[:i], SWAPS[type(op)](), *ops[i + 1 :]]
        case ast.IfExp(test=test):
            yield "test", ast.UnaryOp(ast.Not(), test)
        case ast.Constant(value=bool() as value):
            yield "value", not value
        case ast.Constant(value=int() | float() as value):
            yield "value", value + 1


def passes(copy: Path, tests: Sequence[str]) -> bool:
    """Whether the tests pass in a copy of the project."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--noconftest"]
    quiet = ["-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:nbval"]
    # Without .pyc files: a change of the same size in the same second is a change.
    environment = os.environ | {
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    try:
        done = subprocess.run(
            [*command, *quiet, *tests],
            cwd=copy,
            env=environment,
            capture_output=True,
            timeout=300,  # seconds, for a change that makes a loop endless
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def verdict_on(change: Change, copies: Queue, tests: Sequence[str]) -> str:
    """Return "caught", "survived" or "equivalent"."""
    if change.after in EQUIVALENT:
        return "equivalent"
    path = Path(change.path)
    own = f"tests/{path.parent.name}/test_{path.name}"
    own = [OWN.get(change.path, own)]  # the likeliest to notice
    copy = copies.get()
    try:
        original = (copy / change.path).read_text(encoding="utf-8")
        (copy / change.path).write_text(change.source, encoding="utf-8")
        survived = passes(copy, own) and passes(copy, tests)
        (copy / change.path).write_text(original, encoding="utf-8")
    finally:
        copies.put(copy)
    return "survived" if survived else "caught"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    core = [f"course_lib/{name}.py" for name in CORE]
    parser.add_argument("files", nargs="*", default=core, help="modules to break")
    parser.add_argument("--tests", nargs="+", default=TESTS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    every = [change for path in given.files for change in changes(path)]
    with tempfile.TemporaryDirectory() as folder:
        copies: Queue = Queue()
        for i in range(given.jobs):
            copies.put(
                Path(shutil.copytree(ROOT, Path(folder, str(i)), ignore=NOT_COPIED))
            )
        copy = copies.get()
        if not passes(copy, given.tests):
            sys.exit("The tests fail before anything is changed.")
        copies.put(copy)
        with ThreadPoolExecutor(copies.qsize()) as pool:
            verdicts = pool.map(lambda c: verdict_on(c, copies, given.tests), every)
            counts = dict.fromkeys(("caught", "equivalent", "survived"), 0)
            for change, verdict in zip(every, verdicts, strict=True):
                counts[verdict] += 1
                place = f"{change.path}:{change.line}"
                print(
                    f"{verdict:10} {place}: {change.before} → {change.after}",
                    flush=True,
                )
    print(f"{len(every) - counts['equivalent']} changes, {counts['caught']} caught")
    return int(counts["survived"] > 0)


if __name__ == "__main__":
    sys.exit(main())
