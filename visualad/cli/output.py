"""What a command prints: tables for people, or one JSON document for programs."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

if TYPE_CHECKING:
    from rich.console import Console

# A pipe has no width. Wide enough for every table of the lecture's function.
PIPE_WIDTH = 160

_reserved: list[TextIO] = []  # standard output, while plugins may print


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document. Numbers that JSON lacks become "NaN", "Infinity", "-Infinity"."""
    text = json.dumps(plain_data(document), ensure_ascii=False, indent=2, allow_nan=False)
    stream().write(text + "\n")


def stream() -> TextIO:
    """Where the output of a command goes."""
    return _reserved[0] if _reserved else sys.stdout


def reserve() -> None:
    """Keep standard output for the command: what plugins print goes to standard error."""
    if not _reserved:
        _reserved.append(sys.stdout)
        sys.stdout = sys.stderr


def release() -> None:
    """Everybody may print again."""
    if _reserved:
        sys.stdout = _reserved.pop()


def plain_data(value: Any) -> Any:
    """Arrays as nested lists and everything as JSON can hold it; see `print_json` for nan."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, complex):
        return [value.real, value.imag]
    return value


def console(*, errors: bool = False) -> Console:
    """A rich console on standard output, or on standard error."""
    from rich.console import Console

    target = sys.stderr if errors else stream()
    width = None if target.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(file=target, width=width, highlight=False, emoji=False)


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
) -> None:
    """Print a table.

    Args:
        title: above it; "" for none.
        columns: their headings; rows: the cells, as text without markup.
        right: headings of the columns that are aligned to the right.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    target = console()
    if title:  # not the table's own title, which wraps where the table is narrow
        target.print(Text(title, style="bold"))
    target.print(table)


def print_line(text: str = "") -> None:
    """Print one line as it is."""
    stream().write(text + "\n")
