"""Rows of text files with columns: CSV, TSV and their relatives."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from visualad.errors import FileError
from visualad.graph.slices import Slices
from visualad.training.words import Lexicon, Words, begins_as_word, number_in, number_or_gap

DELIMITERS = ",;\t"
CHUNK = 10_000  # lines that are read in one go

Column = NDArray[np.float64] | Words


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
    at, is_quoted = begin, '"' in text
    while at < len(lines):
        end = _end(lines, at) if is_quoted else min(at + CHUNK, len(lines))
        chunk = lines[at:end]
        table = _table(chunk, delimiter, len(names), gathered.converters(), is_quoted=is_quoted)
        if table is not None:
            gathered.add_numbers(table, at + 1)
        else:
            gathered.add_records(*_rows(name, chunk, at, delimiter))
        at = end
        yield at / len(lines)
    if not gathered.count:
        raise FileError(f"{name} has a header but no rows of numbers.")
    if not gathered.lines:
        raise FileError(f"{name} has no row with as many values as columns.")
    return gathered.table()


def _end(lines: Sequence[str], at: int) -> int:
    """Where a chunk ends that begins there: no record, which may be quoted, goes on behind it."""
    end = min(at + CHUNK, len(lines))
    is_open = sum(line.count('"') for line in lines[at:end]) % 2
    while is_open and end < len(lines):
        is_open ^= lines[end].count('"') % 2
        end += 1
    return end


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


def _rows(
    name: str, lines: Sequence[str], before: int, delimiter: str
) -> tuple[NDArray[np.int64], list[list[str]]]:
    """The same as two lists, quickly where each line is a record."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        rows = []
    if len(rows) != len(lines):
        pairs = list(_records(name, lines, before, delimiter))
        return np.array([line for line, _ in pairs], dtype=np.int64), [row for _, row in pairs]
    numbers = np.arange(before + 1, before + 1 + len(lines))
    filled = [bool("".join(row).strip()) for row in rows]
    if all(filled):
        return numbers, rows
    return numbers[filled], [row for row, is_filled in zip(rows, filled, strict=True) if is_filled]


Converters = dict[int | str, Callable[[str], float]]  # by column


def _table(
    lines: list[str], delimiter: str, columns: int, converters: Converters, *, is_quoted: bool
) -> NDArray[np.float64] | None:
    """Lines of finite numbers, nan and what is converted, quickly; None if there is more."""
    if not any(map(str.strip, lines)) or (is_quoted and not _is_tidy(lines, delimiter)):
        return None
    try:
        table = np.loadtxt(
            lines,
            delimiter=delimiter,
            ndmin=2,
            comments=None,
            converters=converters,
            encoding=None,
            quotechar='"' if is_quoted else None,
        )
    except ValueError:
        return None
    whole = table.shape == (len(lines), columns) and not np.isinf(table).any()
    return table if whole else None


def _is_tidy(lines: Sequence[str], delimiter: str) -> bool:
    """Whether quotes only go around whole cells: `csv` and NumPy differ about all others."""
    text = "\n".join(lines)
    cells = re.findall(f'(?:^|{delimiter})"[^"\n]*"(?={delimiter}|$)', text, re.MULTILINE)
    return text.count('"') == 2 * len(cells)


class _Gathered:
    """The columns of the rows so far."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.count = 0
        self.lines: list[NDArray[np.int64]] = []
        self._names = names
        self._rows = 0
        self._parts: list[NDArray[np.float64]] = []  # (n, columns) each
        # By column the cells that are no finite number: rows and numbers in the lexicon.
        self._odd: list[list[tuple[NDArray[np.intp], NDArray[np.int32]]]] = [[] for _ in names]
        self._lexicons = [Lexicon() for _ in names]
        self._short: list[Fault] = []
        self._worded: set[int] = set()  # columns of words, as far as can be seen
        self._gapped: set[int] = set()  # columns of numbers that may be missing

    def converters(self) -> Converters:
        """How to read the columns that are not just numbers, as far as can be seen."""
        found: Converters = dict.fromkeys(self._gapped, number_or_gap)
        return found | {place: self._lexicons[place].__getitem__ for place in self._worded}

    def add_numbers(self, table: NDArray[np.float64], line: int) -> None:
        """Rows, the first of which is in that line: numbers, and words by the lexicons."""
        for place in self._worded:
            self._add_words(place, table[:, place])
            table[:, place] = math.nan
        self._add(table, np.arange(line, line + len(table)))

    def add_records(self, lines: NDArray[np.int64], rows: list[list[str]]) -> None:
        """Rows of anything, by their lines."""
        width = len(self._names)
        even = [len(row) == width for row in rows]
        if not all(even):
            listed = ", ".join(self._names[:8])
            for line, row in zip(lines, rows, strict=True):
                if len(row) != width:
                    what = f"{len(row)} values where the table has {width} columns ({listed})."
                    self._short.append(Fault(f"line {line}", what))
            self.count += len(rows) - sum(even)
            rows = [row for row, is_even in zip(rows, even, strict=True) if is_even]
            lines = lines[even]
        if rows:
            columns = [
                self._column(place, cells) for place, cells in enumerate(zip(*rows, strict=True))
            ]
            self._add(np.column_stack(columns), lines)

    def _column(self, place: int, cells: Sequence[str]) -> NDArray[np.float64]:
        """Cells as numbers, nan where one is none; those are noted."""
        try:
            numbers = np.array(cells, dtype=np.float64)
        except ValueError:
            lexicon = self._lexicons[place]
            try:
                words = np.fromiter(map(lexicon.__getitem__, cells), np.float64, len(cells))
            except ValueError:  # numbers among them
                numbers = np.array([_or_nan(number_in(cell.strip())) for cell in cells])
            else:
                self._add_words(place, words)
                self._worded.add(place)
                return np.full(len(cells), math.nan)
            gaps = np.flatnonzero(np.isnan(numbers)).tolist()
            wrong = [row for row in gaps if number_in(cells[row].strip()) is None]
            self._worded.discard(place)
            self._gapped.add(place)
        else:
            self._worded.discard(place)
            wrong = []
        wrong += np.flatnonzero(np.isinf(numbers)).tolist()
        if wrong:
            codes = [self._lexicons[place].number_of(cells[row].strip()) for row in wrong]
            self._note(place, np.array(wrong), np.array(codes))
        return numbers

    def _add_words(self, place: int, numbers: NDArray[np.float64]) -> None:
        """The numbers of words in the lexicon, nan where one is missing."""
        rows = np.flatnonzero(~np.isnan(numbers))
        self._note(place, rows, numbers[rows])

    def _note(self, place: int, rows: NDArray[Any], codes: NDArray[Any]) -> None:
        if len(rows):
            self._odd[place].append((self._rows + rows, codes.astype(np.int32)))

    def _add(self, table: NDArray[np.float64], lines: NDArray[np.int64]) -> None:
        self._parts.append(table)
        self.lines.append(lines)
        self._rows += len(table)
        self.count += len(table)

    def table(self) -> Table:
        """All of it."""
        numbers = np.concatenate(self._parts)
        where = Places("line", np.concatenate(self.lines))
        values: dict[str, Column] = {}
        bad: dict[int, Fault] = {}
        for place, name in enumerate(self._names):
            column = np.ascontiguousarray(numbers[:, place])
            values[name] = column
            if not self._odd[place]:
                continue
            rows, codes = map(np.concatenate, zip(*self._odd[place], strict=True))
            kinds = tuple(self._lexicons[place].kinds)
            if not np.isfinite(column).any() and not any(map(_looks_like_number, kinds)):
                by_row = np.full(self._rows, -1, dtype=np.int32)
                by_row[rows] = codes
                values[name] = Words(kinds, by_row)
                continue
            for row, code in zip(rows.tolist(), codes.tolist(), strict=True):
                if row not in bad:
                    what = f"column '{name}': {_complaint(kinds[code])}"
                    bad[row] = Fault(where[row], what, name)
        if bad:
            kept = np.setdiff1d(np.arange(self._rows), np.fromiter(bad, np.intp))
            values = {name: take(column, kept) for name, column in values.items()}
            where = where.take(kept)
        faults = tuple(bad[row] for row in sorted(bad))
        return Table(self._names, values, where, tuple(self._short), faults, self.count, self._rows)


def take(column: Column, rows: NDArray[np.intp]) -> Column:
    """Some rows of a column."""
    return (
        column[rows] if isinstance(column, np.ndarray) else Words(column.kinds, column.codes[rows])
    )


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


def _or_nan(number: float | None) -> float:
    return math.nan if number is None else number


def _looks_like_number(cell: str) -> bool:
    if begins_as_word(cell):
        return False
    return _is_number(cell) or _is_number(cell.replace(",", "."))


def _complaint(cell: str) -> str:
    if _is_number(cell):
        return f"'{cell}' is not a finite number."
    hint = " with a decimal point" if _is_number(cell.replace(",", ".")) else ""
    return f"'{cell[:40]}' is not a number; write numbers{hint}."
