"""Long work beside the window: it is waited for, and what it raises is raised here."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from visualad.errors import FileError
from visualad.graph import file
from visualad.graph.model import Graph
from visualad.gui import document as document_module
from visualad.gui import files
from visualad.gui.background import done_beside
from visualad.gui.document import Document
from visualad.gui.main_window import MainWindow


def test_the_window_goes_on_while_work_is_done_beside_it(qapp) -> None:
    painted, here = threading.Event(), threading.current_thread()

    def work() -> bool:
        assert threading.current_thread() is not here
        return painted.wait(10)

    QTimer.singleShot(0, painted.set)
    assert done_beside(work)


def test_an_error_of_the_work_is_raised_where_it_is_waited_for(qapp) -> None:
    def work() -> None:
        raise FileError("The disk is full.")

    with pytest.raises(FileError, match="disk is full"):
        done_beside(work)


def test_a_large_file_opens_beside_the_window(
    window: MainWindow, tmp_path: Path, lecture: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGE_FILE", 10)
    path = tmp_path / "large.vad"
    file.save(lecture, path)
    assert window.files.open(path)
    assert window.document.path == path
    assert window.document.graph == lecture
    assert not window.document.is_dirty


def test_a_large_graph_is_saved_beside_the_window(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_module, "LARGE_GRAPH", 1)
    path = tmp_path / "large.vad"
    document.save(path)
    assert file.load(path) == document.graph
    with pytest.raises(FileError):
        document.save(tmp_path / "nowhere" / "large.vad")
    assert document.path == path
