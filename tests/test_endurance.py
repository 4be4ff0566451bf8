"""Long runs and deep networks: no memory is lost, nothing is called within itself."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from course_lib import Tensor, nn, optim
from course_lib.training import train_step

ROOT = Path(__file__).parents[1]

STEPS = """
import gc
import numpy as np
from course_lib import nn, optim
from course_lib.training import train_step

model = nn.Linear(2, 1)
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
loss, x, y = nn.MSELoss(), np.ones((4, 2)), np.ones((4, 1))

def memory():
    gc.collect()
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    return pages * 4096, len(gc.get_objects())

def train(steps):
    for _ in range(steps):
        train_step(model, loss, optimizer, x, y)

train(2_000)
before = memory()
train(100_000)
print(*(b - a for a, b in zip(before, memory())))
"""


def test_a_hundred_thousand_steps_take_no_memory():
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", STEPS]
    run = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    )
    grown, objects = map(int, run.stdout.split())
    assert grown < 2**20  # ten bytes a step
    assert objects < 10


def test_ten_thousand_layers():
    """The default limit of Python's recursion is 1,000."""
    rng = np.random.default_rng(0)
    layers = [nn.Linear(1, 1, rng=rng) for _ in range(10_000)]
    for layer in layers:
        layer.weight.data = np.ones((1, 1))
        layer.bias.data = np.zeros(1)
    model, x = nn.Sequential(*layers), Tensor([[2.0]], requires_grad=True)
    sgd = optim.SGD(model.parameters(), lr=1e-6)
    assert train_step(model, nn.MSELoss(), sgd, x, np.array([[1.0]])) == 1
    assert all(p.grad is not None for p in model.parameters())
    assert x.grad == 2  # ∂(x − 1)²/∂x at 2
    np.testing.assert_allclose(layers[0].weight.data, 1 - 1e-6 * 4)
