"""The training loop learns, reports, stays silent, and stops at a broken loss."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib import Tensor, nn, optim, training
from course_lib.datasets import digits, xor
from course_lib.training import accuracy, evaluate, fit, predict, train_step


def classifier(seed: int = 0, hidden: int = 32) -> nn.Sequential:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(64, hidden, rng=rng), nn.ReLU(), nn.Linear(hidden, 10, rng=rng)
    )


def small_run(**options) -> tuple[nn.Module, training.History]:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(10, 64)), rng.integers(10, size=10)
    model = classifier()
    sgd = optim.SGD(model.parameters(), lr=0.1)
    settings = {"epochs": 3, "batch_size": 4, "rng": rng} | options
    return model, fit(model, nn.CrossEntropyLoss(), sgd, x, y, **settings)


@pytest.mark.parametrize("seed", range(5))
def test_learns_xor(seed):
    rng = np.random.default_rng(seed)
    x, y = xor()
    model = nn.Sequential(
        nn.Linear(2, 8, rng=rng), nn.Tanh(), nn.Linear(8, 1, rng=rng), nn.Sigmoid()
    )
    adam = optim.Adam(model.parameters(), lr=0.05)
    history = fit(model, nn.BCELoss(), adam, x, y, epochs=200, batch_size=4, rng=rng)
    np.testing.assert_array_equal(model(x).data.round(), y)
    assert history.loss[-1] < 0.1 < history.loss[0]


@pytest.mark.parametrize("seed", range(3))
def test_learns_digits(seed):
    d = digits()
    model = classifier(seed)
    history = fit(
        model,
        nn.CrossEntropyLoss(),
        optim.Adam(model.parameters(), lr=0.01),
        d.x_train,
        d.y_train,
        epochs=10,
        batch_size=50,
        validation=(d.x_test, d.y_test),
        rng=np.random.default_rng(seed),
    )
    assert history.validation_accuracy[-1] > 0.95
    assert history.validation_accuracy[-1] == accuracy(model, d.x_test, d.y_test)
    loss = evaluate(model, nn.CrossEntropyLoss(), d.x_test, d.y_test)
    assert history.validation_loss[-1] == loss
    assert len(history.loss) == len(history.validation_loss) == 10


def test_the_seed_decides_everything():
    (one, first), (other, again) = small_run(), small_run()
    assert first == again
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)


def test_the_loss_of_an_epoch_is_the_mean_over_its_examples():
    """With a learning rate of 0, batches of 4, 4 and 2 give the loss of the whole."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(10, 64)), rng.integers(10, size=10)
    model, loss = classifier(), nn.CrossEntropyLoss()
    history = fit(
        model, loss, optim.SGD(model.parameters(), lr=0), x, y, epochs=2, batch_size=4
    )
    np.testing.assert_allclose(history.loss, evaluate(model, loss, x, y), rtol=1e-12)
    assert history.validation_loss == history.validation_accuracy == []


def test_train_step_is_one_step_downhill():
    w = nn.Parameter([2.0])
    model = nn.Module()
    model.w, model.forward = w, lambda x: w * x
    w.grad = np.array([100.0])  # of an earlier step: to be forgotten
    L = train_step(
        model, nn.MSELoss(), optim.SGD([w], lr=0.1), np.array([3.0]), np.array([0.0])
    )
    assert L == 36
    np.testing.assert_allclose(w.data, [2 - 0.1 * 2 * 6 * 3])


def test_after_epoch_is_called_with_the_number_of_epochs_done():
    done = []
    small_run(after_epoch=done.append)
    assert done == [1, 2, 3]


def test_the_model_is_trained_in_train_mode_and_evaluated_in_eval_mode():
    modes = []

    class Spy(nn.Linear):
        def forward(self, input):
            modes.append(self.training)
            return super().forward(input)

    model = Spy(2, 2)
    x, y = np.ones((4, 2)), np.array([0, 1, 0, 1])
    sgd = optim.SGD(model.parameters(), lr=0.1)
    options = {"epochs": 2, "batch_size": 4, "validation": (x, y)}
    fit(model, nn.CrossEntropyLoss(), sgd, x, y, **options)
    assert modes == [True, False] * 2


def test_evaluation_records_no_graph():
    results = []

    def loss(output, target):
        results.append(nn.CrossEntropyLoss()(output, target))
        return results[-1]

    model = classifier()
    assert type(evaluate(model, loss, np.ones((3, 64)), np.array([0, 1, 2]))) is float
    assert not results[0].requires_grad


def test_predict_and_accuracy():
    model = nn.Module()
    model.forward = Tensor
    x = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]])
    np.testing.assert_array_equal(predict(model, x), [1, 0, 1])
    assert accuracy(model, x, np.array([1, 0, 0])) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match=r"shape \(3,\), got shape \(3, 1\)"):
        accuracy(model, x, np.array([[1], [0], [0]]))


def test_a_broken_loss_stops_the_run_and_says_where():
    model = nn.Linear(1, 1, rng=np.random.default_rng(0))
    sgd = optim.SGD(model.parameters(), lr=1e200)
    x = np.ones((4, 1))
    with pytest.raises(FloatingPointError, match=r"the loss is (inf|nan)") as caught:
        fit(model, nn.MSELoss(), sgd, x, x - 9, epochs=3, batch_size=2)
    assert caught.value.__notes__ == [
        "The outputs of the model are finite; the loss or its derivative is not.",
        "This was batch 1 of epoch 1.",
    ]
    assert all(np.isfinite(p.data).all() for p in model.parameters())


def test_an_empty_batch_is_refused():
    model = classifier()
    sgd = optim.SGD(model.parameters(), lr=0.1)
    nothing = np.ones((0, 64)), np.ones(0, int)
    with pytest.raises(ValueError, match="0 examples and 0 answers"):
        fit(model, nn.CrossEntropyLoss(), sgd, *nothing, epochs=1, batch_size=2)


def test_nothing_is_printed(capfd):
    small_run()
    assert capfd.readouterr() == ("", "")


def test_a_transform_changes_what_is_learned_from_and_nothing_else():
    seen = []

    def double(x):
        seen.append(len(x))
        return 2 * x

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(10, 64)), rng.integers(10, size=10)
    before, runs = x.copy(), []
    for inputs, transform in [(x, double), (2 * x, None)]:
        model = classifier()
        sgd = optim.SGD(model.parameters(), lr=0.1)
        settings = {"epochs": 2, "batch_size": 4, "rng": np.random.default_rng(1)}
        loss = nn.CrossEntropyLoss()
        runs.append(fit(model, loss, sgd, inputs, y, transform=transform, **settings))
    assert runs[0] == runs[1]
    assert seen == [4, 4, 2] * 2
    np.testing.assert_array_equal(x, before)


def test_patience_ends_the_run_and_brings_back_the_best_weights():
    """Noise cannot be learned: the loss on other noise rises after a few epochs."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 64)), rng.integers(10, size=200)
    seen, validation = [], (x[100:], y[100:])
    model = classifier()
    adam = optim.Adam(model.parameters(), lr=0.01)
    history = fit(
        model, nn.CrossEntropyLoss(), adam, x[:100], y[:100], epochs=50, batch_size=20,
        validation=validation, patience=3, rng=rng,
        after_epoch=lambda epoch: seen.append(model.state_dict()),
    )  # fmt: skip
    losses = history.validation_loss
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 3 < 50
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, seen[best][name])
    assert evaluate(model, nn.CrossEntropyLoss(), *validation) == min(losses)


def test_a_new_best_renews_the_patience():
    stopping = training.EarlyStopping(classifier(), patience=2)
    losses = [3.0, 3.1, 2.0, 2.5, 2.0]
    ends = [stopping.is_over(loss) for loss in losses]
    assert ends == [False, False, False, False, True]
    assert stopping.best_loss == 2


def test_patience_needs_a_validation_set():
    with pytest.raises(ValueError, match=r"fit: expected validation=\(x, y\), without"):
        small_run(patience=3)
