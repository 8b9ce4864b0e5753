"""The bar under the menus: the formula, the three modes, precision; or how a network learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolBar, QToolButton, QWidget

from visualad.gui import icons, theme
from visualad.gui.backend_menu import BackendMenu, backend_title
from visualad.gui.commands.declaration import trainable
from visualad.gui.formula_bar import FormulaBar

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow
    from visualad.gui.training_bar import TrainingBar

NATIVE = QKeySequence.SequenceFormat.NativeText
MODES = ("forward", "backward", "cross")


class MainToolBar(QToolBar):
    """The tool bar of the main window.

    A graph that can be trained has the training bar in it, until a mode is chosen or the formula
    wanted.

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
        self._content = QWidget()
        self._content.setObjectName("toolbar_content")
        self._row = QHBoxLayout(self._content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self.formula, 8)
        self._row.addSpacing(6)
        self.modes = {mode: self._mode_button(mode) for mode in MODES}
        self._row.addSpacing(8)
        self.backend = self._menu_button("backend_menu", "Backend for training")
        self._backends = BackendMenu(self._backend_name, self._set_backend, self.backend)
        self.backend.setMenu(self._backends)
        self.dtype = self._menu_button("dtype_menu", "Precision of all numbers")
        self._row.addStretch(1)
        self._back = QToolButton()
        self._back.setObjectName("training_button")
        self._back.setText("Train")
        self._back.setIcon(icons.icon("train"))
        self._back.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._back.setAutoRaise(True)
        self._back.setToolTip("Back to the training bar")
        self._back.clicked.connect(lambda: window.run("view.training_bar"))
        self._row.addWidget(self._back)
        self._theme = window.commands.button("view.theme", 17)
        self._palette = window.commands.button("view.command_palette", 17)
        for button in (self._theme, self._palette):
            self._row.addWidget(button)
        self._palette.setText(window.commands["view.command_palette"].shortcut().toString(NATIVE))
        self._palette.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for name in ("graph.float64", "graph.float32"):
            self._menu(self.dtype).addAction(window.commands[name])
        self._wants_training = True
        self._training: TrainingBar | None = None
        both = QWidget()
        self._both = QHBoxLayout(both)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.setSpacing(0)
        self._both.addWidget(self._content)
        self.addWidget(both)
        self.follow()
        window.document.replaced.connect(self._begin)
        window.document.graph_changed.connect(self.refresh)
        window.session.mode_changed.connect(self._mode_changed)
        window.session.training_changed.connect(self._training_changed)
        theme.theme_changed.connect(self._paint)
        self._paint()
        self.refresh()

    # Which of the two -------------------------------------------------------------------------

    @property
    def training(self) -> TrainingBar:
        """The training bar, made when there is something to train for the first time."""
        if self._training is None:
            from visualad.gui.training_bar import TrainingBar

            self._training = TrainingBar(self._window, self._window.training_editor)
            self._training.hide()
            self._both.addWidget(self._training)
        return self._training

    @property
    def shows_training(self) -> bool:
        """Whether the training bar is shown."""
        return self._training is not None and not self._training.isHidden()

    def show_training(self, wanted: bool) -> None:
        """Show the training bar, where there is something to train, or formula and modes."""
        self._wants_training = wanted
        self.follow()

    def follow(self) -> None:
        """Show the bar that belongs to the graph and to what is done with it."""
        able = trainable(self._window)
        shown = able and self._wants_training
        self._content.setVisible(not shown)
        if shown:
            self.training.show()
        elif self._training is not None:
            self._training.hide()
        self._back.setVisible(able)

    def take_formula(self) -> None:
        """Put the cursor into the formula field."""
        self.show_training(False)
        self.formula.take_focus()

    def _begin(self) -> None:
        self._wants_training = True

    def _mode_changed(self, mode: str) -> None:
        if mode:
            self.show_training(False)
        self.refresh()

    def _training_changed(self) -> None:
        if self._window.session.is_training:
            self.show_training(True)

    # Showing ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show mode, precision and backend as they are."""
        self.follow()
        graph = self._window.document.graph
        for mode, button in self.modes.items():
            button.setChecked(self._window.session.mode == mode)
            button.setEnabled(len(graph) > 0)
        self.dtype.setText(f"{graph.dtype} ▾")
        self.backend.setText(f"{backend_title(self._backend_name())} ▾")

    def _set_backend(self, name: str) -> None:
        self._window.training_editor.set_backend(name)

    def _backend_name(self) -> str:
        return str(self._window.document.graph.training.get("backend", "numpy"))

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
