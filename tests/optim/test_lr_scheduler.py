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
