"""Listings show the code that runs."""

from __future__ import annotations

import ast

import pytest

from course_lib import dense, losses, nn, optim
from course_lib.listing import Listing, show
from course_lib.tensor import RULES, Tensor


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
    assert show(documented).code == (
        "def documented(x):\n    # why\n    return x  # what"
    )


def test_a_docstring_that_is_all_stays():
    assert show(only_documented).code == (
        'def only_documented():\n    """All there is."""'
    )


def test_a_class_with_its_methods():
    assert show(Example).code == (
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
    assert show(Example.second).code.startswith("def second(self):\n    # before")


def test_a_rule_is_shown_whether_lifted_or_not():
    code = show(dense.sigmoid).code
    assert code == show(dense.sigmoid.rule).code
    assert code == (
        "@differentiable\n"
        "def sigmoid(u):\n"
        "    o = logistic(u)\n"
        "    return o, (lambda g: g * o * (1 - o),)"
    )


def test_several_things_of_one_module():
    listing = show(nn.ReLU, dense.relu)
    assert listing.path == "course_lib/dense.py"
    assert listing.code == f"{show(nn.ReLU).code}\n\n\n{show(dense.relu).code}"


def test_things_of_two_modules():
    with pytest.raises(ValueError, match=r"show: things of one module.*dense.*losses"):
        show(dense.relu, losses.mse_loss)


def test_how_it_is_rendered():
    listing = show(documented)
    assert isinstance(listing, Listing)
    assert listing.path == "tests/test_listing.py"
    assert listing._repr_markdown_() == (
        f"`tests/test_listing.py`\n\n```python\n{listing.code}\n```"
    )
    assert repr(listing) == f"# tests/test_listing.py\n{listing.code}"


DOORS = [nn, nn.utils, nn.init, optim, optim.lr_scheduler]
OFFERED = {
    thing
    for door in DOORS
    for thing in vars(door).values()
    if callable(thing) and thing.__module__.startswith("course_lib")
}
NEVER_WHOLE = {Tensor}  # pages show its methods


@pytest.mark.parametrize(
    "thing",
    [*sorted(OFFERED - NEVER_WHOLE, key=lambda t: t.__name__), *RULES.values()],
    ids=lambda t: t.__name__,
)
def test_every_listing_is_code_that_fits_on_a_page(thing):
    code = show(thing).code
    ast.parse(code)
    assert max(map(len, code.splitlines())) <= 78
    assert len(code.splitlines()) > 1
