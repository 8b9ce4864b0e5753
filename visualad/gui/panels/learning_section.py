"""How a network learns, in folds of the training panel: loss, start, schedule, its end, limits."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualad.gui import fonts, icons
from visualad.gui.entry import written
from visualad.gui.panels import training_edits as edits
from visualad.gui.panels.fields import Choice, Faulty, Field, number_field
from visualad.gui.panels.initializer_picture import (
    TITLES,
    WORDS,
    InitializerPicture,
    initializer_icon,
)
from visualad.gui.panels.parts import Prose, Text, muted
from visualad.gui.training_editor import (
    TrainingEditor,
    read_number_or,
    read_seed,
    read_whole_or,
)
from visualad.ops.writing import number_pretty
from visualad.training.initializers import INITIALIZERS
from visualad.training.rules import CARRIED, SHUFFLED
from visualad.training.schedules import SCHEDULES, WITH_END


class Fold(QWidget):
    """A heading that opens and closes what stands beneath it."""

    def __init__(self, title: str, name: str) -> None:
        super().__init__()
        self.button = QToolButton()
        self.button.setObjectName(f"fold_{name}")
        self.button.setText(title)
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setFont(fonts.text(12.0, fonts.Weight.DemiBold))
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.setStyleSheet(
            "QToolButton { background: transparent; border: none; padding: 2px 0; }"
            "QToolButton:checked { background: transparent; }"
        )
        self.content = QWidget()
        self.content.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.content)
        self.column = QVBoxLayout(self.content)
        self.column.setContentsMargins(4, 0, 0, 6)
        self.column.setSpacing(6)
        self.button.toggled.connect(self._open)

    def _open(self, wanted: bool) -> None:
        self.content.setVisible(wanted)
        self.button.setArrowType(Qt.ArrowType.DownArrow if wanted else Qt.ArrowType.RightArrow)


class LearningSection(QWidget):
    """The folds; each is a control that a lesson can hide."""

    def __init__(self, editor: TrainingEditor) -> None:
        super().__init__()
        self.setObjectName("learning_section")
        self._editor = editor
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.folds = {
            "loss": Fold("Loss", "loss"),
            "start": Fold("Initialiser and seed", "start"),
            "schedule": Fold("Schedule", "schedule"),
            "stopping": Fold("Stop conditions", "stopping"),
            "clipping": Fold("Gradient clipping", "clipping"),
        }
        self._build_loss(self.folds["loss"].column)
        self._build_start(self.folds["start"].column)
        self._build_schedule(self.folds["schedule"].column)
        self.stopping = self._build_fields(
            self.folds["stopping"].column,
            (
                ("epochs", "epochs", read_whole_or("none"), "Stop after so many epochs"),
                ("patience", "patience", read_whole_or("none"),
                 "Stop after so many epochs without a lower test loss, and go back to the best"),
                ("loss_below", "loss below", read_number_or("none"), "Stop below this loss"),
                ("seconds", "seconds", read_number_or("none"), "Stop after so long"),
            ),
        )  # fmt: skip
        self.clipping = self._build_fields(
            self.folds["clipping"].column,
            (
                ("clip_norm", "length", read_number_or("none"), "The gradient is at most so long"),
                ("clip_value", "entry", read_number_or("none"), "Each entry is at most so large"),
            ),
        )
        for fold in self.folds.values():
            column.addWidget(fold)
        self.controls: dict[str, QWidget] = dict(self.folds)
        editor.session.training_progress.connect(self._show_rate)
        editor.session.training_changed.connect(self._show_rate)

    # Building ---------------------------------------------------------------------------------

    def _build_loss(self, column: QVBoxLayout) -> None:
        items = [(name.replace("_", " "), name) for name in edits.losses()]
        self.loss = Choice("loss", "Loss", items, self._editor.set_loss)
        column.addWidget(self.loss)
        orders = [("shuffled", SHUFFLED), ("in fixed order", CARRIED)]
        self.order = Choice(
            "order", "Order of samples", orders, lambda value: self._set("order", value)
        )
        self.order.setToolTip(
            "Shuffled anew in each epoch, or always in the same order as in TensorFlow Playground"
        )
        column.addWidget(muted("samples"))
        column.addWidget(self.order)

    def _build_start(self, column: QVBoxLayout) -> None:
        names = ["default", *INITIALIZERS]
        items = [(TITLES.get(name, name), name) for name in names]
        self.initializer = Choice("initializer", "Initialiser", items, self._editor.set_initializer)
        self.initializer.setIconSize(QSize(46, 18))
        self.picture = InitializerPicture()
        self.words = Prose(token="text_muted", size=11.5)
        self.words.setObjectName("initializer_words")
        self.seed = Field("weight_seed", "Weight seed", read_seed, self._editor.set_seed)
        self.seed.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.seed.setToolTip("The same seed begins with the same weights")
        self.other = QToolButton()
        self.other.setObjectName("other_seed")
        self.other.setIcon(icons.icon("regenerate"))
        self.other.setToolTip("Begin with other weights: the next seed")
        self.other.setAccessibleName("Other weights")
        self.other.setFixedSize(28, 26)
        self.other.setStyleSheet("padding: 0;")
        self.other.clicked.connect(lambda: self._editor.set_seed(self._editor.graph.seed + 1))
        column.addWidget(self.initializer)
        column.addWidget(self.picture)
        column.addWidget(self.words)
        row = QHBoxLayout()
        row.addWidget(muted("seed"))
        row.addWidget(Faulty(self.seed), 1)
        row.addWidget(self.other, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)

    def _build_schedule(self, column: QVBoxLayout) -> None:
        kinds = [(name.replace("_", " "), name) for name in SCHEDULES]
        self.schedule = Choice("schedule", "Schedule", kinds, self._choose_schedule)
        self.schedule.setToolTip("How the learning rate changes from epoch to epoch")
        column.addWidget(self.schedule)
        self._schedule_grid = QGridLayout()
        self._schedule_grid.setColumnStretch(0, 1)
        column.addLayout(self._schedule_grid)
        self.rate_now = muted("")
        self.rate_now.setObjectName("rate_now")
        self.rate_now.setToolTip("What the schedule makes of the learning rate in this epoch")
        column.addWidget(self.rate_now)
        self._schedule_name = ""
        self.schedule_fields: dict[str, Field] = {}

    def _build_fields(
        self,
        column: QVBoxLayout,
        rows: tuple[tuple[str, str, Callable[[str], Any], str], ...],
    ) -> dict[str, Field]:
        """A field for each setting; an empty one sets none."""
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        fields: dict[str, Field] = {}
        for number, (key, title, read, tip) in enumerate(rows):
            field = number_field(key, title.capitalize(), partial(self._editor.set, key), read)
            field.setPlaceholderText("none")
            field.setToolTip(f"{tip}; empty for none")
            field.setMaximumWidth(90)
            fields[key] = field
            grid.addWidget(_label(title), number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Faulty(field), number, 1)
        column.addLayout(grid)
        return fields

    # Editing ----------------------------------------------------------------------------------

    def _set(self, key: str, value: Any) -> None:
        self._editor.choose(f"Set {key}", **{key: value})

    def _choose_schedule(self, name: str) -> None:
        chosen = None if name == "constant" else {"name": name}
        self._editor.choose("Choose schedule", schedule=chosen)

    def _set_of_schedule(self, key: str, value: float) -> None:
        whole = key in ("every", "epochs")
        number = int(value) if whole and float(value).is_integer() else value
        chosen = {**self._schedule_settings(), "name": self._schedule_name, key: number}
        SCHEDULES[self._schedule_name](**{k: v for k, v in chosen.items() if k != "name"})
        self._editor.set("schedule", chosen)

    def _schedule_settings(self) -> dict[str, Any]:
        given = self._editor.settings.get("schedule")
        return {"name": given} if isinstance(given, str) else dict(given or {})

    # Showing ----------------------------------------------------------------------------------

    def offer_losses(self) -> None:
        """Offer the losses that there are now."""
        self.loss.set_items([(name.replace("_", " "), name) for name in edits.losses()])

    def refresh(self) -> None:
        """Show the settings as they are."""
        graph, settings = self._editor.graph, self._editor.settings
        self.loss.show_data(edits.loss_of(graph))
        self.order.show_data(settings.get("order") or SHUFFLED)
        self._show_start(settings)
        self._show_schedule()
        for key, field in {**self.stopping, **self.clipping}.items():
            value = settings.get(key)
            field.show_text("" if value is None else written(value))

    def _show_start(self, settings: dict[str, Any]) -> None:
        found = edits.layers_of(self._editor.graph)
        able = found is not None
        for widget in (self.initializer, self.picture, self.words):
            widget.setVisible(able)
        self.seed.show_text(str(self._editor.graph.seed))
        if found is None:
            return
        name = str(settings.get("initializer") or "default")
        inputs, outputs = found.sizes[0], found.sizes[1]
        function = found.activations[0] if found.activations else found.output
        self.initializer.show_data(name)
        self.picture.show_initializer(name, function, inputs, outputs)
        self.words.setText(WORDS.get(name, ""))
        if not self.folds["start"].button.isChecked():
            return
        for index in range(self.initializer.count()):
            known = self.initializer.itemData(index)
            ratio = self.devicePixelRatioF()
            icon = initializer_icon(known, function, inputs, outputs, ratio)
            self.initializer.setItemIcon(index, icon)

    def _show_schedule(self) -> None:
        settings = self._schedule_settings()
        name = str(settings.get("name", "constant"))
        self.schedule.show_data(name)
        known = inspect.signature(SCHEDULES[name]).parameters if name in SCHEDULES else {}
        if name != self._schedule_name:
            self._schedule_name = name
            for field in self.schedule_fields.values():
                field.take_back()  # what was typed for another schedule
            _empty(self._schedule_grid)
            self.schedule_fields = {}
            for number, key in enumerate(known):
                field = number_field(
                    f"schedule_{key}",
                    key.capitalize(),
                    partial(self._set_of_schedule, key),
                )
                field.setMaximumWidth(90)
                self.schedule_fields[key] = field
                self._schedule_grid.addWidget(_label(key), number, 0, Qt.AlignmentFlag.AlignTop)
                self._schedule_grid.addWidget(Faulty(field), number, 1)
        for key, field in self.schedule_fields.items():
            usual = known[key].default
            if key == "epochs" and name in WITH_END:  # it spans the run, where that has an end
                usual = self._editor.settings.get("epochs") or usual
            field.show_text(written(settings.get(key, usual)))
        self._show_rate()

    def _show_rate(self, *_: object) -> None:
        """The learning rate of a run that has a schedule."""
        run = self._editor.session.training
        rate = run.last.rate if run.state and run.last is not None else None
        changes = self._schedule_name not in ("", "constant")
        words = f"rate now {number_pretty(rate, 4)}" if rate is not None and changes else ""
        self.rate_now.setText(words)
        self.rate_now.setVisible(bool(words))


def _label(text: str) -> Text:
    """In line with the field beside it, also when that has a sentence beneath."""
    label = muted(text.replace("_", " "))
    label.setMinimumHeight(26)
    return label


def _empty(layout: QLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
