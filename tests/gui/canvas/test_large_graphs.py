"""A graph of thousands of nodes: cards only for what is in sight, everything else from arrays."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.gui.canvas.conftest import LEFT, NONE, settle
from visualad.graph.groups import add_group, set_group
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.gui.canvas.crowd import MOST_CARDS, MOST_ITEMS
from visualad.gui.canvas.crowd_drawing import blocks
from visualad.gui.canvas.gestures.move import Move
from visualad.gui.canvas.node_item import NodeItem
from visualad.gui.canvas.view import CanvasView
from visualad.gui.document import placed
from visualad.gui.panels.trace import TracePanel

COUNT = 3_000


@pytest.fixture(scope="module")
def chain() -> Graph:
    """A chain with a second use of x1 at every node; laid out."""
    lines = ["v0 = x1 * x2", *(f"v{k} = sin(v{k - 1}) + x1" for k in range(1, COUNT))]
    return placed(parse("\n".join(lines), merge_equal=False))


@pytest.fixture
def large(view: CanvasView, chain: Graph) -> CanvasView:
    view.document.new(chain)
    settle()
    view.fit_all(glide=False)
    return view


def look_at(view: CanvasView, name: str) -> str:
    """Bring a node to the middle at 100 %; returns its id."""
    id_ = view.document.graph.id_of(name)
    view.zoom_to(1.0)
    view.centre_on(view.scene_.body_of(id_).center())
    return id_


def test_the_map_has_no_cards_and_says_where_the_numbers_are(large: CanvasView) -> None:
    assert len(large.document.graph) > MOST_ITEMS
    assert large.is_map
    assert not large.scene_.nodes
    assert not large.scene_.edges
    hint = large.findChild(QLabel, "map_hint")
    assert hint is not None
    assert hint.isVisible()
    assert "zoom in" in hint.text()
    look_at(large, "v100")
    assert not hint.isVisible()


def test_cards_are_made_for_what_is_in_sight_and_go_again(large: CanvasView) -> None:
    id_ = look_at(large, "v1500")
    scene = large.scene_
    seen = scene.crowd.ids_in(large.visible_rect())
    assert id_ in seen
    assert seen <= scene.nodes.keys()
    assert len(scene.nodes) <= 2 * MOST_CARDS
    assert all(key[0] in scene.nodes and key[1] in scene.nodes for key in scene.edges)
    assert any(key[1] == id_ for key in scene.edges)
    assert scene.nodes[id_].face.rows[0].text not in ("", "—")
    look_at(large, "v2900")
    assert id_ not in scene.nodes


def test_panning_a_little_makes_no_new_card(
    large: CanvasView, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at(large, "v1500")
    made: list[str] = []
    init = NodeItem.__init__
    monkeypatch.setattr(
        NodeItem, "__init__", lambda item, id_, face: made.append(id_) or init(item, id_, face)
    )
    for _ in range(10):
        large.scroll_by(QPoint(8, 5))
    assert made == []


def test_a_click_on_the_map_selects_the_nearest_node(large: CanvasView) -> None:
    id_ = large.document.graph.id_of("v700")
    middle = large.mapFromScene(large.scene_.body_of(id_).center())
    QTest.mouseClick(large.viewport(), LEFT, NONE, middle)
    (chosen,) = large.session.selected_nodes
    place = large.mapFromScene(large.scene_.body_of(chosen).center())
    assert (place - middle).manhattanLength() <= 24


def test_the_row_of_a_node_clicked_on_the_map_is_selected(large: CanvasView, qtbot) -> None:
    panel = TracePanel(large.document, large.session)
    qtbot.addWidget(panel)
    panel.resize(600, 300)
    panel.show()
    qtbot.waitExposed(panel)
    id_ = large.document.graph.id_of("v700")
    large.session.select([id_])
    (row,) = panel.table.selectionModel().selectedRows()
    assert panel.model.node_at(row.row()) == id_
    assert panel.table.viewport().rect().intersects(panel.table.visualRect(row))


def test_dragging_a_card_moves_it_as_one_step(large: CanvasView) -> None:
    id_ = look_at(large, "v1500")
    before = large.document.graph.nodes_by_id[id_].position
    start = large.mapFromScene(large.scene_.nodes[id_].body().center() + QPointF(0, -20))
    QTest.mousePress(large.viewport(), LEFT, NONE, start)
    assert isinstance(large.gesture, Move)
    for k in (1, 2, 3):
        QTest.mouseMove(large.viewport(), start + QPoint(20 * k, 0))
    QTest.mouseRelease(large.viewport(), LEFT, NONE, start + QPoint(60, 0))
    after = large.document.graph.nodes_by_id[id_].position
    assert after[0] - before[0] == pytest.approx(60, abs=20)
    assert large.scene_.crowd.body(id_).topLeft() == QPointF(*after)
    large.document.undo()
    assert large.scene_.crowd.body(id_).topLeft() == QPointF(*before)


def test_moving_everything_moves_nodes_without_cards_too(large: CanvasView) -> None:
    id_ = look_at(large, "v1500")
    far = large.document.graph.id_of("v10")
    before = large.document.graph.nodes_by_id[far].position
    large.select_all()
    start = large.mapFromScene(large.scene_.nodes[id_].body().center() + QPointF(0, -20))
    QTest.mousePress(large.viewport(), LEFT, NONE, start)
    for k in (1, 2, 3):
        QTest.mouseMove(large.viewport(), start + QPoint(40 * k, 0))
    QTest.mouseRelease(large.viewport(), LEFT, NONE, start + QPoint(120, 0))
    after = large.document.graph.nodes_by_id[far].position
    assert after[0] > before[0]
    assert far not in large.scene_.nodes


def test_a_group_collapses_in_a_large_graph(large: CanvasView) -> None:
    graph = large.document.graph
    members = [graph.id_of(f"v{k}") for k in range(1500, 1510)]
    grouped = add_group(graph, members, "ten", id="ten")
    large.document.apply("Group", lambda _: set_group(grouped, "ten", collapsed=True))
    settle()
    (card,) = large.scene_.groups.cards.values()
    assert not large.scene_.crowd.ids_in(QRectF(-1e7, -1e7, 2e7, 2e7)) & set(members)
    large.zoom_to(1.0)
    large.centre_on(card.body().center())
    assert card.body().isValid()
    large.document.undo()
    settle()
    assert members[0] in large.scene_.crowd.ids_in(large.scene_.crowd.rect())


def test_stepping_makes_steps_only_where_they_are_shown(large: CanvasView) -> None:
    look_at(large, "v1500")
    large.session.set_mode("backward")
    settle()
    sweep = large.session.sweep
    assert sweep is not None
    large.session.go_to(2_500)
    large.session.go_to(len(sweep) - 1)
    large.session.go_to(100)
    settle()
    assert len(sweep.steps._made) < 60  # of six thousand
    assert large.scene_.moment.active_node == sweep[100].node
    done = sweep[50].node
    rows = large.scene_.moment.derivatives
    assert rows[done][1] == sweep[50].result
    assert rows[sweep[101].node][1] is None


def test_blocks_lie_where_their_nodes_are() -> None:
    bodies = np.array([[0.0, 0.0, 150.0, 92.0], [1500.0, 920.0, 1650.0, 1012.0]])
    red, green = QColor(255, 0, 0), QColor(0, 255, 0)
    picture = blocks(bodies, np.array([0, 1]), [red, green], 0.02, (-5, -4, 60, 40))
    assert picture.shape == (40, 60)
    assert picture[4, 5] == red.rgba()
    assert picture[4 + 18, 5 + 30] == green.rgba()
    assert np.count_nonzero(picture) == 2 * 3 * 1
    assert (
        np.count_nonzero(blocks(bodies, np.array([0, 1]), [red, green], 0.02, (100, 0, 9, 9))) == 0
    )
