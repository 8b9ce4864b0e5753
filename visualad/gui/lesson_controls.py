"""Which controls of training a lesson hides: the table of them, and the dialog to choose."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from visualad.gui.panels.parts import Prose, heading
from visualad.gui.training_editor import TrainingEditor

# By group: the name in `graph.training["hidden_controls"]` and what it is called.
CONTROLS: dict[str, dict[str, str]] = {
    "Run": {
        "step": "Step",
        "reset": "Reset",
        "regenerate": "Regenerate",
        "epoch": "Epoch and rate",
        "speed": "Speed",
        "optimizer": "Optimiser",
        "rate": "Learning rate",
        "batch": "Batch size",
        "regularization": "Regularisation",
        "backend": "Backend",
    },
    "Data and network": {
        "data": "Data sets",
        "ratio": "Train to test ratio",
        "noise": "Noise",
        "points": "Number of points",
        "test_points": "Test points shown",
        "features": "Features",
        "layers": "Layers and neurons",
        "activation": "Activations",
        "normalization": "Normalisation and dropout",
    },
    "Learning": {
        "loss": "Loss",
        "start": "Initialiser and seed",
        "schedule": "Schedule",
        "stopping": "Stop conditions",
        "clipping": "Gradient clipping",
        "discretize": "Discretise output",
        "metrics": "Metrics",
    },
}
ABOUT = (
    "Ticked controls are seen. The choice is saved with the graph, so that students who open it "
    "have only these; Train > Show Hidden Controls shows the others for the time being."
)


class LessonControlsDialog(QDialog):
    """A tick for every control."""

    def __init__(self, editor: TrainingEditor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lesson_controls")
        self.setWindowTitle("Controls for a Lesson")
        self._editor = editor
        self.ticks: dict[str, QCheckBox] = {}
        hidden = set(editor.graph.training.get("hidden_controls") or ())
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        about = Prose(ABOUT, "text_muted")
        column.addWidget(about)
        grid = QGridLayout()
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(4)
        for place, (group, controls) in enumerate(CONTROLS.items()):
            grid.addWidget(heading(group), 0, place)
            for row, (name, title) in enumerate(controls.items(), start=1):
                tick = QCheckBox(title)
                tick.setObjectName(f"lesson_{name}")
                tick.setChecked(name not in hidden)
                self.ticks[name] = tick
                grid.addWidget(tick, row, place)
        column.addLayout(grid)
        column.addStretch(1)
        row_of_buttons = QHBoxLayout()
        every, none = QPushButton("All"), QPushButton("None")
        for button, checked in ((every, True), (none, False)):
            button.setObjectName(f"lesson_{button.text().lower()}")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, checked=checked: self._tick_all(checked))
            row_of_buttons.addWidget(button)
        row_of_buttons.addStretch(1)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self._finish)
        buttons.rejected.connect(self.reject)
        row_of_buttons.addWidget(buttons)
        column.addLayout(row_of_buttons)
        self.resize(560, self.sizeHint().height())

    def _tick_all(self, checked: bool) -> None:
        for tick in self.ticks.values():
            tick.setChecked(checked)

    def _finish(self) -> None:
        self._editor.set_hidden([n for n, tick in self.ticks.items() if not tick.isChecked()])
        self.accept()
