"""Edges drawn, moved and refused with the mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt

from tests.gui.canvas.conftest import Hand
from visualad.graph import edits
from visualad.gui.canvas.view import CanvasView


@pytest.fixture
def lone_add(view: CanvasView) -> str:
    """An addition that is not connected, below x6."""
    added = view.editing.add("add", (520, 420))
    view.session.select()
    return added


def sources(view: CanvasView) -> dict:
    graph = view.document.graph
    names = {id_: node.name for id_, node in graph.nodes_by_id.items()}
    return {(names[t], port): names[s] for (t, port), s in graph.sources.items()}


def test_an_edge_drawn_from_an_output_to_a_port_connects(view, hand: Hand, lone_add: str) -> None:
    hand.drag(hand.port("x5"), hand.port(lone_add, "x"))
    assert sources(view)[view.document.graph.nodes_by_id[lone_add].name, "x"] == "x5"
    assert view.overlay.is_empty
    assert view.document.undo_name.startswith("Connect x5")


def test_an_edge_drawn_from_a_port_back_to_an_output_connects_the_same(
    view, hand: Hand, lone_add: str
) -> None:
    hand.drag(hand.port(lone_add, "y"), hand.port("x5"))
    assert view.document.graph.sources[lone_add, "y"] == view.document.graph.id_of("x5")


def test_a_port_takes_the_edge_within_the_snap_radius_and_not_beyond(
    view, hand: Hand, lone_add: str
) -> None:
    port = hand.port(lone_add, "x")
    hand.drag(hand.port("x5"), port + QPointF(-15, -4))
    assert (lone_add, "x") in view.document.graph.sources
    view.document.undo()
    hand.drag(hand.port("x5"), port + QPointF(-30, -4), drop=False)
    assert view.gesture is not None
    view.cancel_gesture()
    assert (lone_add, "x") not in view.document.graph.sources


def test_a_cycle_is_refused_with_its_path_at_the_mouse(view, hand: Hand) -> None:
    before = view.document.graph
    hand.drag(hand.port("x8"), hand.port("x4", "x"), drop=False)
    assert view.bubble.isVisible()
    assert "cycle" in view.bubble.text()
    assert "x4" in view.bubble.text()
    hand.release(hand.port("x4", "x"))
    assert view.document.graph is before
    assert not view.bubble.isVisible()


def test_shapes_that_cannot_match_are_refused_with_both_shapes(view, hand: Hand, qtbot) -> None:
    import numpy as np

    def edit(graph):
        graph = edits.add_node(graph, "parameter", id="A", name="A", position=(520, 290),
                               settings={"value": np.ones((2, 3))})  # fmt: skip
        graph = edits.add_node(graph, "parameter", id="B", name="B", position=(520, 395),
                               settings={"value": np.ones((2, 3))})  # fmt: skip
        graph = edits.add_node(graph, "matmul", id="M", name="M", position=(780, 330))
        return edits.connect(graph, "A", "M", graph.nodes_by_id["M"].ports[0])

    view.document.apply("Add matrices", edit)
    second = view.document.graph.nodes_by_id["M"].ports[1]
    hand.drag(hand.port("B"), hand.port("M", second), drop=False)
    assert view.bubble.isVisible()
    assert view.bubble.text().count("(2, 3)") == 2 or view.bubble.text().count("2×3") == 2
    view.cancel_gesture()


def test_ports_that_cannot_be_connected_fade_while_dragging(view, hand: Hand) -> None:
    hand.drag(hand.port("x8"), QPointF(900, 420), drop=False)
    ids = view.document.graph.id_of
    assert view.node_item(ids("x4")).look.dimmed  # would close a cycle
    assert not view.node_item(ids("x9")).look.dimmed
    view.cancel_gesture()
    assert not view.node_item(ids("x4")).look.dimmed


def test_escape_cancels_the_edge(view, hand: Hand, lone_add: str) -> None:
    before = view.document.graph
    hand.drag(hand.port("x5"), hand.port(lone_add, "x"), drop=False)
    hand.key(Qt.Key.Key_Escape)
    hand.release(hand.port(lone_add, "x"))
    assert view.document.graph is before
    assert view.overlay.is_empty
    assert view.gesture is None


def test_the_end_of_an_edge_dropped_on_nothing_unplugs_it(view, hand: Hand) -> None:
    hand.drag(hand.port("x9", "y"), QPointF(950, 480))
    assert ("x9", "y") not in sources(view)
    assert not view.search.isVisible()
    assert view.document.undo_name == "Disconnect x3 from x9"
    view.document.undo()
    assert sources(view)["x9", "y"] == "x3"


def test_the_end_of_an_edge_can_be_taken_to_another_port(view, hand: Hand, lone_add: str) -> None:
    hand.drag(hand.port("x6", "x"), hand.port(lone_add, "x"))
    graph = view.document.graph
    assert graph.sources[lone_add, "x"] == graph.id_of("x4")
    assert (graph.id_of("x6"), "x") not in graph.sources
    view.document.undo()  # one step
    assert sources(view)["x6", "x"] == "x4"


def test_a_taken_port_changes_its_source_in_one_step(view, hand: Hand) -> None:
    hand.drag(hand.port("x2"), hand.port("x6", "x"))
    assert sources(view)["x6", "x"] == "x2"
    view.document.undo()
    assert sources(view)["x6", "x"] == "x4"


def test_dropping_an_edge_on_nothing_offers_what_can_be_connected(view, hand: Hand, qtbot) -> None:
    hand.drag(hand.port("x8"), QPointF(900, 420))
    assert view.search.isVisible()
    listed = [view.search.list.item(i).text() for i in range(view.search.list.count())]
    assert "sin" in listed
    assert "variable" not in listed  # takes no input
    qtbot.keyClicks(view.search.field, "sin")
    qtbot.keyClick(view.search.field, Qt.Key.Key_Return)
    graph = view.document.graph
    new = list(graph.nodes_by_id)[-1]
    assert graph.nodes_by_id[new].op == "sin"
    assert graph.sources[new, "x"] == graph.id_of("x8")
    assert view.session.selected_nodes == {new}
    assert not view.search.isVisible()
    view.document.undo()  # node and edge are one step
    assert new not in view.document.graph


def test_dropping_from_an_input_port_offers_sources_too(view, hand: Hand, lone_add, qtbot) -> None:
    hand.drag(hand.port(lone_add, "x"), QPointF(380, 480))
    listed = [view.search.list.item(i).text() for i in range(view.search.list.count())]
    assert "variable" in listed
    qtbot.keyClicks(view.search.field, "constant")
    qtbot.keyClick(view.search.field, Qt.Key.Key_Return)
    new = list(view.document.graph.nodes_by_id)[-1]
    assert view.document.graph.sources[lone_add, "x"] == new


def test_escape_closes_the_offer_and_nothing_was_added(view, hand: Hand, qtbot) -> None:
    before = view.document.graph
    hand.drag(hand.port("x8"), QPointF(900, 420))
    qtbot.keyClick(view.search.field, Qt.Key.Key_Escape)
    assert not view.search.isVisible()
    assert view.document.graph is before
    assert view.hasFocus()


def test_a_line_drawn_with_alt_cuts_the_edges_it_crosses(view, hand: Hand) -> None:
    keys = Qt.KeyboardModifier.AltModifier
    hand.drag((200, -40), (200, 300), keys=keys)
    assert ("x4", "x") not in sources(view)
    assert ("x4", "y") not in sources(view)
    assert ("x5", "x") in sources(view)
    assert view.document.undo_name == "Disconnect 2 edges"
    view.document.undo()
    assert len(sources(view)) == 10


def test_a_line_drawn_with_ctrl_and_the_right_button_cuts_too(view, hand: Hand) -> None:
    hand.drag((200, -40), (200, 300), Qt.MouseButton.RightButton,
              Qt.KeyboardModifier.ControlModifier)  # fmt: skip
    assert len(sources(view)) == 8


def test_a_selected_edge_is_deleted_by_the_key(view, hand: Hand) -> None:
    graph = view.document.graph
    key = (graph.id_of("x3"), graph.id_of("x9"), "y")
    hand.click(hand.middle_of_edge(key))
    assert view.session.selected_edges == {key}
    hand.key(Qt.Key.Key_Delete)
    assert ("x9", "y") not in sources(view)
