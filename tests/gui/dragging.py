"""Drag and drop events as Qt sends them, in the spelling of the Qt that is installed."""

from __future__ import annotations

import PySide6
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

_HOW = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
_COPY = Qt.DropAction.CopyAction


def _point(at: QPointF) -> QPointF | QPoint:
    # Whole points are deprecated from 6.12 on and the only ones before.
    return at if PySide6.__version_info__[:2] >= (6, 12) else at.toPoint()


def drag_enter(at: QPointF, mime: QMimeData) -> QDragEnterEvent:
    """A drag with the left button comes in, at a point of the widget."""
    return QDragEnterEvent(_point(at), _COPY, mime, *_HOW)


def drag_move(at: QPointF, mime: QMimeData) -> QDragMoveEvent:
    """It moves there."""
    return QDragMoveEvent(_point(at), _COPY, mime, *_HOW)


def drop(at: QPointF, mime: QMimeData) -> QDropEvent:
    """It is let go there."""
    return QDropEvent(at, _COPY, mime, *_HOW)
