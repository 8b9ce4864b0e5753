"""From the columns of a file to inputs and targets: which ones, what is missing, classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visualad.errors import FileError, VisualADError
from visualad.training.columns import Column, Columns, take

REFUSE, DROP, MEAN = "refuse", "drop", "mean"
POLICIES = (REFUSE, DROP, MEAN)
MOST_CATEGORIES = 100

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Encoded:
    """Numbers for training.

    Attributes:
        x, y: inputs (N, d), targets (N, k).
        names: of their columns.
        has_classes: the targets are classes: 0 and 1, or one column for each of more.
        notes: sentences on what was left out or filled in.
    """

    x: Table
    y: Table
    names: tuple[str, ...]
    has_classes: bool
    notes: tuple[str, ...]


def encode(
    columns: Columns,
    source: str,
    inputs: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
    missing: str = REFUSE,
    classes: bool = False,
) -> Encoded:
    """Choose columns and make numbers of them.

    Args:
        source: name of the file, for sentences.
        inputs, targets: names of columns; None for those that the file means (all other columns
            where only one of both is given).
        missing: what becomes of missing values: "refuse" the file, "drop" those rows, or the
            "mean" of the column in their place (the most frequent word; never for targets).
        classes: take a target of numbers for classes.

    Raises:
        VisualADError: for names that are no columns, missing values that are not allowed, or
            columns with too many different words.
    """
    if missing not in POLICIES:
        raise VisualADError(
            f"Missing values can be met with {', '.join(POLICIES)}, not '{missing}'."
        )
    chosen, wanted = _chosen(columns, source, inputs, targets)
    values = {name: columns.values[name] for name in (*chosen, *wanted)}
    notes = list(columns.notes)
    kept = _without_gaps(columns, source, values, wanted, missing, notes)
    values = {name: take(column, kept) for name, column in values.items()}
    x, x_names = _numbers(values, chosen, source)
    y_parts, y_names, has_classes = [], [], False
    for name in wanted:
        column = values[name]
        as_classes = not isinstance(column, np.ndarray) or (
            len(wanted) == 1 and (classes or columns.classes)
        )
        part, names = _classes(column, name, source) if as_classes else (_flat(column), [name])
        has_classes = has_classes or as_classes
        y_parts.append(part)
        y_names += names
    return Encoded(x, np.hstack(y_parts), (*x_names, *y_names), has_classes, tuple(notes))


def standardized(x: Table, reference: Table) -> Table:
    """Each column minus the mean and over the standard deviation of the reference, (N, d).

    A column that is constant there becomes 0.
    """
    spread = reference.std(axis=0)
    found: Table = (x - reference.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return found


def _chosen(
    columns: Columns,
    source: str,
    inputs: Sequence[str] | None,
    targets: Sequence[str] | None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    for name in (*(inputs or ()), *(targets or ())):
        if name not in columns.names:
            shown = ", ".join(columns.names[:20])
            raise VisualADError(f"{source} has no column '{name}'; its columns are {shown}.")
    wanted = tuple(dict.fromkeys(targets)) if targets else columns.targets
    if targets is None and inputs is not None:
        wanted = tuple(n for n in columns.targets if n not in inputs)
    if inputs is not None:
        chosen = tuple(dict.fromkeys(inputs))
    else:
        chosen = tuple(n for n in columns.names if n not in wanted)
    both = [name for name in chosen if name in wanted]
    if both:
        raise VisualADError(f"'{both[0]}' cannot be an input and a target of {source}.")
    if not chosen or not wanted:
        raise VisualADError(
            f"{source} has {len(columns.names)} columns; training needs at least one input column "
            "and one target column."
        )
    return chosen, wanted


def _without_gaps(
    columns: Columns,
    source: str,
    values: dict[str, Column],
    targets: Sequence[str],
    missing: str,
    notes: list[str],
) -> list[int]:
    """The rows to keep; fills gaps in `values` where that is wanted."""
    gaps = {name: _gaps(column) for name, column in values.items()}
    count = len(columns.where)
    if not any(gap.any() for gap in gaps.values()):
        return list(range(count))
    if missing == REFUSE:
        name, row = next((n, int(np.flatnonzero(g)[0])) for n, g in gaps.items() if g.any())
        total = sum(int(gap.sum()) for gap in gaps.values())
        more = f" (and {total - 1} more)" if total > 1 else ""
        raise FileError(
            f"{source}, {columns.where[row]}, column '{name}': the value is missing{more}; fill it "
            "in, remove the row, or say what is to be done: missing=drop or missing=mean."
        )
    left = np.zeros(count, dtype=bool)
    for name, gap in gaps.items():
        if not gap.any():
            continue
        if missing == DROP or name in targets:
            left |= gap
        else:
            values[name], filler = _filled(values[name], gap, name, source)
            notes.append(
                f"{int(gap.sum())} missing values of '{name}' were filled in with {filler}."
            )
    if left.all():
        raise VisualADError(f"In every row of {source} a value is missing; choose other columns.")
    if left.any():
        rows = "1 row was" if left.sum() == 1 else f"{int(left.sum())} rows were"
        first = columns.where[int(np.flatnonzero(left)[0])]
        notes.append(f"{rows} left out of {count} because a value is missing; the first: {first}.")
    return [int(row) for row in np.flatnonzero(~left)]


def _gaps(column: Column) -> NDArray[np.bool_]:
    if isinstance(column, np.ndarray):
        return np.isnan(column)
    return np.array([not cell for cell in column])


def _filled(column: Column, gap: NDArray[np.bool_], name: str, source: str) -> tuple[Column, str]:
    if gap.all():
        raise VisualADError(f"The column '{name}' of {source} is empty; leave it out.")
    if isinstance(column, np.ndarray):
        mean = float(column[~gap].mean())
        return np.where(gap, mean, column), f"their mean, {mean:.6g}"
    words, counts = np.unique([cell for cell in column if cell], return_counts=True)
    word = str(words[counts.argmax()])
    return [cell or word for cell in column], f"the most frequent word, '{word}'"


def _numbers(
    values: dict[str, Column], names: Sequence[str], source: str
) -> tuple[Table, list[str]]:
    """Input columns as numbers; a column of words becomes one of 0 and 1 for each word."""
    parts, found = [], []
    for name in names:
        column = values[name]
        if isinstance(column, np.ndarray):
            parts.append(_flat(column))
            found.append(name)
        else:
            part, words = _one_hot(column, name, source)
            parts.append(part)
            found += words
    return np.hstack(parts), found


def _classes(column: Column, name: str, source: str) -> tuple[Table, list[str]]:
    """Two classes as 0 and 1, more as one column for each."""
    words = column if isinstance(column, list) else [f"{number:g}" for number in column]
    table, names = _one_hot(words, name, source, numeric=isinstance(column, np.ndarray))
    if table.shape[1] == 1:
        raise VisualADError(
            f"The column '{name}' of {source} has one class only; there is nothing to learn."
        )
    return (table[:, 1:], [name]) if table.shape[1] == 2 else (table, names)


def _one_hot(
    words: Sequence[str], name: str, source: str, *, numeric: bool = False
) -> tuple[Table, list[str]]:
    kinds = sorted(set(words), key=float if numeric else str)
    if len(kinds) > MOST_CATEGORIES:
        raise VisualADError(
            f"The column '{name}' of {source} has {len(kinds)} different values, more than the "
            f"{MOST_CATEGORIES} that can be classes; leave it out."
        )
    place = {word: i for i, word in enumerate(kinds)}
    table = np.zeros((len(words), len(kinds)))
    table[np.arange(len(words)), [place[word] for word in words]] = 1
    return table, [f"{name}={word}" for word in kinds]


def _flat(column: Column) -> Table:
    assert isinstance(column, np.ndarray)
    return column[:, None]
