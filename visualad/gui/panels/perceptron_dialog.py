"""The dialog that builds a multilayer perceptron with its data set."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui.panels.dataset_picture import DatasetButton, dataset_of
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.parts import Prose, Sentence, heading, muted
from visualad.gui.panels.training_edits import losses, with_training
from visualad.ops.declaration import REGISTRY
from visualad.ops.writing import name_pretty
from visualad.training.datasets import NAMES
from visualad.training.generators import GENERATORS
from visualad.training.perceptron import default_perceptron, default_training, mlp

MOST_LAYERS = 12
MOST_NEURONS = 2048
LINEAR = "linear"


def read_layers(text: str) -> list[int]:
    """The layer sizes of `2-8-8-1`; also with commas or spaces.

    Raises:
        VisualADError: if the text names none; one sentence.
    """
    parts = text.replace("–", "-").replace(",", "-").replace(" ", "-").split("-")
    sizes = []
    for part in (p for p in parts if p):
        if not part.isdigit() or not 1 <= int(part) <= MOST_NEURONS:
            raise VisualADError(
                f"'{part}' is no number of neurons; write whole numbers from 1 to {MOST_NEURONS}, "
                "such as 2-8-8-1."
            )
        sizes.append(int(part))
    if len(sizes) < 2:
        raise VisualADError(
            "A network needs at least an input and an output layer, such as 2-1; "
            "hidden layers stand between them."
        )
    if len(sizes) > MOST_LAYERS:
        raise VisualADError(f"At most {MOST_LAYERS} layers fit on the canvas, not {len(sizes)}.")
    return sizes


def describe(sizes: list[int]) -> str:
    """The shapes of all parameters and how many numbers that makes."""
    shapes = [
        f"{name_pretty(f'W{i + 1}')} {after}×{before}, {name_pretty(f'b{i + 1}')} {after}"
        for i, (before, after) in enumerate(pairwise(sizes))
    ]
    count = sum(after * (before + 1) for before, after in pairwise(sizes))
    return f"{'; '.join(shapes)}.\n{count:,} parameters in all."


def activations() -> list[str]:
    """Names of the operations that an activation can be."""
    return [
        declared.name
        for declared in REGISTRY
        if len(declared.ports) == 1 and not declared.leaf and declared.category == "Activations"
    ]


class PerceptronDialog(QDialog):
    """Layers, activation, loss and data; `graph` is the network once it was accepted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("perceptron_dialog")
        self.setWindowTitle("New Multilayer Perceptron")
        self.setMinimumWidth(460)
        self.graph: Graph | None = None
        self.data = "circle"
        self.datasets: dict[str, DatasetButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        self._build_data(column)
        self._build_network(column)
        self.fault = Sentence("perceptron_fault")
        self.summary = Prose(token="text_muted", size=12.0)
        self.summary.setObjectName("perceptron_summary")
        column.addWidget(self.summary)
        column.addWidget(self.fault)
        column.addStretch(1)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.create_button = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.create_button.setText("Create")
        self.create_button.setObjectName("perceptron_create")
        buttons.accepted.connect(self._finish)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.choose_data("circle")
        self.resize(500, self.sizeHint().height())

    @classmethod
    def ask(cls, parent: QWidget | None = None) -> Graph | None:
        """Ask; the graph of the network, or None when the user thought better of it."""
        dialog = cls(parent)
        dialog.exec()
        graph = dialog.graph
        dialog.deleteLater()
        return graph

    def _build_data(self, column: QVBoxLayout) -> None:
        column.addWidget(heading("Data set"))
        row = QHBoxLayout()
        row.setSpacing(4)
        for name in NAMES:
            button = DatasetButton(name, GENERATORS[name].title or name)
            button.setAutoExclusive(True)
            button.clicked.connect(lambda _=False, name=name: self.choose_data(name))
            self.datasets[name] = button
            row.addWidget(button)
        column.addLayout(row)

    def _build_network(self, column: QVBoxLayout) -> None:
        column.addSpacing(4)
        column.addWidget(heading("Network"))
        self.layers = QLineEdit()
        self.layers.setObjectName("perceptron_layers")
        self.layers.setAccessibleName("Layers")
        self.layers.setPlaceholderText("2-8-8-1")
        self.layers.setToolTip("Numbers of inputs, of neurons in each hidden layer, of outputs")
        self.layers.setMinimumHeight(26)
        self.layers.textChanged.connect(self.refresh)
        known = [(name.replace("_", " "), name) for name in activations()]
        self.activation = Choice("perceptron_activation", "Activation", known, self._changed)
        outputs = [(LINEAR, LINEAR), *known]
        self.output = Choice("perceptron_output", "Output activation", outputs, self._changed)
        measures = [(name.replace("_", " "), name) for name in losses()]
        self.loss = Choice("perceptron_loss", "Loss", measures, self._changed)
        optimizers = [("Adam", "adam"), ("SGD", "sgd")]
        self.optimizer = Choice("perceptron_optimizer", "Optimiser", optimizers, self._changed)
        self.single = QCheckBox("single precision (float32)")
        self.single.setObjectName("perceptron_float32")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("layers", self.layers),
            ("activation of hidden layers", self.activation),
            ("activation of the output", self.output),
            ("loss", self.loss),
            ("optimiser", self.optimizer),
            ("", self.single),
        )
        for number, (text, widget) in enumerate(rows):
            label = muted(text)
            label.setBuddy(widget)
            grid.addWidget(label, number, 0)
            grid.addWidget(widget, number, 1)
        column.addLayout(grid)

    # Choosing ---------------------------------------------------------------------------------

    def choose_data(self, name: str) -> None:
        """Take a data set with the network and training that suit it."""
        self.data = name
        self.datasets[name].setChecked(True)
        own = default_perceptron(name)
        training = default_training(name)
        data = dataset_of(training["data"])
        sizes = (data.x.shape[1], *own["layers"], data.y.shape[1])
        self.layers.setText("-".join(str(size) for size in sizes))
        self.activation.show_data(own["activation"])
        self.output.show_data(own["output"])
        self.loss.show_data(training["loss"])
        self.optimizer.show_data(training["optimizer"])
        self.refresh()

    def _changed(self, _value: Any) -> None:
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Say what the network will be, or why it cannot be."""
        try:
            sizes = read_layers(self.layers.text())
            self._check(sizes)
        except VisualADError as error:
            self.fault.say(error.message)
            self.summary.setText("")
            self.create_button.setEnabled(False)
            return
        self.fault.say("")
        self.summary.setText(describe(sizes))
        self.create_button.setEnabled(True)

    def _check(self, sizes: list[int]) -> None:
        data = dataset_of(default_training(self.data)["data"])
        inputs, outputs = data.x.shape[1], data.y.shape[1]
        title = GENERATORS[self.data].title or self.data
        if sizes[0] != inputs:
            raise VisualADError(
                f"The data set {title} has {inputs} input{'s' if inputs > 1 else ''}, so the first "
                f"number must be {inputs}, not {sizes[0]}."
            )
        if sizes[-1] != outputs:
            raise VisualADError(
                f"The data set {title} has {outputs} target{'s' if outputs > 1 else ''}, so the "
                f"last number must be {outputs}, not {sizes[-1]}."
            )

    def _finish(self) -> None:
        try:
            graph = mlp(
                read_layers(self.layers.text()),
                self.activation.currentData(),
                self.output.currentData(),
                loss=self.loss.currentData(),
                data=self.data,
                dtype="float32" if self.single.isChecked() else "float64",
            )
        except VisualADError as error:
            self.fault.say(error.message)
            return
        optimizer = self.optimizer.currentData()
        if optimizer != graph.training["optimizer"]:
            # What suits Adam is slow for SGD.
            rate = 0.1 if optimizer == "sgd" else 0.01
            graph = with_training(graph, {"optimizer": optimizer, "learning_rate": rate})
        self.graph = graph
        self.accept()
