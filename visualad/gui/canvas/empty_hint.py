"""What an empty canvas says."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from visualad.gui import fonts, theme

_LINES = ("Drag a node here, press Tab to search,", "or type a formula above.")


class EmptyHint(QWidget):
    """Two lines in the middle of the view, through which the mouse goes."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._canvas = view
        self.setObjectName("canvas_hint")
        self.setAccessibleName(" ".join(_LINES))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(420, 80)

    def place(self) -> None:
        """Stay in the middle."""
        area = self._canvas.rect()
        self.move(area.center() - self.rect().center())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.current().colour("text_muted"))
        painter.setFont(fonts.text(15))
        for number, line in enumerate(_LINES):
            area = QRectF(0, 12 + 28 * number, self.width(), 26)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, line)
        painter.end()
