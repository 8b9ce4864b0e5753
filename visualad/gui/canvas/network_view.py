"""The view on a network drawn neuron by neuron: mouse, keys, zoom, and typing a weight in place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QGraphicsScene, QWidget

from visualad.gui import theme
from visualad.gui.canvas.field import CardField
from visualad.gui.canvas.network_backdrop import NetworkBackdrop
from visualad.gui.canvas.network_item import NetworkItem
from visualad.gui.canvas.network_layout import NetworkLayout
from visualad.gui.canvas.network_parts import Bias, Neuron, Parameter, Part, Weight
from visualad.gui.canvas.viewport import ScrollingView
from visualad.gui.network_watch import NetworkWatch
from visualad.gui.session import Session

REACH = 7.0  # px from a line within which the mouse is over it
FIELD = QSize(92, 26)
MOST_ZOOM = 1.25  # when all is fitted
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class ParameterField(CardField):
    """The field for a weight or bias; Tab goes on to the next one.

    Signals:
        tabbed: Tab (True) or Shift and Tab (False) was pressed.
    """

    tabbed = Signal(bool)

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.setObjectName("network_field")

    def focusNextPrevChild(self, next_: bool) -> bool:
        self.tabbed.emit(next_)
        return True


class NetworkView(ScrollingView):
    """The drawing of the network; the graph beneath it is the document's, and stays.

    Attributes:
        item, backdrop: what draws the network, above what stays of it.
        field: in which a weight or bias is typed.

    Signals:
        status_changed: a sentence for the status bar: the part under the mouse or the focus.
    """

    status_changed = Signal(str)

    def __init__(self, watch: NetworkWatch, session: Session) -> None:
        # Held here, because Qt's view does not hold its scene.
        self.scene_ = QGraphicsScene()
        super().__init__(self.scene_)
        self.setObjectName("network")
        self.setAccessibleName("Network with its neurons and weights")
        self.setAccessibleDescription(
            "Tab and the arrow keys go from neuron to neuron, Enter types its weights and bias."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setViewportUpdateMode(ScrollingView.ViewportUpdateMode.FullViewportUpdate)
        self.reduced_motion = lambda: session.playback.reduced_motion
        self.watch = watch
        self.backdrop = NetworkBackdrop()
        self.scene_.addItem(self.backdrop)
        self.item = NetworkItem(watch)
        self.scene_.addItem(self.item)
        self.field = ParameterField(self)
        self.field.tabbed.connect(self._tab)
        self._pressed: tuple[QPoint, Part | None] | None = None
        self._last = QPoint()
        self._pans = False
        watch.layout_changed.connect(self._lay_out)
        watch.changed.connect(self._repaint)
        watch.pointed.connect(self._repaint)
        theme.theme_changed.connect(self._follow_theme)
        self._lay_out()

    # What others ask for ----------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole network."""
        self.fit_all()

    def fit_all(self, *, glide: bool = True) -> None:
        """Show the whole network."""
        self.show_rect(self.item.boundingRect(), most=MOST_ZOOM, glide=glide)
        self.shows_all = True

    def edit(self, part: Parameter) -> None:
        """Let the user type a weight or bias where it is drawn."""
        layout, names = self.item.layout, self.watch.names
        value = self.watch.value(part)
        if layout is None or names is None or value is None:
            return
        self.watch.edited = part
        self.watch.choose(part)
        area = QRect(QPoint(), FIELD)
        area.moveCenter(self.mapFromScene(layout.middle_of(part)))
        room = self.viewport().rect().adjusted(4, 4, -4, -4)
        area.moveLeft(min(max(area.left(), room.left()), room.right() - area.width()))
        area.moveTop(min(max(area.top(), room.top()), room.bottom() - area.height()))
        self.field.open(
            f"{value:.6g}",
            area,
            lambda text: self.watch.edit(part, text),
            self._closed,
            name=names.parameter(part),
            size=13.0,
        )

    def where(self, part: Part) -> QPoint:
        """A point of the viewport that lies on a part."""
        assert self.item.layout is not None
        return self.mapFromScene(self.item.layout.middle_of(part))

    # Following --------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        watch = self.watch
        self.field.hide()
        before = self.item.layout
        layout = None
        if watch.chain is not None:
            room = self.viewport().size()
            aspect = room.width() / max(room.height(), 1)
            layout = NetworkLayout(watch.chain.sizes, watch.windows, aspect)
        self.item.set_layout(layout)
        if layout is None:
            self.item.focused = None
            return
        if self.item.focused not in layout.neurons:
            self.item.focused = None
        free = 2000.0
        self.scene_.setSceneRect(layout.rect.adjusted(-free, -free, free, free))
        if self.isVisible() and (before is None or before.rect != layout.rect):
            self.fit_all(glide=False)
        self._repaint()

    def _repaint(self) -> None:
        if self.isVisible():
            self.backdrop.show_network(self.item.layout, self.watch.names)
            self.item.update()

    def _follow_theme(self) -> None:
        self.resetCachedContent()
        self._repaint()
        self.viewport().update()

    def _closed(self) -> None:
        self.watch.edited = None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.watch.want("network", True)
        self._lay_out()
        self.fit_all(glide=False)
        self._repaint()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.stop_gliding()
        self.watch.want("network", False)
        self.watch.point_at(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.shows_all or event.oldSize().isEmpty():
            self._lay_out()
            self.fit_all(glide=False)

    def view_moved(self) -> None:
        if not self.field.isHidden() and self.watch.edited is not None:
            self.field.move(
                self.where(self.watch.edited) - QPoint(FIELD.width() // 2, FIELD.height() // 2)
            )

    # Mouse ------------------------------------------------------------------------------------

    def part_at(self, screen: QPoint) -> Part | None:
        """The neuron, weight or bias at a point of the viewport."""
        if self.item.layout is None:
            return None
        at = self.scene_point(QPointF(screen))
        return self.item.layout.part_at(at, REACH / max(self.zoom, 0.3))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        screen = event.position().toPoint()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._last = screen
        middle = event.button() == Qt.MouseButton.MiddleButton
        if event.button() == Qt.MouseButton.LeftButton or middle:
            self._pressed = (screen, None if middle else self.part_at(screen))
            self._pans = False
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        screen = event.position().toPoint()
        if self._pressed is not None and event.buttons():
            far = (screen - self._pressed[0]).manhattanLength()
            if self._pans or far >= QApplication.startDragDistance():
                self._pans = True
                self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
                self.stop_gliding()
                self.scroll_by(self._last - screen)
                self._last = screen
            return
        part = self.part_at(screen)
        paged = self._page_at(screen) is not None
        hand = part is not None or paged
        shape = Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        self.watch.point_at(part)
        self.status_changed.emit(self._words(part))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        (_, part), self._pressed = self._pressed, None
        screen = event.position().toPoint()
        if self._pans:
            self._pans = False
            self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
            return
        page = self._page_at(screen)
        if page is not None:
            self.watch.turn_page(*page)
        elif isinstance(part, Weight | Bias):
            self.edit(part)
        elif isinstance(part, Neuron):
            self._focus(part)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.item.focused = None
            self.watch.choose(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def _page_at(self, screen: QPoint) -> tuple[int, int] | None:
        layout = self.item.layout
        return layout.page_at(self.scene_point(QPointF(screen))) if layout is not None else None

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave and self._pressed is None:
            self.watch.point_at(None)
            self.status_changed.emit("")
        return super().viewportEvent(event)

    def _words(self, part: Part | None) -> str:
        names = self.watch.names
        if part is None or names is None:
            return ""
        if isinstance(part, Neuron):
            return f"{names.neuron_in_layer(part)}: click for its sum with numbers, Enter to edit."
        return f"{names.parameter(part)}: click to type another value."

    # Keys -------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (
                Qt.KeyboardModifier.NoModifier,
                Qt.KeyboardModifier.KeypadModifier,
            )
            if plain and event.key() in (*_ARROWS, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                event.accept()
                return True
        return super().event(event)

    def focusNextPrevChild(self, next_: bool) -> bool:
        """Tab goes from neuron to neuron, and out of the drawing at its ends."""
        layout = self.item.layout
        if layout is None or not self.field.isHidden():
            return super().focusNextPrevChild(next_)
        order = list(layout.neurons)
        at = order.index(self.item.focused) if self.item.focused in layout.neurons else None
        place = (0 if next_ else len(order) - 1) if at is None else at + (1 if next_ else -1)
        if not 0 <= place < len(order):
            return super().focusNextPrevChild(next_)
        self._focus(order[place])
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _ARROWS:
            self._move_focus(*_ARROWS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.item.focused is not None and self.item.focused.column:
                self.edit(self._parameters_of(self.item.focused)[0])
        elif key == Qt.Key.Key_Escape:
            self.item.focused = None
            self.watch.choose(None)
            self._repaint()
        elif key in (Qt.Key.Key_F, Qt.Key.Key_Home):
            self.fit_all()
        else:
            event.ignore()
            return
        event.accept()

    def _tab(self, next_: bool) -> None:
        """Tab in the field goes on to the neuron's next weight, and at last to its bias."""
        part = self.watch.edited
        if part is None:
            return
        parts = self._parameters_of(Neuron(part.layer + 1, part.output))
        place = parts.index(part) + (1 if next_ else -1)
        self.field.finish(accept=True)
        if self.field.isHidden() and 0 <= place < len(parts):
            self.edit(parts[place])

    def _parameters_of(self, neuron: Neuron) -> list[Parameter]:
        first, count = self.watch.windows[neuron.column - 1]
        layer = neuron.column - 1
        weights = [Weight(layer, neuron.index, i) for i in range(first, first + count)]
        return [*weights, Bias(layer, neuron.index)]

    def _move_focus(self, across: int, down: int) -> None:
        layout = self.item.layout
        if layout is None:
            return
        focused = self.item.focused
        if focused is None:
            self._focus(next(iter(layout.neurons)))
            return
        column = min(max(focused.column + across, 0), len(layout.sizes) - 1)
        if column != focused.column:
            level = layout.neurons[focused].center().y()
            beside = [n for n in layout.neurons if n.column == column]
            self._focus(min(beside, key=lambda n: abs(layout.neurons[n].center().y() - level)))
            return
        index = min(max(focused.index + down, 0), layout.sizes[column] - 1)
        self._focus(Neuron(column, index))

    def _focus(self, neuron: Neuron) -> None:
        self.watch.bring(neuron)
        self.item.focused = neuron
        self.watch.choose(neuron)
        self.status_changed.emit(self._words(neuron))
        self._repaint()
