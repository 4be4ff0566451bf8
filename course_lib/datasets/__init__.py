"""Small data sets that ship with the package, and batches of examples."""

from course_lib.datasets.batching import DataLoader, TensorDataset, batches
from course_lib.datasets.first_names import (
    ALPHABET,
    Names,
    decode,
    encode,
    names,
)
from course_lib.datasets.shipped import (
    Split,
    breast_cancer,
    diabetes,
    digits,
    fashion_mnist,
    wine,
    xor,
)

__all__ = [
    "ALPHABET",
    "DataLoader",
    "Names",
    "Split",
    "TensorDataset",
    "batches",
    "breast_cancer",
    "decode",
    "diabetes",
    "digits",
    "encode",
    "fashion_mnist",
    "names",
    "wine",
    "xor",
]
