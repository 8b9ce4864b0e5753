"""The text of an edge on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.autodiff.steps import MODES
from visualad.graph.folding import EdgeKey
from visualad.gui import fonts, theme

LABEL_LAYER = 3.0
TEXT_SIZE = 12


class LabelItem(QGraphicsItem):
    """The text of an edge, on a patch of background that parts the line below it."""

    def __init__(self, key: EdgeKey) -> None:
        super().__init__()
        self.key = key
        self.lines: tuple[str, ...] = ()
        self._size = (0.0, 0.0)
        self._token = ""
        self._strong = False
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(LABEL_LAYER)

    def show_lines(self, lines: tuple[str, ...], *, token: str = "", strong: bool = False) -> None:
        """Other words, or the same in another colour; `token` "" is the quiet one."""
        if (lines, token, strong) == (self.lines, self._token, self._strong):
            return
        self.prepareGeometryChange()
        self.lines, self._token, self._strong = lines, token, strong
        self._size = text_size(lines, strong=strong)
        self.update()

    def boundingRect(self) -> QRectF:
        width, height = self._size
        return QRectF(-width / 2, -height / 2, width, height)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shown = theme.current()
        area = self.boundingRect()
        halo = shown.colour("background")
        halo.setAlphaF(0.9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(halo)
        painter.drawRoundedRect(area, 4, 4)
        token = self._token or "text_muted"
        painter.setPen(QColor(shown.mode(token)) if token in MODES else shown.colour(token))
        weight = fonts.Weight.DemiBold if self._strong else fonts.Weight.Normal
        painter.setFont(fonts.text(TEXT_SIZE, weight))
        height = (area.height() - 2) / max(len(self.lines), 1)
        for number, line in enumerate(self.lines):
            part = QRectF(area.left(), area.top() + 1 + number * height, area.width(), height)
            painter.drawText(part, Qt.AlignmentFlag.AlignCenter, line)


def text_size(lines: tuple[str, ...], *, strong: bool = False) -> tuple[float, float]:
    """Width and height of an edge's text, with its margin."""
    weight = fonts.Weight.DemiBold if strong else fonts.Weight.Normal
    width = max((fonts.width(line, TEXT_SIZE, weight) for line in lines), default=0.0)
    return width + 8, 15.0 * len(lines) + 2
