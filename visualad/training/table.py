"""Rows of text files with columns: CSV, TSV and their relatives."""

from __future__ import annotations

import csv

from visualad.errors import FileError

DELIMITERS = ",;\t"

Rows = list[tuple[int, list[str]]]


def read_rows(name: str, text: str) -> tuple[tuple[str, ...], Rows]:
    """Column names, and each row with the number of its line.

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
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise FileError(f"{name}, line {reader.line_num}: {error}.") from None
    if not rows:
        raise FileError(f"{name} is empty; a table of numbers is expected.")
    second = rows[1][1] if len(rows) > 1 else []
    names = _header(name, rows[0][1], second)
    if names is None:
        count = len(rows[0][1])
        names = (*(f"x{i + 1}" for i in range(count - 1)), "y")
    else:
        rows = rows[1:]
    if not rows:
        raise FileError(f"{name} has a header but no rows of numbers.")
    return names, rows


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
