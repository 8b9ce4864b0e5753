"""Curves over epochs that may be long: thinned to what is in sight, smoothed, read and exported."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visualad.gui import fonts, theme
from visualad.gui.curves import Column, Smoothed, thinned
from visualad.gui.panels.frames import turns
from visualad.gui.panels.plots import STYLES, bare_plot, cache_axes, paint_axes

MOST_POINTS = 1600  # of a curve, more than a panel is wide
SMALLEST = 1e-300  # what a logarithmic axis can show
LEGEND = 28  # px above a plot that is exported
SCALE = 2.0  # of pictures, for a projector
FAINT = 0.28  # opacity of the numbers behind their average


@dataclass(frozen=True, eq=False)
class Line:
    """A curve.

    Attributes:
        name: in tables and legends.
        x, y: of the same length, x ascending; columns, so that only new points cost time.
        colour: a token of the theme or "#rrggbb"; style: see `STYLES`.
        width: in px.
        smooth: whether it is averaged when smoothing is on.
    """

    name: str
    x: Column
    y: Column
    colour: str
    style: str = "solid"
    width: float = 1.0
    smooth: bool = True


class CurvePlot(QWidget):
    """Curves over one axis, with a cursor.

    Signals:
        pointed: the place under the mouse on the lower axis; NaN when it has left.
        ranged: another part is in sight, so that other points are needed.
    """

    pointed = Signal(float)
    ranged = Signal()

    def __init__(
        self, name: str, label: str, axes: tuple[str, str], parent: QWidget | None = None
    ) -> None:
        """An empty plot with a logarithmic left axis.

        Args:
            axes: titles of the lower and the left axis.
        """
        super().__init__(parent)
        import pyqtgraph

        from visualad.gui.panels.log_axis import EpochAxis, LogAxis

        self.lines: Sequence[Line] = ()
        self.weight = 0.0  # of the moving average
        self.curves: dict[str, Any] = {}  # the items by the name of their line
        self._faint: dict[str, Any] = {}
        self._smoothed: dict[str, Smoothed] = {}
        self._logarithmic = True
        self._shows_all = True
        self._range: tuple[float, float, float, float] | None = None
        axis_items = {"left": LogAxis("left"), "bottom": EpochAxis("bottom")}
        self.plot = plot = bare_plot(name, label, axes, axisItems=axis_items)
        plot.showGrid(x=False, y=True, alpha=0.25)
        self.mark = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self.mark.hide()
        plot.addItem(self.mark, ignoreBounds=True)
        plot.scene().sigMouseMoved.connect(self._point)
        # Nearer by, other points of the curves are needed.
        view = plot.getPlotItem().vb
        view.disableAutoRange()  # it would move axes and grid with every point
        view.sigRangeChangedManually.connect(self._look_closer)
        view.sigXRangeChanged.connect(self._tell_range)
        cache_axes(plot)
        plot.viewport().installEventFilter(self)
        plot.setLogMode(x=False, y=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(plot)
        theme.theme_changed.connect(self.paint_theme)
        self.paint_theme()

    # Drawing ----------------------------------------------------------------------------------

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Draw these; those of before with other names go."""
        self.lines = tuple(lines)
        names = {line.name for line in lines}
        for items in (self.curves, self._faint):
            for name in [name for name in items if name not in names]:
                self.plot.removeItem(items.pop(name))
        self._smoothed = {n: s for n, s in self._smoothed.items() if n in names}
        view = self.plot.getPlotItem().vb
        span = None if self._shows_all else tuple(view.viewRange()[0])
        for line in lines:
            averaged = self.weight > 0 and line.smooth
            if averaged:
                self._draw(self._faint, line, line.y.array, span, faint=True)
            elif line.name in self._faint:
                self.plot.removeItem(self._faint.pop(line.name))
            self._draw(self.curves, line, self.values(line), span)
        if self._shows_all:
            self._show_extent()

    def _show_extent(self) -> None:
        """Show all curves; with room to grow, so that the axes seldom change."""
        data = [item.getOriginalDataset() for item in self.curves.values()]
        data += [item.getOriginalDataset() for item in self._faint.values()]
        places = [x for x, _ in data if x is not None and len(x)]
        values = [y[np.isfinite(y)] for _, y in data if y is not None]
        values = [np.log10(y) if self._logarithmic else y for y in values if len(y)]
        if not places or not values:
            return
        last = max(float(x[-1]) for x in places)
        low, high = min(float(y.min()) for y in values), max(float(y.max()) for y in values)
        span = max(high - low, 1e-12 + 1e-3 * abs(high))
        held = self._range
        # A range that is held is good as long as the curves fill most of it. Each axis for itself:
        # to paint one anew takes longer than the curves.
        wide, tall = (0.0, max(1.2 * last, 1.0)), (low - 0.06 * span, high + 0.06 * span)
        if held is not None and 0.75 * held[1] <= last <= held[1]:
            wide = held[:2]
        if held is not None and (
            held[2] <= low <= held[2] + 0.2 * span and held[3] - 0.2 * span <= high <= held[3]
        ):
            tall = held[2:]
        held = (*wide, *tall)
        if held == self._range:
            return
        is_new, self._range = self._range is None, held
        if is_new or not self.isVisible():
            self.draw_now()
        else:  # axes take longer to paint than curves: not in the same turn
            turns().enter(self)

    def draw_now(self) -> None:
        """Show the range that is held."""
        held = self._range
        if held is not None and self._shows_all:
            self.plot.setRange(xRange=held[:2], yRange=held[2:], padding=0, disableAutoRange=True)

    def _look_closer(self, *_: object) -> None:
        """The user has moved or zoomed the view, which stays so now."""
        self._shows_all = False

    def values(self, line: Line) -> Any:
        """What is drawn of a line: its numbers or their average."""
        if self.weight <= 0 or not line.smooth:
            return line.y.array
        return self._smoothed.setdefault(line.name, Smoothed()).of(line.y, self.weight)

    def set_log(self, logarithmic: bool) -> None:
        """Whether the left axis is logarithmic; shows all of the curves again."""
        if logarithmic != self._logarithmic:
            self._logarithmic = logarithmic
            self.plot.setLogMode(x=False, y=logarithmic)
            self.show_all()

    def show_all(self) -> None:
        """Show all of the curves again."""
        self._shows_all, self._range = True, None
        self.show_lines(self.lines)

    def set_title(self, title: str) -> None:
        """The title of the left axis."""
        self.plot.setLabel("left", title)

    def _draw(
        self, items: dict[str, Any], line: Line, values: Any, span: Any, *, faint: bool = False
    ) -> None:
        if line.name not in items:
            items[line.name] = self.plot.plot([], [], antialias=True, connect="finite")
            items[line.name].setZValue(-1 if faint else 0)
        item = items[line.name]
        x, y = thinned(line.x.array[: len(values)], values, MOST_POINTS, span)
        if self._logarithmic:
            y = np.where(y > SMALLEST, y, np.nan)
        item.setData(x, y)
        self._paint(item, line, faint=faint)

    def _paint(self, item: Any, line: Line, *, faint: bool) -> None:
        import pyqtgraph

        colour = QColor(resolved(line.colour))
        if faint:
            colour.setAlphaF(FAINT)
        pen = pyqtgraph.mkPen(colour, width=line.width, style=STYLES[line.style])
        if item.opts["pen"] != pen:
            item.setPen(pen)

    def paint_theme(self) -> None:
        """Take up the colours of the theme."""
        import pyqtgraph

        paint_axes(self.plot)
        style = STYLES["dot"]
        self.mark.setPen(pyqtgraph.mkPen(theme.current().text_muted, width=1, style=style))
        for line in self.lines:
            for items, faint in ((self.curves, False), (self._faint, True)):
                if line.name in items:
                    self._paint(items[line.name], line, faint=faint)

    # The cursor -------------------------------------------------------------------------------

    def _tell_range(self, *_: object) -> None:
        self.ranged.emit()

    def _point(self, place: QPointF) -> None:
        if self.lines and self.plot.sceneBoundingRect().contains(place):
            self.pointed.emit(self.plot.getPlotItem().vb.mapSceneToView(place).x())

    def show_cursor(self, place: float) -> None:
        """Put the line there; hide it for NaN."""
        self.mark.setVisible(not math.isnan(place))
        if not math.isnan(place):
            self.mark.setPos(place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.show_cursor(math.nan)
            self.pointed.emit(math.nan)
        return super().eventFilter(watched, event)

    # Exporting --------------------------------------------------------------------------------

    def rows(self, names: Mapping[str, str] | None = None) -> Iterator[Sequence[object]]:
        """Every point as a table: one column for each line, or one row for each point.

        Args:
            names: of lines that may differ in x; then there is a row for each point.
        """
        lines = self.lines
        if names is None:
            yield ("epoch", *(line.name for line in lines))
            columns = [line.y for line in lines]
            for x, *values in zip(lines[0].x if lines else (), *columns, strict=True):
                yield (x, *map(_written, values))
        else:
            yield ("run", "epoch", "value")
            for line in lines:
                for x, value in zip(line.x, line.y, strict=True):
                    yield (names[line.name], x, _written(value))


def nearest(column: Column, place: float) -> int:
    """The index of the number in an ascending column that lies nearest."""
    numbers = column.array
    after = int(np.searchsorted(numbers, place))
    if after == 0:
        return 0
    if after == len(numbers) or place - numbers[after - 1] <= numbers[after] - place:
        return after - 1
    return after


def resolved(colour: str) -> str:
    """A colour, or the theme's for a token."""
    return colour if colour.startswith("#") else str(getattr(theme.current(), colour))


def write_picture(plot: Any, legend: Sequence[tuple[str, str]], path: Path) -> None:
    """Write a plot with its legend above, as .png or, with lines as lines, as .svg.

    Args:
        plot: a `pyqtgraph.PlotWidget`.
        legend: texts and their colours, tokens or "#rrggbb".

    Raises:
        OSError: if the file cannot be written.
    """
    size = QSize(plot.width(), plot.height() + LEGEND)
    if path.suffix.lower() == ".svg":
        from PySide6.QtSvg import QSvgGenerator

        with path.open("wb"):
            pass  # the generator does not say when it cannot write
        drawing = QSvgGenerator()
        drawing.setFileName(str(path))
        drawing.setSize(size)
        drawing.setViewBox(QRectF(QPointF(0, 0), size))
        drawing.setTitle(plot.accessibleName())
        _draw_picture(QPainter(drawing), plot, legend)
        return
    image = QImage(size * SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)
    _draw_picture(QPainter(image), plot, legend)
    if not image.save(str(path)):
        raise OSError(5, "the picture could not be stored")


def _draw_picture(painter: QPainter, plot: Any, legend: Sequence[tuple[str, str]]) -> None:
    ground = QRectF(0, 0, plot.width(), plot.height() + LEGEND)
    painter.fillRect(ground, QColor(theme.current().surface))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(fonts.text(12.5, fonts.Weight.DemiBold))
    x = 14.0
    for text, colour in legend:
        painter.setPen(QColor(resolved(colour)))
        painter.drawText(QPointF(x, LEGEND - 8), text)
        x += painter.fontMetrics().horizontalAdvance(text) + 18
    cache_axes(plot, cached=False)  # lines and letters, not a picture of them
    plot.render(painter, QRectF(0, LEGEND, plot.width(), plot.height()), plot.rect())
    cache_axes(plot)
    painter.end()


def _written(value: float) -> str:
    return "" if math.isnan(value) else repr(value)
