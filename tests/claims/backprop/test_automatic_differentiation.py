"""What the page on automatic differentiation says, over several starts."""

import numpy as np

from course_lib import nn
from course_lib.datasets import digits
from course_lib.training import accuracy
from tests.definitions import definitions

SEEDS = range(5, 10)


def test_the_sigmoid_is_slow_and_catches_up():
    page, data = definitions("backprop/automatic_differentiation"), digits()
    page.x, page.y = data.x_train, data.y_train

    def runs(unit, lr):
        models = [page.start(seed, unit) for seed in SEEDS]
        for model in models:
            page.learn(model, lr)
        return np.array([accuracy(m, data.x_test, data.y_test) for m in models])

    slow, quick = runs(nn.Sigmoid(), 0.5), runs(nn.Sigmoid(), 4.0)
    for unit in (nn.Tanh(), nn.ReLU(), nn.LeakyReLU(0.03)):
        other = runs(unit, 0.5)
        assert slow.max() < other.min()
        assert quick.mean() > other.mean() - 0.01
