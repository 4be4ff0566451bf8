"""Images in a grid, the misread ones marked."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike

from course_lib.page.style import VERMILLION


def images(
    images: ArrayLike,
    titles: Sequence[str] | None = None,
    *,
    mistakes: Sequence[bool] | None = None,
    columns: int = 5,
) -> None:
    r"""Draw a grid of grey images, dark ink on white, on a new figure.

    Parameters
    ----------
    images : array_like, shape (n, height, width)
        Larger numbers are darker; all images share one scale.
    titles : sequence of str, optional
        One above each image; with five columns, some nine characters a line.
    mistakes : sequence of bool, optional
        Which images to mark, with a frame and a ✗.
    columns : int, default 5
        Images in a row.

    Raises
    ------
    ValueError
        If `images` is not of that shape or empty, or the lengths differ.

    Examples
    --------
    >>> digits = np.eye(8)[[0, 1, 2]].reshape(3, 2, 4)
    >>> images(digits, ["3", "5", "true 8\\nread 3"], mistakes=[False, False, True])
    """
    images = np.asarray(images, dtype=float)
    if images.ndim != 3 or 0 in images.shape:
        raise ValueError(
            f"images: got shape {images.shape}, expected (n, height, width); flat "
            "images need a reshape, such as x.reshape(-1, 8, 8)"
        )
    n = len(images)
    titles = [""] * n if titles is None else titles
    mistakes = [False] * n if mistakes is None else mistakes
    if not n == len(titles) == len(mistakes):
        raise ValueError(
            f"images: {n} images, {len(titles)} titles, {len(mistakes)} mistakes; "
            "give one for each image"
        )
    columns = min(columns, n)
    rows = -(-n // columns)
    side = 6.0 / max(columns, 3)  # inches
    lines = max(title.count("\n") + bool(title) for title in titles)
    picture = side * images.shape[1] / images.shape[2]
    size = side * columns, rows * (picture + 0.2 * lines)
    figure, grid = plt.subplots(rows, columns, figsize=size, squeeze=False)
    figure.set_layout_engine("compressed")  # keeps images of fixed shape together
    for ax in grid.flat[n:]:
        ax.axis("off")
    scale = {"vmin": images.min(), "vmax": images.max()}
    shown = zip(grid.flat[:n], images, titles, mistakes, strict=True)
    for ax, image, title, wrong in shown:
        ax.imshow(image, **scale)
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"✗ {title}".strip() if wrong else title, size=11)
        ax.spines[:].set(visible=True, color="#BDBDBD", lw=0.8)
        if wrong:
            ax.spines[:].set(color=VERMILLION, lw=3)
