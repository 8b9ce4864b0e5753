"""A film is drawn in a process of its own, so that the window goes on meanwhile.

The process is a fresh Python that is given a `Task` on its standard input, draws without a display
and tells on its standard output how far it is, line by line: `progress 3 40`, then `written` or
`failed` with a sentence. When its input ends it stops and writes nothing.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QProcess, QProcessEnvironment, QTimer, Signal

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui.film import draw_film
from visualad.gui.film_stage import Wanted
from visualad.plugins import load_plugins

PATIENCE_MS = 3000  # that it gets to stop by itself
STOPPED = "stopped"


@dataclass(frozen=True)
class Task:
    """What is drawn.

    Attributes:
        graph: with its point; wanted: which derivative; path: of the file; theme: its name.
        plugin_paths: further plugins; with_plugins: whether any are needed.
    """

    graph: Graph
    wanted: Wanted
    path: Path
    theme: str
    plugin_paths: tuple[str, ...] = ()
    with_plugins: bool = False


class FilmProcess(QObject):
    """Draws one film; goes when it has ended.

    Signals:
        progress: how many of how many pictures are done.
        ended: "" when the file is written, `STOPPED`, or the sentence that says why not.
    """

    progress = Signal(int, int)
    ended = Signal(str)

    def __init__(self, task: Task, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._outcome: str | None = None
        self._is_stopping = False
        self._rest = b""
        self._process = QProcess(self)
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.timeout.connect(self._process.kill)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        self._process.setStandardErrorFile(QProcess.nullDevice())
        environment = QProcessEnvironment.systemEnvironment()
        if sys.platform.startswith("linux"):
            environment.insert("QT_QPA_PLATFORM", "offscreen")
        self._process.setProcessEnvironment(environment)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.errorOccurred.connect(self._fail)
        self._process.finished.connect(self._finish)
        code = (
            f"import sys; sys.path[:] = {sys.path!r}; "
            f"from visualad.gui.film_process import main; main()"
        )
        self._process.start(sys.executable, ["-c", code])
        content = pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL)
        self._process.write(QByteArray(len(content).to_bytes(8, "big") + content))

    @property
    def is_running(self) -> bool:
        """Whether it draws."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def stop(self) -> None:
        """Have it stop and write nothing."""
        if not self._is_stopping:
            self._is_stopping = True
            self._process.closeWriteChannel()
            self._limit.start(PATIENCE_MS)

    def kill(self) -> None:
        """End it at once: the window closes."""
        self.blockSignals(True)
        self._is_stopping = True
        self._process.kill()
        self._process.waitForFinished(PATIENCE_MS)

    def _read(self) -> None:
        said = self._rest + bytes(self._process.readAllStandardOutput().data())
        *lines, self._rest = said.split(b"\n")
        for line in lines:
            what, _, words = line.decode("utf-8", errors="replace").strip().partition(" ")
            if what == "progress":
                done, total = words.split()
                self.progress.emit(int(done), int(total))
            elif what == "written":
                self._outcome = ""
            elif what == "failed":
                self._outcome = str(json.loads(words))

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._outcome = (
                f"The film cannot be drawn, since Python does not start ({sys.executable})."
            )
            self._finish()

    def _finish(self, *_: object) -> None:
        self._limit.stop()
        self._read()
        outcome = self._outcome
        if self._is_stopping and outcome != "":
            outcome = STOPPED
        elif outcome is None:
            outcome = (
                f"The film was not written: the process that draws it ended with status "
                f"{self._process.exitCode()}; try again, or use visualad convert."
            )
        self.ended.emit(outcome)
        self.deleteLater()


# In the process -------------------------------------------------------------------------------


def main() -> None:
    """Draw the film of the task on standard input."""
    told, source = os.fdopen(os.dup(1), "w", encoding="utf-8"), sys.stdin.buffer
    os.dup2(2, 1)  # what a plugin prints is no message

    def tell(line: str) -> None:
        told.write(line + "\n")
        told.flush()

    size = int.from_bytes(source.read(8), "big")
    content = source.read(size)
    if len(content) < size or not size:
        return
    stopped = threading.Event()

    def wait() -> None:
        source.read()
        stopped.set()

    threading.Thread(target=wait, daemon=True).start()
    status = 1
    try:
        task: Task = pickle.loads(content)
        if task.with_plugins:
            load_plugins(task.plugin_paths)
        draw_film(
            task.graph,
            task.wanted,
            task.path,
            task.theme,
            lambda done, total: tell(f"progress {done} {total}"),
            stopped.is_set,
        )
        tell("written")
        status = 0
    except VisualADError as error:
        tell(f"failed {json.dumps(error.message)}")
        status = 0
    finally:
        told.close()
        os._exit(status)  # the thread waits for the end of the input
