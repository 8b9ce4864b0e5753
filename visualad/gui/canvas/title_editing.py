"""Typing the title of a group on its card or box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt

from visualad.gui.canvas.field import CardField
from visualad.gui.canvas.geometry import PADDING, TITLE, TITLE_SIZE
from visualad.gui.canvas.group_items import GroupCard

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView


class TitleEditing:
    """One field that goes from group to group."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._field = CardField(view)
        self._field.setObjectName("title_field")
        self._group = ""

    def edit(self, id_: str) -> None:
        """Open the field over the title of a group."""
        item = self._view.scene_.groups.item(id_)
        if item is None:
            return
        self._group = id_
        self._mark(edited=True)
        title = self._view.document.graph.groups[id_].title
        size = TITLE_SIZE * min(max(self._view.zoom, 0.85), 1.6)
        self._field.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._field.open(
            title,
            self._view.rect_on_screen(self._area()),
            lambda text: self._view.grouping.rename(id_, text),
            self._closed,
            name=f"Title of {title}",
            size=round(size),
        )

    def _mark(self, *, edited: bool) -> None:
        item = self._view.scene_.groups.item(self._group)
        if isinstance(item, GroupCard):
            item.set_look(edited="name" if edited else "")
        elif item is not None:
            item.set_look(edited=edited)

    def _area(self) -> QRectF:
        item = self._view.scene_.groups.item(self._group)
        if isinstance(item, GroupCard):
            area = QRectF(PADDING - 6, 4, item.geometry.size[0] - 2 * PADDING + 12, TITLE - 8)
            return area.translated(item.pos())
        assert item is not None
        area = item.title_rect().adjusted(8, 3, -8, -3)
        area.setWidth(min(area.width(), 260))
        return area

    def place(self) -> None:
        """The view has moved: the field goes along."""
        if not self._field.isHidden() and self._view.scene_.groups.item(self._group) is not None:
            self._field.setGeometry(self._view.rect_on_screen(self._area()))

    def follow(self) -> None:
        """The graph has changed: the group may be gone."""
        if self._group and self._view.scene_.groups.item(self._group) is None:
            self._field.hide()
            self._group = ""
        else:
            self.place()

    def _closed(self) -> None:
        self._mark(edited=False)
        self._group = ""
