"""What the page *Convolutions* claims, on other numbers than its own."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib import Tensor, nn
from course_lib.architectures.convolutions import filtered, slide
from course_lib.datasets import photograph
from course_lib.nn import functional as F
from tests.definitions import definitions

EDGES = np.array([[-1.0, 0, 1]] * 3)
KERNELS = {
    "average": np.ones((3, 3)),
    "left to right": EDGES,
    "top to bottom": EDGES.T,
    "unlike its neighbours": np.array([[0, -1.0, 0], [-1, 4, -1], [0, -1, 0]]),
}


def test_the_row_of_five():
    assert slide([0, 0, 5, 5, 0], [-1, 1]) == [0, 5, 0, -5]


def test_kernels_that_add_up_to_0_do_not_see_how_bright_a_wall_is():
    grey = photograph()[40:60, 40:60]
    for name, kernel in KERNELS.items():
        u, brighter = filtered(grey, kernel), filtered(grey + 20, kernel)
        added = 9 * 20 if name == "average" else 0
        np.testing.assert_allclose(brighter - u, added, rtol=0, atol=1e-9)
        wall = filtered(np.full((5, 5), 7.0), kernel)
        np.testing.assert_allclose(wall, 63 if name == "average" else 0, atol=1e-9)


@pytest.mark.parametrize("H", [5, 8, 11])
@pytest.mark.parametrize("h", [1, 3, 4])
@pytest.mark.parametrize("p", [0, 1, 2])
@pytest.mark.parametrize("s", [1, 2, 3])
def test_how_many_rows_a_result_has(H, h, p, s):
    u = F.conv2d(np.ones((1, H, 9)), np.ones((1, 1, h, 2)), stride=s, padding=p)
    assert u.shape[1] == (H + 2 * p - h) // s + 1


def test_weights_of_the_two_layers():
    page = definitions("architectures/convolutions")
    assert page.count(nn.Conv2d(1, 8, kernel_size=3, padding=1)) == 80
    assert 784 * 8 * 784 + 8 * 784 == 4_923_520
    assert 8 * 784 * (9 + 1) == 62_720 and 8 * (9 + 1) == 80


def test_the_gradient_of_a_shared_weight_is_a_sum_over_all_places():
    row, g = np.array([[[0.0, 0, 5, 5, 0]]]), np.array([[[1.0, 2, 3, 1]]])
    w = Tensor(np.array([[[[-1.0, 1]]]]), requires_grad=True)
    (F.conv2d(row, w) * g).sum().backward()
    assert w.grad[0, 0, 0, 0] == 20
    assert w.grad.ravel().tolist() == slide(row.ravel(), g.ravel())


def test_sizes_of_the_photograph():
    x, w = photograph()[None], np.ones((1, 1, 3, 3))
    for how, rows in [({}, 126), ({"padding": 1}, 128), ({"stride": 2}, 63)]:
        assert F.conv2d(x, w, **how).shape[1] == rows


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("shift", [1, 9])
@pytest.mark.parametrize("axis", [0, 1])
def test_the_map_moves_along(name, shift, axis):
    grey, kernel = photograph()[20:70, 10:80], KERNELS[name]
    moved = filtered(np.roll(grey, shift, axis), kernel)
    still = filtered(grey, kernel)
    inside = [slice(None)] * 2
    inside[axis] = slice(shift, None)
    np.testing.assert_allclose(
        moved[tuple(inside)],
        np.roll(still, shift, axis)[tuple(inside)],
        rtol=0,
        atol=1e-12,
    )


def test_the_strongest_answer_of_all_stays_as_it_was():
    """As long as the thing does not leave the picture."""
    scene = np.zeros((40, 40))
    scene[5:25, 8:30] = photograph()[30:50, 30:52]
    for name, kernel in KERNELS.items():
        best = [filtered(np.roll(scene, n, 1), kernel).max() for n in (0, 3, 7)]
        np.testing.assert_allclose(best, best[0], rtol=0, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("seed", range(5, 10))
def test_gradient_descent_finds_the_kernel(seed):
    page = definitions("architectures/convolutions")
    page.x = photograph()[None, None]
    page.y = F.conv2d(page.x, EDGES[None, None])
    start, found = page.learned(seed)
    assert np.abs(start - EDGES).max() > 0.5
    assert np.abs(found - EDGES).max() < 0.05


def test_a_map_does_not_turn_with_the_picture():
    grey = photograph()[20:70, 20:70]
    turned = filtered(np.rot90(grey), EDGES)
    assert np.abs(turned - np.rot90(filtered(grey, EDGES))).max() > 0.5


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_how_far_layers_see(layers):
    x = np.zeros((1, 15, 15))
    x[0, 7, 7] = 1.0
    for _ in range(layers):
        x = F.conv2d(x, np.ones((1, 1, 3, 3)), padding=1).data
    assert (x > 0).any(axis=1).sum() == 2 * layers + 1
