"""Convolution and pooling: what slides over an image (slide 42).

Images have PyTorch's shapes, (N, C, H, W) or, for a single one, (C, H, W). In memory a
result of `conv2d` has its channels innermost, so that what a window sees of one row of
the image lies side by side.
"""

import math
from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from course_lib.core.module import Module, Parameter
from course_lib.core.seed import generator
from course_lib.core.settings import check_number
from course_lib.core.tensor import differentiable, floating


@differentiable
def conv2d(x, W, b=None, stride=1, padding=0, dilation=1, groups=1):
    """u = b + Σ W · window, for every kernel and every place of the window (slide 42).

    Parameters
    ----------
    x : Tensor, shape (N, C, H, W) or (C, H, W)
        Images of C channels.
    W : Tensor, shape (K, C, h, w)
        K kernels, each as deep as the image.
    b : Tensor, shape (K,), optional
        One bias for each kernel.
    stride : int or pair, default 1
        By how many pixels the window moves, down and across.
    padding : int, pair, "same" or "valid", default 0
        How many rows and columns of zeros are put on each side. With "same", for
        stride 1, the result has the height and width of the image.
    dilation, groups : int, default 1
        Not supported beyond 1.

    Returns
    -------
    Tensor, shape (N, K, H', W') or (K, H', W')
        H' = ⌊(H + 2 padding − h) / stride⌋ + 1; W' likewise.

    Notes
    -----
    The kernel is not turned around first, as it is in mathematics, where this is called
    a cross-correlation. `course_lib.architectures.convolutions` has it in plain loops.

    Examples
    --------
    >>> stripe = np.array([[[0.0, 0.0, 5.0, 5.0, 0.0]]])
    >>> conv2d(stripe, np.array([[[[-1.0, 1.0]]]])).data
    array([[[ 0.,  5.,  0., -5.]]])
    """
    top, left, bottom, right = _check_conv2d(
        x, W, b, stride, padding, dilation, groups
    )
    (K, C, h, w), (rows, columns) = W.shape, x.shape[-2:]
    step, size = _pair(stride), (top + rows + bottom, left + columns + right)
    image = _placed(_channels_last(floating(x)), size, (top, left))
    u = _slide(image, W.transpose(2, 3, 1, 0), step, b)

    def for_x(g):  # the kernel, turned around, slides over the gradient
        size = rows + h - 1, columns + w - 1
        first = h - 1 - top, w - 1 - left
        g = _placed(_channels_last(g), size, first, step)
        turned = W[:, :, ::-1, ::-1].transpose(2, 3, 0, 1)
        return _channels_first(_slide(g, turned), x)

    def for_W(g):  # what each window saw, times the gradient of what it gave
        g, d = _channels_last(g), np.zeros((h * w * C, K), W.dtype)
        for some, patches in _patches(image, (h, w), step):
            d += _with_gradient(patches, g[some])
        return d.reshape(h, w, C, K).transpose(3, 2, 0, 1)

    def for_b(g):  # a sum over all places; as a product it is faster
        g = _channels_last(g).reshape(len(u), math.prod(u.shape[1:3]), K)
        return (np.ones(g.shape[1], g.dtype) @ g).sum(axis=0)

    return _channels_first(u, x), (for_x, for_W, for_b)


def _slide(image, kernel, step=(1, 1), b=None):
    """A kernel (h, w, C, K) times every window of the images: (N, H', W', K)."""
    (h, w, _, K), (sy, sx), (N, H, W, _) = kernel.shape, step, image.shape
    shape = N, (H - h) // sy + 1, (W - w) // sx + 1, K
    u = np.empty(shape, np.result_type(image, kernel))
    for some, patches in _patches(image, (h, w), step):
        matrices = kernel.reshape(len(patches), -1, K)
        total = u[some].reshape(*patches[0].shape[:-1], K)  # a view
        np.matmul(patches[0], matrices[0], out=total)
        for patch, matrix in zip(patches[1:], matrices[1:], strict=True):
            total += patch @ matrix
        if b is not None:
            total += b
    return u


def _with_gradient(patches, g):
    """∂L/∂kernel from some images, as a matrix (h w C, K)."""
    N, H, W, K = g.shape
    g = g.reshape(N, H * W, K)
    rows = (
        patch.reshape(N, H * W, -1).swapaxes(1, 2) @ g for patch in patches
    )
    return np.concatenate([row.sum(axis=0) for row in rows])


def _patches(image, size, step):
    """What the windows see, for some images at a time, as fit into the cache.

    Of these images there is an array (N, H', W', D) for each row of the kernel; or, if
    the rows are too short to be worth a product each, one (N, H' W', D) for them all.
    """
    (h, w), (sy, sx), C = size, step, image.shape[-1]
    is_small = w * C < 16
    height, down = (h, sy) if is_small else (1, 1)
    windows = sliding_window_view(image, (height, w), axis=(1, 2))
    windows = windows[:, ::down, ::sx]  # (N, …, W', C, h or 1, w)
    H, W = (image.shape[1] - h) // sy + 1, windows.shape[2]
    at_once = 1 + 2**17 // math.prod(windows.shape[1:])
    for n in range(0, len(image), at_once):
        some = slice(n, n + at_once)
        if is_small:
            whole = windows[some].transpose(0, 4, 5, 3, 1, 2)
            whole = whole.reshape(len(whole), h * w * C, H * W)
            yield some, [whole.swapaxes(1, 2)]
        else:
            rows = windows[some].transpose(0, 1, 2, 4, 5, 3)
            rows = rows.reshape(*rows.shape[:3], w * C)
            yield some, [rows[:, i : i + sy * H : sy] for i in range(h)]


def _channels_last(a):
    """Images (N, C, H, W), or one image, as (N, H, W, C)."""
    return a.reshape(-1, *a.shape[-3:]).transpose(0, 2, 3, 1)


def _channels_first(a, x):
    """Images (N, H, W, C) as (N, C, H, W); a single one if x is one."""
    a = a.transpose(0, 3, 1, 2)
    return a if x.ndim == 4 else a[0]


def _placed(a, size, first, step=(1, 1)):
    """Pixels on a ground of zeros, ``step`` apart; none if outside of it."""
    if first == (0, 0) and step == (1, 1) and size == a.shape[1:3]:
        return np.ascontiguousarray(a)
    ground = np.zeros((len(a), *size, a.shape[-1]), a.dtype)
    (y, x), (sy, sx) = first, step
    a = a[:, max(0, -(y // sy)) :, max(0, -(x // sx)) :]
    y, x = (n if n >= 0 else n % s for n, s in zip(first, step, strict=True))
    places = ground[:, y::sy, x::sx][:, : a.shape[1], : a.shape[2]]
    places[...] = a[:, : places.shape[1], : places.shape[2]]
    return ground


@differentiable
def max_pool2d(
    x,
    kernel_size,
    stride=None,
    padding=0,
    dilation=1,
    ceil_mode=False,
    return_indices=False,
):
    """o = the largest number in every window, for each channel (slide 42).

    The gradient goes to this number; to the first, row by row, if there are several.

    Parameters
    ----------
    x : Tensor, shape (N, C, H, W) or (C, H, W)
    kernel_size : int or pair
        Height and width of the window.
    stride : int or pair, optional
        By how many pixels the window moves; by its own size if left out.
    padding : int or pair, default 0
        How many rows and columns are put on each side, which are never the largest; at
        most half of the window.
    dilation, ceil_mode, return_indices
        Not supported.

    Returns
    -------
    Tensor, shape (N, C, H', W') or (C, H', W')

    Examples
    --------
    >>> max_pool2d(np.array([[[1.0, 5.0, 2.0, 3.0], [4.0, 0.0, 2.0, 9.0]]]), 2).data
    array([[[5., 9.]]])
    """
    others = {"ceil_mode": ceil_mode, "return_indices": return_indices}
    others["dilation"] = dilation
    _check_pool("MaxPool2d", x, kernel_size, stride, padding, **others)
    image, inside = _padded(floating(x), padding, -np.inf)
    windows = _places(image.shape, kernel_size, stride)
    o = image[windows[0]]
    for place in windows[1:]:
        o = np.maximum(o, image[place])

    def for_x(g):
        d, found = np.zeros_like(image), np.zeros_like(o, bool)
        g = _laid_out_as(o, g)
        for place in windows:
            is_first = (image[place] == o) > found
            d[place] += g * is_first  # windows may overlap
            found |= is_first
        return d[inside]

    return o, (for_x,)


@differentiable
def avg_pool2d(
    x,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    """o = the mean of every window, for each channel.

    Parameters
    ----------
    x : Tensor, shape (N, C, H, W) or (C, H, W)
    kernel_size : int or pair
        Height and width of the window.
    stride : int or pair, optional
        By how many pixels the window moves; by its own size if left out.
    padding : int or pair, default 0
        How many rows and columns of zeros are put on each side, which count in the
        mean; at most half of the window.
    ceil_mode, count_include_pad, divisor_override
        Not supported but as they are.

    Returns
    -------
    Tensor, shape (N, C, H', W') or (C, H', W')

    Examples
    --------
    >>> avg_pool2d(np.array([[[1.0, 5.0, 2.0, 3.0], [4.0, 0.0, 2.0, 9.0]]]), 2).data
    array([[[2.5, 4. ]]])
    """
    others = {"ceil_mode": ceil_mode, "count_include_pad": count_include_pad}
    others["divisor_override"] = divisor_override
    _check_pool("AvgPool2d", x, kernel_size, stride, padding, **others)
    image, inside = _padded(floating(x), padding, 0)
    windows = _places(image.shape, kernel_size, stride)
    o = sum(image[place] for place in windows) / len(windows)

    def for_x(g):
        d, share = np.zeros_like(image), _laid_out_as(o, g) / len(windows)
        for place in windows:
            d[place] += share
        return d[inside]

    return o, (for_x,)


def _padded(x, padding, value):
    """The images in a frame of some value, and where in it they are."""
    (top, left), (rows, columns) = _pair(padding), x.shape[-2:]
    if top == left == 0:
        return x, ...
    shape = *x.shape[:-2], rows + 2 * top, columns + 2 * left
    inside = ..., slice(top, top + rows), slice(left, left + columns)
    framed = np.full_like(x, value, shape=shape)
    framed[inside] = x
    return framed, inside


def _laid_out_as(o, g):
    """The gradient, with its numbers in memory as those of ``o`` are."""
    if g.strides == o.strides:
        return g
    copy = np.empty_like(o)
    copy[...] = g
    return copy


def _places(shape, kernel_size, stride):
    """Where the first number of all windows stands, the second, and so on."""
    stride = kernel_size if stride is None else stride
    size, step = _pair(kernel_size), _pair(stride)
    rows, columns = (
        [slice(i, i + n - k + 1, s) for i in range(k)]
        for n, k, s in zip(shape[-2:], size, step, strict=True)
    )
    return [(..., y, x) for y, x in product(rows, columns)]


def _pair(value):
    """Down and across, from a pair or one number for both."""
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def _check_conv2d(x, W, b, stride, padding, dilation, groups):
    """Rows and columns of zeros: at the top, left, bottom and right."""
    shape = np.shape(W)
    if len(shape) != 4:
        raise ValueError(
            "conv2d: expected a weight of shape (kernels, channels, height, width), "
            f"got {shape}"
        )
    K, C, h, w = shape
    where = f"Conv2d({C}, {K}, {(h, w)})"
    if b is not None and np.shape(b) != (K,):
        raise ValueError(
            f"{where}: expected a bias of shape ({K},), got {np.shape(b)}"
        )
    _check_settings(where, stride, padding, dilation=dilation, groups=groups)
    if isinstance(padding, str):
        added = (h - 1, w - 1) if padding == "same" else (0, 0)
    else:
        added = tuple(2 * n for n in _pair(padding))
    _check_windows(where, x, (h, w), added, C)
    top, left = (n // 2 for n in added)
    return top, left, added[0] - top, added[1] - left


def _check_windows(where, x, kernel_size, added=(0, 0), C="C"):
    """Images of the right shape, in which a window has its place."""
    shape = np.shape(x)
    if (
        len(shape) not in (3, 4)
        or 0 in shape[-3:]
        or C not in ("C", shape[-3])
    ):
        raise ValueError(
            f"{where}: expected images of shape (N, {C}, H, W) or ({C}, H, W), got "
            f"{shape}"
        )
    size = shape[-2] + added[0], shape[-1] + added[1]
    window = _pair(kernel_size)
    if size[0] < window[0] or size[1] < window[1]:
        raise ValueError(
            f"{where}: expected images (with their padding) at least as large as the "
            f"window, {window}, got {size}"
        )


def _check_settings(where, stride, padding, **others):
    _check_pair(where, "stride", stride, 1)
    _check_only(where, **others)
    if not isinstance(padding, str):
        _check_pair(where, "padding", padding, 0)
    elif padding not in ("same", "valid"):
        raise ValueError(
            f'{where}: expected a number, a pair, "same" or "valid" as padding, got '
            f"{padding!r}"
        )
    elif padding == "same" and _pair(stride) != (1, 1):
        raise ValueError(
            f'{where}: expected stride=1 with padding="same", got {stride!r}'
        )


def _check_pool(where, x, kernel_size, stride, padding, **others):
    _check_pool_settings(where, kernel_size, stride, padding, **others)
    added = [2 * n for n in _pair(padding)]
    _check_windows(where, x, kernel_size, added)


def _check_pool_settings(where, kernel_size, stride, padding, **others):
    _check_pair(where, "kernel_size", kernel_size, 1)
    stride = kernel_size if stride is None else stride
    _check_settings(where, stride, padding, **others)
    for k, pad in zip(_pair(kernel_size), _pair(padding), strict=True):
        if isinstance(pad, str) or 2 * pad > k:
            raise ValueError(
                f"{where}: expected a padding of at most half of the window, got "
                f"{padding!r} for a window of {_pair(kernel_size)}"
            )


def _check_only(where, **settings):
    """What PyTorch has besides, and this package has not."""
    only = {"dilation": 1, "groups": 1, "padding_mode": "zeros"}
    only |= {"ceil_mode": False, "return_indices": False}
    only |= {"count_include_pad": True, "divisor_override": None}
    for name, value in settings.items():
        if _pair(value) != _pair(only[name]):
            raise NotImplementedError(
                f"{where}: {name}={value!r} is not supported; leave it out"
            )


def _check_pair(where, name, value, least):
    """One whole number, or two."""
    is_pair = np.ndim(value) == 1
    if is_pair and len(value) != 2:
        raise ValueError(
            f"{where}: expected a number or a pair as {name}, got {value}"
        )
    for number in value if is_pair else (value,):
        check_number(where, name, number, least, whole=True)


class Conv2d(Module):
    """A convolutional layer: `conv2d` with its kernels and biases.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels C of the images, and number of kernels K.
    kernel_size : int or pair
        Height and width of the window.
    stride, padding, dilation, groups
        As in `conv2d`.
    bias : bool, default True
        Whether there is a bias for each kernel.
    padding_mode : "zeros"
        Nothing else is supported.
    dtype : numpy dtype, default float64
    rng : numpy Generator, optional
        Draws the weights; by default the generator that `manual_seed` sets.

    Attributes
    ----------
    weight : Parameter, shape (K, C, h, w)
        Drawn uniformly from −1/√D to 1/√D with D = C h w, as in PyTorch.
    bias : Parameter, shape (K,), or None

    Examples
    --------
    >>> layer = Conv2d(1, 8, kernel_size=3, padding=1)
    >>> layer(np.ones((5, 1, 28, 28))).shape
    (5, 8, 28, 28)
    """

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
        *,
        dtype=np.float64,
        rng=None,
    ):
        super().__init__()
        check_number("Conv2d", "in_channels", in_channels, 1, whole=True)
        check_number("Conv2d", "out_channels", out_channels, 1, whole=True)
        _check_pair("Conv2d", "kernel_size", kernel_size, 1)
        others = {"dilation": dilation, "groups": groups}
        others["padding_mode"] = padding_mode
        _check_settings("Conv2d", stride, padding, **others)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.stride = _pair(kernel_size), _pair(stride)
        self.padding = padding if isinstance(padding, str) else _pair(padding)
        D = in_channels * math.prod(self.kernel_size)
        rng, bound = generator(rng), 1 / D**0.5
        shape = out_channels, in_channels, *self.kernel_size
        weight = rng.uniform(-bound, bound, shape)
        self.weight, self.bias = Parameter(weight, dtype=dtype), None
        if bias:
            b = rng.uniform(-bound, bound, out_channels)
            self.bias = Parameter(b, dtype=dtype)

    def forward(self, input):
        return conv2d(
            input, self.weight, self.bias, self.stride, self.padding
        )

    def extra_repr(self):
        text = f"{self.in_channels}, {self.out_channels}"
        text += f", kernel_size={self.kernel_size}, stride={self.stride}"
        text += f", padding={self.padding}" * (self.padding != (0, 0))
        return text + ", bias=False" * (self.bias is None)


class MaxPool2d(Module):
    """`max_pool2d` as a module."""

    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        dilation=1,
        return_indices=False,
        ceil_mode=False,
    ):
        super().__init__()
        others = {"ceil_mode": ceil_mode, "return_indices": return_indices}
        others["dilation"] = dilation
        _check_pool_settings(
            "MaxPool2d", kernel_size, stride, padding, **others
        )
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def forward(self, input):
        return max_pool2d(input, self.kernel_size, self.stride, self.padding)

    def extra_repr(self):
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}"
        )


class AvgPool2d(Module):
    """`avg_pool2d` as a module."""

    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
    ):
        super().__init__()
        others = {
            "ceil_mode": ceil_mode,
            "divisor_override": divisor_override,
        }
        others["count_include_pad"] = count_include_pad
        _check_pool_settings(
            "AvgPool2d", kernel_size, stride, padding, **others
        )
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def forward(self, input):
        return avg_pool2d(input, self.kernel_size, self.stride, self.padding)

    extra_repr = MaxPool2d.extra_repr
