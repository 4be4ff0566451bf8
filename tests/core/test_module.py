"""Modules name parameters; packages only import."""

from __future__ import annotations

import ast
import inspect

import numpy as np
import pytest

from course_lib import Tensor, nn, optim
from course_lib.nn import functional


class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)
        self.scale = nn.Parameter([1.0])
        self.note = "not a parameter"

    def forward(self, input):
        return self.layer(input) * self.scale


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU())
        self.inner = Inner()
        self.shift = nn.Parameter([0.5, -0.5])

    def forward(self, input):
        return self.inner(self.first(input)) + self.shift


NAMES = [
    "shift",
    "first.0.weight",
    "inner.scale",
    "inner.layer.weight",
    "inner.layer.bias",
]


def test_names_own_parameters_first_then_inside():
    model = Outer()
    assert [name for name, _ in model.named_parameters()] == NAMES
    assert list(model.state_dict()) == NAMES
    with_prefix = [name for name, _ in model.named_parameters(prefix="net.")]
    assert with_prefix == [f"net.{name}" for name in NAMES]
    for one, (_, other) in zip(
        model.parameters(), model.named_parameters(), strict=True
    ):
        assert one is other
    assert [name for name, _ in model.named_children()] == ["first", "inner"]
    assert [type(m).__name__ for m in model.modules()] == [
        "Outer",
        "Sequential",
        "Linear",
        "ReLU",
        "Inner",
        "Linear",
    ]


def test_all_parameters_learn():
    model = Outer()
    (model(np.ones((3, 2))) ** 2).mean().backward()
    for parameter in model.parameters():
        assert parameter.grad.shape == parameter.shape
    model.zero_grad()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_parameter():
    assert nn.Parameter([1.0]).requires_grad
    assert not nn.Parameter([1.0], requires_grad=False).requires_grad
    assert nn.Parameter([1.0], dtype=np.float32).dtype == np.float32
    with pytest.raises(TypeError, match="floating-point"):
        nn.Parameter([1])
    result = nn.Parameter([1.0]) * 2.0
    assert not isinstance(result, nn.Parameter)


def test_train_and_eval_reach_all_modules():
    model = Outer()
    assert all(m.training for m in model.modules())
    assert model.eval() is model
    assert not any(m.training for m in model.modules())
    assert model.train() is model
    assert all(m.training for m in model.modules())
    model.train(False)
    assert not any(m.training for m in model.modules())
    assert Outer().training


def test_state_dict_holds_copies():
    model = Outer()
    state = model.state_dict()
    state["shift"][0] = 100
    assert model.shift.data[0] == 0.5


def test_load_state_dict_takes_values_and_keeps_dtypes():
    model, other = Outer(), Outer()
    model.inner.layer.weight.data = model.inner.layer.weight.data.astype(np.float32)
    state = other.state_dict() | {"shift": Tensor([1.0, 2.0]), "inner.scale": [3]}
    model.load_state_dict(state)
    np.testing.assert_array_equal(model.shift.data, [1, 2])
    assert model.inner.scale.data == [3.0]
    assert model.inner.scale.dtype == np.float64
    assert model.inner.layer.weight.dtype == np.float32
    np.testing.assert_array_equal(
        model.first[0].weight.data, other.first[0].weight.data
    )
    state["inner.layer.bias"][0] = 100
    assert model.inner.layer.bias.data[0] != 100


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda s: s.pop("shift"), KeyError, r"missing \['shift'\], unknown \[\]"),
        (lambda s: s.update(extra=1), KeyError, r"missing \[\], unknown \['extra'\]"),
        (
            lambda s: s.update({"inner.layer.bias": np.ones(3)}),
            ValueError,
            r"expected shape \(2,\) for inner\.layer\.bias, got \(3,\)",
        ),
        (
            lambda s: s.update({"inner.layer.bias": 1.0}),
            ValueError,
            r"expected shape \(2,\) for inner\.layer\.bias, got \(\)",
        ),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, error, message):
    model, state = Outer(), Outer().state_dict()
    before = model.state_dict()
    change(state)
    with pytest.raises(error, match=f"load_state_dict: .*{message}"):
        model.load_state_dict(state)
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, before[name])


class Counter(nn.Module):
    """Parameters, buffers and modules, assigned in another order."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.BatchNorm1d(2))
        self.register_buffer("seen", np.zeros(2, np.float32))
        self.register_buffer("absent", None)
        self.scale = nn.Parameter([1.0])
        self.register_buffer("count", 0)


def test_buffers_are_saved_after_the_parameters_and_not_learned():
    model = Counter()
    assert list(model.state_dict()) == [
        "scale",
        "seen",
        "count",
        "inner.0.weight",
        "inner.0.bias",
        "inner.0.running_mean",
        "inner.0.running_var",
        "inner.0.num_batches_tracked",
    ]
    names = [name for name, _ in model.named_parameters()]
    assert names == ["scale", "inner.0.weight", "inner.0.bias"]
    assert model.absent is None
    assert Counter._buffers == nn.Module._buffers == ()  # of each object alone


def test_buffers_are_copied_out_and_in():
    model, other = Counter(), Counter()
    model.state_dict()["seen"][0] = 100
    assert model.seen[0] == 0
    state = other.state_dict() | {"seen": [3, 4], "count": 7}
    model.load_state_dict(state)
    np.testing.assert_array_equal(model.seen, [3, 4])
    assert model.seen.dtype == np.float32
    assert model.count == 7 and model.count.dtype == np.int64
    assert other.count == 0
    with pytest.raises(ValueError, match=r"expected shape \(2,\) for seen, got \(3,\)"):
        model.load_state_dict(state | {"seen": np.ones(3), "count": 9})
    assert model.count == 7
    given = np.zeros(2)
    model.register_buffer("other", given)
    given[0] = 1
    assert model.other[0] == 0


@pytest.mark.parametrize("name", ["scale", "seen", "absent", "forward", "training"])
def test_a_buffer_needs_a_name_of_its_own(name):
    with pytest.raises(KeyError, match=f"Counter already has an attribute '{name}'"):
        Counter().register_buffer(name, 1.0)


def test_repr_shows_the_tree():
    assert repr(Outer()) == (
        "Outer(\n"
        "  (first): Sequential(\n"
        "    (0): Linear(2, 2, bias=False)\n"
        "    (1): ReLU()\n"
        "  )\n"
        "  (inner): Inner(\n"
        "    (layer): Linear(2, 2, bias=True)\n"
        "  )\n"
        ")"
    )


def test_a_module_without_forward():
    with pytest.raises(
        NotImplementedError, match=r"Module does not define forward\(\)"
    ):
        nn.Module()(1.0)


def test_sequential():
    layers = [nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)]
    model = nn.Sequential(*layers)
    x = np.ones((4, 2))
    by_hand = layers[2](layers[1](layers[0](x)))
    np.testing.assert_array_equal(model(x).data, by_hand.data)
    assert len(model) == 3
    assert list(model) == layers
    assert model[0] is layers[0]
    assert model[-1] is layers[2]
    assert nn.Sequential()(2.5) == 2.5


@pytest.mark.parametrize("wrong", [nn.ReLU, [nn.ReLU()], np.tanh, None])
def test_sequential_of_what_is_no_module(wrong):
    with pytest.raises(
        TypeError, match=r"expected a Module as item 1, got .*write ReLU\(\) with br"
    ):
        nn.Sequential(nn.ReLU(), wrong)


@pytest.mark.parametrize("package", [nn, functional, optim], ids=lambda m: m.__name__)
def test_packages_only_import(package):
    tree = ast.parse(inspect.getsource(package))
    docstring, *statements = tree.body
    assert isinstance(docstring, ast.Expr)
    *imports, exported = statements
    assert all(isinstance(statement, ast.ImportFrom) for statement in imports)
    assert exported.targets[0].id == "__all__"
    imported = {
        alias.asname or alias.name for statement in imports for alias in statement.names
    }
    assert set(package.__all__) == imported - {"__getattr__"}
