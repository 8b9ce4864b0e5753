"""How the columns of a file become numbers: classes, missing values, scale and the split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from visualad.errors import VisualADError
from visualad.gui import fonts
from visualad.gui.entry import read_number
from visualad.gui.panels.fields import Choice, Faulty, Field, Slider
from visualad.gui.panels.parts import Prose, Text, heading, muted
from visualad.training.description import WHOLE, WORD, ColumnFacts, Description

WIDTH = 262
MISSING = (
    ("leave the row out", "drop"),
    ("take the mean of the column", "mean"),
    ("refuse the file", "refuse"),
)
ENCODINGS = (
    ("0 / 1, a column for each of more", "automatic"),
    ("one-hot: a column for each", "one-hot"),
    ("−1 / +1", "signs"),
    ("their number: 0, 1, 2, …", "index"),
)
TASKS = (("numbers", False), ("classes", True))


class DataOptions(QWidget):
    """Everything about a data set but its columns.

    Attributes:
        policy: what becomes of missing values and bad rows: "drop", "mean" or "refuse".

    Signals:
        changed: something else was chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self._fraction = 0.25
        changed = self._changed
        self.task = Choice("data_task", "Outputs are", TASKS, changed)
        self.encoding = Choice("data_encoding", "Classes as", ENCODINGS, changed)
        self.missing = Choice("data_missing", "Missing values", MISSING, changed)
        self.standardize = QCheckBox("mean 0, standard deviation 1")
        self.standardize.setObjectName("data_standardize")
        self.standardize.toggled.connect(changed)
        self.ratio = Slider("data_ratio", "Share for training")
        self.ratio.moved.connect(self._set_ratio)
        self.share = Text("", "text", 12.0, fonts.Weight.DemiBold)
        self.share.setObjectName("data_share")
        self.seed = Field("data_seed", "Seed of the split", _whole, changed)
        self.seed.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.split_note = Prose(token="text_muted", size=12.0)
        self._build()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.addWidget(heading("Split train : test"))
        row.addStretch(1)
        row.addWidget(self.share)
        seeds = QHBoxLayout()
        seeds.addWidget(muted("seed"))
        seeds.addWidget(Faulty(self.seed), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading("Outputs are"))
        column.addWidget(self.task)
        column.addWidget(heading("Classes become"))
        column.addWidget(self.encoding)
        column.addSpacing(4)
        column.addWidget(heading("Missing values and bad rows"))
        column.addWidget(self.missing)
        column.addSpacing(4)
        column.addWidget(heading("Inputs"))
        column.addWidget(self.standardize)
        column.addSpacing(4)
        column.addLayout(row)
        column.addWidget(self.ratio)
        column.addLayout(seeds)
        column.addWidget(self.split_note)
        column.addStretch(1)

    @property
    def policy(self) -> str:
        """What becomes of missing values and bad rows."""
        return str(self.missing.currentData())

    def show_settings(self, found: Mapping[str, Any], about: Description) -> None:
        """Show what is chosen for a file."""
        self.task.show_data(bool(found.get("classes")))
        self.encoding.show_data(found.get("encoding") or "automatic")
        gaps = any(one.missing for one in about.columns)
        wanted = found["missing"]
        self.missing.show_data("drop" if wanted == "refuse" and not gaps else wanted)
        self.missing.setEnabled(bool(gaps or about.fault_count))
        self.standardize.setChecked(bool(found["standardize"]))
        self._fraction = float(found["test_fraction"])
        self.seed.show_text(str(found["seed"]))

    def follow_columns(self, targets: Sequence[ColumnFacts], split: str) -> None:
        """Offer what makes sense for these targets, and a column that says what is for testing."""
        for widget in (self.ratio, self.seed):
            widget.setEnabled(not split)
        self.ratio.show_number(1 - self._fraction, 0.1, 1.0)
        train = round(100 * (1 - self._fraction))
        self.share.setText("" if split else f"{train} % : {100 - train} %")
        self.split_note.setText(
            f"The column {split} says which rows are for testing: those with “test” or 1."
            if split
            else ""
        )
        self.split_note.setVisible(bool(split))
        words = any(one.kind == WORD for one in targets)
        self.task.setEnabled(not words and len(targets) == 1 and targets[0].kind == WHOLE)
        if words:
            self.task.show_data(True)
        elif not self.task.isEnabled():
            self.task.show_data(False)
        self.encoding.setEnabled(bool(self.task.currentData()))

    def settings(self) -> dict[str, Any]:
        """What is chosen, as in `graph.training["data"]`.

        Raises:
            VisualADError: if the seed is none.
        """
        is_class = bool(self.task.currentData())
        found: dict[str, Any] = {
            "missing": self.policy,
            "standardize": self.standardize.isChecked(),
            "test_fraction": self._fraction,
            "seed": _whole(self.seed.text()),
            "classes": True if is_class else None,
        }
        if is_class and self.encoding.currentData() != "automatic":
            found["encoding"] = self.encoding.currentData()
        return found

    def _changed(self, *_: object) -> None:
        self.changed.emit()

    def _set_ratio(self, share: float) -> None:
        self._fraction = round(1 - round(share * 20) / 20, 2)  # steps of 5 %
        self.changed.emit()


def _whole(text: str) -> int:
    number = read_number(text)
    if not number.is_integer() or not 0 <= number <= 2**31:
        raise VisualADError("The seed must be a whole number from 0 on.")
    return int(number)
