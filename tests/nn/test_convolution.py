"""Convolution and pooling: PyTorch's numbers, in every layout, and clear refusals."""

from __future__ import annotations

import numpy as np
import pytest

import course_lib.nn.functional as F
from course_lib import Tensor, nn
from course_lib.architectures import convolutions
from course_lib.nn.convolution import _patches
from tests.oracles import oracle


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def close(ours, theirs, atol: float = 1e-9) -> None:
    theirs = theirs.detach().numpy()
    assert np.isfinite(ours).all()
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=atol, strict=True)


CONVOLUTIONS = {
    "plain": ({"in_channels": 3, "out_channels": 4, "kernel_size": 3}, (2, 3, 7, 6)),
    "first layer": (
        {"in_channels": 1, "out_channels": 8, "kernel_size": 3, "padding": 1},
        (5, 1, 9, 8),
    ),
    "not square": (
        {"in_channels": 2, "out_channels": 3, "kernel_size": (2, 4), "stride": (2, 1)},
        (3, 2, 8, 9),
    ),
    "strides that do not divide": (
        {
            "in_channels": 8,
            "out_channels": 2,
            "kernel_size": 3,
            "stride": (3, 2),
            "padding": 1,
        },
        (2, 8, 9, 8),
    ),
    "1 × 1": ({"in_channels": 5, "out_channels": 2, "kernel_size": 1}, (2, 5, 3, 4)),
    "no bias": (
        {"in_channels": 2, "out_channels": 3, "kernel_size": 3, "bias": False},
        (2, 2, 5, 5),
    ),
    "same": (
        {"in_channels": 2, "out_channels": 3, "kernel_size": (3, 5), "padding": "same"},
        (2, 2, 5, 6),
    ),
    "same, even": (
        {"in_channels": 2, "out_channels": 3, "kernel_size": (2, 4), "padding": "same"},
        (2, 2, 5, 6),
    ),
    "one image": (
        {"in_channels": 2, "out_channels": 3, "kernel_size": 3, "padding": (0, 2)},
        (2, 5, 5),
    ),
    "many pieces": (  # more images than fit into the cache at once
        {"in_channels": 8, "out_channels": 3, "kernel_size": 5, "padding": 2},
        (23, 8, 18, 20),
    ),
    "many pieces, first layer": (
        {
            "in_channels": 1,
            "out_channels": 3,
            "kernel_size": 5,
            "stride": 2,
            "padding": 1,
        },
        (70, 1, 33, 31),
    ),
}
POOLS = {
    "2": ({"kernel_size": 2}, (2, 3, 6, 4)),
    "a rest": ({"kernel_size": 2}, (2, 3, 7, 5)),
    "overlapping": ({"kernel_size": 3, "stride": 2}, (2, 3, 8, 7)),
    "gaps": ({"kernel_size": (1, 2), "stride": (2, 3)}, (2, 3, 5, 9)),
    "padding": ({"kernel_size": 3, "stride": 2, "padding": 1}, (2, 3, 6, 5)),
    "one image": ({"kernel_size": 2, "stride": 1}, (3, 4, 5)),
}
CASES = [
    *(("Conv2d", *value) for value in CONVOLUTIONS.values()),
    *(("MaxPool2d", *value) for value in POOLS.values()),
    *(("AvgPool2d", *value) for value in POOLS.values()),
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize(("name", "options", "shape"), CASES, ids=str)
def test_layers_are_pytorchs(name, options, shape):
    """Names, values, all gradients, for every memory order of the input."""
    torch = oracle("torch")
    double = {"dtype": torch.float64} if name == "Conv2d" else {}
    ours, theirs = getattr(nn, name)(**options), getattr(torch.nn, name)(**options)
    if double:
        theirs = theirs.double()
    state = {k: rng(1).normal(size=v.shape) for k, v in ours.state_dict().items()}
    ours.load_state_dict(state)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    back = getattr(nn, name)(**options)
    back.load_state_dict(theirs.state_dict())
    x = rng().normal(size=shape)
    last = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -3, -1)), -1, -3)
    other = torch.tensor(x, requires_grad=True)
    expected = theirs(other)
    g = rng(2).normal(size=expected.shape)
    expected.backward(torch.tensor(g))
    for values in (x, last, np.asfortranarray(x)):
        ours.zero_grad()
        mine = Tensor(values, requires_grad=True)
        u = ours(mine)
        close(u.data, expected)
        close(back(values).data, expected)
        u.backward(g)
        close(mine.grad, other.grad)
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            close(p.grad, q.grad)


@pytest.mark.parametrize(
    ("name", "options"), [(name, options) for name, options, _ in CASES], ids=str
)
def test_layers_print_themselves_as_in_pytorch(name, options):
    torch = oracle("torch")
    ours, theirs = (getattr(layers, name)(**options) for layers in (nn, torch.nn))
    # PyTorch's pools say more: dilation and ceil_mode, which ours have not.
    assert repr(theirs).startswith(repr(ours).removesuffix(")"))


@pytest.mark.parametrize("ties", [2, 3, 50])
@pytest.mark.parametrize(
    ("options", "shape"), POOLS.values(), ids=list(map(str, POOLS))
)
def test_of_tied_maxima_the_first_gets_the_gradient(options, shape, ties):
    torch = oracle("torch")
    for seed in range(5):
        x = rng(seed).integers(ties, size=shape) * 1.0
        mine, other = Tensor(x, True), torch.tensor(x, requires_grad=True)
        u, expected = (
            nn.MaxPool2d(**options)(mine),
            torch.nn.MaxPool2d(**options)(other),
        )
        g = rng(seed).normal(size=u.shape)
        u.backward(g)
        expected.backward(torch.tensor(g))
        np.testing.assert_allclose(mine.grad, other.grad, rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 4, 3), (6, 4, 2)])
def test_new_weights_are_drawn_as_in_pytorch(shape):
    C, K, k = shape
    layer = nn.Conv2d(C, 50 * K, k, rng=rng())
    bound = 1 / np.sqrt(C * k * k)
    for values in (layer.weight.data, layer.bias.data):
        assert 0.9 * bound < np.abs(values).max() <= bound
        assert abs(values.mean()) < 0.2 * bound
        assert abs(values.std() * np.sqrt(3) / bound - 1) < 0.1
    torch = oracle("torch")
    theirs = torch.nn.Conv2d(C, 50 * K, k)
    for mine, other in zip(layer.parameters(), theirs.parameters(), strict=True):
        assert abs(mine.data.std() / other.detach().std().item() - 1) < 0.15


def test_seeds_and_dtypes():
    one, again = (nn.Conv2d(2, 3, 3, dtype=np.float32, rng=rng()) for _ in range(2))
    np.testing.assert_array_equal(one.weight.data, again.weight.data)
    assert one.weight.dtype == one.bias.dtype == np.float32
    x = Tensor(np.ones((4, 2, 5, 5), np.float32), requires_grad=True)
    u = nn.MaxPool2d(2)(one(x))
    u.sum().backward()
    arrays = u.data, x.grad, one.weight.grad, one.bias.grad
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}
    wide = F.conv2d(x.data, one.weight.data.astype(np.float64))
    assert wide.dtype == np.float64


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.bool_])
def test_whole_numbers_are_images_too(dtype):
    x = rng().integers(2, size=(2, 1, 5, 5)).astype(dtype)
    W, exact = np.full((1, 1, 2, 2), 200, np.uint8), x.astype(float)
    for f in (
        lambda a: F.conv2d(a, W),
        lambda a: F.max_pool2d(a, 2, padding=1),
        lambda a: F.avg_pool2d(a, 2),
    ):
        np.testing.assert_array_equal(f(x).data, f(exact).data)


def network(package, **dtype):
    nn = package.nn
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, **dtype),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 9, (3, 2), stride=(1, 2), **dtype),
        nn.ReLU(),
        nn.AvgPool2d(2, stride=1),
        nn.Flatten(),
        nn.Linear(9 * 2, 3, **dtype),
    )


def test_a_training_run_is_pytorchs():
    """Ties are frequent behind ReLUs, so they must be broken alike."""
    torch = oracle("torch")
    import course_lib

    ours = network(course_lib)
    theirs = network(torch, dtype=torch.float64)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    x, y = rng().normal(size=(12, 1, 10, 8)).clip(0), rng(1).integers(3, size=12)
    losses = []
    for package, model in [(course_lib, ours), (torch, theirs)]:
        optimizer = package.optim.Adam(model.parameters(), lr=0.02)
        inputs, targets = package.tensor(x), package.tensor(y)
        run = []
        for _ in range(40):
            optimizer.zero_grad()
            L = package.nn.CrossEntropyLoss()(model(inputs), targets)
            L.backward()
            optimizer.step()
            run.append(L.item())
        losses.append(run)
    np.testing.assert_allclose(*losses, rtol=0, atol=1e-9)
    assert losses[0][-1] < 0.5 * losses[0][0]


# What it means


@pytest.mark.parametrize("padding", [0, 1, (2, 0)])
@pytest.mark.parametrize("stride", [1, 2, (3, 1)])
@pytest.mark.parametrize(("C", "size"), [(1, (3, 3)), (3, (2, 3)), (9, (3, 2))])
def test_fused_and_composed_are_the_same(C, size, stride, padding):
    """The rule that runs and the one that explains: values and gradients."""
    arrays = rng().normal(size=(2, C, 7, 6)), rng(1).normal(size=(4, C, *size))
    arrays = *arrays, rng(2).normal(size=4)
    results = []
    for f in (F.conv2d, convolutions.by_windows):
        tensors = [Tensor(a, requires_grad=True) for a in arrays]
        u = f(*tensors, stride, padding)
        u.backward(rng(3).normal(size=u.shape))
        results.append([u.data, *(t.grad for t in tensors)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12, strict=True)
    if stride == 1 and padding == 0:
        loops = convolutions.six_loops(*arrays)
        np.testing.assert_allclose(results[0][0], loops, rtol=0, atol=1e-12)


@pytest.mark.parametrize("stride", [None, 1, (1, 2)])
@pytest.mark.parametrize("size", [2, (3, 2), 1])
def test_fused_and_composed_pooling_are_the_same(size, stride):
    x = rng().integers(4, size=(2, 3, 6, 5)) * 1.0
    results = []
    for f in (F.max_pool2d, convolutions.pool_by_windows):
        tensor = Tensor(x, requires_grad=True)
        o = f(tensor, size, stride)
        o.backward(rng(3).normal(size=o.shape))
        results.append([o.data, tensor.grad])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12, strict=True)


def test_a_kernel_as_large_as_the_image_is_a_dense_layer():
    x, W, b = rng().normal(size=(4, 3, 5, 6)), rng(1).normal(size=(7, 90)), np.arange(7)
    u = F.conv2d(x, W.reshape(7, 3, 5, 6), b * 1.0)
    dense = F.linear(x.reshape(4, 90), W, b * 1.0)
    np.testing.assert_allclose(u.data[:, :, 0, 0], dense.data, rtol=0, atol=1e-12)


def test_a_convolution_is_equivariant():
    """Shift the image, and the result is shifted, away from the borders."""
    x, W = rng().normal(size=(2, 3, 12, 12)), rng(1).normal(size=(4, 3, 3, 3))
    moved = np.roll(x, (2, 1), axis=(2, 3))
    u, v = F.conv2d(x, W).data, F.conv2d(moved, W).data
    np.testing.assert_allclose(v[..., 2:, 1:], u[..., :-2, :-1], rtol=0, atol=1e-12)
    assert np.abs(v - u).max() > 1


def test_patches_stay_small():
    """However many images, no more than about a megabyte at once."""
    for C, h in [(1, 5), (32, 5)]:
        image, seen = np.zeros((64, 32, 32, C)), []
        for some, patches in _patches(image, (h, 5), (1, 1)):
            seen.extend(range(*some.indices(64)))
            assert sum(p.nbytes for p in patches) < 2**23
        assert seen == list(range(64))


# What cannot be

X, W = np.ones((2, 3, 6, 5)), np.ones((4, 3, 2, 2))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.conv2d(X, np.ones((4, 3))), ValueError, "weight of shape"),
        (
            lambda: F.conv2d(X, np.ones((4, 2, 2, 2))),
            ValueError,
            r"Conv2d\(2, 4, \(2, 2\)\): expected images of shape \(N, 2, H, W\)",
        ),
        (lambda: F.conv2d(X[0, 0], W), ValueError, r"got \(6, 5\)"),
        (lambda: F.conv2d(X[None], W), ValueError, r"got \(1, 2, 3, 6, 5\)"),
        (lambda: F.conv2d(X, W, np.ones(3)), ValueError, r"bias of shape \(4,\)"),
        (lambda: F.conv2d(X, W, np.ones((4, 1))), ValueError, "bias of shape"),
        (lambda: F.conv2d(X, W, dilation=2), NotImplementedError, "dilation=2"),
        (lambda: F.conv2d(X, W, groups=3), NotImplementedError, "groups=3"),
        (lambda: nn.Conv2d(4, 4, 3, 1, 0, (1, 2)), NotImplementedError, "dilation"),
        (lambda: nn.Conv2d(4, 4, 3, groups=2), NotImplementedError, "groups=2"),
        (
            lambda: nn.Conv2d(4, 4, 3, padding_mode="reflect"),
            NotImplementedError,
            "padding_mode='reflect'",
        ),
        (lambda: F.conv2d(X, W, stride=0), ValueError, "at least 1 as stride, got 0"),
        (lambda: F.conv2d(X, W, stride=1.5), TypeError, "whole number"),
        (lambda: F.conv2d(X, W, stride=(1, 2, 3)), ValueError, "a number or a pair"),
        (lambda: F.conv2d(X, W, padding=-1), ValueError, "at least 0 as padding"),
        (lambda: F.conv2d(X, W, padding="full"), ValueError, '"same" or "valid"'),
        (
            lambda: F.conv2d(X, W, stride=2, padding="same"),
            ValueError,
            'stride=1 with padding="same"',
        ),
        (
            lambda: F.conv2d(X, np.ones((4, 3, 7, 2))),
            ValueError,
            r"at least as large as the window, \(7, 2\), got \(6, 5\)",
        ),
        (lambda: F.conv2d(X, np.ones((4, 3, 2, 8)), padding=1), ValueError, "window"),
        (lambda: nn.Conv2d(0, 4, 3), ValueError, "in_channels"),
        (lambda: nn.Conv2d(3, 0, 3), ValueError, "out_channels"),
        (lambda: nn.Conv2d(3, 4, 0), ValueError, "kernel_size"),
        (lambda: nn.Conv2d(3, 4, (3, 3, 3)), ValueError, "kernel_size"),
        (lambda: F.max_pool2d(X, 0), ValueError, "at least 1 as kernel_size"),
        (lambda: F.max_pool2d(X, 7), ValueError, "at least as large as the window"),
        (lambda: F.max_pool2d(X, 2, padding=2), ValueError, "half of the window"),
        (lambda: F.avg_pool2d(X, 2, padding=(1, 2)), ValueError, "half of the window"),
        (lambda: F.max_pool2d(X[0, 0], 2), ValueError, "expected images"),
        (lambda: F.max_pool2d(X[:, :, :0], 2, 1, 1), ValueError, r"got \(2, 3, 0, 5\)"),
        (lambda: F.max_pool2d(X, 2, stride=0), ValueError, "as stride"),
        (lambda: F.max_pool2d(X, 2, dilation=2), NotImplementedError, "dilation"),
        (lambda: F.max_pool2d(X, 2, ceil_mode=True), NotImplementedError, "ceil_mode"),
        (
            lambda: nn.MaxPool2d(2, return_indices=True),
            NotImplementedError,
            "return_indices",
        ),
        (lambda: nn.MaxPool2d(2, padding=2), ValueError, "half of the window"),
        (lambda: nn.MaxPool2d(2, dilation=2), NotImplementedError, "dilation"),
        (lambda: nn.AvgPool2d(2, ceil_mode=True), NotImplementedError, "ceil_mode"),
        (
            lambda: nn.AvgPool2d(2, count_include_pad=False),
            NotImplementedError,
            "count_include_pad=False",
        ),
        (
            lambda: F.avg_pool2d(X, 2, divisor_override=3),
            NotImplementedError,
            "divisor_override=3",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()
