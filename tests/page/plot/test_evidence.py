"""Signed images: ink where nothing is negative, unless they are said to be signed."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_lib.page.plot import color, evidence


@pytest.mark.parametrize(
    ("image", "signed", "names"),
    [
        ([[1, 0]], False, ["ink"]),
        ([[1, 0]], True, ["orange"]),
        ([[1, -2]], False, ["orange", "blue"]),
        ([[-1, 0]], True, ["blue"]),
    ],
)
def test_colors(image, signed, names):
    evidence([image], signed=signed)
    patches = plt.gcf().axes[0].patches
    found = [patch.get_facecolor()[:3] for patch in patches]
    wanted = [plt.matplotlib.colors.to_rgb(color(name)) for name in names]
    np.testing.assert_allclose(found, wanted)
