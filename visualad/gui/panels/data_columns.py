"""The columns of a file of data as a table: what is in each, and what it is used for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from visualad.gui import fonts, theme
from visualad.ops.writing import number_pretty
from visualad.training.description import ColumnFacts

INPUT, TARGET, SPLIT, UNUSED = "input", "output", "train/test", "not used"
USES = (INPUT, TARGET, SPLIT, UNUSED)
KEYS = {Qt.Key.Key_I: INPUT, Qt.Key.Key_O: TARGET, Qt.Key.Key_S: SPLIT, Qt.Key.Key_X: UNUSED}
TITLES = ("used as", "column", "kind", "first values", "min", "mean", "max", "missing", "values")
TOKENS = {INPUT: "backward", TARGET: "forward", SPLIT: "cross", UNUSED: "text_muted"}
USE, NAME, BARS = 0, 1, 8
CELLS = "QHeaderView::section { padding: 5px 3px; }"  # titles stand over what they are about
WIDTHS = (88, 136, 104, 130, 64, 64, 64, 70, 110)
Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
BARS_ROLE = Role.UserRole


class ColumnsModel(QAbstractTableModel):
    """One row for each column of the file.

    Signals:
        used: a column is used as something else.
    """

    used = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.facts: tuple[ColumnFacts, ...] = ()
        self.uses: list[str] = []

    def show(self, facts: tuple[ColumnFacts, ...], uses: Iterable[str]) -> None:
        """Show other columns."""
        self.beginResetModel()
        self.facts, self.uses = facts, list(uses)
        self.endResetModel()

    def names(self, use: str) -> list[str]:
        """Which columns are used so."""
        return [f.name for f, known in zip(self.facts, self.uses, strict=True) if known == use]

    def use(self, rows: Iterable[int], use: str) -> None:
        """Use columns as something; only one can say what is for testing."""
        rows = list(rows)
        if use == SPLIT:
            rows = rows[:1]
            self.uses = [INPUT if known == SPLIT else known for known in self.uses]
        for row in rows:
            self.uses[row] = use
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.facts) - 1, len(TITLES) - 1))
        self.used.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.facts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if way == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return TITLES[section]
        if way == Qt.Orientation.Horizontal and role == Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if 4 <= section <= 7 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        facts, use = self.facts[index.row()], self.uses[index.row()]
        column = index.column()
        if role in (Role.DisplayRole, Role.ToolTipRole):
            texts = self._texts(facts, use)
            return texts[column] if role == Role.DisplayRole or column < BARS else _about(facts)
        if role == Role.TextAlignmentRole and 4 <= column <= 7:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Role.ForegroundRole:
            shown = theme.current()
            if column == USE:
                return shown.colour(TOKENS[use])
            if column == 7 and facts.missing:
                return shown.colour("warning")
            faint = use == UNUSED or column not in (NAME, USE)
            return shown.colour("text_muted" if faint else "text")
        if role == Role.FontRole and column == NAME and use != UNUSED:
            return fonts.text(fonts.SIZE, fonts.Weight.DemiBold)
        if role == BARS_ROLE and column == BARS:
            return (facts.bars, TOKENS[use])
        return None

    def _texts(self, facts: ColumnFacts, use: str) -> tuple[str, ...]:
        numbers = (
            "" if value is None else number_pretty(value, 4)
            for value in (facts.low, facts.mean, facts.high)
        )
        kind = f"{facts.distinct} words" if facts.kind == "word" else facts.kind
        first = ", ".join(value or "–" for value in facts.first)
        return (use, facts.name, kind, first, *numbers, str(facts.missing or ""), "")


def _about(facts: ColumnFacts) -> str:
    if facts.kind == "word":
        return "How often each word comes"
    return "How many values lie between min and max"


class _Bars(QStyledItemDelegate):
    """A histogram."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        bars, token = index.data(BARS_ROLE) or ((), "text_muted")
        if not bars:
            return
        painter.save()
        area = QRectF(option.rect).adjusted(8, 4, -8, -4)  # type: ignore[attr-defined]
        width = min(area.width() / len(bars), 12.0)
        colour = QColor(theme.current().colour(token))
        colour.setAlphaF(0.75)
        top = max(bars)
        for number, count in enumerate(bars):
            height = max(area.height() * count / top, 1.0 if count else 0.0)
            place = QRectF(area.left() + number * width, area.bottom() - height, width - 1, height)
            painter.fillRect(place, colour)
        painter.restore()


class ColumnsTable(QTableView):
    """The table; a click on what a column is used as offers the others, for all selected rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_columns")
        self.setAccessibleName("Columns of the file")
        self.columns = ColumnsModel(self)
        self.setModel(self.columns)
        self.setItemDelegateForColumn(BARS, _Bars(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(27)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStyleSheet(CELLS)
        for column, width in enumerate(WIDTHS):
            self.setColumnWidth(column, width)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(48)
        theme.theme_changed.connect(self.viewport().update)

    def sizeHint(self) -> QSize:
        return QSize(sum(WIDTHS) + 20, 240)

    def chosen_rows(self) -> list[int]:
        """The selected rows."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if (
            event.button() == Qt.MouseButton.LeftButton
            and index.isValid()
            and index.column() == USE
        ):
            self.offer(index.row(), event.globalPosition().toPoint())

    def offer(self, row: int, at: QPoint) -> None:
        """A menu of what the row, or all selected ones with it, can be used as."""
        rows = self.chosen_rows()
        rows = rows if row in rows else [row]
        menu = QMenu(self)
        menu.setObjectName("data_use_menu")
        for key, use in zip("IOSX", USES, strict=True):
            action = menu.addAction(f"{use}\t{key}")
            action.setObjectName(f"data_use_{use}")
            action.triggered.connect(lambda _=False, use=use: self.columns.use(rows, use))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        use = KEYS.get(Qt.Key(event.key()))
        rows = self.chosen_rows()
        if use is not None and rows and not event.modifiers():
            self.columns.use(rows, use)
        else:
            super().keyPressEvent(event)
