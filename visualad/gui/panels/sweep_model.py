"""The runs of a sweep over settings as a table that fills while they come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from visualad.gui import fonts, theme
from visualad.ops.writing import number_pretty
from visualad.training.grid.plan import value_text
from visualad.training.grid.worker import DONE, Result

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
SORT = Role.UserRole
LAST = float("inf")


class SweepModel(QAbstractTableModel):
    """One row for each run that has a result."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self.results: list[Result] = []
        self.best: Result | None = None
        self._metrics: tuple[str, ...] = ()

    def begin(self, names: Sequence[str]) -> None:
        """Begin anew, with these settings."""
        self.beginResetModel()
        self.names, self.results, self._metrics, self.best = tuple(names), [], (), None
        self.endResetModel()

    def add(self, results: Sequence[Result]) -> None:
        """Further runs."""
        metrics = dict.fromkeys(self._metrics)
        for result in results:
            metrics |= dict.fromkeys(name for name in result.metrics if name.endswith("test"))
        if tuple(metrics) != self._metrics:
            self.beginResetModel()
            self._metrics = tuple(metrics)
            self.results += results
            self.endResetModel()
        elif results:
            first = len(self.results)
            self.beginInsertRows(QModelIndex(), first, first + len(results) - 1)
            self.results += results
            self.endInsertRows()
        finished = [r for r in self.results if r.status == DONE and loss(r) < LAST]
        self.best = min(finished, key=loss, default=None)

    @property
    def titles(self) -> tuple[str, ...]:
        """Of the columns."""
        return ("test loss", *self.names, "seed", "training loss", *self._metrics, "seconds", "")

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.results)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.titles)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if way == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return self.titles[section].replace("_", " ")
        if way == Qt.Orientation.Horizontal and role == Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        result = self.results[index.row()]
        if role == Role.DisplayRole:
            return self._texts(result)[index.column()]
        if role == SORT:
            return self._keys(result)[index.column()]
        if role == Role.ToolTipRole:
            return result.message or result.case.title
        if role == Role.ForegroundRole and result.status != DONE:
            return theme.current().colour("error")
        if role == Role.FontRole and result is self.best:
            return fonts.text(fonts.SIZE, fonts.Weight.DemiBold)
        return None

    def _texts(self, result: Result) -> tuple[str, ...]:
        metrics = [result.metrics.get(name) for name in self._metrics]
        shown = (result.train, *metrics)
        said = "" if result.status == DONE else f"{result.status}: {result.message}"
        return (
            "" if result.test is None else number_pretty(result.test, 4),
            *(value_text(value) for _, value in result.case.values),
            "" if result.case.seed is None else str(result.case.seed),
            *("" if number is None else number_pretty(number, 4) for number in shown),
            f"{result.seconds:.1f}",
            said,
        )

    def _keys(self, result: Result) -> tuple[Any, ...]:
        metrics = [result.metrics.get(name) for name in self._metrics]
        return (
            LAST if result.test is None else result.test,
            *(sort_key(value) for _, value in result.case.values),
            -1 if result.case.seed is None else result.case.seed,
            *(LAST if n is None else n for n in (result.train, *metrics)),
            result.seconds,
            result.status,
        )


class SweepOrder(QSortFilterProxyModel):
    """The table in the order of a column."""

    def __init__(self, model: SweepModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSourceModel(model)
        self.setSortRole(SORT)

    def lessThan(self, left: Index, right: Index) -> bool:
        pair = left.data(SORT), right.data(SORT)
        try:
            return bool(pair[0] < pair[1])
        except TypeError:  # numbers and words
            return str(pair[0]) < str(pair[1])


def sort_key(value: Any) -> Any:
    """What settings are ordered by: the numbers of hidden neurons by their sum."""
    return (sum(value), *value) if isinstance(value, tuple) else value


def loss(result: Result) -> float:
    """What a run is judged by: its test loss, or its training loss where nothing is tested."""
    found = result.train if result.test is None else result.test
    return LAST if found is None else found
