"""Cross mode by hand, edge by edge: clicks near heads and tails, what the mouse says, scores."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from tests.gui.conftest import wait_until_idle
from tests.gui.test_elimination_game import click, gone, press
from visualad.autodiff.moves import EdgeMove
from visualad.graph.parser import parse
from visualad.gui.elimination_game import EliminationGame, elimination_game
from visualad.gui.main_window import MainWindow

LION = "a = x*y\nb = sin(a)\ny1 = a*b\ny2 = cos(b)\ny3 = exp(b)\ny4 = sqrt(b)"


@pytest.fixture
def lion(window: MainWindow, qtbot) -> MainWindow:
    """The lion, ready to be eliminated by edges."""
    from visualad.graph.edits import move, set_settings
    from visualad.graph.layout import layered_layout

    graph = parse(LION)
    graph = set_settings(graph, {"x": {"value": 1.2}, "y": {"value": 0.9}})
    window.session.playback.reduced_motion = True
    window.document.new(move(graph, layered_layout(graph)))
    window.docks.raise_("elimination")
    window.canvas.fit()
    wait_until_idle(qtbot, window.kernel)
    window.run("cross.edges")
    window.run("cross.play")
    wait_until_idle(qtbot, window.kernel)
    return window


@pytest.fixture
def game(lion: MainWindow) -> EliminationGame:
    return elimination_game(lion.session)


def place(window: MainWindow, source: str, target: str, share: float) -> QPoint:
    """A point on an edge in the viewport, so far along it."""
    scene, id_of = window.canvas.scene_, window.document.graph.id_of
    pair = id_of(source), id_of(target)
    line = scene.fill_ins.get(pair) or next(i for k, i in scene.edges.items() if k[:2] == pair)
    return window.canvas.mapFromScene(line.path.pointAtPercent(share))


def click_edge(window: MainWindow, qtbot, source: str, target: str, share: float) -> None:
    at = place(window, source, target, share)
    QTest.mouseMove(window.canvas.viewport(), at)
    QTest.mouseClick(window.canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    wait_until_idle(qtbot, window.kernel)


def pairs(window: MainWindow) -> set[tuple[str, str]]:
    """The fill-in edges on the canvas, by names."""
    nodes = window.document.graph.nodes_by_id
    return {(nodes[s].name, nodes[t].name) for s, t in window.canvas.scene_.fill_ins}


def test_the_lion_is_played_down_to_eleven_with_the_mouse(lion, game, qtbot) -> None:
    panel = lion.docks.panel("elimination")
    click_edge(lion, qtbot, "b", "y1", 0.3)  # near its tail: the back
    assert game.played == (EdgeMove("b", "y1", front=False),)
    assert game.score.played == 1
    scene, id_of = lion.canvas.scene_, lion.document.graph.id_of
    ghosts = {key[:2] for key, item in scene.edges.items() if item.look.ghost}
    assert ghosts == {(id_of("b"), id_of("y1"))}
    assert (id_of("a"), id_of("y1")) in scene.moment.changed  # a → y1 was there, the product adds
    assert (id_of("b"), id_of("y1")) not in panel.matrix.matrix.entries
    rows = [r.text for r in lion.canvas.node_item(id_of("b")).face.rows]
    assert rows[-1] == "1 × 3"
    click(lion, qtbot, "a")
    click(lion, qtbot, "b")
    assert game.is_over
    assert game.score.played == 11
    assert panel.title.text() == "Done: 11 multiplications, optimal by edges"
    lanes = {lane.label: lane.total for lane in panel.lanes.lanes}
    assert (lanes["you"], lanes["best known"], lanes["best by edges"]) == ("11", "12", "11")
    assert "By edges 11, proven optimal" in panel.standing.text()
    assert gone(lion) == {"a", "b"}
    assert pairs(lion) == {(x, y) for x in "xy" for y in ("y1", "y2", "y3", "y4")}


def test_every_edge_by_itself_leads_to_the_jacobian_too(lion, game, qtbot) -> None:
    click_edge(lion, qtbot, "b", "y1", 0.3)
    for source in "xy":
        click_edge(lion, qtbot, source, "a", 0.6)
    assert gone(lion) == {"a"}  # no path leads through it any more
    assert game.left == ("b",)
    for source in "xy":
        click_edge(lion, qtbot, source, "b", 0.6)
    assert game.is_over
    assert game.score.played == 11
    trace = lion.session.sweep
    assert [step.kind for step in trace] == ["eliminate edge"] * 5
    assert trace.cost == 11


def test_the_mouse_says_what_a_click_would_multiply(lion, game, qtbot) -> None:
    view = lion.canvas
    QTest.mouseMove(view.viewport(), place(lion, "a", "b", 0.7))
    qtbot.waitUntil(view.bubble.isVisible)
    assert view.bubble.text() == "Front of a→b: times b→y₁, b→y₂, b→y₃, b→y₄, 4 multiplications"
    lit = {key[:2] for key in lion.session.highlighted_edges}
    assert len(lit) == 5
    QTest.mouseMove(view.viewport(), place(lion, "a", "b", 0.3))
    qtbot.waitUntil(lambda: view.bubble.text().startswith("Back"))
    assert view.bubble.text() == "Back of a→b: times x→a, y→a, 2 multiplications"
    QTest.mouseMove(view.viewport(), view.mapFromScene(QPointF(-900, -900)))
    qtbot.waitUntil(view.bubble.isHidden)
    assert not lion.session.highlighted_edges


def test_an_edge_with_one_end_to_eliminate_is_eliminated_there_wherever_it_is_clicked(
    lion, game, qtbot
) -> None:
    click_edge(lion, qtbot, "b", "y2", 0.7)  # y2 is an output: no front
    assert game.played == (EdgeMove("b", "y2", front=False),)
    assert pairs(lion) == {("a", "y2")}
    click_edge(lion, qtbot, "a", "y2", 0.6)  # a fill-in can be eliminated too
    assert game.played[-1] == EdgeMove("a", "y2", front=False)
    assert pairs(lion) == {("x", "y2"), ("y", "y2")}


def test_undo_takes_an_edge_back_and_redo_does_it_again(lion, game, qtbot) -> None:
    click_edge(lion, qtbot, "b", "y1", 0.3)
    assert lion.commands["edit.undo"].text() == "Undo Elimination of b → y₁ at its back"
    press(lion, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert game.played == ()
    assert not any(item.look.ghost for item in lion.canvas.scene_.edges.values())
    assert lion.run("edit.redo")
    wait_until_idle(qtbot, lion.kernel)
    assert game.played == (EdgeMove("b", "y1", front=False),)


def test_a_hint_names_the_edge_when_edges_lead_to_less(lion, game, qtbot) -> None:
    press(lion, qtbot, Qt.Key.Key_H)
    assert game.hint == (
        "b → y₁ at its back: 1 multiplication now and 11 in all, the fewest possible from here."
    )
    id_of = lion.document.graph.id_of
    assert lion.session.highlighted_edges == {(id_of("b"), id_of("y1"), "")}


def test_derivation_and_trace_say_the_step_in_words_and_formulas(lion, game, qtbot) -> None:
    click_edge(lion, qtbot, "b", "y1", 0.3)
    (step,) = lion.session.sweep
    assert step.quantity.text == "b → y₁ at its back"
    assert step.rule.text == "each edge into b times the edge b → y₁"
    assert step.symbolic.plain == "dy1/da = dy1/da + dy1/db*db/da"
    lion.docks.raise_("trace")
    wait_until_idle(qtbot, lion.kernel)
    model = lion.docks.panel("trace").model
    assert model.cell(0, 1).text == "b → y₁ at its back"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "vertex or edge"


def test_what_was_played_by_edges_is_exported_where_it_can_be_shown(
    lion, game, qtbot, tmp_path
) -> None:
    from visualad.errors import GraphError
    from visualad.exchange.formats import Request, write

    click_edge(lion, qtbot, "b", "y1", 0.3)
    click(lion, qtbot, "a")
    graph, order = lion.document.graph, lion.session.order
    request = Request("trace", "cross", order, complete=False)
    write(graph, tmp_path / "trace.csv", request)
    assert "b -> y1 at its back" in (tmp_path / "trace.csv").read_text("utf-8")
    pypdf = pytest.importorskip("pypdf")
    lion.dialogs.export_path = lambda *_: tmp_path / "sweep.pdf"
    assert lion.run("file.export_film")
    qtbot.waitUntil((tmp_path / "sweep.pdf").exists, timeout=30_000)
    assert len(pypdf.PdfReader(tmp_path / "sweep.pdf").pages) == 2
    for name in ("sweep.html", "state.tex"):
        request = Request(
            "graph" if name.endswith("tex") else "sweep", "cross", order, complete=False
        )
        with pytest.raises(GraphError, match="eliminate nodes only"):
            write(graph, tmp_path / name, request)


def test_the_matrix_eliminates_edges_too(lion, game, qtbot) -> None:
    matrix, id_of = lion.docks.panel("elimination").matrix, lion.document.graph.id_of
    at = matrix.area(id_of("a"), id_of("b")).center().toPoint()
    QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, at)
    wait_until_idle(qtbot, lion.kernel)
    assert game.played == (EdgeMove("a", "b", front=False),)
    at = matrix.area(id_of("x"), id_of("b")).center().toPoint()
    QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=at)
    wait_until_idle(qtbot, lion.kernel)
    assert game.played[-1] == EdgeMove("x", "b", front=True)


def test_without_the_switch_edges_are_selected_as_always(lion, game, qtbot) -> None:
    lion.docks.panel("elimination").edges.click()
    wait_until_idle(qtbot, lion.kernel)
    click_edge(lion, qtbot, "a", "b", 0.5)
    assert game.played == ()
    assert lion.session.selected_edges
    assert "best by edges" not in {x.label for x in lion.docks.panel("elimination").lanes.lanes}


def test_an_edit_of_the_graph_ends_what_was_played_by_edges(lion, game, qtbot) -> None:
    click_edge(lion, qtbot, "b", "y1", 0.3)
    lion.session.select([lion.document.graph.id_of("y4")])
    lion.canvas.editing.delete()
    wait_until_idle(qtbot, lion.kernel)
    assert game.is_on
    assert game.played == ()
