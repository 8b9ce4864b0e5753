"""Reading tables of numbers from text files: CSV, TSV and their relatives."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visualad.errors import FileError

DELIMITERS = ",;\t"


def read_table(path: Path) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Column names and the numbers, (rows, columns).

    The delimiter is the one of comma, semicolon and tab that is most frequent in the first line.
    A first line with anything but numbers is the header; without one the columns are x1, x2, …, y.

    Raises:
        FileError: if the file cannot be read; the sentence says in which line and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise FileError(f"{path} is not a text file in UTF-8; save it as CSV in UTF-8.") from None
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    # Each row with its line number; blank lines do not count.
    try:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise FileError(f"{path.name}, line {reader.line_num}: {error}.") from None
    if not rows:
        raise FileError(f"{path.name} is empty; a table of numbers is expected.")
    names = _header(path, rows[0][1])
    if names is None:
        count = len(rows[0][1])
        names = (*(f"x{i + 1}" for i in range(count - 1)), "y")
    else:
        rows = rows[1:]
    if not rows:
        raise FileError(f"{path.name} has a header but no rows of numbers.")
    return names, _numbers(path, names, rows)


def _header(path: Path, cells: list[str]) -> tuple[str, ...] | None:
    """The names in the first row, or None if it holds numbers already."""
    if all(_is_number(cell) for cell in cells):
        return None
    names = tuple(cell.strip() or f"column {i + 1}" for i, cell in enumerate(cells))
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise FileError(f"{path.name} has two columns '{twice}'; give each its own name.")
    return names


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers(
    path: Path, names: tuple[str, ...], rows: list[tuple[int, list[str]]]
) -> NDArray[np.float64]:
    table = np.empty((len(rows), len(names)))
    for i, (line, cells) in enumerate(rows):
        if len(cells) != len(names):
            raise FileError(
                f"{path.name}, line {line}: {len(cells)} values where the table has "
                f"{len(names)} columns ({', '.join(names[:8])})."
            )
        try:
            table[i] = cells
        except ValueError:
            _complain(path, names, line, cells)
    if not np.isfinite(table).all():
        row = int(np.flatnonzero(~np.isfinite(table).all(axis=1))[0])
        _complain(path, names, *rows[row])
    return table


def _complain(path: Path, names: tuple[str, ...], line: int, cells: list[str]) -> None:
    """Name the first cell of the row that is no finite number."""
    for name, cell in zip(names, cells, strict=True):
        place = f"{path.name}, line {line}, column '{name}'"
        if not cell.strip():
            raise FileError(f"{place}: the value is missing; fill it in or remove the row.")
        if not _is_number(cell):
            hint = " with a decimal point" if _is_number(cell.replace(",", ".")) else ""
            raise FileError(f"{place}: '{cell.strip()}' is not a number; write numbers{hint}.")
        if not np.isfinite(float(cell)):
            raise FileError(f"{place}: '{cell.strip()}' is not a finite number.")
