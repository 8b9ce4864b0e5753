"""The training panel: data, optimiser and loss, with the buttons that steer the run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui import fonts, icons
from visualad.gui.document import Document
from visualad.gui.entry import read_number, written
from visualad.gui.panels import training_edits as edits
from visualad.gui.panels.dataset_picture import (
    DatasetButton,
    NotDrawnError,
    draw,
    forget_drawn,
)
from visualad.gui.panels.fields import Choice, Faulty, Field, Slider, number_field
from visualad.gui.panels.parts import Elided, Rule, Sentence, Text, heading, muted
from visualad.gui.session import Session
from visualad.training.generators import GENERATORS
from visualad.training.optimizers import OPTIMIZERS
from visualad.training.schedules import SCHEDULES

MOMENTUM = ("SGD with momentum", "momentum")  # on screen an optimiser of its own
RATES = (0.0001, 0.001, 0.003, 0.01, 0.02, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
MOST_NOISE = 0.5
DEFAULT_MOMENTUM = 0.9


class TrainingPanel(QWidget):
    """Everything that decides how the graph is trained; each control is one undoable step.

    Signals:
        command_requested: the id of a command of the window: "train.start", "train.step", …
    """

    command_requested = Signal(str)

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_panel")
        self.setAccessibleName("Training")
        self._document = document
        self._session = session
        self._graph: Graph | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        self._build_buttons(column)
        self.reason = Sentence("training_reason", "info", "text_muted")
        column.addWidget(self.reason)
        self._controls = QWidget()
        inside = QVBoxLayout(self._controls)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        column.addWidget(self._controls)
        column.addStretch(1)
        self._build_data(inside)
        inside.addWidget(Rule())
        self._build_optimizer(inside)
        document.graph_changed.connect(self.refresh)
        session.training_changed.connect(self._show_run)
        session.training_progress.connect(self._show_run)
        self.refresh()

    # Building ---------------------------------------------------------------------------------

    def _build_buttons(self, column: QVBoxLayout) -> None:
        self.train = self._button("train_button", "Train", "play", self._toggle)
        self.train.setDefault(True)
        self.step = self._button("step_button", "Step", "step-forward", self._command("train.step"))
        self.reset = self._button("reset_button", "Reset", "reset", self._command("train.reset"))
        self.step.setToolTip("Train one epoch")
        self.reset.setToolTip("Back to the parameters from before training")
        column.addWidget(self.train)
        pair = QHBoxLayout()
        pair.setSpacing(6)
        pair.addWidget(self.step)
        pair.addWidget(self.reset)
        column.addLayout(pair)
        self.epoch = Text("", "text", 12.5, fonts.Weight.DemiBold)
        self.epoch.setObjectName("training_epoch")
        self.rate = Elided("", "text_muted", 12.0)  # never wider than the panel
        self.rate.setObjectName("training_rate")
        self.rate.setAlignment(Qt.AlignmentFlag.AlignRight)
        pair = QHBoxLayout()
        pair.addWidget(self.epoch)
        pair.addWidget(self.rate, 1)
        column.addLayout(pair)
        self.backend_note = Sentence("backend_note", "info", "text_muted")
        column.addWidget(self.backend_note)

    def _button(self, name: str, text: str, icon: str, clicked: Callable[[], None]) -> QPushButton:
        button = QPushButton(icons.icon(icon), text)
        button.setObjectName(name)
        button.setIconSize(QSize(15, 15))
        button.setMinimumHeight(28)
        button.clicked.connect(lambda _checked=False: clicked())
        return button

    def _command(self, identity: str) -> Callable[[], None]:
        return lambda: self.command_requested.emit(identity)

    def _toggle(self) -> None:
        running = self._session.is_training
        self.command_requested.emit("train.pause" if running else "train.start")

    def _build_data(self, column: QVBoxLayout) -> None:
        column.addWidget(heading("Data"))
        self._data_grid = QGridLayout()
        self._data_grid.setSpacing(6)
        self.datasets: dict[str, DatasetButton] = {}
        self._fill_data()
        column.addLayout(self._data_grid)
        self.noise = self._slider(column, "noise", "Noise", self._set_noise)
        self.ratio = self._slider(column, "train : test", "Share for training", self._set_ratio)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.points = Field("training_points", "Number of points", _whole, self._set_points)
        self.points.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.regenerate = self._button("regenerate", "Regenerate", "reset", self._regenerate)
        self.regenerate.setToolTip("Draw other points of the same kind")
        row.addWidget(muted("points"))
        row.addWidget(Faulty(self.points), 1)
        column.addLayout(row)
        column.addWidget(self.regenerate)

    def _slider(
        self, column: QVBoxLayout, title: str, label: str, moved: Callable[[float], None]
    ) -> tuple[Slider, Text]:
        top = QHBoxLayout()
        number = Text("", "text", 12.0, fonts.Weight.DemiBold)
        number.setAlignment(Qt.AlignmentFlag.AlignRight)
        number.setObjectName(f"training_{label.split(maxsplit=1)[0].lower()}_text")
        top.addWidget(muted(title))
        top.addWidget(number, 1)
        slider = Slider(f"training_{label.split(maxsplit=1)[0].lower()}", label)
        slider.moved.connect(moved)
        slider.released.connect(self._document.end_merge)
        group = QVBoxLayout()
        group.setSpacing(0)
        group.addLayout(top)
        group.addWidget(slider)
        column.addLayout(group)
        return slider, number

    def _build_optimizer(self, column: QVBoxLayout) -> None:
        column.addWidget(heading("Training"))
        self.optimizer = Choice("optimizer", "Optimiser", optimizers(), self._set_optimizer)
        self.rate_choice = number_field(
            "learning_rate", "Learning rate", self._set("learning_rate")
        )
        self.rate_choice.stepped.connect(self._step_rate)
        self.rate_choice.setToolTip("Learning rate; the arrow keys go to the next usual one")
        self.momentum = number_field("momentum", "Momentum", self._set("momentum"))
        kinds = [(name.replace("_", " "), name) for name in SCHEDULES]
        self.schedule = Choice("schedule", "Schedule", kinds, self._set_schedule)
        self.schedule.setToolTip("How the learning rate changes from epoch to epoch")
        self.batch = Field("batch_size", "Batch size", _whole_or_all, self._set("batch_size"))
        self.batch.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.batch.setToolTip("Samples for each update; empty or “all” for all of them")
        items = [(name.replace("_", " "), name) for name in edits.losses()]
        self.loss = Choice("loss", "Loss", items, self._set_loss)
        self._form = QGridLayout()
        self._form.setHorizontalSpacing(8)
        self._form.setVerticalSpacing(6)
        self._form.setColumnStretch(1, 1)
        self._momentum_label = muted("momentum")
        rows: tuple[tuple[Text, QWidget], ...] = (
            (muted("optimiser"), self.optimizer),
            (muted("rate"), Faulty(self.rate_choice)),
            (self._momentum_label, Faulty(self.momentum)),
            (muted("schedule"), self.schedule),
            (muted("batch"), Faulty(self.batch)),
            (muted("loss"), self.loss),
        )
        for number, (label, widget) in enumerate(rows):
            label.setMinimumHeight(26)
            if widget is self.loss:  # its names are long: all the width, on a row of its own
                self._form.addWidget(label, number, 0, 1, 2)
                self._form.addWidget(widget, number + 1, 0, 1, 2)
                continue
            self._form.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
            self._form.addWidget(widget, number, 1)
        self._momentum_field = rows[2][1]
        column.addLayout(self._form)

    def follow_plugins(self) -> None:
        """Offer the data sets, optimisers and losses that there are now."""
        forget_drawn()
        self.optimizer.set_items(optimizers())
        self.loss.set_items([(name.replace("_", " "), name) for name in edits.losses()])
        self._fill_data()
        self._graph = None
        self.refresh()

    def _fill_data(self) -> None:
        """A picture for each data set; those that are there already stay."""
        for name in [name for name in self.datasets if name not in GENERATORS]:
            button = self.datasets.pop(name)
            button.hide()
            button.deleteLater()
        for number, (name, generator) in enumerate(GENERATORS.items()):
            if name not in self.datasets:
                button = DatasetButton(name, generator.title or name, self._session)
                button.clicked.connect(lambda _=False, name=name: self._choose_data(name))
                self.datasets[name] = button
            self._data_grid.addWidget(self.datasets[name], number // 3, number % 3)

    # Showing ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the graph's settings of training."""
        graph = self._document.graph
        if not self.isVisible() or graph is self._graph:
            return
        self._graph = graph
        reason = edits.reason_against(graph)
        self.reason.say(reason)
        able = bool(graph.parameters)
        self._controls.setEnabled(able)
        self._controls.setToolTip("" if able else reason)
        settings = edits.settings_of(graph)
        self._show_data(graph, settings["data"])
        chosen = str(settings.get("optimizer", "sgd"))
        momentum = float(settings.get("momentum") or 0.0)
        self.optimizer.show_data("momentum" if chosen == "sgd" and momentum else chosen)
        with_momentum = chosen == "sgd" and momentum > 0
        self._momentum_label.setVisible(with_momentum)
        self._momentum_field.setVisible(with_momentum)
        self.momentum.show_text(written(momentum))
        self.rate_choice.show_text(written(settings.get("learning_rate", 0.01)))
        schedule = settings.get("schedule") or "constant"
        self.schedule.show_data(schedule if isinstance(schedule, str) else schedule.get("name"))
        batch = settings.get("batch_size")
        self.batch.show_text("all" if batch is None else str(batch))
        self.loss.show_data(edits.loss_of(graph))
        self._show_run()

    def _show_data(self, graph: Graph, data: dict[str, Any]) -> None:
        columns = edits.input_columns(graph)
        noise = data.get("noise")
        for name, button in self.datasets.items():
            needed = GENERATORS[name].inputs
            fits = columns is None or columns == needed
            button.setEnabled(fits)
            button.setToolTip(
                f"{button.text()}: {GENERATORS[name].samples} points"
                if fits
                else f"{button.text()} has {needed} input{'s'[: needed - 1]}, "
                f"but the network takes {columns}."
            )
            button.setChecked(name == data.get("name"))
            is_chosen = name == data.get("name")
            button.show_data(noise if is_chosen else None, int(data.get("seed") or 0))
        known = data.get("name") in GENERATORS
        for widget in (self.noise[0], self.points, self.regenerate):
            widget.setEnabled(known)
        level = float(noise or 0.0)
        self.noise[0].show_number(level, 0.0, MOST_NOISE)
        self.noise[1].setText(f"{level:.0%}")
        share = 1.0 - float(data.get("test_fraction", 0.5))
        self.ratio[0].show_number(share, 0.1, 0.9)
        self.ratio[1].setText(f"{share:.0%} : {1 - share:.0%}")
        self.points.show_text(str(data.get("n", "")))

    def _show_run(self, *_: object) -> None:
        if not self.isVisible():
            return
        session = self._session
        running, state = session.is_training, session.training.state
        able = not self.reason.text
        self.train.setText("Pause" if running else "Resume" if state == "paused" else "Train")
        self.train.setIcon(icons.icon("pause" if running else "play", "on_accent"))
        self.train.setEnabled(able or running)
        self.step.setEnabled(able and not running)
        self.reset.setEnabled(bool(state or session.curves.epochs))
        last = session.training.last
        self.epoch.setText(f"epoch {last.epoch:,}" if last is not None else "epoch 0")
        speed = last.steps_per_second if last is not None and running else 0.0
        said = f"{speed:,.0f}" if speed < 10_000 else f"{speed / 1000:,.0f}k"
        self.rate.setText(f"{said} steps/s" if speed else "")
        notes = last.notes if last is not None and state != "idle" else ()
        self.backend_note.say(" ".join(notes))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._show_run()

    # Editing ----------------------------------------------------------------------------------

    def _waits_for_points(
        self, name: str, edit: Callable[[Graph], Graph], merge: str | None
    ) -> bool:
        """Whether the edit needs points that the kernel has yet to draw; it is made then."""
        graph = self._document.graph
        try:
            edit(graph)
        except NotDrawnError as error:
            again = partial(self._quietly, name, edit, merge)
            draw(self._session, error.settings, again)
            return True
        except VisualADError:
            pass  # the document says it
        return False

    def _apply(self, name: str, edit: Callable[[Graph], Graph], merge: str | None = None) -> None:
        if self._waits_for_points(name, edit, merge):
            return
        refused: list[str] = []
        self._document.refused.connect(refused.append)
        self._document.apply(name, edit, merge)
        self._document.refused.disconnect(refused.append)
        if refused:
            raise VisualADError(refused[0])

    def _quietly(self, name: str, edit: Callable[[Graph], Graph], merge: str | None = None) -> None:
        if not self._waits_for_points(name, edit, merge):
            self._document.apply(name, edit, merge)
        self._graph = None  # a refused choice goes back
        self.refresh()

    def _set(self, key: str) -> Callable[[Any], None]:
        title = key.replace("_", " ")

        def commit(value: Any) -> None:
            _check(key, value)
            self._apply(f"Set {title}", lambda graph: edits.with_training(graph, {key: value}))

        return commit

    def _choose_data(self, name: str) -> None:
        self._quietly("Choose data set", lambda graph: edits.with_dataset(graph, name))

    def _set_noise(self, noise: float) -> None:
        level = round(noise * 20) / 20  # steps of 5 %
        self._quietly(
            "Set noise", lambda graph: edits.with_data(graph, {"noise": level}), merge="noise"
        )

    def _set_ratio(self, share: float) -> None:
        part = round(1.0 - round(share * 10) / 10, 1)  # steps of 10 %
        self._quietly(
            "Set train to test ratio",
            lambda graph: edits.with_data(graph, {"test_fraction": part}),
            merge="ratio",
        )

    def _set_points(self, count: int) -> None:
        self._apply("Set number of points", lambda graph: edits.with_data(graph, {"n": count}))

    def _regenerate(self) -> None:
        self._quietly("Regenerate data", edits.with_new_seed)

    def _set_optimizer(self, chosen: str) -> None:
        momentum = DEFAULT_MOMENTUM if chosen == "momentum" else 0.0
        name = "sgd" if chosen == "momentum" else chosen
        changes: dict[str, Any] = {"optimizer": name, "momentum": momentum}
        usual = OPTIMIZERS[name].learning_rate
        known = edits.settings_of(self._document.graph).get("optimizer")
        if usual is not None and known != name:  # what suits one is far off for another
            changes["learning_rate"] = usual
        if OPTIMIZERS[name].full_batch:
            changes["batch_size"] = None
        self._quietly("Choose optimiser", lambda graph: edits.with_training(graph, changes))

    def _set_schedule(self, name: str) -> None:
        changes = {"schedule": None if name == "constant" else {"name": name}}
        self._quietly("Choose schedule", lambda graph: edits.with_training(graph, changes))

    def _set_loss(self, op: str) -> None:
        self._quietly("Choose loss", lambda graph: edits.with_loss(graph, op))

    def _step_rate(self, by: int) -> None:
        rate = float(edits.settings_of(self._document.graph).get("learning_rate", 0.01))
        larger = [known for known in RATES if known > rate * 1.0001]
        smaller = [known for known in RATES if known < rate * 0.9999]
        wanted = larger[:1] if by > 0 else smaller[-1:]
        if wanted:
            self._set("learning_rate")(wanted[0])


def optimizers() -> list[tuple[str, str]]:
    """The optimisers to choose from: what they are called, and their names."""
    listed = [(kind.title, name) for name, kind in OPTIMIZERS.items()]
    return [*listed[:1], MOMENTUM, *listed[1:]]


def _whole(text: str) -> int:
    number = read_number(text)
    if not number.is_integer() or not 1 <= number <= 1_000_000:
        raise VisualADError("Type a whole number from 1 to 1,000,000.")
    return int(number)


def _whole_or_all(text: str) -> int | None:
    return None if text.strip().lower() in ("", "all") else _whole(text)


def _check(key: str, value: Any) -> None:
    if key == "learning_rate" and not 0 < value <= 1e6:
        raise VisualADError("The learning rate must be greater than 0 and at most 1,000,000.")
    if key == "momentum" and not 0 <= value < 1:
        raise VisualADError("The momentum must be at least 0 and less than 1, such as 0.9.")
