"""The contract that every rule keeps."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from course_lib.core.numerical import largest_error
from course_lib.core.tensor import Tensor, differentiable
from tests.rules import CASES, LIFTED, RULES, Case, is_float

every_case = pytest.mark.parametrize("case", CASES, ids=str)


def test_every_rule_has_a_case():
    assert {case.name for case in CASES} == set(RULES)
    assert len(LIFTED) == len(RULES)  # no two rules have one name


def test_no_two_cases_have_one_name():
    assert max(Counter(map(str, CASES)).values()) == 1


@every_case
def test_derivatives_are_those_of_finite_differences(case: Case):
    value, derivatives = case.run()
    assert np.isfinite(value).all()
    for i in case.learned():
        assert np.isfinite(derivatives[i](case.weights())).all()
    error = largest_error(case.rule, case.arguments, case.weights(), **case.settings)
    assert error < 1e-10


@every_case
def test_each_derivative_has_the_shape_of_its_argument(case: Case):
    _, derivatives = case.run()
    for i in case.learned():
        assert np.shape(derivatives[i](case.weights())) == case.arguments[i].shape


@pytest.mark.parametrize("case", [c for c in CASES if c.name != "cast"], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(case: Case, dtype: type):
    arguments = [a.astype(dtype) if is_float(a) else a for a in case.arguments]
    value, derivatives = case.rule(*arguments, **case.settings)
    assert np.asarray(value).dtype == dtype
    for i in case.learned():
        assert np.asarray(derivatives[i](case.weights().astype(dtype))).dtype == dtype


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if "losses" in c.rule.__module__ and np.ndim(c.run()[0]) == 0],
    ids=str,
)
def test_a_walk_by_hand_may_begin_with_1(case: Case):
    arguments = [a.astype(np.float32) if is_float(a) else a for a in case.arguments]
    value, (to_output, *_) = case.rule(*arguments, **case.settings)
    by_tape, by_hand = to_output(np.ones_like(value)), to_output(1.0)
    np.testing.assert_array_equal(by_tape, by_hand, strict=True)


@every_case
def test_nothing_received_is_changed(case: Case):
    given = [a.copy() if isinstance(a, np.ndarray) else a for a in case.arguments]
    g = case.weights()
    for array in (*given, g):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False  # writing raises ValueError
    value, derivatives = case.rule(*given, **case.settings)
    before = np.copy(value)
    first = [np.copy(derivatives[i](g)) for i in case.learned()]
    again = [derivatives[i](g) for i in case.learned()]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)
    np.testing.assert_array_equal(value, before)
    for now, then in zip(given, case.arguments, strict=True):
        np.testing.assert_array_equal(now, then)


@every_case
def test_the_tape_runs_the_rule_bit_for_bit(case: Case):
    tensors, result = _record(case, case.learned())
    result.backward(case.weights())
    value, derivatives = case.run()
    np.testing.assert_array_equal(result.data, np.asarray(value), strict=True)
    for i in case.learned():
        expected = np.asarray(derivatives[i](case.weights()))
        np.testing.assert_array_equal(tensors[i].grad, expected, strict=True)


@every_case
def test_a_value_used_twice_accumulates(case: Case):
    _, derivatives = case.run()
    tensors, once = _record(case, case.learned())
    (once + case.lifted(*tensors, **case.settings)).backward(case.weights())
    for i in case.learned():
        np.testing.assert_allclose(
            tensors[i].grad, 2 * derivatives[i](case.weights()), rtol=1e-15, atol=1e-300
        )


@pytest.mark.parametrize(
    "case",
    [
        c
        for c in CASES
        if c.learned() == [0, 1] and c.arguments[0].shape == c.arguments[1].shape
    ],
    ids=str,
)
def test_one_value_as_both_arguments_gets_both_derivatives(case: Case):
    x = case.arguments[1]
    _, (to_first, to_second, *_) = case.rule(x, x, *case.arguments[2:], **case.settings)
    g = np.asarray(case.weights())
    leaf = Tensor(x, requires_grad=True)
    case.lifted(leaf, leaf, *case.arguments[2:], **case.settings).backward(g)
    np.testing.assert_array_equal(leaf.grad, to_first(g) + to_second(g))


@every_case
def test_only_derivatives_that_are_needed_are_computed(case: Case):
    asked = []

    def spy(*arrays, **settings):
        value, derivatives = case.rule(*arrays, **settings)
        return value, tuple(
            d and (lambda g, i=i, d=d: asked.append(i) or d(g))
            for i, d in enumerate(derivatives)
        )

    lifted = differentiable(spy)
    for i in case.learned():
        asked.clear()
        tensors = _tensors(case, [i])
        lifted(*tensors, **case.settings).backward(case.weights())
        assert asked == [i]
        others = [*tensors[:i], *tensors[i + 1 :]]
        assert all(t.grad is None for t in others if isinstance(t, Tensor))


@every_case
def test_derivatives_are_new_arrays_or_views_of_g(case: Case):
    """`backward` copies g and its views for a leaf, and trusts all other arrays."""
    value, derivatives = case.run()
    g, other_g = np.copy(case.weights()), np.copy(case.weights())
    kept = [a for a in (*case.arguments, value) if isinstance(a, np.ndarray)]
    for i in case.learned():
        d, again = derivatives[i](g), derivatives[i](other_g)
        assert not any(np.shares_memory(d, array) for array in [*kept, again])
        if np.shares_memory(d, g):
            assert d is g or d.base is not None


@every_case
def test_closures_hold_arrays_and_no_tensors(case: Case):
    _, result = _record(case, case.learned())
    for _, derivative in result._history:
        assert not any(isinstance(held, Tensor) for held in _held_by(derivative))


def _held_by(function: types.FunctionType) -> Iterator:
    """All that a function keeps alive through its closure and its defaults."""
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    for held in [*cells, *(function.__defaults__ or ())]:
        yield held
        if isinstance(held, types.FunctionType):
            yield from _held_by(held)
        elif isinstance(held, tuple | list):
            yield from held


def _tensors(case: Case, needed: list[int]) -> list:
    """The case's arguments, float arrays as tensors."""
    return [
        Tensor(a, requires_grad=i in needed) if is_float(a) else a
        for i, a in enumerate(case.arguments)
    ]


def _record(case: Case, needed: list[int]) -> tuple[list, Tensor]:
    tensors = _tensors(case, needed)
    return tensors, case.lifted(*tensors, **case.settings)
