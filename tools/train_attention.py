"""Train the networks of the page "Attention" that continue repeated words.

    python tools/train_attention.py             # about 15 seconds on one core

It writes book/architectures/trained/attention.save: the weights, rounded to float16,
and the first losses, of models with one and two layers, from three starts each.
(`course_lib.load` reads it, and refuses it if one bit has changed.)
"""

from pathlib import Path

import numpy as np

from course_lib import save
from course_lib.architectures.attention import repeater

FILE = Path(__file__).parents[1] / "book/architectures/trained/attention.save"
SEEDS, STEPS, FIRST = (0, 1, 2), 500, 20


def run(layers, seed, steps=STEPS):
    first = []

    def after(step, L):
        if step < FIRST:
            first.append(round(L, 6))

    model = repeater(layers, seed, steps, after)
    weights = {k: w.astype(np.float16) for k, w in model.state_dict().items()}
    return {"weights": weights, "first": first}


if __name__ == "__main__":
    save({n: [run(n, seed) for seed in SEEDS] for n in (1, 2)}, FILE)
