"""Data by drag and drop: the dialog, what it puts into the document, the sets that come along."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtWidgets import QMenu

from visualad.gui.main_window import MainWindow

from .conftest import wait_until_idle
from .dragging import drag_enter, drop


def dropped(window: MainWindow, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at = QPointF(700, 400)
    entered = drag_enter(at, mime)
    window.dragEnterEvent(entered)
    assert entered.isAccepted()
    window.dropEvent(drop(at, mime))


def table(tmp_path: Path) -> Path:
    path = tmp_path / "own.csv"
    rows = "".join(f"{i},{i % 7},{i % 2},{'abc'[i % 3]}\n" for i in range(30))
    path.write_text(f"u,v,w,kind\n{rows}1,2\n1,?,1,a\n", encoding="utf-8")
    return path


def test_a_dropped_table_becomes_data_and_a_fitting_perceptron_in_one_step(
    window: MainWindow, qtbot, kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMenu, "popup", lambda *_: None)  # it would grab the keyboard
    lecture = window.document.graph
    dropped(window, table(tmp_path))
    dialog = window.data.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.ok.isEnabled, timeout=20_000)
    assert dialog.table.columns.names("output") == ["kind"]
    assert dialog.samples.tabText(1) == "Missing and bad (2)"
    assert "the row is left out" in dialog.samples.faults.item(1, 2).text()
    assert dialog.network.new.isChecked()
    # The column w is not used: select its row, press X.
    row = QPoint(200, dialog.table.rowViewportPosition(2) + 9)
    qtbot.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=row)
    with qtbot.waitSignal(dialog.previewed, timeout=20_000):
        qtbot.keyClick(dialog.table, Qt.Key.Key_X)
    assert dialog.network.words.text().startswith("2 – 16 – 3, loss cross entropy")
    # A click on the first cell offers what a column can be used as.
    first = QPoint(20, dialog.table.rowViewportPosition(2) + 9)
    qtbot.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=first)
    menu = dialog.table.findChild(QMenu, "data_use_menu")
    assert [action.text().split("\t")[0] for action in menu.actions()][:2] == ["input", "output"]
    with qtbot.waitSignal(dialog.previewed, timeout=20_000):
        menu.actions()[0].trigger()
    assert dialog.network.words.text().startswith("3 – 16 – 3")
    with qtbot.waitSignal(dialog.previewed, timeout=20_000):
        qtbot.keyClick(dialog.table, Qt.Key.Key_X)
    qtbot.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "kind=a" not in window.document.graph and window.document.can_undo)
    wait_until_idle(qtbot, kernel)
    data = window.document.graph.training["data"]
    assert (data["name"], data["inputs"], data["targets"]) == ("own.csv", ["u", "v"], ["kind"])
    assert window.document.graph["o"].op == "linear"
    # The choice can be changed later.
    assert window.run("data.edit")
    again = window.data.dialog
    assert again is not None
    qtbot.waitUntil(again.ok.isEnabled, timeout=20_000)
    assert again.table.columns.names("input") == ["u", "v"]
    assert not again.network.new.isChecked()
    again.reject()
    window.run("edit.undo")
    assert window.document.graph == lecture


def test_a_broken_file_is_said_in_the_dialog_and_changes_nothing(
    window: MainWindow, qtbot, tmp_path: Path
) -> None:
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(b"\0\0\x08\x03broken")
    before = window.document.graph
    dropped(window, path)
    dialog = window.data.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: bool(dialog.fault.text))
    assert "needs its labels beside it" in dialog.fault.text
    dialog.reject()
    assert window.data.dialog is None
    assert window.document.graph is before


def test_sets_that_come_along_are_commands_and_undone_in_one_step(
    window: MainWindow, qtbot, kernel
) -> None:
    lecture = window.document.graph
    assert window.run("data.iris")
    qtbot.waitUntil(lambda: window.document.graph is not lecture, timeout=20_000)
    assert window.document.graph.training["data"]["name"] == "iris"
    iris = window.document.graph
    assert window.run("data.wine")
    qtbot.waitUntil(lambda: window.document.graph is not iris, timeout=20_000)
    wait_until_idle(qtbot, kernel)
    window.run("edit.undo")
    window.run("edit.undo")
    assert window.document.graph == lecture
