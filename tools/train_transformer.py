"""Train the networks of the page "The Transformer", and store them beside it.

    python tools/train_transformer.py names     # about 5 minutes on one core
    python tools/train_transformer.py recall    # about 4 minutes

It writes book/architectures/trained/names.save and recall.save: what was measured in
each run, and the weights of one Transformer. (`course_lib.load` reads them, and refuses
a file of which one bit has changed.) Weights are chosen by the validation names, epoch
by epoch; then the test names are asked once. Models that are stored are left alone, so
delete the file to begin anew.
"""

import sys
import time
from pathlib import Path

import numpy as np

from course_lib import load, nn, save
from course_lib.architectures.attention import learn, share_right, token_loss
from course_lib.architectures.recurrent import Writer
from course_lib.architectures.transformer import Transformer, recall
from course_lib.datasets import encode, names
from course_lib.optim import Adam
from course_lib.training import evaluate, fit

FOLDER = Path(__file__).parents[1] / "book/architectures/trained"
SEEDS, LENGTH = (0, 1, 2), 12
# Name: a model of a generator, its learning rate, epochs.
WRITERS = {
    "GRU": (lambda rng: Writer(nn.GRU, 64, dtype=np.float32, rng=rng), 2e-3, 30),
    "Transformer": (
        lambda rng: Transformer(27, LENGTH, 32, dtype=np.float32, rng=rng),
        2e-3,
        40,
    ),
    "Transformer, wide": (
        lambda rng: Transformer(27, LENGTH, 64, dropout=0.2, dtype=np.float32, rng=rng),
        1e-3,
        30,
    ),
}
PAIRS, RECALL_STEPS, EVERY = (2, 4, 8), 1000, 50
RECALLERS = {  # the GRU with three learning rates, of which the best will count
    "Transformer": (
        lambda rng: Transformer(27, 24, 32, dtype=np.float32, rng=rng),
        (2e-3,),
    ),
    "GRU": (
        lambda rng: Writer(nn.GRU, 80, features=32, dtype=np.float32, rng=rng),
        (2e-3, 5e-3, 1e-2),
    ),
}


def size(model):
    return sum(p.numel() for p in model.parameters())


def writer(name, seed):
    """Train one model on the names; its log, and its best weights."""
    make, lr, epochs = WRITERS[name]
    data, rng = names(), np.random.default_rng(seed)
    train, validation, test = (encode(part, LENGTH) for part in data)
    model, start = make(rng), time.process_time()
    history = fit(
        model,
        token_loss,
        Adam(model.parameters(), lr),
        *train,
        epochs=epochs,
        batch_size=64,
        validation=validation,
        patience=epochs,  # never stops, and goes back to the best weights
        rng=rng,
    )
    return model.state_dict(), {
        "weights": size(model),
        "loss": [round(L, 4) for L in history.loss],
        "validation": [round(L, 4) for L in history.validation_loss],
        "test": round(evaluate(model, token_loss, *test), 4),
        "seconds": round(time.process_time() - start, 1),
    }


def recaller(name, pairs, lr, seed):
    """Train one model to recall; the share right on 500 new sequences, now and then."""
    rng = np.random.default_rng(seed)
    model, start = RECALLERS[name][0](rng), time.process_time()
    x, y = recall(500, pairs, 13, np.random.default_rng(1000))
    log = {"weights": size(model), "lr": lr, "right": [], "first": []}

    def after(step, L):
        if step < 10:
            log["first"].append(round(L, 6))
        if (step + 1) % EVERY == 0:
            log["right"].append(round(float(share_right(model, x, y)), 3))

    learn(model, lambda: recall(64, pairs, 13, rng), RECALL_STEPS, lr, after)
    return log | {"seconds": round(time.process_time() - start, 1)}


def names_runs(stored):
    """Each kind of model with three seeds: its logs, and the weights of the first."""
    for name in [n for n in WRITERS if n not in stored]:
        runs = [writer(name, seed) for seed in SEEDS]
        logs = [log for _, log in runs]
        yield name, logs, runs[0][0] if name == "Transformer" else None
        print(name, [(min(r["validation"]), r["test"], r["seconds"]) for r in logs])


def recall_runs(stored):
    """Each kind of model with each number of pairs, learning rate and seed."""
    for name, (_, rates) in RECALLERS.items():
        for pairs in [p for p in PAIRS if f"{name}, {p}" not in stored]:
            logs = [recaller(name, pairs, lr, s) for lr in rates for s in SEEDS]
            yield f"{name}, {pairs}", logs, None
            print(name, pairs, [(r["lr"], r["right"][-1], r["seconds"]) for r in logs])


def main(part):
    file = FOLDER / f"{part}.save"
    stored = load(file) if file.exists() else {}
    for name, logs, weights in {"names": names_runs, "recall": recall_runs}[part](
        stored
    ):
        stored[name] = logs
        if weights:
            stored["weights"] = weights
        save(stored, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
