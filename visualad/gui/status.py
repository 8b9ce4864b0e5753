"""The status bar: the last remark, whether all is saved, how large the graph is."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton

from visualad.gui.document import Document
from visualad.gui.session import Session

REMARK_MS = 5000
SLOW_MS = 600  # computing longer than this is told, with a way to stop it


class StatusBar(QStatusBar):
    """Remarks at the left; at the right "Saved 2 s ago" and "9 nodes · 10 edges".

    Signals:
        slow_changed: computing takes so long that it is told, or does so no more.
    """

    slow_changed = Signal()

    def __init__(self, document: Document, session: Session, stop) -> None:
        super().__init__()
        self.setObjectName("status_bar")
        self.setAccessibleName("Status")
        self.setSizeGripEnabled(False)
        self._document = document
        self._session = session
        self._saved_at: float | None = None
        self.computing = QToolButton()
        self.computing.setObjectName("status_computing")
        self.computing.setText("Computing… Stop")
        self.computing.setAccessibleName("Stop computing")
        self.computing.setAutoRaise(True)
        self.computing.clicked.connect(stop)
        self.computing.hide()
        self.saved = QLabel()
        self.saved.setObjectName("status_saved")
        self.saved.setIndent(8)
        self.size_ = QLabel()
        self.size_.setObjectName("status_size")
        self.size_.setIndent(14)
        for widget in (self.computing, self.saved, self.size_):
            self.addPermanentWidget(widget)
        self.setContentsMargins(8, 0, 14, 0)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tell_saved)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_MS)
        self._slow.timeout.connect(self._show_slow)
        document.graph_changed.connect(self.refresh)
        document.dirty_changed.connect(self.refresh)
        document.saved.connect(self._note_saved)
        document.replaced.connect(self._forget_saved)
        self.refresh()

    def say(self, sentence: str) -> None:
        """Show a remark for some seconds."""
        self.showMessage(sentence, REMARK_MS)

    def set_busy(self, busy: bool) -> None:
        """Tell that something is being computed if it takes long."""
        if not busy:
            self._slow.stop()
            if not self.computing.isHidden():
                self.computing.hide()
                self.slow_changed.emit()
        elif not self._slow.isActive():
            self._slow.start()

    def _show_slow(self) -> None:
        self.computing.show()
        self.slow_changed.emit()

    def stop(self) -> None:
        """Stop all timers: the window closes."""
        self._clock.stop()
        self._slow.stop()

    def refresh(self) -> None:
        """Show size and state as they are."""
        graph = self._document.graph
        nodes, edges = len(graph), len(graph.sources)
        self.size_.setText(f"{_count(nodes, 'node')} · {_count(edges, 'edge')}")
        self._tell_saved()

    def _note_saved(self) -> None:
        self._saved_at = time.monotonic()
        self._clock.start()
        self._tell_saved()

    def _forget_saved(self) -> None:
        self._saved_at = None
        self._clock.stop()

    def _tell_saved(self) -> None:
        if self._document.is_dirty:
            self.saved.setText("Not saved")
        elif self._saved_at is None:
            self.saved.setText("")
        else:
            seconds = time.monotonic() - self._saved_at
            self.saved.setText(f"Saved {ago(seconds)}")
            self._clock.setInterval(1000 if seconds < 60 else 15_000)


def ago(seconds: float) -> str:
    """How long ago, in words: "2 s ago"."""
    if seconds < 1:
        return "just now"
    if seconds < 60:
        return f"{int(seconds)} s ago"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    return f"{int(seconds // 3600)} h ago"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
