"""Operators and methods of tensors; their derivatives are checked in test_rules.py."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import course_lib
from course_lib import Tensor, cat, exp, log, matmul, no_grad, sqrt, stack, where
from course_lib.core import ops
from course_lib.core.ops import unbroadcast

A = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
ROW = np.array([2.0, 0.5, -1.0])
OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.eq,
    operator.ne,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
]


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.__name__)
@pytest.mark.parametrize("other", [ROW, 2, 2.0, -1.5, np.float64(3)], ids=str)
def test_operators_on_tensors_arrays_and_numbers(op, other):
    for a, b in [(A, other), (other, A)]:
        expected = op(a, b)
        left = Tensor(a) if isinstance(a, np.ndarray) else a
        right = Tensor(b) if isinstance(b, np.ndarray) else b
        results = [op(left, right)]
        if isinstance(left, Tensor):
            results.append(op(left, b))
        if isinstance(right, Tensor):
            results.append(op(a, right))
        for result in results:
            assert isinstance(result, Tensor)
            np.testing.assert_array_equal(result.data, expected, strict=True)


def test_an_array_on_the_left_asks_the_tensor():
    x = Tensor(ROW, requires_grad=True)
    L = ((A + x) * (A - x) / (A * A + x * x)).sum() + (A @ x).sum() + (2 - x).sum()
    L.backward()
    t, A2 = ROW, A * A
    slope = (-2 * t * (A2 + t * t) - (A2 - t * t) * 2 * t) / (A2 + t * t) ** 2
    np.testing.assert_allclose(x.grad, slope.sum(axis=0) + A.sum(axis=0) - 1)


@pytest.mark.parametrize(
    ("a", "b"),
    [(A, ROW), (A.T, A), (ROW, A.T), (ROW, ROW)],
    ids=["mv", "mm", "vm", "vv"],
)
def test_matmul(a, b):
    for result in (Tensor(a) @ Tensor(b), Tensor(a) @ b, a @ Tensor(b), matmul(a, b)):
        np.testing.assert_array_equal(result.data, np.asarray(a @ b), strict=True)


@pytest.mark.parametrize(
    "shapes", [((2, 3), (2, 3)), ((3,), (2,)), ((), (3,)), ((3,), ())]
)
def test_matmul_of_shapes_that_do_not_fit(shapes):
    a, b = (np.ones(shape) for shape in shapes)
    with pytest.raises((ValueError, IndexError), match=r"mismatch|0-dimensional"):
        matmul(Tensor(a), Tensor(b))


def test_functions_and_methods_agree_with_numpy():
    x = np.abs(A)
    for ours, numpys in [
        (exp, np.exp),
        (log, np.log),
        (sqrt, np.sqrt),
        (Tensor.exp, np.exp),
        (Tensor.log, np.log),
        (Tensor.sqrt, np.sqrt),
        (Tensor.abs, np.abs),
        (operator.neg, np.negative),
        (lambda t: t**2, np.square),
        (lambda t: t.T, np.transpose),
    ]:
        np.testing.assert_array_equal(ours(Tensor(x)).data, numpys(x))
    np.testing.assert_array_equal(Tensor(A).abs().data, np.abs(A))
    np.testing.assert_array_equal(where(A > 0, Tensor(A), 0.0).data, np.maximum(A, 0))


@pytest.mark.parametrize("dim", [None, 0, 1, -1, (0, 1)])
@pytest.mark.parametrize("keepdim", [False, True])
def test_reductions(dim, keepdim):
    for name, numpys in {"sum": np.sum, "mean": np.mean, "amax": np.max}.items():
        expected = numpys(A, axis=dim, keepdims=keepdim)
        result = getattr(Tensor(A), name)(dim, keepdim)
        np.testing.assert_array_equal(result.data, np.asarray(expected), strict=True)
        named = getattr(Tensor(A), name)(dim=dim, keepdim=keepdim)
        np.testing.assert_array_equal(named.data, result.data)


def test_reductions_drop_their_axis_unless_it_is_kept():
    for reduce in (Tensor.sum, Tensor.mean, Tensor.amax):
        assert reduce(Tensor(A)).shape == ()
        assert reduce(Tensor(A), 1).shape == (2,)
    for reduce in (ops.sum, ops.mean, ops.amax):
        assert reduce(A, dim=1).shape == (2,)


def test_argmax():
    assert Tensor(A).argmax().item() == 4
    assert Tensor(A).argmax(dim=1).tolist() == [2, 1]


def test_amax_shares_the_gradient_among_ties():
    x = Tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]], requires_grad=True)
    x.amax(dim=1).sum().backward()
    np.testing.assert_array_equal(x.grad, [[0, 0.5, 0.5], [1 / 3] * 3])


def test_absolute_has_slope_0_at_0():
    x = Tensor(0.0, requires_grad=True)
    x.abs().backward()
    assert x.grad == 0


def test_shapes():
    x = Tensor(A)
    assert x.reshape(3, 2).shape == x.reshape((3, 2)).shape == (3, 2)
    assert x.reshape([3, -1]).shape == (3, 2)
    assert x.reshape(-1).shape == (6,)
    cube = Tensor(np.arange(24.0).reshape(2, 3, 4))
    assert cube.permute(2, 0, 1).shape == cube.permute((2, 0, 1)).shape == (4, 2, 3)
    np.testing.assert_array_equal(cube.transpose(0, -1).data, cube.data.swapaxes(0, -1))
    np.testing.assert_array_equal(cube.T.data, cube.data.T)


def test_indexing():
    x = Tensor(A, requires_grad=True)
    index = np.array([0, 1])
    for part, expected in [
        (x[0], A[0]),
        (x[0, 1:], A[0, 1:]),
        (x[..., None], A[..., None]),
        (x[[1, 0]], A[[1, 0]]),
        (x[Tensor(index), index], A[index, index]),
        (x[x > 0], A[A > 0]),
    ]:
        np.testing.assert_array_equal(part.data, expected)
    assert [row.tolist() for row in x] == A.tolist()
    with pytest.raises(IndexError):
        x[2]


def test_an_index_used_twice_adds_up():
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    x[[0, 0, 2]].backward([1.0, 10.0, 100.0])
    np.testing.assert_array_equal(x.grad, [11, 0, 100])


def test_values_cannot_be_changed_in_place():
    x = Tensor(ROW.copy())
    with pytest.raises(TypeError, match=r"cannot be changed in place.*new tensor"):
        x[0] = 1.0


@pytest.mark.parametrize("name", ["iadd", "isub", "imul", "itruediv", "ipow"])
def test_in_place_operators_give_a_constant_new_values(name):
    """As in PyTorch; the array is a new one, so what a graph has saved stays."""
    x = same = Tensor(ROW.copy())
    array = x.data
    x = getattr(operator, name)(x, 2.0)
    assert x is same
    expected = getattr(operator, name[1:])(ROW, 2.0)
    np.testing.assert_array_equal(same.data, expected)
    np.testing.assert_array_equal(array, ROW)


def test_parameters_move_in_place_inside_no_grad():
    w = Tensor(ROW, requires_grad=True)
    (w * w).sum().backward()
    with no_grad():
        for p in [w]:
            p -= 0.1 * p.grad
    np.testing.assert_allclose(w.data, 0.8 * ROW)
    assert w.requires_grad and w.is_leaf
    (w * 1.0).sum().backward()
    np.testing.assert_allclose(w.grad, 2 * ROW + 1)


def test_in_place_while_recording_is_refused_for_leaves_alone():
    w = Tensor(ROW, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"changed in place .*with no_grad\(\)"):
        w -= 1.0
    total = Tensor(0.0)
    for _ in range(2):
        total += (w * w).sum()
    total.backward()
    np.testing.assert_array_equal(w.grad, 4 * ROW)


def test_in_place_keeps_the_shape():
    x = Tensor(ROW)
    with pytest.raises(ValueError, match=r"tensor's shape \(3,\), got \(2, 3\); wr"):
        x += A
    np.testing.assert_array_equal(x.data, ROW)


def test_cat_and_stack():
    x, y = Tensor(A, requires_grad=True), Tensor(-A, requires_grad=True)
    for dim in (0, 1, -1, -2):
        np.testing.assert_array_equal(
            cat([x, y], dim).data, np.concatenate([A, -A], dim)
        )
    for dim in (0, 1, 2, -1, -2, -3):
        np.testing.assert_array_equal(stack([x, y], dim).data, np.stack([A, -A], dim))
    np.testing.assert_array_equal(cat([x, y]).data, np.concatenate([A, -A]))
    np.testing.assert_array_equal(stack([x, y]).data, np.stack([A, -A]))
    (stack([x, y], dim=1)[:, 0] * 2.0).sum().backward()
    np.testing.assert_array_equal(x.grad, np.full((2, 3), 2.0))
    np.testing.assert_array_equal(y.grad, np.zeros((2, 3)))


def test_stack_of_different_shapes():
    with pytest.raises(ValueError, match="must match exactly"):
        stack([Tensor(A), Tensor(A.T)])


def test_comparisons_have_no_gradient_and_hashes_go_by_identity():
    x, same = Tensor(ROW, requires_grad=True), Tensor(ROW)
    assert (x == same).tolist() == [True] * 3
    assert not (x > 0).requires_grad
    assert len({x, same, x}) == 2


def test_powers_at_0():
    """0⁰ is 1, whatever stands below; PyTorch's derivatives."""
    a, n = Tensor([0.0, 0.0], requires_grad=True), Tensor([0.0, 2.0], True)
    (a**n).sum().backward()
    np.testing.assert_array_equal(a.grad, [0, 0])
    np.testing.assert_array_equal(n.grad, [0, 0])
    a = Tensor([0.0, 3.0], requires_grad=True)
    (a**0).sum().backward()
    np.testing.assert_array_equal(a.grad, [0, 0])


def test_a_number_to_the_power_of_a_tensor():
    x = Tensor([1.0, 3.0], requires_grad=True)
    (2**x).sum().backward()
    np.testing.assert_array_equal((2**x).data, [2, 8])
    np.testing.assert_allclose(x.grad, np.log(2) * np.array([2.0, 8.0]))


# Properties

SHAPES = arrays.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)


@given(SHAPES, st.integers(0, 99))
def test_unbroadcast_sums_what_was_repeated(shapes, seed):
    """⟨g, a repeated⟩ = ⟨g unbroadcast, a⟩: each is the transpose of the other."""
    rng = np.random.default_rng(seed)
    a, g = rng.normal(size=shapes.input_shapes[0]), rng.normal(size=shapes.result_shape)
    back = unbroadcast(g, a)
    assert np.shape(back) == a.shape
    np.testing.assert_allclose(
        (back * a).sum(), (g * np.broadcast_to(a, g.shape)).sum(), atol=1e-12
    )


@given(SHAPES)
def test_sum_of_a_repeated_value_counts_its_uses(shapes):
    small, large = (np.ones(shape) for shape in shapes.input_shapes)
    x = Tensor(small, requires_grad=True)
    (x + large).sum().backward()
    uses = np.prod(shapes.result_shape) / max(small.size, 1)
    np.testing.assert_array_equal(x.grad, np.full(small.shape, uses))


def test_every_function_is_exported_as_it_is():
    assert (exp, matmul, cat) == (ops.exp, ops.matmul, ops.cat)


@pytest.mark.parametrize("make", [course_lib.zeros, course_lib.ones, course_lib.randn])
def test_new_tensors_are_as_asked_for(make):
    made = make(2, 3, dtype=np.float32, requires_grad=True)
    assert (made.shape, made.dtype, made.requires_grad) == ((2, 3), np.float32, True)
    assert make((2, 3)).dtype == np.float64
    assert not make(2).requires_grad


def test_random_tensors_come_from_the_given_or_the_default_generator():
    given = [course_lib.randn(9, rng=np.random.default_rng(1)).data for _ in range(2)]
    np.testing.assert_array_equal(*given)
    course_lib.manual_seed(1)
    np.testing.assert_array_equal(course_lib.randn(9).data, given[0])
    assert (course_lib.randn(9).data != given[0]).all()
    assert abs(given[0].mean()) < 1
