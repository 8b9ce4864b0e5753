"""The picture of what a network answers: a plane in heat colours, or a curve over one input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualad.gui import fonts, theme
from visualad.gui.canvas.heat import picture
from visualad.gui.canvas.network_parts import Neuron
from visualad.gui.network_watch import NetworkWatch
from visualad.gui.panels.dataset_picture import point_colour
from visualad.ops.writing import number_pretty
from visualad.training.datasets import CLASSIFICATION, Dataset

MOST_POINTS = 1500


@dataclass(frozen=True, eq=False)
class NeuronMap:
    """What one neuron answers, to be shown in place of the network's output.

    Attributes:
        name: of the neuron; values: (rows, columns) or (n,), as of the output.
        centre, scale: where the colours are neutral, and how far from there they end.
    """

    name: str
    values: np.ndarray
    centre: float
    scale: float


def map_of(watch: NetworkWatch) -> NeuronMap | None:
    """The map of the neuron under the mouse; None where there is none."""
    part, state, names = watch.hovered, watch.state, watch.names
    if not isinstance(part, Neuron) or state is None or names is None:
        return None
    column = state.columns[part.column]
    place = part.index - column.first
    if column.maps is None or not 0 <= place < len(column.maps):
        return None
    centre, scale = float(column.centres[place]), float(column.scales[place])
    return NeuronMap(names.neuron_in_layer(part), column.maps[place], centre, scale)


class DecisionMap(QWidget):
    """The picture itself.

    Attributes:
        columns: number of inputs of the data, 0 without data; scale: where the colours end.
        threshold: above it the answer is the upper class; discretized: only two colours.
        neuron: whose answer is shown in place of the network's, or None.

    Signals:
        pointed: what the network answers under the mouse, in words; "" when there is nothing.
    """

    pointed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("decision_map")
        self.setAccessibleName("Output of the network over its inputs")
        self.setMinimumSize(120, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self._train: Dataset | None = None
        self._test: Dataset | None = None
        self._bounds: tuple[tuple[float, float], ...] = ()
        self._heights = (-1.0, 1.0)  # what a curve's axis spans: the targets with a margin
        self._predictions: np.ndarray | None = None
        self.neuron: NeuronMap | None = None
        self._image: QImage | None = None
        self._points: QPixmap | None = None  # drawn once: hundreds of dots take tens of ms
        self._with_test = True
        self.columns = 0
        self.scale = 1.0
        self.threshold = 0.0
        self.discretized = False
        theme.theme_changed.connect(self._forget_points)
        theme.theme_changed.connect(self._repaint)

    def show_data(
        self,
        data: Dataset,
        train: Dataset,
        test: Dataset,
        bounds: tuple[tuple[float, float], ...] | None = None,
    ) -> None:
        """Show other points; the axes span the bounds, or else the data's own."""
        before = self.columns, self._bounds
        self._train, self._test = train, test
        self.columns = data.x.shape[1]
        self._bounds = data.bounds() if bounds is None else bounds
        if data.y.size:
            low, high = float(data.y[:, 0].min()), float(data.y[:, 0].max())
            margin = 0.12 * (high - low) or 1.0
            self._heights = low - margin, high + margin
        reach = float(np.abs(data.y).max()) if data.y.size else 1.0
        # One scale for all of a run, so that colours can be compared over time.
        self.scale = reach or 1.0
        if (self.columns, self._bounds) != before:  # else the answer is what it was
            self._predictions = None
        self._forget_points()
        self._repaint()

    def show_predictions(self, predictions: np.ndarray | None) -> None:
        """Show the network's output: (rows, columns) for two inputs, (n,) for one."""
        if predictions is not None and predictions.ndim != self.columns:
            predictions = None
        self._predictions = predictions
        self._repaint()

    def show_neuron(self, neuron: NeuronMap | None) -> None:
        """Show what a neuron answers, or the network again for None."""
        fits = neuron is not None and neuron.values.ndim == self.columns
        self.neuron = neuron if fits else None
        self._repaint()

    @property
    def shown(self) -> np.ndarray | None:
        """The numbers that are drawn: the network's output, or a neuron's."""
        return self._predictions if self.neuron is None else self.neuron.values

    def show_test(self, shown: bool) -> None:
        """Draw the points that are kept for testing too, or not."""
        if shown != self._with_test:
            self._with_test = shown
            self._forget_points()
            self.update()

    def discretize(self, wanted: bool, threshold: float = 0.0) -> None:
        """Show only on which side of the threshold the answer lies, or its shades."""
        if (wanted, threshold) != (self.discretized, self.threshold):
            self.discretized, self.threshold = wanted, threshold
            self._repaint()

    @property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """What the axes span."""
        return self._bounds

    def sizeHint(self) -> QSize:
        return QSize(270, 270)

    def _repaint(self) -> None:
        self._image = None
        if self.shown is not None and self.columns == 2:
            neuron = self.neuron
            cells = self.shown if neuron is None else self.shown - neuron.centre
            scale = self.scale if neuron is None else neuron.scale
            if self.discretized:
                middle = self.threshold if neuron is None else 0.0
                sides = np.where(cells > middle, scale, -scale)
                cells = np.where(np.isfinite(cells), sides, np.nan)
            # Rows ascend with the second input, pictures go downwards.
            self._image = picture(np.ascontiguousarray(cells[::-1]), scale, theme.current())
        self.update()

    def area(self) -> QRectF:
        """Where the map is drawn: a square for two inputs, all for a curve."""
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.columns == 1:
            return rect.adjusted(36, 4, -4, -20)
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(rect.center())
        return square

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.columns == 2:
            self._paint_plane(painter)
        elif self.columns == 1:
            self._paint_curve(painter)
        painter.end()

    def _paint_plane(self, painter: QPainter) -> None:
        shown = theme.current()
        area = self.area()
        if self._image is not None:
            smooth = QPainter.RenderHint.SmoothPixmapTransform
            painter.setRenderHint(smooth, not self.discretized)
            hatch = QBrush(QColor(shown.error), Qt.BrushStyle.BDiagPattern)
            painter.fillRect(area, hatch)
            painter.drawImage(area, self._image)
        else:
            painter.fillRect(area, QColor(shown.surface))
        painter.setPen(QColor(shown.border))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        self._draw_points(painter, area, self._paint_plane_points)

    def _forget_points(self) -> None:
        self._points = None

    def _draw_points(
        self, painter: QPainter, area: QRectF, paint: Callable[[QPainter, QRectF], None]
    ) -> None:
        """The data, from the picture of them if they look as when it was made."""
        ratio = self.devicePixelRatioF()
        size = self.size() * ratio
        if self._points is None or self._points.size() != size:
            self._points = QPixmap(size)
            self._points.setDevicePixelRatio(ratio)
            self._points.fill(Qt.GlobalColor.transparent)
            layer = QPainter(self._points)
            layer.setRenderHint(QPainter.RenderHint.Antialiasing)
            layer.setClipRect(area)
            paint(layer, area)
            layer.end()
        painter.drawPixmap(0, 0, self._points)

    def _paint_plane_points(self, painter: QPainter, area: QRectF) -> None:
        (left, right), (low, high) = self._bounds
        for data, filled in ((self._test, False), (self._train, True)):
            if data is None or (not filled and not self._with_test):
                continue
            across = (data.x[:MOST_POINTS, 0] - left) / (right - left)
            up = (data.x[:MOST_POINTS, 1] - low) / (high - low)
            room = area.width() / (80 if len(data) <= 300 else 105)
            radius = min(max(room, 1.4), 4.2)
            has_classes = data.task == CLASSIFICATION
            for x, y, target in zip(across, up, data.y[:MOST_POINTS, 0], strict=False):
                place = QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())
                if has_classes:
                    colour = self._class_colour(float(target))
                else:
                    colour = point_colour(float(target) / self.scale)
                self._paint_point(painter, place, colour, radius, filled=filled)

    def _class_colour(self, target: float) -> QColor:
        shown = theme.current()
        return QColor(shown.positive if target > 0 else shown.negative)

    def _paint_point(
        self, painter: QPainter, place: QPointF, colour: QColor, radius: float, *, filled: bool
    ) -> None:
        """A dot with a halo, so that it is seen on its own colour."""
        halo = QColor(theme.current().surface)
        if filled:
            painter.setPen(QPen(halo, radius / 3))
            painter.setBrush(colour)
        else:
            painter.setPen(QPen(colour, radius / 2.6))
            painter.setBrush(halo)
        painter.drawEllipse(place, radius, radius)

    def _paint_curve(self, painter: QPainter) -> None:
        shown = theme.current()
        area = self.area()
        (left, right), (low, high) = self._bounds[0], self._heights
        assert self._train is not None
        painter.fillRect(area, QColor(shown.surface))
        painter.setPen(QColor(shown.border))
        painter.drawRect(area)
        painter.setFont(fonts.text(11.0))
        painter.setPen(QColor(shown.text_muted))
        right_top = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
        bottom_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        side = QRectF(0, area.top(), area.left() - 5, area.height())
        painter.drawText(side, right_top, number_pretty(high, 2))
        painter.drawText(side, bottom_right, number_pretty(low, 2))
        below = QRectF(area.left(), area.bottom() + 3, area.width(), 16)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, number_pretty(left, 2))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, number_pretty(right, 2))
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._train.input_names[0])
        painter.setClipRect(area)

        self._draw_points(painter, area, self._paint_curve_points)
        if self.shown is not None and self.shown.ndim == 1:
            across = np.linspace(left, right, len(self.shown))
            points = [
                self._place(area, float(x), float(y))
                for x, y in zip(across, self.shown, strict=True)
                if np.isfinite(y)
            ]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(shown.surface), 5))
            painter.drawPolyline(QPolygonF(points))
            painter.setPen(QPen(QColor(shown.negative), 2.2))
            painter.drawPolyline(QPolygonF(points))

    def _paint_curve_points(self, painter: QPainter, area: QRectF) -> None:
        for data, filled in ((self._test, False), (self._train, True)):
            if data is not None and (filled or self._with_test):
                for x, y in zip(data.x[:MOST_POINTS, 0], data.y[:MOST_POINTS, 0], strict=False):
                    spot = self._place(area, float(x), float(y))
                    self._paint_point(painter, spot, self._class_colour(1.0), 3.0, filled=filled)

    def _place(self, area: QRectF, x: float, y: float) -> QPointF:
        (left, right), (low, high) = self._bounds[0], self._heights
        across = (x - left) / (right - left)
        up = (y - low) / (high - low)
        return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())

    def reading_at(self, position: QPointF) -> str:
        """Inputs and output of the network under the mouse."""
        area = self.area()
        shown_map = self.shown
        if shown_map is None or not area.contains(position):
            return ""
        x = (position.x() - area.left()) / area.width()
        y = (area.bottom() - position.y()) / area.height()
        inputs = [self._bounds[0][0] + x * (self._bounds[0][1] - self._bounds[0][0])]
        column = min(round(x * (shown_map.shape[-1] - 1)), shown_map.shape[-1] - 1)
        if self.columns == 2:
            inputs.append(self._bounds[1][0] + y * (self._bounds[1][1] - self._bounds[1][0]))
            row = round(y * (shown_map.shape[0] - 1))
            output = shown_map[row, column]
        else:
            output = shown_map[column]
        shown = ", ".join(number_pretty(number, 3) for number in inputs)
        return f"at ({shown}) the network answers {number_pretty(output, 3)}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self.reading_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit("")
