"""Files of `save`: whole at any moment, checked, and never run."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib import Tensor, load, nn, optim, save
from course_lib.core import checkpoint

ROOT = Path(__file__).parents[2]
ARRAYS = hnp.arrays(
    st.sampled_from(["f8", "f4", "i8", "i4", "u1", "?", ">f8", "c16", "f2"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
TREES = st.recursive(
    PLAIN | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


def assert_same(a, b):
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        assert a.dtype.newbyteorder("=") == b.dtype
        np.testing.assert_array_equal(a, b)
        assert b.flags.writeable
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            assert_same(one, other)
    else:
        assert a == b or (a != a and b != b)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("saved") / "model.save"


@given(TREES)
def test_what_is_saved_is_loaded(path, tree):
    save(tree, path)
    assert_same(tree, load(path))
    assert os.listdir(path.parent) == [path.name]


def make(seed: int):
    rng = np.random.default_rng(seed)
    model = nn.Sequential(nn.Linear(3, 4, rng=rng), nn.ReLU(), nn.Linear(4, 2, rng=rng))
    return model, optim.Adam(model.parameters(), lr=0.1, betas=(0.8, 0.9))


def learn(model, optimizer, steps):
    x, y = np.random.default_rng(9).normal(size=(5, 3)), np.array([0, 1, 0, 1, 1])
    for _ in range(steps):
        optimizer.zero_grad()
        nn.CrossEntropyLoss()(model(x), y).backward()
        optimizer.step()
    return model.state_dict()


def test_a_run_goes_on_from_a_file_as_if_nothing_had_been(path):
    model, adam = make(0)
    learn(model, adam, 5)
    save({"model": model.state_dict(), "optimizer": adam.state_dict()}, path)
    expected = learn(model, adam, 5)
    other, other_adam = make(1)
    saved = load(path)
    other.load_state_dict(saved["model"])
    other_adam.load_state_dict(saved["optimizer"])
    assert_same(learn(other, other_adam, 5), expected)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (nn.Linear(1, 1), "Linear"),
        (optim.SGD([nn.Parameter([1.0])]), "SGD"),
        (Tensor([1.0]), "Tensor"),
        ({"f": len}, "builtin_function"),
        ([{1, 2}], "set"),
        (np.array([None]), "an array of object"),
        (np.array(["a"]), "an array of <U1"),
        (np.ma.array([1.0, 2.0], mask=[1, 0]), "MaskedArray"),
        (1j, "complex"),
        ({(1, 2): 3}, r"\(1, 2\)"),
        ({True: 3}, "True"),
    ],
)
def test_what_cannot_be_saved(tmp_path, wrong, kind):
    with pytest.raises(TypeError, match=rf"save: expected .*got {kind}"):
        save(wrong, tmp_path / "file")
    assert os.listdir(tmp_path) == []


def test_a_flipped_bit_and_a_missing_byte_are_found(path):
    save({"w": np.arange(3.0), "n": [1, None, "é"]}, path)
    whole = path.read_bytes()
    broken = [whole[:n] for n in range(len(whole))] + [whole + b"\0"]
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        broken.append(bytes(flipped))
    for content in broken:
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"load: .* is (no file|cut short or dam)"):
            load(path)


@pytest.mark.parametrize(
    "header",
    [
        {"array": ["<f8", [10**12]]},  # 8 TB in a file of 100 bytes
        {"array": ["<f8", [2**40, 2**40, 0, 2**60]]},
        {"array": ["<f8", [-1]]},
        {"array": ["<f8", [0.5]]},
        {"array": ["|O", [1]]},  # pointers
        {"array": ["<f8,<f8", [1]]},
        {"array": ["<f8"] * 3},
        {"dict": [[["a"], 1]]},
        {"dict": [[1]]},
        {"list": 5},
        {"set": [1]},
        {"list": [], "tuple": []},
        {},
        [1],
        {"dict": [["a", {"array": ["<f8", [1]]}]]},  # without its numbers
    ],
    ids=str,
)
def test_headers_made_on_purpose(path, header):
    text = json.dumps(header).encode()
    body = checkpoint.MAGIC + len(text).to_bytes(8, "little") + text
    path.write_bytes(body + hashlib.sha256(body).digest())
    with pytest.raises(ValueError, match="is damaged: its header tells of something"):
        load(path)


def test_a_header_of_brackets(path):
    text = b'{"list":[' * 100_000
    body = checkpoint.MAGIC + len(text).to_bytes(8, "little") + text
    path.write_bytes(body + hashlib.sha256(body).digest())
    with pytest.raises(ValueError, match="is damaged"):
        load(path)


class Bomb:
    def __reduce__(self):
        return print, ("it ran",)


def test_nothing_in_a_file_is_run(path, capsys):
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ValueError, match=r"is no file that save\(\)"):
        load(path)
    np.save(path.with_suffix(".npy"), np.array([Bomb()], dtype=object))
    with pytest.raises(ValueError, match=r"is no file that save\(\)"):
        load(path.with_suffix(".npy"))
    assert capsys.readouterr().out == ""
    path.with_suffix(".npy").unlink()


# A process forks 200 times; each child saves the new state over the old one and is
# killed at another moment: after so many bytes, or before or after a call.
KILLED = """
import os, random, signal, sys
import numpy as np
from course_lib import load, save
from course_lib.core import checkpoint

path = sys.argv[1]
states = [{"w": np.full(1000, k), "b": [k] * 50} for k in (1.0, 2.0)]
for state in states:
    save(state, path)
total, rng, seen = os.path.getsize(path), random.Random(0), [0, 0]
moments = [rng.randrange(total + 1) for _ in range(190)]
moments += ["before fsync", "after fsync", "before replace", "after replace", total] * 2

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def dying(file, left):
    def write(data, write=file.write):
        nonlocal left
        data = memoryview(data)
        file.raw.write(data[:left])
        left -= data.nbytes
        if left <= 0:
            die()
    class File:
        def __enter__(self): return self
        def __exit__(self, *_): file.close()
        def __getattr__(self, name):
            return write if name == "write" else getattr(file, name)
    return File()

def mortal(name):
    call = getattr(os, name)
    def run(*arguments):
        if moment == f"before {name}":
            die()
        call(*arguments)
        if moment == f"after {name}":
            die()
    return run

for moment in moments:
    save(states[0], path)
    if not (child := os.fork()):
        if isinstance(moment, int):
            checkpoint.open = lambda *a: dying(open(*a), moment)
        os.fsync, os.replace = mortal("fsync"), mortal("replace")
        save(states[1], path)
        os._exit(1)  # it should be dead
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    found = load(path)
    k = int(found["b"][0])
    assert (found["w"] == k).all() and found["b"] == [float(k)] * 50
    seen[k - 1] += 1
print(*seen)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork()")
def test_a_killed_process_leaves_the_old_file_or_the_new_one(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path / "model.save"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.split() == ["198", "2"], run.stdout + run.stderr


def test_a_failed_save_leaves_the_old_file_alone(path, monkeypatch):
    save(1, path)

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        save(2, path)
    assert load(path) == 1
    assert os.listdir(path.parent) == [path.name]
