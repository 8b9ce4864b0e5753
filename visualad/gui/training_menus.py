"""The menus of the training bar: optimiser, rate, batch, regularisation, speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget, QWidgetAction

from visualad.gui.entry import read_number, written
from visualad.gui.panels.fields import Field
from visualad.gui.panels.parts import muted
from visualad.gui.training_editor import (
    PENALTY_RATES,
    RATES,
    TrainingEditor,
    read_whole_or,
)
from visualad.gui.training_run import FULL_SPEED, SPEEDS
from visualad.training.optimizers import OPTIMIZERS

USUAL_MOMENTUM = 0.9
BATCHES = (1, 2, 5, 10, 20, 30, 50, 100)
FAULT_WIDTH = 200  # pixels of what is wrong with a number that was typed


class _MenuField(Field):
    """Keeps Enter to itself: the menu would go on to a value that nobody has chosen."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()


class ChoiceMenu(QMenu):
    """A few values of which one holds, and a field for any other one."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._group = QActionGroup(self)
        self.setToolTipsVisible(True)

    def offer(self, title: str, data: Any, choose: Callable[[], object], tip: str = "") -> QAction:
        """One more value."""
        action = self.addAction(title)
        action.setCheckable(True)
        action.setData(data)
        action.setToolTip(tip or title)
        action.triggered.connect(lambda _=False: choose())
        self._group.addAction(action)
        return action

    def section(self) -> None:
        """A line; what follows is another choice."""
        self.addSeparator()
        self._group = QActionGroup(self)

    def entry(
        self,
        name: str,
        label: str,
        read: Callable[[str], Any],
        commit: Callable[[Any], object],
    ) -> Field:
        """A field in the menu; Enter takes what is typed and closes the menu, or says why not."""
        action = QWidgetAction(self)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(22, 4, 10, 4)
        field = _MenuField(name, label, read, lambda value: self._take(commit, value))
        field.setMaximumWidth(90)
        layout.addWidget(muted(label))
        layout.addWidget(field, 1)
        action.setDefaultWidget(row)
        self.addAction(action)
        self._say_faults(field)
        return field

    def _say_faults(self, field: Field) -> None:
        """A line of its own below the field: the menu makes room for lines, not in one."""
        line = QWidgetAction(self)
        words = muted("", 11.0)
        words.set_token("error")
        words.setWordWrap(True)
        words.setFixedWidth(FAULT_WIDTH)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(22, 0, 10, 6)
        layout.addWidget(words)
        line.setDefaultWidget(row)
        line.setVisible(False)
        self.addAction(line)

        def say(sentence: str) -> None:
            words.setText(sentence)
            if sentence:
                words.setFixedHeight(words.heightForWidth(FAULT_WIDTH))
            line.setVisible(bool(sentence))

        field.fault.connect(say)

    def _take(self, commit: Callable[[Any], object], value: Any) -> None:
        commit(value)
        self.close()


def menu_button(name: str, tip: str, menu: QMenu | None = None) -> QToolButton:
    """A quiet button that opens a menu; its text says what holds."""
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(tip)
    button.setToolTip(tip)
    button.setAutoRaise(True)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    if menu is not None:
        button.setMenu(menu)
    return button


def optimizer_menu(editor: TrainingEditor, parent: QWidget) -> ChoiceMenu:
    """Optimisers; momentum and Nesterov's way of it belong to SGD."""
    menu = ChoiceMenu("optimizer_menu", parent)

    def fill() -> None:
        menu.clear()
        settings = editor.settings
        name, momentum = settings.get("optimizer", "sgd"), float(settings.get("momentum") or 0)
        nesterov = bool(settings.get("nesterov"))
        usual = momentum or USUAL_MOMENTUM
        offers: list[tuple[str, str, float, bool]] = []
        for key, kind in OPTIMIZERS.items():
            offers.append((kind.title, key, 0.0, False))
            if key == "sgd":
                offers.append((f"SGD with momentum {usual:g}", key, usual, False))
                offers.append((f"SGD with Nesterov's momentum {usual:g}", key, usual, True))
        for title, key, amount, ahead in offers:
            action = menu.offer(
                title,
                (key, amount, ahead),
                lambda k=key, a=amount, n=ahead: editor.set_optimizer(k, a, nesterov=n),  # type: ignore[misc]
            )
            is_chosen = key == name
            if key == "sgd":
                is_chosen = is_chosen and bool(amount) == bool(momentum) and ahead == nesterov
            action.setChecked(is_chosen)
        if name == "sgd" and momentum:
            menu.section()
            field = menu.entry(
                "momentum", "momentum", read_number, lambda value: editor.set("momentum", value)
            )
            field.show_text(written(momentum))

    menu.aboutToShow.connect(fill)
    return menu


def rate_menu(editor: TrainingEditor, parent: QWidget) -> ChoiceMenu:
    """TensorFlow Playground's learning rates, and a field for any other."""

    def set_rate(value: float) -> None:
        editor.set("learning_rate", value)

    return _numbers(
        "rate_menu",
        parent,
        [(f"{rate:g}" if rate >= 0.0001 else "0.00001", rate) for rate in RATES],
        set_rate,
        lambda: editor.settings.get("learning_rate", 0.01),
        ("learning_rate", read_number),
    )


def batch_menu(editor: TrainingEditor, parent: QWidget) -> ChoiceMenu:
    """Numbers of samples for each update."""

    def set_batch(value: int | None) -> None:
        editor.set("batch_size", value)

    sizes: list[tuple[str, Any]] = [(str(size), size) for size in BATCHES]
    return _numbers(
        "batch_menu",
        parent,
        [*sizes, ("all", None)],
        set_batch,
        lambda: editor.settings.get("batch_size"),
        ("batch_size", read_whole_or("all")),
    )


def penalty_menu(editor: TrainingEditor, parent: QWidget) -> ChoiceMenu:
    """None, L1 or L2, and its rate."""
    menu = ChoiceMenu("penalty_menu", parent)

    def fill() -> None:
        menu.clear()
        settings = editor.settings
        kind = settings.get("regularization") or "none"
        rate = float(settings.get("regularization_rate") or 0)
        for title, name, tip in (
            ("no regularisation", "none", "Only the loss is minimised"),
            ("L1", "l1", "Σ|w| is added to the loss: weights become 0"),
            ("L2", "l2", "½Σw² is added to the loss: weights become small"),
        ):
            action = menu.offer(title, name, lambda n=name: editor.set_penalty(n), tip)  # type: ignore[misc]
            action.setChecked(name == kind)
        menu.section()
        for known in PENALTY_RATES:
            action = menu.offer(
                f"rate {known:g}",
                known,
                lambda r=known: editor.set_penalty_rate(r),  # type: ignore[misc]
            )
            action.setChecked(known == rate)
        field = menu.entry("penalty_rate", "other", read_number, editor.set_penalty_rate)
        field.show_text("" if rate in PENALTY_RATES else written(rate))

    menu.aboutToShow.connect(fill)
    return menu


def speed_menu(editor: TrainingEditor, parent: QWidget) -> ChoiceMenu:
    """From one epoch at a time to full speed; nothing of the graph depends on it."""
    menu = ChoiceMenu("speed_menu", parent)
    run = editor.session.training
    for pace, title in (*SPEEDS, (0.0, FULL_SPEED)):
        menu.offer(title, pace, lambda pace=pace: run.set_pace(pace))  # type: ignore[misc]

    def show() -> None:
        for action in menu.actions():
            action.setChecked(action.data() == run.pace)

    menu.aboutToShow.connect(show)
    return menu


def speed_title(pace: float) -> str:
    """What a speed is called."""
    return dict(SPEEDS).get(pace, FULL_SPEED)


def optimizer_title(settings: dict[str, Any]) -> str:
    """ "SGD momentum 0.9", "Adam"."""
    name = str(settings.get("optimizer", "sgd"))
    momentum = float(settings.get("momentum") or 0)
    title = OPTIMIZERS[name].title if name in OPTIMIZERS else name
    if name != "sgd" or not momentum:
        return title
    return f"{title} {'Nesterov' if settings.get('nesterov') else 'momentum'} {momentum:g}"


def penalty_title(settings: dict[str, Any]) -> str:
    """ "L2 0.001", "no L1/L2"."""
    kind, rate = settings.get("regularization") or "none", settings.get("regularization_rate") or 0
    return "no L1/L2" if kind == "none" else f"{str(kind).upper()} {rate:g}"


def _numbers(
    name: str,
    parent: QWidget,
    offers: Sequence[tuple[str, Any]],
    choose: Callable[[Any], None],
    chosen: Callable[[], Any],
    entry: tuple[str, Callable[[str], Any]],
) -> ChoiceMenu:
    """A menu of numbers that is filled when it opens."""
    menu = ChoiceMenu(name, parent)

    def fill() -> None:
        menu.clear()
        value = chosen()
        for title, data in offers:
            action = menu.offer(title, data, lambda data=data: choose(data))  # type: ignore[misc]
            action.setChecked(data == value)
        menu.addSeparator()
        field = menu.entry(entry[0], "other", entry[1], choose)
        known = any(data == value for _, data in offers)
        field.show_text("" if known or value is None else written(value))

    menu.aboutToShow.connect(fill)
    return menu
