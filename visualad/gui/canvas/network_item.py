"""Draws a network neuron by neuron: maps in squares, weights as lines, biases as small marks."""

from __future__ import annotations

import math
import time
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.gui import fonts, theme
from visualad.gui.canvas.network_backdrop import FRAME
from visualad.gui.canvas.network_layout import NetworkLayout
from visualad.gui.canvas.network_parts import Bias, Neuron, Weight
from visualad.gui.network_watch import NetworkWatch
from visualad.ops.writing import number_pretty
from visualad.training.network_state import Column, NetworkState

THIN, THICK = 0.9, 6.5  # px of a line for a weight of 0 and of STRONG or more
STRONG = 4.0
WIDE = 8  # neurons of a layer; with more of them weights are drawn stronger
LEVELS = 200  # of thickness and colour on each side of 0
FULL = 1.0  # magnitude from which on a line or mark has its full colour
_COLOURS = 255  # of a map; the last of a byte's values is for what is no number
_CENTRE = Qt.AlignmentFlag.AlignCenter


class NetworkItem(QGraphicsItem):
    """What changes with every picture, as one item above the backdrop.

    Attributes:
        layout: where everything is; None without a network.
        focused: the neuron that keys move, or None.
    """

    def __init__(self, watch: NetworkWatch) -> None:
        super().__init__()
        self._watch = watch
        self.layout: NetworkLayout | None = None
        self.focused: Neuron | None = None
        self._images: list[QImage | None] = []
        self._seen: NetworkState | None = None
        self._seen_theme = ""
        self._pens: list[QPen] = []

    def set_layout(self, layout: NetworkLayout | None) -> None:
        """Another network, or other neurons of it."""
        self.prepareGeometryChange()
        self.layout = layout
        self._seen, self._pens, self._images = None, [], []
        self.update()

    def boundingRect(self) -> QRectF:
        return self.layout.rect if self.layout is not None else QRectF()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        layout, names = self.layout, self._watch.names
        if layout is None or names is None or self._watch.chain is None:
            return
        began = time.perf_counter()
        self._prepare()
        self._paint_norms(painter, layout)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen, path in zip(self._pens, layout.paths.values(), strict=True):
            painter.setPen(pen)
            painter.drawPath(path)
        lit = [part for part in (self._watch.chosen, self._watch.hovered) if part is not None]
        for part in lit:
            if isinstance(part, Weight) and part in layout.paths:
                self._paint_lit(painter, layout, part)
        for neuron, square in layout.neurons.items():
            self._paint_neuron(painter, neuron, square)
        for part in lit:
            if isinstance(part, Bias):
                mark = layout.bias(part)
                if mark is not None:
                    painter.setPen(QPen(theme.current().colour("accent"), 2))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRect(mark.adjusted(-3, -3, 3, 3))
        self._watch.painting = time.perf_counter() - began

    # What pictures are made of ----------------------------------------------------------------

    def _prepare(self) -> None:
        """Pens and images, once for each state and theme."""
        shown, state = theme.current(), self._watch.state
        if state is self._seen and shown.name == self._seen_theme and self._pens:
            return
        self._seen, self._seen_theme = state, shown.name
        assert self.layout is not None
        columns = state.columns if state is not None else ()
        self._images = [_image(column, shown) for column in columns]
        # Lines stand in the layout as elements in the matrices: layer, output, input.
        links = state.links if state is not None else ()
        values = [np.ravel(each.weights) * self._strength(i) for i, each in enumerate(links)]
        flat = np.concatenate(values) if values else np.zeros(len(self.layout.paths))
        self._pens = [_pen(level, shown.name) for level in _levels(flat)]

    def _strength(self, layer: int) -> float:
        """By how much weights are drawn stronger: those of wide layers are the smaller for it."""
        assert self.layout is not None
        return max(1.0, math.sqrt(max(self.layout.sizes[layer : layer + 2]) / WIDE))

    # Painting ---------------------------------------------------------------------------------

    def _paint_norms(self, painter: QPainter, layout: NetworkLayout) -> None:
        watch, shown = self._watch, theme.current()
        assert watch.names is not None
        painter.setFont(fonts.text(12.0, fonts.Weight.DemiBold))
        painter.setPen(shown.colour("accent"))
        for layer in range(len(layout.sizes) - 1):
            norm = watch.norm(layer)
            if norm is not None and not watch.is_hidden:
                text = f"{watch.names.norm(layer)} {number_pretty(norm, 2)}"
                painter.drawText(layout.header(layer), _CENTRE, text)

    def _paint_lit(self, painter: QPainter, layout: NetworkLayout, weight: Weight) -> None:
        shown = theme.current()
        (level,) = _levels(
            np.array([(self._watch.value(weight) or 0.0) * self._strength(weight.layer)])
        )
        pen = QPen(_pen(level, shown.name))
        halo = QColor(shown.accent)
        halo.setAlpha(70)
        pen.setColor(halo)
        pen.setWidthF(pen.widthF() + 8)
        painter.setPen(pen)
        painter.drawPath(layout.paths[weight])
        own = QPen(_pen(level, shown.name))
        own.setWidthF(own.widthF() + 1)
        painter.setPen(own)
        painter.drawPath(layout.paths[weight])

    def _paint_neuron(self, painter: QPainter, neuron: Neuron, square: QRectF) -> None:
        watch, shown = self._watch, theme.current()
        if neuron in (watch.chosen, watch.hovered, self.focused):
            painter.setBrush(shown.colour("surface"))
            painter.setPen(QPen(shown.colour("accent"), 2.4))
            painter.drawRoundedRect(square.adjusted(-FRAME, -FRAME, FRAME, FRAME), 3, 3)
        state = watch.state
        if state is not None and neuron.column < len(state.columns):
            column = state.columns[neuron.column]
            place = neuron.index - column.first
            if 0 <= place < len(column.scales):
                self._paint_answer(painter, neuron, column, place, square)
        if neuron.column:
            self._paint_bias(painter, Bias(neuron.column - 1, neuron.index))

    def _paint_answer(
        self, painter: QPainter, neuron: Neuron, column: Column, place: int, square: QRectF
    ) -> None:
        image = self._images[neuron.column] if neuron.column < len(self._images) else None
        if image is not None and column.maps is not None:
            side = column.maps.shape[1]
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(square, image, QRectF(0, place * side, side, side))
        elif column.maps is not None:
            _paint_curve(painter, column, place, square)
        else:
            _paint_bar(painter, column, place, square, self._watch.sample)

    def _paint_bias(self, painter: QPainter, bias: Bias) -> None:
        assert self.layout is not None
        mark = self.layout.bias(bias)
        if mark is None:
            return
        shown, value = theme.current(), self._watch.value(bias)
        painter.setPen(QPen(shown.colour("surface"), 1.5))
        painter.setBrush(_colour(0.0 if value is None else value, shown))
        painter.drawRect(mark)


def _colour(value: float, shown: theme.Theme) -> QColor:
    """Orange below 0, blue above, the edges' grey at 0; never too pale to be seen."""
    if not np.isfinite(value):
        return shown.colour("error")
    end = shown.positive if value > 0 else shown.negative
    return QColor(theme.mixed(shown.edge, end, min(abs(value) / FULL, 1.0)))


def _levels(values: np.ndarray) -> list[int]:
    """Weights in steps between which no line looks different: ±LEVELS for ±STRONG and beyond."""
    finite = np.nan_to_num(values, nan=0.0, posinf=STRONG, neginf=-STRONG)
    found: list[int] = np.rint(np.clip(finite / STRONG, -1, 1) * LEVELS).astype(int).tolist()
    return found


@lru_cache(maxsize=4 * LEVELS + 4)
def _pen(level: int, theme_name: str) -> QPen:
    value = level / LEVELS * STRONG
    colour = _colour(value, theme.THEMES[theme_name])
    colour.setAlphaF(0.85)
    pen = QPen(colour, THIN + (THICK - THIN) * abs(level) / LEVELS)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def _image(column: Column, shown: theme.Theme) -> QImage | None:
    """All maps of a column below each other, in heat colours; None for curves and bars."""
    maps = column.maps
    if maps is None or maps.ndim != 3:
        return None
    half = (_COLOURS - 1) / 2
    stretch = (half / column.scales).astype(np.float32)[:, None, None]
    shift = (half - column.centres * half / column.scales).astype(np.float32)[:, None, None]
    # Rows ascend with the second input, pictures go downwards.
    levels = maps[:, ::-1] * stretch + shift
    finite = np.isfinite(levels)
    whole = bool(finite.all())
    levels = np.clip(levels if whole else np.where(finite, levels, 0.0), 0, _COLOURS - 1)
    cells = (levels + 0.5).astype(np.uint8).reshape(-1, maps.shape[2])
    if not whole:
        cells[~finite.reshape(cells.shape)] = _COLOURS
    height, width = cells.shape
    data = cells.tobytes()
    image = QImage(data, width, height, width, QImage.Format.Format_Indexed8)
    image.setColorTable(_colour_table(shown.name))
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


@lru_cache(maxsize=4)
def _colour_table(theme_name: str) -> list[int]:
    """From the negative end to the positive, and last what is no number: nothing."""
    colours = theme.diverging(theme.THEMES[theme_name], _COLOURS)
    return [*(QColor(*map(int, colour)).rgba() for colour in colours), 0]


def _paint_curve(painter: QPainter, column: Column, place: int, square: QRectF) -> None:
    """What a neuron answers along the line of one input."""
    shown = theme.current()
    assert column.maps is not None
    line = column.maps[place]
    heights = np.clip((line - column.centres[place]) / column.scales[place], -1, 1)
    middle = square.center().y()
    painter.setPen(QPen(shown.colour("border"), 1))
    painter.drawLine(QPointF(square.left(), middle), QPointF(square.right(), middle))
    across = np.linspace(square.left() + 2, square.right() - 2, len(line))
    half = square.height() / 2 - 4
    points = [
        QPointF(float(x), middle - half * float(y))
        for x, y in zip(across, heights, strict=True)
        if np.isfinite(y)
    ]
    painter.setPen(QPen(shown.colour("positive"), 2))
    painter.drawPolyline(QPolygonF(points))


def _paint_bar(painter: QPainter, column: Column, place: int, square: QRectF, sample: int) -> None:
    """What a neuron answers to one sample: a bar from the middle, and the number."""
    shown = theme.current()
    answer = float(column.answers[min(sample, len(column.answers) - 1), place])
    share = (answer - column.centres[place]) / column.scales[place]
    share = float(np.clip(share, -1, 1)) if np.isfinite(share) else 0.0
    middle = square.center().y()
    height = share * square.height() / 2
    bar = QRectF(square.left(), middle - max(height, 0.0), square.width(), abs(height))
    colour = QColor(shown.positive if share > 0 else shown.negative)
    colour.setAlphaF(0.28)
    painter.fillRect(bar, colour)
    painter.setPen(QPen(shown.colour("border"), 1))
    painter.drawLine(QPointF(square.left(), middle), QPointF(square.right(), middle))
    painter.setFont(fonts.text(12.5, fonts.Weight.DemiBold))
    painter.setPen(shown.colour("text"))
    painter.drawText(square, _CENTRE, number_pretty(answer, 2))
