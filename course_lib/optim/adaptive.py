"""Optimizers that adapt the step to each weight (slide 33).

All divide the gradient by the typical size of the gradients so far, so that steep and
flat directions move at the same speed.
"""

import numpy as np

from course_lib.optim.sgd import Optimizer


class Adagrad(Optimizer):
    """Steps divided by the root of a sum of squares: w ← w − η g / (√s + ε).

    s is the sum of all squared gradients so far. It only grows, so the steps only
    shrink (Duchi, Hazan & Singer 2011).

    Parameters
    ----------
    params : iterable of Parameter
    lr : float, default 0.01
        Learning rate η.
    lr_decay : float, default 0
        Divides η by 1 + lr_decay · (number of steps before).
    weight_decay : float, default 0
        λ of the penalty (λ/2) Σ w², whose derivative λ w is added to g.
    initial_accumulator_value : float, default 0
        s at the start.
    eps : float, default 1e-10
        ε, which keeps the division finite.
    """

    @staticmethod
    def update(
        w,
        g,
        memory,
        *,
        lr=1e-2,
        lr_decay=0,
        weight_decay=0,
        initial_accumulator_value=0,
        eps=1e-10,
    ):
        if weight_decay:
            g = g + weight_decay * w
        t = memory["t"] = memory.get("t", -1) + 1  # steps before this one
        s = memory["s"] = memory.get("s", initial_accumulator_value) + g * g
        return -lr / (1 + t * lr_decay) * g / (np.sqrt(s) + eps) + w


class RMSprop(Optimizer):
    """Steps divided by a running root mean square: w ← w − η g / (√v + ε).

    v forgets old gradients, so unlike those of `Adagrad` the steps can grow again
    (Tieleman & Hinton 2012).

    Parameters
    ----------
    params : iterable of Parameter
    lr : float, default 0.01
        Learning rate η.
    alpha : float, default 0.99
        Share of v that is kept at each step.
    eps : float, default 1e-8
        ε, which keeps the division finite.
    weight_decay : float, default 0
        λ of the penalty (λ/2) Σ w², whose derivative λ w is added to g.
    momentum : float, default 0
        Share of the last step that is kept.
    centered : bool, default False
        Divide by the standard deviation of the gradient instead.
    """

    @staticmethod
    def update(
        w,
        g,
        memory,
        *,
        lr=1e-2,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0,
        momentum=0,
        centered=False,
    ):
        if weight_decay:
            g = g + weight_decay * w
        v = memory["v"] = alpha * memory.get("v", 0) + (1 - alpha) * g * g
        if centered:
            m = memory["m"] = alpha * memory.get("m", 0) + (1 - alpha) * g
            v = np.maximum(v - m * m, 0)  # rounding may lead below 0
        u = g / (np.sqrt(v) + eps)
        if momentum:
            u = memory["u"] = momentum * memory.get("u", 0) + u
        return -lr * u + w


class Adam(Optimizer):
    """Steps of about η, whatever the size of the gradient (slide 33).

    Running means of the gradient, m, and of its square, v, both corrected for their
    start at 0; then w ← w − η m̂ / (√v̂ + ε) (Kingma & Ba 2015, arXiv:1412.6980).

    Parameters
    ----------
    params : iterable of Parameter
    lr : float, default 0.001
        Learning rate η.
    betas : pair of float, default (0.9, 0.999)
        Shares of m and v that are kept at each step.
    eps : float, default 1e-8
        ε, which keeps the division finite.
    weight_decay : float, default 0
        λ of the penalty (λ/2) Σ w², whose derivative λ w is added to g.
    """

    @staticmethod
    def update(
        w, g, memory, *, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0
    ):
        β1, β2 = betas
        if weight_decay:
            g = g + weight_decay * w
        if not memory:
            memory.update(t=0, m=np.zeros_like(w), v=np.zeros_like(w))
        memory["t"] += 1
        t, m, v = memory["t"], memory["m"], memory["v"]
        m *= β1  # in place: nobody else holds m and v
        m += (1 - β1) * g
        v *= β2
        v += (1 - β2) * g * g
        rms = np.sqrt(v / (1 - β2**t)) + eps  # √v̂ + ε
        return -lr / (1 - β1**t) * m / rms + w


class AdamW(Adam):
    """`Adam`, but with a weight decay that is not divided: first w ← w − η λ w.

    In `Adam` the penalty's derivative λ w is divided by √v̂ like every gradient, so that
    weights with large gradients hardly shrink (Loshchilov & Hutter 2019,
    arXiv:1711.05101).

    Parameters
    ----------
    params : iterable of Parameter
    lr, betas, eps
        As in `Adam`.
    weight_decay : float, default 0.01
        λ: every step shrinks each weight by the share η λ.
    """

    @staticmethod
    def update(
        w,
        g,
        memory,
        *,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=1e-2,
    ):
        w = w - lr * weight_decay * w
        return Adam.update(w, g, memory, lr=lr, betas=betas, eps=eps)
