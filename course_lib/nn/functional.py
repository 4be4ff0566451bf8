"""Layers and losses as functions: ``import course_lib.nn.functional as F``."""

from course_lib.core.habits import nn_getattr as __getattr__  # noqa: F401
from course_lib.nn.attention import scaled_dot_product_attention
from course_lib.nn.convolution import avg_pool2d, conv2d, max_pool2d
from course_lib.nn.dense import (
    gelu,
    leaky_relu,
    linear,
    log_softmax,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from course_lib.nn.dropout import dropout
from course_lib.nn.embedding import embedding
from course_lib.nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    l1_loss,
    mse_loss,
    nll_loss,
    one_hot,
)
from course_lib.nn.normalization import batch_norm, layer_norm

__all__ = [
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "conv2d",
    "cross_entropy",
    "dropout",
    "embedding",
    "gelu",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "max_pool2d",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "relu",
    "scaled_dot_product_attention",
    "sigmoid",
    "softmax",
    "tanh",
]
