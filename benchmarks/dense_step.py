"""Time one training step of dense networks here and in PyTorch, side by side.

    python benchmarks/dense_step.py            # needs requirements-oracles.txt

Both sides run the same networks in float32 on one thread each, turn by turn in one
process, so that whatever else the machine does hits both. A figure is the ratio of
the medians, ours / PyTorch's: below 1 we are faster. The last line is the overhead
of the tape: `backward` against the hand-written chain of `course_lib.backprop.by_hand`.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import itertools
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

import course_lib
from course_lib.backprop import by_hand

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

NETWORKS = [  # layer sizes, batch size
    ((2, 8, 1), 4),
    ((64, 32, 10), 32),
    ((64, *[32] * 10, 10), 32),
    ((784, 128, 10), 1),
    ((784, 128, 10), 64),
    ((784, 256, 128, 100, 10), 128),
]


def step_of(package, sizes: tuple, batch: int, optimizer: str) -> Callable[[], float]:
    """One training step of a ReLU network in ``package`` (course_lib or torch)."""
    nn, rng = package.nn, np.random.default_rng(0)
    layers = []
    for D, K in itertools.pairwise(sizes):
        layers += [nn.Linear(D, K, dtype=FLOAT32[package]), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    x = package.tensor(rng.normal(size=(batch, sizes[0])).astype(np.float32))
    if sizes[-1] == 1:
        y = package.tensor(rng.integers(2, size=(batch, 1)).astype(np.float32))
        loss = nn.BCEWithLogitsLoss()
    else:
        y = package.tensor(rng.integers(sizes[-1], size=batch))
        loss = nn.CrossEntropyLoss()
    optimizer = getattr(package.optim, optimizer)(model.parameters(), lr=1e-3)
    return training_step(model, loss, optimizer, x, y)


def training_step(model, loss, optimizer, x, y) -> Callable[[], float]:
    """One training step, the same lines for both packages."""

    def step() -> float:
        optimizer.zero_grad()
        L = loss(model(x), y)
        L.backward()
        optimizer.step()
        return L.item()

    return step


FLOAT32 = {course_lib: np.float32, torch: torch.float32}


def interleaved(*functions: Callable, seconds: float = 1.5) -> list[float]:
    """Median seconds of each function, run turn by turn."""
    for function in functions:
        for _ in range(10):
            function()
    times = [[] for _ in functions]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for function, durations in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            durations.append(time.perf_counter() - start)
    return [statistics.median(durations) for durations in times]


def tape_overhead() -> tuple[float, float]:
    """Seconds of the hand-written chain and of the tape, batch 64, 784-128-10."""
    nn, rng = course_lib.nn, np.random.default_rng(0)
    model = nn.Sequential(
        nn.Linear(784, 128, dtype=np.float32),
        nn.Sigmoid(),
        nn.Linear(128, 10, dtype=np.float32),
    )
    x = rng.normal(size=(64, 784)).astype(np.float32)
    y = rng.integers(10, size=64)
    weights = [p.data for p in model.parameters()]
    loss = nn.CrossEntropyLoss()

    def tape() -> None:
        model.zero_grad()
        loss(model(x), y).backward()

    return interleaved(lambda: by_hand.classifier_chain(x, y, *weights), tape)


def main() -> None:
    ratios = []
    print("network                 batch  optimizer   ours ms  torch ms  ratio")
    for sizes, batch in NETWORKS:
        for optimizer in ("SGD", "Adam"):
            ours, theirs = interleaved(
                *(step_of(p, sizes, batch, optimizer) for p in (course_lib, torch))
            )
            ratios.append(ours / theirs)
            name = "-".join(map(str, sizes)).replace("-32" * 10, "-32×10")
            print(
                f"{name:24}{batch:5}  {optimizer:9}{ours * 1e3:10.3f}"
                f"{theirs * 1e3:10.3f}{ratios[-1]:7.2f}"
            )
    mean = statistics.geometric_mean(ratios)
    print(f"geometric mean {mean:.2f} (goal ≤ 0.6), largest {max(ratios):.2f} (≤ 1.0)")
    by_hand_time, tape_time = tape_overhead()
    print(f"tape / by hand {tape_time / by_hand_time:.2f} (goal ≤ 1.25)")


if __name__ == "__main__":
    main()
