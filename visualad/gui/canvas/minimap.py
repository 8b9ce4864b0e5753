"""A small picture of the whole graph in the corner of the canvas, to go elsewhere by."""

from __future__ import annotations

from collections.abc import Iterable, Set
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from visualad.gui import theme
from visualad.gui.canvas.exposure import pixel_ratio
from visualad.gui.canvas.node_item import NodeItem

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

SIZE = QSize(150, 96)
_MARGIN = 12
_INSET = 7.0
_MOST_MARKS = 2_000


class Minimap(QWidget):
    """Nodes as blocks and the part that is seen as a frame; hidden while everything is seen."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view.viewport())
        view.add_overlay(self)
        # What lies below an opaque widget is not painted when the canvas scrolls.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setObjectName("minimap")
        self.setAccessibleName("Map of the graph")
        self.setToolTip("Click or drag to move the canvas there")
        self.setFixedSize(SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._view = view
        self._picture: tuple[tuple[object, ...], QPixmap] | None = None
        self.hide()

    def follow(self) -> None:
        """The graph or the view has moved."""
        view = self._view
        graph = view.scene_.nodes_rect()
        seen = view.visible_rect()
        needed = bool(len(view.document.graph)) and not seen.contains(graph)
        self.setVisible(needed and view.width() > 3 * SIZE.width())
        if needed:
            corner = view.viewport().rect().bottomRight()
            self.move(corner.x() - SIZE.width() - _MARGIN, corner.y() - SIZE.height() - _MARGIN)
            self.raise_()
            self.update()

    def _whole(self) -> QRectF:
        view = self._view
        graph = view.scene_.nodes_rect()
        return graph.united(view.visible_rect()).adjusted(-20, -20, 20, 20)

    def scale(self) -> tuple[float, QPointF]:
        """Pixels here for one unit of the scene, and where the scene's origin lies here."""
        whole = self._whole()
        room = QRectF(self.rect()).adjusted(_INSET, _INSET, -_INSET, -_INSET)
        scale = min(room.width() / whole.width(), room.height() / whole.height())
        centre = whole.center()
        return scale, room.center() - QPointF(centre.x() * scale, centre.y() * scale)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = theme.current()
        scale, origin = self.scale()
        scene = self._view.scene_
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._ground(scale, origin, pixel_ratio(painter)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, marked in (
            (shown.accent, self._view.session.selected_nodes),
            (shown.mode(scene.moment.mode), {scene.moment.active_node}),
        ):
            painter.setBrush(QColor(colour))
            painter.drawRects(
                [
                    _block(item, scale, origin)
                    for item in {scene.item_of(node) for node in _few(marked)}
                    if item is not None
                ]
            )
        seen = self._view.visible_rect()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(shown.colour("accent"), 1.2))
        frame = QRectF(seen.topLeft() * scale + origin, seen.size() * scale)
        painter.drawRoundedRect(frame, 2, 2)
        painter.end()

    def _ground(self, scale: float, origin: QPointF, ratio: float) -> QPixmap:
        """A panel with all nodes; painted anew only when they or the scale have changed."""
        shown, scene = theme.current(), self._view.scene_
        key = (scale, origin.toTuple(), shown.name, scene.nodes_rect(), ratio)
        if self._picture is None or self._picture[0] != key:
            picture = QPixmap(SIZE * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(shown.colour("background"))  # seen in the corners
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(shown.colour("border"), 1.0))
            painter.setBrush(shown.colour("surface"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.mixed(shown.edge, shown.surface, 0.45)))
            if scene.crowd.is_used:
                painter.drawRects(_crowd_blocks(scene.crowd.bodies, scale, origin))
            painter.drawRects([_block(item, scale, origin) for item in scene.shown()])
            painter.end()
            self._picture = (key, picture)
        return self._picture[1]

    def forget(self) -> None:
        """Nodes have moved, come or gone."""
        self._picture = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _go(self, event: QMouseEvent) -> None:
        scale, origin = self.scale()
        self._view.centre_on((event.position() - origin) / scale)
        event.accept()


def _few(marked: Set[str]) -> Iterable[str]:
    """Of very many marks as many as can be told apart here."""
    return islice(marked, _MOST_MARKS)


def _crowd_blocks(bodies: np.ndarray, scale: float, origin: QPointF) -> list[QRectF]:
    """Each pair of pixels in which there are nodes, once."""
    places = ((bodies[:, :2] * scale + origin.toTuple()) // 2).astype(np.int64)
    taken = np.zeros((SIZE.width() // 2 + 1, SIZE.height() // 2 + 1), dtype=bool)
    taken[tuple(np.clip(places, 0, np.array(taken.shape) - 1).T)] = True
    return [QRectF(2 * x, 2 * y, 2, 2) for x, y in np.argwhere(taken).tolist()]


def _block(item: NodeItem, scale: float, origin: QPointF) -> QRectF:
    place, (width, height) = item.pos() * scale + origin, item.geometry.size
    return QRectF(place.x(), place.y(), max(width * scale, 2.0), max(height * scale, 2.0))
