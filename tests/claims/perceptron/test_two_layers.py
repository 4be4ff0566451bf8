"""What the page on two layers says of polygons, with other darts."""

import numpy as np
import pytest

from course_lib.perceptron.two_layers import polygon
from tests.definitions import definitions


@pytest.mark.parametrize("n", [3, 4, 6, 60])
def test_a_polygon_has_its_area(n):
    """The page's darts: within 4 standard errors for every seed."""
    area = n / 2 * np.sin(2 * np.pi / n)
    error = 4 * np.sqrt(area / 4 * (1 - area / 4) / 100_000)
    for seed in range(5, 10 if n < 60 else 7):
        found = definitions("perceptron/two_layers").measured_area(polygon(n), 1, seed)
        assert abs(found - area) < 4 * error
        assert abs(found - area) < 0.03
