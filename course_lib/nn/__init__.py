"""Layers and losses under PyTorch's names: ``from course_lib import nn``.

A rule calls each of its checks in one line; ``_check_…`` stands below the first rule
that needs it. There is a check where NumPy would silently compute something wrong, or
where its message would not say which layer.
"""

from course_lib.core.habits import nn_getattr as __getattr__  # noqa: F401
from course_lib.core.module import (
    Identity,
    Module,
    ModuleList,
    Parameter,
    Sequential,
)
from course_lib.nn import functional, init, utils
from course_lib.nn.attention import (
    MultiheadAttention,
    TransformerEncoder,
    TransformerEncoderLayer,
)
from course_lib.nn.convolution import AvgPool2d, Conv2d, MaxPool2d
from course_lib.nn.dense import (
    GELU,
    Flatten,
    LeakyReLU,
    Linear,
    LogSoftmax,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from course_lib.nn.dropout import Dropout
from course_lib.nn.embedding import Embedding
from course_lib.nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
)
from course_lib.nn.normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from course_lib.nn.recurrent import (
    GRU,
    LSTM,
    RNN,
    GRUCell,
    LSTMCell,
    RNNCell,
)

__all__ = [
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "Identity",
    "L1Loss",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "ModuleList",
    "MultiheadAttention",
    "NLLLoss",
    "Parameter",
    "RNNCell",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "functional",
    "init",
    "utils",
]
