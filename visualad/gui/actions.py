"""The QActions of a window, made from the table of commands and kept up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolButton

from visualad.gui import icons
from visualad.gui.commands import COMMANDS, MENUS, Command, command

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow


class Actions(QObject):
    """One QAction for each command; menus and shortcuts.

    Attributes:
        menus: by path, "File" or "Differentiate/Speed".
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._held = 0
        self._actions = {entry.id: self._make(entry) for entry in COMMANDS.values()}
        self.menus: dict[str, QMenu] = {}

    def __getitem__(self, identity: str) -> QAction:
        return self._actions[identity]

    def button(self, identity: str, size: int) -> QToolButton:
        """A button that runs a command and shows its icon, `size` px wide."""
        action = self._actions[identity]
        button = QToolButton()
        button.setObjectName("button_" + identity)
        button.setAccessibleName(action.text())
        button.setToolTip(action.toolTip())
        button.setIcon(action.icon())
        button.setIconSize(QSize(size, size))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._window.run(identity))
        return button

    def starting(self, prefix: str) -> list[QAction]:
        """The actions whose ids start so, in the order of the table."""
        return [action for id_, action in self._actions.items() if id_.startswith(prefix)]

    def run(self, identity: str) -> bool:
        """Run a command; False when it makes no sense at present.

        Raises:
            VisualADError: if there is no such command.
        """
        entry = command(identity)
        if not entry.enabled(self._window):
            title = self.title(entry).rstrip("…")
            self._window.notifications.say(f"“{title}” is not possible at the moment.")
            self.refresh()
            return False
        entry.run(self._window)
        self.refresh()
        return True

    def title(self, entry: Command) -> str:
        """The title as it is now."""
        return entry.named(self._window) if entry.named is not None else entry.title

    @contextmanager
    def held(self) -> Iterator[None]:
        """While much changes at once: the commands are asked once, when that is done."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self.refresh()

    def refresh(self) -> None:
        """Ask every command whether it is possible, on, and what it is called."""
        if self._held:
            return
        for entry in COMMANDS.values():
            action = self._actions[entry.id]
            action.setEnabled(entry.enabled(self._window))
            if entry.checked is not None:
                action.setChecked(entry.checked(self._window))
            if entry.named is not None:
                action.setText(self.title(entry))

    def build_menus(self, bar: QMenuBar) -> None:
        """Fill the menu bar from the table."""
        for name in MENUS:
            menu = bar.addMenu(f"&{name}")
            menu.setObjectName(f"menu_{name.lower()}")
            self.menus[name] = menu
        previous: dict[str, int] = {}
        for entry in sorted(COMMANDS.values(), key=lambda e: (MENUS.index(_top(e)), e.section)):
            if not entry.menu:
                continue
            top = _top(entry)
            if previous.setdefault(top, entry.section) != entry.section:
                self.menus[top].addSeparator()
                previous[top] = entry.section
            self._menu(entry.menu).addAction(self._actions[entry.id])

    def _menu(self, path: str) -> QMenu:
        if path not in self.menus:
            top, _, name = path.partition("/")
            menu = self.menus[top].addMenu(name)
            menu.setObjectName("menu_" + path.lower().replace("/", "_").replace(" ", "_"))
            self.menus[path] = menu
        return self.menus[path]

    def _make(self, entry: Command) -> QAction:
        action = QAction(entry.title, self._window)
        action.setObjectName(entry.id)
        action.setShortcuts([QKeySequence(keys) for keys in entry.shortcuts])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setMenuRole(QAction.MenuRole.NoRole)
        action.setCheckable(entry.checked is not None)
        if entry.icon:
            action.setIcon(icons.icon(entry.icon))
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        words = entry.tip or entry.title.rstrip("…")
        action.setToolTip(f"{words} ({keys})" if keys else words)
        action.setStatusTip("")
        action.triggered.connect(lambda _=False, identity=entry.id: self._window.run(identity))
        self._window.addAction(action)
        return action


def _top(entry: Command) -> str:
    return entry.menu.partition("/")[0] or MENUS[-1]
