"""How the canvas is looked at: zoom, scrolling, fitting, and the short glides between."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QPoint,
    QPointF,
    QRectF,
    Qt,
    QVariantAnimation,
)
from PySide6.QtGui import (
    QInputDevice,
    QNativeGestureEvent,
    QPainter,
    QPen,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from visualad.gui import theme

FURTHEST, NEAREST = 0.002, 4.0
GLIDE_MS = 220
_GRID = 20.0
_FIT_MARGIN = 28.0


class ScrollingView(QGraphicsView):
    """A graphics view that zooms at the mouse and glides; knows nothing of graphs."""

    def __init__(self, scene: QGraphicsScene) -> None:
        super().__init__(scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)  # thousands of dots
        theme.theme_changed.connect(self.resetCachedContent)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.reduced_motion: Callable[[], bool] = lambda: False
        self.shows_all = False  # whether the whole graph was fitted, and nobody has moved since
        self._glide: QVariantAnimation | None = None
        self._overlays: list[QWidget] = []

    # Where we are -----------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """Screen px for one unit of the scene."""
        return float(self.transform().m11())

    def visible_rect(self) -> QRectF:
        """The part of the scene that is seen."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def centre_on(self, at: QPointF) -> None:
        """Bring a point of the scene to the middle."""
        self.shows_all = False
        self.stop_gliding()
        self.centerOn(at)
        self.view_moved()

    def view_moved(self) -> None:
        """Called after every change of zoom or place."""

    # Moving -----------------------------------------------------------------------------------

    def add_overlay(self, widget: QWidget) -> None:
        """Let a child of the viewport stay where it is when the view scrolls.

        Beside the viewport and over it, it would make Qt repaint everything at each scroll.
        """
        self._overlays.append(widget)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        places = [widget.pos() for widget in self._overlays]
        super().scrollContentsBy(dx, dy)  # moves the picture, and what lies on it
        for widget, place in zip(self._overlays, places, strict=True):
            widget.move(place)

    def scroll_by(self, pixels: QPoint) -> None:
        """Move the view by px on the screen."""
        self.shows_all = False
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + pixels.x())
        down.setValue(down.value() + pixels.y())
        self.view_moved()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Set the zoom so that a point of the viewport (its middle for None) stays in place."""
        zoom = min(max(zoom, FURTHEST), NEAREST)
        point = QPointF(self.viewport().rect().center()) if at is None else at
        fixed = self.scene_point(point)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        moved = self.transform().map(fixed) - self.transform().map(self.scene_point(point))
        self.scroll_by(moved.toPoint())

    def scene_point(self, at: QPointF) -> QPointF:
        """A point of the viewport in the scene, to the fraction of a pixel."""
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(at)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Nearer for a factor above 1."""
        self.stop_gliding()
        self.zoom_to(self.zoom * factor, at)

    def zoom_in(self) -> None:
        """A step nearer."""
        self.zoom_by(1.25)

    def zoom_out(self) -> None:
        """A step away."""
        self.zoom_by(0.8)

    def zoom_reset(self) -> None:
        """To 100 %."""
        self.zoom_by(1 / self.zoom)

    def show_rect(self, rect: QRectF, *, most: float = 1.0, glide: bool = True) -> None:
        """Zoom and scroll until a rectangle of the scene fills the viewport.

        Args:
            most: zoom not to go beyond.
        """
        if rect.isEmpty():
            return
        self.shows_all = False
        area = self.viewport().rect()
        margin = min(_FIT_MARGIN, area.width() / 16, area.height() / 16)
        room = QRectF(area).adjusted(margin, margin, -margin, -margin)
        zoom = min(room.width() / rect.width(), room.height() / rect.height(), most)
        self._glide_to(rect.center(), min(max(zoom, FURTHEST), NEAREST), glide=glide)

    def _glide_to(self, centre: QPointF, zoom: float, *, glide: bool) -> None:
        self.stop_gliding()
        if not glide or self.reduced_motion() or not self.isVisible():
            self.setTransform(QTransform.fromScale(zoom, zoom))
            self.centerOn(centre)
            self.view_moved()
            return
        start_zoom, start = self.zoom, self.visible_rect().center()
        animation = QVariantAnimation(self)
        animation.setDuration(GLIDE_MS)
        animation.setEasingCurve(QEasingCurve.Type.InOutCubic)
        animation.setStartValue(0.0)
        animation.setEndValue(1.0)

        def go(share: float) -> None:
            now = start_zoom * (zoom / start_zoom) ** share
            self.setTransform(QTransform.fromScale(now, now))
            self.centerOn(start + (centre - start) * share)
            self.view_moved()

        animation.valueChanged.connect(go)
        self._glide = animation
        animation.start(QVariantAnimation.DeletionPolicy.KeepWhenStopped)

    def stop_gliding(self) -> None:
        """Stay where we are."""
        if self._glide is not None:
            self._glide.stop()
            self._glide.deleteLater()
            self._glide = None

    # Wheel and touch --------------------------------------------------------------------------

    def fit(self) -> None:
        """Show what matters: what is selected, or all."""
        raise NotImplementedError

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.stop_gliding()
        event.accept()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if _two_fingers(event) and not control:
            pixels = event.pixelDelta()
            self.scroll_by(-(pixels if not pixels.isNull() else event.angleDelta() / 2))
            return
        turn = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not control:
            self.scroll_by(QPoint(-turn // 2, 0))
            return
        self.zoom_by(1.0015**turn, event.position())

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_by(1.0 + event.value(), event.position())
                return True
            if event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
                self.fit()
                return True
        return super().viewportEvent(event)

    # Background -------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF | object) -> None:
        assert isinstance(rect, QRectF)
        shown = theme.current()
        painter.fillRect(rect, shown.colour("background"))
        step = _GRID
        while step * self.zoom < 16:
            step *= 2
        # Scrolling uncovers strips; Qt tells the rectangle around them.
        parts = [QRectF(part) for part in painter.clipRegion()]  # type: ignore[attr-defined]
        dots = [dot for part in parts or [rect] for dot in _grid(part & rect, step)]
        pen = QPen(shown.colour("grid"), 2.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        # Two thousand smooth dots would cost more than the whole graph.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawPoints(dots)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def _grid(area: QRectF, step: float) -> list[QPointF]:
    """The crossings of the grid in a rectangle and next to it."""
    left, top = area.left() // step * step, area.top() // step * step
    columns = int((area.right() - left) / step) + 2
    rows = int((area.bottom() - top) / step) + 2
    return [QPointF(left + i * step, top + j * step) for i in range(columns) for j in range(rows)]


def _two_fingers(event: QWheelEvent) -> bool:
    """Whether fingers on a pad scroll, and not the wheel of a mouse."""
    phase = event.phase() != Qt.ScrollPhase.NoScrollPhase
    device = event.device()
    return phase or device.type() == QInputDevice.DeviceType.TouchPad
