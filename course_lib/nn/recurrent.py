"""Recurrent layers: RNN, LSTM and GRU (slide 43).

A recurrent layer reads a sequence step by step and keeps a *state* h: the next state is
computed from the input and the state before. Each rule is a whole sequence, forward and
backward, with one matrix product a step, over rows that hold [xₜ, 1, hₜ₋₁]. The same in
plain operations on the tape is in the modules of `course_lib.architectures`.
"""

import numpy as np

from course_lib.core import habits
from course_lib.core.module import Module, Parameter
from course_lib.core.ops import stack
from course_lib.core.seed import generator
from course_lib.core.settings import check_number
from course_lib.core.tensor import Tensor, array_of, differentiable


@differentiable
def rnn(x, h0, W_x, W_h, b_x=None, b_h=None, nonlinearity="tanh"):
    """hₜ = f(W_x xₜ + b_x + W_h hₜ₋₁ + b_h) for t = 1 … T (Elman 1990).

    Parameters
    ----------
    x : Tensor, shape (T, N, D)
        N sequences of T steps.
    h0 : Tensor, shape (N, H)
        The state before the first step.
    W_x : Tensor, shape (H, D)
    W_h : Tensor, shape (H, H)
    b_x, b_h : Tensor, shape (H,), optional
        Only their sum counts; there are two because PyTorch has two.
    nonlinearity : {"tanh", "relu"}

    Returns
    -------
    Tensor, shape (T, N, H)
        The state after each step.
    """
    _check("rnn", 1, x, [h0], W_x, W_h, b_x, b_h)
    _check_nonlinearity("rnn", nonlinearity)
    V = joined(1, W_x, W_h, b_x, b_h)[0]
    row, h = beside(x, h0, V)  # row[t]: [xₜ, 1, hₜ₋₁] for each sequence
    for t in range(len(x)):
        u = row[t] @ V
        h[t + 1] = np.tanh(u) if nonlinearity == "tanh" else np.maximum(u, 0)

    @kept
    def walk(g):
        du, dh = np.empty(g.shape, row.dtype), 0
        for t in reversed(range(len(x))):
            dh = g[t] + dh  # from the output at t, and from the next step
            o = h[t + 1]
            f_prime = 1 - o * o if nonlinearity == "tanh" else o > 0
            du[t] = dh * f_prime
            dh = du[t] @ W_h
        return du, dh

    weights = weight_derivatives(walk, row, x.shape[2])
    return h[1:].copy(), (
        lambda g: walk(g)[0] @ W_x,  # ∂L/∂x
        lambda g: walk(g)[1].copy(),  # ∂L/∂h₀
        *weights,
    )


@differentiable
def lstm(x, h0, c0, W_x, W_h, b_x=None, b_h=None):
    """A cell cₜ that is kept, filled and read through gates (Hochreiter & Schmidhuber).

    With u = W_x xₜ + b_x + W_h hₜ₋₁ + b_h, cut into four:

    - i = σ(u₁), f = σ(u₂), g = tanh(u₃), o = σ(u₄)
    - cₜ = f cₜ₋₁ + i g
    - hₜ = o tanh cₜ

    Parameters
    ----------
    x : Tensor, shape (T, N, D)
        N sequences of T steps.
    h0, c0 : Tensor, shape (N, H)
        State and cell before the first step.
    W_x : Tensor, shape (4H, D)
        One block of H rows for each of i, f, g, o.
    W_h : Tensor, shape (4H, H)
    b_x, b_h : Tensor, shape (4H,), optional

    Returns
    -------
    Tensor, shape (T + 1, N, H)
        The states h₁ … h_T, and after them the last cell, c_T.

    Notes
    -----
    σ(u) = ½ tanh(u/2) + ½, so one tanh serves all gates. The forget gate is not in the
    paper of 1997; it is of Gers, Schmidhuber & Cummins (2000).
    """
    _check("lstm", 4, x, [h0, c0], W_x, W_h, b_x, b_h)
    s = np.reshape([0.5, 0.5, 1, 0.5], (4, 1, 1)).astype(W_x.dtype)
    V = joined(4, W_x, W_h, b_x, b_h) * s
    row, h = beside(x, h0, V)
    (T, N, _), H = x.shape, h0.shape[1]
    gates = np.empty((T, 4, N, H), row.dtype)
    c = np.empty((T + 1, N, H), row.dtype)
    tanh_c = np.empty((T, N, H), row.dtype)
    c[0] = c0
    for t in range(T):
        a = np.tanh(np.matmul(row[t], V, out=gates[t]), out=gates[t])
        a *= s
        a += 1 - s
        i, f, g, o = a
        c[t + 1] = f * c[t] + i * g
        np.tanh(c[t + 1], out=tanh_c[t])
        h[t + 1] = o * tanh_c[t]

    @kept
    def walk(g_all):
        du = np.empty((T, N, 4, H), row.dtype)
        dh, dc = 0, g_all[T]
        for t in reversed(range(T)):
            (i, f, g, o), k, d = gates[t], tanh_c[t], du[t]
            dh = g_all[t] + dh
            dc = dc + dh * o * (1 - k * k)
            d[:, 0] = dc * g * i * (1 - i)
            d[:, 1] = dc * c[t] * f * (1 - f)
            d[:, 2] = dc * i * (1 - g * g)
            d[:, 3] = dh * k * o * (1 - o)
            dc = dc * f
            dh = d.reshape(N, 4 * H) @ W_h
        return du.reshape(T, N, 4 * H), dh, dc

    weights = weight_derivatives(walk, row, x.shape[2])
    return np.concatenate([h[1:], c[T:]]), (
        lambda g: walk(g)[0] @ W_x,  # ∂L/∂x
        lambda g: walk(g)[1].copy(),  # ∂L/∂h₀
        lambda g: walk(g)[2].copy(),  # ∂L/∂c₀
        *weights,
    )


@differentiable
def gru(x, h0, W_x, W_h, b_x=None, b_h=None):
    """A state that each gate z keeps or replaces (Cho et al. 2014, as PyTorch has it).

    With W_x xₜ + b_x cut into u_r, u_z, u_n, and W_h hₜ₋₁ + b_h into v_r, v_z, v_n:

    - r = σ(u_r + v_r), z = σ(u_z + v_z)
    - n = tanh(u_n + r v_n): the reset gate comes after the product
    - hₜ = (1 − z) n + z hₜ₋₁

    Parameters
    ----------
    x : Tensor, shape (T, N, D)
        N sequences of T steps.
    h0 : Tensor, shape (N, H)
        The state before the first step.
    W_x : Tensor, shape (3H, D)
        One block of H rows for each of r, z, n.
    W_h : Tensor, shape (3H, H)
    b_x, b_h : Tensor, shape (3H,), optional
        Here they differ: r multiplies the part of b_h, and not that of b_x.

    Returns
    -------
    Tensor, shape (T, N, H)
        The state after each step.
    """
    _check("gru", 3, x, [h0], W_x, W_h, b_x, b_h)
    (T, N, _), H = x.shape, h0.shape[1]
    from_x, from_h = _four(H, W_x, b_x, empty=2), _four(H, W_h, b_h, empty=3)
    V = joined(4, from_x[0], from_h[0], from_x[1], from_h[1])
    V[:2] /= 2  # σ(u) = ½ tanh(u/2) + ½
    row, h = beside(x, h0, V)
    sums = np.empty((T, 4, N, H), row.dtype)
    for t in range(T):
        r, z, v, n = np.matmul(row[t], V, out=sums[t])
        gates = sums[t, :2]
        np.tanh(gates, out=gates)
        gates *= 0.5
        gates += 0.5
        n += r * v
        np.tanh(n, out=n)
        h[t + 1] = n + z * (h[t] - n)

    @kept
    def walk(g):
        du, dh = np.empty((T, N, 4, H), row.dtype), 0
        for t in reversed(range(T)):
            (r, z, v, n), d = sums[t], du[t]
            dh = g[t] + dh
            dn = dh * (1 - z) * (1 - n * n)
            d[:, 0] = dn * v * r * (1 - r)
            d[:, 1] = dh * (h[t] - n) * z * (1 - z)
            d[:, 2] = dn * r
            d[:, 3] = dn
            dh = dh * z + d.reshape(N, 4 * H) @ from_h[0]
        return du.reshape(T, N, 4 * H), dh

    for_W_x, for_W_h, for_b_x, for_b_h = weight_derivatives(
        walk, row, x.shape[2]
    )
    of_x, of_h = np.r_[: 2 * H, 3 * H : 4 * H], np.r_[: 3 * H]
    return h[1:].copy(), (
        lambda g: walk(g)[0] @ from_x[0],  # ∂L/∂x
        lambda g: walk(g)[1].copy(),  # ∂L/∂h₀
        lambda g: for_W_x(g)[of_x],
        lambda g: for_W_h(g)[of_h],
        lambda g: for_b_x(g)[of_x],
        lambda g: for_b_h(g)[of_h],
    )


def _four(H, W, b, empty):
    """Three blocks of a GRU's weights as four: the input gives no v, the state no n."""
    return [
        a if a is None else np.insert(a, [empty * H] * H, 0, axis=0)
        for a in (W, b)
    ]


# What the three rules share


def joined(blocks, W_x, W_h, b_x, b_h):
    """All weights of a layer, (blocks, D + 1 + H, H), for rows [x, 1, h]."""
    b = np.zeros(len(W_x), W_x.dtype)
    for bias in (b_x, b_h):
        b = b if bias is None else b + bias
    V = np.concatenate([W_x.T, b[None], W_h.T])
    return V.reshape(len(V), blocks, -1).transpose(1, 0, 2).copy()


def beside(x, h0, V):
    """Rows [xₜ, 1, hₜ₋₁] for all steps, and their last part, the states, still 0."""
    (T, N, D), H = x.shape, h0.shape[1]
    row = np.zeros((T + 1, N, D + 1 + H), np.result_type(x, V))
    row[:T, :, :D], row[:, :, D] = x, 1
    h = row[:, :, D + 1 :]
    h[0] = h0
    return row, h


def kept(walk):
    """A function that keeps its last result, as all derivatives share one walk."""
    last = [None, None]

    def result(g):
        if last[0] is not g:
            last[:] = g, walk(g)
        return last[1]

    return result


def weight_derivatives(walk, row, D):
    """∂L/∂ W_x, W_h, b_x and b_h, from ∂L/∂u of all steps and the rows."""

    @kept
    def all_weights(g):
        du, rows = (
            a.reshape(-1, a.shape[-1]) for a in (walk(g)[0], row[:-1])
        )
        return du.T @ rows

    def for_b(g):
        return all_weights(g)[:, D]

    return (
        lambda g: all_weights(g)[:, :D],
        lambda g: all_weights(g)[:, D + 1 :],
        for_b,
        for_b,
    )


def _check(name, blocks, x, states, W_x, W_h, b_x, b_h):
    if np.ndim(x) != 3 or not len(x):
        raise ValueError(
            f"{name}: expected a sequence of shape (T, N, D) with at least one step, "
            f"got {np.shape(x)}"
        )
    (_, N, D), H = x.shape, np.shape(W_h)[-1] if np.ndim(W_h) else 0
    for what, a, shape in [
        ("W_x", W_x, (blocks * H, D)),
        ("W_h", W_h, (blocks * H, H)),
        ("b_x", b_x, (blocks * H,)),
        ("b_h", b_h, (blocks * H,)),
        *(("a start state", state, (N, H)) for state in states),
    ]:
        is_bias = what.startswith("b")
        if np.shape(a) != shape and not (is_bias and a is None):
            raise ValueError(
                f"{name}: expected {what} of shape {shape}, got {np.shape(a)}"
            )


def _check_nonlinearity(name, nonlinearity):
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(
            f'{name}: expected nonlinearity "tanh" or "relu", got {nonlinearity!r}'
        )


# Modules


class _Weights(Module):
    """Weights of a layer or cell, drawn uniformly from −1/√H to 1/√H, as in PyTorch."""

    blocks = 1  # of H rows in each weight
    has_cell = False

    def __init__(self, sizes, ends, bias, others, dtype, rng):
        super().__init__()
        name, (D, H) = type(self).__name__, sizes
        _refuse(name, others)
        check_number(name, "input_size", D, 1, whole=True)
        check_number(name, "hidden_size", H, 1, whole=True)
        self.input_size, self.hidden_size, self.bias = D, H, bias
        rng, bound, rows = generator(rng), 1 / H**0.5, self.blocks * H

        def draw(*shape):
            return Parameter(rng.uniform(-bound, bound, shape), dtype=dtype)

        for end in ends:
            setattr(self, f"weight_ih{end}", draw(rows, D))
            setattr(self, f"weight_hh{end}", draw(rows, H))
            if bias:
                setattr(self, f"bias_ih{end}", draw(rows))
                setattr(self, f"bias_hh{end}", draw(rows))
            D = H  # the next layer reads the states of this one

    def _of(self, end=""):
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return [
            getattr(self, name + end)
            for name in names[: 4 if self.bias else 2]
        ]

    def _rule(self, x, states, weights):
        """The states after each step; for an LSTM with the last cell behind them."""
        return self.sequence(x, *states, *weights)

    def _input(self, input, ndims):
        """The input as a tensor of the right shape."""
        x = input if isinstance(input, Tensor) else Tensor(input)
        D, name = self.input_size, type(self).__name__
        if x.ndim not in ndims:
            axes = " or ".join(map(str, ndims))
            raise ValueError(
                f"{name}({D}, {self.hidden_size}): expected input with {axes} axes, "
                f"got shape {x.shape}"
            )
        if x.shape[-1] != D:
            raise ValueError(
                f"{name}({D}, {self.hidden_size}): expected {D} features in the last "
                f"axis of the input, got {x.shape[-1]}"
            )
        return x

    def _start(self, hx, shape):
        """The start state, or state and cell; zeros if there is none."""
        name = type(self).__name__
        if hx is None:
            dtype = next(self.parameters()).dtype
            hx = [np.zeros(shape, dtype)] * (1 + self.has_cell)
        elif not self.has_cell:
            hx = [hx]
        elif not (isinstance(hx, tuple | list) and len(hx) == 2):
            raise TypeError(
                f"{name}: expected a pair (h_0, c_0) as start state, got "
                f"{type(hx).__name__}"
            )
        for state in hx:
            if np.shape(array_of(state)) != shape:
                raise ValueError(
                    f"{name}: expected a start state of shape {shape}, got "
                    f"{np.shape(array_of(state))}"
                )
        return [s if isinstance(s, Tensor) else Tensor(s) for s in hx]


def _refuse(name, others):
    """Arguments of PyTorch's that are not here; their defaults change nothing."""
    absent = ("dropout", "bidirectional", "proj_size")
    habits.refuse(
        name, {k: v for k, v in others.items() if v or k not in absent}
    )


class _Layers(_Weights):
    """One or several recurrent layers, each reading the states of the one before."""

    def __init__(
        self, sizes, num_layers, bias, batch_first, others, dtype, rng
    ):
        name = type(self).__name__
        check_number(name, "num_layers", num_layers, 1, whole=True)
        self.num_layers, self.batch_first = num_layers, batch_first
        ends = [f"_l{k}" for k in range(num_layers)]
        super().__init__(sizes, ends, bias, others, dtype, rng)

    def forward(self, input, hx=None):
        x = self._input(input, (2, 3))
        is_batch = x.ndim == 3
        if not is_batch:
            x = x.unsqueeze(1)
        elif self.batch_first:
            x = x.transpose(0, 1)
        batch = x.shape[1:2] if is_batch else ()
        L, H = self.num_layers, self.hidden_size
        starts = [
            start.reshape(L, x.shape[1], H)
            for start in self._start(hx, (L, *batch, H))
        ]
        ends = []
        for k in range(L):
            states = [start[k] for start in starts]
            x = self._rule(x, states, self._of(f"_l{k}"))
            end = [x[-1]]
            if self.has_cell:
                end, x = [x[-2], x[-1]], x[:-1]
            ends.append(end)
        hx = [
            stack(end).reshape(L, *batch, H)
            for end in zip(*ends, strict=True)
        ]
        if not is_batch:
            x = x.squeeze(1)
        elif self.batch_first:
            x = x.transpose(0, 1)
        return x, tuple(hx) if self.has_cell else hx[0]

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        for name, default in [
            ("num_layers", 1),
            ("bias", True),
            ("batch_first", False),
        ]:
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)}"
        return text


class RNN(_Layers):
    """`rnn` as a module, with one layer or several.

    Parameters
    ----------
    input_size, hidden_size : int
        Numbers D in an input and H in a state.
    num_layers : int, default 1
        Each layer after the first reads the states of the one before.
    nonlinearity : {"tanh", "relu"}
    bias : bool, default True
    batch_first : bool, default False
        Whether input and output have the shape (N, T, D) instead of (T, N, D).
    dtype : numpy dtype, default float64
    rng : numpy Generator, optional
        Draws the weights; by default the generator that `manual_seed` sets.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : Parameter, shapes (H, D) and (H, H)
        Of the first layer: from the input, and from the state before. The next layers
        have the same with ``_l1`` …
    bias_ih_l0, bias_hh_l0 : Parameter, shape (H,)

    Notes
    -----
    ``layer(input, hx)`` returns the states after each step, and the last state of each
    layer, (num_layers, N, H). ``hx``, of the same shape, is the state to begin with; by
    default it is 0. An input (T, D) is one sequence, without an axis N.

    Examples
    --------
    >>> output, h_n = RNN(3, 5)(np.ones((7, 2, 3)))
    >>> output.shape, h_n.shape
    ((7, 2, 5), (1, 2, 5))
    """

    sequence = staticmethod(rnn)

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        nonlinearity="tanh",
        bias=True,
        batch_first=False,
        *,
        dtype=np.float64,
        rng=None,
        **others,
    ):
        _check_nonlinearity("RNN", nonlinearity)
        sizes = input_size, hidden_size
        super().__init__(
            sizes, num_layers, bias, batch_first, others, dtype, rng
        )
        self.nonlinearity = nonlinearity

    def _rule(self, x, states, weights):
        return rnn(x, *states, *weights, nonlinearity=self.nonlinearity)


class LSTM(_Layers):
    """`lstm` as a module, with one layer or several.

    Its arguments are those of `RNN`, without the nonlinearity. The weights have 4H
    rows, for i, f, g and o. The state is a pair, state and cell: ``layer(input,
    (h_0, c_0))`` returns ``output, (h_n, c_n)``.

    Examples
    --------
    >>> output, (h_n, c_n) = LSTM(3, 5)(np.ones((7, 2, 3)))
    >>> output.shape, c_n.shape
    ((7, 2, 5), (1, 2, 5))
    """

    blocks, has_cell, sequence = 4, True, staticmethod(lstm)

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        *,
        dtype=np.float64,
        rng=None,
        **others,
    ):
        sizes = input_size, hidden_size
        super().__init__(
            sizes, num_layers, bias, batch_first, others, dtype, rng
        )


class GRU(_Layers):
    """`gru` as a module, with one layer or several.

    Its arguments are those of `RNN`, without the nonlinearity. The weights have 3H
    rows, for r, z and n.

    Examples
    --------
    >>> output, h_n = GRU(3, 5)(np.ones((7, 2, 3)))
    >>> output.shape, h_n.shape
    ((7, 2, 5), (1, 2, 5))
    """

    blocks, sequence = 3, staticmethod(gru)

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        *,
        dtype=np.float64,
        rng=None,
        **others,
    ):
        sizes = input_size, hidden_size
        super().__init__(
            sizes, num_layers, bias, batch_first, others, dtype, rng
        )


class _Cell(_Weights):
    """One step of a recurrent layer, for a loop of one's own."""

    def __init__(self, sizes, bias, dtype, rng):
        super().__init__(sizes, [""], bias, {}, dtype, rng)

    def forward(self, input, hx=None):
        x = self._input(input, (1, 2))
        batch, H = x.shape[:-1], self.hidden_size
        starts = [s.reshape(-1, H) for s in self._start(hx, (*batch, H))]
        x = x.reshape(1, -1, self.input_size)
        after = self._rule(x, starts, self._of())  # (1 or 2, N, H)
        hx = tuple(state.reshape(*batch, H) for state in after)
        return hx if self.has_cell else hx[0]

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        return text if self.bias else f"{text}, bias=False"


class RNNCell(_Cell):
    """One step of `RNN`: ``cell(input, hx)`` is the next state, of shape (N, H).

    Its weights are called ``weight_ih``, ``weight_hh``, ``bias_ih`` and ``bias_hh``.

    Examples
    --------
    >>> cell, h = RNNCell(3, 5), np.zeros((2, 5))
    >>> for x in np.ones((7, 2, 3)):
    ...     h = cell(x, h)
    >>> h.shape
    (2, 5)
    """

    sequence = staticmethod(rnn)

    def __init__(
        self,
        input_size,
        hidden_size,
        bias=True,
        nonlinearity="tanh",
        *,
        dtype=np.float64,
        rng=None,
    ):
        _check_nonlinearity("RNNCell", nonlinearity)
        super().__init__((input_size, hidden_size), bias, dtype, rng)
        self.nonlinearity = nonlinearity

    _rule = RNN._rule


class LSTMCell(_Cell):
    """One step of `LSTM`: ``cell(input, (h, c))`` is the next pair.

    Examples
    --------
    >>> h, c = LSTMCell(3, 5)(np.ones((2, 3)))
    >>> h.shape, c.shape
    ((2, 5), (2, 5))
    """

    blocks, has_cell, sequence = 4, True, staticmethod(lstm)

    def __init__(
        self,
        input_size,
        hidden_size,
        bias=True,
        *,
        dtype=np.float64,
        rng=None,
    ):
        super().__init__((input_size, hidden_size), bias, dtype, rng)


class GRUCell(_Cell):
    """One step of `GRU`: ``cell(input, hx)`` is the next state, of shape (N, H).

    Examples
    --------
    >>> GRUCell(3, 5)(np.ones((2, 3))).shape
    (2, 5)
    """

    blocks, sequence = 3, staticmethod(gru)

    def __init__(
        self,
        input_size,
        hidden_size,
        bias=True,
        *,
        dtype=np.float64,
        rng=None,
    ):
        super().__init__((input_size, hidden_size), bias, dtype, rng)
