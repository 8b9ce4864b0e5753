from __future__ import annotations

from pathlib import Path

import pytest

from visualad.graph.file import load
from visualad.graph.model import Graph
from visualad.lessons.exercise import Exercise, Settings, add_blank

GRAPHS = Path(__file__).parents[2] / "assets" / "graphs"


@pytest.fixture
def lecture() -> Graph:
    """The lecture's function at x1 = 1, x2 = 2, x3 = pi/2."""
    return load(GRAPHS / "lecture.vad")


@pytest.fixture
def exercise(lecture: Graph) -> Exercise:
    """Five questions about its backward sweep: b1 to b5."""
    found = Exercise(title="Backward", settings=Settings(attempts=3, hint_cost=0.5))
    found = add_blank(lecture, found, "adjoint", "x4", accepts="either")
    found = add_blank(lecture, found, "value", "x6")
    found = add_blank(lecture, found, "partial", "x6", source="x4", port="x", accepts="formula")
    found = add_blank(lecture, found, "partial", "x9", source="x3", port="y", accepts="either")
    return add_blank(lecture, found, "sum", "x7", source="x4", port="x", place="trace")
