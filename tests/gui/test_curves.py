"""Columns that grow and the points of them that a picture needs."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visualad.gui.curves import Column, Smoothed, thinned

NUMBERS = st.floats(allow_nan=False, width=32)


@given(st.lists(st.lists(NUMBERS, max_size=300), max_size=6))
def test_a_column_holds_what_a_list_would(parts):
    column, expected = Column(), []
    for part in parts:
        column.extend(part)
        expected.extend(part)
    column.append(1.5)
    expected.append(1.5)
    assert column == expected
    assert len(column) == len(expected)
    assert column[-1] == expected[-1]
    assert column[2:5] == expected[2:5]
    assert column.array.tolist() == expected


def test_an_array_of_a_column_stays_as_it_was_when_the_column_grows():
    column = Column(int)
    column.extend(range(200))
    before = column.array
    column.extend(range(200, 5000))
    assert before.tolist() == list(range(200))
    assert column[4999] == 4999
    assert isinstance(column[0], int)


def test_columns_change_like_lists():
    column = Column()
    column.extend([1.0, 2.0, 3.0])
    column.insert(1, 7.0)
    del column[0]
    column[0] = 5.0
    assert column == [5.0, 2.0, 3.0]
    column.clear()
    assert not column


def test_few_points_are_all_shown():
    x, y = thinned(np.arange(50), np.arange(50.0), 100)
    assert x.tolist() == list(range(50))
    assert y.tolist() == list(range(50))


@given(st.integers(300, 3000), st.integers(2, 100), st.integers(0, 2**16))
def test_thinned_curves_keep_their_ends_and_extremes(count, most, seed):
    whole = np.random.default_rng(seed).normal(size=count)
    x, y = thinned(np.arange(count), whole, most)
    assert len(x) == len(y) <= most + 1
    assert (y.min(), y.max()) == (whole.min(), whole.max())
    assert (x[0], x[-1]) == (0, count - 1)
    assert y[-1] == whole[-1]
    assert np.all(np.diff(x) >= 0)


def test_a_single_spike_among_a_million_points_is_seen():
    whole = np.zeros(1_000_000)
    whole[123_456] = 9.0
    x, y = thinned(np.arange(len(whole)), whole, 1000)
    assert abs(x[y.argmax()] - 123_456) < 2000


def test_nearer_by_the_points_in_sight_are_shown_one_by_one():
    whole = np.random.default_rng(0).normal(size=100_000)
    x, y = thinned(np.arange(len(whole)), whole, 1000, span=(500.5, 700.5))
    assert x.tolist() == list(range(500, 702))
    assert y.tolist() == whole[500:702].tolist()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=1500), st.floats(0, 0.999))
def test_the_moving_average_is_that_of_its_definition(values, weight):
    state, slowly = values[0], []
    for value in values:
        state = weight * state + (1 - weight) * value
        slowly.append(state)
    column, smoothed = Column(), Smoothed()
    for start in range(0, len(values), 700):  # in parts, as the messages come
        column.extend(values[start : start + 700])
        found = smoothed.of(column, weight)
    np.testing.assert_allclose(found, slowly, rtol=1e-9, atol=1e-6)


def test_a_loss_that_is_missing_or_infinite_leaves_the_average_alone():
    column = Column()
    column.extend([1.0, math.nan, 3.0, math.inf])
    np.testing.assert_array_equal(Smoothed().of(column, 0.5), [1.0, math.nan, 2.0, math.inf])
