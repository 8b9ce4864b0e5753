"""Moving the canvas with the middle button, or with Space and the left one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt

from visualad.gui.canvas.gestures.base import Gesture, Press

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView


class Pan(Gesture):
    """The canvas follows the mouse."""

    cursor = Qt.CursorShape.ClosedHandCursor
    scrolls = False

    def __init__(self, view: CanvasView, press: Press) -> None:
        super().__init__(view, press)
        self._last = press.screen

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        return press.button == Qt.MouseButton.MiddleButton or (press.is_left and press.space)

    def drag(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        self.view.scroll_by(self._last - screen)
        self._last = screen
