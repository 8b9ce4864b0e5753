"""What is in the docks: panels, made when they are seen for the first time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QScrollArea, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from visualad.gui.docks import Dock

_MOVING = {QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.Resize}


class DockContents(QObject):
    """The panels in the docks of a window.

    A panel that nobody can see takes time and memory for nothing, so that a dock stays empty while
    it is hidden or behind a tab.

    To Qt a panel behind a tab is visible, only far outside the window. Here it is hidden, so that
    it can ask whether it is visible before it draws, or asks the kernel.

    Signals:
        filled: a panel was made; the name of its dock.
        seen: a panel comes into sight, perhaps not for the first time; its dock.
    """

    filled = Signal(str)
    seen = Signal(object)

    def __init__(self, make: Callable[[type], QWidget], parent: QObject) -> None:
        """No docks at first.

        Args:
            make: gives the widget for a panel class.
        """
        super().__init__(parent)
        self._make = make
        self._docks: dict[str, Dock] = {}
        self._widgets: dict[str, QDockWidget] = {}
        self._panels: dict[str, QWidget] = {}
        self._pages: dict[str, QWidget] = {}  # what is hidden and shown: the panel or around it
        self._in_sight: set[str] = set()
        self._held = 0
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.timeout.connect(self._look)

    def add(self, dock: Dock, widget: QDockWidget) -> None:
        """A dock whose contents are wanted when it is seen."""
        self._docks[dock.name] = dock
        self._widgets[dock.name] = widget
        widget.visibilityChanged.connect(self._look)
        widget.installEventFilter(self)

    def panel(self, name: str) -> QWidget | None:
        """The panel in a dock, made now if nobody has seen it; None when there is no such dock."""
        if name in self._docks and name not in self._panels:
            self._fill(name)
        return self._panels.get(name)

    def made(self, name: str) -> QWidget | None:
        """The panel in a dock if it has been made."""
        return self._panels.get(name)

    def fill(self) -> None:
        """Make all that is not there yet."""
        for name in self._docks:
            self.panel(name)

    # Watching ---------------------------------------------------------------------------------

    @contextmanager
    def held(self) -> Iterator[None]:
        """While docks move: what is seen for a moment only is not made."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self._look()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVING:
            self._settled.start()
        return False

    def _look(self, *_: object) -> None:
        """Fill and show what is in sight now, hide the others."""
        if self._held:
            return
        for name, widget in self._widgets.items():
            is_seen = _is_in_sight(widget)
            if is_seen and name not in self._panels:
                self._fill(name)
            if is_seen == (name in self._in_sight):
                continue
            self._in_sight ^= {name}
            if name in self._pages:
                self._pages[name].setVisible(is_seen)
            if is_seen:
                self.seen.emit(self._docks[name])

    # Making -----------------------------------------------------------------------------------

    def _fill(self, name: str) -> None:
        dock, widget = self._docks[name], self._widgets[name]
        panel = self._panels[name] = self._make(getattr(import_module(dock.module), dock.widget))
        if not panel.objectName():
            panel.setObjectName(f"{name}_panel")
        if not panel.accessibleName():
            panel.setAccessibleName(dock.title)
        page = self._pages[name] = _scrolled(panel, name) if dock.scrolls else panel
        # A dock shows whatever it is given; within another widget a page may stay hidden.
        keeps = page.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        page.setSizePolicy(keeps)
        page.setVisible(False)
        around = QWidget()
        column = QVBoxLayout(around)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(page)
        widget.setWidget(around)
        page.setVisible(name in self._in_sight)
        self.filled.emit(name)


def _is_in_sight(widget: QDockWidget) -> bool:
    """Whether it is shown, and not outside the window, where Qt puts what is behind a tab."""
    place = widget.geometry()
    outside = place.right() < 0 or place.bottom() < 0
    return widget.isVisible() and (widget.isFloating() or not outside)


def _scrolled(panel: QWidget, name: str) -> QScrollArea:
    area = QScrollArea()
    area.setObjectName(f"{name}_scroll")
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(panel)
    # It scrolls downwards only, so nothing may be cut off at the right.
    bar = area.verticalScrollBar().sizeHint().width()
    area.setMinimumWidth(panel.minimumSizeHint().width() + bar)
    return area
