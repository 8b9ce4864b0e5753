from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from visualad.graph import edits
from visualad.graph.parser import parse
from visualad.gui.formula_bar import reads_the_same, signature
from visualad.gui.main_window import MainWindow


def type_formula(window: MainWindow, qtbot, text: str) -> None:
    field = window.toolbar.formula.field
    window.run("edit.formula")
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_it_shows_the_formula_of_the_graph(window: MainWindow) -> None:
    bar = window.toolbar.formula
    assert bar.label.text() == "f(x₁, x₂, x₃) ="
    assert parse(bar.field.text()).sources == window.document.graph.sources


def test_it_follows_every_edit(window: MainWindow) -> None:
    window.document.apply("Rename", lambda g: edits.rename(g, "x1", "a"))
    assert "a*x2" in window.toolbar.formula.field.text().replace(" ", "")
    window.document.undo()
    assert "x1*x2" in window.toolbar.formula.field.text().replace(" ", "")


def test_enter_builds_the_graph_as_one_step_and_keeps_values(window: MainWindow, qtbot) -> None:
    before = window.document.graph
    type_formula(window, qtbot, "x1*x2 + cos(x3)")
    graph = window.document.graph
    assert graph["x2"].value == before["x2"].value
    assert graph["x4"].position == before["x4"].position
    assert "cos" in {node.op for node in graph.nodes}
    window.run("edit.undo") if window.commands["edit.undo"].isEnabled() else None
    window.document.undo() if window.document.graph is graph else None
    assert window.document.graph is before


def test_a_fault_is_shown_beneath_with_a_caret_and_the_text_stays(
    window: MainWindow, qtbot
) -> None:
    before = window.document.graph
    type_formula(window, qtbot, "x1 * (x2 +")
    bar = window.toolbar.formula
    assert window.document.graph is before
    assert bar.field.text() == "x1 * (x2 +"
    assert "^" in bar.fault
    caret = window.findChild(QLabel, "formula_caret")
    assert caret is not None
    assert caret.isVisible()
    assert bar.field.property("invalid") == "true"
    qtbot.keyClicks(bar.field, " x1)")
    assert bar.fault == ""
    qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    assert window.document.graph is not before
    assert bar.field.property("invalid") == "false"


def test_escape_brings_the_formula_back(window: MainWindow, qtbot) -> None:
    bar = window.toolbar.formula
    shown = bar.field.text()
    window.run("edit.formula")
    qtbot.keyClicks(bar.field, "nonsense((")
    qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
    assert bar.field.text() == shown


def test_what_is_being_typed_is_not_lost_when_the_graph_changes(window: MainWindow, qtbot) -> None:
    bar = window.toolbar.formula
    window.run("edit.formula")
    qtbot.waitUntil(bar.field.hasFocus)
    qtbot.keyClicks(bar.field, "x1 + ")
    window.document.apply("Rename", lambda g: edits.rename(g, "x1", "a"))
    assert bar.field.text() == "x1 + "


def test_a_graph_with_open_ports_says_so_instead(window: MainWindow) -> None:
    edge = window.document.graph.edges[0]
    window.document.apply("Cut", lambda g: edits.disconnect(g, edge.target, edge.port))
    bar = window.toolbar.formula
    assert bar.field.text() == ""
    assert bar.field.placeholderText().endswith(".")


def test_many_inputs_are_shortened() -> None:
    assert signature(parse("a+b+c+d+e+g")) == "f(a, b, …, g) ="
    assert signature(parse("2 + 3")) == "f ="


def test_the_formula_is_written_anew_only_when_it_may_be_another() -> None:
    graph = parse("2*x1 + sin(x2)")
    moved = edits.move(graph, {graph.id_of("x1"): (9.0, 9.0)})
    assert reads_the_same(graph, moved)
    assert reads_the_same(graph, edits.set_setting(graph, graph.id_of("x1"), "value", 3.0))
    assert not reads_the_same(graph, edits.rename(graph, graph.id_of("x1"), "a"))
    assert not reads_the_same(graph, parse("2*x1 + cos(x2)"))
    constant = next(node.id for node in graph.nodes if node.op == "constant")
    assert not reads_the_same(graph, edits.set_setting(graph, constant, "value", 3.0))
