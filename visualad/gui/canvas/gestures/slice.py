"""Cutting edges with a line: Alt and drag, or Ctrl and drag with the right button."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath

from visualad.graph.folding import EdgeKey
from visualad.gui.canvas.gestures.base import Gesture, Press

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView


class Slice(Gesture):
    """Removes the edges that the drawn line crosses."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: CanvasView, press: Press) -> None:
        super().__init__(view, press)
        self._line = [press.at]
        self._cut: set[EdgeKey] = set()

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        right = press.button == Qt.MouseButton.RightButton
        return (press.is_left and press.holds(Qt.KeyboardModifier.AltModifier)) or (
            right and press.holds(Qt.KeyboardModifier.ControlModifier)
        )

    def drag(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        scene = self.view.scene_
        for key in scene.lines.keys_in(QRectF(self._line[-1], at).normalized()):
            if key not in self._cut and crosses(self._line[-1], at, scene.edges[key].points()):
                self._cut.add(key)
                scene.edges[key].set_look(cut=True)
        self._line.append(at)
        path = QPainterPath(self._line[0])
        for point in self._line[1:]:
            path.lineTo(point)
        self.view.overlay.show_shapes(line=path, token="error", dashed=True)
        count = len(self._cut)
        words = f"cut {count} edge{'s' if count != 1 else ''}" if count else ""
        self.view.bubble.say(words, screen)

    def finish(self, at: QPointF, screen: QPoint) -> None:
        if self._cut:
            self.view.editing.disconnect(self._cut)

    def end(self) -> None:
        for key in self._cut:
            if key in self.view.scene_.edges:
                self.view.scene_.edges[key].set_look(cut=False)
        super().end()


def crosses(start: QPointF, end: QPointF, points: np.ndarray) -> bool:
    """Whether a segment crosses a line through points."""
    ax, ay, bx, by = start.x(), start.y(), end.x(), end.y()
    x0, y0 = points[:-1].T
    x1, y1 = points[1:].T
    first = (bx - ax) * (y0 - ay) - (by - ay) * (x0 - ax)
    second = (bx - ax) * (y1 - ay) - (by - ay) * (x1 - ax)
    third = (x1 - x0) * (ay - y0) - (y1 - y0) * (ax - x0)
    fourth = (x1 - x0) * (by - y0) - (y1 - y0) * (bx - x0)
    return bool(((first * second <= 0) & (third * fourth < 0)).any())
