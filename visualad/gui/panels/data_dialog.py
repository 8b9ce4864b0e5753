"""Open data: what is in a file, which columns are used for what, and how they become numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui import fonts
from visualad.gui.panels.data_columns import INPUT, SPLIT, TARGET, UNUSED, ColumnsTable
from visualad.gui.panels.data_network import DataNetwork
from visualad.gui.panels.data_options import DataOptions
from visualad.gui.panels.data_samples import DataSamples
from visualad.gui.panels.parts import Prose, Rule, Sentence, Text, muted
from visualad.gui.questions import Kernel, Question
from visualad.kernel.data_messages import DataPreview, DataRead, DataReading, PreviewData, ReadData
from visualad.kernel.messages import Failed, Reply
from visualad.training.description import Description

SOON_MS = 80  # until a change is asked about
USUAL = ("targets", "missing", "standardize", "test_fraction", "seed")  # where nothing is known


class DataDialog(QDialog):
    """Choose how a file is used for training.

    Attributes:
        settings: as in `graph.training["data"]`, the name being the path; None until they are good.
        table, options, samples, network: the columns, how they become numbers, what becomes of
            the rows, and which network learns them.

    Signals:
        filled: the file is read; previewed: what was chosen is shown.
    """

    filled = Signal()
    previewed = Signal()

    def __init__(
        self,
        kernel: Kernel,
        graph: Graph,
        path: str,
        parent: QWidget | None = None,
        known: Mapping[str, Any] | None = None,
    ) -> None:
        """Ask about a file.

        Args:
            known: the choice that a graph holds already, which is then changed.
        """
        super().__init__(parent)
        self.setObjectName("data_dialog")
        self.setWindowTitle("Open Data")
        self.settings: dict[str, Any] | None = None
        self._kernel: Kernel | None = kernel
        self._graph = graph
        self._path = path
        self._known = dict(known or {})
        self._about: Description | None = None
        self._question = Question(kernel, lambda _, reply: self._take_preview(reply))
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self._ask)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._build_reading())
        self._stack.addWidget(self._build_choice())
        self.resize(1160, 700)
        self.setMinimumSize(820, 440)
        self._ticket = kernel.ask(ReadData(path, known), self._take)

    # Building ---------------------------------------------------------------------------------

    def _build_reading(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(120, 20, 120, 20)
        column.setSpacing(12)
        self.state = Prose(f"Reading {Path(self._path).name} …")
        self.state.setObjectName("data_state")
        self.bar = QProgressBar()
        self.bar.setObjectName("data_progress")
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.fault = Sentence("data_fault")
        cancel = QPushButton("Cancel")
        cancel.setObjectName("data_cancel")
        cancel.clicked.connect(lambda _checked=False: self.reject())
        column.addStretch(1)
        for widget in (self.state, self.bar, self.fault):
            column.addWidget(widget)
        column.addWidget(cancel, 0, Qt.AlignmentFlag.AlignRight)
        column.addStretch(1)
        return page

    def _build_choice(self) -> QWidget:
        self.table = ColumnsTable()
        self.table.columns.used.connect(self._changed)
        self.options = DataOptions()
        self.options.changed.connect(self._changed)
        self.samples = DataSamples()
        self.network = DataNetwork()
        self.network.changed.connect(self._changed)
        page = QWidget()
        outer = QVBoxLayout(page)
        outer.setContentsMargins(18, 14, 18, 14)
        outer.setSpacing(10)
        top = QHBoxLayout()
        self.title = Text("", "text", 14.0, fonts.Weight.DemiBold)
        self.title.setObjectName("data_title")
        self.count = muted("", 12.5)
        self.count.setObjectName("data_count")
        top.addWidget(self.title)
        top.addWidget(self.count)
        top.addStretch(1)
        top.addWidget(
            muted("select columns, then press I, O, S or X, or click what they are used as")
        )
        outer.addLayout(top)
        middle = QHBoxLayout()
        middle.setSpacing(18)
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(self.table, 3)
        left.addWidget(self.samples, 2)
        middle.addLayout(left, 1)
        middle.addWidget(self.options)
        outer.addLayout(middle, 1)
        outer.addWidget(Rule())
        outer.addLayout(self._build_end())
        return page

    def _build_end(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        self.notes = Sentence("data_notes", "warning", "warning")
        self.problem = Sentence("data_problem")
        self.misfit = Sentence("data_misfit", "info", "text_muted")
        for sentence in (self.notes, self.problem, self.misfit):
            column.addWidget(sentence)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok.setText("Use These Data")
        self.ok.setObjectName("data_ok")
        self.ok.setEnabled(False)
        buttons.accepted.connect(self._finish)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.network, 1)
        row.addWidget(buttons)
        column.addLayout(row)
        return column

    # Reading ----------------------------------------------------------------------------------

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, DataReading):
            self.bar.setValue(round(1000 * reply.share))
        elif isinstance(reply, DataRead):
            self._fill(reply.description)
        elif isinstance(reply, Failed):
            self.bar.hide()
            self.state.setText("These data cannot be used.")
            self.fault.say(reply.message)

    def _fill(self, about: Description) -> None:
        found = about.suggested
        if self._known:
            found = {key: found[key] for key in USUAL if key in found} | self._known
            if not isinstance(found["targets"], list):
                found["targets"] = about.suggested["targets"]
        self.title.setText(about.name)
        columns = len(about.columns)
        picture = f", pictures of {about.image[0]} × {about.image[1]}" if about.image else ""
        self.count.setText(f"{about.rows:,} rows, {columns} columns{picture}")
        self.table.columns.show(about.columns, _uses(about, found))
        self.options.show_settings(found, about)
        self._about = about  # from now on changes are those of the user
        self._follow(about)
        self._stack.setCurrentIndex(1)
        self.table.setFocus()
        self.filled.emit()
        self._ask()

    # Choosing ---------------------------------------------------------------------------------

    def _changed(self) -> None:
        if self._about is None:
            return
        self.ok.setEnabled(False)
        self._follow(self._about)
        self._soon.start()

    def _follow(self, about: Description) -> None:
        """Show what the columns that are chosen mean for the rest."""
        columns = self.table.columns
        inputs, targets, split = (columns.names(use) for use in (INPUT, TARGET, SPLIT))
        self.samples.show_faults(about, inputs, targets, self.options.policy)
        facts = {one.name: one for one in columns.facts}
        self.options.follow_columns([facts[name] for name in targets], "".join(split))

    def _chosen(self) -> dict[str, Any]:
        """The settings as they are chosen now."""
        assert self._about is not None
        columns = self.table.columns
        inputs, targets, split = (columns.names(use) for use in (INPUT, TARGET, SPLIT))
        rest = [one.name for one in columns.facts if one.name not in (*targets, *split)]
        found: dict[str, Any] = {
            **{key: self._known[key] for key in ("content", "digest") if key in self._known},
            "name": self._known.get("name", self._path),
            "targets": targets,
            **self.options.settings(),
        }
        if inputs != rest:
            found["inputs"] = inputs
        if self._about.image and "inputs" not in found:
            found["image"] = list(self._about.image)
        if split:
            found["split_column"] = split[0]
        return found

    def _ask(self) -> None:
        try:
            settings = self._chosen()
        except VisualADError as error:
            self.problem.say(error.message)
            return
        columns = self.table.columns
        if not columns.names(INPUT) or not columns.names(TARGET):
            self.problem.say("Choose at least one column as input and one as output.")
            return
        hidden = self.network.hidden
        self._question.ask(self._graph, lambda graph: PreviewData(graph, settings, hidden=hidden))

    def _take_preview(self, reply: Reply) -> None:
        if self._question.is_open or self._soon.isActive():
            return  # a newer one is asked for
        if isinstance(reply, Failed):
            self.problem.say(reply.message)
            self.notes.say("")
            self.misfit.say("")
        elif isinstance(reply, DataPreview):
            self._show_preview(reply)
        self.previewed.emit()

    def _show_preview(self, found: DataPreview) -> None:
        self.problem.say("")
        self.notes.say(" ".join(found.notes))
        self.misfit.say(found.misfit)
        self.samples.show_preview(found)
        self.network.show_preview(found)
        self.settings = self._chosen()
        self.ok.setEnabled(True)

    # The end ----------------------------------------------------------------------------------

    def _finish(self) -> None:
        self.network.layers.commit()
        self.options.seed.commit()
        if self.ok.isEnabled():  # else something was typed just now
            self.accept()

    def done(self, result: int) -> None:
        self._soon.stop()
        if self._kernel is not None:
            self._question.close()
            self._kernel.control(self._ticket, "stop")
            self._kernel.forget(self._ticket)
            self._kernel = None
        super().done(result)


def _uses(about: Description, settings: Mapping[str, Any]) -> list[str]:
    """What each column is used as."""
    split, targets = settings.get("split_column", ""), settings["targets"]
    inputs = settings.get("inputs")

    def use(name: str) -> str:
        if name in targets:
            return TARGET
        if name == split:
            return SPLIT
        return INPUT if inputs is None or name in inputs else UNUSED

    return [use(one.name) for one in about.columns]
