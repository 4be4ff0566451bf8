"""The door to optimizers, under PyTorch's names: ``from course_lib import optim``."""

from .optimizers import SGD, Adam, Optimizer

__all__ = ["SGD", "Adam", "Optimizer"]
