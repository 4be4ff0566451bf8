"""Small data sets that ship with the package, and batches of examples."""

from course_lib.datasets.batching import DataLoader, TensorDataset, batches
from course_lib.datasets.shipped import (
    Split,
    breast_cancer,
    diabetes,
    digits,
    fashion_mnist,
    photograph,
    wine,
    xor,
)

__all__ = [
    "DataLoader",
    "Split",
    "TensorDataset",
    "batches",
    "breast_cancer",
    "diabetes",
    "digits",
    "fashion_mnist",
    "photograph",
    "wine",
    "xor",
]
