"""The door to optimizers, under PyTorch's names: ``from course_lib import optim``."""

from . import schedules as lr_scheduler
from .adaptive import Adagrad, Adam, AdamW, RMSprop
from .optimizers import SGD, Optimizer

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "lr_scheduler",
]
