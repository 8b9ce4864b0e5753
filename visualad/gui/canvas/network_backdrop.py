"""What stays while a drawn network changes: frames, names, activations, formulas.

Qt keeps it as a picture, so that thirty frames a second need not write the same words again.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.gui import fonts, theme
from visualad.gui.canvas.network_layout import NetworkLayout
from visualad.gui.canvas.network_parts import NetworkNames, Neuron

TITLE, TEXT, SYMBOL = 13.0, 12.5, 11.5  # px
FRAME = 2.5  # px around a neuron
_CENTRE = Qt.AlignmentFlag.AlignCenter


class NetworkBackdrop(QGraphicsItem):
    """The words and frames of a network."""

    def __init__(self) -> None:
        super().__init__()
        self._layout: NetworkLayout | None = None
        self._names: NetworkNames | None = None
        self._key: object = None
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def show_network(self, layout: NetworkLayout | None, names: NetworkNames | None) -> None:
        """Write the words of a network, if they are other ones than before."""
        key = (layout, names, names.inputs if names is not None else (), theme.current().name)
        if key == self._key:
            return
        self._key = key
        if layout is not self._layout:
            self.prepareGeometryChange()
        self._layout, self._names = layout, names
        self.update()

    def boundingRect(self) -> QRectF:
        return self._layout.rect if self._layout is not None else QRectF()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        layout, names = self._layout, self._names
        if layout is None or names is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = theme.current()
        painter.setFont(fonts.text(TEXT))
        painter.setPen(shown.colour("text_muted"))
        metrics = fonts.metrics(TEXT)
        for column in range(len(layout.sizes)):
            rect = layout.footer(column)
            text = metrics.elidedText(
                names.column(column), Qt.TextElideMode.ElideMiddle, rect.width() - 6
            )
            painter.drawText(rect, _CENTRE, text)
        self._paint_pagers(painter, layout)
        for neuron, square in layout.neurons.items():
            self._paint_neuron(painter, names, neuron, square)

    def _paint_pagers(self, painter: QPainter, layout: NetworkLayout) -> None:
        shown = theme.current()
        for pager in layout.pagers:
            first, count = layout.windows[pager.column]
            total = layout.sizes[pager.column]
            painter.setPen(shown.colour("text_muted"))
            painter.drawText(pager.rect, _CENTRE, f"{first + 1}–{first + count} of {total}")
            for rect, sign, works in (
                (pager.up, "▴", first > 0),
                (pager.down, "▾", first + count < total),
            ):
                painter.setPen(shown.colour("accent" if works else "border"))
                painter.drawText(rect, _CENTRE, sign)

    def _paint_neuron(
        self, painter: QPainter, names: NetworkNames, neuron: Neuron, square: QRectF
    ) -> None:
        shown = theme.current()
        painter.setFont(fonts.text(TITLE, fonts.Weight.DemiBold))
        painter.setPen(shown.colour("text"))
        title = QRectF(square.left() - 40, square.top() - 21, square.width() + 80, 17)
        name = fonts.metrics(TITLE, fonts.Weight.DemiBold).elidedText(
            names.neuron(neuron), Qt.TextElideMode.ElideRight, title.width()
        )
        painter.drawText(title, _CENTRE, name)
        painter.setBrush(shown.colour("surface"))
        painter.setPen(QPen(shown.colour("node_border"), 1.0))
        painter.drawRoundedRect(square.adjusted(-FRAME, -FRAME, FRAME, FRAME), 3, 3)
        symbol = names.symbol(neuron.column)
        if symbol:
            painter.setFont(fonts.text(SYMBOL))
            painter.setPen(shown.colour("text_muted"))
            side = QRectF(square.right() + 6, square.bottom() - 14, 60, 15)
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(side, left, symbol)
