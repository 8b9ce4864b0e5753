"""What all gestures have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt

from visualad.gui.canvas.hits import Hit

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

THRESHOLD = 4  # px on the screen before a press becomes a drag


@dataclass(frozen=True)
class Press:
    """A press of a mouse button.

    Attributes:
        at: in the scene; screen: in the viewport; hit: what lies there.
        space: whether the space bar is held.
    """

    at: QPointF
    screen: QPoint
    button: Qt.MouseButton
    modifiers: Qt.KeyboardModifier
    hit: Hit
    space: bool = False

    @property
    def is_left(self) -> bool:
        """The plain left button."""
        return self.button == Qt.MouseButton.LeftButton

    def holds(self, modifier: Qt.KeyboardModifier) -> bool:
        """Whether a modifier key is down."""
        return bool(self.modifiers & modifier)

    @property
    def adds(self) -> bool:
        """Whether the selection is to grow instead of being replaced."""
        return self.holds(Qt.KeyboardModifier.ShiftModifier) or self.holds(
            Qt.KeyboardModifier.ControlModifier
        )


class Gesture:
    """From a press to a release. `drag` comes only once the mouse has moved a little.

    Attributes:
        dragged: whether the mouse has moved beyond the threshold.
        cursor: the shape of the mouse pointer meanwhile.
    """

    cursor = Qt.CursorShape.ArrowCursor
    # Pulling the canvas along at its rim helps gestures with a goal.
    scrolls = True
    # Whether it edits the graph on the way; else a change of the graph cancels it.
    changes_graph = False

    def __init__(self, view: CanvasView, press: Press) -> None:
        self.view = view
        self.press = press
        self.dragged = False

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        """Whether this gesture begins with such a press; never, unless it says when."""
        return False

    def mouse_moved(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse is here now."""
        away = screen - self.press.screen
        if not self.dragged and max(abs(away.x()), abs(away.y())) < THRESHOLD:
            return
        if not self.dragged:
            self.dragged = True
            self.start()
        self.drag(at, screen, modifiers)

    def mouse_released(self, at: QPointF, screen: QPoint) -> None:
        """The button is up."""
        if self.dragged:
            self.finish(at, screen)
        else:
            self.click()
        self.end()

    def start(self) -> None:
        """The press has become a drag."""

    def drag(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse has moved on."""

    def finish(self, at: QPointF, screen: QPoint) -> None:
        """Carry out what was dragged."""

    def click(self) -> None:
        """The button came up where it went down."""

    def cancel(self) -> None:
        """Escape, or the window lost the mouse: leave everything as it was before."""
        self.end()

    def end(self) -> None:
        """Remove what the gesture has drawn; called however it ends."""
        self.view.overlay.clear()
        self.view.bubble.hide()
