"""Unsaved work that survives a crash: a recovery file for each open document.

`<document id>.vad` holds the graph, `.json` where it came from, `.lock` is held by the program that
has it open. A lock that nobody holds belongs to a program that died. The user's own file is never
touched.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Qt, QTimer, Signal, SignalInstance

from visualad.errors import VisualADError
from visualad.graph import file
from visualad.graph.model import Graph
from visualad.gui.background import LARGE_GRAPH
from visualad.gui.document import Document
from visualad.gui.settings import data_folder

IDLE_MS = 1500  # after the last edit
LATEST_S = 15.0  # an unbroken series of edits is written this often


@dataclass(frozen=True)
class Leftover:
    """Work of a program that ended without being closed.

    Attributes:
        file: the recovery file; path: the user's file it came from, or None.
        title: what the window called it; when: time of the last autosave, seconds since 1970.
    """

    file: Path
    path: Path | None
    title: str
    when: float

    def load(self) -> Graph:
        """The graph as it was.

        Raises:
            FileError: if the recovery file is broken.
        """
        return file.load(self.file)

    def discard(self) -> None:
        """Delete it for good."""
        _remove(self.file)


class Recovery(QObject):
    """Writes the recovery file of a document when it has rested for a moment after an edit.

    Signals:
        failed: it could not be written; one sentence. Said once until it works again.
    """

    failed = Signal(str)
    _written = Signal(object)  # from the thread: the error, or None

    def __init__(
        self, document: Document, folder: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.folder = folder if folder is not None else data_folder() / "recovery"
        self._document = document
        self._lock: QLockFile | None = None
        self._current: Path | None = None
        self._waiting_since: float | None = None
        self._failing = False
        self._beside: _Writing | None = None
        self._written.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.write)
        document.replaced.connect(self.clear)
        document.graph_changed.connect(self._edited)
        document.saved.connect(self.clear)

    @property
    def file(self) -> Path | None:
        """The recovery file in use, or None while there is nothing to lose."""
        return self._current

    def leftovers(self) -> list[Leftover]:
        """Work of programs that died, the latest first."""
        found = []
        for path in self._files():
            lock = QLockFile(str(path.with_suffix(".lock")))
            lock.setStaleLockTime(0)  # age says nothing; a dead owner does
            if path != self._current and lock.tryLock(0):
                lock.unlock()
                found.append(_describe(path))
        return sorted(found, key=lambda leftover: -leftover.when)

    def write(self, *, at_once: bool = False) -> None:
        """Write what the document holds, if it is not saved; a large graph in a thread.

        Args:
            at_once: be done on return, however large it is.
        """
        self._timer.stop()
        if self._beside is not None and self._beside.is_alive():
            if not at_once:
                self._timer.start(IDLE_MS)
                return
            self._beside.join()
        self._waiting_since = None
        if not self._document.is_dirty:
            return
        target = self.folder / f"{self._document.id}.vad"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if target != self._current:
                self._lock = QLockFile(str(target.with_suffix(".lock")))
                self._lock.setStaleLockTime(0)
                self._lock.tryLock(0)
                self._current = target
            path = self._document.path
            about = {
                "path": str(path) if path is not None else None,
                "title": self._document.title,
                "when": time.time(),
            }
            target.with_suffix(".json").write_text(json.dumps(about), encoding="utf-8")
            graph = self._document.kept()
            if len(graph.nodes) > LARGE_GRAPH and not at_once:
                self._beside = _Writing(graph, target, self._written)
                self._beside.start()
                return
            file.save(graph, target)
        except (OSError, VisualADError) as error:
            self._tell(error)
        else:
            self._tell(None)

    def clear(self) -> None:
        """Delete the recovery file: the work is saved, or was given up on purpose."""
        self._timer.stop()
        self._waiting_since = None
        if self._beside is not None:
            self._beside.give_up()
        if self._current is not None:
            _remove(self._current, keep_lock=True)
            self._current = None
        if self._lock is not None:
            self._lock.unlock()  # deletes the lock file
            self._lock = None

    def _tell(self, error: Exception | None) -> None:
        if error is not None and not self._failing:
            self.failed.emit(f"Unsaved work cannot be kept safe in {self.folder} ({error}).")
        self._failing = error is not None

    def _edited(self) -> None:
        if not self._document.is_dirty:  # undone back to what the file holds
            self.clear()
            return
        now = time.monotonic()
        if self._waiting_since is None:
            self._waiting_since = now
        if now - self._waiting_since > LATEST_S:
            self.write()
        else:
            self._timer.start(IDLE_MS)

    def _files(self) -> Iterator[Path]:
        if self.folder.is_dir():
            yield from sorted(self.folder.glob("*.vad"))


class _Writing(threading.Thread):
    """The writing of one large graph, which takes seconds."""

    def __init__(self, graph: Graph, target: Path, written: SignalInstance) -> None:
        super().__init__(name="recovery file")
        self._graph = graph
        self._target = target
        self._written = written
        self._guard = threading.Lock()
        self._wanted = True

    def run(self) -> None:
        error = None
        try:
            file.save(self._graph, self._target)
        except (OSError, VisualADError) as raised:
            error = raised
        with self._guard:
            if not self._wanted:
                _remove(self._target, keep_lock=True)
                return
            self._written.emit(error)

    def give_up(self) -> None:
        """Leave no file, whenever the writing ends."""
        with self._guard:
            self._wanted = False


def _describe(path: Path) -> Leftover:
    try:
        about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        origin = Path(about["path"]) if about["path"] else None
        return Leftover(path, origin, str(about["title"]), float(about["when"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Leftover(path, None, "Untitled", path.stat().st_mtime)


def _remove(path: Path, *, keep_lock: bool = False) -> None:
    endings = (".vad", ".json") if keep_lock else (".vad", ".json", ".lock")
    for ending in endings:
        path.with_suffix(ending).unlink(missing_ok=True)
