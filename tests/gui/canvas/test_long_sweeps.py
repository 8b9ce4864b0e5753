"""Long sweeps on the canvas and in the transport: no step is made that nobody looks at."""

from __future__ import annotations

import random

import pytest

from tests.strategies import Drawing
from visualad.autodiff.lazy import LazySequence
from visualad.autodiff.sweeps import sweep
from visualad.graph.model import Graph
from visualad.gui.canvas.derivation import Film
from visualad.gui.canvas.script import MOST_MADE, Script
from visualad.gui.transport import count_text

SIZE = MOST_MADE + 500


@pytest.fixture(scope="module")
def graph() -> Graph:
    chance = random.Random(3)
    drawing = Drawing()
    known = [drawing.node("variable", name=f"x{i}", value=chance.random()) for i in range(4)]
    known.append(drawing.node("constant", name="c1", value=0.5))
    for i in range(SIZE):
        op = chance.choice(["add", "mul", "sin", "tanh"])
        sources = [known[chance.randrange(max(0, len(known) - 50), len(known))] for _ in range(2)]
        known.append(drawing.node(op, *sources[: 1 if op in {"sin", "tanh"} else 2], name=f"n{i}"))
    return drawing.graph((known[-1],))


def made(found) -> int:
    """How many steps of a sweep have been made so far."""
    assert isinstance(found.steps, LazySequence)
    return len(found.steps._made)


@pytest.mark.parametrize("mode", ["forward", "backward"])
def test_cards_show_what_the_steps_would_say(graph: Graph, mode: str) -> None:
    found = sweep(graph, mode=mode)
    script = Script(graph, found)
    assert made(found) < 10
    assert script.nodes == [step.node for step in found]
    for i in range(0, len(found), 7):
        assert script.label(i) == found[i].quantity.text
        assert script.result(i) == found[i].result


@pytest.mark.parametrize("mode", ["forward", "backward"])
def test_jumping_through_a_film_makes_few_steps(graph: Graph, mode: str) -> None:
    found = sweep(graph, mode=mode)
    film = Film(graph, found, mode)
    for index in (-1, 1_000, 2_000, 1_500):
        moment = film.moment(index, 1.0)
        assert count_text(found, index).endswith("add")
    assert made(found) < 20
    assert moment.derivatives[found[1_499].node][1] == found[1_499].result
    assert moment.derivatives[found[1_501].node][1] is None
