"""Two networks that play: a generator G and a discriminator D (slide 42).

G turns random numbers z into samples; D scores samples, high for real ones. Its
probability for "real" is σ(score) (Goodfellow et al. 2014, arXiv:1406.2661).
"""

from itertools import pairwise

import numpy as np

from course_lib import nn, optim
from course_lib.core.module import Module
from course_lib.core.seed import generator
from course_lib.nn.functional import binary_cross_entropy_with_logits, linear


def dense(*sizes, norm=False, rng=None):
    """Dense layers of these sizes with leaky ReLUs in between.

    >>> len(list(dense(2, 64, 64, 1)))
    5
    """
    layers = [nn.Linear(sizes[0], sizes[1], rng=rng)]
    for inputs, units in pairwise(sizes[1:]):
        layers += [nn.BatchNorm1d(inputs)] * norm
        layers += [nn.LeakyReLU(0.2), nn.Linear(inputs, units, rng=rng)]
    return nn.Sequential(*layers)


def cross_entropy(scores, target):
    """−log of the probability of one answer, 1 for real or 0 for fake, for all scores.

    >>> round(cross_entropy(np.zeros((5, 1)), 1).item(), 3)  # log 2
    0.693
    """
    targets = np.full(scores.shape, float(target))
    return binary_cross_entropy_with_logits(scores, targets)


def play(G, D, optimizer_G, optimizer_D, real, z, real_target=1):
    """One round: D learns to tell real from fake, then G learns to be taken for real.

    L_D = −log D(x) − log(1 − D(G(z))),  L_G = −log D(G(z)). Returns both.
    """
    fake = G(z)

    optimizer_D.zero_grad()
    L_real = cross_entropy(D(real), real_target)
    L_fake = cross_entropy(D(fake.detach()), 0)
    (L_real + L_fake).backward()
    optimizer_D.step()

    optimizer_G.zero_grad()
    L_G = cross_entropy(D(fake), 1)
    L_G.backward()
    optimizer_G.step()
    return L_real.item() + L_fake.item(), L_G.item()


def ring(n, rng, modes=8, radius=2, std=0.1):
    """Points from equally many normal distributions on a circle: shape (n, 2).

    >>> ring(5, np.random.default_rng(0)).shape
    (5, 2)
    """
    centres = middles(modes, radius)
    return rng.choice(centres, n) + rng.normal(scale=std, size=(n, 2))


def middles(modes=8, radius=2):
    """The middles of the ring, shape (modes, 2): at angles 2πk/modes.

    >>> middles(4, 1).round(9) + 0
    array([[ 1.,  0.],
           [ 0.,  1.],
           [-1.,  0.],
           [ 0., -1.]])
    """
    angles = np.linspace(0, 2 * np.pi, modes, endpoint=False)
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def modes_found(samples, centres, std):
    """How many modes have a good sample, and the share of samples that are good.

    Good: within three standard deviations of the nearest middle (Srivastava et al.
    2017, arXiv:1705.07761).

    >>> modes_found(np.array([[2.0, 0.1], [0.0, 0.0]]), middles(), std=0.1)
    (1, 0.5)
    """
    far = distances(samples, centres)
    good = far.min(axis=1) <= 3 * std
    found = np.unique(far.argmin(axis=1)[good])
    return len(found), float(good.mean())


def distances(x, y):
    """The distance of each point of x, shape (n, D), to each of y: shape (n, m)."""
    return np.sqrt(((x[:, None] - y[None]) ** 2).sum(axis=2))


def energy_distance(x, y):
    """2 E|x − y| − E|x − x′| − E|y − y′|: how different two clouds of points are.

    0 for a cloud and itself, and otherwise above (Székely & Rizzo 2013).

    >>> energy_distance(np.array([[0.0], [2.0]]), np.array([[1.0], [1.0]])).item()
    1.0
    """
    between, within_x, within_y = (
        distances(a, b).mean() for a, b in ((x, y), (x, x), (y, y))
    )
    return 2 * between - within_x - within_y


def ring_players(rng):
    """G and D for the ring: 2 random numbers become a point, a point a score."""
    return dense(2, 64, 64, 2, rng=rng), dense(2, 64, 64, 1, rng=rng)


def digit_players(rng):
    """G and D for 8 × 8 digits; G ends in grey values from 0 to 1."""
    G = dense(16, 64, 128, 64, norm=True, rng=rng)
    return G.append(nn.Sigmoid()), dense(64, 128, 64, 1, rng=rng)


class Noisy(Module):
    """A discriminator that sees its samples through noise (Sønderby et al. 2017)."""

    def __init__(self, D, std, rng=None):
        super().__init__()
        self.D, self.std, self.rng = D, std, generator(rng)

    def forward(self, x):
        return self.D(x + self.rng.normal(scale=self.std, size=x.shape))


class Packed(Module):
    """A discriminator of groups: it sees several samples at once (Lin et al. 2018).

    >>> Packed(dense(4, 8, 1), 2)(np.ones((6, 2))).shape
    (3, 1)
    """

    def __init__(self, D, samples):
        super().__init__()
        self.D, self.samples = D, samples

    def forward(self, x):
        n, features = x.shape
        return self.D(x.reshape(n // self.samples, self.samples * features))


class SpectralLinear(nn.Linear):
    """A linear layer W x/σ + b that stretches no input: σ is W's largest stretch.

    u and v are the directions of that stretch, found a little better with each call
    in training (Miyato et al. 2018).
    """

    def __init__(self, in_features, out_features, *, rng=None):
        super().__init__(in_features, out_features, rng=rng)
        self.register_buffer("u", generator(rng).normal(size=out_features))

    def forward(self, x):
        W = self.weight.data
        v = W.T @ self.u
        v = v / np.sqrt(v @ v)
        u = W @ v
        if self.training:
            self.u = u / np.sqrt(u @ u)
        σ = ((self.weight @ v) * (u / np.sqrt(u @ u))).sum()
        return linear(x, self.weight / σ, self.bias)


def game(G, D, draw, rounds, lr_G, lr_D, rng, batch=64, real_target=1):
    """Play some rounds with Adam; yields (L_D, L_G) of each.

    ``draw(n, rng)`` gives n real samples; z is normal, as wide as G's first layer.
    """
    betas, inputs = (0.5, 0.9), G[0].in_features
    optimizer_G = optim.Adam(G.parameters(), lr_G, betas)
    optimizer_D = optim.Adam(D.parameters(), lr_D, betas)
    for _ in range(rounds):
        real, z = draw(batch, rng), rng.normal(size=(batch, inputs))
        yield play(G, D, optimizer_G, optimizer_D, real, z, real_target)
