"""The graph from far away: kept until something changes, and right afterwards."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QApplication

from tests.gui.canvas.conftest import settle
from visualad.gui.canvas.node_item import NodeItem
from visualad.gui.canvas.view import CanvasView


def test_panning_from_far_away_asks_no_node_anything(
    view: CanvasView, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.zoom_to(0.3)
    view.grab()
    asked: list[str] = []
    body = NodeItem.body
    monkeypatch.setattr(NodeItem, "body", lambda item: asked.append(item.node_id) or body(item))
    for _ in range(5):
        view.centre_on(view.visible_rect().center() + QPointF(10, 0))
        view.grab()
    assert asked == []


def test_the_overview_follows_nodes_marks_and_edits(view: CanvasView) -> None:
    view.zoom_to(0.3)
    overview = view.scene_.overview
    graph = view.document.graph
    lines, rectangles = overview._grouped()
    assert sum(map(len, lines.values())) == len(graph.edges)
    assert sum(map(len, rectangles.values())) == len(graph)
    assert "selected" not in rectangles
    view.session.select([graph.id_of("x4")])
    assert overview._grouped()[1]["selected"] == [view.node_item(graph.id_of("x4")).body()]
    added = view.editing.add("sin", (3000.0, 500.0))
    settle()
    assert sum(map(len, overview._grouped()[1].values())) == len(graph) + 1
    view.document.undo()
    settle()
    assert added not in view.scene_.nodes
    assert sum(map(len, overview._grouped()[1].values())) == len(graph)
    QApplication.processEvents()


def test_nodes_in_a_rectangle_are_those_whose_cards_reach_into_it(view: CanvasView) -> None:
    scene = view.scene_
    everything = scene.nodes_rect()
    assert scene.nodes_in(everything) == set(scene.nodes)
    first = next(iter(scene.nodes.values()))
    inside = QRectF(first.body().center(), first.body().bottomRight())
    assert first.node_id in scene.nodes_in(inside)
    assert scene.nodes_in(QRectF(everything.right() + 500, 0, 50, 50)) == set()
