"""Numbers as people type them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualad.errors import VisualADError
from visualad.gui.entry import read_number, read_setting, read_value, written


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.5", 1.5),
        (" -2 ", -2.0),
        ("−2", -2.0),
        ("pi/2", math.pi / 2),
        ("π/2", math.pi / 2),
        ("2*sqrt(2)", 2 * math.sqrt(2)),
        ("1e-3", 1e-3),
        ("inf", math.inf),
    ],
)
def test_a_number_may_be_typed_as_arithmetic(text, number):
    assert read_number(text) == pytest.approx(number)


@pytest.mark.parametrize(
    "text", ["", "x1", "1 +", "two", "a = 3", "1,5", "[1, 2]", "9" * 300 + "x"]
)
def test_what_is_no_number_is_refused_in_one_sentence(text):
    with pytest.raises(VisualADError) as refused:
        read_number(text)
    assert "for example 1.5" in refused.value.message
    assert len(refused.value.message) < 120


@given(st.floats(allow_nan=False))
def test_a_written_number_reads_back_exactly(number):
    assert read_number(written(number)) == number


def test_arrays_are_typed_as_nested_lists():
    np.testing.assert_array_equal(read_value("[[1, 2], [3, 4]]"), [[1.0, 2.0], [3.0, 4.0]])
    assert read_value("pi") == pytest.approx(math.pi)
    with pytest.raises(VisualADError):
        read_value("[[1, 2], [3]]")


def test_settings_may_be_nothing_a_truth_or_a_tuple():
    assert read_setting("") is None
    assert read_setting("True") is True
    assert read_setting("0, 1") == (0, 1)
    assert read_setting("2") == 2
