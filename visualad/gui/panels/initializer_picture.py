"""What an initialiser does, as a picture: how the weights of a layer are spread."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualad.gui import fonts, theme
from visualad.training.initializers import initial_layer

REACH = 1.5  # the axis goes from minus to plus so much, for all of them
BINS = 61
DRAWN = 4000  # weights that a histogram is made of

WORDS = {
    "default": "He for rectifiers, Glorot for all else.",
    "glorot": "Uniform within ±√(6/(in + out)): values and gradients keep their size.",
    "he": "Normal with variance 2/in: makes up for what a rectifier cuts off.",
    "lecture": "0.01 times normal: neurons start nearly alike and learn slowly.",
    "zeros": "All weights 0: the neurons of a layer stay alike for ever.",
    "playground": "Uniform within ±½, bias 0.1, whatever the width.",
}
TITLES = {
    "default": "default",
    "glorot": "Glorot",
    "he": "He",
    "lecture": "0.01·random",
    "zeros": "zeros",
    "playground": "Playground",
}


@lru_cache(maxsize=64)
def histogram(name: str, activation: str, inputs: int, outputs: int) -> np.ndarray:
    """Shares of the weights in bins over ±REACH, (BINS,), for layers of this size."""
    random = np.random.default_rng(0)
    layers = max(1, DRAWN // (inputs * outputs))
    drawn = [initial_layer(name, activation, random, inputs, outputs)[0] for _ in range(layers)]
    weights = np.concatenate([W.ravel() for W in drawn])
    counts, _ = np.histogram(np.clip(weights, -REACH, REACH), BINS, (-REACH, REACH))
    return counts / counts.sum()


def draw_histogram(painter: QPainter, shares: np.ndarray, area: QRectF) -> None:
    """A filled outline over a base line; the highest bin reaches the top."""
    shown = theme.current()
    painter.setPen(QPen(QColor(shown.border), 1.0))
    painter.drawLine(area.bottomLeft(), area.bottomRight())
    painter.drawLine(
        QPointF(area.center().x(), area.top()), QPointF(area.center().x(), area.bottom())
    )
    # The root keeps a low wide spread visible beside a spike.
    heights = np.sqrt(shares / max(float(shares.max()), 1e-12))
    step = area.width() / len(shares)
    points = [area.bottomLeft()]
    for number, height in enumerate(heights):
        y = area.bottom() - float(height) * area.height()
        points += [
            QPointF(area.left() + number * step, y),
            QPointF(area.left() + (number + 1) * step, y),
        ]
    points.append(area.bottomRight())
    fill = QColor(shown.parameter)
    fill.setAlpha(70)
    painter.setBrush(fill)
    painter.setPen(QPen(QColor(shown.parameter), 1.2))
    painter.drawPolygon(QPolygonF(points))


def initializer_icon(
    name: str, activation: str, inputs: int, outputs: int, ratio: float = 1.0
) -> QIcon:
    """The picture in the size of a menu entry."""
    size = QSize(46, 18)
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = QRectF(1, 2, size.width() - 2, size.height() - 4)
    draw_histogram(painter, histogram(name, activation, inputs, outputs), area)
    painter.end()
    return QIcon(pixmap)


class InitializerPicture(QWidget):
    """The histogram with its axis."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("initializer_picture")
        self.setAccessibleName("How the first weights are spread")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._shown: tuple[str, str, int, int] = ("default", "tanh", 2, 4)
        theme.theme_changed.connect(self.update)

    def show_initializer(self, name: str, activation: str, inputs: int, outputs: int) -> None:
        """Show the weights of a layer of this size."""
        self._shown = (name, activation, inputs, outputs)
        self.setAccessibleDescription(WORDS.get(name, name))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(150, 64)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(2, 4, -2, -18)
        draw_histogram(painter, histogram(*self._shown), area)
        painter.setFont(fonts.text(10.5))
        painter.setPen(QColor(theme.current().text_muted))
        below = QRectF(area.left(), area.bottom() + 2, area.width(), 14)
        for flag, text in (
            (Qt.AlignmentFlag.AlignLeft, f"−{REACH:g}"),
            (Qt.AlignmentFlag.AlignHCenter, "0"),
            (Qt.AlignmentFlag.AlignRight, f"{REACH:g}"),
        ):
            painter.drawText(below, flag, text)
        painter.end()
