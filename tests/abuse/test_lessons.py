"""Inputs that lessons would answer wrongly in silence; each is refused."""

import numpy as np
import pytest

from course_lib import Tensor
from course_lib.backprop import chain_rule, gradient_descent, learning
from course_lib.pathologies import (
    curvature,
    many_directions,
    relu_and_shortcuts,
    vanishing_gradients,
)
from course_lib.perceptron import matrices, neuron, representation, two_layers
from course_lib.regularization import overfitting, penalties

x = neuron.corners(2)
W, X = np.ones((2, 4)), np.ones((5, 3))
edges = [("u", "f", 3.0), ("x", "u", 2.0)]  # from the end to the start
drawn = iter([Tensor([1.0])])
next(drawn)  # as model.parameters() that have been used

WRONG = {
    "answers of ±1": lambda: neuron.learn(x, [-1, -1, -1, 1], np.zeros(3)),
    "fewer answers": lambda: neuron.learn(x, [0, 0, 0], np.zeros(3)),
    "fewer examples": lambda: neuron.learn(x[:3], [0, 0, 0, 1], np.zeros(3)),
    "one weight for all": lambda: neuron.unit(x, [2.0]),
    "more columns of weights": lambda: matrices.by_loops(W, X),
    "more columns in columns": lambda: matrices.by_columns(W, X),
    "no bumps": lambda: representation.bumps(np.sin, 0),
    "no towers": lambda: representation.towers(np.add, 0),
    "two outputs": lambda: two_layers.two_layers(x, np.ones((2, 3)), np.ones((2, 2))),
    "two corners": lambda: two_layers.polygon(2),
    "edges backward": lambda: chain_rule.walk_back(edges, "f"),
    "edges not forward": lambda: chain_rule.walk_forward(edges, "x"),
    "a loop": lambda: chain_rule.walk_back([("x", "x", 2.0)], "x"),
    "a low limit": lambda: gradient_descent.largest_rate(lambda w: 2 * w, 1.0, 0.5),
    "a loss of NaN": lambda: learning.grid_search(lambda c: [np.nan, 1.0][c], [0, 1]),
    "curvatures below 0": lambda: curvature.best_momentum(-1, 9),
    "curvatures swapped": lambda: curvature.best_lr(9, 1),
    "not symmetric": lambda: many_directions.count_minima(np.array([[[1, 5], [0, 1]]])),
    "a length of 0": lambda: vanishing_gradients.factor_per_layer([0.0, 1.0]),
    "one length": lambda: vanishing_gradients.factor_per_layer([1.0]),
    "one layer": lambda: relu_and_shortcuts.deep_network((2, 2, 2), 1, None),
    "half a degree": lambda: overfitting.polynomial_features(np.ones(2), 1.5),
    "degree −1": lambda: overfitting.polynomial_features(np.ones(2), -1),
    "features of columns": lambda: overfitting.polynomial_features(np.ones((2, 1)), 1),
    "penalty below 0": lambda: overfitting.least_squares(X, np.ones(5), -1),
    "no parameters left": lambda: penalties.l2_penalty(drawn),
    "none left for L1": lambda: penalties.l1_penalty(drawn),
    "threshold below 0": lambda: penalties.soft_threshold(np.ones(2), -1),
    "lasso to grow": lambda: penalties.lasso(X, np.ones(5), -1),
    "a column of answers": lambda: penalties.lasso(np.eye(3), np.ones((3, 1)), 1),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_would_be_wrong_in_silence_is_refused(wrong):
    with pytest.raises(AssertionError):
        wrong()


def test_powers_of_whole_numbers_do_not_overflow():
    powers = overfitting.polynomial_features(np.array([10, -3]), 25)
    np.testing.assert_allclose(powers[:, -1], [1e25, -(3.0**25)], rtol=1e-15)


def test_a_search_tells_the_best_of_lists():
    assert learning.grid_search(lambda c: (c - 2) ** 2, [0, 2, 3])[0] == 2
