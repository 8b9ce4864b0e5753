"""Exporting what a panel plots as a table and as a picture: menu, question where to, files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from visualad.gui.panels.curve_plot import write_picture
from visualad.gui.session import Session

Rows = Iterable[Sequence[object]]
Picture = tuple[Any, Sequence[tuple[str, str]]]  # a plot, and texts with colours above it


class Exporting(QObject):
    """The context menu of a plot.

    Args:
        panel: the parent of menu and dialog.
        name: of the files that are proposed.
        rows: the table as it is now, its headings first.
        picture: what is plotted now.
        fill: adds what else the menu has, before the exports.
    """

    def __init__(
        self,
        panel: QWidget,
        session: Session,
        name: str,
        rows: Callable[[], Rows],
        picture: Callable[[], Picture],
        fill: Callable[[QMenu], object] | None = None,
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._session = session
        self._name = name
        self._rows, self._picture = rows, picture
        picture_too = dict.fromkeys(("png", "svg"), self.write_picture)
        self._writers = {"csv": self.write_csv, **picture_too}
        self._fill = fill

    def on(self, widget: QWidget) -> None:
        """Open the menu on this widget."""
        widget.installEventFilter(self)

    def menu(self) -> QMenu:
        """The context menu."""
        menu = QMenu(self._panel)
        if self._fill is not None:
            self._fill(menu)
            menu.addSeparator()
        for suffix in self._writers:
            action = menu.addAction(f"Export as {suffix.upper()}…")
            action.triggered.connect(lambda _checked=False, kind=suffix: self.export(kind))
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QContextMenuEvent):
            menu = self.menu()
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())
            return True
        return False

    def export(self, kind: str) -> None:
        """Ask where to, and write."""
        pattern = f"{kind.upper()} (*.{kind})"
        title = f"Export {self._panel.accessibleName()}"
        name, _ = QFileDialog.getSaveFileName(self._panel, title, f"{self._name}.{kind}", pattern)
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(f"{name}.{kind}")
        try:
            self._writers[kind](path)
        except OSError as error:
            self._session.problem.emit(f"{path.name} cannot be written: {error.strerror}.", "")

    def write_csv(self, path: Path) -> None:
        """Write the table.

        Raises:
            OSError: if the file cannot be written.
        """
        rows = self._rows()
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows(rows)

    def write_picture(self, path: Path) -> None:
        """Write what is plotted with its words, as PNG or SVG.

        Raises:
            OSError: if the file cannot be written.
        """
        write_picture(*self._picture(), path)
