"""Typing on the canvas itself: titles of groups and frames, and the text of notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from visualad.gui import fonts
from visualad.gui.canvas.backdrops import FRAME_TITLE, NOTE_INSET, NOTE_SIZE
from visualad.gui.canvas.field import CardField
from visualad.gui.canvas.geometry import PADDING, TITLE, TITLE_SIZE
from visualad.gui.canvas.group_items import GroupCard

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

_WIDEST = 260.0
_LEAST = (150, 54)  # px of the field for a note
_LEAST_HIGH = 26  # px of the field for a title


class NoteField(QPlainTextEdit):
    """Several lines that lie over a note; leaving it or Ctrl and Enter accepts, Escape does not."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = parent
        self.setObjectName("note_field")
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._accept: Callable[[str], object] = lambda text: None
        self._start = ""
        self.hide()

    def open(self, text: str, where: QRect, accept: Callable[[str], object], size: float) -> None:
        """Show the field; `accept` takes another text."""
        self._accept, self._start = accept, text
        self.setAccessibleName("Text of the note")
        self.setFont(fonts.text(size))
        self.setPlainText(text)
        self.setGeometry(where)
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_field(self, *, accept: bool) -> None:
        """Go away, with the new text or without."""
        if self.isHidden():
            return
        text, had_focus = self.toPlainText().strip(), self.hasFocus()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.hide()
        if accept and text != self._start:
            self._accept(text)
        if had_focus:
            self._canvas.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.close_field(accept=True)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_field(accept=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        stays = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
        if event.reason() not in stays:
            self.close_field(accept=True)


class TitleEditing:
    """A field that goes from group to group and frame to frame, and one for notes."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._field = CardField(view)
        self._field.setObjectName("title_field")
        self._note_field = NoteField(view)
        self._kind, self._id = "", ""  # "group", "frame" or "note", and which

    def edit(self, kind: str, id_: str) -> None:
        """Open the field over a group's or frame's title, or a note's text."""
        view = self._view
        self._kind, self._id = kind, id_
        if not self._is_there():
            return
        self._mark(edited=True)
        if not view.visible_rect().contains(self._area()):
            if view.shows_all:
                view.fit_all(glide=False)
            else:
                view.ensureVisible(self._area(), 60, 60)
                view.view_moved()
        area = self._on_screen()
        scale = min(max(view.zoom, 0.85), 1.6)
        graph = view.document.graph
        if kind == "note":
            area.setSize(area.size().expandedTo(QSize(*_LEAST)))
            self._note_field.open(
                graph.notes[id_].text,
                area,
                lambda text: view.editing.set_note(id_, text),
                round(NOTE_SIZE * scale),
            )
            return
        title = graph.groups[id_].title if kind == "group" else graph.frames[id_].title
        rename = view.grouping.rename if kind == "group" else view.editing.rename_frame
        self._field.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._field.open(
            title,
            area,
            lambda text: rename(id_, text),
            self._closed,
            name=f"Title of {title}",
            size=round(TITLE_SIZE * scale),
        )

    def _is_there(self) -> bool:
        scene = self._view.scene_
        if self._kind == "group":
            return scene.groups.item(self._id) is not None
        return self._id in (scene.frames if self._kind == "frame" else scene.notes)

    def _mark(self, *, edited: bool) -> None:
        if self._kind != "group":
            return
        item = self._view.scene_.groups.item(self._id)
        if isinstance(item, GroupCard):
            item.set_look(edited="name" if edited else "")
        elif item is not None:
            item.set_look(edited=edited)

    def _area(self) -> QRectF:
        scene = self._view.scene_
        if self._kind == "note":
            inset = NOTE_INSET - 5
            return scene.notes[self._id].area().adjusted(inset, inset, -inset, -inset)
        if self._kind == "frame":
            area = scene.frames[self._id].area().adjusted(6, 2, -6, 0)
            area.setHeight(FRAME_TITLE - 4)
        else:
            item = scene.groups.item(self._id)
            assert item is not None
            if isinstance(item, GroupCard):
                width = item.geometry.size[0] - 2 * PADDING + 12
                return QRectF(PADDING - 6, 4, width, TITLE - 8).translated(item.pos())
            area = item.title_rect().adjusted(8, 3, -8, -3)
        area.setWidth(min(area.width(), _WIDEST))
        return area

    def _on_screen(self) -> QRect:
        """Where the field lies; high enough to be read, however far away the canvas is."""
        area = self._view.rect_on_screen(self._area())
        area.setHeight(max(area.height(), _LEAST_HIGH))
        return area

    def place(self) -> None:
        """The view has moved: the field goes along."""
        if not self._is_there():
            return
        area = self._on_screen()
        if not self._field.isHidden():
            self._field.setGeometry(area)
        elif not self._note_field.isHidden():
            self._note_field.move(area.topLeft())

    def follow(self) -> None:
        """The graph has changed: what is edited may be gone."""
        if self._id and not self._is_there():
            self._field.hide()
            self._note_field.hide()
            self._kind, self._id = "", ""
        else:
            self.place()

    def _closed(self) -> None:
        if self._is_there():
            self._mark(edited=False)
        self._kind, self._id = "", ""
