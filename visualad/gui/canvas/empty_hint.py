"""What an empty canvas says, and the map of a large graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from visualad.gui import fonts, icons, theme

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

_LINES = ("Drag a node here, press Tab to search,", "or type a formula above.")


class EmptyHint(QWidget):
    """Two lines in the middle of the view, through which the mouse goes, and a network to begin.

    Attributes:
        start: the button that makes the network.
    """

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._canvas = view
        self.start = QPushButton("Begin with a network that learns", view)
        self.start.setObjectName("empty_start")
        self.start.setIcon(icons.icon("train"))
        self.start.setToolTip("The network, data and rules of TensorFlow Playground")
        self.start.clicked.connect(lambda: view.command_requested.emit("file.new_playground"))
        self.start.adjustSize()
        self.setObjectName("canvas_hint")
        self.setAccessibleName(" ".join(_LINES))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(420, 80)

    def place(self) -> None:
        """Stay in the middle."""
        area = self._canvas.rect()
        self.move(area.center() - self.rect().center())
        middle = self.geometry().center().x() - self.start.width() // 2
        self.start.move(middle, self.geometry().bottom() + 6)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.start.show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.start.hide()

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

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view.viewport())
        view.add_overlay(self)
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
