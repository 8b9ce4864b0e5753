"""From the columns of a file to inputs and targets: which ones, what is missing, classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visualad.errors import FileError, VisualADError
from visualad.training.columns import Columns
from visualad.training.table import Column, take

REFUSE, DROP, MEAN = "refuse", "drop", "mean"
POLICIES = (REFUSE, DROP, MEAN)
# How classes become numbers: 0 and 1 or a column for each of more; always a column for each;
# -1 and +1 (of more classes a column for each); their number from 0 on.
AUTOMATIC, ONE_HOT, SIGNS, INDEX = "automatic", "one-hot", "signs", "index"
ENCODINGS = (AUTOMATIC, ONE_HOT, SIGNS, INDEX)
MOST_CATEGORIES = 100
TEST_WORDS = frozenset({"test", "testing", "validation", "valid", "val", "true", "yes", "1"})

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Encoded:
    """Numbers for training.

    Attributes:
        x, y: inputs (N, d), targets (N, k).
        names: of their columns.
        has_classes: the targets are classes, encoded as was wanted.
        classes: their names in the order of their numbers; () without classes.
        notes: sentences on what was left out or filled in.
        tested: which samples are kept for testing, (N,), where a column says so.
    """

    x: Table
    y: Table
    names: tuple[str, ...]
    has_classes: bool
    classes: tuple[str, ...]
    notes: tuple[str, ...]
    tested: NDArray[np.bool_] | None = None


def encode(
    columns: Columns,
    source: str,
    inputs: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
    missing: str = REFUSE,
    classes: bool | None = False,
    encoding: str = AUTOMATIC,
    split_column: str = "",
) -> Encoded:
    """Choose columns and make numbers of them.

    Args:
        source: name of the file, for sentences.
        inputs, targets: names of columns; None for those that the file means (all other columns
            where only one of both is given).
        missing: what becomes of missing values: "refuse" the file, "drop" those rows, or the
            "mean" of the column in their place (the most frequent word; never for targets).
        classes: take a target of numbers for classes; None: a number, whatever the file means.
        encoding: how classes become numbers: "automatic" (0 and 1; a column for each of more),
            "one-hot" (always a column for each), "signs" (-1 and +1) or "index" (0, 1, 2, ...).
        split_column: the column that says which samples are for testing: those with a word such
            as test, or 1.

    Raises:
        VisualADError: for names that are no columns, missing values that are not allowed, or
            columns with too many different words.
    """
    for given, known, what in (
        (missing, POLICIES, "Missing values can be met with"),
        (encoding, ENCODINGS, "Classes can be encoded as"),
    ):
        if given not in known:
            raise VisualADError(f"{what} {', '.join(known)}, not '{given}'.")
    chosen, wanted = _chosen(columns, source, inputs, targets, split_column)
    values = {name: columns.values[name] for name in (*chosen, *wanted)}
    notes = list(columns.notes)
    kept = _without_gaps(columns, source, values, wanted, missing, notes)
    if kept is not None:
        values = {name: take(column, kept) for name, column in values.items()}
    tested = _tested(columns, source, split_column, kept) if split_column else None
    x, x_names = _numbers(values, chosen, source)
    y_parts, y_names, kinds = [], [], []
    for name in wanted:
        column = values[name]
        wished = classes is not None and (classes or columns.classes)
        as_classes = not isinstance(column, np.ndarray) or (len(wanted) == 1 and wished)
        if as_classes:
            part, names, found = _classes(column, name, source, encoding)
            kinds = found
        else:
            part, names = _flat(column), [name]
        y_parts.append(part)
        y_names += names
    shown = tuple(kinds) if len(wanted) == 1 else ()
    all_names = (*x_names, *y_names)
    return Encoded(x, np.hstack(y_parts), all_names, bool(kinds), shown, tuple(notes), tested)


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
    split_column: str,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    for name in (*(inputs or ()), *(targets or ()), *([split_column] if split_column else ())):
        if name not in columns.names:
            shown = ", ".join(columns.names[:20])
            raise VisualADError(f"{source} has no column '{name}'; its columns are {shown}.")
    wanted = tuple(dict.fromkeys(targets)) if targets else columns.targets
    if targets is None and inputs is not None:
        wanted = tuple(n for n in columns.targets if n not in inputs)
    if inputs is not None:
        chosen = tuple(dict.fromkeys(inputs))
    else:
        chosen = tuple(n for n in columns.names if n not in wanted and n != split_column)
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
) -> NDArray[np.intp] | None:
    """The rows to keep, None for all; fills gaps in `values` where that is wanted."""
    gaps = {name: _gaps(column) for name, column in values.items()}
    count = len(columns.where)
    if not any(gap.any() for gap in gaps.values()):
        return None
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
    return np.flatnonzero(~left) if left.any() else None


def _gaps(column: Column) -> NDArray[np.bool_]:
    if isinstance(column, np.ndarray):
        return np.isnan(column)
    return column.missing


def _filled(column: Column, gap: NDArray[np.bool_], name: str, source: str) -> tuple[Column, str]:
    if gap.all():
        raise VisualADError(f"The column '{name}' of {source} is empty; leave it out.")
    if isinstance(column, np.ndarray):
        mean = float(column[~gap].mean())
        return np.where(gap, mean, column), f"their mean, {mean:.6g}"
    counts = column.counts()
    word = max(counts, key=counts.__getitem__)
    return column.filled(word), f"the most frequent word, '{word}'"


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


def _classes(
    column: Column, name: str, source: str, encoding: str
) -> tuple[Table, list[str], list[str]]:
    """Classes as numbers; the names of these columns; the names of the classes."""
    table, names = _one_hot(column, name, source)
    kinds = [one.removeprefix(f"{name}=") for one in names]
    if table.shape[1] == 1:
        raise VisualADError(
            f"The column '{name}' of {source} has one class only; there is nothing to learn."
        )
    if encoding == INDEX:
        return table.argmax(axis=1)[:, None].astype(np.float64), [name], kinds
    if table.shape[1] == 2 and encoding != ONE_HOT:
        table, names = table[:, 1:], [name]
    return (2 * table - 1 if encoding == SIGNS else table), names, kinds


def _tested(
    columns: Columns, source: str, name: str, kept: NDArray[np.intp] | None
) -> NDArray[np.bool_]:
    """Which rows are for testing.

    Raises:
        VisualADError: if no row is left for training.
    """
    column = columns.values[name]
    column = column if kept is None else take(column, kept)
    if isinstance(column, np.ndarray):
        found = np.nan_to_num(column) > 0
    else:
        tests = np.array([*(word.lower() in TEST_WORDS for word in column.kinds), False])
        found = tests[column.codes]  # a missing one's -1 is the last
    if found.all() or not found.any():
        which = "every row" if found.all() else "no row"
        raise VisualADError(
            f"The column '{name}' of {source} puts {which} aside for testing; rows for testing "
            "have 'test' or 1 there, those for training anything else."
        )
    return found


def _kinds(column: Column, name: str, source: str) -> tuple[list[str], NDArray[np.intp]]:
    """The different values as texts, in order, and by row the place of its own.

    Raises:
        VisualADError: if there are too many.
    """
    if isinstance(column, np.ndarray):
        numbers, places = np.unique(column, return_inverse=True)
        texts = [f"{number:g}" for number in numbers.tolist()]  # neighbours may be written alike
        kinds = list(dict.fromkeys(texts))
        count = len(kinds)
    else:
        places, count = column.codes.astype(np.intp), int((column.tally() > 0).sum())
    if count > MOST_CATEGORIES:
        raise VisualADError(
            f"The column '{name}' of {source} has {count} different values, more than the "
            f"{MOST_CATEGORIES} that can be classes; leave it out."
        )
    if not isinstance(column, np.ndarray):
        texts, kinds = list(column.kinds), list(column.counts())
    order = {text: place for place, text in enumerate(kinds)}
    return kinds, np.array([order.get(text, 0) for text in texts], dtype=np.intp)[places]


def _one_hot(column: Column, name: str, source: str) -> tuple[Table, list[str]]:
    kinds, places = _kinds(column, name, source)
    table = np.zeros((len(places), len(kinds)))
    table[np.arange(len(places)), places] = 1
    return table, [f"{name}={kind}" for kind in kinds]


def _flat(column: Column) -> Table:
    assert isinstance(column, np.ndarray)
    return column[:, None]
