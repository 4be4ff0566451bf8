"""Schedules against their formulas; test_torch.py holds them to PyTorch's."""

import numpy as np
import pytest

from course_lib import nn, optim
from course_lib.optim import lr_scheduler


def rates(make, steps):
    optimizer = optim.SGD([nn.Parameter([1.0])], lr=0.8)
    schedule = make(optimizer)
    found = schedule.get_last_lr()
    for _ in range(steps):
        schedule.step()
        assert schedule.get_last_lr() == [optimizer.param_groups[0]["lr"]]
        found += schedule.get_last_lr()
    assert schedule.last_epoch == steps
    return found


RATES = [
    (lambda o: lr_scheduler.StepLR(o, 2, gamma=0.5), [0.8, 0.8, 0.4, 0.4, 0.2]),
    (lambda o: lr_scheduler.ExponentialLR(o, 0.5), [0.8, 0.4, 0.2, 0.1, 0.05]),
    (lambda o: lr_scheduler.CosineAnnealingLR(o, 3, 0.2), [0.8, 0.65, 0.35, 0.2, 0.35]),
    (lambda o: lr_scheduler.LinearLR(o, 0.25, 1, 3), [0.2, 0.4, 0.6, 0.8, 0.8]),
    (lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 - t / 4), [0.8, 0.6, 0.4, 0.2, 0]),
]


@pytest.mark.parametrize(("make", "expected"), RATES)
def test_rates(make, expected):
    assert rates(make, 4) == pytest.approx(expected, abs=1e-12)


def test_the_optimizer_moves_by_the_rate_in_force():
    w = nn.Parameter([0.0])
    optimizer = optim.SGD([w], lr=1.0)
    schedule = lr_scheduler.ExponentialLR(optimizer, 0.5)
    for _ in range(3):
        w.grad = np.array([-1.0])
        optimizer.step()
        schedule.step()
    assert w.data == [1.75]


def test_a_schedule_without_a_formula():
    with pytest.raises(NotImplementedError):
        lr_scheduler.LRScheduler(optim.SGD([nn.Parameter([1.0])]))


# ---- What would be wrong in silence ----------------------------------------------

WRONG = [
    ("StepLR", {"step_size": 0}), ("StepLR", {"step_size": -1}),
    ("StepLR", {"step_size": 2.5}), ("StepLR", {"step_size": 2, "gamma": -0.1}),
    ("StepLR", {"step_size": 2, "gamma": np.nan}), ("ExponentialLR", {"gamma": -0.5}),
    ("ExponentialLR", {"gamma": "0.5"}), ("LinearLR", {"start_factor": -1}),
    ("LinearLR", {"end_factor": np.inf}), ("LinearLR", {"total_iters": 0}),
    ("CosineAnnealingLR", {"T_max": 0}), ("CosineAnnealingLR", {"T_max": -3}),
    ("CosineAnnealingLR", {"T_max": 3, "eta_min": -1}), ("LambdaLR", {"lr_lambda": 3}),
    ("LambdaLR", {"lr_lambda": lambda t: -1.0}),
    ("LambdaLR", {"lr_lambda": lambda t: np.nan}),
    ("LambdaLR", {"lr_lambda": lambda t: None}),
]  # fmt: skip


IDS = [f"{name} {k}" for k, (name, _) in enumerate(WRONG)]


@pytest.mark.parametrize(("name", "settings"), WRONG, ids=IDS)
def test_settings_that_make_no_learning_rate(name, settings):
    optimizer = optim.SGD([nn.Parameter([1.0])], lr=0.8)
    with pytest.raises((TypeError, ValueError), match=r"expected|unsupported operand"):
        getattr(lr_scheduler, name)(optimizer, **settings)
    assert optimizer.param_groups[0]["lr"] == 0.8


def test_a_schedule_of_something_else():
    with pytest.raises(TypeError, match="StepLR: expected an optimizer, got Linear"):
        lr_scheduler.StepLR(nn.Linear(1, 1), 2)


def test_two_schedules_do_not_undo_each_other():
    optimizer = optim.SGD([nn.Parameter([1.0])], lr=0.8)
    warm_up = lr_scheduler.LinearLR(optimizer)
    cosine = lr_scheduler.CosineAnnealingLR(optimizer, 10)
    cosine.step()
    with pytest.raises(
        RuntimeError, match=r"set by CosineAnnealingLR, .* one LambdaLR"
    ):
        warm_up.step()


def test_each_group_keeps_its_own_rate():
    a, b = nn.Parameter([1.0]), nn.Parameter([1.0])
    optimizer = optim.SGD([{"params": a}, {"params": b, "lr": 8.0}], lr=0.8)
    schedule = lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
    schedule.step()
    assert schedule.get_last_lr() == [0.4, 4.0]
    assert schedule.base_lrs == [0.8, 8.0]


@pytest.mark.parametrize(("make", "expected"), RATES)
def test_a_schedule_goes_on_from_its_state(make, expected):
    first = make(optim.SGD([nn.Parameter([1.0])], lr=0.8))
    first.step()
    first.step()
    other = make(optim.SGD([nn.Parameter([1.0])], lr=0.1))
    other.load_state_dict(first.state_dict())
    assert other.get_last_lr() == pytest.approx([expected[2]])
    other.step()
    assert other.get_last_lr() == pytest.approx([expected[3]])
    with pytest.raises(KeyError, match="load_state_dict: expected"):
        other.load_state_dict({"last_epoch": 3})
