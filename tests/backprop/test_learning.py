"""The best of all candidates."""

import numpy as np

from course_lib.backprop.learning import grid_search


def test_grid_search_tries_all_and_takes_the_first_of_equals():
    best, values = grid_search(abs, np.array([3.0, -1.0, 1.0]))
    assert best == -1
    np.testing.assert_array_equal(values, [3, 1, 1])
