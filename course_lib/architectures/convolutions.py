"""Convolution and pooling, one window at a time (slide 42).

What `course_lib.nn.convolution` computes with few large matrix products, said plainly.
"""

import numpy as np

from course_lib import cat, stack
from course_lib.nn import functional as F


def slide(x, w):
    """u_i = Σ_k w_k x_{i+k}: a window moves along a row of numbers.

    >>> slide([0, 0, 5, 5, 0], [-1, 1])
    [0, 5, 0, -5]
    """
    places = range(len(x) - len(w) + 1)
    return [sum(w[k] * x[i + k] for k in range(len(w))) for i in places]


def filtered(image, kernel):
    """u_ij = Σ_mn w_mn x_{i+m, j+n}: a window moves over an image.

    >>> filtered(np.eye(3), np.ones((2, 2)))
    array([[2., 1.],
           [1., 2.]])
    """
    (rows, columns), (h, w) = image.shape, kernel.shape
    u = np.zeros((rows - h + 1, columns - w + 1))
    for i in range(rows - h + 1):
        for j in range(columns - w + 1):
            window = image[i : i + h, j : j + w]  # h rows, w columns
            u[i, j] = (kernel * window).sum()
    return u


def six_loops(x, W, b):
    """All there is to a convolution: images, kernels, places, and what is added up."""
    (N, C, height, width), (K, _, h, w) = x.shape, W.shape
    u = np.zeros((N, K, height - h + 1, width - w + 1))
    for n, k, i, j in np.ndindex(u.shape):  # image, kernel, row, column
        u[n, k, i, j] = b[k]
        for c, p, q in np.ndindex(
            C, h, w
        ):  # channel, and place in the window
            u[n, k, i, j] += W[k, c, p, q] * x[n, c, i + p, j + q]
    return u


def windows(x, size, stride):
    """All windows of some images as tensors (N, C, h, w), in a list for each row."""
    (h, w), (down, across) = (
        np.broadcast_to(size, 2),
        np.broadcast_to(stride, 2),
    )
    H, W = x.shape[2:]
    return [
        [x[:, :, i : i + h, j : j + w] for j in range(0, W - w + 1, across)]
        for i in range(0, H - h + 1, down)
    ]


def by_windows(x, W, b, stride=1, padding=0):
    """A convolution is a dense layer that is used again at every window."""
    units = W.flatten(start_dim=1)  # a row of weights for each kernel

    def dense(window):
        return F.linear(window.flatten(start_dim=1), units, b)

    rows = windows(framed(x, padding), W.shape[2:], stride)
    u = [stack([dense(window) for window in row], dim=2) for row in rows]
    return stack(u, dim=2)


def pool_by_windows(x, size, stride=None):
    """The largest number of every window; of several that are equal, the first."""

    def largest(window):
        return window.flatten(start_dim=2).max(dim=2).values

    rows = windows(x, size, size if stride is None else stride)
    o = [stack([largest(window) for window in row], dim=2) for row in rows]
    return stack(o, dim=2)


def framed(x, padding):
    """Images with a frame of zeros around them."""
    (rows, columns), (N, C, H, W) = np.broadcast_to(padding, 2), x.shape
    side = np.zeros((N, C, H, columns))
    edge = np.zeros((N, C, rows, W + 2 * columns))
    return cat([edge, cat([side, x, side], dim=3), edge], dim=2)
