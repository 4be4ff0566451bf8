"""What is typed by habit from PyTorch or NumPy, and how to write it here.

Names that this package has not are answered by an error that tells the way. The
table for readers is docs/from_pytorch.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

NO_DEVICES = "everything is computed on the processor; leave it out"
NEW_TENSOR = (
    "a tensor is not changed in place; compute a new one, as in x = x + 1, or assign "
    "x.data = …"
)

MATMUL = "write a @ b"
FUNCTIONS = {
    "relu": "write F.relu(x), with import course_lib.nn.functional as F",
    "sigmoid": "write F.sigmoid(x), with import course_lib.nn.functional as F",
    "tanh": "write F.tanh(x), with import course_lib.nn.functional as F",
    "softmax": "write F.softmax(x, dim), with import course_lib.nn.functional as F",
}

TENSOR = {  # attributes of a Tensor
    "view": "write reshape(…)",
    "cuda": NO_DEVICES,
    "cpu": NO_DEVICES,
    "device": NO_DEVICES,
    "contiguous": "write reshape(…), which needs no contiguous values; leave it out",
    "half": "write .to(np.float16)",
    "requires_grad_": "write x.requires_grad = True",
    "detach_": "write x = x.detach()",
    **dict.fromkeys(
        ("add_", "sub_", "mul_", "div_", "copy_", "fill_", "zero_", "clamp_"),
        NEW_TENSOR,
    ),
    **dict.fromkeys(("mm", "bmm", "mv", "dot", "matmul"), MATMUL),
    "t": "write .T",
    "expand": "+, ×, … repeat values by themselves; leave it out",
    "expand_as": "+, ×, … repeat values by themselves; leave it out",
    "repeat": "write cat([x, x])",
    **FUNCTIONS,
    "long": "write .to(int)",
    "int": "write .to(int)",
    "double": "write .to(float)",
    "astype": "write .to(dtype)",
    "type": "write .to(dtype)",
    "copy": "write .clone()",
    "ravel": "write .flatten()",
    "argmin": "write (-x).argmax(dim)",
    "norm": "write (x * x).sum().sqrt()",
    "masked_fill": "write where(mask, value, x)",
    "gather": "write x[rows, columns]",
    "retain_grad": "write x = x.detach(), x.requires_grad = True, and go on from there",
}
MODULE = {  # attributes of a Module
    "cuda": NO_DEVICES,
    "cpu": NO_DEVICES,
    "to": f"{NO_DEVICES}; for another dtype write Linear(…, dtype=…)",
    "float": "write dtype=np.float32 where the layers are made",
    "double": "float64 is the default; leave it out",
    "add_module": "write setattr(module, name, …)",
    "register_parameter": "assign an nn.Parameter to an attribute",
    "add_parameter": "assign an nn.Parameter to an attribute",
    "buffers": "write state_dict()",
    "requires_grad_": "write p.requires_grad = … for each of its parameters",
    "reset_parameters": "make a new module",
}
TOP = {  # functions of the package
    "einsum": "write a @ b, or (a[:, :, None] * b).sum(1)",
    "as_tensor": "write Tensor(…)",
    **dict.fromkeys(("mm", "bmm", "dot"), MATMUL),
    "device": NO_DEVICES,
    "cuda": NO_DEVICES,
    **FUNCTIONS,
    "float32": "write dtype=np.float32",
    "float64": "write dtype=np.float64",
    "float": "write dtype=np.float32",
    "long": "write dtype=int",
    "int64": "write dtype=int",
    "sum": "write x.sum()",
    "mean": "write x.mean()",
    "max": "write x.max()",
    "min": "write x.min()",
    "argmax": "write x.argmax()",
    "abs": "write x.abs()",
    "flatten": "write x.flatten(start_dim)",
    "reshape": "write x.reshape(…)",
    "transpose": "write x.transpose(dim0, dim1)",
    "squeeze": "write x.squeeze(dim)",
    "unsqueeze": "write x.unsqueeze(dim)",
    "pow": "write x ** n",
    "concat": "write cat(…)",
    "concatenate": "write cat(…)",
}
NN = {  # layers, losses and functions of nn and nn.functional
    "ModuleDict": "write nn.ModuleList, or attributes of a Module",
    "ParameterList": "assign each nn.Parameter to an attribute of its own",
    "DataParallel": NO_DEVICES,
    "Unflatten": "write x.reshape(…) in forward",
    "SiLU": "write x * F.sigmoid(x) in forward",
    "silu": "write x * F.sigmoid(x)",
    "Softplus": "write (1 + x.exp()).log() in forward",
    "Dropout1d": "write nn.Dropout",
    "Dropout2d": "write nn.Dropout",
    "xavier_uniform": "its name ends in _: xavier_uniform_",
}
_WEIGHTS = 'write reduction="none", multiply the losses by weights, and take the mean()'
SETTINGS = {  # arguments given by name
    "inplace": NEW_TENSOR,
    "device": NO_DEVICES,
    "label_smoothing": "write (1 - ε) * cross_entropy(input, target) "
    "- ε * log_softmax(input).mean()",
    "pos_weight": _WEIGHTS,
    "weight": _WEIGHTS,
    "size_average": 'write reduction="mean" or "sum"',
    "reduce": 'write reduction="none"',
    "bidirectional": "run a second layer on the reversed sequence, x[::-1]",
    "dropout": "write nn.Dropout between two layers",
    "proj_size": "write nn.Linear after the layer",
    "axis": "write dim",
    "keepdims": "write keepdim",
    "axes": "write dims",
    **dict.fromkeys(
        ("kdim", "vdim"),
        "keys and values have embed_dim features, as queries; project them with "
        "nn.Linear first",
    ),
    **dict.fromkeys(
        ("add_bias_kv", "add_zero_attn"),
        "append a token of your own to key and value",
    ),
    "enable_gqa": "give query, key and value the same number of heads",
    "enable_nested_tensor": "there are no nested tensors; leave it out",
    "mask_check": "there are no nested tensors; leave it out",
}


def missing(owner: str, name: str, way: str = "") -> str:
    """What to say about an attribute that does not exist.

    Examples
    --------
    >>> missing("Tensor", "view", TENSOR["view"])
    "Tensor has no 'view'; write reshape(…)"
    """
    return f"{owner} has no {name!r}" + (f"; {way}" if way else "")


class _Missing:
    """An attribute that is not there, and says what to write instead.

    (A ``__getattr__`` would make every other attribute slower.)
    """

    def __init__(self, message: str):
        self.message = message

    def __get__(self, *_: Any) -> Any:
        raise AttributeError(self.message)


def answer(cls: type, ways: Mapping[str, str]) -> None:
    """Let a class tell the way to what it has not."""
    for name, way in ways.items():
        if not hasattr(cls, name):
            setattr(cls, name, _Missing(missing(cls.__name__, name, way)))
    cls.__dir__ = lambda self: set(object.__dir__(self)) - ways.keys()


def about(names: Iterable[str], ways: Mapping[str, str]) -> str:
    """The advice for the first of these names for which there is any."""
    return next((f"; {ways[name]}" for name in names if name in ways), "")


def refuse(caller: str, settings: Mapping[str, Any]) -> None:
    """An error about arguments that a class does not take."""
    for name in settings:
        raise TypeError(
            f"{caller}: got an unexpected argument {name!r}{about([name], SETTINGS)}"
        )


def module_getattr(owner: str, ways: Mapping[str, str]) -> Callable:
    """A ``__getattr__`` for a module, which tells the way to what it has not."""

    def __getattr__(name: str) -> Any:
        known = owner == "course_lib" and callable(getattr(np, name, None))
        way = f"write Tensor(np.{name}(…))" if known else ""
        way = ways.get(name, way)
        # `from course_lib import name` would hide the text of an AttributeError.
        is_import = sys._getframe(1).f_code.co_name == "_handle_fromlist"
        error = ImportError if is_import and way else AttributeError
        raise error(missing(owner, name, way))

    return __getattr__


course_lib_getattr = module_getattr("course_lib", TOP)
nn_getattr = module_getattr("nn", NN)
