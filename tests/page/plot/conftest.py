"""Each test of figures begins and ends without a figure."""

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def _no_figures():
    plt.close("all")
    yield
    plt.close("all")
