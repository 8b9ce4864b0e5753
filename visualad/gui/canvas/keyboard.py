"""What keys do on the canvas. Commands of the window come first; these work without it too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from visualad.gui.canvas.node_item import NodeItem
    from visualad.gui.canvas.view import CanvasView

Key = Qt.Key
_ARROWS = {
    Key.Key_Left: (-1, 0),
    Key.Key_Right: (1, 0),
    Key.Key_Up: (0, -1),
    Key.Key_Down: (0, 1),
}
_ALT, _CONTROL, _SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
_STEP = 10.0


class Keyboard:
    """Keys of the canvas.

    Space held pans with the mouse; tapped it plays the film in a mode, and adds a node else.
    Ctrl and the arrows go from node to node in topological order, Alt and the arrows to the
    nearest node in that direction; Ctrl, Shift and the arrows move the selected nodes.

    Attributes:
        space_held: whether the space bar is down.
    """

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self.space_held = False
        self._space_used = False
        self._focused: NodeItem | None = None
        self._plain: dict[Key, Callable[[], object]] = {
            Key.Key_F: view.fit,
            Key.Key_Period: view.fit,
            Key.Key_L: view.layout_selection,
            Key.Key_Delete: view.delete_selection,
            Key.Key_Backspace: view.delete_selection,
            Key.Key_Tab: self._search,
            Key.Key_F2: self.rename,
            Key.Key_Return: self._edit,
            Key.Key_Enter: self._edit,
            Key.Key_Home: self._fit_all,
            Key.Key_C: view.grouping.toggle_selected,
        }
        self._controlled: dict[tuple[Qt.KeyboardModifier, Key], Callable[[], object]] = {
            (_CONTROL, Key.Key_D): view.duplicate,
            (_CONTROL, Key.Key_0): view.zoom_reset,
            (_CONTROL, Key.Key_G): view.grouping.group,
            (_CONTROL | _SHIFT, Key.Key_G): view.grouping.ungroup,
        }
        self._standard: tuple[tuple[QKeySequence.StandardKey, Callable[[], object]], ...] = (
            (QKeySequence.StandardKey.Copy, view.copy),
            (QKeySequence.StandardKey.Cut, view.cut),
            (QKeySequence.StandardKey.Paste, view.paste),
            (QKeySequence.StandardKey.SelectAll, view.select_all),
            (QKeySequence.StandardKey.Undo, view.document.undo),
            (QKeySequence.StandardKey.Redo, view.document.redo),
            (QKeySequence.StandardKey.ZoomIn, view.zoom_in),
            (QKeySequence.StandardKey.ZoomOut, view.zoom_out),
        )

    def claims(self, event: QKeyEvent) -> bool:
        """Whether the canvas wants a key although a command of the window has it too."""
        key, modifiers = Key(event.key()), _modifiers(event)
        if key == Key.Key_Space:
            return modifiers == Qt.KeyboardModifier.NoModifier
        if self._view.questions.claims(event):
            return True
        if key == Key.Key_Escape:
            return self._view.gesture is not None
        if key == Key.Key_Home:  # the first step of a film, if there is one; else the whole graph
            return not self._view.session.mode
        if key in _ARROWS:
            # Ctrl and Right trains one epoch where there is something to train; Down goes on too.
            trains = key == Key.Key_Right and bool(self._view.document.graph.training)
            return modifiers in (_ALT, _CONTROL | _SHIFT) or (modifiers == _CONTROL and not trains)
        return False

    def press(self, event: QKeyEvent) -> bool:
        """A key is down; False when it means nothing here."""
        key, modifiers = Key(event.key()), _modifiers(event)
        if key == Key.Key_Space:
            self._space_down(event)
            return True
        if key == Key.Key_Escape:
            return self._escape()
        if self._view.questions.press(event):
            return True
        if key in _ARROWS:
            return self._arrow(key, modifiers)
        for standard, action in self._standard:
            if event.matches(standard):
                action()
                return True
        if (modifiers, key) in self._controlled:
            self._controlled[modifiers, key]()
            return True
        if modifiers == Qt.KeyboardModifier.NoModifier and key in self._plain:
            self._plain[key]()
            return True
        return False

    def release(self, event: QKeyEvent) -> bool:
        """A key is up."""
        if event.key() != Key.Key_Space:
            return False
        if event.isAutoRepeat() or not self.space_held:
            return True
        self.space_held = False
        self._view.viewport().unsetCursor()
        if not self._space_used:
            self._space_tapped()
        return True

    def space_used(self) -> None:
        """A gesture has begun while the space bar is held: it was no tap."""
        self._space_used = True

    def lost_focus(self) -> None:
        """Keys that are held are let go."""
        self.space_held = False

    # Space and Escape -------------------------------------------------------------------------

    def _space_down(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self.space_held, self._space_used = True, False
            self._view.viewport().setCursor(Qt.CursorShape.OpenHandCursor)

    def _space_tapped(self) -> None:
        session = self._view.session
        if not session.mode:
            self._search()
        elif session.is_playing:
            session.pause()
        else:
            session.play()

    def _escape(self) -> bool:
        view = self._view
        if view.gesture is not None:
            view.cancel_gesture()
        elif (
            view.session.selected_nodes
            or view.session.selected_edges
            or view.session.selected_backdrops
        ):
            view.session.select()
        else:
            return False
        return True

    # What plain keys do -----------------------------------------------------------------------

    def _fit_all(self) -> None:
        self._view.fit_all()

    def _search(self) -> None:
        view = self._view
        at = view.viewport().mapFromGlobal(view.cursor().pos())
        area = view.viewport().rect()
        view.open_palette_at(at if area.contains(at) else area.center() - QPoint(180, 160))

    def rename(self) -> None:
        """Let the name, title or text of what is selected be typed."""
        view = self._view
        group = view.grouping.selected_group()
        chosen = view.session.selected_nodes
        if len(view.session.selected_backdrops) == 1 and not chosen:
            view.edit_text(*next(iter(view.session.selected_backdrops)))
        elif group:
            view.edit_text("group", group)
        elif len(chosen) == 1:
            view.rename(next(iter(chosen)))

    def _edit(self) -> None:
        chosen = self._view.session.selected_nodes
        if len(chosen) != 1 or not self._view.scene_.nodes.keys() >= chosen:
            self.rename()
            return
        (node,) = chosen
        if self._view.scene_.nodes[node].face.editable:
            self._view.edit_value(node)
        else:
            self._view.rename(node)

    # Arrows -----------------------------------------------------------------------------------

    def _arrow(self, key: Key, modifiers: Qt.KeyboardModifier) -> bool:
        control = bool(modifiers & _CONTROL)
        shift = bool(modifiers & _SHIFT)
        if control and shift:
            return self._move_selected(key)
        if control:
            across, down = _ARROWS[key]
            return self._go_along(across + down)
        if modifiers & _ALT or key in (Key.Key_Up, Key.Key_Down):
            return self._go_towards(key)
        return False

    def _move_selected(self, key: Key) -> bool:
        view = self._view
        across, down = _ARROWS[key]
        graph, scene = view.document.graph, view.scene_
        chosen = view.session.selected_nodes
        hidden = scene.folding.card_of

        def moved(place: tuple[float, float]) -> tuple[float, float]:
            return place[0] + across * _STEP, place[1] + down * _STEP

        places = {i: moved(graph.nodes_by_id[i].position) for i in chosen if i not in hidden}
        cards = {i: moved(graph.groups[i].position) for i in scene.groups.whole(chosen)}
        if places or cards:
            merge = f"arrows {sorted(places)} {sorted(cards)}"
            view.editing.move(places, groups=cards, merge=merge)
        return True

    def _go_along(self, by: int) -> bool:
        """To the next or previous card in topological order."""
        scene = self._view.scene_
        if scene.crowd.is_used:
            return self._go_along_nodes(by)
        found = [scene.item_of(id_) for id_ in self._view.document.graph.order]
        order = list(dict.fromkeys(item for item in found if item is not None))
        if not order:
            return True
        here = self._here()
        place = order.index(here) + by if here is not None else (0 if by > 0 else -1)
        self._focus(order[place % len(order)])
        return True

    def _go_along_nodes(self, by: int) -> bool:
        """The same in a large graph, where most nodes have no card yet."""
        view = self._view
        hidden = view.scene_.folding.card_of
        order = [id_ for id_ in view.document.graph.order if id_ not in hidden]
        chosen = view.session.selected_nodes
        here = (
            order.index(next(iter(chosen))) if len(chosen) == 1 and chosen <= set(order) else None
        )
        place = here + by if here is not None else (0 if by > 0 else -1)
        if order:
            self._focus(view.node_item(order[place % len(order)]))
        return True

    def _go_towards(self, key: Key) -> bool:
        """To the nearest card in a direction."""
        here = self._here()
        if here is None:
            return self._go_along(1)
        across, down = _ARROWS[key]
        start = here.body().center()
        best, best_distance = None, float("inf")
        for item in self._view.scene_.shown():
            away = item.body().center() - start
            ahead = away.x() * across + away.y() * down
            aside = abs(away.x() * down) + abs(away.y() * across)
            if item is not here and ahead > 1 and ahead + 2 * aside < best_distance:
                best, best_distance = item, ahead + 2 * aside
        if best is not None:
            self._focus(best)
        return True

    def _here(self) -> NodeItem | None:
        """The card that is selected, else the one that was focused last."""
        scene = self._view.scene_
        items = {scene.item_of(id_) for id_ in self._view.session.selected_nodes}
        if len(items) == 1:
            return items.pop()
        return self._focused if self._focused in scene.shown() else None

    def _focus(self, item: NodeItem) -> None:
        """Select a card, bring it into sight and say what it is."""
        view = self._view
        self._focused = item
        view.session.select(view.scene_.members(item))
        if not view.visible_rect().contains(item.body()):
            view.ensureVisible(item.body(), 60, 60)
            view.view_moved()
        view.status_changed.emit(item.face.description)
        view.setAccessibleDescription(item.face.description)


def _modifiers(event: QKeyEvent) -> Qt.KeyboardModifier:
    return event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
