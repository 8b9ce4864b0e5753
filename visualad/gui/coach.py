"""The hint of the first start: what to press, pointing at it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QPushButton, QWidget

from visualad.gui import fonts, theme

ARROW = 8


class CoachMark(QWidget):
    """A bubble that points up at a widget; it goes when the user has done what it says."""

    dismissed = Signal()

    def __init__(self, target: QWidget, words: str) -> None:
        super().__init__(target.window())
        self.setObjectName("coach_mark")
        self.setAccessibleName(words)
        self._target = target
        self.label = QLabel(words)
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setFont(fonts.text(13.0))
        button = QPushButton("Got it")
        button.setObjectName("coach_mark_dismiss")
        button.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10 + ARROW, 10, 10)
        row.setSpacing(14)
        row.addWidget(self.label)
        row.addWidget(button)
        self._window = target.window()
        self._window.installEventFilter(self)
        theme.theme_changed.connect(self._paint)
        self._paint()
        self.adjustSize()
        self.place()
        self.show()
        self.raise_()

    def dismiss(self) -> None:
        """Take it away for good."""
        self._window.removeEventFilter(self)
        self.hide()
        self.dismissed.emit()
        self.deleteLater()

    def place(self) -> None:
        """Put it under what it points at, inside the window, over no panel if there is room."""
        self.adjustSize()
        middle = self._target.mapTo(self._window, self._target.rect().center())
        bottom = self._target.mapTo(self._window, QPoint(0, self._target.height())).y()
        left = min(middle.x() - self.width() // 2, self._window.width() - self.width() - 8)
        stage = self._window.centralWidget() if isinstance(self._window, QMainWindow) else None
        if stage is not None and stage.width() > self.width() + 8:
            left = min(left, stage.geometry().right() - self.width() - 8)
            left = max(left, stage.geometry().left() + 8)
        # The arrow must end between its round corners.
        least = middle.x() + 3 * ARROW - self.width()
        self.move(max(8, left, least), bottom + 2)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self.place()
            self.raise_()  # what is laid out may have come in front
        return False

    def _paint(self) -> None:
        colours = theme.current()
        self.label.setStyleSheet(f"color: {colours.text};")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        tip = self._target.mapTo(self._window, self._target.rect().center()).x() - self.x()
        box = QRectF(self.rect()).adjusted(0.5, ARROW + 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(box, 7, 7)
        arrow = QPainterPath(QPointF(tip - ARROW, ARROW + 1))
        arrow.lineTo(tip, 1)
        arrow.lineTo(tip + ARROW, ARROW + 1)
        arrow.closeSubpath()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.colour("accent"), 1))
        painter.setBrush(colours.colour("surface"))
        painter.drawPath(shape.united(arrow))
