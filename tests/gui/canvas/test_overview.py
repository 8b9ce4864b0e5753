"""The graph from far away: kept until something changes, and right afterwards."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tests.gui.canvas.conftest import settle
from visualad.graph.groups import add_group
from visualad.gui.canvas.faces import WAITING
from visualad.gui.canvas.node_item import NodeItem
from visualad.gui.canvas.overview import writing_of
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


def image_of(view: CanvasView, item: NodeItem) -> QImage:
    """A card as it is on the screen, without its border."""
    area = view.mapFromScene(item.body()).boundingRect().adjusted(4, 4, -4, -4)
    return view.viewport().grab(area).toImage()


def test_a_small_graph_keeps_its_names_and_numbers_from_far_away(view: CanvasView) -> None:
    view.session.set_mode("backward")
    settle()
    view.session.go_to(3)
    item = view.node_item(view.document.graph.id_of("x8"))
    name, number = writing_of(item, 0.35)
    assert name == ("x₈", "text")
    assert number == (item.face.rows[-1].text, "backward")
    assert writing_of(item, 0.2) == [name]  # one line fits
    assert writing_of(item, 0.02) == []
    assert writing_of(item, 0.145) == [name]
    view.zoom_to(0.35)
    assert view.scene_.overview.isVisible()
    before = image_of(view, item)
    view.session.go_to(0)
    assert writing_of(item, 0.35) == [name, (WAITING, "backward")]
    settle()
    assert image_of(view, item) != before


def test_the_card_of_a_group_has_its_title_from_far_away(view: CanvasView) -> None:
    ids = [view.document.graph.id_of(name) for name in ("x4", "x6")]
    view.document.apply("Group", lambda g: add_group(g, ids, title="A group with a long title"))
    (key,) = view.document.graph.groups
    view.grouping.toggle([key])
    settle()
    (title, _), *_ = writing_of(view.scene_.groups.cards[key], 0.5)
    assert title.startswith("A group")
    assert title.endswith("…")


def test_what_is_eliminated_hides_no_edge_from_far_away(view: CanvasView) -> None:
    view.session.set_mode("cross")
    settle()
    view.session.go_to(len(view.session.sweep) - 1)
    settle()
    view.zoom_to(0.35)
    lines, rectangles = view.scene_.overview._grouped()
    assert len(rectangles["ghost"]) == 5
    assert len(lines["strong"]) == 3  # ∂f/∂x₁ and ∂f/∂x₂ are new, ∂f/∂x₃ was added to
    bodies = [body.adjusted(6, 6, -6, -6) for body in rectangles["ghost"]]
    crossed = [line.pointAt(share / 100) for line in lines["strong"] for share in range(100)]
    inside = next(at for at in crossed if any(body.contains(at) for body in bodies))
    picture = view.viewport().grab().toImage()
    at = view.mapFromScene(inside)
    colour = picture.pixelColor(at)
    assert colour.green() > colour.red() + 20
