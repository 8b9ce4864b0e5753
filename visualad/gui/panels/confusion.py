"""The confusion matrix: how many samples of each class are taken for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QToolTip, QVBoxLayout, QWidget

from visualad.gui import fonts, theme
from visualad.gui.panels.fields import Choice

ROW, HEAD = 19, 16  # px
LEFT = 46
PARTS = (("test", "test"), ("train", "train"))
TITLE, NOW = "Confusion", "Confusion now"


class Confusion(QWidget):
    """The matrix of the test or the training part, with its title."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confusion")
        self._matrices: Mapping[str, Any] = {}
        self._classes: tuple[str, ...] = ()
        self._chosen = False  # somebody has opened or closed it
        self.button = QToolButton()
        self.button.setObjectName("confusion_button")
        self.button.setToolTip("Which classes are taken for which: rows are the true ones")
        self.button.setFont(fonts.text(12.0, fonts.Weight.DemiBold))
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setStyleSheet(
            "QToolButton { background: transparent; border: none; padding: 2px 0; }"
            "QToolButton:checked { background: transparent; }"
        )
        self.button.clicked.connect(self._choose)
        self.part = Choice("confusion_part", "Part of the data", PARTS, lambda _: self._show())
        self.part.show_data("test")
        self.part.setMaximumWidth(84)
        self.table = ConfusionTable()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button)
        row.addStretch(1)
        row.addWidget(self.part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.table)
        self._open(False)
        self.hide()

    def suggest(self, opened: bool) -> None:
        """Open or close it, unless somebody has decided that."""
        if not self._chosen:
            self._open(opened)

    def _choose(self, opened: bool) -> None:
        self._chosen = True
        self._open(opened)

    def _open(self, opened: bool) -> None:
        self.button.setChecked(opened)
        arrow = Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow
        self.button.setArrowType(arrow)
        self.table.setVisible(opened)
        self.part.setVisible(opened)

    @property
    def is_filled(self) -> bool:
        """Whether there is a matrix."""
        return bool(self._matrices)

    def show_matrices(
        self, matrices: Mapping[str, Any] | None, classes: Sequence[str] = (), title: str = TITLE
    ) -> None:
        """Show the matrix of the part that is chosen."""
        self.button.setText(title)
        self._matrices = matrices or {}
        self._classes = tuple(classes)
        self.setVisible(self.is_filled)
        self._show()

    def _show(self) -> None:
        chosen = str(self.part.currentData())
        matrix = self._matrices.get(chosen, self._matrices.get("train"))
        self.table.show_matrix(None if matrix is None else np.asarray(matrix), self._classes)


class ConfusionTable(QWidget):
    """Rows are true classes, columns answered ones; the deeper a cell the more of its row."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("confusion_table")
        self.setAccessibleName("Confusion matrix")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.matrix = np.zeros((0, 0), dtype=int)
        self.names: tuple[str, ...] = ()
        theme.theme_changed.connect(self.update)

    def show_matrix(self, matrix: np.ndarray | None, classes: Sequence[str]) -> None:
        """Show counts (k, k); without names the classes are −1 and +1, or numbers."""
        before = self.matrix.shape
        self.matrix = np.zeros((0, 0), dtype=int) if matrix is None else matrix
        k = len(self.matrix)
        plain = ("−1", "+1") if k == 2 else tuple(map(str, range(k)))
        self.names = _short(classes) if len(classes) == k else plain
        right = int(np.trace(self.matrix))
        self.setAccessibleDescription(f"{right:,} of {int(self.matrix.sum()):,} right")
        if self.matrix.shape != before:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        k = len(self.matrix)
        return QSize(200, HEAD + (ROW if k <= 4 else 15) * k + 2)

    def _cell(self, row: int, column: int) -> QRectF:
        k = max(len(self.matrix), 1)
        width = (self.width() - LEFT - 1) / k
        height = (self.height() - HEAD - 2) / k
        return QRectF(LEFT + column * width, HEAD + row * height, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        k = len(self.matrix)
        if not k:
            return
        shown = theme.current()
        painter = QPainter(self)
        painter.setFont(fonts.text(11.0))
        metrics = painter.fontMetrics()
        sums = self.matrix.sum(axis=1)
        for row in range(k):
            first = self._cell(row, 0)
            painter.setPen(QColor(shown.text_muted))
            side = QRectF(0, first.top(), LEFT - 6, first.height())
            name = metrics.elidedText(self.names[row], Qt.TextElideMode.ElideRight, LEFT - 6)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(side, flags, name)
            head = self._cell(0, row)
            above = QRectF(head.left(), 0, head.width(), HEAD - 1)
            name = metrics.elidedText(
                self.names[row], Qt.TextElideMode.ElideRight, int(head.width()) - 2
            )
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, name)
            for column in range(k):
                self._paint_cell(painter, row, column, int(sums[row]))
        painter.end()

    def _paint_cell(self, painter: QPainter, row: int, column: int, total: int) -> None:
        shown = theme.current()
        count = int(self.matrix[row, column])
        share = count / total if total else 0.0
        strong = shown.accent if row == column else shown.negative
        cell = self._cell(row, column).adjusted(0.5, 0.5, -0.5, -0.5)
        fill = theme.mixed(shown.surface, strong, 0.75 * share**0.5)
        painter.fillRect(cell, QColor(fill))
        text = f"{count:,}"
        if painter.fontMetrics().horizontalAdvance(text) <= cell.width() - 2 and count:
            light, dark = QColor(shown.text), QColor(shown.on_accent)
            painter.setPen(dark if share > 0.35 else light)
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)

    def event(self, event: Any) -> bool:
        if isinstance(event, QHelpEvent):
            words = self.words_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def words_at(self, place: QPointF) -> str:
        """What the cell at a place says."""
        k = len(self.matrix)
        for row in range(k):
            for column in range(k):
                if self._cell(row, column).contains(place):
                    return (
                        f"{int(self.matrix[row, column]):,} samples of class {self.names[row]} "
                        f"are taken for {self.names[column]}"
                    )
        return ""


def _short(names: Sequence[str]) -> tuple[str, ...]:
    """Without the word that all begin with: "digit 0" to "digit 9" are 0 to 9."""
    first = {name.partition(" ")[0] for name in names}
    rests = [name.partition(" ")[2] for name in names]
    return tuple(rests if len(first) == 1 and all(rests) else names)
