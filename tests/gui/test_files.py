from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, QUrl

from tests.gui.dragging import drag_enter, drop
from visualad.graph import file
from visualad.gui.files import example_title, examples
from visualad.gui.main_window import MainWindow


def make_dirty(window: MainWindow) -> None:
    window.run("graph.float32")
    assert window.document.is_dirty


@pytest.fixture
def saved(window: MainWindow, tmp_path: Path) -> Path:
    path = tmp_path / "mine.vad"
    window.document.save(path)
    return path


def test_the_title_names_the_file_and_marks_changes(window: MainWindow, saved: Path) -> None:
    assert window.windowTitle() == "mine.vad[*] — VisualAD"
    assert not window.isWindowModified()
    make_dirty(window)
    assert window.isWindowModified()
    window.run("edit.undo")
    assert not window.isWindowModified()


def test_saving_an_example_asks_for_a_name_and_proposes_its_own(
    window: MainWindow, tmp_path: Path
) -> None:
    window.dialogs.path = tmp_path / "copy.vad"  # type: ignore[attr-defined]
    assert window.run("file.save")
    assert window.dialogs.asked == ["save as lecture.vad"]  # type: ignore[attr-defined]
    assert file.load(tmp_path / "copy.vad") == window.document.graph
    assert window.status.saved.text().startswith("Saved")


def test_saving_again_asks_nothing(window: MainWindow, saved: Path) -> None:
    make_dirty(window)
    window.run("file.save")
    assert not window.dialogs.asked  # type: ignore[attr-defined]
    assert file.load(saved).dtype == "float32"


@pytest.mark.parametrize("command", ["file.new", "file.open", "file.quit"])
def test_unsaved_work_is_asked_about_and_cancel_keeps_it(
    window: MainWindow, saved: Path, tmp_path: Path, command: str
) -> None:
    file.save(window.document.graph, tmp_path / "other.vad")
    window.dialogs.path = tmp_path / "other.vad"  # type: ignore[attr-defined]
    make_dirty(window)
    graph = window.document.graph
    window.dialogs.save = "cancel"  # type: ignore[attr-defined]
    window.run(command)
    assert "save mine.vad" in window.dialogs.asked  # type: ignore[attr-defined]
    assert window.document.graph is graph
    assert window.isVisible()


def test_save_in_the_question_saves_first(window: MainWindow, saved: Path) -> None:
    make_dirty(window)
    window.dialogs.save = "save"  # type: ignore[attr-defined]
    window.run("file.new")
    assert len(window.document.graph) == 0
    assert file.load(saved).dtype == "float32"


def test_when_saving_fails_nothing_is_lost(window: MainWindow, tmp_path: Path) -> None:
    make_dirty(window)
    graph = window.document.graph
    window.dialogs.save = "save"  # type: ignore[attr-defined]
    window.dialogs.path = tmp_path / "no such folder" / "a.vad"  # type: ignore[attr-defined]
    window.run("file.new")
    assert window.document.graph is graph
    assert len(window.notifications.notes) == 1


def test_opened_and_saved_files_are_remembered(
    window: MainWindow, saved: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second.vad"
    file.save(window.document.graph, second)
    assert window.files.open(second)
    assert window.recent.paths[:2] == [second, saved]
    menu = window.files._recent_menu
    assert [a.text().split("    ")[0] for a in menu.actions()[:2]] == ["second.vad", "mine.vad"]


def test_a_recent_file_that_is_gone_is_greyed_and_leaves_with_a_sentence(
    window: MainWindow, saved: Path
) -> None:
    window.run("file.new")
    saved.unlink()
    window.files._fill_recent()
    assert not window.files._recent_menu.actions()[0].isEnabled()
    assert not window.files.open(saved)
    assert saved not in window.recent.paths
    assert "mine.vad" in window.notifications.notes[0].sentence


def test_a_broken_file_replaces_nothing(window: MainWindow, tmp_path: Path) -> None:
    broken = tmp_path / "broken.vad"
    broken.write_text("{", encoding="utf-8")
    graph = window.document.graph
    assert not window.files.open(broken)
    assert window.document.graph is graph
    assert len(window.notifications.notes) == 1


def test_a_file_dropped_on_the_window_opens(window: MainWindow, saved: Path) -> None:
    window.run("file.new")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(saved))])
    over = drag_enter(QPointF(20, 20), data)
    window.dragEnterEvent(over)
    assert over.isAccepted()
    window.dropEvent(drop(QPointF(20, 20), data))
    assert window.document.path == saved


def test_other_files_are_not_taken(window: MainWindow, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "song.mp3"))])
    over = drag_enter(QPointF(20, 20), data)
    over.ignore()
    window.dragEnterEvent(over)
    assert not over.isAccepted()


def test_every_example_opens(window: MainWindow) -> None:
    assert examples()[0].name == "lecture.vad"
    assert example_title(Path("two_layers.vad")) == "Two layers"
    for path in examples():
        assert window.files.open_example(path)
        assert len(window.document.graph) > 0
        assert window.document.path is None
        assert not window.document.is_dirty


@pytest.mark.parametrize("ending", [".png", ".svg", ".py", ".tex", ".dot"])
def test_the_graph_is_exported_in_every_format(
    window: MainWindow, qtbot, tmp_path: Path, ending: str
) -> None:
    target = tmp_path / f"graph{ending}"
    window.dialogs.path = target  # type: ignore[attr-defined]
    assert window.run("file.export")
    qtbot.waitUntil(target.exists)  # the kernel makes what is text
    assert target.stat().st_size > 200
    assert not window.notifications.notes


def test_closing_remembers_the_layout(make_window, qtbot) -> None:
    first = make_window()
    first.resize(1000, 700)
    first.docks.toggle("trace")
    assert not first.docks.is_open("trace")
    first.close()
    second = make_window()
    assert not second.docks.is_open("trace")
    second.run("view.reset_layout")
    assert second.docks.is_open("trace")


def test_the_command_of_a_panel_behind_a_tab_brings_it_to_the_front(make_window, qtbot) -> None:
    window = make_window()
    window.docks.fill()
    panel = window.docks.panel("jacobian")
    for _ in range(2):
        window.run("view.panel_jacobian")
        assert window.docks.is_open("jacobian")
        qtbot.waitUntil(lambda: not panel.visibleRegion().isEmpty())
        window.run("view.panel_jacobian")
        assert not window.docks.is_open("jacobian")
