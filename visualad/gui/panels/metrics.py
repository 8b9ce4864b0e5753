"""Loss, accuracy and what else was measured while training, as a small table."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from visualad.gui import fonts
from visualad.gui.panels.parts import Text, heading, muted, write_in_place
from visualad.kernel.messages import Progress
from visualad.ops.writing import number_pretty

TITLE = "Metrics"
NARROWEST = 74  # px of a column of numbers
EARLIER = "Training rests inside the next epoch; losses are measured at the end of each."


class Metrics(QWidget):
    """Loss and accuracy on training and test data.

    Attributes:
        title: says which epoch they belong to, where training has gone on since.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("metrics")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, 1)
        self.title = heading(TITLE)
        self._grid.addWidget(self.title, 0, 0)
        for column, title in ((1, "train"), (2, "test")):
            label = muted(title)
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            label.setMinimumWidth(NARROWEST)
            self._grid.addWidget(label, 0, column)
        self._rows: list[tuple[Text, Text, Text]] = []
        self.hide()

    def show_progress(self, progress: Progress | None) -> None:
        """Show the latest numbers."""
        rows = metric_rows(progress) if progress is not None else []
        earlier = progress if progress is not None and progress.rests_inside else None
        self.title.setText(TITLE if earlier is None else f"After epoch {earlier.epoch:,}")
        self.title.setToolTip("" if earlier is None else EARLIER)
        while len(self._rows) < len(rows):
            number = len(self._rows) + 1
            labels = (
                muted(),
                Text("", "text", 12.5, fonts.Weight.DemiBold),
                Text("", "text_muted"),
            )
            for column, label in enumerate(labels):
                if column:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight)
                    self._grid.addWidget(label, number, column, Qt.AlignmentFlag.AlignRight)
                else:
                    self._grid.addWidget(label, number, column)
            self._rows.append(labels)
        for index, labels in enumerate(self._rows):
            texts = rows[index] if index < len(rows) else ("", "", "")
            labels[0].setText(texts[0])
            for label, text in zip(labels[1:], texts[1:], strict=True):
                write_in_place(label, text, NARROWEST)
            for label in labels:
                label.setVisible(index < len(rows))
        self.setVisible(bool(rows))


def metric_rows(progress: Progress) -> list[tuple[str, str, str]]:
    """Rows of (name, train, test): the loss, then what else was measured."""
    rows = []
    if progress.train:
        rows.append(("loss", number_pretty(progress.train[-1]), number_pretty(progress.test[-1])))
    names = dict.fromkeys(name.rsplit(" ", 1)[0] for name in progress.metrics)
    for name in names:
        pair = [progress.metrics.get(f"{name} {part}") for part in ("train", "test")]
        if pair == [None, None]:
            pair[0] = progress.metrics.get(name)
        texts = ["" if v is None else _metric_text(name, v) for v in pair]
        rows.append((name, texts[0], texts[1]))
    return rows


def _metric_text(name: str, value: float) -> str:
    if not np.isfinite(value):
        return ""
    return f"{value:.1%}" if name == "accuracy" else number_pretty(value)
