"""The bar of a graph that can be trained: run it, how fast it goes, by which rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from visualad.gui import fonts, icons
from visualad.gui.backend_menu import BackendMenu, backend_title
from visualad.gui.commands.declaration import trainable
from visualad.gui.entry import written
from visualad.gui.panels.parts import Text, write_in_place
from visualad.gui.training_editor import TrainingEditor
from visualad.gui.training_menus import (
    batch_menu,
    menu_button,
    optimizer_menu,
    optimizer_title,
    penalty_menu,
    penalty_title,
    rate_menu,
    speed_menu,
    speed_title,
)

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

ROOMY, MIDDLE, NARROW = 1340, 1260, 1120  # px from which numbers, the switch, buttons have words
TIGHT = 980  # px below which there is no room for the steps per second
SHORT = {"SGD momentum": "SGD μ", "SGD Nesterov": "Nesterov μ", "Levenberg-Marquardt": "Lev.-Marq."}
SWITCH = "view.neurons"  # the command whose place is the right end


class TrainingBar(QWidget):
    """Train, Step, Reset, Regenerate; epoch and rate; the menus of the rules.

    Attributes:
        train, step, reset, regenerate: buttons; epoch: the label.
        menus: the menu buttons by control.
        controls: all that a lesson can hide, by the name of the control.
    """

    def __init__(self, window: MainWindow, editor: TrainingEditor) -> None:
        super().__init__()
        self.setObjectName("training_bar")
        self.setAccessibleName("Training bar")
        self._window = window
        self._editor = editor
        self._session = window.session
        self._fitted: tuple[bool, ...] | None = None
        self._epoch_room = 0  # px
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self.train = self._button("train_button", "Train", "play", "train.start")
        self.train.setDefault(True)
        self.step = self._button("step_button", "Step", "step-forward", "train.step")
        self.reset = self._button("reset_button", "Reset", "reset", "train.reset")
        self.regenerate = self._button(
            "regenerate_button", "Regenerate", "regenerate", "train.regenerate"
        )
        self._row.addSpacing(8)
        self.epoch = Text("", "text_muted", 12.5)
        self.epoch.setObjectName("training_epoch")
        self.epoch.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._row.addWidget(self.epoch)
        self.speed = menu_button("speed_button", "Speed of training", speed_menu(editor, self))
        self._row.addWidget(self.speed)
        self._row.addStretch(1)
        self.backend_menu = BackendMenu(
            lambda: str(editor.settings.get("backend", "numpy")), editor.set_backend, self
        )
        self.menus: dict[str, QToolButton] = {}
        for control, tip, menu in (
            ("optimizer", "Optimiser", optimizer_menu(editor, self)),
            ("rate", "Learning rate", rate_menu(editor, self)),
            ("batch", "Samples for each update", batch_menu(editor, self)),
            ("regularization", "Regularisation", penalty_menu(editor, self)),
            ("backend", "Backend for training", self.backend_menu),
        ):
            self._add_menu(control, tip, menu)
        self._row.addStretch(1)
        self.modes = QToolButton()
        self.modes.setObjectName("differentiate_button")
        self.modes.setAccessibleName("Formula and modes")
        self.modes.setToolTip("Formula, Forward, Backward and Cross")
        self.modes.setText("∂x")
        self.modes.setFont(fonts.text(15.0))
        self.modes.setAutoRaise(True)
        self.modes.clicked.connect(lambda: window.run("view.training_bar"))
        self._row.addWidget(self.modes)
        self.switch = self._switch()
        self.controls = {
            "step": self.step,
            "reset": self.reset,
            "regenerate": self.regenerate,
            "epoch": self.epoch,
            "speed": self.speed,
            **self.menus,
        }
        window.document.graph_changed.connect(self.refresh)
        editor.hiding_changed.connect(self.refresh)
        self._session.training_changed.connect(self.refresh)
        self._session.training_progress.connect(self.show_run)

    # Building ---------------------------------------------------------------------------------

    def _button(self, name: str, text: str, icon: str, command: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setIcon(icons.icon(icon, "on_accent" if command == "train.start" else "text"))
        button.setIconSize(QSize(14, 14))
        button.setMinimumHeight(27)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setFont(fonts.text(fonts.SIZE, fonts.Weight.DemiBold))
        button.setToolTip(self._window.commands[command].toolTip())
        if command == "train.start":
            button.clicked.connect(self._toggle)
        else:
            button.clicked.connect(lambda _=False: self._window.run(command))
        self._row.addWidget(button)
        return button

    def _toggle(self) -> None:
        self._window.run("train.pause" if self._session.is_training else "train.start")

    def _add_menu(self, control: str, tip: str, menu: QMenu) -> None:
        button = menu_button(f"{control}_button", tip, menu)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menus[control] = button
        self._row.addWidget(button)

    def _switch(self) -> QToolButton | None:
        """Neurons or matrices, where there is such a command."""
        from visualad.gui.commands import COMMANDS

        if SWITCH not in COMMANDS:
            return None
        action = self._window.commands[SWITCH]
        button = QToolButton()
        button.setObjectName("neurons_switch")
        button.setAccessibleName("Neurons or matrices")
        button.setText("neurons ⇄ matrices")
        button.setFont(fonts.text(12.5, fonts.Weight.DemiBold))
        button.setToolTip(action.toolTip())
        button.setAutoRaise(True)
        button.setEnabled(action.isEnabled())
        button.clicked.connect(lambda _=False: self._window.run(SWITCH))
        action.enabledChanged.connect(button.setEnabled)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row.addWidget(button)
        return button

    # Showing ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the settings as they are, without what a lesson hides."""
        if self.isHidden():
            return
        settings = self._editor.settings
        rate, batch = settings.get("learning_rate", 0.01), settings.get("batch_size")
        backend = backend_title(str(settings.get("backend", "numpy")))
        texts = {
            "optimizer": optimizer_title(settings),
            "rate": f"rate {written(rate)}",
            "batch": f"batch {'all' if batch is None else batch}",
            "regularization": penalty_title(settings),
            "backend": backend,
        }
        for control, text in texts.items():
            self.menus[control].setText(f"{self._shortened(text)} ▾")
        speed = speed_title(self._session.training.pace)
        if self.width() < NARROW:
            speed = speed.replace("full speed", "full")
        self.speed.setText(f"{speed} ▾")
        self._fit()
        hidden = self._editor.hidden
        for control, widget in self.controls.items():
            widget.setVisible(control not in hidden)
        self.show_run()

    def show_run(self, *_: object) -> None:
        """Show epoch and rate, and what the buttons do now."""
        if self.isHidden():
            return
        run = self._session.training
        running = self._session.is_training
        text = "Pause" if running else "Resume" if run.state == "paused" else "Train"
        if self.train.text() != text:
            self.train.setText(text)
            self.train.setAccessibleName(text)
            self.train.setIcon(icons.icon("pause" if running else "play", "on_accent"))
        able = trainable(self._window)
        self.train.setEnabled(running or able)
        self.step.setEnabled(not running and able)
        self.reset.setEnabled(bool(run.state or self._session.curves.epochs))
        write_in_place(self.epoch, self._epoch_text(), self._epoch_room)

    def _fit(self) -> None:
        """As many words as there is room for."""
        words, long = self.width() >= NARROW, self.width() >= MIDDLE
        fitted = (words, long, self.is_roomy, self.width() >= TIGHT)
        if fitted == self._fitted:
            return
        self._fitted = fitted
        for button, title in (
            (self.step, "Step"),
            (self.reset, "Reset"),
            (self.regenerate, "Regenerate"),
        ):
            button.setText(title if words else "")
            button.setIcon(_NO_ICON if words else icons.icon(_ICONS[title]))
            button.setStyleSheet("" if words else "padding: 4px 8px;")
        self._row.setSpacing(6 if words else 3)
        if self.switch is not None:
            self.switch.setText("neurons ⇄ matrices" if long else "neurons ⇄")
        widest = "epoch 000,000 · 000,000 steps/s" if self.is_roomy else "epoch 0,000 · 00.0k/s"
        if self.width() < TIGHT:
            widest = "epoch 000,000"
        self._epoch_room = self.epoch.fontMetrics().horizontalAdvance(widest)

    def _shortened(self, text: str) -> str:
        """A long name in a narrow window; the tool tip has it in full."""
        for long, short in SHORT.items():
            if self.width() < NARROW and text.startswith(long):
                return text.replace(long, short)
        return text

    @property
    def is_roomy(self) -> bool:
        """Whether there is room for everything in full."""
        return self.width() >= ROOMY

    def _epoch_text(self) -> str:
        last = self._session.training.last
        epoch = last.epoch if last is not None else 0
        part = _tenths(last.place - epoch) if last is not None and last.rests_inside else ""
        speed = last.steps_per_second if last is not None and self._session.is_training else 0.0
        digits = (f"{epoch:07,d}" if epoch < 1_000_000 else f"{epoch:,}") + part
        if self.width() < TIGHT:
            return f"epoch {epoch:,}"
        if not self.is_roomy:
            short = f"{speed / 1000:,.1f}k" if speed >= 1000 else f"{speed:.0f}"
            return f"epoch {epoch:,}{part}" + (f" · {short}/s" if speed else "")
        return f"epoch {digits}" + (f" · {speed:,.0f} steps/s" if speed else "")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()


def _tenths(share: float) -> str:
    """Behind the number of whole epochs; never rounded to one."""
    return f".{min(max(int(10 * share), 1), 9)}"


_ICONS = {"Step": "step-forward", "Reset": "reset", "Regenerate": "regenerate"}
_NO_ICON = QIcon()
