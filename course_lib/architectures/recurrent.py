"""A recurrent network that writes names, and what to compare it with (slide 43)."""

import numpy as np

from course_lib import nn
from course_lib.core.ops import stack
from course_lib.core.tensor import Tensor, no_grad
from course_lib.datasets import ALPHABET, decode, encode
from course_lib.nn.functional import cross_entropy, linear, softmax, tanh
from course_lib.optim import Adam
from course_lib.optim.lr_scheduler import LinearLR


def unrolled(x, h, W_x, W_h, b_x, b_h):
    """hₜ = tanh(W_x xₜ + b_x + W_h hₜ₋₁ + b_h), step by step on the tape.

    It is `course_lib.nn.recurrent.rnn` in plain operations.

    >>> W = np.array([[0.5]])
    >>> unrolled(np.ones((2, 1, 1)), np.zeros((1, 1)), W, W, 0, 0).shape
    (2, 1, 1)
    """
    states = []
    for x_t in x:
        h = tanh(linear(x_t, W_x) + b_x + linear(h, W_h) + b_h)
        states.append(h)
    return stack(states)


def gradient_by_distance(layer, rng, T=40):
    """Length of ∂(last state)/∂(input), by how many steps ago the input was read.

    Eight random sequences go through a layer, and a random gradient comes back from its
    last state. The lengths are shares of that of the newest input, which comes first.

    >>> layer = nn.RNN(1, 1, nonlinearity="relu", bias=False)
    >>> layer.weight_ih_l0.data = np.array([[1.0]])
    >>> layer.weight_hh_l0.data = np.array([[0.5]])
    >>> rng = np.random.default_rng(0)
    >>> len(gradient_by_distance(layer, rng, T=3))
    3
    """
    D, H = layer.input_size, layer.hidden_size
    x = Tensor(rng.normal(size=(T, 8, D)), requires_grad=True)
    states, _ = layer(x)
    (states[-1] * rng.normal(size=(8, H))).sum().backward()
    lengths = np.linalg.norm(x.grad, axis=(1, 2))[::-1]
    return lengths / lengths[0]


class Writer(nn.Module):
    """Reads tokens and gives, at each place, a score for each token that may come next.

    >>> Writer(nn.RNN, 8)(np.array([[0, 1, 2]])).shape
    (1, 3, 27)
    """

    def __init__(self, layer, units, *, features=16, dtype=float, rng=None):
        super().__init__()
        n, options = len(ALPHABET), {"dtype": dtype, "rng": rng}
        self.embedding = nn.Embedding(n, features, **options)
        self.layer = layer(features, units, batch_first=True, **options)
        self.read_out = nn.Linear(units, n, **options)

    def forward(self, x, h=None):
        states, _ = self.layer(self.embedding(x), h)
        return self.read_out(states)


def bits(model, names):
    """Bits a character, the mark at the end counted, that names cost a model.

    The mean of −log₂ p(what came next). With one chance in 27 for each:

    >>> print(f"{bits(lambda x: np.zeros((*x.shape, 27)), ['eva']):.3f}")
    4.755
    """
    x, y = encode(names)
    with no_grad():
        L = cross_entropy(model(x).reshape(-1, 27), y.reshape(-1))
    return L.item() / np.log(2)


def learn_names(model, names, epochs, seed, *, lr=5e-3, batch_size=32):
    """Train on names; yields the loss of each step, in bits a character.

    Adam, with a rate that falls to 0 in a straight line, and clipped gradients.
    """
    (x, y), rng = encode(names), np.random.default_rng(seed)
    steps = epochs * -(-len(x) // batch_size)
    optimizer = Adam(model.parameters(), lr=lr)
    schedule = LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for chosen in np.split(order, range(batch_size, len(x), batch_size)):
            L = cross_entropy(
                model(x[chosen]).reshape(-1, 27), y[chosen].ravel()
            )
            optimizer.zero_grad()
            L.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            yield L.item() / np.log(2)


def write(model, rng, longest=15):
    """A new name: each letter is drawn from the model's probabilities."""
    tokens = [0]
    with no_grad():
        while len(tokens) <= longest:
            o = softmax(model(np.array([tokens]))[0, -1]).data
            tokens.append(int(np.searchsorted(np.cumsum(o), rng.random())))
            if tokens[-1] == 0:
                break
    return decode(tokens)


class Counts:
    """An n-gram: how often each character came after the n − 1 before it.

    p(next | before) = (count + plus) / (count of before + 27 plus)

    >>> bigram = Counts(["eva", "eva", "al"], n=2, plus=0)
    >>> print(bigram.probability("e", "v"), bigram.probability(".", "a"))
    1.0 0.3333333333333333
    """

    def __init__(self, names, n, plus):
        self.n, self.plus, self.counts, self.befores = n, plus, {}, {}
        for name in names:
            for before, letter in self.pairs(name):
                self.counts[before, letter] = (
                    self.counts.get((before, letter), 0) + 1
                )
                self.befores[before] = self.befores.get(before, 0) + 1

    def pairs(self, name):
        """Each character of a name, with the n − 1 before it."""
        text, k = "." * (self.n - 1) + name + ".", self.n - 1
        return [(text[i - k : i], text[i]) for i in range(k, len(text))]

    def probability(self, before, letter):
        count = self.counts.get((before, letter), 0) + self.plus
        return count / (self.befores.get(before, 0) + 27 * self.plus)

    def bits(self, names):
        """Bits a character of names, as `bits` has them for a network."""
        p = [
            self.probability(*pair)
            for name in names
            for pair in self.pairs(name)
        ]
        return -np.log2(p).mean()
