"""Parts of the panel for pictures: a pad to draw on, pixels, bars, heat strips."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualad.gui import fonts, theme
from visualad.gui.canvas.heat import picture
from visualad.ops.writing import name_pretty, number_pretty

SUPPLE = 4  # points of the drawing for each pixel of the picture
BRUSH = 0.055  # radius, of the side
ROW = 17  # px of a bar

Align = Qt.AlignmentFlag


class DrawingPad(QWidget):
    """A square on which the mouse draws; the right button erases.

    Attributes:
        drawing: 0 to 1, (rows, columns), `SUPPLE` times the pixels of the picture; None while
            nothing is drawn.

    Signals:
        drawn: something was drawn or erased.
    """

    drawn = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("image_pad")
        self.setAccessibleName("Draw a picture here with the mouse")
        self.setToolTip("Draw with the mouse; the right button erases")
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(110, 110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._shape = (8, 8)
        self._ink = np.zeros((32, 32))
        self._shown: np.ndarray | None = None  # pixels of a sample
        self._last: QPointF | None = None
        self._erases = False
        theme.theme_changed.connect(self.update)

    @property
    def drawing(self) -> np.ndarray | None:
        """What is drawn."""
        return self._ink if self._ink.any() else None

    def set_shape(self, shape: tuple[int, int]) -> None:
        """Draw pictures with so many rows and columns."""
        if shape != self._shape:
            self._shape = shape
            self.clear()

    def clear(self) -> None:
        """Nothing is drawn any more."""
        self._ink = np.zeros((self._shape[0] * SUPPLE, self._shape[1] * SUPPLE))
        self._shown = None
        self.update()

    def show_pixels(self, pixels: np.ndarray) -> None:
        """Show a sample; drawing then begins anew."""
        self._ink = np.zeros_like(self._ink)
        self._shown = pixels
        self.update()

    def area(self) -> QRectF:
        """The square in which is drawn."""
        rows, columns = self._shape
        scale = min(self.width() / columns, self.height() / rows)
        area = QRectF(0, 0, columns * scale - 2, rows * scale - 2)
        area.moveCenter(QRectF(self.rect()).center())
        return area

    def sizeHint(self) -> QSize:
        return QSize(170, 170)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self._erases = event.button() == Qt.MouseButton.RightButton
            self._shown = None
            self._last = event.position()
            self._line(event.position(), event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            self._line(self._last, event.position())
            self._last = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._last = None

    def _line(self, start: QPointF, stop: QPointF) -> None:
        """Ink along a line, with soft edges."""
        area = self.area()
        height, width = self._ink.shape
        scale = width / area.width()
        ends = [
            ((p.x() - area.left()) * scale, (p.y() - area.top()) * scale) for p in (start, stop)
        ]
        (x0, y0), (x1, y1) = ends
        y, x = np.mgrid[0:height, 0:width] + 0.5
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length if length else 0.0
        share = np.clip(along, 0.0, 1.0)
        distance = np.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0))
        radius = BRUSH * max(height, width)
        if self._erases:
            self._ink = np.where(distance < 2 * radius, 0.0, self._ink)
        else:
            self._ink = np.maximum(self._ink, np.clip(radius + 0.5 - distance, 0.0, 1.0))
        self.update()
        self.drawn.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = theme.current()
        area = self.area()
        cells = self._ink if self._shown is None else self._shown
        if self._shown is None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, ink_picture(cells))
        rows, columns = self._shape
        line = QColor(shown.border)
        line.setAlphaF(0.6)
        painter.setPen(QPen(line, 1))
        if max(rows, columns) <= 16:  # finer ones would hide what is drawn
            for row in range(1, rows):
                y = area.top() + area.height() * row / rows
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            for column in range(1, columns):
                x = area.left() + area.width() * column / columns
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setPen(QPen(QColor(shown.border), 1))
        painter.drawRect(area)
        if self._shown is None and not self._ink.any():
            painter.setPen(QColor(shown.text_muted))
            painter.setFont(fonts.text(12.5))
            painter.drawText(area, Align.AlignCenter, "draw here")
        painter.end()


class Pixels(QWidget):
    """The picture as the network sees it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("image_pixels")
        self.setAccessibleName("The picture as the network sees it")
        self.setToolTip("The picture as the network sees it")
        self.setFixedSize(84, 84)
        self.cells: np.ndarray | None = None
        theme.theme_changed.connect(self.update)

    def show_pixels(self, cells: np.ndarray | None) -> None:
        """Show pixels from 0 to 1."""
        self.cells = cells
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = QRectF(self.rect()).adjusted(0, 0, -1, -1)
        if self.cells is not None:
            painter.drawImage(area, ink_picture(self.cells))
        painter.setPen(QColor(theme.current().border))
        painter.drawRect(area)
        painter.end()


class Bars(QWidget):
    """A bar for each class; the highest stands out, and the right one has a mark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("image_bars")
        self.setAccessibleName("What the network takes the picture for")
        self.names: tuple[str, ...] = ()
        self.scores: tuple[float, ...] = ()
        self._certain = True
        self._label = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.theme_changed.connect(self.update)

    def show_scores(
        self, names: tuple[str, ...], scores: tuple[float, ...], certain: bool, label: int
    ) -> None:
        """Show a score for each class; `label` is the number of the right one, or -1."""
        if len(names) != len(self.names):
            self.updateGeometry()
        self.names, self.scores, self._certain, self._label = names, scores, certain, label
        words = [f"{n} {self._text(s)}" for n, s in zip(names, scores, strict=False)]
        self.setAccessibleDescription(", ".join(words))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, max(len(self.names), 2) * ROW + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _text(self, score: float) -> str:
        return f"{score:.1%}" if self._certain else number_pretty(score, 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(fonts.text(12.0))
        metrics = painter.fontMetrics()
        shown = theme.current()
        widest = max((metrics.horizontalAdvance(name) for name in self.names), default=0)
        left = min(widest + 22, round(self.width() * 0.42))
        right = 52
        best = int(np.argmax(self.scores)) if self.scores else -1
        scale = 1.0 if self._certain else max((abs(s) for s in self.scores), default=1.0) or 1.0
        room = max(self.width() - left - right, 10)
        for row, name in enumerate(self.names):
            line = QRectF(0, 2 + row * ROW, self.width(), ROW)
            score = self.scores[row] if row < len(self.scores) else 0.0
            strong = row == best
            painter.setFont(
                fonts.text(12.0, fonts.Weight.DemiBold if strong else fonts.Weight.Normal)
            )
            painter.setPen(QColor(shown.text if strong else shown.text_muted))
            words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left - 20)
            middle = Align.AlignVCenter
            box = QRectF(14, line.top(), left - 18, ROW)
            painter.drawText(box, middle | Align.AlignLeft, words)
            if row == self._label:
                painter.setPen(QColor(shown.success))
                painter.drawText(QRectF(0, line.top(), 14, ROW), middle | Align.AlignLeft, "✓")
            track = QRectF(left, line.top() + 4, room, ROW - 8)
            painter.fillRect(track, QColor(shown.hover))
            bar = QRectF(track)
            bar.setWidth(room * min(max(score / scale, 0.0), 1.0))
            wrong = self._label >= 0 and strong and row != self._label
            painter.fillRect(bar, QColor(shown.error if wrong else shown.accent))
            painter.setPen(QColor(shown.text if strong else shown.text_muted))
            text = QRectF(left + room, line.top(), right, ROW)
            if row < len(self.scores):
                painter.drawText(text, middle | Align.AlignRight, self._text(score))
        painter.end()


class Strips(QWidget):
    """The activations of each layer as a strip of heat colours, each on a scale of its own."""

    HEIGHT = 30

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("image_strips")
        self.setAccessibleName("Activations of the layers")
        self.setMouseTracking(True)
        self.layers: tuple[tuple[str, np.ndarray], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.theme_changed.connect(self.update)

    def show_layers(self, layers: tuple[tuple[str, np.ndarray], ...]) -> None:
        """Show values by name, (n,) each."""
        if len(layers) != len(self.layers):
            self.updateGeometry()
        self.layers = layers
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, max(len(self.layers), 1) * self.HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _strip(self, row: int) -> QRectF:
        return QRectF(34, row * self.HEIGHT + 3, max(self.width() - 35, 10), 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = theme.current()
        for row, (name, values) in enumerate(self.layers):
            strip = self._strip(row)
            painter.setFont(fonts.text(12.0, fonts.Weight.DemiBold))
            painter.setPen(QColor(shown.text))
            box = QRectF(0, strip.top(), 32, strip.height())
            painter.drawText(box, Align.AlignVCenter | Align.AlignLeft, name_pretty(name))
            finite = values[np.isfinite(values)]
            scale = float(np.abs(finite).max()) if finite.size else 0.0
            painter.drawImage(strip, picture(values[None, :], scale or 1.0, shown))
            painter.setPen(QColor(shown.border))
            painter.drawRect(strip)
            painter.setFont(fonts.text(10.5))
            painter.setPen(QColor(shown.text_muted))
            below = QRectF(strip.left(), strip.bottom(), strip.width(), 12)
            low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
            words = f"{number_pretty(low, 3)} … {number_pretty(high, 3)}"
            painter.drawText(below, Align.AlignVCenter | Align.AlignLeft, f"{len(values)} values")
            painter.drawText(below, Align.AlignVCenter | Align.AlignRight, words)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = int(event.position().y() // self.HEIGHT)
        words = ""
        if 0 <= row < len(self.layers):
            name, values = self.layers[row]
            strip = self._strip(row)
            place = int((event.position().x() - strip.left()) / strip.width() * len(values))
            if 0 <= place < len(values):
                words = f"{name_pretty(name)}[{place}] = {number_pretty(values[place])}"
        self.setToolTip(words)

    def leaveEvent(self, event: QEvent) -> None:
        self.setToolTip("")


def ink_picture(cells: np.ndarray) -> QImage:
    """Pixels from 0 (paper) to 1 (ink) in the colours of the theme."""
    shown = theme.current()
    paper, ink = (
        np.array([QColor(c).red(), QColor(c).green(), QColor(c).blue()], dtype=float)
        for c in (shown.surface, shown.text)
    )
    share = np.clip(cells, 0.0, 1.0)[..., None]
    rgb = (paper + share * (ink - paper)).round().astype(np.uint8)
    height, width = cells.shape
    data = np.ascontiguousarray(rgb).tobytes()
    return QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
