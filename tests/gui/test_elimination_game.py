"""Cross mode by hand: clicks and keys on the canvas, undo, scores, hints, the search."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.gui.conftest import wait_until_idle
from visualad.autodiff.orders import Order
from visualad.autodiff.steps import Cost
from visualad.gui.elimination_game import EliminationGame, elimination_game
from visualad.gui.elimination_words import standing_words
from visualad.gui.main_window import MainWindow
from visualad.gui.panels.derivation import DerivationPanel
from visualad.gui.panels.extended_jacobian import fitting


@pytest.fixture
def still(window: MainWindow) -> MainWindow:
    """A window in which nothing travels."""
    window.session.playback.reduced_motion = True
    return window


@pytest.fixture
def game(still: MainWindow) -> EliminationGame:
    return elimination_game(still.session)


def click(window: MainWindow, qtbot, name: str) -> None:
    """Click a node on the canvas."""
    view = window.canvas
    item = view.node_item(window.document.graph.id_of(name))
    at = view.mapFromScene(item.pos() + QPointF(item.geometry.size[0] * 0.45, 20))
    QTest.mouseMove(view.viewport(), at)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    wait_until_idle(qtbot, window.kernel)


def press(window: MainWindow, qtbot, key: Qt.Key, keys=Qt.KeyboardModifier.NoModifier) -> None:
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, key, keys)
    wait_until_idle(qtbot, window.kernel)


def gone(window: MainWindow) -> set[str]:
    nodes = window.document.graph.nodes_by_id
    return {nodes[id_].name for id_ in window.canvas.scene_.moment.eliminated}


def test_a_click_eliminates_and_the_counter_runs(still, game, qtbot) -> None:
    press(still, qtbot, Qt.Key.Key_G)
    assert game.is_on
    assert game.left == ("x4", "x5", "x6", "x7", "x8")
    words = still.findChild(DerivationPanel).empty.text()
    assert words.startswith("Click an inner node to eliminate it.")
    assert still.findChild(QLabel, "transport_position").text() == "no steps yet"
    click(still, qtbot, "x4")
    assert game.played == ("x4",)
    assert gone(still) == {"x4"}
    assert game.score.played == 4
    made = {
        tuple(still.document.graph.nodes_by_id[i].name for i in pair)
        for pair in still.canvas.scene_.fill_ins
    }
    assert made == {("x1", "x6"), ("x1", "x7"), ("x2", "x6"), ("x2", "x7")}
    click(still, qtbot, "x1")  # an input stays
    assert game.played == ("x4",)
    rows = [r.text for r in still.canvas.node_item(still.document.graph.id_of("x7")).face.rows]
    assert rows[-1] == "3 × 1"


def test_e_eliminates_the_selected_node_from_where_the_film_stands(still, game, qtbot) -> None:
    still.session.set_mode("cross")
    wait_until_idle(qtbot, still.kernel)
    still.session.go_to(1)  # backward order: x8 and x7 are gone
    still.session.select([still.document.graph.id_of("x4")])
    press(still, qtbot, Qt.Key.Key_E)
    assert game.is_on
    assert game.played == ("x8", "x7", "x4")
    assert gone(still) == {"x8", "x7", "x4"}


def test_undo_takes_back_what_was_done_last(still, game, qtbot) -> None:
    still.run("cross.play")
    wait_until_idle(qtbot, still.kernel)
    click(still, qtbot, "x5")
    click(still, qtbot, "x6")
    assert still.commands["edit.undo"].text() == "Undo Elimination of x₆"
    press(still, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert game.played == ("x5",)
    assert gone(still) == {"x5"}
    assert still.run("edit.redo")
    wait_until_idle(qtbot, still.kernel)
    assert game.played == ("x5", "x6")
    # An edit made since comes first.
    still.canvas.editing.move({still.document.graph.id_of("x9"): (900.0, 400.0)})
    assert "Move" in still.commands["edit.undo"].text()
    still.run("edit.undo")
    assert game.played == ("x5", "x6")
    still.run("cross.restart")
    wait_until_idle(qtbot, still.kernel)
    assert game.played == ()
    assert gone(still) == set()


def test_the_end_says_how_good_it_was(still, game, qtbot) -> None:
    still.docks.raise_("elimination")
    still.run("cross.play")
    wait_until_idle(qtbot, still.kernel)
    for name in ("x4", "x5", "x6", "x7", "x8"):
        click(still, qtbot, name)
    assert game.is_over
    panel = still.docks.panel("elimination")
    assert panel.title.text() == "Done: 13 multiplications, 5 more than the best known"
    lanes = {lane.label: lane.total for lane in panel.lanes.lanes}
    assert lanes["you"] == "13"
    assert lanes["best known"] == "8"
    assert "unit edges count" in panel.convention.text()


def test_a_hint_names_a_vertex_and_why(still, game, qtbot) -> None:
    still.run("cross.play")
    wait_until_idle(qtbot, still.kernel)
    press(still, qtbot, Qt.Key.Key_H)
    assert "8 in all, the fewest possible from here" in game.hint
    panel = still.docks.panel("elimination")
    qtbot.waitUntil(panel.hint.isVisible)
    assert still.session.highlighted_nodes
    click(still, qtbot, "x4")
    assert game.hint == ""


def test_a_race_shows_as_many_moves_of_the_best_as_yours(still, game, qtbot) -> None:
    still.docks.raise_("elimination")
    still.run("cross.play")
    wait_until_idle(qtbot, still.kernel)
    click(still, qtbot, "x4")
    panel = still.docks.panel("elimination")

    def best_lane():
        return next(lane for lane in panel.lanes.lanes if lane.label == "best known")

    assert best_lane().blocks == ()  # the solution is not given away
    panel.race.click()
    assert len(best_lane().blocks) == 1
    assert best_lane().total.endswith("so far")


def test_the_matrix_follows_and_can_be_clicked(still, game, qtbot) -> None:
    still.docks.raise_("elimination")
    still.run("cross.play")
    wait_until_idle(qtbot, still.kernel)
    matrix = still.docks.panel("elimination").matrix
    graph = still.document.graph
    id_of = graph.id_of
    assert len(matrix.matrix.entries) == 10
    at = matrix.area(id_of("x4"), id_of("x4")).center().toPoint()
    QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=at)
    wait_until_idle(qtbot, still.kernel)
    assert game.played == ("x4",)
    entries = matrix.matrix.entries
    assert entries[id_of("x1"), id_of("x6")].kind == "fill_in"
    assert (id_of("x4"), id_of("x6")) not in entries
    QTest.mouseMove(matrix, matrix.area(id_of("x1"), id_of("x6")).center().toPoint())
    qtbot.waitUntil(lambda: bool(still.session.highlighted_edges))
    assert still.canvas.scene_.fill_ins[id_of("x1"), id_of("x6")].look.lit


def test_leaving_cross_mode_ends_the_game(still, game, qtbot) -> None:
    still.run("cross.play")
    wait_until_idle(qtbot, still.kernel)
    click(still, qtbot, "x4")
    still.run("differentiate.backward")
    wait_until_idle(qtbot, still.kernel)
    assert not game.is_on
    assert still.session.order == "backward"


def test_renaming_a_node_restarts_the_game(still, game, qtbot) -> None:
    still.run("cross.play")
    wait_until_idle(qtbot, still.kernel)
    click(still, qtbot, "x4")
    still.canvas.editing.rename(still.document.graph.id_of("x4"), "product")
    wait_until_idle(qtbot, still.kernel)
    assert game.is_on
    assert game.played == ()


def test_the_best_order_known_can_be_watched(still, game, qtbot) -> None:
    still.run("cross.show_best")
    wait_until_idle(qtbot, still.kernel)
    qtbot.waitUntil(lambda: still.session.sweep is not None)
    assert still.session.mode == "cross"
    assert still.session.sweep.cost == 8


def test_free_unit_edges_change_every_score(still, game, qtbot) -> None:
    still.docks.raise_("elimination")
    wait_until_idle(qtbot, still.kernel)
    panel = still.docks.panel("elimination")
    panel.free.click()
    wait_until_idle(qtbot, still.kernel)
    assert {lane.label: lane.total for lane in panel.lanes.lanes}["best known"] == "5"
    assert "free" in panel.convention.text()


def test_merging_equal_subexpressions_redraws_the_graph_and_can_be_undone(
    still, game, qtbot
) -> None:
    from visualad.graph.parser import parse

    text = "f = sin(sin(x*y))*x\ng = exp(sin(x*y))*y\nh = cos(sin(x*y))"
    still.document.new(parse(text, merge_equal=False))
    still.docks.raise_("elimination")
    still.run("cross.play")
    wait_until_idle(qtbot, still.kernel)
    panel = still.docks.panel("elimination")
    apart, before = len(still.document.graph), int(game.best.cost)
    assert panel.merge.isVisible()
    assert panel.convention.text().endswith("equal subexpressions apart.")
    product = next(n.name for n in still.document.graph.nodes if n.op == "mul")
    click(still, qtbot, product)
    assert len(game.played) == 1
    panel.merge.click()
    wait_until_idle(qtbot, still.kernel)
    assert len(still.document.graph) == len(still.canvas.scene_.nodes) == apart - 4
    assert game.is_on
    assert game.played == ()
    assert panel.convention.text().endswith("equal subexpressions merged.")
    lanes = {lane.label: lane.total for lane in panel.lanes.lanes}
    assert lanes["best before merging"] == str(before)
    assert int(lanes["best known"]) < before
    assert still.commands["edit.undo"].text() == "Undo Merge Equal Subexpressions"
    still.run("edit.undo")
    wait_until_idle(qtbot, still.kernel)
    assert len(still.document.graph) == apart
    assert not panel.merge.isChecked()
    # A value that is changed in between stays.
    panel.merge.click()
    still.canvas.editing.set_value(still.document.graph.id_of("x"), 3.0)
    panel.merge.click()
    wait_until_idle(qtbot, still.kernel)
    assert len(still.document.graph) == apart
    assert still.document.graph["x"].value == 3.0
    assert not panel.merge.isChecked()


def test_a_search_can_be_stopped_and_keeps_what_it_found(still, game, qtbot) -> None:
    lines = ["v0 = x*y", "v1 = y*z"]
    for i in range(2, 60):
        lines.append(f"v{i} = sin(v{i - 1})*v{i - 2} + v{(i * 7) % (i - 1)}")
    from visualad.graph.parser import parse

    still.document.new(parse("\n".join([*lines, "f = v59*v15", "g = v59*v25"])))
    wait_until_idle(qtbot, still.kernel)
    still.run("cross.search")
    qtbot.waitUntil(lambda: game.best_so_far > 0, timeout=15_000)
    panel = still.docks.panel("elimination")
    assert panel.find_button.text() == "Stop"
    panel.find_button.click()
    qtbot.waitUntil(lambda: game.searched is None, timeout=15_000)
    assert game.found is not None
    assert game.best.cost <= game.score.orders["markowitz"].cost
    assert "no order needs fewer" in panel.standing.text()
    # A second search that is stopped at once forgets nothing.
    cheaper = replace(game.found, cost=Cost(game.found.cost.multiplications - 1, 0))
    game.found = cheaper
    still.run("cross.search")
    qtbot.waitUntil(lambda: game.best_so_far > 0, timeout=15_000)
    assert game.best_so_far <= cheaper.cost.multiplications
    panel.find_button.click()
    qtbot.waitUntil(lambda: game.searched is None, timeout=15_000)
    assert game.best.cost <= cheaper.cost


def test_the_search_is_in_sight_and_no_button_cut_off_in_a_small_panel(still, game, qtbot) -> None:
    still.docks.raise_("elimination")
    panel = still.docks.panel("elimination")
    still.resize(960, 540)
    press(still, qtbot, Qt.Key.Key_G)
    qtbot.waitUntil(lambda: not panel.find_button.visibleRegion().isEmpty())
    for button in panel.buttons.values():
        assert button.geometry().right() < button.parentWidget().width()
    assert panel.find_button.visibleRegion().boundingRect() == panel.find_button.rect()


@pytest.mark.parametrize(
    ("value", "room", "text"),
    [
        (7.389056, 60, "7.389"),
        (7.389056, 30, "7.39"),
        (6.1e-17, 24, "≈0"),
        (6.1e-17, 60, "6.1e−17"),
        (1e200, 16, "…"),
        (None, 30, "?"),
    ],
)
def test_a_small_cell_says_of_a_number_what_there_is_room_for(qapp, value, room, text) -> None:
    assert fitting(value, room)[0] == text


def test_words_for_how_good_an_order_is() -> None:
    order = Order(("a",), Cost(120, 0), 100, False, "simulated annealing")
    assert "at most 20 (20 %) above the optimum" in standing_words(order)
    assert "lower bound" in standing_words(Order((), Cost(8, 0), 8, True, "markowitz"))
    assert "no lower bound is known" in standing_words(Order((), Cost(8, 0), 0, False, "markowitz"))
