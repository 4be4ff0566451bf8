"""Saving and loading what a run needs to go on: `state_dict` of models and optimizers.

A file holds, one after the other:

- the 16 bytes ``b"course_lib save1"``;
- the length of the header: 8 bytes, a whole number, least byte first;
- the header, JSON in UTF-8: what was saved, where ``{"dict": [[key, value], …]}``,
  ``{"list": […]}`` and ``{"tuple": […]}`` stand for themselves, and
  ``{"array": [dtype, shape]}`` for the next of the arrays;
- the numbers of all arrays, row by row, least byte first;
- the SHA-256 of all that, 32 bytes.

So nothing in a file is ever run, nor unpacked to more than its own size.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import os
import secrets
from typing import Any, NoReturn

import numpy as np

MAGIC = b"course_lib save1"
DTYPES = ["|b1", "|i1", "|u1", "<c8", "<c16"]
DTYPES += [f"<{kind}{size}" for kind in "iuf" for size in (2, 4, 8)]


def save(obj: Any, f: str | os.PathLike) -> None:
    """Save a `state_dict`, or several in a dict, to a file (`torch.save`).

    The file is written beside its place and then moved there, so that at any moment the
    old file or the new one is there, whole.

    Parameters
    ----------
    obj : dict, list, tuple, ndarray, int, float, bool, str or None
        Dicts, lists and tuples may hold each other; keys are words or whole numbers.
    f : str or path
        The file.

    Raises
    ------
    TypeError
        If there is something else in it, such as a Module or a function.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save({"weight": np.ones(2), "epoch": 3}, folder + "/model.save")
    ...     load(folder + "/model.save")
    {'weight': array([1., 1.]), 'epoch': 3}
    """
    arrays: list[np.ndarray] = []
    tree = _packed(obj, arrays)
    header = json.dumps(tree, ensure_ascii=False).encode()
    parts = [MAGIC, len(header).to_bytes(8, "little"), header, *arrays]
    path = os.path.realpath(f)
    beside = f"{path}.{secrets.token_hex(4)}.tmp"
    try:
        with open(beside, "xb") as file:
            checksum = hashlib.sha256()
            for part in parts:
                file.write(part)
                checksum.update(part)
            file.write(checksum.digest())
            file.flush()
            os.fsync(file.fileno())  # it is on the disk, not on its way there
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(beside)
        raise


def load(f: str | os.PathLike) -> Any:
    """What `save` saved (`torch.load`); nothing in the file is run.

    Raises
    ------
    ValueError
        If it is no such file, is cut short or damaged, or tells of more than it holds.
    """
    with open(f, "rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            _refuse(f, "is no file that save() of course_lib wrote")
        file.seek(0)
        content = memoryview(file.read())
    body, start = content[:-32], len(MAGIC) + 8
    if hashlib.sha256(body).digest() != content[-32:]:
        _refuse(f, "is cut short or damaged: its checksum is wrong")
    try:
        length = int.from_bytes(body[len(MAGIC) : start], "little")
        tree = json.loads(bytes(body[start : start + length]))
        data = io.BytesIO(body[start + length :])
        value = _unpacked(tree, data)
        if data.read():
            raise ValueError
        return value
    except Exception:  # made on purpose, with a right checksum
        _refuse(
            f, "is damaged: its header tells of something else than it holds"
        )


def _refuse(f: Any, reason: str) -> NoReturn:
    raise ValueError(f"load: {os.fspath(f)} {reason}")


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    """A value as JSON knows it; its arrays are appended to the list."""
    if isinstance(value, np.generic):  # one number
        value = value.item()
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, dict):
        for key in value:
            if type(key) not in (str, int):
                raise TypeError(f"save: expected words as keys, got {key!r}")
        return {"dict": [[k, _packed(v, arrays)] for k, v in value.items()]}
    if type(value) in (list, tuple):
        return {type(value).__name__: [_packed(v, arrays) for v in value]}
    if (
        type(value) is np.ndarray
        and value.dtype.newbyteorder("<").str in DTYPES
    ):
        array = np.asarray(value, value.dtype.newbyteorder("<"), order="C")
        arrays.append(array.reshape(-1).view(np.uint8))
        return {"array": [array.dtype.str, list(array.shape)]}
    kind = type(value).__name__
    if type(value) is np.ndarray:
        kind = f"an array of {value.dtype}"
    raise TypeError(
        f"save: expected dicts, lists, arrays, numbers and words, got {kind}; write "
        "model.state_dict(), optimizer.state_dict() or tensor.detach().numpy()"
    )


def _unpacked(tree: Any, data: io.BytesIO) -> Any:
    """The value that `_packed` made this of; its arrays are read one by one."""
    if isinstance(tree, list):
        raise ValueError  # lists are written otherwise
    if not isinstance(tree, dict):
        return tree
    ((kind, parts),) = tree.items()
    if kind == "array":
        dtype, shape = parts
        if dtype not in DTYPES or min(shape, default=0) < 0:
            raise ValueError
        size = np.dtype(dtype).itemsize * math.prod(shape)
        return np.frombuffer(data.read(size), dtype).reshape(shape).copy()
    if kind == "dict":
        return {key: _unpacked(value, data) for key, value in parts}
    make = {"list": list, "tuple": tuple}[kind]
    return make(_unpacked(part, data) for part in parts)
