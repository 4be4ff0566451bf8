"""Scalers: scikit-learn as a judge, and what they say when used wrongly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import preprocessing

from course_lib.regularization.data import MinMaxScaler, StandardScaler

PAIRS = [
    (StandardScaler, preprocessing.StandardScaler, ["mean_", "var_", "scale_"]),
    (
        MinMaxScaler,
        preprocessing.MinMaxScaler,
        ["data_min_", "data_max_", "data_range_", "scale_", "min_"],
    ),
]
both = pytest.mark.parametrize("Scaler", [StandardScaler, MinMaxScaler])


@pytest.mark.parametrize(("ours", "theirs", "attributes"), PAIRS)
def test_as_scikit_learn(ours, theirs, attributes):
    rng = np.random.default_rng(0)
    train = rng.normal(size=(20, 4)) * [1, 1000, 0.001, 1] + [0, -50, 3, 0]
    train[:, 3] = 0.1  # a feature that is always the same
    new = rng.normal(size=(5, 4))
    a, b = ours().fit(train), theirs().fit(train)
    for name in [*attributes, "n_features_in_"]:
        close = {"rtol": 1e-12, "atol": 1e-15}
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), **close)
    for X in (train, new):
        close = {"rtol": 1e-10, "atol": 1e-12}
        np.testing.assert_allclose(a.transform(X), b.transform(X), **close)
        scaled = a.transform(X)
        np.testing.assert_allclose(
            a.inverse_transform(scaled), b.inverse_transform(scaled), **close
        )


@both
@given(
    hnp.arrays(
        float,
        st.tuples(st.integers(1, 6), st.integers(1, 3)),
        elements=st.floats(-1e3, 1e3).map(lambda x: round(x, 3)),
    )
)
def test_there_and_back(Scaler, X):
    scaler = Scaler()
    scaled = scaler.fit_transform(X)
    assert np.isfinite(scaled).all()
    np.testing.assert_allclose(scaler.inverse_transform(scaled), X, atol=1e-9)


def test_what_each_promises_of_the_data_it_saw():
    X = np.random.default_rng(1).gamma(2, size=(50, 3)) * [1, 10, 1000]
    standard, unit = StandardScaler().fit_transform(X), MinMaxScaler().fit_transform(X)
    np.testing.assert_allclose(standard.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(standard.std(axis=0), 1)
    assert unit.min() == 0 and unit.max() == 1


@both
def test_new_data_do_not_change_the_scale(Scaler):
    scaler = Scaler().fit([[0.0], [2.0]])
    before = scaler.transform([[1.0]])
    scaler.transform([[1e6]])
    assert scaler.transform([[1.0]]) == before


@both
def test_errors_that_teach(Scaler):
    for use in ("transform", "inverse_transform"):
        with pytest.raises(RuntimeError, match="call fit"):
            getattr(Scaler(), use)([[1.0]])
    fitted = Scaler().fit(np.eye(3))
    with pytest.raises(ValueError, match=r"fitted on 3 features.*got \(2, 2\)"):
        fitted.transform(np.eye(2))
    with pytest.raises(ValueError, match="reshape"):
        Scaler().fit([1.0, 2.0])
    with pytest.raises(ValueError, match="wanted to fit"):
        Scaler().fit(np.zeros((0, 2)))
    with pytest.raises(ValueError, match="infinite or not a number"):
        Scaler().fit([[1.0], [np.nan]])
