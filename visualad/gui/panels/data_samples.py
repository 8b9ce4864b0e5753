"""What becomes of the rows of a file: samples as training sees them, and what cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QWidget,
)

from visualad.gui import theme
from visualad.gui.panels.data_columns import CELLS
from visualad.kernel.data_messages import DataPreview
from visualad.ops.writing import number_pretty
from visualad.training.description import Description

PREVIEW, FAULTS = "Preview", "Missing and bad"


class DataSamples(QTabWidget):
    """Two tables.

    Attributes:
        preview: the first samples; faults: rows and cells that are no data.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_tabs")
        self.preview = _table("data_preview", "The samples as training sees them")
        self.faults = _table("data_faults", "Rows that cannot be used")
        self.addTab(self.preview, PREVIEW)
        self.addTab(self.faults, FAULTS)

    def show_preview(self, found: DataPreview) -> None:
        """Show the samples of a choice."""
        rows = [
            ("test" if is_test else "train", *(number_pretty(value, 4) for value in row))
            for row, is_test in zip(found.rows, found.tested, strict=True)
        ]
        _fill(self.preview, ("", *found.names), rows, numbers=True)
        self.setTabText(0, f"{PREVIEW}: {found.train:,} for training, {found.test:,} for testing")

    def show_faults(
        self, about: Description, inputs: Sequence[str], targets: Sequence[str], policy: str
    ) -> None:
        """Show what is wrong in the columns that are used, and what is done about it.

        Args:
            policy: "drop", "mean" or "refuse".
        """
        used = {*inputs, *targets}
        gaps = sum(one.missing for one in about.columns if one.name in used)
        count = about.fault_count + gaps
        self.setTabText(1, f"{FAULTS} ({count:,})" if count else FAULTS)
        self.setTabEnabled(1, bool(count))
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


def _table(name: str, label: str) -> QTableWidget:
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
