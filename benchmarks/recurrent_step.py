"""Recurrent layers against PyTorch eager: seconds of a training step, side by side.

The models are those of the pages *Recurrent networks* and *Gates*, in float32 on one
thread, with the same weights, turn by turn in one process. A figure is the ratio of the
medians, ours / PyTorch's: below 1 we are faster.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
from collections.abc import Callable

import numpy as np
import torch
from dense_step import interleaved

import course_lib

MODELS = [  # task, layer, T, N, D, H
    ("names", "RNN", 12, 32, 16, 64),
    ("names", "LSTM", 12, 32, 16, 64),
    ("names", "GRU", 12, 32, 16, 64),
    ("names", "GRU", 12, 64, 16, 128),
    ("adding", "RNN", 40, 32, 2, 32),
    ("adding", "LSTM", 40, 32, 2, 32),
    ("adding", "GRU", 40, 32, 2, 32),
    ("adding", "LSTM", 100, 32, 2, 64),
    ("adding", "GRU", 100, 32, 2, 64),
    ("copy", "GRU", 50, 32, 10, 64),
]
FLOAT32 = {course_lib: np.float32, torch: torch.float32}


def step_of(
    package, weights: dict, task: str, layer: str, T: int, N: int, D: int, H: int
) -> Callable[[], float]:
    """One training step in ``package`` (course_lib or torch), from these weights."""
    nn, dtype = package.nn, FLOAT32[package]
    K = {"names": 27, "adding": 1, "copy": 10}[task]

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            if task == "names":
                self.embedding = nn.Embedding(27, D, dtype=dtype)
            self.layer = getattr(nn, layer)(D, H, batch_first=True, dtype=dtype)
            self.read_out = nn.Linear(H, K, dtype=dtype)

        def forward(self, x):
            output, _ = self.layer(self.embedding(x) if task == "names" else x)
            if task == "adding":
                return self.read_out(output[:, -1])
            return self.read_out(output).reshape(-1, K)

    model = Model()
    if not weights:
        weights.update(model.state_dict())
    model.load_state_dict(
        {k: torch.tensor(v) for k, v in weights.items()}
        if package is torch
        else weights
    )
    rng = np.random.default_rng(0)
    if task == "names":
        x, y = rng.integers(27, size=(N, T)), rng.integers(27, size=N * T)
        y[rng.random(N * T) < 0.4] = -100  # padding
    else:
        x = rng.normal(size=(N, T, D)).astype(np.float32)
        y = rng.integers(10, size=N * T)
    if task == "adding":
        y = rng.normal(size=(N, 1)).astype(np.float32)
    x, y = package.tensor(x), package.tensor(y)
    loss = nn.MSELoss() if task == "adding" else nn.CrossEntropyLoss()
    optimizer = package.optim.Adam(model.parameters(), lr=1e-3)

    def step() -> float:
        optimizer.zero_grad()
        L = loss(model(x), y)
        L.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return L.item()

    return step


def main() -> None:
    ratios = []
    print("task    layer    T    N    D    H   ours ms  torch ms  ratio")
    for task, layer, *sizes in MODELS:
        weights: dict = {}
        steps = [
            step_of(package, weights, task, layer, *sizes)
            for package in (course_lib, torch)
        ]
        first = [step() for step in steps]
        assert abs(first[0] - first[1]) < 1e-5  # the same model
        ours, theirs = interleaved(*steps, seconds=4)
        ratios.append(ours / theirs)
        print(
            f"{task:8}{layer:5}"
            + "".join(f"{size:5}" for size in sizes)
            + f"{ours * 1e3:10.2f}{theirs * 1e3:10.2f}{ratios[-1]:7.2f}",
            flush=True,
        )
    mean = statistics.geometric_mean(ratios)
    print(f"geometric mean {mean:.2f} (goal ≤ 0.6), largest {max(ratios):.2f} (≤ 1.0)")


if __name__ == "__main__":
    main()
