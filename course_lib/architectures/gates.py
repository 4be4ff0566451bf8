"""Two tasks that ask for memory, and networks with and without gates (slide 43)."""

import numpy as np

from course_lib import nn
from course_lib.core.tensor import no_grad
from course_lib.nn.functional import (
    cross_entropy,
    linear,
    mse_loss,
    one_hot,
    sigmoid,
    tanh,
)
from course_lib.optim import Adam


def parts(u, H):
    """Sums u of all gates, cut into one piece of H units for each."""
    return [u[:, k : k + H] for k in range(0, u.shape[1], H)]


def lstm_step(x, h, c, W_x, W_h, b_x, b_h):
    """The next state and cell of an LSTM, in plain operations on the tape.

    i, f, o = σ(…), g = tanh(…); c ← f c + i g; h ← o tanh c. The rule
    `course_lib.nn.recurrent.lstm` does all steps at once.

    >>> zeros = np.zeros((4, 1))
    >>> h, c = lstm_step([[1.0]], [[0.0]], [[1.0]], zeros, zeros, 0, 0)
    >>> c.item()  # all gates are half open
    0.5
    """
    H = W_h.shape[1]
    i, f, g, o = parts(linear(x, W_x) + b_x + linear(h, W_h) + b_h, H)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def gru_step(x, h, W_x, W_h, b_x, b_h):
    """The next state of a GRU, in plain operations on the tape.

    r, z = σ(…); n = tanh(u + r v), from the input's sum u and the state's v;
    h ← (1 − z) n + z h. The rule is `course_lib.nn.recurrent.gru`.

    >>> zeros = np.zeros((3, 1))
    >>> gru_step([[1.0]], [[1.0]], zeros, zeros, 0, 0).item()
    0.5
    """
    H = W_h.shape[1]
    u_r, u_z, u_n = parts(linear(x, W_x) + b_x, H)
    v_r, v_z, v_n = parts(linear(h, W_h) + b_h, H)
    r, z = sigmoid(u_r + v_r), sigmoid(u_z + v_z)
    n = tanh(u_n + r * v_n)
    return (1 - z) * n + z * h


def adding(n, T, rng):
    """Numbers from 0 to 1, two of them marked; the answer is the sum of these two.

    Inputs (n, T, 2): the number, and 1 where it is marked, once in each half. Whoever
    always says 1 has a mean squared error of 1/6 (Hochreiter & Schmidhuber 1997).

    >>> x, y = adding(5, 20, np.random.default_rng(0))
    >>> np.allclose((x[:, :, 0] * x[:, :, 1]).sum(axis=1), y[:, 0])
    True
    """
    x = np.zeros((n, T, 2))
    x[:, :, 0] = rng.random((n, T))
    x[np.arange(n), rng.integers(T // 2, size=n), 1] = 1
    x[np.arange(n), rng.integers(T // 2, T, size=n), 1] = 1
    return x, (x[:, :, 0] * x[:, :, 1]).sum(axis=1, keepdims=True)


def copying(n, T, rng):
    """Ten letters of eight kinds, a wait of T steps, and then the same ten again.

    Inputs (n, T + 20, 10), one-hot: letters are 0 to 7, 8 is a blank, 9 says "now".
    The answers are blanks up to the last ten. Whoever says blanks and then guesses pays
    10 ln 8 / (T + 20) nats a step (Arjovsky, Shah & Bengio 2016).

    >>> x, y = copying(1, 3, np.random.default_rng(0))
    >>> x.shape, bool((y[0, -10:] == x[0, :10].argmax(axis=1)).all())
    ((1, 23, 10), True)
    """
    letters = rng.integers(8, size=(n, 10))
    x = np.full((n, T + 20), 8)
    y = x.copy()
    x[:, :10], x[:, T + 9], y[:, -10:] = letters, 9, letters
    return one_hot(x, 10).data.astype(float), y


class Reader(nn.Module):
    """A recurrent layer and a linear one on its states: all of them, or the last."""

    def __init__(self, layer, features, units, outputs, *, last, dtype, rng):
        super().__init__()
        options = {"dtype": dtype, "rng": rng}
        self.layer = layer(features, units, batch_first=True, **options)
        self.read_out = nn.Linear(units, outputs, **options)
        self.last = last

    def forward(self, x):
        states, _ = self.layer(x)
        return self.read_out(states[:, -1] if self.last else states)


TASKS = {  # sequences, features, outputs, loss
    "adding": (adding, 2, 1, mse_loss),
    "copy": (
        copying,
        10,
        10,
        lambda u, y: cross_entropy(u.reshape(-1, 10), y.ravel()),
    ),
}


def baseline(task, T):
    """The loss of the best answer without any memory."""
    return 1 / 6 if task == "adding" else 10 * np.log(8) / (T + 20)


def open_forget_gate(layer, b=1.0):
    """Let an LSTM begin by keeping its cell: b on the bias of f (Gers et al. 2000)."""
    H = layer.hidden_size
    new = layer.bias_ih_l0.data.copy()
    new[H : 2 * H] += b
    layer.bias_ih_l0.data = new
    return layer


def reader(task, layer, units=32, *, seed=0, dtype=np.float32):
    """A `Reader` for a task, drawn from a seed."""
    _, features, outputs, _ = TASKS[task]
    rng, last = np.random.default_rng(seed), task == "adding"
    return Reader(
        layer, features, units, outputs, last=last, dtype=dtype, rng=rng
    )


def learn_task(model, task, T, seed, *, lr=5e-3, batch_size=32):
    """Train without end, on new sequences in each step; yields the losses."""
    make, _, _, loss = TASKS[task]
    rng, dtype = np.random.default_rng(seed), model.read_out.weight.dtype
    optimizer = Adam(model.parameters(), lr=lr)
    while True:
        x, y = make(batch_size, T, rng)
        L = loss(
            model(x.astype(dtype)), y.astype(dtype if model.last else int)
        )
        optimizer.zero_grad()
        L.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        yield L.item()


def share_of_baseline(model, task, T, n=1000):
    """The loss on n new sequences, as a share of the baseline."""
    make, _, _, loss = TASKS[task]
    x, y = make(n, T, np.random.default_rng(10_000))
    dtype = model.read_out.weight.dtype
    with no_grad():
        return loss(model(x.astype(dtype)), y).item() / baseline(task, T)
