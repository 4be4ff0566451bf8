"""Time one training step of Transformers here and in PyTorch, side by side.

    python benchmarks/attention_step.py        # needs requirements-oracles.txt

Both sides have the same weights, in float32 on one thread each, and take turns in one
process. A figure is the ratio of the medians, ours / PyTorch's: below 1 we are faster.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
from collections.abc import Callable

import numpy as np
import torch
from dense_step import FLOAT32, interleaved

import course_lib

MODELS = [  # tokens per line, lines, numbers per token, heads, layers, symbols
    ("words backwards", 8, 64, 32, 1, 1, 26),
    ("words repeated", 16, 32, 32, 1, 2, 26),
    ("names", 12, 64, 32, 4, 2, 27),
    ("names, wide", 12, 64, 64, 4, 2, 27),
    ("recall", 24, 64, 32, 4, 2, 27),
    ("not in the book: long", 128, 16, 64, 4, 2, 27),
]


def step_of(package, T, N, E, heads, layers, classes) -> Callable:
    """One training step of a decoder in ``package`` (course_lib or torch)."""
    nn, dtype = package.nn, FLOAT32[package]
    rng = np.random.default_rng(0)
    blocks = [
        nn.TransformerEncoderLayer(
            E, heads, 4 * E, 0.0, batch_first=True, norm_first=True, dtype=dtype
        )
        for _ in range(layers)
    ]
    model = nn.Sequential(
        nn.Embedding(classes, E, dtype=dtype),
        *blocks,
        nn.LayerNorm(E, dtype=dtype),
        nn.Linear(E, classes, dtype=dtype),
    )
    state = {
        k: (0.1 * rng.normal(size=v.shape)).astype(np.float32)
        for k, v in model.state_dict().items()
    }
    if package is torch:
        state = {k: torch.tensor(v) for k, v in state.items()}
    model.load_state_dict(state)
    tokens = rng.integers(classes, size=(N, T + 1))
    x = package.tensor(tokens[:, :-1])
    y = package.tensor(tokens[:, 1:].ravel())
    later = np.triu(np.ones((T, T), bool), 1)
    later = torch.tensor(later) if package is torch else later
    loss = nn.CrossEntropyLoss()
    optimizer = package.optim.Adam(model.parameters(), lr=1e-3)
    first, *blocks, norm, last = model

    def step() -> float:
        optimizer.zero_grad()
        u = first(x)
        for block in blocks:
            u = block(u, later, is_causal=True)
        L = loss(last(norm(u)).reshape(-1, classes), y)
        L.backward()
        optimizer.step()
        return L.item()

    return step


def main() -> None:
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    ratios = []
    print(
        "model                    T    N   E  heads layers   ours ms  torch ms  ratio"
    )
    for name, *sizes in MODELS:
        steps = [step_of(package, *sizes) for package in (course_lib, torch)]
        first = [step() for step in steps]
        assert abs(first[0] - first[1]) < 1e-4 * first[1], first  # the same model
        ours, theirs = interleaved(*steps, seconds=4)
        ratios.append(ours / theirs)
        T, N, E, heads, layers, _ = sizes
        print(
            f"{name:22}{T:4}{N:5}{E:4}{heads:7}{layers:7}{ours * 1e3:10.2f}"
            f"{theirs * 1e3:10.2f}{ratios[-1]:7.2f}"
        )
    mean = statistics.geometric_mean(ratios)
    print(f"geometric mean {mean:.2f} (goal ≤ 0.6), largest {max(ratios):.2f} (≤ 1.0)")


if __name__ == "__main__":
    main()
