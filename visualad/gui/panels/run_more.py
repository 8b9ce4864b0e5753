"""The dialog that queues further runs: which seeds, which values of a setting, how many epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.parts import Prose, Sentence, muted
from visualad.training.grid.plan import LAYERS, make_plan
from visualad.training.layers import find_layers

WORDS = (
    "Each run begins from the network as it is and is trained on a process of its own; finished "
    "runs appear in the list. Seeds decide about data, initial parameters and the order of samples."
)
SETTINGS = (
    ("learning rate", "learning_rate", "0.003, 0.01, 0.03"),
    ("optimiser", "optimizer", "sgd, adam"),
    ("batch size", "batch_size", "1, 10, 30"),
    ("hidden layers", "hidden", "4, 8, 8x8"),
    ("activation", "activation", "sigmoid, tanh, relu"),
    ("initialiser", "initializer", "lecture, glorot, he"),
    ("noise", "noise", "0, 0.2, 0.4"),
)
NONE = "none"
MOST = 200  # runs at once
EPOCHS = 200


class RunMoreDialog(QDialog):
    """Asks for seeds and values; `wanted` is what to queue once it was accepted."""

    def __init__(self, graph: Graph, epochs: int = EPOCHS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_more_dialog")
        self.setWindowTitle("Run More")
        self._graph = graph
        self.wanted: tuple[Mapping[str, Sequence[str]], int | None, int] | None = None
        self.seeds = QSpinBox()
        self.seeds.setObjectName("run_more_seeds")
        self.seeds.setAccessibleName("Seeds")
        self.seeds.setRange(0, MOST)
        self.seeds.setSpecialValueText("as it is")
        self.seeds.setValue(3)
        is_chain = find_layers(graph) is not None
        items = [(t, n) for t, n, _ in SETTINGS if is_chain or n not in LAYERS]
        self.setting = Choice("run_more_setting", "Setting", [(NONE, ""), *items], self._choose)
        self.setting.setCurrentIndex(0)
        self.values = QLineEdit()
        self.values.setObjectName("run_more_values")
        self.values.setAccessibleName("Values, separated by commas")
        self.values.setPlaceholderText("values, separated by commas")
        self.values.setEnabled(False)
        self.epochs = QSpinBox()
        self.epochs.setObjectName("run_more_epochs")
        self.epochs.setAccessibleName("Epochs of each run")
        self.epochs.setRange(1, 1_000_000)
        self.epochs.setValue(epochs)
        self.fault = Sentence("run_more_fault")
        self.summary = muted()
        self.summary.setObjectName("run_more_summary")
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("seeds", self.seeds),
            ("setting", self.setting),
            ("values", self.values),
            ("epochs", self.epochs),
        )
        for spin in (self.seeds, self.epochs):
            spin.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
            spin.setStyleSheet("padding: 3px 6px;")
        for number, (title, field) in enumerate(rows):
            field.setMinimumHeight(28)
            form.addWidget(muted(title), number, 0)
            form.addWidget(field, number, 1)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.run_button = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.run_button.setText("Run")
        self.run_button.setObjectName("run_more_run")
        buttons.accepted.connect(self._finish)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(Prose(WORDS, "text_muted", 12.5))
        column.addLayout(form)
        column.addWidget(self.summary)
        column.addWidget(self.fault)
        column.addStretch(1)
        column.addWidget(buttons, 0, Qt.AlignmentFlag.AlignBottom)
        self.seeds.valueChanged.connect(self._check)
        self.values.textChanged.connect(self._check)
        self.resize(440, 330)
        self._check()

    def _choose(self, name: str) -> None:
        self.setting.show_data(name)
        self.values.setEnabled(bool(name))
        self.values.setText(next((text for _, n, text in SETTINGS if n == name), ""))
        self._check()

    def settings(self) -> dict[str, list[str]]:
        """The values by the name of their setting."""
        name = str(self.setting.currentData() or "")
        values = [part.strip() for part in self.values.text().split(",") if part.strip()]
        return {name: values} if name else {}

    def _check(self, *_: object) -> None:
        """Say how many runs that makes, or what is wrong."""
        seeds = self.seeds.value() or None
        fault = ""
        try:
            count = len(make_plan(self._graph, self.settings(), seeds).cases)
        except VisualADError as error:
            count, fault = 0, error.message
        if count > MOST:
            fault = f"That makes {count:,} runs; {MOST} is the most at once."
        self.fault.say(fault)
        self.summary.setText("" if fault else f"{count} run{'s' if count != 1 else ''}")
        self.run_button.setEnabled(not fault)

    def _finish(self) -> None:
        self.wanted = (self.settings(), self.seeds.value() or None, self.epochs.value())
        self.accept()
