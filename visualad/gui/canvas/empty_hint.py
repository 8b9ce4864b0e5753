"""What an empty canvas says, and the map of a large graph."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

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


class MapHint(QLabel):
    """A line at the bottom of the map of a large graph: where the numbers are."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._canvas = view
        self.setObjectName("map_hint")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setContentsMargins(10, 4, 10, 4)
        self.show_theme()
        self.hide()

    def follow(self, nodes: int) -> None:
        """Say it for so many nodes; 0 where nodes can be read."""
        if nodes:
            words = f"{nodes:,} nodes as a map: zoom in for names, values and derivatives"
            if words != self.text():
                self.setText(words)
                self.setAccessibleName(words)
            self.place()
        self.setVisible(bool(nodes))

    def place(self) -> None:
        """Stay at the bottom, at the left."""
        self.adjustSize()
        self.move(12, self._canvas.height() - self.height() - 12)

    def show_theme(self) -> None:
        """In the colours of the theme."""
        shown = theme.current()
        self.setFont(fonts.text(13))
        self.setStyleSheet(
            f"#map_hint {{ background: {shown.surface}; color: {shown.text_muted};"
            f" border: 1px solid {shown.border}; border-radius: 5px; }}"
        )
