"""The gestures of the mouse, one class each; the view hands its mouse to the one going on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualad.gui.canvas.gestures.backdrops import MoveBackdrop, ResizeBackdrop
from visualad.gui.canvas.gestures.base import Gesture, Press
from visualad.gui.canvas.gestures.connect import Connect
from visualad.gui.canvas.gestures.eliminate_edge import EliminateEdge
from visualad.gui.canvas.gestures.move import Move
from visualad.gui.canvas.gestures.pan import Pan
from visualad.gui.canvas.gestures.rubber_band import RubberBand
from visualad.gui.canvas.gestures.scrub import Scrub
from visualad.gui.canvas.gestures.slice import Slice

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

# The first that can begin with a press gets it.
GESTURES: tuple[type[Gesture], ...] = (
    Pan,
    Slice,
    EliminateEdge,
    Connect,
    Scrub,
    Move,
    ResizeBackdrop,
    MoveBackdrop,
    RubberBand,
)

__all__ = ["GESTURES", "Gesture", "Press", "begin"]


def begin(view: CanvasView, press: Press) -> Gesture | None:
    """The gesture that begins with this press of a button, or None."""
    for kind in GESTURES:
        if kind.fits(view, press):
            return kind(view, press)
    return None
