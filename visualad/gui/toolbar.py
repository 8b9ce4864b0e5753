"""The bar under the menus: the formula, the three modes, backend and precision, theme, palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolBar, QToolButton, QWidget

from visualad.engine.backend import absent_backends, backends
from visualad.gui import icons, theme
from visualad.gui.formula_bar import FormulaBar

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

NATIVE = QKeySequence.SequenceFormat.NativeText
MODES = ("forward", "backward", "cross")


class MainToolBar(QToolBar):
    """The tool bar of the main window.

    Attributes:
        formula: the formula bar; modes: the three buttons by mode.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__("Tool bar", window)
        self.setObjectName("main_toolbar")
        self.setAccessibleName("Tool bar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._window = window
        self.formula = FormulaBar(window.document)
        self.formula.setMaximumWidth(640)
        # A row of our own: a tool bar's layout knows no stretch factors.
        content = QWidget()
        content.setObjectName("toolbar_content")
        self._row = QHBoxLayout(content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self.formula, 8)
        self._row.addSpacing(6)
        self.modes = {mode: self._mode_button(mode) for mode in MODES}
        self._row.addSpacing(8)
        self.backend = self._menu_button("backend_menu", "Backend for training")
        self.dtype = self._menu_button("dtype_menu", "Precision of all numbers")
        self._row.addStretch(1)
        self._theme = self._tool("view.theme")
        self._palette = self._tool("view.command_palette")
        self._palette.setText(window.commands["view.command_palette"].shortcut().toString(NATIVE))
        self._palette.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for name in ("graph.float64", "graph.float32"):
            self._menu(self.dtype).addAction(window.commands[name])
        self.addWidget(content)
        window.document.graph_changed.connect(self.refresh)
        window.session.mode_changed.connect(self.refresh)
        theme.theme_changed.connect(self._paint)
        self._paint()
        self._menu(self.backend).aboutToShow.connect(self._fill_backends)
        self._fill_backends()

    def refresh(self) -> None:
        """Show mode, precision and backend as they are."""
        graph = self._window.document.graph
        for mode, button in self.modes.items():
            button.setChecked(self._window.session.mode == mode)
            button.setEnabled(len(graph) > 0)
        self.dtype.setText(f"{graph.dtype} ▾")
        chosen = str(graph.training.get("backend", "numpy"))
        self.backend.setText(f"{backend_title(chosen)} ▾")
        for action in self._menu(self.backend).actions():
            action.setChecked(action.data() == chosen)

    def _mode_button(self, mode: str) -> QPushButton:
        action = self._window.commands[f"differentiate.{mode}"]
        button = QPushButton(mode.capitalize())
        button.setObjectName(f"mode_{mode}")
        button.setAccessibleName(f"{mode.capitalize()} mode")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMinimumWidth(88)
        button.setToolTip(action.toolTip())
        # Checked follows the session, not the click.
        button.clicked.connect(lambda: self._click(mode))
        self._row.addWidget(button)
        return button

    def _click(self, mode: str) -> None:
        self._window.run(f"differentiate.{mode}")
        self.refresh()

    def _menu_button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMenu(QMenu(button))
        self._row.addWidget(button)
        return button

    def _menu(self, button: QToolButton) -> QMenu:
        menu = button.menu()
        assert menu is not None
        return menu

    def show_backends(self) -> None:
        """Offer the backends that there are now."""
        self._fill_backends()
        self.refresh()

    def _fill_backends(self) -> None:
        """All backends that there are; one that cannot run here says what to do about it."""
        menu = self._menu(self.backend)
        menu.clear()
        for backend in backends():
            title, able = backend_title(backend.name), backend.is_available()
            action = QAction(title if able else f"{title}: {backend.description}", menu)
            action.setCheckable(True)
            action.setData(backend.name)
            action.setToolTip(backend.description)
            action.setEnabled(able)
            action.triggered.connect(
                lambda _=False, name=backend.name: self._window.set_backend(name)
            )
            menu.addAction(action)
        for name, command in absent_backends().items():
            action = QAction(f"{backend_title(name)}: {command}", menu)
            action.setData(name)
            action.setEnabled(False)
            menu.addAction(action)
        menu.setToolTipsVisible(True)
        self.refresh()

    def _tool(self, identity: str) -> QToolButton:
        action = self._window.commands[identity]
        button = QToolButton()
        button.setObjectName("button_" + identity)
        button.setAccessibleName(action.text())
        button.setToolTip(action.toolTip())
        button.setIcon(action.icon())
        button.setIconSize(QSize(17, 17))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._window.run(identity))
        self._row.addWidget(button)
        return button

    def _paint(self) -> None:
        colours = theme.current()
        for mode, button in self.modes.items():
            full, soft = colours.mode(mode), colours.mode_soft(mode)
            button.setStyleSheet(
                f"QPushButton {{ color: {full}; border: 1px solid {full}; font-weight: 600;"
                f" background: {colours.surface}; padding: 4px 14px; }}"
                f"QPushButton:hover {{ background: {soft}; }}"
                f"QPushButton:focus {{ border: 2px solid {full}; padding: 3px 13px; }}"
                f"QPushButton:checked {{ background: {full}; color: {colours.on_accent}; }}"
                f"QPushButton:disabled {{ color: {colours.text_muted};"
                f" background: {colours.surface}; border-color: {colours.border}; }}"
            )
        dark = colours.is_dark
        self._theme.setIcon(icons.icon("theme-light" if dark else "theme-dark"))
        self._theme.setToolTip("Light theme" if dark else "Dark theme")


def backend_title(name: str) -> str:
    """How a backend is written on screen."""
    return {"numpy": "NumPy", "numba": "Numba", "cuda": "CUDA"}.get(name, name)
