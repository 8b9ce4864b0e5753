"""When the canvas brings the whole graph into sight by itself, and when it keeps still."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF

from tests.gui.canvas.conftest import settle
from visualad.graph import layout, parser
from visualad.graph.edits import move
from visualad.graph.model import Graph
from visualad.gui.canvas.view import CanvasView

LONG = "sin(cos(tan(exp(sinh(cosh(tanh(log(sqrt(abs(x))))))))))"


def laid_out(text: str) -> Graph:
    graph = parser.parse(text)
    return move(graph, layout.layered_layout(graph))


def all_in_sight(view: CanvasView) -> bool:
    return view.visible_rect().contains(view.scene_.nodes_rect())


def test_a_formula_that_makes_another_graph_brings_all_of_it_into_sight(view: CanvasView) -> None:
    view.zoom_by(2.5)
    long = laid_out(LONG)
    view.document.apply("Edit formula", lambda _: long)
    settle()
    assert all_in_sight(view)


def test_undoing_a_formula_brings_the_former_graph_into_sight(view: CanvasView) -> None:
    long = laid_out(LONG)
    view.document.apply("Edit formula", lambda _: long)
    small = view.zoom
    view.document.undo()
    settle()
    assert all_in_sight(view)
    assert view.zoom > 1.5 * small


def test_the_first_node_of_an_empty_canvas_stays_where_it_is_dropped(view: CanvasView) -> None:
    view.document.new()
    settle()
    at = QPoint(200, 150)
    id_ = view.add_node_at("variable", view.mapToScene(at))
    settle()
    middle = view.node_item(id_).body().center()
    offset = QPointF(view.mapFromScene(middle) - at)
    assert abs(offset.x()) < 20
    assert abs(offset.y()) < 40
    assert view.zoom == 1.0


def test_a_node_added_in_a_zoomed_view_leaves_the_view_alone(view: CanvasView) -> None:
    view.zoom_by(2.0)
    before = view.visible_rect()
    view.add_node_at("sin", QPointF(2000, 2000))
    settle()
    assert view.visible_rect() == before


def test_a_window_made_smaller_keeps_a_fitted_graph_in_sight(view: CanvasView) -> None:
    view.fit_all(glide=False)
    view.resize(700, 300)
    settle()
    assert all_in_sight(view)


def test_a_window_made_smaller_leaves_a_view_alone_that_was_zoomed_by_hand(
    view: CanvasView,
) -> None:
    view.fit_all(glide=False)
    view.zoom_by(2.0)
    view.resize(700, 300)
    settle()
    assert view.zoom > 1.0


def test_a_graph_of_hundreds_of_columns_fits_too(view: CanvasView) -> None:
    chain = laid_out("\n".join(["a0 = sin(x)", *(f"a{i} = cos(a{i - 1})" for i in range(1, 300))]))
    view.document.apply("Edit formula", lambda _: chain)
    settle()
    assert all_in_sight(view)
