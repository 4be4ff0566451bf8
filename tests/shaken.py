"""Shaken last bits: play a processor that rounds otherwise, from a seed.

    SHAKEN=1 pytest book

Matrix products, sums, means, powers, exp, log, tanh, least squares, eigenvalues: what
comes out of them differs in the last bit from one processor to the next. With the
variable SHAKEN set to a whole number, every such result, in ``course_lib``, in the
cells of the pages and in their functions that the claims run, is moved by −1, 0 or 1
unit in the last place, drawn from that seed. A page whose outputs stand does not hang
on luck.

Results that are exact everywhere stay: those made of short binary fractions (counts,
truth tables), and the values −1, 0 and 1 of cos, exp, tanh and the like.
"""

import ast
import importlib.abc
import importlib.machinery
import os
import sys
from pathlib import Path

import numpy as np

SEED = os.environ.get("SHAKEN")
PACKAGES = ("course_lib",)
NAME = "__shaken__"

# Sums and products: exact on every processor if their inputs are short.
SUMS = {
    "average", "convolve", "corrcoef", "cov", "cumsum", "dot", "einsum", "inner",
    "matmul", "mean", "outer", "prod", "std", "sum", "tensordot", "trapezoid", "var",
}  # fmt: skip
# Of the rest, only the values −1, 0 and 1 can be trusted.
FUNCTIONS = {
    "arccos", "arcsin", "arctan", "arctan2", "cos", "cosh", "eigh", "eigvals",
    "eigvalsh", "exp", "exp2", "expm1", "inv", "log", "log10", "log1p", "log2",
    "logaddexp", "lstsq", "norm", "polyfit", "power", "qr", "sin", "sinh", "solve",
    "svd", "tan", "tanh",
}  # fmt: skip


class Shaker:
    """Moves the last bits of what goes through it."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def product(self, a, b):
        return self.moved(a @ b, not (_is_short(a) and _is_short(b)))

    def power(self, a, n):
        exact = np.isscalar(n) and n in (0, 1, 2)  # x·x is rounded alike everywhere
        return self.moved(a**n, not exact and not (_is_short(a) and _is_short(n)))

    def sum_of(self, function, *args, **options):
        inputs = [*args, getattr(function, "__self__", None)]
        short = all(_is_short(a) for a in inputs if isinstance(a, np.ndarray | list))
        return _into(options, self.moved(function(*args, **options), not short))

    def value_of(self, function, *args, **options):
        return _into(options, self.moved(function(*args, **options)))

    def moved(self, value, may_differ=True):
        """An array, number or tuple of such, with other last bits."""
        if not may_differ:
            return value
        if isinstance(value, tuple):
            parts = [self.moved(part) for part in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        if isinstance(value, float) and not isinstance(value, np.floating):
            return float(self.moved(np.float64(value)))  # of the module math
        if not isinstance(value, np.ndarray | np.floating) or value.dtype.kind != "f":
            return value
        value = np.asarray(value)
        units = self.rng.integers(-1, 2, value.shape, np.int8)
        with np.errstate(all="ignore"):
            other = np.asarray(value + units * np.spacing(value))
        np.copyto(other, value, where=np.isin(value, (-1, 0, 1)) | ~np.isfinite(value))
        return other[()]  # a number where there are no axes


def _into(options, value):
    """The value; where NumPy was given an array ``out``, that array with it."""
    if (out := options.get("out")) is None:
        return value
    out[...] = value
    return out


def _is_short(a):
    """Whether sums and products of such numbers are exact: k/1024, below 1,000,000."""
    if hasattr(a, "requires_grad"):  # a tensor is shaken in its rules
        return True
    a = np.asarray(a)
    if a.dtype.kind != "f":
        return a.dtype.kind in "biu"
    some = a.flat[:8] * 1024.0  # mostly these tell
    if not (np.rint(some) == some).all():
        return False
    many = a * 1024.0
    return bool((np.rint(many) == many).all() and (np.abs(many) < 1e9).all())


class Transformer(ast.NodeTransformer):
    """Sends matrix products, powers and calls of the functions above through Shaker."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        methods = {ast.MatMult: "product", ast.Pow: "power"}
        if (method := methods.get(type(node.op))) is None:
            return node
        return self._call(node, method, [node.left, node.right])

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        if not isinstance(node.op, ast.MatMult | ast.Pow):
            return node
        left = ast.parse(ast.unparse(node.target), mode="eval").body
        value = self.visit_BinOp(ast.BinOp(left, node.op, node.value))
        return ast.copy_location(ast.Assign([node.target], value), node)

    def visit_Call(self, node):
        self.generic_visit(node)
        name = getattr(node.func, "attr", None)
        if name in SUMS:
            return self._call(node, "sum_of", [node.func, *node.args], node.keywords)
        if name in FUNCTIONS:
            return self._call(node, "value_of", [node.func, *node.args], node.keywords)
        return node

    def _call(self, node, method, args, keywords=()):
        shaker = ast.Name(NAME, ast.Load())
        function = ast.Attribute(shaker, method, ast.Load())
        call = ast.Call(function, args, list(keywords))
        return ast.fix_missing_locations(ast.copy_location(call, node))


def transformed(tree):
    """A module's or cell's syntax tree whose results are shaken, if SHAKEN is set."""
    return Transformer().visit(tree) if SEED else tree


class Loader(importlib.machinery.SourceFileLoader):
    """Loads a module of the package with its results shaken."""

    def get_code(self, fullname):  # past the cache of compiled files
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)

    def source_to_code(self, data, path, *, _optimize=-1):
        return compile(transformed(ast.parse(data)), path, "exec", dont_inherit=True)


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path, target=None):
        if fullname.split(".")[0] not in PACKAGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


def install(shell=None):
    """Shake what is imported from now on and, in a notebook, every cell."""
    if not SEED:
        return
    loaded = [name for name in sys.modules if name.split(".")[0] in PACKAGES]
    assert not loaded, f"imported before it could be shaken: {loaded}"
    import builtins

    setattr(builtins, NAME, Shaker(int(SEED)))
    sys.meta_path.insert(0, Finder())
    if shell is not None:
        shell.ast_transformers.append(Transformer())


def kernel(start):
    """Starts kernels whose cells are shaken, if SHAKEN is set."""

    def start_shaken(*arguments, **options):
        if SEED:
            root = str(Path(__file__).parents[1])
            os.environ["PYTHONPATH"] = root
            line = "from tests import shaken; shaken.install(get_ipython())"
            options["extra_arguments"] = [f"--IPKernelApp.exec_lines={line}"]
        return start(*arguments, **options)

    return start_shaken
