"""Rows of text files with columns: CSV, TSV and their relatives."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from visualad.errors import FileError
from visualad.graph.slices import Slices

DELIMITERS = ",;\t"
CHUNK = 10_000  # lines that are read in one go
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})

Column = NDArray[np.float64] | list[str]


class Places(Sequence[str]):
    """Where each row is in the file: "line 7". Made when asked for: there may be millions."""

    def __init__(self, word: str, numbers: NDArray[np.int64]) -> None:
        self._word = word
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Places: ...
    def __getitem__(self, index: int | slice) -> str | Places:
        if isinstance(index, slice):
            return Places(self._word, self._numbers[index])
        return f"{self._word} {self._numbers[index]}"

    def take(self, rows: NDArray[np.intp]) -> Places:
        """Some rows of them."""
        return Places(self._word, self._numbers[rows])


@dataclass(frozen=True)
class Fault:
    """A row that cannot be used.

    Attributes:
        where: "line 7"; what: the rest of the sentence, with the column.
        column: its name, if one is at fault.
    """

    where: str
    what: str
    column: str = ""

    @property
    def sentence(self) -> str:
        """Both."""
        return f"{self.where}{', ' if self.column else ': '}{self.what}"


@dataclass(frozen=True)
class Table:
    """What a text file holds.

    Attributes:
        names: of the columns; values: by name, numbers with nan or words with "" where one is
            missing.
        where: for each row.
        short: rows with another number of values than there are columns; bad: rows with a cell
            that is no number in a column of numbers. None of them is in `values`.
        count: rows in all; even: those with as many values as columns.
    """

    names: tuple[str, ...]
    values: dict[str, Column]
    where: Places
    short: tuple[Fault, ...]
    bad: tuple[Fault, ...]
    count: int
    even: int


def read_table(name: str, text: str) -> Slices[Table]:
    """The table in a text, in slices.

    The delimiter is the one of comma, semicolon and tab that is most frequent in the first line.
    The first line is a header when none of its cells is a number, or when one of its words stands
    above a number; without one the columns are x1, x2, ..., y. Blank lines do not count.

    Args:
        name: of the file, for sentences.

    Raises:
        FileError: if it is no table; the sentence says in which line.
    """
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    # A record in quotes may go over several lines, so such a text is read in one piece.
    size = len(lines) if '"' in text else CHUNK
    records = _records(name, lines, 0, delimiter)
    start = next(records, None)
    if start is None:
        raise FileError(f"{name} is empty; a table of numbers is expected.")
    top, cells = start
    second = next(records, (0, []))[1]
    names = _header(name, cells, second)
    begin = top if names is not None else 0
    if names is None:
        names = (*(f"x{i + 1}" for i in range(len(cells) - 1)), "y")
    gathered = _Gathered(names)
    for at in range(begin, len(lines), size):
        chunk = lines[at : at + size]
        table = _numbers(chunk, delimiter, len(names))
        if table is not None:
            gathered.add_numbers(table, at + 1)
        else:
            gathered.add_records(_records(name, chunk, at, delimiter))
        yield min((at + size) / len(lines), 1.0)
    if not gathered.count:
        raise FileError(f"{name} has a header but no rows of numbers.")
    if not gathered.lines:
        raise FileError(f"{name} has no row with as many values as columns.")
    return gathered.table()


def _records(
    name: str, lines: Sequence[str], before: int, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    """The number of its last line and the cells of each record that is not blank."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield before + reader.line_num, row
    except csv.Error as error:
        raise FileError(f"{name}, line {before + reader.line_num}: {error}.") from None


def _numbers(lines: list[str], delimiter: str, columns: int) -> NDArray[np.float64] | None:
    """Lines of nothing but finite numbers or nan, quickly; None if they are something else."""
    if not any(map(str.strip, lines)):
        return None
    try:
        table = np.loadtxt(lines, delimiter=delimiter, ndmin=2, comments=None)
    except ValueError:
        return None
    whole = table.shape == (len(lines), columns) and not np.isinf(table).any()
    return table if whole else None


class _Gathered:
    """The columns of the rows so far."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.count = 0
        self.lines: list[NDArray[np.int64]] = []
        self._names = names
        self._rows = 0
        self._parts: list[NDArray[np.float64]] = []  # (n, columns) each
        # By column and row: the cells that are no finite number.
        self._odd: list[dict[int, str]] = [{} for _ in names]
        self._short: list[Fault] = []

    def add_numbers(self, table: NDArray[np.float64], line: int) -> None:
        """Rows of numbers, the first of which is in that line."""
        self._add(table, np.arange(line, line + len(table)))

    def add_records(self, records: Iterable[tuple[int, list[str]]]) -> None:
        """Rows of anything."""
        width = len(self._names)
        rows: list[list[str]] = []
        lines: list[int] = []
        for line, row in records:
            if len(row) == width:
                rows.append(row)
                lines.append(line)
                continue
            self.count += 1
            listed = ", ".join(self._names[:8])
            what = f"{len(row)} values where the table has {width} columns ({listed})."
            self._short.append(Fault(f"line {line}", what))
        if rows:
            columns = [
                self._column(place, cells) for place, cells in enumerate(zip(*rows, strict=True))
            ]
            self._add(np.column_stack(columns), np.array(lines))

    def _column(self, place: int, cells: Sequence[str]) -> NDArray[np.float64]:
        """Cells as numbers, nan where one is none; those are noted."""
        try:
            numbers = np.array(cells, dtype=np.float64)
        except ValueError:
            values = [_number(cell.strip()) for cell in cells]
            numbers = np.array([math.nan if value is None else value for value in values])
            wrong = [row for row, value in enumerate(values) if value is None]
        else:
            wrong = []
        wrong += np.flatnonzero(np.isinf(numbers)).tolist()
        for row in wrong:
            self._odd[place][self._rows + row] = cells[row].strip()
        return numbers

    def _add(self, table: NDArray[np.float64], lines: NDArray[np.int64]) -> None:
        self._parts.append(table)
        self.lines.append(lines)
        self._rows += len(table)
        self.count += len(table)

    def table(self) -> Table:
        """All of it."""
        numbers = np.concatenate(self._parts)
        lines = np.concatenate(self.lines)
        where = Places("line", lines)
        values: dict[str, Column] = {}
        bad: dict[int, Fault] = {}
        for place, name in enumerate(self._names):
            column, odd = np.ascontiguousarray(numbers[:, place]), self._odd[place]
            is_words = odd and not np.isfinite(column).any()
            if is_words and not any(map(_looks_like_number, set(odd.values()))):
                values[name] = [odd.get(row, "") for row in range(self._rows)]
                continue
            values[name] = column
            for row, cell in odd.items():
                what = f"column '{name}': {_complaint(cell)}"
                bad.setdefault(row, Fault(where[row], what, name))
        if bad:
            kept = np.setdiff1d(np.arange(self._rows), np.fromiter(bad, np.intp))
            values = {name: take(column, kept) for name, column in values.items()}
            where = where.take(kept)
        faults = tuple(bad[row] for row in sorted(bad))
        return Table(self._names, values, where, tuple(self._short), faults, self.count, self._rows)


def take(column: Column, rows: NDArray[np.intp]) -> Column:
    """Some rows of a column."""
    return column[rows] if isinstance(column, np.ndarray) else [column[row] for row in rows]


def _header(name: str, cells: list[str], below: list[str]) -> tuple[str, ...] | None:
    """The names in the first row, or None if it holds data already."""
    words = [not _is_number(cell) for cell in cells]
    above_number = any(
        word and _is_number(other) for word, other in zip(words, below, strict=False)
    )
    if not all(words) and not above_number:
        return None
    names = tuple(cell.strip() or f"column {i + 1}" for i, cell in enumerate(cells))
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise FileError(f"{name} has two columns '{twice}'; give each its own name.")
    return names


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(cell: str) -> float | None:
    """The number in a cell, nan where one is missing; None for a word."""
    try:
        return float(cell)
    except ValueError:
        return math.nan if cell.lower() in MISSING else None


def _looks_like_number(cell: str) -> bool:
    return _is_number(cell) or _is_number(cell.replace(",", "."))


def _complaint(cell: str) -> str:
    if _is_number(cell):
        return f"'{cell}' is not a finite number."
    hint = " with a decimal point" if _is_number(cell.replace(",", ".")) else ""
    return f"'{cell[:40]}' is not a number; write numbers{hint}."
