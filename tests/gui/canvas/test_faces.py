"""What cards say, without painting them."""

from __future__ import annotations

import numpy as np
import pytest

from visualad.graph import edits, parser
from visualad.graph.model import Graph
from visualad.gui.canvas.faces import WAITING, Looks, cells, face, labels_of, row
from visualad.gui.canvas.geometry import HEIGHT, WIDEST, WIDTH, geometry

NOTHING = Looks(values={}, failures={}, derivatives={}, kinks={})


def face_of(graph: Graph, name: str, looks: Looks = NOTHING):
    return face(graph, graph[name], looks)


def test_numbers_wait_until_they_are_known() -> None:
    graph = parser.parse("y = sin(x)")
    assert face_of(graph, "y").rows[0].text == WAITING
    looks = Looks({graph.id_of("y"): -0.5}, {}, {}, {})
    assert face_of(graph, "y", looks).rows[0].text == "−0.5"


def test_kinds_are_told_apart_in_words() -> None:
    graph = parser.parse("y = x*w + 2")
    graph = edits.add_node(graph, "parameter", name="W")
    kinds = {node.name: face(graph, node, NOTHING).kind for node in graph}
    assert kinds["x"] == "input"
    assert kinds["W"] == "parameter"
    assert kinds["y"] == "operation"
    assert "constant" in kinds.values()
    assert face_of(graph, "W").writing == "parameter"


@pytest.mark.parametrize(
    ("ports", "shown"),
    [
        (("x",), ("",)),
        (("x", "y"), ("", "")),
        (("x1", "x2", "x3"), ("", "", "")),
        (("X", "W", "b"), ("X", "W", "b")),
        (("condition", "x", "y"), ("condition", "x", "y")),
    ],
)
def test_ports_are_labelled_where_their_order_does_not_say_it_all(ports, shown) -> None:
    assert labels_of(ports) == shown


def test_many_samples_run_to_the_right() -> None:
    assert cells(np.zeros((500, 2))).shape[0] == 2
    assert cells(np.zeros((500, 2))).shape[1] <= 96
    assert cells(np.zeros((8, 8))).shape == (8, 8)
    assert cells(np.zeros(5)).shape == (1, 5)
    assert cells(np.zeros((2, 3, 4))).shape == (2, 12)


def test_an_array_of_one_number_is_written_as_that_number() -> None:
    assert row("value", np.array([[2.5]])).text == "2.5"


def test_an_array_of_no_numbers_says_so() -> None:
    shown = row("value", np.array([np.nan, np.inf]))
    assert (shown.text, shown.range) == ("2", "nan")


def test_one_result_per_direction_is_a_list() -> None:
    assert row("ẋ", {"x1": 1.0, "x2": -2.0}).text == "(1, −2)"


def test_the_output_of_the_lecture_is_called_f() -> None:
    graph = parser.parse("x1*x2")
    assert face_of(graph, "x3").title == "x₃ = f"
    assert face_of(parser.parse("loss = x1*x2"), "loss").title == "loss"


def test_a_derivative_adds_a_row_and_moves_no_port(qapp) -> None:
    graph = parser.parse("y = x1*x2")
    plain = geometry(face_of(graph, "y"))
    looks = Looks({}, {}, {graph.id_of("y"): ("∂f/∂y", 1.0, "backward")}, {})
    taller = geometry(face_of(graph, "y", looks))
    assert taller.size == (WIDTH, HEIGHT)
    assert plain.size[1] < taller.size[1]
    assert plain.inputs == taller.inputs
    assert plain.output == taller.output


def test_cards_widen_for_long_texts_up_to_a_limit(qapp) -> None:
    graph = parser.parse("a_rather_long_name = sin(another_long_name)")
    assert WIDTH < geometry(face_of(graph, "a_rather_long_name")).size[0] <= WIDEST


def test_all_ports_lie_on_the_card(qapp) -> None:
    graph = edits.add_node(Graph(), "where", name="w")
    graph = edits.add_node(graph, "concatenate", name="c", settings={"inputs": 6})
    for name in ("w", "c"):
        made = geometry(face_of(graph, name))
        assert all(8 < port.y() < made.size[1] - 8 for port in made.inputs)


def test_a_card_does_not_grow_with_the_name_of_its_derivative() -> None:
    graph = parser.parse("y = sin(x)")
    id_ = graph.id_of("y")
    plain = Looks({id_: -0.5}, {}, {}, {})
    label = "∂a_name_that_is_very_long_indeed/∂another_one"
    derived = Looks({id_: -0.5}, {}, {id_: (label, 1.25, "backward")}, {})
    width = geometry(face_of(graph, "y", plain)).size[0]
    assert geometry(face_of(graph, "y", derived)).size[0] == width
