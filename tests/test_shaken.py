"""Shaken last bits: what is moved, what stays, and that the package feels it."""

import ast
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_lib.core.tensor import Tensor
from tests.shaken import Shaker, Transformer

ROOT = Path(__file__).parents[1]
RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(30, 40)), RNG.normal(size=(40, 20))


def shaken(expression, seed=0, **names):
    tree = Transformer().visit(ast.parse(expression, mode="eval"))
    code = compile(ast.fix_missing_locations(tree), "", "eval")
    return eval(code, {"np": np, "__shaken__": Shaker(seed), **names})


@pytest.mark.parametrize(
    "expression",
    [
        "A @ B",
        "A ** 3",
        "np.exp(A)",
        "np.tanh(A)",
        "A.sum(axis=0)",
        "np.mean(A, axis=1)",
        "np.linalg.svd(A)[1]",
        "np.exp(A.astype(np.float32))",
    ],
)
def test_results_move_by_a_unit_in_the_last_place(expression):
    true, moved = (
        eval(expression, {"np": np, "A": A, "B": B}),
        shaken(expression, A=A, B=B),
    )
    units = (moved - true) / np.spacing(np.abs(true))
    assert set(np.unique(units)) == {-1, 0, 1}
    assert moved.dtype == true.dtype


def test_what_is_written_into_an_array_moves_too():
    for expression in ("np.tanh(A, out=out)", "np.matmul(A, A.T, out=out)"):
        out = np.empty((30, 40 if "tanh" in expression else 30))
        true = eval(expression, {"np": np, "A": A, "out": np.empty_like(out)})
        found = shaken(expression, A=A, out=out)
        assert found is out and (out != true).any()
        np.testing.assert_allclose(out, true, rtol=1e-15)


def test_one_number_moves_too():
    values = {float(shaken("A.mean()", seed, A=A)) for seed in range(9)}
    assert len(values) == 3
    values = {shaken("math.exp(0.3)", seed, math=math) for seed in range(9)}
    assert len(values) == 3


@pytest.mark.parametrize(
    "expression",
    [
        "(A > 0).mean()",
        "np.array([[1.0, 0.5]]) @ np.array([[2.0], [4.0]])",
        "np.array([0.25, 3.0]).sum()",
        "A ** 2",
        "np.exp(np.zeros(3))",
        "np.cos(np.full(9, np.pi))",  # −1
        "np.arange(4) @ np.arange(4)",
        "A + A * A / (1 + A * A)",
        "np.sqrt(A * A)",
    ],
)
def test_what_is_exact_everywhere_stays(expression):
    for seed in range(5):
        moved = shaken(expression, seed, A=A)
        assert np.array_equal(moved, eval(expression, {"np": np, "A": A}))


def test_a_seed_gives_the_same_run():
    assert np.array_equal(shaken("A @ B", 7, A=A, B=B), shaken("A @ B", 7, A=A, B=B))
    assert not np.array_equal(
        shaken("A @ B", 7, A=A, B=B), shaken("A @ B", 8, A=A, B=B)
    )


def test_the_package_is_shaken_when_asked():
    program = (
        "from tests import shaken; shaken.install()\n"
        "import numpy as np\n"
        "from course_lib.nn.functional import tanh\n"
        "u = np.linspace(0.1, 2, 99)\n"
        "print((tanh(u).data != np.tanh(u)).any())"
    )
    for seed, felt in (("1", "True"), ("", "False")):
        run = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"SHAKEN": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        assert run.stdout.strip() == felt, run.stderr


def test_a_product_of_tensors_is_left_to_its_rule():
    a = Tensor(A, requires_grad=True)
    product = shaken("a @ B", a=a, B=B)
    assert isinstance(product, Tensor) and np.allclose(product.data, A @ B)
