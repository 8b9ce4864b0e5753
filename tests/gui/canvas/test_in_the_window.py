"""The canvas as part of the window: who gets which key, and what the window does for it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit

from tests.gui.conftest import wait_until_idle
from tests.gui.dragging import drag_enter, drop


def test_space_plays_the_film_once_when_the_canvas_has_the_focus(window, qtbot, kernel) -> None:
    window.run("differentiate.backward")
    wait_until_idle(qtbot, kernel)
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    assert window.session.is_playing
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    assert not window.session.is_playing


def test_f2_renames_on_the_card(window, qtbot) -> None:
    window.session.select([window.document.graph.id_of("x4")])
    window.run("edit.rename")
    field = window.canvas.findChild(QLineEdit, "card_field")
    assert field.isVisible()
    qtbot.keyClicks(field, "product")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "product" in window.document.graph


def test_letters_typed_on_a_card_are_no_shortcuts(window, qtbot) -> None:
    window.canvas.rename(window.document.graph.id_of("x4"))
    field = window.canvas.findChild(QLineEdit, "card_field")
    before = window.document.graph
    qtbot.keyClicks(field, "fl")
    assert field.text() == "fl"
    assert window.document.graph is before
    qtbot.keyClick(field, Qt.Key.Key_Escape)


def test_the_palette_adds_to_the_canvas(window) -> None:
    window.docks.panel("palette").chosen.emit("tanh")
    assert list(window.document.graph.nodes_by_id.values())[-1].op == "tanh"


def test_commands_copy_paste_delete_and_lay_out(window) -> None:
    window.canvas.setFocus()
    window.session.select([window.document.graph.id_of("x6")])
    for command in ("edit.copy", "edit.paste", "edit.duplicate"):
        assert window.run(command)
    assert len(window.document.graph) == 11
    assert window.run("edit.delete")
    assert len(window.document.graph) == 10
    assert window.run("graph.layout")
    assert window.run("edit.undo")
    QApplication.clipboard().clear()


def test_the_lecture_is_built_by_dragging_alone(window, qtbot, kernel) -> None:
    """Nodes from the palette, edges by the mouse: the function of the lecture and its gradient."""
    from visualad.graph.model import Graph
    from visualad.gui.canvas.palette import node_mime

    window.document.new(Graph())
    canvas = window.canvas
    canvas.zoom_to(0.5)
    canvas.centre_on(canvas.mapToScene(canvas.viewport().rect().center()))
    made = {}
    places = {
        "x1": ("variable", 0, 0), "x2": ("variable", 0, 140), "x3": ("variable", 0, 280),
        "x4": ("mul", 260, 40), "x5": ("sin", 260, 280), "x6": ("exp", 520, 0),
        "x7": ("mul", 520, 180), "x8": ("add", 780, 90), "x9": ("div", 1040, 180),
    }  # fmt: skip
    corner = canvas.mapToScene(QPoint(60, 60))
    for name, (op, x, y) in places.items():
        at = canvas.mapFromScene(corner.x() + x + 75, corner.y() + y + 16)
        _drop(canvas, node_mime(op), at)
        made[name] = list(window.document.graph.nodes_by_id)[-1]
    wires = [
        ("x1", "x4", "x"), ("x2", "x4", "y"), ("x3", "x5", "x"), ("x4", "x6", "x"),
        ("x4", "x7", "x"), ("x5", "x7", "y"), ("x7", "x8", "x"), ("x6", "x8", "y"),
        ("x8", "x9", "x"), ("x3", "x9", "y"),
    ]  # fmt: skip
    for source, target, port in wires:
        start = canvas.mapFromScene(canvas.port_position(made[source], "out"))
        end = canvas.mapFromScene(canvas.port_position(made[target], port))
        QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(canvas.viewport(), (start + end) / 2)
        QTest.mouseMove(canvas.viewport(), end)
        QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert [node.name for node in window.document.graph] == list(places)
    for name, value in (("x1", 1.0), ("x2", 2.0), ("x3", 1.5707963267948966)):
        canvas.editing.set_value(made[name], value)
    window.run("differentiate.backward")
    wait_until_idle(qtbot, kernel)
    gradient = [float(window.session.sweep.adjoints[name]) for name in ("x1", "x2", "x3")]
    assert [round(number, 5) for number in gradient] == [10.68128, 5.34064, -3.80524]


def _drop(canvas, mime, at: QPoint) -> None:
    QApplication.sendEvent(canvas.viewport(), drag_enter(QPointF(at), mime))
    QApplication.sendEvent(canvas.viewport(), drop(QPointF(at), mime))


def test_n_adds_a_note_whose_letters_are_no_shortcuts(window, qtbot) -> None:
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.canvas)
    qtbot.keyClick(window.canvas, Qt.Key.Key_N)
    field = window.canvas.findChild(QPlainTextEdit, "note_field")
    assert field.isVisible()
    qtbot.keyClicks(field, "final gcn")
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.graph.notes  # undone in the field, not in the document
    qtbot.keyClicks(field, "f")
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    (note,) = window.document.graph.notes.values()
    assert note.text.endswith("f")
    assert window.session.selected_backdrops == {("note", note.id)}
    assert window.commands["edit.rename"].isEnabled()
    window.run("edit.rename")
    assert field.isVisible()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    window.run("edit.delete")
    assert not window.document.graph.notes


def test_a_frame_comes_from_the_command_and_goes_with_undo(window) -> None:
    assert not window.commands["graph.frame"].isEnabled()
    window.session.select([window.document.graph.id_of("x4")])
    window.run("graph.frame")
    assert len(window.document.graph.frames) == 1
    window.canvas.setFocus()
    window.run("edit.undo")
    assert not window.document.graph.frames
