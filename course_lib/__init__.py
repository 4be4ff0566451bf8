"""The code of the book *Deep Learning from Almost Scratch*.

``from course_lib import nn, optim`` offers what ``from torch import nn, optim`` does,
as far as the models of the book need it, in NumPy that can be read.
"""

from course_lib import nn, optim
from course_lib.core.checkpoint import load, save
from course_lib.core.habits import course_lib_getattr as __getattr__  # noqa: F401
from course_lib.core.ops import (
    arange,
    cat,
    exp,
    from_numpy,
    log,
    matmul,
    ones,
    randn,
    sqrt,
    stack,
    where,
    zeros,
)
from course_lib.core.seed import manual_seed
from course_lib.core.tensor import Tensor, no_grad, tensor

__all__ = [
    "Tensor",
    "arange",
    "cat",
    "exp",
    "from_numpy",
    "load",
    "log",
    "manual_seed",
    "matmul",
    "nn",
    "no_grad",
    "ones",
    "optim",
    "randn",
    "save",
    "sqrt",
    "stack",
    "tensor",
    "where",
    "zeros",
]
