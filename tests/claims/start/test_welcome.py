"""What the welcome page says, over several starts."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.datasets import digits
from course_lib.training import accuracy, fit
from tests.definitions import definitions

SEEDS = range(5)


@pytest.fixture(scope="module")
def page():
    page = definitions("start/welcome")
    page.data = digits()
    return page


def test_the_demo_reads_most_unseen_digits_from_every_start(page):
    assert min(page.trained_accuracy(seed) for seed in range(5, 10)) > 0.96


def test_it_reads_more_of_what_it_learned_from(page):
    x, y, x_test, y_test = page.data
    for seed in SEEDS:
        manual_seed(seed)
        model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
        optimizer = optim.SGD(model.parameters(), lr=0.2)
        fit(model, nn.CrossEntropyLoss(), optimizer, x, y, epochs=30, batch_size=32)
        assert accuracy(model, x, y) > accuracy(model, x_test, y_test)


def test_four_units_are_a_narrow_passage(page):
    shares = np.array([page.trained_accuracy(seed, units=4) for seed in SEEDS])
    assert shares[0] == max(shares)  # "seed 0 was the luckiest of the five"
    assert np.ptp(shares) > 0.1


def test_it_is_installed_as_the_readme_says():
    root = Path(__file__).parents[3]
    page = json.loads((root / "book/start/welcome.ipynb").read_text("utf-8"))
    text = "".join("".join(cell["source"]) for cell in page["cells"])
    lines = re.search(r"```bash\n(.*?)```", text, re.DOTALL)[1].splitlines()
    commands = [command for line in lines for command in line.split(" && ")]
    readme = (root / "README.md").read_text("utf-8")
    assert len(commands) == 5 and all(command in readme for command in commands)
