"""Images in a grid, the misread ones marked."""

import matplotlib.pyplot as plt
import numpy as np

from course_lib.page.plot.style import color


def images(images, titles=None, *, mistakes=None, columns=5):
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

    Examples
    --------
    >>> digits = np.eye(8)[[0, 1, 2]].reshape(3, 2, 4)
    >>> images(digits, ["3", "5", "true 8\\nread 3"], mistakes=[False, False, True])
    """
    images = np.asarray(images, dtype=float)
    assert images.ndim == 3, f"shape {images.shape}; reshape to (n, height, width)"
    n = len(images)
    titles = [""] * n if titles is None else titles
    mistakes = [False] * n if mistakes is None else mistakes
    columns = min(columns, n)
    rows = -(-n // columns)
    side = 5.0 / max(columns, 3)  # inches
    lines = max(title.count("\n") + bool(title) for title in titles)
    picture = side * images.shape[1] / images.shape[2]
    size = side * columns, rows * (picture + 0.22 * lines + 0.1)
    figure, grid = plt.subplots(rows, columns, figsize=size, squeeze=False)
    figure.set_layout_engine("compressed")  # keeps images of fixed shape together
    for ax in grid.flat[n:]:
        ax.axis("off")
    scale = {"vmin": images.min(), "vmax": images.max()}
    shown = zip(grid.flat[:n], images, titles, mistakes, strict=True)
    for ax, image, title, wrong in shown:
        ax.imshow(image, **scale)
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"✗ {title}".strip() if wrong else title)
        ax.spines[:].set(visible=True, color=color("pale"), lw=0.8)
        if wrong:
            ax.spines[:].set(color=color("vermillion"), lw=2.5)
