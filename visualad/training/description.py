"""What the columns of a file hold, column by column, and how they are best used."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.ops.writing import number_text
from visualad.training.columns import Columns
from visualad.training.encoding import DROP, MOST_CATEGORIES, REFUSE
from visualad.training.table import Column, Fault

BARS = 24  # of a histogram
FIRST = 3  # values that are shown
MOST_FAULTS = 200  # that are told one by one
SMALLEST_PICTURE = 5  # pixels on a side
MOST_CLASSES = 20  # different whole numbers that may be classes
NUMBER, WHOLE, WORD = "number", "whole number", "word"
SPLITS = frozenset({"split", "set", "subset", "part", "fold", "is_test", "test"})


@dataclass(frozen=True)
class ColumnFacts:
    """One column.

    Attributes:
        name, kind: "number", "whole number" or "word".
        first: its first values as texts, "" where one is missing.
        low, mean, high: of numbers; None for words and where there are none.
        missing: how many values are.
        distinct: how many different ones there are; 0 for numbers, where nobody counts them.
        bars: how many values lie in each of equal intervals from low to high, or how often each
            of the most frequent words comes, in falling order.
    """

    name: str
    kind: str
    first: tuple[str, ...]
    low: float | None
    mean: float | None
    high: float | None
    missing: int
    distinct: int
    bars: tuple[int, ...]


@dataclass(frozen=True)
class Description:
    """A file of data.

    Attributes:
        name: of the file; rows: that can be used.
        columns: in order.
        faults: the first of the rows that cannot be used; fault_count: of all of them.
        gaps: the first of the missing values.
        image: rows and columns of the picture that a sample is, or None.
        suggested: settings for `graph.training["data"]`, all but name and content.
    """

    name: str
    rows: int
    columns: tuple[ColumnFacts, ...]
    faults: tuple[Fault, ...]
    fault_count: int
    gaps: tuple[Fault, ...]
    image: tuple[int, int] | None
    suggested: dict[str, Any]


def describe(name: str, columns: Columns) -> Description:
    """The facts of each column, and a choice of inputs and targets to begin with."""
    facts = tuple(_facts(column, columns.values[column]) for column in columns.names)
    return Description(
        name,
        len(columns.where),
        facts,
        columns.faults[:MOST_FAULTS],
        len(columns.faults),
        _gaps(columns),
        columns.image or _square(facts, list(columns.targets)),
        _suggested(columns, facts),
    )


def _gaps(columns: Columns) -> tuple[Fault, ...]:
    """The first missing values, in the order of the rows."""
    found: list[tuple[int, str]] = []
    for name in columns.names:
        column = columns.values[name]
        if isinstance(column, np.ndarray):
            rows = np.flatnonzero(np.isnan(column))[:MOST_FAULTS].tolist()
        else:
            rows = np.flatnonzero(column.missing)[:MOST_FAULTS].tolist()
        found += [(row, name) for row in rows]
    return tuple(
        Fault(columns.where[row], f"column '{name}': the value is missing.", name)
        for row, name in sorted(found)[:MOST_FAULTS]
    )


def _facts(name: str, column: Column) -> ColumnFacts:
    if isinstance(column, np.ndarray):
        return _number_facts(name, column)
    counts = column.tally()
    counts = counts[counts > 0]
    missing = int(column.missing.sum())
    often = tuple(np.sort(counts)[::-1][:BARS].tolist())
    first = tuple(column[:FIRST])
    return ColumnFacts(name, WORD, first, None, None, None, missing, len(counts), often)


def _number_facts(name: str, column: NDArray[np.float64]) -> ColumnFacts:
    present = column[~np.isnan(column)]
    first = tuple("" if np.isnan(value) else number_text(float(value)) for value in column[:FIRST])
    missing = len(column) - len(present)
    if not len(present):
        return ColumnFacts(name, NUMBER, first, None, None, None, missing, 0, ())
    low, high = float(present.min()), float(present.max())
    is_whole = bool((present == np.floor(present)).all()) and abs(low) < 1e15 > abs(high)
    few = is_whole and high - low < 10 * MOST_CLASSES
    distinct = len(np.unique(present)) if few else 0
    bars, _ = np.histogram(present, BARS, (low, high) if high > low else (low - 0.5, low + 0.5))
    return ColumnFacts(
        name,
        WHOLE if is_whole else NUMBER,
        first,
        low,
        float(present.mean()),
        high,
        missing,
        distinct,
        tuple(map(int, bars)),
    )


def _square(facts: tuple[ColumnFacts, ...], targets: list[str]) -> tuple[int, int] | None:
    """Rows and columns of the square picture that the inputs look like: grey values 0 to 255."""
    inputs = [one for one in facts if one.name not in targets]
    side = math.isqrt(len(inputs))
    if side < SMALLEST_PICTURE or side * side != len(inputs):
        return None
    for one in inputs:
        if one.kind != WHOLE or one.low is None or one.high is None:
            return None
        if one.low < 0 or one.high > 255:
            return None
    return side, side


def _suggested(columns: Columns, facts: tuple[ColumnFacts, ...]) -> dict[str, Any]:
    """All columns that can be inputs, the targets that the file means, a quarter for testing."""
    by_name = {one.name: one for one in facts}
    targets = list(columns.targets)
    split = next((n for n in columns.names if n.lower() in SPLITS and n not in targets), "")
    useless = {
        one.name
        for one in facts
        if (one.kind == WORD and one.distinct > MOST_CATEGORIES)
        or one.missing == len(columns.where)
    }
    inputs = [n for n in columns.names if n not in (*targets, *useless, split)]
    found: dict[str, Any] = {
        "targets": targets,
        "standardize": True,
        "test_fraction": 0.25,
        "seed": 0,
        "missing": REFUSE,
    }
    if useless - set(targets):
        found["inputs"] = inputs
    if split:
        found["split_column"] = split
    if columns.faults or any(by_name[name].missing for name in (*inputs, *targets)):
        found["missing"] = DROP
    image = columns.image or _square(facts, targets)
    if image is not None:
        found |= {"image": list(image), "standardize": False}
    only, rows = by_name[targets[0]], len(columns.where)
    if columns.classes or (only.kind == WHOLE and 2 <= only.distinct <= MOST_CLASSES < rows / 2):
        found["classes"] = True
    return found
