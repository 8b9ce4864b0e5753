"""When a panel is drawn: not for every message, and only while it can be seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget


class Frames(QTimer):
    """Draws a panel some time after something changed, at once when it comes into sight.

    Args:
        panel: whose sight it is; also the parent.
        draw: brings the panel up to date.
        every: at most so often, in milliseconds.
    """

    def __init__(self, panel: QWidget, draw: Callable[[], object], every: int) -> None:
        super().__init__(panel)
        self._panel = panel
        self._draw = draw
        self.setSingleShot(True)
        self.setInterval(every)
        self.timeout.connect(draw)
        panel.installEventFilter(self)

    def later(self, *_: object) -> None:
        """Something changed."""
        if self._panel.isVisible() and not self.isActive():
            self.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._draw()
        elif event.type() == QEvent.Type.Hide:
            self.stop()
        return False
