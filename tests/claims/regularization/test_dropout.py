"""What the page on dropout says, over several seeds."""

import itertools

import numpy as np
import pytest

from course_lib import manual_seed, nn
from course_lib.datasets import fashion_mnist
from course_lib.nn.dense import softmax
from course_lib.training import accuracy, evaluate
from tests.definitions import definitions

SEEDS = range(10, 15)  # not those of the page
LOSS = nn.CrossEntropyLoss()

page = definitions("regularization/dropout")
page.loss = LOSS


@pytest.fixture(scope="module")
def clothes():
    x, y, x_test, y_test = fashion_mnist()
    x, x_test = page.shrink(x[:8000]), page.shrink(x_test[:3000])
    page.x, page.y, page.x_test, page.y_test = x[:500], y[:500], x_test, y_test[:3000]
    return x, y[:8000], x_test, y_test[:3000]


def train(clothes, p, seed, n=500, **options):
    x, y, *_ = clothes
    return page.train(p, seed, x=x[:n], y=y[:n], **options)


@pytest.fixture(scope="module")
def models(clothes):
    return {p: [train(clothes, p, s) for s in SEEDS] for p in (0, 0.4)}


def results(models, clothes):
    """Accuracy on training and test pictures, and the loss on the test."""
    x, y, *test = clothes
    return np.array(
        [
            (
                accuracy(m, x[:500], y[:500]),
                accuracy(m, *test),
                evaluate(m, LOSS, *test),
            )
            for m in models
        ]
    ).T


def test_the_gap_narrows_and_the_test_loss_falls_from_every_start(models, clothes):
    train_0, test_0, loss_0 = results(models[0], clothes)
    train_p, test_p, loss_p = results(models[0.4], clothes)
    assert (train_p - test_p).mean() < (train_0 - test_0).mean() - 0.01
    assert test_p.mean() > test_0.mean()
    assert loss_p.max() < 0.85 * loss_0.min()


def test_the_test_loss_turns_later_and_rises_less(models, clothes):
    """After 20 epochs the plain networks are nearly as good as the others get."""
    means = {}
    for p in (0, 0.4):
        stopped = [
            [train(clothes, p, s, epochs=n) for s in SEEDS[:2]] for n in (20, 40)
        ]
        losses = [results(m, clothes)[2].mean() for m in (*stopped, models[p][:2])]
        means[p] = np.array(losses)
    assert means[0][0] < means[0][1] < means[0][2]
    assert means[0.4][:2].max() < means[0.4][2]
    assert means[0.4][1] - means[0.4][0] < 0.3 * (means[0][1] - means[0][0])
    assert np.ptp(means[0.4]) < 0.6 * np.ptp(means[0])
    assert abs(means[0].min() - means[0.4].min()) < 0.1


def test_too_much_of_it_is_worse_than_none(models, clothes):
    much = results([train(clothes, 0.8, seed) for seed in SEEDS[:3]], clothes)
    none = results(models[0], clothes)
    assert (much[:2].max(axis=1) < none[:2].min(axis=1)).all()


def right(p, clothes):
    return (p.argmax(axis=1) == clothes[3]).mean()


def test_without_eval_answers_are_worse_and_change(models, clothes):
    for model in models[0.4]:
        careful = right(page.answers(model.eval()), clothes)
        first, second = (page.answers(model.train()) for _ in range(2))
        assert max(right(first, clothes), right(second, clothes)) < careful
        assert (first != second).any()


def test_an_ensemble_of_networks_with_dropout_is_better_again(models, clothes):
    """Than networks with dropout alone, and than an ensemble of plain ones."""
    for_all = {
        p: [page.answers(m.eval()) for m in found] for p, found in models.items()
    }
    together = {p: right(np.mean(a, axis=0), clothes) for p, a in for_all.items()}
    alone = np.mean([right(a, clothes) for a in for_all[0.4]])
    assert together[0.4] > alone
    assert together[0.4] > together[0]


def log_loss(p, clothes):
    return -np.log(p[np.arange(len(p)), clothes[3]]).mean()


def test_averages_over_networks_and_over_masks_lower_the_loss(models, clothes):
    plain = [page.answers(m.eval()) for m in models[0]]
    alone = np.mean([log_loss(p, clothes) for p in plain])
    assert log_loss(np.mean(plain, axis=0), clothes) < alone - 0.05
    for model in models[0.4]:
        whole = page.answers(model.eval())
        model.train()
        masked = np.mean([page.answers(model) for _ in range(10)], axis=0)
        assert log_loss(masked, clothes) < log_loss(whole, clothes) - 0.05
        assert abs(right(masked, clothes) - right(whole, clothes)) < 0.015


def test_the_eval_pass_is_the_average_behind_a_linear_layer_and_near_it_behind_more(
    models, clothes
):
    k = [4**i for i in range(6)]
    for model in models[0.4][:2]:
        exact, _ = page.errors(model, [5], k)
        assert abs(np.polyfit(np.log(k), np.log(exact), 1)[0] + 0.5) < 0.05
        near, size = page.errors(model, [2, 5], k)
        assert near[-1] / near[-2] > 0.7  # levels off; chance alone would halve it
        assert 0.01 < near[-1] / size < 0.1


def test_small_networks_and_many_examples_do_not_need_it(clothes):
    for options in ({"units": 8}, {"n": 8000, "epochs": 5}):
        plain, dropped = (
            [accuracy(train(clothes, p, s, **options), *clothes[2:]) for s in SEEDS[:3]]
            for p in (0, 0.4)
        )
        assert np.mean(dropped) < np.mean(plain) - 0.01


class Chosen(np.random.Generator):
    """A generator whose next mask of p = ½ is the one that was chosen."""

    def __init__(self):
        super().__init__(np.random.PCG64(0))

    def random(self, size=None):
        return np.broadcast_to(np.where(self.mask, 0.75, 0.25), size)


@pytest.mark.parametrize("seed", SEEDS)
def test_mean_variance_and_geometric_mean_over_all_masks(seed):
    manual_seed(seed)
    rng = Chosen()
    model = nn.Sequential(nn.Dropout(0.5, rng=rng), nn.Linear(6, 3))
    o = np.random.default_rng(seed).normal(size=(1, 6))
    whole, scores = model.eval()(o).data, []
    model.train()
    for mask in itertools.product([0, 1], repeat=6):
        rng.mask = np.array(mask)
        scores.append(model(o).data)
    np.testing.assert_allclose(np.mean(scores, axis=0), whole, atol=1e-13)
    leaning = (model[1].weight.data ** 2 * o**2).sum(axis=1)
    np.testing.assert_allclose(np.var(scores, axis=0)[0], leaning, atol=1e-13)
    squared = np.mean((np.array(scores) - 1) ** 2, axis=0)[0]  # a loss with y = 1
    np.testing.assert_allclose(squared, (whole[0] - 1) ** 2 + leaning, atol=1e-13)
    geometric = np.exp(np.mean([np.log(softmax(u).data) for u in scores], axis=0))
    np.testing.assert_allclose(
        geometric / geometric.sum(), softmax(whole).data, atol=1e-13
    )
