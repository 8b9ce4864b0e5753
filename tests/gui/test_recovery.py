from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from visualad.graph import edits, file
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.gui.background import LARGE_GRAPH
from visualad.gui.document import Document
from visualad.gui.main_window import MainWindow
from visualad.gui.recovery import Recovery

DIES = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from visualad.graph import edits, file
from visualad.gui.document import Document
from visualad.gui.recovery import Recovery

app = QCoreApplication([])
document = Document()
document.open(sys.argv[1])
recovery = Recovery(document, Path(sys.argv[2]))
document.apply("Rename", lambda graph: edits.rename(graph, "x1", "precious"))
recovery.write()
os._exit(9)
"""


def rename(graph: Graph) -> Graph:
    return edits.rename(graph, "x1", "a")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recovery"


@pytest.fixture
def recovery(document: Document, folder: Path) -> Iterator[Recovery]:
    made = Recovery(document, folder)
    yield made
    made.clear()


def files(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.glob("*")) if folder.is_dir() else []


def die(path: Path, folder: Path) -> None:
    """A program that is killed with unsaved work."""
    done = subprocess.run([sys.executable, "-c", DIES, str(path), str(folder)], check=False)
    assert done.returncode == 9


def test_work_is_written_when_the_user_rests(
    recovery: Recovery, document: Document, folder: Path, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualad.gui.recovery.IDLE_MS", 20)
    assert files(folder) == []
    document.apply("Rename", rename)
    qtbot.waitUntil(lambda: files(folder) == [".json", ".lock", ".vad"])


def test_a_saved_document_needs_no_recovery(
    recovery: Recovery, document: Document, folder: Path, tmp_path: Path
) -> None:
    document.apply("Rename", rename)
    recovery.write()
    document.save(tmp_path / "mine.vad")
    assert files(folder) == []


def test_undoing_everything_leaves_nothing_to_recover(
    recovery: Recovery, document: Document, folder: Path
) -> None:
    document.apply("Rename", rename)
    recovery.write()
    document.undo()
    assert files(folder) == []


def test_the_work_of_a_living_program_is_not_offered(
    recovery: Recovery, document: Document, folder: Path
) -> None:
    document.apply("Rename", rename)
    recovery.write()
    other = Recovery(Document(), folder)
    assert other.leftovers() == []


def test_the_work_of_a_program_that_died_is_offered_until_it_is_given_up(
    document: Document, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.vad"
    document.save(path)
    die(path, folder)
    recovery = Recovery(document, folder)
    (leftover,) = recovery.leftovers()
    assert (leftover.path, leftover.title) == (path, "mine.vad")
    assert "precious" in leftover.load()
    leftover.discard()
    assert recovery.leftovers() == []
    assert files(folder) == []


def test_recovered_work_survives_a_second_crash(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "mine.vad"
    window.document.save(path)
    window.run("file.new")
    die(path, window.recovery.folder)
    window.dialogs.recovery = "recover"  # type: ignore[attr-defined]
    window.files.offer_recovery()
    assert "precious" in window.document.graph
    assert window.document.path == path
    assert window.document.is_dirty
    # As if this program died too: its own recovery file stands beside a lock that nobody holds.
    kept = window.recovery.file
    assert kept is not None
    assert kept.exists()
    assert len(list(window.recovery.folder.glob("*.vad"))) == 1


def test_later_keeps_the_work_for_the_next_start(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "mine.vad"
    window.document.save(path)
    die(path, window.recovery.folder)
    window.files.offer_recovery()
    assert len(window.recovery.leftovers()) == 1


@pytest.fixture
def large(document: Document) -> Document:
    names = "\n".join(f"y{number} = sin(x{number})" for number in range(LARGE_GRAPH // 2 + 1))
    document.apply("Grow", lambda _graph: parse(names))
    return document


def test_a_large_graph_is_written_beside_the_window(
    recovery: Recovery, large: Document, qtbot
) -> None:
    recovery.write()
    assert recovery.file is not None
    assert not recovery.file.exists()  # it takes a while, and the caller goes on
    qtbot.waitUntil(recovery.file.exists, timeout=30_000)
    assert file.load(recovery.file) == large.graph


def test_a_large_graph_that_is_saved_meanwhile_leaves_nothing(
    recovery: Recovery, large: Document, folder: Path, qtbot
) -> None:
    recovery.write()
    recovery.clear()
    qtbot.waitUntil(
        lambda: not any(thread.name == "recovery file" for thread in threading.enumerate()),
        timeout=30_000,
    )
    assert files(folder) == []


def test_a_folder_that_cannot_be_written_is_told_once(
    document: Document, tmp_path: Path, qtbot
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    recovery = Recovery(document, blocked / "recovery")
    document.apply("Rename", rename)
    with qtbot.waitSignal(recovery.failed):
        recovery.write()
    with qtbot.assertNotEmitted(recovery.failed):
        recovery.write()
    recovery.clear()
