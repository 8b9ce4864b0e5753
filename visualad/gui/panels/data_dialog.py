"""Open data: what is in a file, which columns are used for what, and how they become numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui import fonts, theme
from visualad.gui.entry import read_number
from visualad.gui.panels.data_columns import CELLS, INPUT, SPLIT, TARGET, UNUSED, ColumnsTable
from visualad.gui.panels.fields import Choice, Faulty, Field, Slider
from visualad.gui.panels.parts import Elided, Prose, Rule, Sentence, Text, heading, muted
from visualad.gui.questions import Kernel, Question
from visualad.kernel.data_messages import (
    KEEP,
    NEW,
    DataPreview,
    DataRead,
    DataReading,
    PreviewData,
    ReadData,
)
from visualad.kernel.messages import Failed, Reply
from visualad.ops.writing import number_pretty
from visualad.training.description import WHOLE, WORD, Description

SOON_MS = 80  # until a change is asked about
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
USUAL = ("targets", "missing", "standardize", "test_fraction", "seed")  # where nothing is known
TASKS = (("numbers", False), ("classes", True))


class DataDialog(QDialog):
    """Choose how a file is used for training.

    Attributes:
        settings: as in `graph.training["data"]`, the name being the path; None until they are good.
        network: "keep" or "new"; hidden: layers of a new network.

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
        self.network = KEEP
        self.hidden: tuple[int, ...] = (16,)
        self._kernel: Kernel | None = kernel
        self._graph = graph
        self._path = path
        self._known = dict(known or {})
        self._touched = False  # the user decided about the network
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
        self.table = ColumnsTable()
        self.table.columns.used.connect(self._changed)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("data_tabs")
        self.preview = _plain_table("data_preview", "The samples as training sees them")
        self.faults = _plain_table("data_faults", "Rows that cannot be used")
        self.tabs.addTab(self.preview, "Preview")
        self.tabs.addTab(self.faults, "Missing and bad")
        left.addWidget(self.table, 3)
        left.addWidget(self.tabs, 2)
        middle.addLayout(left, 1)
        middle.addWidget(self._build_options())
        outer.addLayout(middle, 1)
        outer.addWidget(Rule())
        outer.addLayout(self._build_end())
        return page

    def _build_options(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(262)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        changed = self._changed_by
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
        self._fraction = 0.25
        row = QHBoxLayout()
        row.addWidget(heading("Split train : test"))
        row.addStretch(1)
        row.addWidget(self.share)
        seeds = QHBoxLayout()
        seeds.addWidget(muted("seed"))
        seeds.addWidget(Faulty(self.seed), 1)
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
        self.split_note = Prose(token="text_muted", size=12.0)
        column.addWidget(self.split_note)
        column.addStretch(1)
        return side

    def _build_end(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        self.notes = Sentence("data_notes", "warning", "warning")
        self.problem = Sentence("data_problem")
        self.misfit = Sentence("data_misfit", "info", "text_muted")
        for sentence in (self.notes, self.problem, self.misfit):
            column.addWidget(sentence)
        row = QGridLayout()
        row.setHorizontalSpacing(10)
        row.setColumnStretch(4, 1)
        self.new = QCheckBox("Make a perceptron for these data, hidden layers")
        self.new.setObjectName("data_new_network")
        self.new.clicked.connect(self._decide)
        self.layers = Field("data_hidden", "Hidden layers", _layers, self._set_layers)
        self.layers.show_text("16")
        self.layers.setFixedWidth(80)
        self.layers.setToolTip("Numbers of neurons, such as 16 or 8-8; 0 for none")
        self.network_text = Elided("", "text_muted")
        self.network_text.setObjectName("data_network")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok.setText("Use These Data")
        self.ok.setObjectName("data_ok")
        self.ok.setEnabled(False)
        self.buttons.accepted.connect(self._finish)
        self.buttons.rejected.connect(self.reject)
        row.addWidget(self.new, 0, 0)
        row.addWidget(Faulty(self.layers), 0, 1)
        row.addWidget(self.network_text, 0, 2, 1, 3)
        row.addWidget(self.buttons, 0, 5)
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
        self._about = about
        found = about.suggested
        if self._known:
            found = {key: found[key] for key in USUAL if key in found} | self._known
            if not isinstance(found["targets"], list):
                found["targets"] = about.suggested["targets"]
        split, targets = found.get("split_column", ""), found["targets"]
        inputs = found.get("inputs")
        uses = [
            TARGET
            if name in targets
            else SPLIT
            if name == split
            else INPUT
            if inputs is None or name in inputs
            else UNUSED
            for name in (one.name for one in about.columns)
        ]
        self.title.setText(about.name)
        columns = len(about.columns)
        picture = f", pictures of {about.image[0]} × {about.image[1]}" if about.image else ""
        self.count.setText(f"{about.rows:,} rows, {columns} columns{picture}")
        self.table.columns.show(about.columns, uses)
        self.task.show_data(bool(found.get("classes")))
        self.encoding.show_data(found.get("encoding") or "automatic")
        gaps = any(one.missing for one in about.columns)
        wanted = found["missing"]
        self.missing.show_data("drop" if wanted == "refuse" and not gaps else wanted)
        self.missing.setEnabled(bool(gaps or about.fault_count))
        self.standardize.setChecked(bool(found["standardize"]))
        self._fraction = float(found["test_fraction"])
        self.seed.show_text(str(found["seed"]))
        self._show_faults(about)
        self._show_split()
        self._stack.setCurrentIndex(1)
        self.table.setFocus()
        self.filled.emit()
        self._ask()

    def _show_faults(self, about: Description) -> None:
        columns = self.table.columns
        used, targets = columns.names(INPUT) + columns.names(TARGET), columns.names(TARGET)
        gaps = sum(one.missing for one in about.columns if one.name in used)
        count = about.fault_count + gaps
        self.tabs.setTabText(1, f"Missing and bad ({count:,})" if count else "Missing and bad")
        self.tabs.setTabEnabled(1, bool(count))
        policy = self.missing.currentData()
        done = "the file is refused" if policy == "refuse" else "the row is left out"
        mean = {one.name: one.mean for one in about.columns}
        rows: list[tuple[str, ...]] = [(f.where, f.what, done) for f in about.faults]
        for gap in about.gaps:
            if gap.column not in used:
                continue
            filler = mean[gap.column]
            said = "most frequent word" if filler is None else f"mean {number_pretty(filler, 4)}"
            is_filled = policy == "mean" and gap.column not in targets
            rows.append((gap.where, gap.what, f"filled with the {said}" if is_filled else done))
        if count > len(rows):
            rows.append((f"{count - len(rows):,} more", "", done))
        _fill(self.faults, ("where", "what is wrong", "what is done"), rows, stretch=1)

    # Choosing ---------------------------------------------------------------------------------

    def _changed_by(self, *_: object) -> None:
        self._changed()

    def _changed(self) -> None:
        if self._about is None:
            return
        self.ok.setEnabled(False)
        self._show_faults(self._about)
        self._show_split()
        self._soon.start()

    def _show_split(self) -> None:
        by_column = self.table.columns.names(SPLIT)
        for widget in (self.ratio, self.seed):
            widget.setEnabled(not by_column)
        self.ratio.show_number(1 - self._fraction, 0.1, 1.0)
        train = round(100 * (1 - self._fraction))
        self.share.setText("" if by_column else f"{train} % : {100 - train} %")
        self.split_note.setText(
            f"The column {by_column[0]} says which rows are for testing: those with “test” or 1."
            if by_column
            else ""
        )
        self.split_note.setVisible(bool(by_column))
        facts = {one.name: one for one in self.table.columns.facts}
        targets = [facts[name] for name in self.table.columns.names(TARGET)]
        words = any(one.kind == WORD for one in targets)
        self.task.setEnabled(not words and len(targets) == 1 and targets[0].kind == WHOLE)
        if words:
            self.task.show_data(True)
        elif not self.task.isEnabled():
            self.task.show_data(False)
        self.encoding.setEnabled(bool(self.task.currentData()))

    def _set_ratio(self, share: float) -> None:
        self._fraction = round(1 - round(share * 20) / 20, 2)  # steps of 5 %
        self._changed()

    def _set_layers(self, layers: tuple[int, ...]) -> None:
        self.hidden = layers
        self._changed()

    def _decide(self) -> None:
        self._touched = True
        self._show_network()

    def _chosen(self) -> dict[str, Any]:
        """The settings as they are chosen now."""
        assert self._about is not None
        columns = self.table.columns
        inputs, targets, split = (columns.names(use) for use in (INPUT, TARGET, SPLIT))
        rest = [one.name for one in columns.facts if one.name not in (*targets, *split)]
        is_class = bool(self.task.currentData())
        found: dict[str, Any] = {
            **{key: self._known[key] for key in ("content", "digest") if key in self._known},
            "name": self._known.get("name", self._path),
            "targets": targets,
            "missing": self.missing.currentData(),
            "standardize": self.standardize.isChecked(),
            "test_fraction": self._fraction,
            "seed": _whole(self.seed.text()),
            "classes": True if is_class else None,
        }
        if inputs != rest:
            found["inputs"] = inputs
        if is_class and self.encoding.currentData() != "automatic":
            found["encoding"] = self.encoding.currentData()
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
        self._question.ask(
            self._graph, lambda graph: PreviewData(graph, settings, hidden=self.hidden)
        )

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
        rows = [
            ("test" if is_test else "train", *(number_pretty(value, 4) for value in row))
            for row, is_test in zip(found.rows, found.tested, strict=True)
        ]
        _fill(self.preview, ("", *found.names), rows, numbers=True)
        title = f"Preview: {found.train:,} for training, {found.test:,} for testing"
        self.tabs.setTabText(0, title)
        self.misfit.say(found.misfit)
        self.new.setEnabled(not found.misfit or bool(found.sizes))
        if not self._touched:
            self.new.setChecked(bool(found.misfit))
        sizes = " – ".join(map(str, found.sizes))
        loss = found.loss.replace("_", " ")
        self._network = f"{sizes}, loss {loss}"
        self._show_network()
        self.settings = self._chosen()
        self.ok.setEnabled(True)

    def _show_network(self) -> None:
        made = self.new.isChecked()
        self.layers.setEnabled(made)
        self.network_text.setText(self._network if made else "the graph stays as it is")

    # The end ----------------------------------------------------------------------------------

    def _finish(self) -> None:
        self.layers.commit()
        self.seed.commit()
        if not self.ok.isEnabled():  # something was typed just now
            return
        self.network = NEW if self.new.isChecked() else KEEP
        self.accept()

    def done(self, result: int) -> None:
        self._soon.stop()
        if self._kernel is not None:
            self._question.close()
            self._kernel.control(self._ticket, "stop")
            self._kernel.forget(self._ticket)
            self._kernel = None
        super().done(result)


def _plain_table(name: str, label: str) -> QTableWidget:
    table = QTableWidget()
    table.setObjectName(name)
    table.setAccessibleName(label)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(24)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setStyleSheet(CELLS)
    return table


def _fill(
    table: QTableWidget,
    titles: tuple[str, ...],
    rows: list[tuple[str, ...]],
    *,
    numbers: bool = False,
    stretch: int | None = None,
) -> None:
    table.setColumnCount(len(titles))
    table.setRowCount(len(rows))
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    for column in range(len(titles)):
        side = right if numbers and column else left
        top = QTableWidgetItem(titles[column])
        top.setTextAlignment(side)
        table.setHorizontalHeaderItem(column, top)
        for row, texts in enumerate(rows):
            item = QTableWidgetItem(texts[column])
            item.setToolTip(texts[column])
            item.setTextAlignment(side)
            if numbers and not column:
                item.setForeground(theme.current().colour("text_muted"))
            table.setItem(row, column, item)
    table.resizeColumnsToContents()
    for column in range(len(titles)):
        table.setColumnWidth(column, table.columnWidth(column) + 14)
    if stretch is not None and rows:
        table.horizontalHeader().setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)


def _whole(text: str) -> int:
    number = read_number(text)
    if not number.is_integer() or not 0 <= number <= 2**31:
        raise VisualADError("The seed must be a whole number from 0 on.")
    return int(number)


def _layers(text: str) -> tuple[int, ...]:
    parts = [part for part in text.replace("x", "-").replace(",", "-").split("-") if part.strip()]
    if [part.strip() for part in parts] == ["0"]:
        return ()
    if not parts or not all(p.strip().isdecimal() and 1 <= int(p) <= 10_000 for p in parts):
        raise VisualADError("Type numbers of neurons such as 16 or 8-8; 0 for none.")
    return tuple(int(part) for part in parts)
