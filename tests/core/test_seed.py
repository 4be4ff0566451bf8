"""Random numbers: the default generator and its seed."""

from __future__ import annotations

import numpy as np

from course_lib import manual_seed
from course_lib.core.seed import generator


def test_the_same_seed_gives_the_same_numbers():
    first = manual_seed(3).normal(size=5)
    np.testing.assert_array_equal(manual_seed(3).normal(size=5), first)
    np.testing.assert_array_equal(np.random.default_rng(3).normal(size=5), first)
    assert (manual_seed(4).normal(size=5) != first).all()


def test_the_default_generator_is_the_one_that_was_seeded():
    seeded = manual_seed(3)
    assert generator() is seeded
    assert generator(None) is seeded
    seeded.normal()
    assert generator() is seeded  # and goes on where it stood


def test_a_generator_that_is_given_is_used():
    given = np.random.default_rng(1)
    assert generator(given) is given
