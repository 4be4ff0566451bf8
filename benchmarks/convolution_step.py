"""Time one training step of the book's convolutional networks here and in PyTorch.

    python benchmarks/convolution_step.py      # needs requirements-oracles.txt

As `dense_step.py`: float32, one thread, the same weights, turn by turn in one process.
A figure is the ratio of the medians, ours / PyTorch's: below 1 we are faster.
"""

import statistics
from collections.abc import Callable

import numpy as np
import torch
from dense_step import (  # sets the number of threads first
    FLOAT32,
    interleaved,
    training_step,
)

import course_lib

# Name, what it is made of, batch size. A number of channels, its kernel's size.
NETWORKS = {
    "8-16, 3 × 3": [(8, 3), (16, 3)],
    "16-32, 3 × 3": [(16, 3), (32, 3)],
    "32-64, 5 × 5": [(32, 5), (64, 5)],
}
BATCHES = (1, 32, 100)


def network(package, layers: list):
    """Convolutions, each with ReLU and pooling, and a dense layer, for 28 × 28."""
    nn, dtype = package.nn, {"dtype": FLOAT32[package]}
    modules, channels, size = [], 1, 28
    for kernels, k in layers:
        modules += [nn.Conv2d(channels, kernels, k, padding=k // 2, **dtype)]
        modules += [nn.ReLU(), nn.MaxPool2d(2)]
        channels, size = kernels, size // 2
    head = nn.Linear(channels * size * size, 10, **dtype)
    return nn.Sequential(*modules, nn.Flatten(), head)


def step_of(package, model, batch: int) -> Callable[[], float]:
    """One step of Adam with cross-entropy."""
    rng = np.random.default_rng(0)
    images = rng.normal(size=(batch, 1, 28, 28)).astype(np.float32)
    x, y = package.tensor(images), package.tensor(rng.integers(10, size=batch))
    loss = package.nn.CrossEntropyLoss()
    optimizer = package.optim.Adam(model.parameters(), lr=1e-3)
    return training_step(model, loss, optimizer, x, y)


def main() -> None:
    ratios = []
    print("network          batch   ours ms  torch ms  ratio")
    for name, layers in NETWORKS.items():
        for batch in BATCHES:
            models = network(course_lib, layers), network(torch, layers)
            state = {k: torch.tensor(v) for k, v in models[0].state_dict().items()}
            models[1].load_state_dict(state)
            steps = map(step_of, (course_lib, torch), models, (batch, batch))
            ours, theirs = interleaved(*steps, seconds=3)
            ratios.append(ours / theirs)
            print(
                f"{name:16}{batch:6}{ours * 1e3:10.2f}{theirs * 1e3:10.2f}"
                f"{ratios[-1]:7.2f}"
            )
    mean = statistics.geometric_mean(ratios)
    print(f"geometric mean {mean:.2f} (goal ≤ 0.6), largest {max(ratios):.2f} (≤ 1.0)")


if __name__ == "__main__":
    main()
