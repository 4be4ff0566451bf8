"""What the pages say of training, over several seeds.

A page's own output is compared by nbval; here stands what it concludes from it.
"""

import numpy as np
import pytest

from course_lib import manual_seed, nn, optim
from course_lib.datasets import digits
from course_lib.training import accuracy, fit, train_step

SEEDS = range(5)


@pytest.fixture(scope="module")
def data():
    return digits()


def demo(data, seed, units):
    """The network of the welcome page; its accuracy on test and training digits."""
    manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, units), nn.ReLU(), nn.Linear(units, 10))
    optimizer = optim.SGD(model.parameters(), lr=0.2)
    x, y = data.x_train, data.y_train
    fit(model, nn.CrossEntropyLoss(), optimizer, x, y, epochs=30, batch_size=32)
    return accuracy(model, data.x_test, data.y_test), accuracy(model, x, y)


def test_welcome_the_demo_reads_most_unseen_digits_from_every_start(data):
    results = np.array([demo(data, seed, units=32) for seed in SEEDS])
    assert results[:, 0].min() > 0.96
    assert (results[:, 1] > results[:, 0]).all()  # more on what it learned from


def test_welcome_four_units_are_a_narrow_passage(data):
    shares = [demo(data, seed, units=4)[0] for seed in SEEDS]
    assert shares[0] == max(shares)  # "seed 0 was the luckiest of the five"
    assert max(shares) - min(shares) > 0.1


def after_200_steps(data, unit, lr, seed):
    """Test accuracy of 64–32–10 on the page about automatic differentiation."""
    manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 32), unit, nn.Linear(32, 10))
    optimizer, loss = optim.SGD(model.parameters(), lr), nn.CrossEntropyLoss()
    for _ in range(200):
        train_step(model, loss, optimizer, data.x_train, data.y_train)
    return accuracy(model, data.x_test, data.y_test)


def test_automatic_differentiation_the_sigmoid_is_slow_and_catches_up(data):
    def runs(unit, lr):
        return np.array([after_200_steps(data, unit, lr, seed) for seed in SEEDS])

    slow, quick = runs(nn.Sigmoid(), 0.5), runs(nn.Sigmoid(), 4.0)
    for unit in (nn.Tanh(), nn.ReLU(), nn.LeakyReLU(0.03)):
        other = runs(unit, 0.5)
        assert slow.max() < other.min()
        assert quick.mean() > other.mean() - 0.01


def test_by_hand_steps_have_no_slope_to_follow():
    from course_lib.backprop import by_hand
    from course_lib.core.numerical import partial_derivatives
    from course_lib.perceptron.neuron import step

    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        x, W0, W1 = rng.normal(size=3), rng.normal(size=(2, 3)), rng.normal(size=(1, 2))

        def loss(W, x=x, W1=W1):
            return by_hand.forward(x, 1.0, W, W1, step).L

        assert not partial_derivatives(loss, W0).any()
