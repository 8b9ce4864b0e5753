"""The canvas: shows the graph of a document and lets it be drawn, changed and looked at."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
    QTransform,
)

from visualad.graph.model import Graph
from visualad.gui import theme
from visualad.gui.canvas import hits, menus
from visualad.gui.canvas.backdrops import FRAME_TITLE
from visualad.gui.canvas.card_editing import CardEditing
from visualad.gui.canvas.dropping import Dropping
from visualad.gui.canvas.editing import Editing, snapped
from visualad.gui.canvas.empty_hint import EmptyHint, MapHint
from visualad.gui.canvas.geometry import HEIGHT, WIDTH
from visualad.gui.canvas.gestures import Gesture
from visualad.gui.canvas.grouping import Grouping
from visualad.gui.canvas.hits import Hit, Port
from visualad.gui.canvas.keyboard import Keyboard
from visualad.gui.canvas.layout import Layout
from visualad.gui.canvas.minimap import Minimap
from visualad.gui.canvas.node_item import NodeItem
from visualad.gui.canvas.overlay import Bubble, OverlayItem
from visualad.gui.canvas.overview import BELOW
from visualad.gui.canvas.pointer import Pointer
from visualad.gui.canvas.questions import Questions
from visualad.gui.canvas.scene import CanvasScene
from visualad.gui.canvas.search_box import SearchBox
from visualad.gui.canvas.title_editing import TitleEditing
from visualad.gui.canvas.viewport import FURTHEST, ScrollingView
from visualad.gui.document import Document
from visualad.gui.session import Session

_NOTE = (220.0, 80.0)  # width and height of a new note
_FRAME = 24.0  # from the nodes to the frame around them


class CanvasView(ScrollingView):
    """The canvas on a document, for one session.

    Attributes:
        scene_: the items; held here, because Qt's view does not hold its scene.
        editing: what the canvas does to the document; grouping: what it does with groups.
        pointer: what the mouse does.
        questions: those of an exercise that are answered here.
        keyboard: what keys do when no command of the window claims them.
        search: the box in which nodes are found by typing.
        overlay, bubble: what gestures draw and say.

    Signals:
        command_requested: id of a command of the window, chosen from a context menu.
        status_changed: a sentence for the status bar: the node under the focus, a refusal.
    """

    grouping: Grouping

    command_requested = Signal(str)
    status_changed = Signal(str)

    def __init__(self, document: Document, session: Session) -> None:
        self.scene_ = CanvasScene(session)
        super().__init__(self.scene_)
        self.document, self.session = document, session
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas with the graph")
        self.setAccessibleDescription(
            "Ctrl and an arrow key go from node to node, Enter edits, Tab finds a node to add."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.reduced_motion = lambda: session.playback.reduced_motion
        self.overlay = OverlayItem()
        self.scene_.addItem(self.overlay)
        self.editing = Editing(document, session)
        self.grouping = Grouping(self)
        self.bubble = Bubble(self)
        self.search = SearchBox(self)
        self.minimap = Minimap(self)
        self.keyboard = Keyboard(self)
        self._cards = CardEditing(self)
        self._titles = TitleEditing(self)
        self._layout = Layout(self)
        self._dropping = Dropping(self)
        self._hint = EmptyHint(self)
        self._map_hint = MapHint(self)
        self.pointer = Pointer(self)
        self.questions = Questions(self)
        self._fitted = False
        self._graph = document.graph
        document.graph_changed.connect(self._follow_graph)
        document.replaced.connect(self._follow_document)
        session.selection_changed.connect(self._minimap_update)
        session.step_changed.connect(self._minimap_update)
        theme.theme_changed.connect(self._follow_theme)
        session.sweep_changed.connect(self._follow_sweep)
        self._follow_graph()

    # What others ask for ----------------------------------------------------------------------

    def fit(self) -> None:
        """Show the selected nodes, or all when none is selected."""
        chosen = self.session.selected_nodes
        if chosen:
            self.show_rect(self.scene_.graph_rect(chosen))
        else:
            self.fit_all()

    def show_nodes(self, ids: Iterable[str]) -> None:
        """Bring these nodes into sight if they are not."""
        rect = self.scene_.graph_rect(ids)
        if not self.shows_all and not self.visible_rect().contains(rect):
            self.show_rect(rect.united(self.visible_rect()))

    def fit_all(self, *, glide: bool = True) -> None:
        """Show the whole graph."""
        self.show_rect(self.scene_.graph_rect(), glide=glide)
        self.shows_all = True

    def select_all(self) -> None:
        """Select every node and edge."""
        graph = self.document.graph
        self.session.select(graph.nodes_by_id, ((e.source, e.target, e.port) for e in graph.edges))

    def layout_selection(self) -> None:
        """Lay out the selected nodes, or all when fewer than two are selected."""
        self._layout.run()

    def add_node_at(self, op_name: str, scene_pos: QPointF) -> str:
        """Add a node whose middle is there; returns its id, or "" when it was refused."""
        corner = scene_pos - QPointF(WIDTH / 2, HEIGHT / 2)
        return self.editing.add(op_name, snapped(corner))

    def add_node_at_centre(self, op_name: str) -> str:
        """Add a node in the middle of what is seen, beside others that are there already."""
        at = self.visible_rect().center()
        taken = [item.body() for item in self.scene_.shown()]
        for _ in range(50):
            body = QRectF(at.x() - WIDTH / 2, at.y() - HEIGHT / 2, WIDTH, HEIGHT)
            if not any(body.intersects(other) for other in taken):
                break
            at += QPointF(30, 30)
        return self.add_node_at(op_name, at)

    def open_palette_at(self, pos: QPoint) -> None:
        """Let the user find a node to add at a point of this widget."""
        at = self.mapToScene(pos)
        self.search.open(pos, lambda name: self.add_node_at(name, at))

    def search_to_connect(self, port: Port, at: QPointF, screen: QPoint) -> None:
        """Let the user find a node to connect with a port and put at a point."""
        name = self.document.graph.nodes_by_id[port.node].name
        offset = QPointF(0 if port.is_output else WIDTH, HEIGHT / 2)
        corner = snapped(at - offset)
        self.search.open(
            screen,
            lambda op: self.editing.add_connected(op, corner, port),
            self.editing.fitting(port),
            f"Connect {name} with…" if port.is_output else f"Feed {name} from…",
        )

    def delete_selection(self) -> None:
        """Remove what is selected."""
        self.editing.delete()

    def copy(self) -> None:
        """Put the selected nodes on the clipboard."""
        self.editing.copy()

    def cut(self) -> None:
        """Move the selected nodes to the clipboard."""
        self.editing.cut()

    def paste(self) -> None:
        """Add the nodes from the clipboard, at the mouse when it is over the canvas."""
        at = self.pointer.at if self.viewport().underMouse() else None
        self.editing.paste(at)

    def duplicate(self) -> None:
        """The selected nodes once more."""
        self.editing.duplicate()

    def rename(self, node_id: str) -> None:
        """Let the user type another name on the card."""
        self.grouping.uncover(node_id)
        self._cards.edit_name(node_id)

    def edit_text(self, kind: str, id_: str) -> None:
        """Let the user type the title of a "group" or "frame", or the text of a "note"."""
        self._titles.edit(kind, id_)

    def add_note(self, at: QPointF | None = None) -> None:
        """A note whose corner is there, at the mouse or in the middle; its text can be typed."""
        if at is None:
            over = self.pointer.at if self.viewport().underMouse() else None
            at = over or self.visible_rect().center() - QPointF(110, 40)
        x, y = snapped(at)
        id_ = self.editing.add_note((x, y, *_NOTE))
        if id_:
            self.edit_text("note", id_)

    def frame_selection(self) -> None:
        """A frame around the selected nodes; its title can be typed."""
        rect = self.scene_.graph_rect(self.session.selected_nodes)
        if rect.isEmpty():
            return
        rect = rect.adjusted(-_FRAME, -_FRAME - FRAME_TITLE, _FRAME, _FRAME)
        id_ = self.editing.add_frame((rect.x(), rect.y(), rect.width(), rect.height()))
        if id_:
            self.edit_text("frame", id_)

    def edit_value(self, node_id: str) -> None:
        """Let the user type another value on the card of a leaf."""
        self.grouping.uncover(node_id)
        self._cards.edit_value(node_id)

    @property
    def is_map(self) -> bool:
        """Whether a large graph is seen from so far away that it has no cards."""
        return self.scene_.is_far and self.scene_.crowd.is_used

    def node_item(self, node_id: str) -> NodeItem:
        """The card of a node."""
        return self.scene_.card(node_id)

    def port_position(self, node_id: str, port: str) -> QPointF:
        """The centre of a port in the scene; "out" is the output."""
        return self.scene_.port(node_id, port)

    def node_sizes(self) -> dict[str, tuple[float, float]]:
        """Width and height of every card by the ids of `Folding.folded`, for layouts."""
        scene = self.scene_
        sizes = {id_: item.geometry.size for id_, item in scene.nodes.items()}
        for id_, node in scene.folding.card_nodes.items():
            sizes[node] = scene.groups.cards[id_].geometry.size
        # With room for the row that a derivative adds.
        return {id_: (width, max(height, HEIGHT)) for id_, (width, height) in sizes.items()}

    # Following --------------------------------------------------------------------------------

    def _follow_document(self) -> None:
        self.cancel_gesture()
        self.search.close_box()
        self._fitted = False

    def _follow_graph(self) -> None:
        self.pointer.follow_graph()
        self._cards.follow()
        self._titles.follow()
        self._hint.setVisible(not len(self.document.graph))
        self._map_hint.follow(len(self.document.graph) if self.is_map else 0)
        before, self._graph = self._graph, self.document.graph
        if self.isVisible():
            if not self._fitted:
                self._fit_at_first()
            elif (
                is_another(before, self._graph)
                or (self.shows_all and is_another(self._graph, before))
                or self._has_outgrown()
            ):
                self.fit_all()
        self.minimap.forget()
        self.minimap.follow()

    def _fit_at_first(self) -> None:
        self._fitted = True
        if len(self.document.graph):
            self.fit_all(glide=False)
        else:  # the first node stays where it is dropped
            self.setTransform(QTransform())
            self.centre_on(QPointF())

    def _has_outgrown(self) -> bool:
        """Whether all was in sight, and no longer is."""
        return (
            self.shows_all
            and self.gesture is None
            and self.zoom > FURTHEST
            and not self.visible_rect().contains(self.scene_.nodes_rect())
        )

    def _follow_sweep(self) -> None:
        """Cards grow by a line when they show a derivative; all of them stay in sight."""
        if self._fitted and self._has_outgrown():
            self.fit_all(glide=False)

    def _follow_theme(self) -> None:
        self.scene_.update()
        self.resetCachedContent()
        self.viewport().update()
        self.minimap.update()
        self._hint.update()
        self._map_hint.show_theme()

    def _minimap_update(self) -> None:
        if self.minimap.isVisible():
            self.minimap.update()

    def view_moved(self) -> None:
        self.scene_.show_visible(self.visible_rect(), plain=self.zoom < BELOW)
        self._map_hint.follow(len(self.document.graph) if self.is_map else 0)
        self.minimap.follow()
        self._cards.place()
        self.questions.place()
        self._titles.place()

    # Mouse ------------------------------------------------------------------------------------

    def hit_at(self, screen: QPoint) -> Hit:
        """What is at a point of the viewport."""
        return hits.hit(self.scene_, self.mapToScene(screen), self.zoom)

    @property
    def gesture(self) -> Gesture | None:
        """The gesture that is going on."""
        return self.pointer.gesture

    def cancel_gesture(self) -> None:
        """Leave everything as it was before the gesture that is going on."""
        self.pointer.cancel()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.pointer.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.gesture is not None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        menus.open_menu(self, Hit() if by_key else self.hit_at(event.pos()), event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave and self.gesture is None:
            self.pointer.leave()
        return super().viewportEvent(event)

    # Keys -------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        asked = event.type() == QEvent.Type.ShortcutOverride
        if asked and isinstance(event, QKeyEvent) and self.keyboard.claims(event):
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, next_: bool) -> bool:
        # Tab finds a node to add; Shift+Tab leaves the canvas as everywhere.
        return False if next_ else super().focusNextPrevChild(next_)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.keyboard.press(event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self.keyboard.release(event):
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.keyboard.lost_focus()
        if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self.cancel_gesture()

    # Drag and drop ----------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._dropping.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._dropping.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._dropping.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self._dropping.drop(event)

    # Window -----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._fitted:
            self._fit_at_first()

    def hideEvent(self, event: QHideEvent) -> None:
        self.stop_gliding()
        self._layout.stop()
        self.cancel_gesture()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._hint.place()
        self._map_hint.place()
        if self._fitted and (self.shows_all or event.oldSize().isEmpty()):
            self.fit_all(glide=False)
        self.view_moved()

    def rect_on_screen(self, rect: QRectF) -> QRect:
        """A rectangle of the scene in coordinates of this widget."""
        top_left = self.viewport().mapTo(self, self.mapFromScene(rect.topLeft()))
        bottom_right = self.viewport().mapTo(self, self.mapFromScene(rect.bottomRight()))
        return QRect(top_left, bottom_right)


def is_another(before: Graph, now: Graph) -> bool:
    """Whether most nodes of a graph are new: a formula has been typed, not a node been added."""
    known = before.nodes_by_id
    kept = sum(id_ in known and known[id_].op == n.op for id_, n in now.nodes_by_id.items())
    return len(now) > 2 and 2 * kept < len(now)
