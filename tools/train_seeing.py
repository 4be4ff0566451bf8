"""Train the networks of the page "A network that sees", and store them beside it.

    python tools/train_seeing.py             # all, about 12 minutes on one core
    python tools/train_seeing.py cnn 0       # one network with one seed

It writes book/architectures/trained/seeing.save (`course_lib.load` reads it): what was
measured in each run, and the weights in float16. The test set is asked once, with the
weights as they are stored. seeing.json beside it has its SHA-256.
"""

import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np

from course_lib import load, save
from course_lib.architectures.seeing import clothes, cnn, mlp, steps
from course_lib.training import accuracy

FOLDER = Path(__file__).parents[1] / "book" / "architectures" / "trained"
# Name: how it is made, epochs, and seeds.
RUNS = {
    "mlp": (lambda rng: mlp(12, rng=rng), 3, 3),
    "large mlp": (lambda rng: mlp(256, 128, 100, rng=rng), 6, 3),
    "cnn": (lambda rng: cnn(rng=rng), 3, 3),
    "large cnn": (lambda rng: cnn((32, 64), 5, rng=rng), 4, 1),
}
STORED = ("mlp", "cnn", "large cnn")


def share(model, x, y):
    """Accuracy, some pictures at a time."""
    parts = range(0, len(x), 1000)
    return np.mean([accuracy(model, x[n : n + 1000], y[n : n + 1000]) for n in parts])


def run(name, seed, data, store):
    (make, epochs, _), (learn, validation, test) = RUNS[name], data
    model = make(np.random.default_rng(seed))
    log = {"weights": sum(p.numel() for p in model.parameters())}
    log |= {"loss": [], "learned": [], "validation": [], "seconds": []}
    training = steps(model, *learn, epochs, seed)
    for _ in range(epochs):
        start = time.process_time()
        losses = [next(training) for _ in range(550)]
        log["seconds"].append(round(time.process_time() - start, 1))
        log.setdefault("first", [round(L, 6) for L in losses[:20]])
        log["loss"].append(round(float(np.mean(losses)), 4))
        log["learned"].append(round(share(model, *(a[:5000] for a in learn)), 4))
        log["validation"].append(round(share(model, *validation), 4))
        store(name, seed, log)
        print(name, seed, log["loss"][-1], log["validation"][-1], log["seconds"][-1])
    state = {k: v.astype(np.float16) for k, v in model.state_dict().items()}
    model.load_state_dict(state)
    log["test"] = round(share(model, *test), 4)
    print(name, seed, "test", log["test"], flush=True)
    store(name, seed, log, state if name in STORED else {})


def store(name, seed, log, weights=None):
    """Add one run to what is stored."""
    file = FOLDER / "seeing.save"
    stored = load(file) if file.exists() else {"runs": {}, "weights": {}}
    stored["runs"][f"{name} {seed}"] = log
    if weights:
        stored["weights"][f"{name} {seed}"] = weights
    save(stored, file)
    about = {"file": file.name, "command": "python tools/train_seeing.py"}
    about["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    file.with_suffix(".json").write_text(json.dumps(about, indent=1) + "\n", "utf-8")


def main():
    chosen = sys.argv[1:2] or RUNS
    data = clothes()
    for name in chosen:
        seeds = map(int, sys.argv[2:3]) if sys.argv[2:] else range(RUNS[name][2])
        for seed in seeds:
            run(name, seed, data, store)


if __name__ == "__main__":
    main()
