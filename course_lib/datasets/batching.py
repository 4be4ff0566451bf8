"""One epoch, cut into batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course_lib.core.seed import generator
from course_lib.core.settings import as_array, check_number
from course_lib.core.tensor import Tensor


def batches(
    x: np.ndarray,
    y: np.ndarray,
    batch_size: int,
    rng: np.random.Generator | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One epoch: all examples once, in a new random order, in batches (slide 29).

    Parameters
    ----------
    x : array_like, shape (N, ...)
    y : array_like, shape (N, ...)
        An answer for each example; also of pandas, whose index plays no part.
    batch_size : int
        Examples in a batch. The last batch holds what is left, so it may be smaller.
    rng : numpy Generator, optional
        Draws the order; the default generator if left out.

    Returns
    -------
    iterator of (x of the batch, y of the batch)

    Raises
    ------
    ValueError
        If there are no examples, x and y differ in length, or batch_size < 1.

    Examples
    --------
    >>> [len(y) for _, y in batches(np.zeros((5, 2)), np.zeros(5), batch_size=2)]
    [2, 2, 1]
    """
    x, y = as_array("batches", "x", x), as_array("batches", "y", y)
    check_number("batches", "batch_size", batch_size, 1, whole=True)
    _check_lengths("batches", x, y)
    order = generator(rng).permutation(len(x))
    return (
        (x[chosen], y[chosen])
        for chosen in np.split(order, range(batch_size, len(x), batch_size))
    )


def _check_lengths(where: str, x: np.ndarray, y: np.ndarray) -> None:
    n, m = (len(a) if a.ndim else "no" for a in (x, y))
    if n != m or n in (0, "no"):
        raise ValueError(
            f"{where}: expected one answer for each example and at least one example, "
            f"got {n} examples and {m} answers"
        )


class TensorDataset:
    """Examples and answers side by side, as `torch.utils.data.TensorDataset`.

    Examples
    --------
    >>> data = TensorDataset(np.zeros((3, 2)), np.array([7, 8, 9]))
    >>> len(data), data[1]
    (3, (tensor([0., 0.]), tensor(8)))
    """

    def __init__(self, x: np.ndarray, y: np.ndarray):
        self.x = as_array("TensorDataset", "x", x)
        self.y = as_array("TensorDataset", "y", y)
        _check_lengths("TensorDataset", self.x, self.y)

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return Tensor(self.x[index]), Tensor(self.y[index])


class DataLoader:
    """Batches of a `TensorDataset`, as `torch.utils.data.DataLoader`.

    Each ``for`` loop over it is one epoch. Where no PyTorch is to follow, `batches` is
    shorter.

    Parameters
    ----------
    dataset : TensorDataset
    batch_size : int, default 1
    shuffle : bool, default False
        Whether each epoch has a new order.
    rng : numpy Generator, optional
        Draws the order; the default generator if left out.

    Examples
    --------
    >>> data = TensorDataset(np.zeros((5, 2)), np.arange(5))
    >>> [y.tolist() for _, y in DataLoader(data, batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        dataset: TensorDataset,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        rng: np.random.Generator | None = None,
    ):
        if not isinstance(dataset, TensorDataset):
            raise TypeError(
                "DataLoader: expected a TensorDataset, got "
                f"{type(dataset).__name__}; write TensorDataset(x, y)"
            )
        check_number("DataLoader", "batch_size", batch_size, 1, whole=True)
        self.dataset, self.batch_size = dataset, batch_size
        self.shuffle, self.rng = shuffle, rng

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)  # rounded up

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        n = len(self.dataset)
        order = (
            generator(self.rng).permutation(n)
            if self.shuffle
            else np.arange(n)
        )
        for k in range(0, n, self.batch_size):
            yield self.dataset[order[k : k + self.batch_size]]
