"""Images of numbers that speak for or against something."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from course_lib.page.plot.style import color


def evidence(images, titles=None, *, columns=3, signed=False):
    """Draw a grid of signed images: orange speaks for, blue against, paper is 0.

    Parameters
    ----------
    images : array_like, shape (n, height, width)
        The larger a number, the stronger its color. Images without a negative number
        are drawn in the color of ink. The signed ones share one scale, and so do those.
    titles : sequence of str, optional
        One above each image.
    columns : int, default 3
        Images in a row.
    signed : bool, default False
        Whether images without a negative number are signed too, and so are orange.

    Examples
    --------
    >>> evidence([[[1, -2], [0, 3]]], ["weights"])
    """
    images = np.asarray(images, dtype=float)
    assert images.ndim == 3, f"shape {images.shape}; reshape to (n, height, width)"
    n, height, width = images.shape
    titles = [""] * n if titles is None else titles
    rows, side = -(-n // columns), 5 / max(columns, 3)
    size = side * columns, rows * (side * height / width + 0.32)
    figure, grid = plt.subplots(rows, columns, figsize=size, squeeze=False)
    figure.set_layout_engine("compressed")
    for ax in grid.flat[n:]:
        ax.axis("off")
    signs = (images.min(axis=(1, 2)) < 0) | signed
    most = {sign: np.abs(images[signs == sign]).max(initial=0) for sign in (0, 1)}
    panels = zip(grid.flat[:n], images, titles, signs, strict=True)
    for ax, image, title, sign in panels:
        strength = np.abs(image) / (most[sign] or 1)
        strength = strength.round(6)  # the last bits differ between processors
        positive = "orange" if sign else "ink"
        for y, x in np.argwhere(strength > 0.02):
            shade = color(positive if image[y, x] > 0 else "blue")
            look = {"color": shade, "alpha": strength[y, x], "lw": 0}
            ax.add_patch(Rectangle((x, height - 1 - y), 1, 1, **look))
        ax.set(xlim=(0, width), ylim=(0, height), xticks=[], yticks=[], aspect="equal")
        ax.set_title(title)
        ax.spines[:].set(visible=True, color=color("pale"), lw=0.8)
