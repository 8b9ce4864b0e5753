"""Counted costs grow as the lecture says: O(n) for backward mode, O(n d) for forward mode."""

from __future__ import annotations

import pytest

from visualad.autodiff.cost_families import (
    BACKWARD_ORDER,
    BACKWARD_SWEEPS,
    FAMILIES,
    FORWARD_SWEEPS,
    FUNCTION,
    Line,
    growth,
)
from visualad.autodiff.costs import cost
from visualad.errors import GraphError


def lines(family: str) -> dict[str, Line]:
    return {line.name: line for line in growth(family).lines}


@pytest.mark.parametrize("family", FAMILIES)
def test_counts_follow_the_lectures_laws(family: str) -> None:
    found = lines(family)
    for name in (FUNCTION, BACKWARD_SWEEPS, FORWARD_SWEEPS):
        assert 0.9 <= found[name].lowest <= found[name].highest <= 2.2, (family, name)
    assert found[FORWARD_SWEEPS].law == "n·d"
    assert found[BACKWARD_SWEEPS].law == "n"


def test_speelpennings_product_is_quadratic_forward_and_linear_backward() -> None:
    found = lines("speelpenning")
    assert found[FORWARD_SWEEPS].exponent == pytest.approx(2, abs=0.1)
    assert found[BACKWARD_SWEEPS].exponent == pytest.approx(1, abs=0.1)
    assert [c.multiplications for c in found[FORWARD_SWEEPS].costs] == [
        n * 2 * (n - 1) for n in (2, 4, 8, 16, 32, 64)
    ]


def test_the_counts_are_those_of_the_cost_functions() -> None:
    found = growth("speelpenning", [3, 5])
    backward = next(line for line in found.lines if line.name == BACKWARD_ORDER)
    made = FAMILIES["speelpenning"].make(5)
    assert backward.costs[1] == cost(made, "backward")
    assert found.operations == (2, 4)
    assert found.inputs == (3, 5)


def test_a_chain_costs_the_same_from_either_end() -> None:
    found = lines("chain")
    assert found[FORWARD_SWEEPS].costs == found[BACKWARD_SWEEPS].costs


def test_the_words_name_the_numbers() -> None:
    text = " ".join(growth("speelpenning").words)
    assert "8,064 products and backward mode 126: 64 times as many" in text
    assert "O(n·d)" in text


@pytest.mark.parametrize(("family", "sizes"), [("x", [2, 3]), ("chain", [2]), ("chain", [1, 401])])
def test_what_cannot_be_counted_is_refused(family: str, sizes: list[int]) -> None:
    with pytest.raises(GraphError):
        growth(family, sizes)
