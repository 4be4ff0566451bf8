"""Break the code in one place at a time, and see whether the tests notice.

    python tools/mutants.py out.jsonl                         # a sample of all modules
    python tools/mutants.py out.jsonl nn/dense --sample 1000  # one module, every place
    python tools/mutants.py out.jsonl --report                # the table, and survivors

Cosmic Ray (https://cosmic-ray.readthedocs.io) finds the places and makes the
changes; two operators of our own stand below. The changes are made in a copy
of the project in a temporary folder. A run goes on where the file of results ends.
docs/mutation.md tells what was found.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names
from hypothesis import settings
from parso.python.tree import Name, PythonNode
from parso.tree import NodeOrLeaf

ROOT = Path(__file__).resolve().parents[1]
WINGS = "core nn optim datasets perceptron backprop sgd pathologies regularization"
NOT_COPIED = shutil.ignore_patterns(".*", "_build", "__pycache__")
OWN = {  # where the tests of a module do not bear its name
    "optim/sgd": "tests/optim/test_optimizers.py",
    "optim/adaptive": "tests/optim/test_optimizers.py",
    "datasets/batching": "tests/datasets",
    "datasets/shipped": "tests/datasets",
    "core/habits": "tests/test_habits.py",
    "core/settings": "tests/test_training.py",
    "pathologies/no_free_lunch": "tests/claims/pathologies/test_no_free_lunch.py",
    "training": "tests/test_training.py",
}
FAULTS = "tests/test_faults_nn.py tests/test_training.py tests/nn"
MORE = {  # what notices much of the rest in seconds, per wing
    "core": f"{FAULTS} tests/core/test_ops.py tests/core/test_module.py",
    "nn": f"{FAULTS} tests/backprop/test_by_hand.py",
    "optim": "tests/test_training.py tests/optim/test_lr_scheduler.py",
    "datasets": "tests/test_training.py",
    "training": "tests/abuse/test_training.py",
}
REST = (  # for what has survived these
    "tests/core tests/optim tests/datasets tests/backprop tests/test_habits.py",
    "tests/abuse",
    "tests/test_torch.py",
)
SLOW = ("pathologies/no_free_lunch",)  # has claims alone, of minutes; comes last
SECONDS = 600  # for a change that makes a loop endless
# Shifts and bits of fractions, and remainders, are noticed anywhere.
UNLIKELY = ("Shift", "BitOr", "BitAnd", "BitXor", "MatMul", "_Mod", "FloorDiv", "Is")
UNLIKELY += ("IsNot", "USub_Not", "Invert", "UAdd")
OPTIONS = "-x -q --noconftest -p no:cacheprovider --import-mode=importlib -o addopts="
PASSED = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
settings.register_profile(
    "mutants", deadline=None, derandomize=True, database=None, max_examples=15
)
settings.load_profile("mutants")


class WithoutBrowser:
    """A plugin of pytest: tests that need a browser are skipped."""

    @pytest.fixture
    def page_of(self):
        pytest.skip("no browser")


class Ours(Operator):
    """An operator with one place in a node."""

    def mutation_positions(self, node):
        if self.fits(node):
            yield node.start_pos, node.end_pos

    @classmethod
    def examples(cls):
        return ()


class DropKeyword(Ours):
    """f(x, rng=rng) → f(x): an argument that is not passed on."""

    def fits(self, node):
        is_call = node.parent is not None and node.parent.type in ("arglist", "trailer")
        return is_call and node.type == "argument" and node.children[1:2] == ["="]

    def mutate(self, node, index):
        return word("**{}", node)


class DropCall(Ours):
    """check(x) → pass: a statement that only calls something."""

    def fits(self, node):
        first = node.children[0] if node.type == "simple_stmt" else None
        return first is not None and first.type in ("atom_expr", "power")

    def mutate(self, node, index):
        return word("pass\n", node)


def word(text: str, node: NodeOrLeaf) -> PythonNode:
    """A text in the place of a node."""
    first = node.get_first_leaf()
    return PythonNode(node.type, [Name(text, first.start_pos, first.prefix)])


OPERATORS = {name: get_operator(name) for name in operator_names()}
OPERATORS = {k: v for k, v in OPERATORS.items() if not v.arguments()}
OPERATORS |= {kind.__name__: kind for kind in (DropKeyword, DropCall)}


def modules() -> list[str]:
    folder = ROOT / "course_lib"
    paths = [p for wing in WINGS.split() for p in sorted((folder / wing).glob("*.py"))]
    names = [str(p.relative_to(folder).with_suffix("")) for p in paths]
    return [name for name in names if not name.endswith("__init__")] + ["training"]


def places(module: str) -> Iterator[tuple]:
    """Each place that can be changed, with one of the ways, drawn at random."""
    tree = get_ast((ROOT / f"course_lib/{module}.py").read_text("utf-8"))
    nodes = list(ast_nodes(tree))
    ways: dict[tuple, list] = {}
    for name, kind in OPERATORS.items():
        spots = [(n, p[0]) for n in nodes for p in kind().mutation_positions(n)]
        for occurrence, (node, start) in enumerate(spots):
            if not name.endswith(UNLIKELY) and counts(node):
                family = name.split("/")[-1].split("_")[0]
                way = name, occurrence, definition(node)
                ways.setdefault((start, family), []).append(way)
    for (start, _), several in ways.items():
        yield module, start, *random.Random(f"{module}{start}").choice(several)


def counts(node: NodeOrLeaf) -> bool:
    """Whether a change would be seen: not in a type, nor in the text of a message."""
    while node.parent is not None:
        if node.type in ("tfpdef", "annassign", "fstring_expr"):
            return False
        if node.parent.type == "funcdef" and node.type not in ("parameters", "suite"):
            return False  # the type that is returned
        node = node.parent
    return True


def definition(node: NodeOrLeaf) -> str:
    """The name of the function or class of a module that a node belongs to."""
    while node.parent is not None and node.parent.type != "file_input":
        node = node.parent
    found = [c for c in [node, *getattr(node, "children", ())] if hasattr(c, "name")]
    return found[0].name.value if found else ""


def judges(module: str, name: str, thorough: bool) -> list[str]:
    """Tests to run, one after the other, as long as nothing is noticed."""
    folder, _, page = module.rpartition("/")
    lessons = f"tests/abuse/test_lessons.py tests/{folder}"
    if thorough:
        return REST if (folder or page) in MORE else [f"tests/claims/{folder}"]
    own = OWN.get(module, f"tests/{folder}/test_{page}.py")
    own = own if (ROOT / own).exists() else f"tests/{folder}"
    own += f" --doctest-modules course_lib/{module}.py"
    rules = [f"tests/core/test_rules.py -k {name}"] if folder in ("core", "nn") else []
    return [own, *rules, MORE.get(folder or page, lessons)]


def passes(tests: str) -> tuple[bool, str]:
    """Whether tests pass, in a process of its own, and the end of what it prints."""
    with tempfile.TemporaryFile("w+") as printed:
        if not (child := os.fork()):
            signal.alarm(SECONDS)  # it is ended then
            os.dup2(printed.fileno(), 1)
            code = None
            try:
                sys.path[0] = os.getcwd()
                code = pytest.main(
                    [*OPTIONS.split(), *tests.split()], [WithoutBrowser()]
                )
            finally:
                sys.stdout.flush()
                os._exit(code not in PASSED)
        _, status = os.waitpid(child, 0)
        printed.seek(0)
        return status == 0, printed.read().strip()[-300:]


def run(results: Path, chosen: list[tuple], thorough: bool) -> None:
    """Try changes; one line of JSON for each."""
    found = {tuple(r["change"]): r["killed"] for r in read(results)}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(ROOT, Path(folder, "copy"), ignore=NOT_COPIED))
        os.chdir(copy)
        os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        with contextlib.suppress(ImportError):
            import torch  # noqa: F401  (slow, so not in each process of its own)
        for module in [] if found else sorted({module for module, *_ in chosen}):
            passed, output = passes(judges(module, "", False)[0])
            if not passed:
                sys.exit(f"{module}: tests fail before anything is changed.\n{output}")
        for module, (line, column), way, occurrence, name in chosen:
            change = module, line, column, way
            if change in found and not (thorough and not found[change]):
                continue
            path = copy / f"course_lib/{module}.py"
            original = path.read_text("utf-8")
            changed = mutate_code(original, OPERATORS[way](), occurrence)
            try:
                compile(changed, path, "exec")
            except SyntaxError:  # a star that does not multiply
                continue
            path.write_text(changed, "utf-8")
            for tests in judges(module, name, thorough):
                survived, output = passes(tests)
                if not survived:
                    break
            path.write_text(original, "utf-8")
            for bytecode in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
                bytecode.unlink()  # two changes in one second look alike
            pairs = zip(original.splitlines(), changed.splitlines(), strict=False)
            before, after = next(((a, b) for a, b in pairs if a != b), ("", ""))
            told = {"change": change, "killed": not survived}
            told |= {"before": before.strip(), "after": after.strip(), "by": output}
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(told, ensure_ascii=False) + "\n")


def read(results: Path) -> list[dict]:
    """Of each change the last result."""
    if not results.exists():
        return []
    lines = results.read_text("utf-8").splitlines()
    last = {tuple(r["change"]): r for r in map(json.loads, lines)}
    return list(last.values())


def report(results: Path) -> None:
    """Print how many of each module were noticed, and which were not."""
    found, killed = Counter(), Counter()
    for r in read(results):
        found[r["change"][0]] += 1
        killed[r["change"][0]] += r["killed"]
    print("| module | changes | noticed |\n|---|--:|--:|")
    for module, n in found.items():
        print(f"| `{module}` | {n} | {killed[module]} |")
    n, k = found.total(), killed.total()
    print(f"| all | {n} | {k} ({k / n:.1%}) |\n")
    for r in read(results):
        if not r["killed"]:
            module, line, *_ = r["change"]
            print(f"- `{module}` {line}: `{r['before']}` → `{r['after']}`")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("modules", nargs="*", default=modules())
    parser.add_argument("--sample", type=int, default=500, help="how many changes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--thorough", action="store_true", help="again, by more tests")
    parser.add_argument("--report", action="store_true")
    given = parser.parse_args()
    if given.report:
        return report(given.results)
    every = [place for module in given.modules for place in places(module)]
    random.Random(given.seed).shuffle(every)
    print(f"{len(every)} places, {min(given.sample, len(every))} of them changed")
    chosen = sorted(every[: given.sample], key=lambda place: place[0] in SLOW)
    run(given.results.resolve(), chosen, given.thorough)
    report(given.results)


if __name__ == "__main__":
    main()
