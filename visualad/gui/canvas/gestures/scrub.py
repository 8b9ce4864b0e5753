"""Changing a number by dragging on it."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt

from visualad.gui.canvas.gestures.base import Gesture, Press

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

_PIXELS = 200  # of the way from one end of the range to the other
_numbers = itertools.count()


class Scrub(Gesture):
    """To the right for more, to the left for less; Shift for a tenth of the pace."""

    cursor = Qt.CursorShape.SizeHorCursor
    scrolls = False
    changes_graph = True

    def __init__(self, view: CanvasView, press: Press) -> None:
        super().__init__(view, press)
        self._node = press.hit.node
        settings = view.document.graph.nodes_by_id[self._node].settings
        self._value = float(settings.get("value", 0.0))
        self._low, self._high = settings.get("minimum"), settings.get("maximum")
        self._step = step_for(self._value, self._low, self._high)
        self._offset = 0.0
        self._last = press.screen.x()
        self._merge = f"scrub {next(_numbers)}"
        self._changed = False

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        if not press.is_left or press.hit.part != "value" or press.adds:
            return False
        value = view.document.graph.nodes_by_id[press.hit.node].settings.get("value", 0.0)
        return isinstance(value, float | int) and math.isfinite(value)

    def start(self) -> None:
        if self._node not in self.view.session.selected_nodes:
            self.view.session.select([self._node])

    def drag(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        pace = 0.1 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1.0
        self._offset += (screen.x() - self._last) * self._step * pace
        self._last = screen.x()
        value = self._value + self._offset
        if self._low is not None:
            value = max(value, float(self._low))
        if self._high is not None:
            value = min(value, float(self._high))
        digits = max(0, 1 - math.floor(math.log10(self._step * pace)))
        value = round(value, digits)
        if value != self.view.document.graph.nodes_by_id[self._node].settings.get("value"):
            done = self.view.editing.set_value(self._node, value, merge=self._merge)
            self._changed = self._changed or done

    def click(self) -> None:
        self.view.session.select([self._node])

    def cancel(self) -> None:
        if self._changed:
            self.view.document.undo()
        self.end()

    def end(self) -> None:
        self.view.document.end_merge()
        super().end()


def step_for(value: float, low: float | None, high: float | None) -> float:
    """The change for a pixel: a two-hundredth of the range, or one per cent of the size."""
    if low is not None and high is not None and high > low:
        return float(high - low) / _PIXELS
    return max(abs(value), 1.0) * 0.01
