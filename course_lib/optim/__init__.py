"""Optimizers, under PyTorch's names: ``from course_lib import optim``."""

from course_lib.optim import lr_scheduler
from course_lib.optim.adaptive import Adagrad, Adam, AdamW, RMSprop
from course_lib.optim.sgd import SGD, Optimizer

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "lr_scheduler",
]
