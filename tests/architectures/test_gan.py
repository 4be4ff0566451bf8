"""The two players: their round, their data, and what measures them."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import course_lib
from course_lib import Tensor, nn, optim
from course_lib.architectures import gan
from course_lib.core.numerical import partial_derivatives
from tests.oracles import oracle
from tools import train_gan

torch = oracle("torch")

STORED = Path(__file__).parents[2] / "book/architectures/trained/gan.save"
close = np.testing.assert_allclose


def players(seed, norm=False):
    """Two small networks, and optimizers whose steps are easy to follow."""
    rng = np.random.default_rng(seed)
    G, D = (
        gan.dense(2, 5, 5, 3, norm=norm, rng=rng),
        gan.dense(3, 6, 6, 1, norm=norm, rng=rng),
    )
    for net in (G, D):
        for p in net.parameters():
            p.data = p.data + 0.1 * rng.normal(size=p.shape)
    return G, D, optim.SGD(G.parameters(), 0.3), optim.SGD(D.parameters(), 0.2)


def batches(seed, n=7):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 3)), rng.normal(size=(n, 2))


def weights(net):
    return {name: value.copy() for name, value in net.state_dict().items()}


def same(a, b):
    return all((a[name] == b[name]).all() for name in a)


# ---- A round -----------------------------------------------------------------------


def torch_copy(net):
    layers = []
    for layer in net:
        if isinstance(layer, nn.Linear):
            layers.append(torch.nn.Linear(layer.in_features, layer.out_features))
        elif isinstance(layer, nn.BatchNorm1d):
            layers.append(torch.nn.BatchNorm1d(layer.num_features))
        else:
            layers.append(torch.nn.LeakyReLU(layer.negative_slope))
    copy = torch.nn.Sequential(*layers).double()
    copy.load_state_dict({k: torch.tensor(v) for k, v in net.state_dict().items()})
    return copy


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("target", [1, 0.9])
def test_rounds_agree_with_pytorch(norm, target):
    G, D, opt_G, opt_D = players(0, norm)
    G2, D2 = torch_copy(G), torch_copy(D)
    opt_G2 = torch.optim.SGD(G2.parameters(), 0.3)
    opt_D2 = torch.optim.SGD(D2.parameters(), 0.2)
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    for seed in range(3):
        real, z = batches(seed)
        got = gan.play(G, D, opt_G, opt_D, real, z, real_target=target)
        x, fake = torch.tensor(real), G2(torch.tensor(z))
        u, v = D2(x), D2(fake.detach())
        L_D = bce(u, torch.full_like(u, target)) + bce(v, torch.zeros_like(v))
        opt_D2.zero_grad()
        L_D.backward()
        opt_D2.step()
        u = D2(fake)
        L_G = bce(u, torch.ones_like(u))
        opt_G2.zero_grad()
        L_G.backward()
        opt_G2.step()
        close(got, [L_D.item(), L_G.item()], rtol=1e-9)
    for net, other in ((G, G2), (D, D2)):
        for name, value in other.state_dict().items():
            close(net.state_dict()[name], value.numpy(), rtol=1e-9, atol=1e-12)


def test_each_half_moves_its_own_player():
    G, D, opt_G, opt_D = players(1)
    real, z = batches(1)
    before_D, after = weights(D), {}

    def step_of_G():
        after.update(weights(D))  # D as it is before G's half has ended

    def step_of_D():
        assert all(p.grad is None for p in G.parameters())  # detached
        optim.SGD.step(opt_D)
        assert same(weights(G), before_G)

    before_G = weights(G)
    opt_D.step, opt_G.step = step_of_D, step_of_G
    gan.play(G, D, opt_G, opt_D, real, z)
    assert not same(before_D, after) and same(after, weights(D))
    assert same(before_G, weights(G))  # as G's step was replaced
    assert all(np.abs(p.grad).max() > 0 for p in G.parameters())


def test_leftover_gradients_do_not_count():
    runs = []
    for dirty in (False, True):
        G, D, opt_G, opt_D = players(2)
        if dirty:
            for p in [*G.parameters(), *D.parameters()]:
                p.grad = np.full(p.shape, 1e3)
        gan.play(G, D, opt_G, opt_D, *batches(2))
        runs.append(weights(G) | weights(D))
    assert same(*runs)


def test_without_detach_the_second_half_finds_its_graph_gone():
    G, D, *_ = players(3)
    _, z = batches(3)
    fake = G(z)
    gan.cross_entropy(D(fake), 0).backward()
    with pytest.raises(RuntimeError, match="used and freed"):
        gan.cross_entropy(D(fake), 1).backward()


def test_whose_batch_norm_statistics_move():
    """G makes one batch a round; D sees three, whether detached or not."""
    G, D, opt_G, opt_D = players(4, norm=True)
    real, z = batches(4)
    for _ in range(2):
        gan.play(G, D, opt_G, opt_D, real, z)
    assert int(G[1].num_batches_tracked) == 2 and int(D[1].num_batches_tracked) == 6
    mean = weights(G)["1.running_mean"]
    G(z).detach()
    assert not same({"m": mean}, {"m": G[1].running_mean})
    G.eval()
    mean = G[1].running_mean.copy()
    G(z)
    assert (G[1].running_mean == mean).all()


def test_the_first_layer_of_a_player_has_no_batch_norm_before_it():
    kinds = [type(layer).__name__ for layer in gan.dense(2, 4, 4, 1, norm=True)]
    once = ["BatchNorm1d", "LeakyReLU", "Linear"]
    assert kinds == ["Linear", *once, *once]
    assert gan.dense(2, 4, 1)[1].negative_slope == 0.2
    shapes = [p.shape for p in gan.dense(2, 4, 5, 1).parameters()]
    assert shapes == [(4, 2), (4,), (5, 4), (5,), (1, 5), (1,)]


@pytest.mark.parametrize("score", [-6.0, -1.5, 0.0, 2.0])
def test_the_two_losses_of_a_forger(score):
    """d log(1 − D)/du = −D and d(−log D)/du = −(1 − D)."""
    D = 1 / (1 + np.exp(-score))
    u = Tensor([[score]], requires_grad=True)
    gan.cross_entropy(u, 1).backward()
    close(u.grad, [[-(1 - D)]], rtol=1e-12)
    u = Tensor([[score]], requires_grad=True)
    minimax = -1 * gan.cross_entropy(u, 0)
    close(minimax.item(), np.log(1 - D), rtol=1e-9)
    minimax.backward()
    close(u.grad, [[-D]], rtol=1e-12)


# ---- The game ----------------------------------------------------------------------


def test_a_game_is_rounds_of_play_with_two_rates():
    rng = np.random.default_rng(0)
    G, D = gan.dense(3, 4, 2, rng=rng), gan.dense(2, 4, 1, rng=rng)
    G2, D2 = gan.dense(3, 4, 2), gan.dense(2, 4, 1)
    G2.load_state_dict(G.state_dict())
    D2.load_state_dict(D.state_dict())
    options = {"lr_G": 0.01, "lr_D": 0.03, "rng": np.random.default_rng(5)}
    got = list(gan.game(G, D, gan.ring, 4, batch=6, real_target=0.9, **options))
    rng = np.random.default_rng(5)
    opt_G = optim.Adam(G2.parameters(), 0.01, (0.5, 0.9))
    opt_D = optim.Adam(D2.parameters(), 0.03, (0.5, 0.9))
    for losses in got:
        real, z = gan.ring(6, rng), rng.normal(size=(6, 3))
        assert losses == gan.play(G2, D2, opt_G, opt_D, real, z, 0.9)
    assert (
        len(got) == 4
        and same(weights(G), weights(G2))
        and same(weights(D), weights(D2))
    )


# ---- The ring ----------------------------------------------------------------------


def test_there_are_eight_different_middles_evenly_spaced():
    """With both ends, 0 and 2π, linspace makes the first middle twice."""
    centres = gan.middles()
    assert len(np.unique(centres.round(9), axis=0)) == 8
    steps = np.linalg.norm(centres - np.roll(centres, 1, axis=0), axis=1)
    close(steps, 4 * np.sin(np.pi / 8))
    close(np.linalg.norm(centres, axis=1), 2)
    close(np.linalg.norm(gan.middles(5, radius=0.5), axis=1), 0.5)
    angles = np.linspace(0, 2 * np.pi, 8)
    trap = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert len(np.unique(trap.round(9) + 0, axis=0)) == 7


def test_the_ring_has_its_hills_in_equal_parts():
    x = gan.ring(40_000, np.random.default_rng(0), std=0.1)
    nearest = gan.distances(x, gan.middles()).argmin(axis=1)
    assert np.abs(np.bincount(nearest, minlength=8) / 5000 - 1).max() < 0.06
    close(np.std(x - gan.middles()[nearest]), 0.1, rtol=0.02)


def test_of_true_points_nearly_99_per_cent_are_good():
    """1 − e^(−9/2): the share of a normal distribution within three deviations."""
    x = gan.ring(40_000, np.random.default_rng(1), std=0.1)
    found, good = gan.modes_found(x, gan.middles(), 0.1)
    assert found == 8
    close(good, 1 - np.exp(-4.5), atol=0.002)


def test_good_and_found_as_defined():
    centres = gan.middles()
    at = centres[[0, 0, 1]] + [[0.3, 0], [0.0, 0.301], [0.1, 0.1]]
    at = at - [[1e-9, 0], [0, 0], [0, 0]]
    assert gan.modes_found(at, centres, 0.1) == (2, 2 / 3)
    assert gan.modes_found(at, centres, 0.01) == (0, 0.0)
    assert gan.modes_found(np.zeros((5, 2)), centres, 0.1) == (0, 0.0)
    assert gan.modes_found(np.tile(centres[3], (9, 1)), centres, 0.1) == (1, 1.0)


# ---- The distance ------------------------------------------------------------------

clouds = st.integers(1, 6).flatmap(
    lambda n: arrays(
        float, (n, 2), elements=st.floats(-5, 5).map(lambda v: round(v, 3))
    )
)


@given(clouds)
def test_the_distance_of_data_to_itself_is_zero(x):
    assert gan.energy_distance(x, x) == 0
    assert abs(gan.energy_distance(x, x[::-1])) < 1e-12


@given(clouds, clouds)
def test_the_distance_is_symmetric_and_not_negative(x, y):
    E = gan.energy_distance(x, y)
    assert E > -1e-12
    close(E, gan.energy_distance(y, x), atol=1e-12)
    close(E, gan.energy_distance(x + 3, y + 3), atol=1e-9)


def test_on_a_line_it_is_an_area_between_distribution_functions():
    """E = 2 ∫ (F − H)² dx (Székely & Rizzo 2013)."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 1)), rng.normal(1, 2, size=(25, 1))
    at = np.sort(np.concatenate([x, y]).ravel())
    F, H = ((cloud <= at[:-1]).mean(axis=0) for cloud in (x, y))
    close(gan.energy_distance(x, y), 2 * ((F - H) ** 2 * np.diff(at)).sum(), rtol=1e-12)


def test_by_hand():
    real = np.array([[0.0], [2.0]])
    assert gan.energy_distance(real, np.array([[1.0], [1.0]])) == 1
    assert gan.energy_distance(real, real) == 0
    wide = np.array([[0.0], [4.0]])
    for fakes in ([[2.0], [2.0]], [[0.0], [0.0]]):
        assert gan.energy_distance(wide, np.array(fakes)) == 2


# ---- The cures ---------------------------------------------------------------------


def test_noise_is_new_each_time_and_of_the_right_size():
    D = gan.Noisy(nn.Identity(), 0.3, np.random.default_rng(0))
    a, b = (D(np.zeros((20_000, 2))) for _ in range(2))
    close(np.std(a), 0.3, rtol=0.03)
    assert np.abs(np.mean(a)) < 0.01 and (a != b).all()


def test_noise_lets_the_gradient_through():
    D = gan.Noisy(gan.dense(2, 4, 1), 0.3, np.random.default_rng(0))
    x = Tensor(np.ones((3, 2)), requires_grad=True)
    D(x).sum().backward()
    assert np.isfinite(x.grad).all() and (x.grad != 0).any()


def test_pairs_are_neighbours():
    D = gan.Packed(nn.Identity(), 2)
    x = Tensor(np.arange(8.0).reshape(4, 2))
    assert D(x).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert gan.Packed(nn.Identity(), 4)(x).shape == (1, 8)


def spectral_layer(calls=2000):
    layer = gan.SpectralLinear(4, 6, rng=np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(5, 4))
    for _ in range(calls):
        layer(x)
    return layer, x


def test_a_spectral_layer_stretches_nothing():
    layer, x = spectral_layer()
    W = layer.weight.data / np.linalg.norm(layer.weight.data, 2)
    close(layer(x).data, x @ W.T + layer.bias.data, rtol=1e-9)
    assert abs(np.linalg.norm(W, 2) - 1) < 1e-12


def test_a_spectral_layer_learns_its_directions_in_training_alone():
    layer, x = spectral_layer(1)
    u = layer.u.copy()
    layer.eval()(x)
    assert (layer.u == u).all()
    layer.train()(x)
    assert (layer.u != u).any() and "u" in layer.state_dict()


def test_the_gradient_of_a_spectral_layer():
    layer, x = spectral_layer()
    W, g = layer.weight.data, np.random.default_rng(2).normal(size=(5, 6))

    def L(W):
        return ((x @ (W / np.linalg.norm(W, 2)).T + layer.bias.data) * g).sum()

    (layer(x) * g).sum().backward()
    close(layer.weight.grad, partial_derivatives(L, W), atol=1e-6)


# ---- What is stored ----------------------------------------------------------------


@pytest.fixture(scope="module")
def stored():
    return course_lib.load(STORED)


def test_the_stored_file_is_the_one_described():
    about = json.loads(STORED.with_suffix(".json").read_text("utf-8"))
    assert about["file"] == STORED.name
    assert about["sha256"] == hashlib.sha256(STORED.read_bytes()).hexdigest()
    assert STORED.stat().st_size < 300_000


def test_what_is_stored_has_all_runs(stored):
    assert list(stored["ring"]) == list(train_gan.CURES)
    for runs in stored["ring"].values():
        assert runs["energy"].shape == (5, 21) and runs["found"].shape == (5,)
        assert np.isfinite(runs["energy"]).all()
    assert len(stored["digits"]) == 3
    assert stored["digit losses"].shape == (3, 200, 2)


@pytest.mark.parametrize("name", train_gan.CURES)
def test_the_beginning_of_a_run_on_the_ring_comes_out_again(name, stored):
    again = train_gan.ring_run(name, 3, rounds=100)["energy"]
    close(again, stored["ring"][name]["energy"][3, :2], rtol=1e-6)


def test_the_beginning_of_a_run_on_digits_comes_out_again(stored):
    _, losses = train_gan.digit_run(1, rounds=100)
    close(losses, stored["digit losses"][1, :2], rtol=1e-6)


def test_the_stored_generators_fit_the_players(stored):
    for state in stored["digits"]:
        G, _ = gan.digit_players(np.random.default_rng(0))
        G.load_state_dict(state)
        assert int(G[1].num_batches_tracked) == train_gan.DIGIT_ROUNDS
        x = G.eval()(np.random.default_rng(0).normal(size=(50, 16))).data
        assert x.min() >= 0 and x.max() <= 1 and x.shape == (50, 64)
