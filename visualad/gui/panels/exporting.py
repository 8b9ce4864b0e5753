"""Exporting what a panel plots: its menu and the question where to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from visualad.gui.session import Session

Write = Callable[[Path], object]


class Exporting(QObject):
    """The context menu of a plot.

    Args:
        panel: the parent of menu and dialog.
        name: of the files that are proposed.
        writers: by suffix without dot.
        fill: adds what else the menu has, before the exports.
    """

    def __init__(
        self,
        panel: QWidget,
        session: Session,
        name: str,
        writers: Mapping[str, Write],
        fill: Callable[[QMenu], object] | None = None,
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._session = session
        self._name = name
        self._writers = writers
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
