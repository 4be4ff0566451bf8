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


# ---- What would be wrong in silence ----------------------------------------------


def two_blobs(n: int = 40):
    """Two classes that a straight line can tell apart, in random order."""
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=n)
    return rng.normal(size=(n, 2)) * 0.3 + 2 * y[:, None] - 1, y


def linear(outputs: int = 2, *more) -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, outputs, rng=np.random.default_rng(0)), *more)


def run(model, loss, x, y, **options) -> training.History:
    sgd = optim.SGD(model.parameters(), lr=options.pop("lr", 0.5))
    settings = {"epochs": 5, "batch_size": 8, "rng": np.random.default_rng(0)}
    return fit(model, loss, sgd, x, y, **settings | options)


class Frame:
    """What pandas' tables have: an index of their own, and `to_numpy`."""

    def __init__(self, values):
        self.values = values

    def to_numpy(self):
        return np.array(self.values)

    def __len__(self):
        return len(self.values)

    def __getitem__(self, labels):
        return Frame(np.array(self.values)[np.argsort(labels)])


def test_tables_are_learned_as_their_arrays():
    x, y = two_blobs()
    loss = nn.CrossEntropyLoss()
    expected = run(linear(), loss, x, y, validation=(x, y))
    found = run(linear(), loss, Frame(x), Frame(y), validation=(Frame(x), Frame(y)))
    assert found == expected
    assert found.validation_accuracy[-1] == 1
    model = linear()
    run(model, loss, x, y)
    assert accuracy(model, x, Frame(y)) == accuracy(model, x, y.tolist()) == 1


@pytest.mark.parametrize("use", ["accuracy", "evaluate", "predict", "fit"])
def test_each_module_keeps_its_mode(use):
    x, y = two_blobs()
    model = linear(2, nn.Dropout(0.5), nn.BatchNorm1d(2))
    loss = nn.CrossEntropyLoss()
    calls = {
        "accuracy": lambda: accuracy(model, x, y),
        "evaluate": lambda: evaluate(model, loss, x, y),
        "predict": lambda: predict(model, x),
        "fit": lambda: run(model, loss, x, y, validation=(x, y), patience=3),
    }
    for modes in ([True] * 4, [False] * 4, [True, True, True, False]):
        for module, mode in zip(model.modules(), modes, strict=True):
            module.training = mode
        calls[use]()
        assert [module.training for module in model.modules()] == modes
    with pytest.raises(ValueError, match=r"."):  # also after an error
        accuracy(model, x[:, :1], y)
    assert [module.training for module in model.modules()] == modes


def test_dropout_still_drops_after_a_look_at_the_accuracy():
    x, y = two_blobs()
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(2, 2))
    accuracy(model, x, y)
    assert (model(x).data != model(x).data).any()


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("batch_size", [3, 40])
def test_the_history_is_a_mean_over_examples_for_every_reduction(reduction, batch_size):
    x, y = two_blobs()
    options = {"lr": 0, "batch_size": batch_size, "epochs": 1}
    for make, outputs, target in [
        (nn.MSELoss, 1, y[:, None].astype(float)),
        (nn.CrossEntropyLoss, 2, y),
    ]:
        history = run(
            linear(outputs), make(reduction=reduction), x, target, **options,
            validation=(x, target),
        )  # fmt: skip
        expected = evaluate(linear(outputs), make(), x, target)
        found = history.loss + history.validation_loss
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("loss", "more", "threshold"),
    [
        (nn.BCELoss(), [nn.Sigmoid()], 0.5),
        (nn.functional.binary_cross_entropy, [nn.Sigmoid()], 0.5),
        (nn.BCEWithLogitsLoss(), [], 0),
        (nn.functional.binary_cross_entropy_with_logits, [], 0.0),
    ],
)
def test_one_output_tells_two_classes_apart(loss, more, threshold):
    x, y = two_blobs()
    model, column = linear(1, *more), y[:, None].astype(float)
    history = run(model, loss, x, column, validation=(x, column))
    assert history.validation_accuracy[-1] == 1
    assert accuracy(model, x, column, threshold) == 1
    np.testing.assert_array_equal(predict(model, x, threshold), column)
    for use in (lambda: predict(model, x), lambda: accuracy(model, x, y)):
        with pytest.raises(ValueError, match=r"K ≥ 2 .*\(40, 1\).* threshold=0\.5"):
            use()
    with pytest.raises(ValueError, match=r"shape \(40, 1\), got shape \(40,\)"):
        accuracy(model, x, y, threshold)
    soft = np.full_like(column, 0.3)  # no classes
    history = run(model, loss, x, column, validation=(x, soft))
    assert len(history.validation_loss) == 5 and history.validation_accuracy == []


def test_regression_is_validated_by_its_loss():
    x, y = two_blobs()
    column = y[:, None].astype(float)
    for target, outputs in [(x[:, :1], 1), (x, 2), (column, 1)]:
        model = linear(outputs)
        settings = {"validation": (x, target), "patience": 5}
        history = run(model, nn.MSELoss(), x, target, lr=0.1, **settings)
        assert len(history.validation_loss) == 5
        assert history.validation_accuracy == []
        least = evaluate(model, nn.MSELoss(), x, target)
        assert least == min(history.validation_loss)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.full(40, -1), r"expected classes from 0 to 1, got \[-1\]"),
        (np.full(40, 2), "expected classes from 0 to 1"),
        (np.full(40, 0.5), "expected classes from 0 to 1"),
        (np.full(40, np.nan), "expected classes from 0 to 1"),
        (np.full(40, "a"), "expected classes from 0 to 1"),
        (np.eye(2)[np.zeros(40, int)], r"shape \(40,\), got shape \(40, 2\)"),
        (np.zeros(1, int), r"shape \(40,\), got shape \(1,\)"),
    ],
    ids=str,
)
def test_answers_that_are_no_classes(y, message):
    with pytest.raises(ValueError, match=message):
        accuracy(linear(), two_blobs()[0], y)


def test_outputs_that_are_no_scores():
    model, x = nn.Module(), np.zeros((2, 3))
    for outputs, error in [
        ([[0.0, np.nan]] * 2, FloatingPointError), ([0.0, 1.0], ValueError),
        (np.zeros((2, 3, 4)), ValueError), (np.zeros((2, 1)), ValueError),
    ]:  # fmt: skip
        model.forward = lambda x, outputs=outputs: Tensor(outputs)
        with pytest.raises(error, match="predict: "):
            predict(model, x)
    model.forward = lambda x: Tensor(np.zeros((0, 2)))
    with pytest.raises(ValueError, match="at least one example, got none"):
        accuracy(model, x[:0], [])


def test_nan_in_the_validation_examples_is_told():
    x, y = two_blobs()
    broken = x.copy()
    broken[3, 0] = np.nan
    for patience in (None, 2):
        model = linear()
        before = model.state_dict()
        with pytest.raises(FloatingPointError, match=r"validation loss is nan") as c:
            run(
                model, nn.CrossEntropyLoss(), x, y, validation=(broken, y),
                patience=patience,
            )  # fmt: skip
        assert c.value.__notes__ == ["This was after epoch 1."]
        assert len(c.value.history.loss) == 1
        changed = (model[0].weight.data != before["0.weight"]).any()
        assert changed == (patience is None)  # else it has its best weights again
    stopping = training.EarlyStopping(linear(), patience=2)
    with pytest.raises(FloatingPointError, match="the validation loss is nan"):
        stopping.is_over(np.nan)
    stopping.restore()


def test_no_epochs_change_nothing():
    x, y = two_blobs()
    for options in ({}, {"validation": (x, y), "patience": 2}):
        model = linear()
        history = run(model, nn.CrossEntropyLoss(), x, y, epochs=0, **options)
        assert history == training.History()
        expected = linear().state_dict()["0.weight"]
        np.testing.assert_array_equal(model[0].weight.data, expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": -1}, "fit: expected a whole number of at least 0 as epochs"),
        ({"epochs": 2.5}, "of at least 0 as epochs, got 2.5"),
        ({"epochs": True}, "as epochs, got True"),
        ({"batch_size": 0}, "fit: expected a whole number of at least 1 as batch_size"),
        ({"batch_size": 8.0}, "as batch_size, got 8.0"),
        ({"patience": 0, "validation": two_blobs()}, "at least 1 as patience, got 0"),
        ({"validation": two_blobs()[0]}, r"a pair \(x, y\) as validation, got ndarray"),
        (
            {"validation": (*two_blobs(), 1)},
            r"a pair \(x, y\) as validation, got tuple",
        ),
    ],
    ids=str,
)
def test_settings_that_cannot_be(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        run(linear(), nn.CrossEntropyLoss(), *two_blobs(), **options)


@pytest.mark.parametrize("where", ["transform", "step", "after_epoch", "validation"])
def test_who_stops_a_run_keeps_model_and_history(where):
    """Ctrl-C at some moment of the third epoch."""
    x, y = two_blobs()
    model, calls, kept = linear(), [], []
    loss, sgd = nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.5)

    def stop(at):
        if at == where and len(kept) == 2:
            calls.append(at)
            if len(calls) == 3 or at in ("after_epoch", "validation"):
                raise KeyboardInterrupt

    def watched(output, target):
        stop("validation" if not output.requires_grad else "loss")
        return loss(output, target)

    def update(*arguments, **options):  # the step is half done: one weight has moved
        stop("step")
        return optim.SGD.update(*arguments, **options)

    def after_epoch(epoch):
        stop("after_epoch")
        kept.append(model.state_dict())

    def transform(inputs):
        stop("transform")
        return inputs

    sgd.update = update
    with pytest.raises(KeyboardInterrupt) as caught:
        fit(
            model, watched, sgd, x, y, epochs=9, batch_size=8, validation=(x, y),
            patience=5, transform=transform, after_epoch=after_epoch,
        )  # fmt: skip
    history = caught.value.history
    assert len(history.validation_loss) == 3 if where == "after_epoch" else 2
    assert len(history.loss) in (2, 3)
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, kept[1][name])  # the best so far
    assert model.training


def test_without_patience_a_run_stops_after_a_whole_step():
    x, y = two_blobs()
    model, seen = linear(), []
    sgd = optim.SGD(model.parameters(), lr=0.5)

    def update(*arguments, **options):
        if len(seen) == 5:  # the second of two arrays, in the third step
            raise KeyboardInterrupt
        seen.append(optim.SGD.update(*arguments, **options))
        return seen[-1]

    sgd.update = update
    with pytest.raises(KeyboardInterrupt):
        fit(model, nn.CrossEntropyLoss(), sgd, x, y, epochs=1, batch_size=8)
    for p, values in zip(model.parameters(), seen[2:4], strict=True):
        np.testing.assert_array_equal(p.data, values)


class Root(nn.Module):
    """√|x|, whose derivative at 0 is infinite."""

    def forward(self, input):
        return input.abs().sqrt()


def test_a_broken_weight_is_told_at_its_step_and_undone():
    model = nn.Sequential(nn.Linear(1, 1, bias=False), Root())
    model[0].weight.data = np.zeros((1, 1))
    for epochs in (1, 5):
        with pytest.raises(
            FloatingPointError, match=r"makes numbers in 0\.weight"
        ) as c:
            run(model, nn.L1Loss(), np.ones((8, 1)), np.ones((8, 1)), epochs=epochs)
        assert "This was batch 0 of epoch 1." in c.value.__notes__
        assert model[0].weight.data == 0


def test_the_first_layer_that_breaks_is_named():
    class Inverse(nn.Module):
        def forward(self, input):
            return 1.0 / input

    class Zero(nn.Module):
        def forward(self, input):
            return input * 0.0

    inner = nn.Sequential(nn.BatchNorm1d(2), Zero(), Inverse())
    model = nn.Sequential(nn.Linear(2, 2), inner, nn.Linear(2, 2))
    before, (x, y) = model.state_dict(), two_blobs()
    with pytest.raises(FloatingPointError, match="the loss is nan") as caught:
        run(model, nn.CrossEntropyLoss(), x, y)
    assert caught.value.__notes__[0] == (
        "The first infinite or NaN numbers are the outputs of 1.2 (Inverse)."
    )
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, before[name])  # BatchNorm's memory too
    assert "forward" not in vars(model[1][2])
    x[3] = np.inf
    with pytest.raises(FloatingPointError) as caught:
        run(linear(), nn.CrossEntropyLoss(), x, y, batch_size=40)
    assert caught.value.__notes__[0].startswith("The examples of the batch hold")


def test_an_optimizer_of_another_model_learns_nothing_and_says_so():
    x, y = two_blobs()
    sgd = optim.SGD(linear().parameters(), lr=0.1)
    with pytest.raises(RuntimeError, match="from the parameters of this model"):
        fit(linear(), nn.CrossEntropyLoss(), sgd, x, y, epochs=1, batch_size=8)


def test_the_best_weights_come_back_at_the_end_of_a_whole_run_too():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 64)), rng.integers(10, size=60)
    model, validation = classifier(), (x[30:], y[30:])
    adam = optim.Adam(model.parameters(), lr=0.02)
    history = fit(
        model, nn.CrossEntropyLoss(), adam, x[:30], y[:30], epochs=12, batch_size=10,
        validation=validation, patience=99, rng=rng,
    )  # fmt: skip
    losses = history.validation_loss
    assert len(losses) == 12 and min(losses) < losses[-1]
    assert evaluate(model, nn.CrossEntropyLoss(), *validation) == min(losses)


def test_each_epoch_is_trained_in_train_mode_and_what_is_measured_is_not():
    x, y = two_blobs()
    model, modes = linear(2, nn.Dropout(0.5)), []
    forward = model.forward
    model.forward = lambda x: (modes.append(model.training), forward(x))[1]
    run(model, nn.CrossEntropyLoss(), x, y, epochs=2, batch_size=40,
        after_epoch=lambda _: model.eval())  # fmt: skip
    assert modes == [True, True]
    evaluate(model.train(), nn.CrossEntropyLoss(), x, y)
    predict(model, x)
    accuracy(model, x, y)
    assert modes[2:] == [False] * 3


def test_predictions_record_no_graph():
    outputs, model = [], linear()
    forward = model.forward
    model.forward = lambda x: (outputs.append(forward(x)), outputs[-1])[1]
    predict(model, np.ones((3, 2)))
    assert [o.requires_grad for o in outputs] == [False]
