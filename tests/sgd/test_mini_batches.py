"""The gradient that a step follows."""

import numpy as np

from course_lib import manual_seed, nn, optim
from course_lib.sgd.mini_batches import gradient
from course_lib.training import train_step


def test_gradient_is_what_a_step_goes_by():
    rng = manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    loss, x, y = (
        nn.CrossEntropyLoss(),
        rng.normal(size=(20, 3)),
        rng.integers(2, size=20),
    )
    before = np.concatenate([p.data.ravel() for p in model.parameters()])
    g = gradient(model, loss, x, y)
    assert g.shape == before.shape
    train_step(model, loss, optim.SGD(model.parameters(), lr=0.5), x, y)
    after = np.concatenate([p.data.ravel() for p in model.parameters()])
    np.testing.assert_allclose(after, before - 0.5 * g, atol=1e-15)
