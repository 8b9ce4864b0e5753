"""Marks on the logarithmic loss axis."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualad.gui.panels.log_ticks import APART, log_label, log_ticks


@given(
    st.floats(-300, 300),
    st.floats(1e-3, 300),
    st.floats(40, 2000),
)
def test_marks_lie_on_the_axis_and_never_touch(low: float, span: float, size: float) -> None:
    marks = log_ticks(low, low + span, size)
    assert all(low - 1e-9 <= mark <= low + span + 1e-9 for mark in marks)
    assert all((b - a) / span * size >= APART * 0.999 for a, b in pairwise(marks))


@pytest.mark.parametrize(
    ("low", "high", "size", "labels"),
    [
        (-1.6, 0.1, 130, ["0.05", "0.1", "0.2", "0.5", "1"]),
        (-12.5, 0.2, 130, ["10⁻¹²", "10⁻⁹", "10⁻⁶", "0.001", "1"]),
        (-5.3, -2.9, 130, ["10⁻⁵", "3·10⁻⁵", "10⁻⁴", "3·10⁻⁴", "0.001"]),
        (0.31, 0.39, 130, ["2.1", "2.2", "2.3", "2.4"]),
    ],
)
def test_labels_are_round_numbers(low: float, high: float, size: float, labels: list[str]) -> None:
    assert [log_label(mark) for mark in log_ticks(low, high, size)] == labels


@pytest.mark.parametrize(("low", "high", "size"), [(0, 0, 100), (1, 0, 100), (0, 1, 0)])
def test_an_axis_without_length_has_no_marks(low: float, high: float, size: float) -> None:
    assert log_ticks(low, high, size) == []


def test_an_axis_of_infinite_length_has_no_marks() -> None:
    assert log_ticks(float("-inf"), 0.0, 100.0) == []
