"""All runs of a sweep in one picture: parallel axes for the settings, and one for the loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualad.gui import fonts, theme
from visualad.gui.panels.log_ticks import log_ticks
from visualad.gui.panels.sweep_model import loss, sort_key
from visualad.ops.writing import number_pretty
from visualad.training.grid.plan import Value, value_text
from visualad.training.grid.worker import DONE, Result

TOP, BOTTOM, SIDE = 14.0, 26.0, 46.0
REACH = 6.0  # px from a line that count as on it
MOST_DRAWN = 5000
Align = Qt.AlignmentFlag


class SweepPicture(QWidget):
    """Each run is a line from its settings to its loss, the lower the bluer.

    Signals:
        picked: a run that was clicked.
    """

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sweep_picture")
        self.setAccessibleName("Settings and loss of all runs")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self._names: tuple[str, ...] = ()
        self._results: list[Result] = []
        self._chosen: Result | None = None
        self._values: list[list[Value]] = []
        self._range = (0.0, 1.0)
        self._lines: QPixmap | None = None
        theme.theme_changed.connect(self._forget)

    def show_results(self, names: Sequence[str], results: Sequence[Result]) -> None:
        """Show these runs."""
        self._names, self._results = tuple(names), list(results)[-MOST_DRAWN:]
        columns = [
            dict.fromkeys(result.case.values[place][1] for result in self._results)
            for place in range(len(self._names))
        ]
        self._values = [_ordered(list(column)) for column in columns]
        logs = [math.log10(loss(r)) for r in self._results if 0 < loss(r) < math.inf]
        low, high = (min(logs), max(logs)) if logs else (-1.0, 0.0)
        margin = 0.05 * (high - low) or 0.1
        self._range = low - margin, high + margin
        self._forget()

    def choose(self, result: Result | None) -> None:
        """Bring a run out."""
        self._chosen = result
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, 220)

    # Places -----------------------------------------------------------------------------------

    def _axes(self) -> list[float]:
        """Where the axes stand: settings, then the loss."""
        count = len(self._names)
        left, right = SIDE, max(self.width() - SIDE - 18, SIDE + 40)
        return [left + (right - left) * i / max(count, 1) for i in range(count + 1)]

    def _height(self, share: float) -> float:
        return self.height() - BOTTOM - share * (self.height() - TOP - BOTTOM)

    def points(self, result: Result) -> list[QPointF]:
        """The corners of a run's line."""
        axes = self._axes()
        found = []
        for place, (_, value) in enumerate(result.case.values):
            known = self._values[place]
            share = (known.index(value) + 0.5) / len(known)
            found.append(QPointF(axes[place], self._height(share)))
        found.append(QPointF(axes[-1], self._height(self._share(result))))
        return found

    def _share(self, result: Result) -> float:
        """Where on the axis of the loss: a run without one stands at the top."""
        number = loss(result)
        if result.status != DONE or not 0 < number < math.inf:
            return 1.0
        low, high = self._range
        return (math.log10(number) - low) / (high - low)

    # Painting ---------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._lines = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._results:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ratio = self.devicePixelRatioF()
        if self._lines is None or self._lines.size() != self.size() * ratio:
            self._lines = QPixmap(self.size() * ratio)
            self._lines.setDevicePixelRatio(ratio)
            self._lines.fill(Qt.GlobalColor.transparent)
            layer = QPainter(self._lines)
            layer.setRenderHint(QPainter.RenderHint.Antialiasing)
            # The best come last, so that they lie on top.
            for result in sorted(self._results, key=self._share, reverse=True):
                self._paint_line(layer, result, 1.3)
            layer.end()
        painter.setOpacity(0.25 if self._chosen is not None else 1.0)
        painter.drawPixmap(0, 0, self._lines)
        painter.setOpacity(1.0)
        if self._chosen is not None:
            self._paint_line(painter, self._chosen, 2.6)
        self._paint_axes(painter)
        painter.end()

    def _paint_line(self, painter: QPainter, result: Result, width: float) -> None:
        shown = theme.current()
        share = self._share(result)
        if result.status == DONE:
            colour = QColor(theme.mixed(shown.positive, shown.negative, share))
        else:
            colour = QColor(shown.error)
        style = Qt.PenStyle.SolidLine if result.status == DONE else Qt.PenStyle.DashLine
        painter.setPen(QPen(colour, width, style))
        painter.drawPolyline(QPolygonF(self.points(result)))
        painter.setBrush(colour)
        painter.drawEllipse(self.points(result)[-1], width + 0.8, width + 0.8)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_axes(self, painter: QPainter) -> None:
        shown = theme.current()
        axes = self._axes()
        for place, name in enumerate((*self._names, "loss")):
            x = axes[place]
            painter.setPen(QPen(QColor(shown.edge), 1.2))
            painter.drawLine(QPointF(x, self._height(0.0)), QPointF(x, self._height(1.0)))
            painter.setPen(QColor(shown.text))
            painter.setFont(fonts.text(11.5, fonts.Weight.DemiBold))
            room = axes[1] - axes[0] - 4
            words = painter.fontMetrics().elidedText(
                name.replace("_", " "), Qt.TextElideMode.ElideRight, round(room)
            )
            title = QRectF(x - room / 2, self.height() - BOTTOM + 6, room, 16)
            painter.drawText(title, Align.AlignCenter, words)
            painter.setFont(fonts.text(11.0))
            if place < len(self._names):
                known = self._values[place]
                most = max(1, round((self.height() - TOP - BOTTOM) / 15))
                every = math.ceil(len(known) / most)
                marks = [
                    (self._height((i + 0.5) / len(known)), _short(value))
                    for i, value in enumerate(known)
                    if i % every == 0
                ]
                self._paint_marks(painter, x, marks, right=False)
            else:
                self._paint_losses(painter, x)

    def _paint_losses(self, painter: QPainter, x: float) -> None:
        low, high = self._range
        size = self.height() - TOP - BOTTOM
        marks = [
            (self._height((mark - low) / (high - low)), number_pretty(10**mark, 2))
            for mark in log_ticks(low, high, size)
        ]
        if any(result.status != DONE for result in self._results):
            marks = [mark for mark in marks if mark[0] > self._height(1.0) + 14]
            marks.append((self._height(1.0), "failed"))
        self._paint_marks(painter, x, marks, right=True)

    def _paint_marks(
        self, painter: QPainter, x: float, marks: Sequence[tuple[float, str]], *, right: bool
    ) -> None:
        shown = theme.current()
        metrics = painter.fontMetrics()
        for y, text in marks:
            width = metrics.horizontalAdvance(text) + 6
            side = QRectF(x + 6 if right else x - 6 - width, y - 8, width, 16)
            veil = QColor(shown.panel)
            veil.setAlphaF(0.8)
            painter.fillRect(side, veil)
            painter.setPen(QColor(shown.error if text == "failed" else shown.text_muted))
            painter.drawText(side, Align.AlignCenter, text)
            painter.setPen(QPen(QColor(shown.edge), 1.2))
            painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y))

    # The mouse --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self.run_at(event.position()))

    def run_at(self, position: QPointF) -> Result | None:
        """The run whose line is nearest to a place, the better one of several; None far away."""
        near = [(self._distance(result, position), result) for result in self._results]
        near = [(distance, result) for distance, result in near if distance <= REACH]
        found = min(near, key=lambda pair: (round(pair[0]), loss(pair[1])), default=None)
        return None if found is None else found[1]

    def _distance(self, result: Result, at: QPointF) -> float:
        corners = self.points(result)
        best = math.inf
        for start, stop in pairwise(corners):
            if start.x() <= at.x() <= stop.x() and stop.x() > start.x():
                share = (at.x() - start.x()) / (stop.x() - start.x())
                best = min(best, abs(start.y() + share * (stop.y() - start.y()) - at.y()))
        end = corners[-1]
        return min(best, math.hypot(end.x() - at.x(), end.y() - at.y()))


def _short(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else value_text(value)


def _ordered(values: list[Value]) -> list[Value]:
    try:
        return sorted(values, key=sort_key)
    except TypeError:
        return sorted(values, key=str)
