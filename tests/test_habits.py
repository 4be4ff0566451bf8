"""docs/from_pytorch.md, line by line: what is typed by habit works, or is answered."""

from __future__ import annotations

import ast
import builtins
import re
from pathlib import Path

import numpy as np
import pytest

import course_lib
from course_lib import Tensor, nn
from course_lib.core import habits

PAGE = (Path(__file__).parents[1] / "docs" / "from_pytorch.md").read_text("utf-8")
SETUP = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
ROW = re.compile(
    r"^\| `(?P<typed>.+?)` \| (?:(?P<error>\w+): )?`(?P<here>.+?)` \|", re.M
)
ROWS = [match.groups() for match in ROW.finditer(PAGE)]


def test_every_row_is_read():
    lines = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(ROWS) == len(lines) > 70


def typed(code: str, names: dict):
    """Run lines of code (␤ ends one); the value of the last, if it has one."""
    *before, last = ast.parse(code.replace("␤", "\n")).body
    exec(compile(ast.Module(before, []), "<typed>", "exec"), names)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "<typed>", "eval"), names)
    return exec(compile(ast.Module([last], []), "<typed>", "exec"), names)


def plain(value):
    return value.detach().numpy() if isinstance(value, Tensor) else value


@pytest.mark.parametrize(("code", "error", "here"), ROWS, ids=[row[0] for row in ROWS])
def test_habits(code, error, here):
    names: dict = {}
    exec(SETUP, names)
    if error:
        with pytest.raises(getattr(builtins, error), match=re.escape(here)):
            typed(code, names)
        return
    found, expected = plain(typed(code, names)), plain(eval(here, names))
    if isinstance(found, np.ndarray):
        np.testing.assert_allclose(
            found, np.asarray(expected), rtol=1e-15, strict=False
        )
        assert found.shape == np.shape(expected)
        assert found.dtype.kind == np.asarray(expected).dtype.kind
    else:
        assert found == expected


def test_what_the_messages_advise_is_right():
    """The sentences about label_smoothing and weights, computed."""
    torch = pytest.importorskip("torch")
    import course_lib.nn.functional as F

    rng = np.random.default_rng(0)
    u, y, ε = rng.normal(size=(5, 3)), np.array([0, 2, 1, 0, 2]), 0.1
    theirs = [torch.tensor(u), torch.tensor(y)]
    smooth = (1 - ε) * F.cross_entropy(u, y) - ε * F.log_softmax(u).mean()
    expected = torch.nn.functional.cross_entropy(*theirs, label_smoothing=ε)
    assert smooth.item() == pytest.approx(expected.item(), rel=1e-12)
    o, t, w = u[:, 0], y > 0, np.array([3.0])
    losses = F.binary_cross_entropy_with_logits(o, t, reduction="none")
    ours = (losses * np.where(t, w, 1)).mean()
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.tensor(o), torch.tensor(t * 1.0), pos_weight=torch.tensor(w)
    )
    assert ours.item() == pytest.approx(expected.item(), rel=1e-12)


def test_no_advice_outlives_what_is_missing():
    """A name that the package has by now needs no advice."""
    for thing, ways in [
        (Tensor(1.0), habits.TENSOR),
        (nn.Module(), habits.MODULE),
        (course_lib, habits.TOP),
    ]:
        assert [name for name in ways if hasattr(thing, name)] == []
    there = [n for n in habits.NN if hasattr(nn, n) or hasattr(nn.functional, n)]
    assert there == []
