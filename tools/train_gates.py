"""Train the networks of "Recurrent networks" and "Gates", and store what came out.

    python tools/train_gates.py                # all, about 10 minutes on one core
    python tools/train_gates.py "names RNN"    # the runs whose name begins so

It writes to book/architectures/trained/ (gates.save, recurrent.save): what was measured
and, of the networks that write names, the weights with seed 0 in float32. `load` reads
such a file and checks its SHA-256. The test names are asked once, at the end.
"""

import itertools
import sys
import time
from pathlib import Path

import numpy as np

from course_lib import load, nn, save
from course_lib.architectures.gates import (
    baseline,
    learn_task,
    open_forget_gate,
    reader,
    share_of_baseline,
)
from course_lib.architectures.recurrent import Writer, bits, learn_names
from course_lib.datasets import names

FOLDER = Path(__file__).parents[1] / "book" / "architectures" / "trained"
SEEDS, EPOCHS = range(3), 20
NETWORKS = ("RNN", "LSTM", "LSTM, open", "GRU")  # open: its forget gate, at the start
TASKS = {  # lengths, units, steps, rate
    "adding": ((10, 20, 40, 80), 32, 2000, 5e-3),
    "copy": ((5, 20), 64, 1200, 1e-2),
}


def rounded(number):
    return round(float(number), 5)


def of_names(network, seed):
    """Log and weights of a network that has learned to write names."""
    parts = names()
    rng = np.random.default_rng(seed)
    model = Writer(getattr(nn, network), 64, dtype=np.float32, rng=rng)
    log = {"weights": sum(p.numel() for p in model.parameters()), "validation": []}
    start, losses = time.process_time(), []
    for L in learn_names(model, parts.train, EPOCHS, seed):
        losses.append(L)
        if len(losses) % 130 == 0:  # an epoch
            log["validation"].append(rounded(bits(model, parts.validation)))
    log["seconds"] = round(time.process_time() - start)
    log["first"] = list(map(rounded, losses[:20]))
    log["train"] = rounded(bits(model, parts.train))
    log["test"] = rounded(bits(model, parts.test))
    return log, model.state_dict() if seed == 0 else {}


def of_task(task, T, network, seed):
    """Log of a network on a task: losses as shares of the baseline."""
    _, units, steps, lr = TASKS[task]
    model = reader(task, getattr(nn, network.split(",")[0]), units, seed=seed)
    if "open" in network:
        open_forget_gate(model.layer)
    start, losses, curve = time.process_time(), [], []
    for L in itertools.islice(learn_task(model, task, T, seed, lr=lr), steps):
        losses.append(L)
        if len(losses) % 100 == 0:
            curve.append(rounded(np.mean(losses[-100:]) / baseline(task, T)))
            if curve[-1] < 0.05:
                break
    log = {"first": list(map(rounded, losses[:20])), "curve": curve}
    log |= {"steps": len(losses), "test": rounded(share_of_baseline(model, task, T))}
    return log | {"seconds": round(time.process_time() - start)}, {}


def store(name, log, state):
    """Add one run to what is stored for its page."""
    page = "recurrent" if name.startswith("names RNN") else "gates"
    file = FOLDER / f"{page}.save"
    stored = load(file) if file.exists() else {"runs": {}, "weights": {}}
    stored["runs"][name] = log
    if state:
        stored["weights"][name] = state
    save(stored, file)


def main():
    FOLDER.mkdir(exist_ok=True)
    plain = ("RNN", "GRU", "LSTM")
    runs = {f"names {n} {s}": (of_names, n, s) for s in SEEDS for n in plain}
    for task, (lengths, *_) in TASKS.items():
        for T, seed, n in itertools.product(lengths, SEEDS, NETWORKS):
            runs[f"{task} {T} {n} {seed}"] = of_task, task, T, n, seed
    for name, (measure, *what) in runs.items():
        if name.startswith(sys.argv[1] if sys.argv[1:] else ""):
            log, state = measure(*what)
            store(name, log, state)
            print(name, {k: v for k, v in log.items() if k != "first"}, flush=True)


if __name__ == "__main__":
    main()
