"""Rows share a launch only where no thread has to wait for another."""

from __future__ import annotations

import numpy as np
from visualad_cuda.grouping import Group, groups

from visualad.plugin import ARENA, Constant, Instruction, View


def row(ufunc: np.ufunc, out: View, *inputs: View | Constant) -> Instruction:
    return Instruction("ufunc", ufunc, inputs, out)


def vector(start: int, count: int = 4, stride: int = 1) -> View:
    return View(ARENA, start, (count,), (stride,))


def sizes(rows: list[Instruction]) -> list[int]:
    return [len(part.rows) if isinstance(part, Group) else 0 for part in groups(rows)]


def test_elementwise_rows_of_one_shape_are_one_launch() -> None:
    rows = [
        row(np.exp, vector(0), vector(8)),
        row(np.add, vector(16), vector(0), Constant(1.0)),
        row(np.divide, vector(24), vector(0), vector(16)),
    ]
    assert sizes(rows) == [3]


def test_another_shape_begins_another_launch() -> None:
    rows = [row(np.exp, vector(0), vector(8)), row(np.exp, vector(16, 2), vector(8, 2))]
    assert sizes(rows) == [1, 1]


def test_a_row_that_reads_other_elements_of_a_result_waits_for_all_of_it() -> None:
    backwards = View(ARENA, 3, (4,), (-1,))
    one = View(ARENA, 0, (), ())
    for reading in (backwards, one):
        rows = [row(np.exp, vector(0), vector(8)), row(np.sin, vector(16), reading)]
        assert sizes(rows) == [1, 1]


def test_a_row_that_overwrites_what_others_still_read_waits_for_them() -> None:
    rows = [
        row(np.exp, vector(0), View(ARENA, 8, (), ())),  # all threads read element 8
        row(np.sin, vector(8), vector(16)),
    ]
    assert sizes(rows) == [1, 1]


def test_products_stand_between_the_launches() -> None:
    rows = [
        row(np.exp, vector(0), vector(8)),
        Instruction("dot", None, (vector(0), vector(8)), View(ARENA, 32, (), ())),
        row(np.exp, vector(16), vector(8)),
    ]
    assert sizes(rows) == [1, 0, 1]


def test_bitwise_functions_of_numbers_are_left_to_the_array_library() -> None:
    rows = [row(np.bitwise_and, vector(0), vector(8), vector(16))]
    assert sizes(rows) == [0]


def test_ten_thousand_scalar_rows_make_one_launch() -> None:
    def number(place: int) -> View:
        return View(ARENA, place, (), ())

    rows = [row(np.add, number(i + 2), number(i), number(i + 1)) for i in range(10_000)]
    assert sizes(rows) == [10_000]


def test_a_row_that_writes_what_several_views_have_read_waits() -> None:
    rows = [
        row(np.exp, vector(0), vector(8)),
        row(np.exp, vector(16), vector(6)),  # elements 8 and 9 are read through both
        row(np.sin, vector(8), vector(24)),
    ]
    assert sizes(rows) == [2, 1]
