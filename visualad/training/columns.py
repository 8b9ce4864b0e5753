"""The columns of a file of data as they stand there: numbers, or words."""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import FileError
from visualad.graph.slices import Slices, finished
from visualad.training.array_files import is_idx, labels_beside, read_arrays, read_images
from visualad.training.source import FileSource, Source, unpacked
from visualad.training.table import Column, Fault, Places, read_table
from visualad.training.words import Words

TEXTS = (".csv", ".tsv", ".txt")
ARRAYS = (".npz", ".npy")
MOST_KNOWN = 2  # files whose columns are kept, so that they are not read again and again


@dataclass(frozen=True, eq=False)
class Columns:
    """A table.

    Attributes:
        names: of the columns, in order.
        values: by name; numbers with nan where one is missing, or words with "" where one is.
        inputs, targets: which are meant when nothing else is said.
        classes: targets that are classes although they are numbers.
        where: for each row where it is in the file: "line 7".
        faults: rows that cannot be used and are not in `values`, in the order they were found.
        notes: sentences on them.
        image: rows and columns of the picture that the inputs are, or None.
    """

    names: tuple[str, ...]
    values: Mapping[str, Column]
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    classes: bool
    where: Sequence[str]
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    image: tuple[int, int] | None = None


def is_data_file(path: Path) -> bool:
    """Whether a name is that of a file that `read_columns` reads."""
    return _suffix(path.name) in (*TEXTS, *ARRAYS) or is_idx(path.name)


def belongs_to(path: Path) -> tuple[str, ...]:
    """Names of files in the same folder without which this one is no data set."""
    if not is_idx(path.name):
        return ()
    return tuple(n for n in labels_beside(path.name) if path.with_name(n).exists())[:1]


def read_columns(path: Path, *, leave_out: bool = False) -> Columns:
    """The columns of a CSV or TSV file (also .gz), an .npz or .npy archive or an IDX file.

    Args:
        leave_out: leave out rows that cannot be read, and say so, instead of refusing the file.

    Raises:
        FileError: one sentence on what is wrong, and where.
    """
    return columns_of(FileSource(path), leave_out=leave_out)


def columns_of(source: Source, *, leave_out: bool = False) -> Columns:
    """The same of any source; those read last are remembered."""
    found = finished(reading(source))
    if found.faults and not leave_out:
        raise FileError(f"{source.name}, {found.faults[0].sentence}")
    return found


_known: dict[Hashable, Columns] = {}


def reading(source: Source) -> Slices[Columns]:
    """Read the columns in slices; rows that cannot be read are left out and told.

    Raises:
        FileError: one sentence on what is wrong.
    """
    try:
        key = source.key
        if key not in _known:
            found = yield from _read(source)
            while len(_known) >= MOST_KNOWN:
                del _known[next(iter(_known))]
            _known[key] = found
        return _known[key]
    except OSError as error:
        path = getattr(source, "path", source.name)
        reason = error.strerror or "it is damaged"
        raise FileError(f"{path} cannot be read: {reason}.") from None
    except (EOFError, zlib.error):
        raise FileError(f"{source.name} is damaged: its compressed content ends early.") from None


def _read(source: Source) -> Slices[Columns]:
    suffix = _suffix(source.name)
    if suffix in ARRAYS:
        return _of_arrays(source.name, *read_arrays(source, suffix))
    if is_idx(source.name):
        return _of_arrays(source.name, *read_images(source))
    try:
        text = unpacked(source).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(
            f"{source.name} is not a text file in UTF-8; save it as CSV in UTF-8."
        ) from None
    table = yield from read_table(source.name, text)
    names = table.names
    notes = [
        _left_out(faults, total)
        for faults, total in ((table.short, table.count), (table.bad, table.even))
        if faults
    ]
    faults = (*table.short, *table.bad)
    return Columns(
        names, table.values, names[:-1], names[-1:], False, table.where, faults, tuple(notes)
    )


def _suffix(name: str) -> str:
    path = Path(name)
    return Path(path.stem if path.suffix.lower() == ".gz" else name).suffix.lower()


def _left_out(faults: Sequence[Fault], total: int) -> str:
    count = len(faults)
    rows = "1 row was" if count == 1 else f"{count} rows were"
    return f"{rows} left out of {total}; the first: {faults[0].sentence}"


def _of_arrays(file: str, x: NDArray[Any], y: NDArray[Any]) -> Columns:
    """Arrays with one row for each sample as columns."""
    for name, array in (("inputs", x), ("targets", y)):
        if array.dtype.kind not in "biufSU" or array.ndim == 0:
            raise FileError(
                f"The {name} in {file} are no table of numbers but {array.dtype} of shape "
                f"{array.shape}."
            )
    if len(x) != len(y) or not len(x):
        raise FileError(
            f"{file} has {len(x)} samples of inputs but {len(y)} of targets; both need one "
            "row for each sample."
        )
    names: list[str] = []
    values: dict[str, Column] = {}
    parts = []
    for name, array in (("x", x), ("y", y)):
        table = array.reshape(len(array), -1)
        own = [name] if table.shape[1] == 1 else [f"{name}{i + 1}" for i in range(table.shape[1])]
        for i, column in enumerate(own):
            if table.dtype.kind in "SU":
                values[column] = Words.of(table[:, i].astype(str).tolist())
            else:
                values[column] = table[:, i].astype(np.float64)
                if np.isinf(values[column]).any():
                    raise FileError(f"{file}: {column} holds infinity; remove those rows.")
        parts.append(tuple(own))
        names += own
    is_class = y.dtype.kind in "biu"
    return Columns(
        tuple(names),
        values,
        parts[0],
        parts[1],
        is_class and len(parts[1]) == 1,
        Places("row", np.arange(len(x))),
        image=(x.shape[1], x.shape[2]) if x.ndim == 3 else None,
    )
