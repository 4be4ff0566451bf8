"""Schedules: a learning rate that changes as training goes on (slide 29).

Each schedule is one formula, the learning rate after t calls of ``step``. Names and
arguments are those of `torch.optim.lr_scheduler`.
"""

import math

from course_lib.core.settings import check_number
from course_lib.optim.sgd import Optimizer


class LRScheduler:
    """Sets the learning rate of an optimizer at the start, and at each `step`.

    A subclass defines ``rate(start, t)``: the learning rate after t steps, given that
    of the optimizer when the schedule was made.

    Attributes
    ----------
    base_lrs : list of float
        The learning rate at the start, of each group of parameters.
    last_epoch : int
        Number of calls of `step`. PyTorch calls it an epoch, because `step` is usually
        called after each one; it can as well be called after each batch.
    """

    def __init__(self, optimizer):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"{type(self).__name__}: expected an optimizer, got "
                f"{type(optimizer).__name__}"
            )
        self.optimizer, self.last_epoch = optimizer, -1
        self.base_lrs = self.get_last_lr()
        optimizer.schedule = self
        self.step()

    def step(self):
        """Set the next learning rate; call it after the optimizer's step."""
        self._check_turn()
        self.last_epoch += 1
        self._set()

    def _set(self):
        groups = self.optimizer.param_groups
        for group, start in zip(groups, self.base_lrs, strict=True):
            lr = self.rate(start, self.last_epoch)
            check_number(type(self).__name__, "the learning rate", lr)
            group["lr"] = lr

    def _check_turn(self):
        """Of two schedules, the second to be called would undo what the first did."""
        if (other := self.optimizer.schedule) is not self:
            raise RuntimeError(
                f"{type(self).__name__}.step(): the learning rate is set by "
                f"{type(other).__name__}, which was made later for the same "
                "optimizer; write both as one LambdaLR"
            )

    def _check(self, name, *limits, **kind):
        """A setting, an attribute of this name, must be within its limits."""
        value = getattr(self, name)
        check_number(type(self).__name__, name, value, *limits, **kind)

    def get_last_lr(self):
        """The learning rate in force, in a list: one for each group of parameters."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self):
        """Where the schedule stands, and its settings, but for a function."""
        left_out = ("optimizer", "lr_lambda")
        return {k: v for k, v in vars(self).items() if k not in left_out}

    def load_state_dict(self, state_dict):
        """Go on where another schedule of this kind stood, with its learning rate."""
        own = self.state_dict()
        if own.keys() != state_dict.keys():
            raise KeyError(
                f"{type(self).__name__}.load_state_dict: "
                f"expected {sorted(own)}, "
                f"got {sorted(state_dict)}"
            )
        vars(self).update(state_dict)
        self._set()

    def rate(self, start, t):
        raise NotImplementedError


class LambdaLR(LRScheduler):
    """Any schedule: the learning rate at the start times ``lr_lambda(t)``.

    Examples
    --------
    >>> from course_lib import nn, optim
    >>> sgd = optim.SGD([nn.Parameter([1.0])], lr=0.8)
    >>> schedule = LambdaLR(sgd, lambda t: 1 / (1 + t))
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.4]
    """

    def __init__(self, optimizer, lr_lambda):
        if not callable(lr_lambda):
            raise TypeError(
                "LambdaLR: expected a function as lr_lambda, got "
                f"{type(lr_lambda).__name__}"
            )
        self.lr_lambda = lr_lambda
        super().__init__(optimizer)

    def rate(self, start, t):
        return start * self.lr_lambda(t)


class StepLR(LRScheduler):
    """η₀ γ^⌊t/s⌋: times ``gamma`` after every s = ``step_size`` steps, a staircase."""

    def __init__(self, optimizer, step_size, gamma=0.1):
        self.step_size, self.gamma = step_size, gamma
        self._check("step_size", 1, whole=True)
        self._check("gamma")
        super().__init__(optimizer)

    def rate(self, start, t):
        return start * self.gamma ** (t // self.step_size)


class ExponentialLR(LRScheduler):
    """η₀ γ^t: times ``gamma`` after every step."""

    def __init__(self, optimizer, gamma):
        self.gamma = gamma
        self._check("gamma")
        super().__init__(optimizer)

    def rate(self, start, t):
        return start * self.gamma**t


class LinearLR(LRScheduler):
    """A straight line from one factor to another: a warm-up, if it rises.

    With the factors a and b and T = ``total_iters``, the learning rate is
    η₀ (a + (b − a) min(t/T, 1)).

    Parameters
    ----------
    optimizer : Optimizer
    start_factor, end_factor : float, default 1/3 and 1
        Factors of the learning rate at the start, and from step ``total_iters`` on.
    total_iters : int, default 5
        Number of steps between them.
    """

    def __init__(
        self, optimizer, start_factor=1.0 / 3, end_factor=1.0, total_iters=5
    ):
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        self._check("start_factor")
        self._check("end_factor")
        self._check("total_iters", 1, whole=True)
        super().__init__(optimizer)

    def rate(self, start, t):
        share = min(t / self.total_iters, 1)
        rise = self.end_factor - self.start_factor
        return start * (self.start_factor + share * rise)


class CosineAnnealingLR(LRScheduler):
    """Half a cosine wave, from the learning rate at the start down to ``eta_min``.

    η_min + (η₀ − η_min) (1 + cos(π t/T)) / 2, from Loshchilov & Hutter 2017
    (arXiv:1608.03983), without their restarts.

    Parameters
    ----------
    optimizer : Optimizer
    T_max : int
        Number of steps to the lowest learning rate; then the wave rises again.
    eta_min : float, default 0
        The lowest learning rate.
    """

    def __init__(self, optimizer, T_max, eta_min=0.0):
        self.T_max, self.eta_min = T_max, eta_min
        self._check("T_max", 1, whole=True)
        self._check("eta_min")
        super().__init__(optimizer)

    def rate(self, start, t):
        wave = (1 + math.cos(math.pi * t / self.T_max)) / 2
        return self.eta_min + (start - self.eta_min) * wave
