"""Listings show the code that runs."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from course_lib import nn, optim
from course_lib.core.tensor import Tensor
from course_lib.nn import dense, losses
from course_lib.page import show
from tests.rules import RULES


def code_of(thing):
    (code,) = show(thing).code_of.values()
    return code


def documented(x):
    """Say something that a page does not repeat.

    At length.
    """
    # why
    return x  # what


def only_documented():
    """All there is."""


class Example:
    """A class.

    With more lines.
    """

    # a comment in the class

    def first(self):
        """A method."""
        text = """not a docstring"""
        return text

    def second(self):
        # before the work

        return 2


def test_docstrings_are_left_out_and_comments_kept():
    assert code_of(documented) == (
        "def documented(x):\n    # why\n    return x  # what"
    )


def test_a_docstring_that_is_all_stays():
    assert code_of(only_documented) == (
        'def only_documented():\n    """All there is."""'
    )


def test_a_class_with_its_methods():
    assert code_of(Example) == (
        "class Example:\n"
        "    # a comment in the class\n"
        "\n"
        "    def first(self):\n"
        '        text = """not a docstring"""\n'
        "        return text\n"
        "\n"
        "    def second(self):\n"
        "        # before the work\n"
        "\n"
        "        return 2"
    )


def test_a_method_begins_at_the_margin():
    assert code_of(Example.second).startswith("def second(self):\n    # before")


def test_a_rule_is_shown_whether_lifted_or_not():
    code = code_of(dense.sigmoid)
    assert code == code_of(dense.sigmoid.rule)
    assert code == (
        "@differentiable\n"
        "def sigmoid(u):\n"
        "    o = logistic(u)\n"
        "    return o, (lambda g: g * o * (1 - o),)"
    )


def annotated(
    x: np.ndarray | float,
    /,
    y: float = 1e-3,
    *rest: int,
    key: str = "a: b",
    **options: dict[str, int],
) -> tuple[int, ...]:  # two spaces before a comment
    z: int = 1
    return x, y, z


def many(
    first, second, third=(1, 2), *, fourth="a, b", fifth=None, sixth=None, seven=0
):
    return first


def test_a_signature_has_no_annotations():
    assert code_of(annotated).splitlines()[0] == (
        'def annotated(x, y=1e-3, *rest, key="a: b", **options):'
    )


def test_a_long_signature_is_wrapped_between_arguments():
    assert code_of(many) == (
        "def many(\n"
        '    first, second, third=(1, 2), *, fourth="a, b", fifth=None, sixth=None,\n'
        "    seven=0\n"
        "):\n"
        "    return first"
    )


def test_several_things_of_one_file_share_a_title():
    listing = show(nn.ReLU, dense.relu)
    assert listing.code_of == {
        "course_lib/nn/dense.py": f"{code_of(nn.ReLU)}\n\n\n{code_of(dense.relu)}"
    }


def test_things_of_two_files_have_two_titles():
    assert [*show(dense.relu, losses.mse_loss).code_of] == [
        "course_lib/nn/dense.py",
        "course_lib/nn/losses.py",
    ]


def test_how_it_is_rendered():
    listing, code = show(documented), code_of(documented)
    assert listing._repr_markdown_() == (
        f"`tests/page/test_listing.py`\n\n```python\n{code}\n```"
    )
    assert repr(listing) == f"# tests/page/test_listing.py\n{code}"


OFFERING = [nn, nn.utils, nn.init, optim, optim.lr_scheduler]
OFFERED = dict.fromkeys(
    thing
    for module in OFFERING
    for name, thing in vars(module).items()
    if name[0] != "_"  # pages show nothing private
    and callable(thing)
    and thing.__module__.startswith("course_lib")
)
NEVER_WHOLE = {Tensor}  # pages show its methods


@pytest.mark.parametrize(
    "thing",
    [*(t for t in OFFERED if t not in NEVER_WHOLE), *RULES.values()],
    ids=lambda t: t.__name__,
)
def test_every_listing_is_code_that_fits_on_a_page(thing):
    code = code_of(thing)
    ast.parse(code)
    assert max(map(len, code.splitlines())) <= 78
    assert len(code.splitlines()) > 1
