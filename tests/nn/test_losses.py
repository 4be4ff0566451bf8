"""Losses by hand, at the extremes, and with wrong arguments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import Tensor, nn
from course_lib.nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    l1_loss,
    mse_loss,
    nll_loss,
)

ELEMENTWISE = [
    mse_loss,
    l1_loss,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
]
OF_CLASSES = [nll_loss, cross_entropy]
named = {"ids": lambda f: getattr(f, "__name__", None)}


def gradient(loss, output, target, **settings) -> np.ndarray:
    leaf = Tensor(output, requires_grad=True)
    loss(leaf, target, **settings).backward()
    return leaf.grad


@pytest.mark.parametrize(
    ("loss", "output", "target", "each"),
    [
        (mse_loss, [1.0, 5.0, -1.0], [0.0, 3.0, 1.0], [1, 4, 4]),
        (l1_loss, [1.0, 5.0, -1.0], [0.0, 3.0, 1.0], [1, 2, 2]),
        (
            binary_cross_entropy,
            [0.5, 0.25, 0.25],
            [1.0, 0.0, 1.0],
            [np.log(2), np.log(4 / 3), np.log(4)],
        ),
        (
            binary_cross_entropy_with_logits,
            [0.0, -np.log(3), -np.log(3)],
            [1.0, 0.0, 1.0],
            [np.log(2), np.log(4 / 3), np.log(4)],
        ),
        (
            binary_cross_entropy,
            [0.5, 0.25],
            [0.5, 0.5],
            [np.log(2), np.log(16 / 3) / 2],
        ),
        (nll_loss, [[-1.0, -2.0], [-3.0, -4.0]], [0, 1], [1, 4]),
        (
            cross_entropy,
            [[0.0, np.log(3)], [5.0, 5.0]],
            [1, 0],
            [np.log(4 / 3), np.log(2)],
        ),
    ],
    **named,
)
def test_by_hand(loss, output, target, each):
    target = np.array(target)
    for reduction, expected in {
        "none": each,
        "mean": np.mean(each),
        "sum": np.sum(each),
    }.items():
        L = loss(Tensor(output), target, reduction=reduction)
        np.testing.assert_allclose(L.data, expected, rtol=1e-14)
    assert loss(Tensor(output), target).item() == pytest.approx(np.mean(each))


@pytest.mark.parametrize("loss", ELEMENTWISE, **named)
@pytest.mark.parametrize(
    "shapes", [((3,), (3, 1)), ((3, 1), (3,)), ((3,), ()), ((2, 3), (3,)), ((), (1,))]
)
def test_shapes_must_be_equal(loss, shapes):
    output, target = (np.full(shape, 0.5) for shape in shapes)
    message = rf"{loss.__name__}: expected a target .*\(.*\), got \(.*\); reshape"
    with pytest.raises(ValueError, match=message):
        loss(Tensor(output), target)


@pytest.mark.parametrize("loss", ELEMENTWISE + OF_CLASSES, **named)
def test_wrong_reductions(loss):
    target = np.array([0]) if loss in OF_CLASSES else np.array([[0.5]])
    message = r'reduction: expected "mean", "sum" or "none", got \'average\''
    with pytest.raises(ValueError, match=message):
        loss(np.array([[0.5]]), target, reduction="average")


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_empty_batches(reduction):
    message = "loss: expected at least one example, got none"
    for loss in ELEMENTWISE:
        with pytest.raises(ValueError, match=message):
            loss(np.ones((0, 2)), np.ones((0, 2)), reduction=reduction)
    for loss in OF_CLASSES:
        with pytest.raises(ValueError, match=message):
            loss(np.ones((0, 2)), np.ones(0, int), reduction=reduction)


@pytest.mark.parametrize("loss", OF_CLASSES, **named)
@pytest.mark.parametrize(
    ("scores", "target", "message"),
    [
        (np.ones(3), np.array([0]), r"expected scores of shape \(N, K\), got \(3,\)"),
        (np.ones((1, 2, 3)), np.array([0]), r"shape \(N, K\), got \(1, 2, 3\)"),
        (np.ones((2, 3)), np.array([0]), r"whole numbers of shape \(2,\) .* \(1,\)"),
        (np.ones((2, 3)), np.array([[0], [1]]), r"got int64 of shape \(2, 1\)"),
        (np.ones((2, 3)), np.array([0.0, 1.0]), r"got float64 of shape \(2,\)"),
        (
            np.ones((2, 3)),
            1,
            r"whole numbers of shape \(2,\) .*got int64 of shape \(\)",
        ),
        (np.ones((2, 3)), np.array([0, 3]), "classes from 0 to 2, got.* 0 to 3"),
        (np.ones((2, 3)), np.array([-1, 2]), "from 0 to 2, got.* -1 to 2"),
    ],
)
def test_classes_that_do_not_fit(loss, scores, target, message):
    with pytest.raises(ValueError, match=f"{loss.__name__}: .*{message}"):
        loss(Tensor(scores), target)


@pytest.mark.parametrize("loss", OF_CLASSES, **named)
@pytest.mark.parametrize("ignored", [-100, 1])
def test_ignored_examples_count_nothing(loss, ignored):
    rng = np.random.default_rng(0)
    scores, target = rng.normal(size=(4, 3)), np.array([2, ignored, 0, ignored])
    settings = {} if ignored == -100 else {"ignore_index": ignored}
    kept = [0, 2]
    for reduction in ("mean", "sum", "none"):
        L = loss(scores, target, reduction=reduction, **settings).data
        alone = loss(scores[kept], target[kept], reduction=reduction).data
        if reduction == "none":
            np.testing.assert_array_equal(L[[1, 3]], 0)
            L = L[kept]
        np.testing.assert_allclose(L, alone, rtol=1e-15)
    d = gradient(loss, scores, target, **settings)
    np.testing.assert_array_equal(d[[1, 3]], 0)
    alone = gradient(loss, scores[kept], target[kept])
    np.testing.assert_allclose(d[kept], alone, rtol=1e-15)


@pytest.mark.parametrize("loss", OF_CLASSES, **named)
def test_something_must_count(loss):
    message = f"{loss.__name__}: expected at least one target that is not ignored, got"
    for ignored in (-100, 2):
        with pytest.raises(ValueError, match=f"{message} {ignored} alone"):
            loss(np.ones((2, 3)), np.array([ignored] * 2), ignore_index=ignored)
    with pytest.raises(ValueError, match=r"classes from 0 to 2, got .* 1 to 3"):
        loss(np.ones((3, 3)), np.array([3, -100, 1]))


@pytest.mark.parametrize("loss", OF_CLASSES, **named)
@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
def test_whole_numbers_of_any_size_are_classes(loss, dtype):
    assert np.isfinite(loss(np.ones((2, 3)), np.array([0, 2], dtype)).item())


@pytest.mark.parametrize("wrong", [-0.01, 1.01, np.nan])
def test_probabilities_outside_0_to_1(wrong):
    right, one = np.array([0.5, 0.5]), np.array([0.5, wrong])
    with pytest.raises(
        ValueError, match="binary_cross_entropy: expected outputs from 0 to 1"
    ):
        binary_cross_entropy(one, right)
    for loss in (binary_cross_entropy, binary_cross_entropy_with_logits):
        with pytest.raises(ValueError, match=f"{loss.__name__}: expected targets from"):
            loss(right, one)


def test_the_message_says_what_came():
    for low, high in [(-0.25, 0.5), (1.5, 3)]:
        message = rf"expected outputs from 0 to 1, got values from {low} to {high}$"
        with pytest.raises(ValueError, match=message):
            binary_cross_entropy(np.array([high, low]), np.array([1.0, 0.0]))


def test_absolute_error_has_slope_0_where_there_is_none():
    np.testing.assert_array_equal(gradient(l1_loss, [1.0], np.array([1.0])), [0])


def test_extreme_logits_stay_finite():
    u, y = np.array([-1000.0, 1000.0, 1000.0, -1000.0]), np.array([1.0, 0.0, 1.0, 0.0])
    L = binary_cross_entropy_with_logits(u, y, reduction="none")
    np.testing.assert_array_equal(L.data, [1000, 1000, 0, 0])
    slopes = gradient(binary_cross_entropy_with_logits, u, y, reduction="sum")
    np.testing.assert_array_equal(slopes, [-1, 1, 0, 0])
    scores = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]])
    target = np.array([0, 0])
    np.testing.assert_array_equal(
        cross_entropy(scores, target, reduction="none").data, [0, 2000]
    )
    np.testing.assert_array_equal(
        gradient(cross_entropy, scores, target, reduction="sum"), [[0, 0], [-1, 1]]
    )


def test_certain_probabilities_stay_finite():
    o, y = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
    L = binary_cross_entropy(o, y, reduction="none")
    np.testing.assert_array_equal(L.data, [0, 0, 100, 100])
    slopes = gradient(binary_cross_entropy, o, y, reduction="sum")
    np.testing.assert_array_equal(slopes, [0, 0, -1e12, 1e12])


@given(st.floats(-30, 30), st.floats(0, 1))
def test_fused_and_composed_binary_cross_entropy_agree(u, y):
    u, y = np.array([u]), np.array([y])
    fused = binary_cross_entropy_with_logits(u, y).item()
    composed = binary_cross_entropy(nn.functional.sigmoid(u), y).item()
    assert fused == pytest.approx(composed, rel=1e-3, abs=1e-12)  # 1 − o has rounded


def test_slide_36():
    """∂L/∂u = σ(u) − y, and softmax(u) − y for classes."""
    u, y = np.array([0.3, -2.0]), np.array([1.0, 0.0])
    np.testing.assert_allclose(
        gradient(binary_cross_entropy_with_logits, u, y, reduction="sum"),
        nn.functional.sigmoid(u).data - y,
    )
    u = np.array([[0.3, -2.0, 1.0]])
    np.testing.assert_allclose(
        gradient(cross_entropy, u, np.array([2])),
        nn.functional.softmax(u).data - [[0, 0, 1]],
    )


def test_cross_entropy_is_log_softmax_then_nll():
    rng = np.random.default_rng(0)
    u, target = rng.normal(size=(5, 3)), rng.integers(3, size=5)
    for reduction in ("mean", "sum"):
        leaf = Tensor(u, requires_grad=True)
        L = nll_loss(nn.functional.log_softmax(leaf), target, reduction=reduction)
        L.backward()
        assert L.item() == cross_entropy(u, target, reduction=reduction).item()
        np.testing.assert_allclose(
            gradient(cross_entropy, u, target, reduction=reduction),
            leaf.grad,
            atol=1e-15,
        )


@pytest.mark.parametrize("loss", [*ELEMENTWISE, *OF_CLASSES], **named)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_modules_are_their_functions(loss, reduction):
    module = {
        mse_loss: nn.MSELoss,
        l1_loss: nn.L1Loss,
        binary_cross_entropy: nn.BCELoss,
        binary_cross_entropy_with_logits: nn.BCEWithLogitsLoss,
        nll_loss: nn.NLLLoss,
        cross_entropy: nn.CrossEntropyLoss,
    }[loss]
    output = np.array([[0.2, 0.7], [0.4, 0.1]])
    target = np.array([1, 0]) if loss in OF_CLASSES else output.T
    np.testing.assert_array_equal(
        module(reduction=reduction)(output, target).data,
        loss(output, target, reduction=reduction).data,
    )
    assert module().reduction == "mean"
    if loss in OF_CLASSES:
        L = module(ignore_index=1)(output, target).item()
        assert L == loss(output, target, ignore_index=1).item()
        assert L == loss(output[1:], target[1:]).item()


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_loss_of_differences_has_a_gradient_for_either_side(name, reduction):
    o, y = (Tensor(a, requires_grad=True) for a in ([1.0, 4.0, 2.0], [3.0, 1.0, 2.5]))
    getattr(nn.functional, name)(o, y, reduction=reduction).backward()
    assert (o.grad != 0).all()
    np.testing.assert_array_equal(y.grad, -o.grad)


@pytest.mark.parametrize("classes", [[-1, 0], [0, 3], [[0], [4]]])
def test_one_hot_knows_no_class_outside(classes):
    with pytest.raises(ValueError, match="from 0 to num_classes - 1 = 2, got"):
        nn.functional.one_hot(classes, 3)
