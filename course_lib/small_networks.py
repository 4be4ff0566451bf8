"""Many networks of one hidden layer, trained side by side (slide 31).

One row of an array holds all weights of one network, so that hundreds of starts cost
hardly more than one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .dense import tanh
from .tensor import Tensor


class SmallNetworks:
    """Networks D–units–1 on the same few examples, with the loss of each.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    y : ndarray, shape (N, 1)
    units : int
        Number of hidden units.
    f : callable, default tanh
        Their activation, a function on tensors.
    penalty : float, default 0
        λ of (λ/2) Σ w², which is added to the mean squared error.

    Attributes
    ----------
    size : int
        How many weights and biases one network has.

    Examples
    --------
    >>> nets = SmallNetworks(np.zeros((4, 2)), np.zeros((4, 1)), units=3)
    >>> nets.losses(np.zeros((5, nets.size))).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """

    def __init__(
        self,
        x: np.ndarray,
        y: np.ndarray,
        units: int,
        f: Callable = tanh,
        penalty: float = 0.0,
    ):
        if np.ndim(x) != 2 or np.shape(y) != (len(x), 1):
            raise ValueError(
                f"SmallNetworks: x has shape {np.shape(x)} and y {np.shape(y)}; "
                "give (N, D) and (N, 1)"
            )
        self.x, self.y, self.f, self.penalty = Tensor(x), y, f, penalty
        self.units, self.inputs = units, np.shape(x)[1]
        self.size = (self.inputs + 2) * units + 1

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Weights of new networks, shape (count, size), even in ±1/√(inputs)."""
        first = (self.inputs + 1) * self.units
        bounds = np.full(self.size, self.units**-0.5)
        bounds[:first] = self.inputs**-0.5
        return bounds * rng.uniform(-1, 1, (count, self.size))

    def outputs(self, w: Tensor) -> Tensor:
        """What each network answers to each example, shape (R, N, 1)."""
        D, K = self.inputs, self.units
        W0 = w[:, : D * K].reshape(-1, D, K)
        b0 = w[:, D * K : D * K + K].reshape(-1, 1, K)
        W1 = w[:, D * K + K : -1].reshape(-1, K, 1)
        b1 = w[:, -1:].reshape(-1, 1, 1)
        return self.f(self.x @ W0 + b0) @ W1 + b1

    def _losses(self, w: Tensor) -> Tensor:
        d = self.outputs(w) - self.y
        L = (d * d).mean(dim=(1, 2))
        if self.penalty:
            L = L + self.penalty / 2 * (w * w).sum(dim=1)
        return L

    def losses(self, w: np.ndarray) -> np.ndarray:
        """The loss of each network, shape (R,)."""
        return self._losses(Tensor(w)).data

    def gradients(self, w: np.ndarray) -> np.ndarray:
        """∂L/∂w of each network by its own weights, shape (R, size), by the tape.

        The sum of all losses is walked back once; no network's loss depends on
        another's weights.
        """
        w = Tensor(w, requires_grad=True)
        self._losses(w).sum().backward()
        return w.grad

    def descended(self, w: np.ndarray, lr: float, steps: int) -> np.ndarray:
        """The weights after so many steps of gradient descent with all examples."""
        for _ in range(steps):
            w = w - lr * self.gradients(w)
        return w
