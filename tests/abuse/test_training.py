"""Random abuse of optimizers, schedules, data and training: right, or told by name.

Settings and inputs are drawn from what learners type, mostly wrong. Each call must
return what it promises, or raise an error that names its own function or argument; a
warning is an error here, and every loop is short.
"""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import Tensor, load, nn, optim, save
from course_lib.datasets import batches, digits
from course_lib.optim import lr_scheduler
from course_lib.page.exercise import _spellings
from course_lib.regularization.data import MinMaxScaler, StandardScaler
from course_lib.regularization.evaluation import (
    KFold,
    StratifiedKFold,
    train_test_split,
)
from course_lib.training import accuracy, evaluate, fit

ODD = [-1, -0.5, 0, 1, 2, 0.1, 0.9, 1.5, True, None, "0.1", math.nan, math.inf, 1e-9]
ODD += [np.float32(0.5), np.int64(3), np.ones(2), [0.1], (0.9, 0.99), Tensor([0.1])]
VALUES = st.sampled_from([1, 2, 3, 0.1, 0.5, 0.9]) | st.sampled_from(ODD)
SEEDS = st.integers(0, 2**32 - 1)
COUNT = Counter()


class Table:
    """As pandas' columns and tables: an index of its own, and `to_numpy`."""

    def __init__(self, values):
        self.values = values

    def to_numpy(self):
        return self.values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)

    def __len__(self):
        return len(self.values)

    def __getitem__(self, labels):
        return Table(self.values[::-1][labels])


def outcome(call, what, *names):
    """What a call returns, or None if it raises an error; one that names the fault.

    Without names, as for the lessons, NumPy's own words will do.
    """
    try:
        result = call()
    except (ArithmeticError, AssertionError, RuntimeError, TypeError, ValueError) as e:
        told = str(e)
    else:
        COUNT[what, "right"] += 1
        return result
    assert not names or any(re.search(name, told) for name in names), told
    COUNT[what, "refused"] += 1
    return None


def is_number(value):
    kinds = (int, float, np.floating, np.integer)
    return isinstance(value, kinds) and not isinstance(value, bool)


MAKERS = [optim.SGD, optim.Adagrad, optim.RMSprop, optim.Adam, optim.AdamW]
NAMES = ["lr", "momentum", "dampening", "weight_decay", "lr_decay", "eps", "alpha"]
NAMES += ["initial_accumulator_value", "betas", "momentun"]


@settings(max_examples=300)
@given(
    st.sampled_from(MAKERS),
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=2),
    st.integers(1, 4),
)
def test_an_optimizer_goes_down_or_is_refused(make, options, steps):
    w = nn.Parameter([1.0])
    optimizer = outcome(
        lambda: make([w], **options), "optimizer", f"^{make.__name__}: "
    )
    if optimizer is None:
        return
    assert all(is_number(v) and 0 <= v < math.inf for k, v in options.items()
               if k != "betas")  # fmt: skip
    optimizer.param_groups[0]["lr"] = 1e-3
    for _ in range(steps):
        w.grad = np.ones(1)
        before = w.data
        optimizer.step()
        assert np.isfinite(w.data).all() and w.data <= before


def sequences(w):
    """What is given as parameters: right, and wrong in the usual ways."""
    model = nn.Sequential(nn.Linear(2, 1))
    used = model.parameters()
    list(used)
    return [
        [w], (w,), iter([w]), [w, w], [{"params": [w]}], [{"params": w, "lr": 0.1}],
        w, model, model[0], model.state_dict(), model.named_parameters(), used, [],
        [w * 2], [np.ones(2)], "w", [model], [[w]], {"params": [w]}, [{"params": []}],
        [{"params": w}, {"params": w}], [{"params": w, "eta": 1}], model.modules(), 3,
    ]  # fmt: skip


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("number", range(24))
def test_parameters_move_or_are_refused(make, number):
    w = nn.Parameter([1.0, 2.0])
    given_ = sequences(w)[number]
    names = (f"^{make.__name__}: ", "not iterable")
    optimizer = outcome(lambda: make(given_, lr=0.1), "parameters", *names)
    assert (optimizer is not None) == (number < 6)
    if optimizer:
        w.grad = np.ones(2)
        optimizer.step()
        assert (w.data < [1, 2]).all()


SCHEDULES = {
    "StepLR": ["step_size", "gamma"],
    "ExponentialLR": ["gamma"],
    "LinearLR": ["start_factor", "end_factor", "total_iters"],
    "CosineAnnealingLR": ["T_max", "eta_min"],
    "LambdaLR": ["lr_lambda"],
}


@settings(max_examples=300)
@given(st.sampled_from(sorted(SCHEDULES)), st.lists(VALUES, min_size=3, max_size=3))
def test_a_schedule_gives_learning_rates_or_is_refused(name, values):
    given_ = dict(zip(SCHEDULES[name], values, strict=False))
    sgd = optim.SGD([nn.Parameter([1.0])], lr=0.1)
    schedule = outcome(
        lambda: getattr(lr_scheduler, name)(sgd, **given_), "schedule", f"^{name}: "
    )
    for _ in range(6 if schedule else 0):
        (lr,) = schedule.get_last_lr()
        assert 0 <= lr < math.inf
        schedule.step()


def examples(seed, n):
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=n)
    return rng.normal(size=(n, 2)), y


FORMS = {
    "array": lambda a: a,
    "list": lambda a: a.tolist(),
    "table": Table,
    "tensor": lambda a: Tensor(a),
    "objects": lambda a: Table(a.astype(object)),
    "float32": lambda a: a.astype(np.float32) if a.dtype.kind == "f" else a,
    "column": lambda a: a[:, None],
    "shorter": lambda a: a[:-1],
    "words": lambda a: a.astype(str),
    "none": lambda a: np.full(a.shape, None),
    "NaN": lambda a: np.where(a == a.flat[0], np.nan, a),
    "floats": lambda a: a.astype(float),
    "masked": lambda a: np.ma.array(a, mask=a == a.flat[0]),
    "number": lambda a: 3,
}
SAME = ["array", "list", "table", "tensor", "objects"]
FORM = st.sampled_from(SAME) | st.sampled_from(sorted(FORMS))


@settings(max_examples=300)
@given(SEEDS, st.integers(2, 9), FORM, FORM, VALUES)
def test_batches_keep_examples_and_answers_together(seed, n, of_x, of_y, size):
    x, y = examples(seed, n)
    x[:, 0] = y
    given_ = FORMS[of_x](x), FORMS[of_y](y)
    rng = np.random.default_rng(seed)
    found = outcome(
        lambda: list(batches(*given_, size, rng)), "batches", "^batches: expected"
    )
    if found is not None and {of_x, of_y} <= {*SAME, "floats", "float32"}:
        assert sum(len(b) for b, _ in found) == n
        assert all((a[:, 0] == b).all() for a, b in found)


@settings(max_examples=150)
@given(SEEDS, FORM, FORM, st.sampled_from(["mean", "sum"]), st.data())
def test_fit_learns_the_same_from_every_form(seed, of_x, of_y, reduction, data):
    x, y = examples(seed, 12)

    def run(x, y, **options):
        rng = np.random.default_rng(0)
        model = nn.Sequential(nn.Linear(2, 2, rng=rng), nn.Dropout(0.0))
        sgd = optim.SGD(model.parameters(), lr=0.1)
        loss = nn.CrossEntropyLoss(reduction=reduction)
        options = {"epochs": 2, "batch_size": 5, "rng": rng} | options
        history = fit(model, loss, sgd, x, y, validation=(x, y), **options)
        assert model.training and model[1].training
        found = history.validation_loss or [math.nan]
        found = min(found) if options.get("patience") else found[-1]  # best, or last
        expected = evaluate(model, nn.CrossEntropyLoss(), x, y)
        assert math.isnan(found) or math.isclose(found, expected, rel_tol=1e-12)
        return history, accuracy(model, x, y)

    given_ = FORMS[of_x](x), FORMS[of_y](y)
    option = data.draw(st.sampled_from(["epochs", "batch_size", "patience", "lr"]))
    options = {} if option == "lr" else {option: data.draw(VALUES)}
    names = [r"^fit: ", "^batches: ", "^cross_entropy: ", "the loss is", "the validat"]
    names += [option, "expected 2 features", "could not convert string"]
    names += ["expected numbers", "ufunc"]
    found = outcome(lambda: run(*given_, **options), "fit", *names)
    if found is not None and not options and {of_x, of_y} <= {*SAME}:
        assert found == run(x, y)


@settings(max_examples=150)
@given(
    SEEDS, FORM, st.sampled_from([None, 0.5, 0]) | VALUES, st.sampled_from([1, 2, 3])
)
def test_accuracy_is_the_share_of_right_answers_or_an_error(seed, of_y, limit, K):
    x, y = examples(seed, 7)
    model = nn.Module()
    scores = np.eye(3)[y][:, :K] if K > 1 else y[:, None].astype(float)
    model.forward = lambda x: Tensor(scores)
    call = lambda: accuracy(model, x, FORMS[of_y](y), limit)  # noqa: E731
    found = outcome(call, "accuracy", "^accuracy: ", "^predict: ")
    if found is not None and (limit is None or (K == 1 and 0 <= limit < 1)):
        assert found == 1


@settings(max_examples=200)
@given(SEEDS, st.integers(2, 12), FORM, VALUES, st.booleans(), st.booleans())
def test_splits_are_complete_or_refused(seed, n, form, size, shuffle, stratify):
    y = np.random.default_rng(seed).integers(3, size=n)
    x, rng = np.arange(n), np.random.default_rng(seed)
    options = {"test_size": size, "shuffle": shuffle, "rng": rng}
    options |= {"stratify": FORMS[form](y)} if stratify else {}
    answers = FORMS[form](y)
    found = outcome(lambda: train_test_split(x, answers, **options), "split")
    if found is not None and form in SAME:
        train, test, y_train, y_test = found
        assert sorted([*train, *test]) == list(x) and len(train) and len(test)
        if stratify:
            assert {*y_train} == {*y_test} == {*y}


@settings(max_examples=100)
@given(SEEDS, st.integers(1, 9), VALUES, st.booleans())
def test_folds_are_complete_or_refused(seed, n, k, stratified):
    y = np.random.default_rng(seed).integers(2, size=n)
    kind = StratifiedKFold if stratified else KFold
    found = outcome(lambda: list(kind(k).split(y, y)), "folds")
    if found is not None:
        tests = [test for _, test in found]
        assert sorted(np.concatenate(tests)) == list(range(n)) and len(tests) == k
        assert all(len(train) and len(test) for train, test in found)


@settings(max_examples=150)
@given(
    SEEDS, st.sampled_from([StandardScaler, MinMaxScaler]),
    st.sampled_from(["u1", "i1", "i8", "f4", "f8", "?"]), FORM,
)  # fmt: skip
def test_scaled_features_have_one_scale(seed, Scaler, dtype, form):
    X = np.random.default_rng(seed).integers(-500, 500, (6, 2)).astype(dtype)
    given_ = FORMS[form](X)
    found = outcome(lambda: Scaler().fit(given_).transform(given_), "scaler")
    if found is not None and form in SAME:
        if Scaler is StandardScaler:
            np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-5)
        else:
            assert found.min() >= 0 and found.max() <= 1 + 1e-6
        constant = np.ptp(X.astype(float), axis=0) == 0
        assert (np.ptp(found, axis=0) > 0.5)[~constant].all()


@settings(max_examples=60)
@given(VALUES | st.integers(-3, 2000).filter(lambda n: not 3 < n < 1790))
def test_a_test_set_has_the_size_asked_for(size):
    found = outcome(lambda: digits(size), "digits", "^digits: expected a whole number")
    if found is not None:
        assert len(found.x_test) == size and len(found.x_train) == 1797 - size


@settings(max_examples=300)
@given(st.floats() | st.integers() | st.booleans(), st.integers(0, 4))
def test_any_answer_can_be_read(answer, digits):
    texts = _spellings(answer, digits)
    assert texts and all(isinstance(text, str) for text in texts)


@settings(max_examples=300)
@given(st.integers(-1000, 1000), st.floats(0.001, 0.999))
def test_a_whole_number_is_not_a_fraction(n, fraction):
    assert str(n) in _spellings(float(n), 0)
    for near in (n, n + 1):
        assert str(near) not in _spellings(n + fraction, 0)


@settings(max_examples=100)
@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_bytes_are_a_saved_file_or_refused(tmp_path_factory, content, start):
    path = tmp_path_factory.getbasetemp() / "abuse.save"
    save({"w": np.arange(20.0)}, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:start] + content + whole[start + len(content) :])
    found = outcome(lambda: load(path), "file", "^load: ")
    if found is not None:
        np.testing.assert_array_equal(found["w"], np.arange(20.0))


def test_each_kind_was_answered_and_refused():
    print(sorted(COUNT.items()))
    assert len(COUNT) == 2 * 11
