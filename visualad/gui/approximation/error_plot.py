"""The error over the number of bumps, both logarithmic; a click chooses a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from visualad.gui.panels.log_ticks import log_label, log_ticks
from visualad.gui.panels.parts import Text
from visualad.gui.panels.plots import Curve, LogPlot
from visualad.training.approximation import MOST_BUMPS, Errors

LEAST = 1e-12  # below is nothing but rounding
TICKS = (1, 2, 4, 8, 16, 32, 64)
RMSE, WORST, NOW = "rmse", "worst", "now"
_LOOKS = {
    WORST: Curve("text_muted", "dash", width=1.3),
    RMSE: Curve("accent", width=2.0),
    NOW: Curve("forward", symbol="o", width=0),
}
_LEGEND = (("— RMSE", "accent"), ("╌ largest", "text_muted"), ("● now", "forward"))


class ErrorPlot(QWidget):
    """RMSE and largest error of bumps placed by themselves, and a dot for those that are shown.

    Signals:
        chosen: a number of bumps, by a click or by dragging the line.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("approximation_error_plot")
        label = "Error over the number of bumps"
        self.plot = LogPlot("error_plot", label, ("bumps", "error"), line=True)
        self.plot.dragged.connect(self._dragged)
        self.errors: tuple[Errors, ...] = ()
        self._now: tuple[int, Errors] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.plot, 1)
        legend = QHBoxLayout()
        legend.setSpacing(14)
        for words, token in (
            ("— RMSE", "accent"),
            ("╌ largest", "text_muted"),
            ("● now", "forward"),
        ):
            legend.addWidget(Text(words, token, 12.0))
        legend.addStretch(1)
        column.addLayout(legend)

    def sizeHint(self) -> QSize:
        return QSize(280, 210)

    def show_counts(self, errors: Sequence[Errors]) -> None:
        """Draw the errors with 1, 2, … bumps."""
        self.errors = tuple(errors)
        counts = np.arange(1, len(errors) + 1)
        for name in (WORST, RMSE):
            found = np.array([getattr(e, name) for e in errors])
            self.plot.show_curve(name, _LOOKS[name], counts, np.maximum(found, LEAST))
        self._fit()

    def show_now(self, count: int, errors: Errors) -> None:
        """A dot for the bumps as they are."""
        self._now = count, errors
        shown = [max(count, 1)], [max(errors.rmse, LEAST)]
        self.plot.show_curve(NOW, _LOOKS[NOW], *map(np.array, shown))
        self.plot.show_line(float(np.log10(max(count, 1))))
        self._fit()

    def _fit(self) -> None:
        found = [*self.errors, *([self._now[1]] if self._now else ())]
        numbers = [max(n, LEAST) for e in found for n in (e.rmse, e.worst)]
        if numbers:
            low, high = np.log10(min(numbers)), np.log10(max(numbers))
            self.plot.show_ranges((0.0, float(np.log10(MOST_BUMPS))), (float(low), float(high)))
            self.plot.show_ticks(TICKS)
            axis = self.plot.plot.getPlotItem().getAxis("left")
            marks = log_ticks(float(low), float(high), max(self.plot.height() - 50.0, 60.0))
            axis.setTicks([[(mark, log_label(mark)) for mark in marks], []])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _dragged(self, exponent: float) -> None:
        count = int(np.clip(round(10.0**exponent), 1, MOST_BUMPS))
        if self._now is None or count != self._now[0]:
            self.chosen.emit(count)
