"""Every opcode of the kernel gives what NumPy's function of that name gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from visualad_cuda.grouping import Constants, Group, axes, table
from visualad_cuda.launching import Launches
from visualad_cuda.opcodes import FIRST_TRUTH, OF_TRUTH_VALUES_ONLY, OPCODES

from visualad.plugin import ARENA, MASK, Instruction, View

ANYWHERE = np.array([-2.5, -1.0, -0.0, 0.0, 0.3, 1.0, 4.0])
DOMAINS = {
    np.log: np.array([0.25, 1.0, 8.0]),
    np.sqrt: np.array([0.0, 0.25, 9.0]),
    np.log1p: np.array([-0.5, 0.0, 3.0]),
    np.reciprocal: np.array([-2.0, 0.5, 3.0]),
    np.arcsin: np.array([-1.0, 0.0, 0.7]),
    np.arccos: np.array([-1.0, 0.0, 0.7]),
}
SECOND = np.array([0.5, -1.0, 0.0, -0.0, 2.0, 1.0, -3.0])


def run(row: Instruction, numbers: Any, truths: Any, shape: tuple[int, ...]) -> None:
    starts = {ARENA: 0, MASK: 0}
    made = table(Group((row,), shape), starts, Constants(), (0, 0))
    Launches().rows(made, axes(shape), numbers, truths)()


def view(start: int, count: int, region: str = ARENA) -> View:
    return View(region, start, (count,), (1,))


def result(ufunc: np.ufunc, inputs: list[Any], dtype: str) -> Any:
    """What the kernel makes of the inputs."""
    count = len(inputs[0])
    truth_in, truth_out = inputs[0].dtype == bool, OPCODES[ufunc] >= FIRST_TRUTH
    numbers, truths = np.zeros(3 * count, dtype=dtype), np.zeros(3 * count, dtype=bool)
    memory = truths if truth_in else numbers
    for place, values in enumerate(inputs):
        memory[(place + 1) * count : (place + 2) * count] = values
    region = MASK if truth_in else ARENA
    sources = tuple(view((p + 1) * count, count, region) for p in range(len(inputs)))
    out = view(0, count, MASK if truth_out else ARENA)
    run(Instruction("ufunc", ufunc, sources, out), numbers, truths, (count,))
    return (truths if truth_out else numbers)[:count].copy()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("ufunc", list(OPCODES), ids=lambda ufunc: ufunc.__name__)
def test_an_opcode_computes_what_numpy_computes(ufunc: np.ufunc, dtype: str) -> None:
    first = DOMAINS.get(ufunc, ANYWHERE).astype(dtype)
    second = SECOND[: len(first)].astype(dtype)
    if ufunc is np.power:
        first = np.abs(first) + np.asarray(0.5, dtype)
    if ufunc is np.divide:
        second = second + np.asarray(5, dtype)
    if ufunc in OF_TRUTH_VALUES_ONLY:
        first, second = first > 0, second > 0
    inputs = [first, second][: ufunc.nin]
    with np.errstate(all="ignore"):
        expected, found = ufunc(*inputs), result(ufunc, inputs, dtype)
    tolerance = 1e-14 if dtype == "float64" else 1e-6
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("ufunc", [np.maximum, np.minimum, np.sign, np.logaddexp])
def test_what_is_not_finite_goes_on_as_in_numpy(ufunc: np.ufunc) -> None:
    first = np.array([np.nan, 1.0, np.inf, -np.inf, np.inf, 0.0])
    second = np.array([1.0, np.nan, np.inf, -np.inf, 0.0, -np.inf])
    inputs = [first, second][: ufunc.nin]
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(result(ufunc, inputs, "float64"), ufunc(*inputs))


def test_four_axes_and_broadcast_and_reversed_views_are_addressed() -> None:
    shape = (2, 1, 3, 2)
    values = np.arange(6.0)
    numbers = np.concatenate([np.zeros(12), values])
    source = View(ARENA, 12 + 5, (3, 2), (-2, -1))  # back to front, the same for both first axes
    out = View(ARENA, 0, shape, (6, 6, 2, 1))
    run(Instruction("ufunc", np.square, (source,), out), numbers, np.zeros(1, dtype=bool), shape)
    expected = np.broadcast_to(np.square(values[::-1]).reshape(3, 2), shape)
    np.testing.assert_array_equal(numbers[:12].reshape(shape), expected)
