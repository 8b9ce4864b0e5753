"""Plots in the colours of the theme. pyqtgraph is slow to import, so it is when one is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visualad.gui import fonts, theme
from visualad.gui.panels.parts import Text

STYLES = {
    "solid": Qt.PenStyle.SolidLine,
    "dash": Qt.PenStyle.DashLine,
    "dot": Qt.PenStyle.DotLine,
    "dashdot": Qt.PenStyle.DashDotLine,
}


@dataclass(frozen=True)
class Curve:
    """How a curve is drawn: colour token, "solid", "dash", "dot" or "dashdot", symbols or none."""

    token: str
    style: str = "solid"
    symbol: str = ""
    width: float = 2.0


def bare_plot(name: str, label: str, axes: tuple[str, str], **more: Any) -> Any:
    """A `pyqtgraph.PlotWidget` without its menu and buttons.

    Args:
        axes: titles of the lower and the left axis.
        more: for pyqtgraph, such as `axisItems`.
    """
    import pyqtgraph

    plot = pyqtgraph.PlotWidget(enableMenu=False, **more)
    # pyqtgraph makes its own menu all the same, which must go when the plot goes.
    unused = plot.getPlotItem().ctrlMenu
    unused.setParent(plot, unused.windowFlags())
    plot.setObjectName(name)
    plot.setAccessibleName(label)
    plot.hideButtons()
    for side, title in zip(("bottom", "left"), axes, strict=True):
        plot.setLabel(side, title)
        plot.getPlotItem().getAxis(side).enableAutoSIPrefix(False)
    return plot


def cache_axes(plot: Any, *, cached: bool = True) -> None:
    """Whether the axes are painted from a picture of them, until they change; grids too."""
    for side in ("left", "bottom"):
        axis = plot.getPlotItem().getAxis(side)
        mode = axis.CacheMode.DeviceCoordinateCache if cached else axis.CacheMode.NoCache
        axis.setCacheMode(mode)


def paint_axes(plot: Any) -> None:
    """Give a plot's ground and axes the colours of the theme."""
    import pyqtgraph

    shown = theme.current()
    plot.setBackground(shown.surface)
    for side in ("left", "bottom"):
        axis = plot.getPlotItem().getAxis(side)
        axis.setPen(pyqtgraph.mkPen(shown.border))
        axis.setTextPen(pyqtgraph.mkPen(shown.text_muted))
        axis.setTickFont(fonts.text(11.0))
        axis.label.setFont(fonts.text(11.0))


class LogPlot(QWidget):
    """Curves over two logarithmic axes, with a vertical line that can be dragged.

    Signals:
        dragged: where the line stands now, as a number of the lower axis.
    """

    dragged = Signal(float)

    def __init__(
        self,
        name: str,
        label: str,
        axes: tuple[str, str],
        *,
        line: bool = False,
        apart: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """An empty plot.

        Args:
            axes: titles of the lower and the left axis.
            line: whether there is a line to drag.
            apart: whether the marks of the left axis keep a distance where they are many.
        """
        super().__init__(parent)
        import pyqtgraph

        self._looks: dict[str, Curve] = {}
        self._curves: dict[str, Any] = {}
        from visualad.gui.panels.log_axis import LogAxis

        more = {"axisItems": {"left": LogAxis("left")}} if apart else {}
        self.plot = plot = bare_plot(name, label, axes, **more)
        plot.setMouseEnabled(x=False, y=False)
        plot.setLogMode(x=True, y=True)
        plot.showGrid(x=True, y=True, alpha=0.18)
        self._line = None
        if line:
            self._line = pyqtgraph.InfiniteLine(angle=90, movable=True)
            self._line.sigPositionChanged.connect(self._tell)
            plot.addItem(self._line, ignoreBounds=True)
            plot.scene().sigMouseClicked.connect(self._clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(plot)
        self.words = Text("", "text_muted", parent=plot)
        self.words.setObjectName(f"{name}_words")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        self.words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words.hide()
        # The part between the axes follows the widget only when it is laid out.
        plot.getPlotItem().vb.sigResized.connect(self._place_words)
        self.setMinimumSize(160, 120)
        theme.theme_changed.connect(self.paint_theme)
        self.paint_theme()

    def say(self, words: str) -> None:
        """Write why there is no curve where the curves would be; "" when there are some."""
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self._place_words()

    def _place_words(self, *_: object) -> None:
        if not self.words.isHidden():
            inside = self.plot.getPlotItem().vb.sceneBoundingRect().toRect()
            self.words.setGeometry(inside.adjusted(10, 4, -10, -4))

    def show_curve(self, name: str, look: Curve, x: Any, y: Any) -> None:
        """Draw a curve, or draw it anew."""
        if name not in self._curves:
            self._curves[name] = self.plot.plot([], [], antialias=True, connect="finite")
        self._looks[name] = look
        self._curves[name].setData(x, y)
        self._paint_curve(name)

    def keep(self, names: Callable[[str], bool]) -> None:
        """Take away the curves that do not belong here any more."""
        for name in [name for name in self._curves if not names(name)]:
            self.plot.removeItem(self._curves.pop(name))
            del self._looks[name]

    def show_ranges(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """The part that is seen, in powers of ten."""
        self.plot.setXRange(*x, padding=0.02)
        self.plot.setYRange(*y, padding=0.04)
        if self._line is not None:
            self._line.setBounds(x)

    def show_ticks(self, numbers: Sequence[int]) -> None:
        """Write these numbers beneath the lower axis, and no others."""
        axis = self.plot.getPlotItem().getAxis("bottom")
        axis.setTicks([[(math.log10(number), str(number)) for number in numbers], []])

    def show_line(self, exponent: float) -> None:
        """Put the line at a power of ten."""
        if self._line is not None and abs(self._line.value() - exponent) > 1e-9:
            self._line.blockSignals(True)
            self._line.setPos(exponent)
            self._line.blockSignals(False)

    def set_line_visible(self, visible: bool) -> None:
        """Whether the line is there to be dragged."""
        if self._line is not None:
            self._line.setVisible(visible)

    def _tell(self, line: Any) -> None:
        self.dragged.emit(float(line.value()))

    def _clicked(self, event: Any) -> None:
        place: QPointF = event.scenePos()
        if self.plot.sceneBoundingRect().contains(place) and self._line is not None:
            self._line.setPos(self.plot.getPlotItem().vb.mapSceneToView(place).x())

    def paint_theme(self) -> None:
        """Take up the colours of the theme."""
        import pyqtgraph

        shown = theme.current()
        paint_axes(self.plot)
        if self._line is not None:
            self._line.setPen(pyqtgraph.mkPen(shown.accent, width=1.5))
            self._line.setHoverPen(pyqtgraph.mkPen(shown.accent, width=3))
        for name in self._curves:
            self._paint_curve(name)

    def _paint_curve(self, name: str) -> None:
        import pyqtgraph

        look, curve = self._looks[name], self._curves[name]
        colour = getattr(theme.current(), look.token)
        curve.setPen(pyqtgraph.mkPen(colour, width=look.width, style=STYLES[look.style])
                     if look.width else None)  # fmt: skip
        curve.setSymbol(look.symbol or None)
        if look.symbol:
            curve.setSymbolSize(7)
            curve.setSymbolBrush(pyqtgraph.mkBrush(colour))
            curve.setSymbolPen(pyqtgraph.mkPen(theme.current().surface, width=1))
