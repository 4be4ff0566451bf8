"""Train what the page *Two networks that play* is too short for, and store it.

    python tools/train_gan.py          # all, some five minutes on one core

Writes book/architectures/trained/gan.save (`course_lib.load` reads it), and beside it
gan.json with its SHA-256. The page and the tests run parts of this again.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

import course_lib
from course_lib import nn
from course_lib.architectures import gan
from course_lib.datasets import digits

FOLDER = Path(__file__).parents[1] / "book/architectures/trained"
SEEDS, ROUNDS, EVERY = 5, 2000, 100
DIGIT_SEEDS, DIGIT_ROUNDS, DIGIT_EVERY = 3, 10_000, 50


def spectral(rng):
    """The ring's discriminator with layers that stretch nothing."""
    sizes = [(2, 64), (64, 64), (64, 1)]
    first, second, last = (gan.SpectralLinear(*size, rng=rng) for size in sizes)
    return nn.Sequential(first, nn.LeakyReLU(0.2), second, nn.LeakyReLU(0.2), last)


# From a name to: how fast D learns (G: 0.001), what becomes of D, target of real.
CURES = {
    "D a third as fast": (1 / 3, None, 1),
    "D equally fast": (1, None, 1),
    "D three times as fast": (3, None, 1),
    "target 0.9 for real": (1 / 3, None, 0.9),
    "noise on what D sees": (1 / 3, lambda D, rng: gan.Noisy(D, 0.3, rng), 1),
    "D sees pairs": (
        1 / 3,
        lambda D, rng: gan.Packed(gan.dense(4, 64, 64, 1, rng=rng), 2),
        1,
    ),
    "spectral norm": (1 / 3, lambda D, rng: spectral(rng), 1),
}


def ring_run(name: str, seed: int, rounds: int = ROUNDS) -> dict:
    """One run on the ring: the distance every 100 rounds, and the end."""
    speed, change, target = CURES[name]
    rng = np.random.default_rng(seed)
    G, D = gan.ring_players(rng)
    if change:
        D = change(D, rng)
    watch = np.random.default_rng(1000 + seed)  # leaves the game's numbers alone
    z, data = watch.normal(size=(2500, 2)), gan.ring(1000, watch)
    energy = [gan.energy_distance(G(z[:1000]).data, data)]
    options = {"lr_G": 1e-3, "lr_D": 1e-3 * speed, "real_target": target}
    played = gan.game(G, D, gan.ring, rounds, rng=rng, **options)
    for count, _ in enumerate(played, 1):
        if count % EVERY == 0:
            energy.append(gan.energy_distance(G(z[:1000]).data, data))
    found, good = gan.modes_found(G(z).data, gan.middles(), std=0.1)
    return {"energy": np.array(energy), "found": found, "good": good}


def digit_run(seed: int, rounds: int = DIGIT_ROUNDS) -> tuple[nn.Module, np.ndarray]:
    """One run on the digits: G, and (L_D, L_G), means of 50 rounds each."""
    x = digits().x_train
    rng = np.random.default_rng(seed)
    G, D = gan.digit_players(rng)
    played = gan.game(
        G,
        D,
        lambda n, rng: rng.choice(x, n),
        rounds,
        lr_G=3e-4,
        lr_D=1e-3,
        rng=rng,
    )
    losses = np.array(list(played))
    return G, losses.reshape(-1, DIGIT_EVERY, 2).mean(axis=1)


def main() -> None:
    ring = {}
    for name in CURES:
        runs = [ring_run(name, seed) for seed in range(SEEDS)]
        ring[name] = {key: np.array([run[key] for run in runs]) for key in runs[0]}
        found, good = ring[name]["found"], ring[name]["good"]
        end = ring[name]["energy"][:, -1]
        print(name, found, good.round(2), end.round(3), flush=True)
    weights, logs = [], []
    for seed in range(DIGIT_SEEDS):
        G, losses = digit_run(seed)
        state = G.state_dict()
        weights.append(
            {
                key: value.astype(np.float16) if value.dtype.kind == "f" else value
                for key, value in state.items()
            }
        )
        logs.append(losses)
        print("digits", seed, losses[-10:].mean(axis=0).round(2), flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / "gan.save"
    course_lib.save(
        {"ring": ring, "digits": weights, "digit losses": np.array(logs)}, file
    )
    about = {
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "command": "python tools/train_gan.py",
    }
    file.with_suffix(".json").write_text(json.dumps(about, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
