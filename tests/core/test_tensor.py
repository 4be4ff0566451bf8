"""The tape: order, accumulation, memory, errors."""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
import weakref
from copy import deepcopy

import numpy as np
import pytest

from course_lib import Tensor, cat, no_grad, tensor
from course_lib.core.tensor import array_of, differentiable


@pytest.fixture
def no_gc():
    """Memory that only reference cycles hold stays, and is seen."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leaf(values=3.0) -> Tensor:
    return Tensor(values, requires_grad=True)


# Making tensors


def test_a_float_array_is_taken_as_it_is():
    array = np.ones(3, np.float32)
    assert Tensor(array).data is array
    assert Tensor(Tensor(array)).data is array
    assert Tensor([1.0, 2.0]).dtype == np.float64
    assert Tensor([1, 2], dtype=np.float32).dtype == np.float32


def test_tensor_copies():
    array = np.ones(3)
    copies = tensor(array), tensor(Tensor(array))
    array[0] = 7
    for copy in copies:
        np.testing.assert_array_equal(copy.data, [1, 1, 1])
    made = tensor([1, 2], dtype=np.float32, requires_grad=True)
    assert made.requires_grad
    assert made.dtype == np.float32
    assert not tensor([1.0]).requires_grad


@pytest.mark.parametrize("values", [1, [True], np.array(["a"]), 1j])
def test_only_floats_have_gradients(values):
    with pytest.raises(TypeError, match=r"only floating-point .* write 1\.0 instead"):
        Tensor(values, requires_grad=True)


def test_a_new_tensor_has_no_gradient_and_no_history():
    x = leaf()
    assert x.grad is None
    assert x.is_leaf
    assert not Tensor(1.0).requires_grad


def test_description():
    x = Tensor([[1.0, 2.0, 3.0]])
    assert (x.shape, x.ndim, x.dtype, len(x)) == ((1, 3), 2, np.float64, 1)
    assert x.tolist() == [[1.0, 2.0, 3.0]]
    assert repr(x) == "tensor([[1., 2., 3.]])"
    assert repr(leaf(1 / 3)) == "tensor(0.3333, requires_grad=True)"
    assert repr(Tensor(np.eye(2))) == "tensor([[1., 0.],\n        [0., 1.]])"


def test_one_number():
    assert Tensor([[2.5]]).item() == 2.5
    assert type(Tensor(2.5).item()) is float
    assert float(Tensor([2.5])) == 2.5
    assert bool(Tensor(1.0))
    assert not Tensor(0.0)
    with pytest.raises(ValueError, match="an array of size 1"):
        Tensor([1.0, 2.0]).item()
    with pytest.raises(ValueError, match="ambiguous"):
        bool(Tensor([1.0, 2.0]))


def test_to_numpy():
    x = Tensor([1.0, 2.0])
    assert x.numpy() is x.data
    np.testing.assert_array_equal(np.asarray(x), [1, 2])
    assert np.asarray(x, dtype=np.float32).dtype == np.float32
    message = r"tensor needs .*\.detach\(\)\.numpy\(\)"
    for losing in (Tensor.numpy, np.asarray):
        with pytest.raises(RuntimeError, match=message):
            losing(leaf())
    assert leaf().detach().numpy() == 3


def test_array_of():
    array = np.ones(2)
    assert array_of(array) is array
    assert array_of(Tensor(array)) is array
    assert array_of(None) is None
    assert array_of(2) == 2
    assert type(array_of(np.float64(2))) is float  # takes the dtype of what it meets
    np.testing.assert_array_equal(array_of([1, 2]), [1, 2])


@pytest.mark.parametrize("number", [2, 2.0, np.float64(2), np.int64(2)])
def test_a_number_takes_the_dtype_of_what_it_meets(number):
    assert (Tensor([1.0], dtype=np.float32) * number).dtype == np.float32


# Walking back


def test_what_is_used_twice_passes_on_its_whole_gradient():
    a = leaf(1.0)
    b = a + a
    c = b + b
    c.backward()
    assert a.grad == 4  # walked in any other order: 2 or 6


def test_diamond():
    x = leaf(2.0)
    a = x * x
    left, right = a * 3.0, a.exp()
    (left * right).backward()  # L = 3 x² exp(x²)
    expected = 2 * 2 * 3 * np.exp(4) * (1 + 4)
    np.testing.assert_allclose(x.grad, expected, rtol=1e-14)


def test_a_late_result_used_before_an_early_one():
    x = leaf(2.0)
    early = x * x
    late = early * x
    (late + early).backward()  # early gets its second share after late is done
    assert x.grad == 3 * 4 + 2 * 2


def test_backward_adds_to_what_is_there():
    x = leaf([1.0, 2.0])
    for times in (1, 2, 3):
        (x * x).sum().backward()
        np.testing.assert_array_equal(x.grad, times * 2 * x.data)


def test_a_leaf_is_its_own_loss():
    x = leaf()
    x.backward()
    assert x.grad == 1


def test_gradient_may_be_given():
    x = leaf([1.0, 2.0])
    (x * x).backward([10, 100])
    np.testing.assert_array_equal(x.grad, [20, 400])
    y = Tensor([1.0], requires_grad=True, dtype=np.float32)
    y.backward(Tensor([2.0]))
    assert y.grad.dtype == np.float32
    given = np.ones(1)
    z = leaf([1.0])
    z.backward(given)
    given[0] = 7
    assert z.grad == 1


def test_a_loss_of_one_number_in_any_shape():
    x = leaf([[3.0]])
    (x * x).backward()
    np.testing.assert_array_equal(x.grad, [[6.0]])


def test_graph_can_be_kept():
    x = leaf()
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad == 12


def test_second_walk_is_refused():
    x = leaf()
    inside = x * x
    (inside + 1.0).backward()
    with pytest.raises(RuntimeError, match=r"used and freed.*retain_graph=True"):
        inside.backward()
    with pytest.raises(RuntimeError, match="used and freed"):
        (inside + 1.0).backward()
    assert x.grad == 6


def test_only_leaves_keep_gradients():
    x, constant = leaf(), Tensor(2.0)
    y = x * constant
    (y * y).backward()
    assert y.grad is None
    assert constant.grad is None
    assert x.grad == 2 * 4 * 3


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: x + y,
        lambda x, y: x.reshape(2) + y.reshape(2),  # views of one array
        lambda x, y: x.sum() + y.sum(),  # repeated, so read-only
        lambda x, y: cat([x, y])[:2] + cat([x, y])[2:],
        lambda x, y: x * 1.0 + y * 1.0,
    ],
)
def test_gradients_share_no_memory(function):
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    value = function(x, y)
    g = np.ones(value.shape)
    value.backward(g)
    x.grad[0] = 100
    np.testing.assert_array_equal(y.grad, [1, 1])
    np.testing.assert_array_equal(g, np.ones(value.shape))
    y.grad[0] = 100


def test_accumulation_leaves_the_old_gradient_alone():
    x = leaf([1.0])
    x.backward([1.0])
    old = x.grad
    x.backward([1.0])
    assert (old, x.grad) == ([1.0], [2.0])


def test_backward_does_not_change_values():
    x = leaf([1.0, 2.0])
    y = x.exp()
    before = x.data.copy(), y.data.copy()
    y.sum().backward()
    np.testing.assert_array_equal((x.data, y.data), before)


def test_detach():
    x = leaf()
    y = (x * x).detach()
    assert not y.requires_grad
    assert y.is_leaf
    (x * y).backward()
    assert x.grad == 9  # y is a constant 9


def test_history_is_kept_only_where_it_is_needed():
    plain = Tensor(2.0) * Tensor(3.0)
    assert not plain.requires_grad
    assert plain.is_leaf
    y = leaf() * 2.0
    assert y.requires_grad
    assert not y.is_leaf


def test_no_grad_as_block_and_decorator():
    x = leaf()

    @no_grad()
    def double(x):
        return x + x

    with no_grad():
        inside = x * x
        with no_grad():
            pass
        still = x * x
    for result in (inside, still, double(x), double(x)):
        assert not result.requires_grad
        assert result.is_leaf
    assert (x * x).requires_grad


def test_no_grad_ends_with_an_error_too():
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert (leaf() * 2.0).requires_grad


@pytest.mark.parametrize("retain_graph", [False, True])
def test_long_chain(retain_graph):
    x = y = leaf(1.0)
    for _ in range(20_000):
        y = y + 1.0
    y.backward(retain_graph=retain_graph)
    assert x.grad == 1


def test_long_chain_is_dropped_without_recursion():
    code = (
        "from course_lib import Tensor\n"
        "y = Tensor(1.0, requires_grad=True)\n"
        "for _ in range(200_000): y = y + 1.0\n"
        "del y\n"
        "print('alive')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "alive\n", done.stderr


# Memory


def graph(x: Tensor) -> list[Tensor]:
    """Tensors of every kind of record, the loss last."""
    a = x @ x.T
    b = (a * 2.0).exp()[0] + a.mean(dim=0)
    return [a, b, b.reshape(2, -1).sum()]


def test_a_dropped_graph_is_freed_at_once(no_gc):
    x = leaf(np.full((4, 4), 0.1))
    parts = graph(x)
    alive = [weakref.ref(part) for part in parts]
    arrays = [weakref.ref(part.data) for part in parts[:2]]
    del parts
    assert [r() for r in alive + arrays] == [None] * 5


def test_a_walked_graph_frees_what_it_saved(no_gc):
    x = leaf(np.full((4, 4), 0.1))
    *inner, loss = graph(x)
    alive = [weakref.ref(part) for part in inner]
    del inner
    loss.backward()
    assert [r() for r in alive] == [None, None]
    assert not loss.is_leaf  # walking it again is an error, not a silent 1


def test_graphs_in_a_loop_take_no_more_memory(no_gc):
    x = leaf(np.full((20, 20), 0.01))

    def build(times):
        for i in range(times):
            x.grad = None
            loss = graph(x)[-1]
            if i % 2:
                loss.backward()

    build(2_500)  # fills Python's own store of small tuples for reuse
    tracemalloc.start()
    build(10)
    before = tracemalloc.get_traced_memory()[0]
    build(1_000)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000  # bytes; one graph alone keeps more


# Errors


def test_backward_without_a_history():
    x = leaf()
    with no_grad():
        y = x * x
    for nothing in (Tensor(1.0), y, x.detach()):
        with pytest.raises(
            RuntimeError, match=r"nothing here needs a gradient.*no_gra"
        ):
            nothing.backward()


def test_backward_from_many_numbers():
    with pytest.raises(
        RuntimeError, match=r"expected a loss.*got.*\(2,\); take its mean\(\) or su"
    ):
        leaf([1.0, 2.0]).backward()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_backward_from_no_number(value):
    with pytest.raises(FloatingPointError, match=f"the loss is {value}.*learning rate"):
        (leaf(value) * 1.0).backward()


def test_gradient_of_another_shape():
    with pytest.raises(
        ValueError, match=r"expected a gradient of shape \(2,\),.*got \(3,\)"
    ):
        leaf([1.0, 2.0]).backward(np.ones(3))
    with pytest.raises(
        ValueError, match="expected a gradient of"
    ):  # even if it would fit
        leaf([1.0, 2.0]).backward(1.0)


def test_rule_with_a_derivative_of_another_shape():
    wrong = differentiable(lambda x: (x.sum(), (lambda g: g,)))
    with pytest.raises(
        RuntimeError, match=r"derivative: expected shape \(2,\).*got \(\)"
    ):
        wrong(leaf([1.0, 2.0])).backward()


def test_argument_without_a_derivative():
    def rounded(x):
        return np.round(x), (None,)

    lifted = differentiable(rounded)
    with pytest.raises(TypeError, match=r"rounded has no derivative.*\.detach\(\)"):
        lifted(leaf())
    assert lifted(Tensor(1.6)).item() == 2
    with no_grad():
        assert lifted(leaf(1.6)).item() == 2


def test_the_rule_is_an_attribute_of_the_lifted_function():
    def twice(x):
        """Doubles."""
        return 2 * x, (lambda g: 2 * g,)

    lifted = differentiable(twice)
    assert lifted.rule is twice
    assert (lifted.__name__, lifted.__doc__) == ("twice", "Doubles.")


def test_settings_reach_the_rule():
    scale = differentiable(lambda x, *, by: (by * x, (lambda g: by * g,)))
    x = leaf()
    scale(x, by=5.0).backward()
    assert x.grad == 5


def test_a_gradient_has_the_dtype_of_its_leaf():
    x = leaf(np.float32([1.0, 2.0]))
    (x * np.array([3.0, 4.0])).sum().backward()
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(x.grad, [3, 4])


def test_a_copy_has_a_gradient_of_its_own():
    x = leaf([1.0, 2.0])
    assert deepcopy(x).grad is None
    (x * x).sum().backward()
    y = deepcopy(x)
    np.testing.assert_array_equal(y.grad, [2, 4])
    assert y.requires_grad and y.grad is not x.grad
