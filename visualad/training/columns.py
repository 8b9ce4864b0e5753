"""The columns of a file of data as they stand there: numbers, or words."""

from __future__ import annotations

import gzip
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import FileError
from visualad.training.table import read_rows

TEXTS = (".csv", ".tsv", ".txt")
ARRAYS = (".npz", ".npy")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})
LARGEST = 2 << 30  # bytes of numbers that are read from one file

# What the arrays of an .npz file are usually called.
INPUTS = ("x", "X", "x_train", "X_train", "inputs", "data", "images", "features")
TARGETS = ("y", "Y", "y_train", "Y_train", "targets", "target", "labels", "label")

# IDX: the third byte of the magic number says what the values are. LeCun's format of MNIST.
IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}

Column = NDArray[np.float64] | list[str]


@dataclass(frozen=True)
class Columns:
    """A table.

    Attributes:
        names: of the columns, in order.
        values: by name; numbers with nan where one is missing, or words with "" where one is.
        inputs, targets: which are meant when nothing else is said.
        classes: targets that are classes although they are numbers.
        where: for each row where it is in the file: "line 7".
        notes: sentences on rows that were left out.
    """

    names: tuple[str, ...]
    values: Mapping[str, Column]
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    classes: bool
    where: tuple[str, ...]
    notes: tuple[str, ...] = ()


def is_data_file(path: Path) -> bool:
    """Whether a name is that of a file that `read_columns` reads."""
    bare = Path(path.stem) if path.suffix.lower() == ".gz" else path
    is_idx = "-idx" in path.name or ".idx" in path.name
    return bare.suffix.lower() in (*TEXTS, *ARRAYS) or is_idx


def read_columns(path: Path, *, leave_out: bool = False) -> Columns:
    """The columns of a CSV or TSV file (also .gz), an .npz or .npy archive or an IDX file.

    Args:
        leave_out: leave out rows that cannot be read, and say so, instead of refusing the file.

    Raises:
        FileError: one sentence on what is wrong, and where.
    """
    bare = Path(path.stem) if path.suffix.lower() == ".gz" else path
    try:
        if bare.suffix.lower() in ARRAYS:
            return _from_arrays(path)
        if "-idx" in path.name or ".idx" in path.name:
            return _from_idx(path)
        return _from_text(path, leave_out)
    except OSError as error:
        reason = error.strerror or "it is damaged"
        raise FileError(f"{path} cannot be read: {reason}.") from None
    except (EOFError, zlib.error):
        raise FileError(f"{path.name} is damaged: its compressed content ends early.") from None


def unpacked(path: Path) -> bytes:
    """The content of a file, decompressed where its name ends in .gz.

    Raises:
        FileError: if it is larger than what is read.
        OSError, EOFError, zlib.error: if it cannot be read.
    """
    with path.open("rb") as raw:
        file = gzip.GzipFile(fileobj=raw) if path.suffix.lower() == ".gz" else raw
        content: bytes = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise FileError(f"{path.name} holds more than 2 GiB; take a part of it.")
    return content


# Text ------------------------------------------------------------------------------------------


def _from_text(path: Path, leave_out: bool) -> Columns:
    try:
        text = unpacked(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(
            f"{path.name} is not a text file in UTF-8; save it as CSV in UTF-8."
        ) from None
    names, rows = read_rows(path.name, text)
    notes = []
    good = [(line, row) for line, row in rows if len(row) == len(names)]
    if len(good) < len(rows):
        line, row = next((line, row) for line, row in rows if len(row) != len(names))
        sentence = (
            f"line {line}: {len(row)} values where the table has {len(names)} columns "
            f"({', '.join(names[:8])})."
        )
        if not leave_out:
            raise FileError(f"{path.name}, {sentence}")
        notes.append(_left_out(len(rows) - len(good), len(rows), sentence))
    if not good:
        raise FileError(f"{path.name} has no row with as many values as columns.")
    values: dict[str, Column] = {}
    bad: dict[int, str] = {}
    for place, name in enumerate(names):
        cells = [cells[place].strip() for _, cells in good]
        values[name], wrong = _column(cells)
        for i in wrong:
            line = good[i][0]
            bad.setdefault(i, f"line {line}, column '{name}': {_complaint(cells[i])}")
    if bad and not leave_out:
        raise FileError(f"{path.name}, {next(iter(bad.values()))}")
    where = [f"line {line}" for line, _ in good]
    if bad:
        notes.append(_left_out(len(bad), len(good), next(iter(bad.values()))))
        kept = [i for i in range(len(good)) if i not in bad]
        where = [where[i] for i in kept]
        values = {name: take(column, kept) for name, column in values.items()}
    return Columns(names, values, names[:-1], names[-1:], False, tuple(where), tuple(notes))


def _column(cells: list[str]) -> tuple[Column, list[int]]:
    """A column as numbers, or as words if none of its cells is a number; and the bad cells."""
    numbers = [math.nan if cell.lower() in MISSING else _number(cell) for cell in cells]
    wrong = [i for i, number in enumerate(numbers) if number is None or math.isinf(number)]
    present = sum(cell.lower() not in MISSING for cell in cells)
    is_words = 0 < present == len(wrong) and not any(
        _number(cells[i].replace(",", ".")) is not None for i in wrong
    )
    if is_words:
        return ["" if cell.lower() in MISSING else cell for cell in cells], []
    return np.array([math.nan if n is None else n for n in numbers]), wrong


def _complaint(cell: str) -> str:
    if _number(cell) is not None:
        return f"'{cell}' is not a finite number."
    hint = " with a decimal point" if _number(cell.replace(",", ".")) is not None else ""
    return f"'{cell[:40]}' is not a number; write numbers{hint}."


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _left_out(count: int, total: int, first: str) -> str:
    rows = "1 row was" if count == 1 else f"{count} rows were"
    return f"{rows} left out of {total}; the first: {first}"


def take(column: Column, rows: list[int]) -> Column:
    """Some rows of a column."""
    return column[rows] if isinstance(column, np.ndarray) else [column[row] for row in rows]


# Arrays ----------------------------------------------------------------------------------------


def _from_arrays(path: Path) -> Columns:
    arrays: dict[str, NDArray[Any]] = {}
    try:
        if path.suffix.lower() == ".npz":
            with zipfile.ZipFile(path) as archive:
                if sum(part.file_size for part in archive.infolist()) > LARGEST:
                    raise FileError(f"{path.name} holds more than 2 GiB; take a part of it.")
            with np.load(path, allow_pickle=False) as found:
                arrays = {name: found[name] for name in found.files}
        else:
            loaded = np.load(path, allow_pickle=False, mmap_mode="r")
            if loaded.nbytes > LARGEST:
                raise FileError(f"{path.name} holds more than 2 GiB; take a part of it.")
            arrays = {"data": np.array(loaded)}
    except (ValueError, zipfile.BadZipFile, KeyError, zlib.error, EOFError, MemoryError):
        raise FileError(
            f"{path.name} holds no arrays of numbers that NumPy reads without running code; save "
            "them with np.savez."
        ) from None
    targets = next((name for name in TARGETS if name in arrays), None)
    inputs = next((name for name in INPUTS if name in arrays and name != targets), None)
    if path.suffix.lower() == ".npy" or (targets is None and len(arrays) == 1):
        (table,) = arrays.values()
        if table.ndim != 2 or table.shape[1] < 2 or len(table) == 0:
            raise FileError(
                f"{path.name} holds an array of shape {table.shape}; expected is a table with the "
                "target in the last column, or an .npz file with arrays x and y."
            )
        arrays, inputs, targets = {"x": table[:, :-1], "y": table[:, -1]}, "x", "y"
    if inputs is None or targets is None:
        raise FileError(
            f"{path.name} holds the arrays {', '.join(list(arrays)[:8]) or 'none'}; name the "
            "inputs x and the targets y."
        )
    return _of_arrays(path, arrays[inputs], arrays[targets])


def _of_arrays(path: Path, x: NDArray[Any], y: NDArray[Any]) -> Columns:
    """Arrays with one row for each sample as columns."""
    for name, array in (("inputs", x), ("targets", y)):
        if array.dtype.kind not in "biufSU" or array.ndim == 0:
            raise FileError(
                f"The {name} in {path.name} are no table of numbers but {array.dtype} of shape "
                f"{array.shape}."
            )
    if len(x) != len(y) or not len(x):
        raise FileError(
            f"{path.name} has {len(x)} samples of inputs but {len(y)} of targets; both need one "
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
                values[column] = [str(cell) for cell in table[:, i].astype(str)]
            else:
                values[column] = table[:, i].astype(np.float64)
                if np.isinf(values[column]).any():
                    raise FileError(f"{path.name}: {column} holds infinity; remove those rows.")
        parts.append(tuple(own))
        names += own
    is_class = y.dtype.kind in "bi" or y.dtype.kind == "u"
    return Columns(
        tuple(names),
        values,
        parts[0],
        parts[1],
        is_class and len(parts[1]) == 1,
        tuple(f"row {i}" for i in range(len(x))),
    )


# IDX -------------------------------------------------------------------------------------------


def _from_idx(path: Path) -> Columns:
    """Images with the labels that lie beside them, as MNIST comes."""
    labels = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    if labels == path or not labels.exists():
        raise FileError(
            f"{path.name} needs its labels beside it: train-images-idx3-ubyte goes with "
            "train-labels-idx1-ubyte. Give the file with the images."
        )
    images = read_idx(path)
    if images.ndim < 2:
        raise FileError(f"{path.name} holds labels; give the file with the images.")
    pixels = images / 255 if images.dtype == np.uint8 else images.astype(np.float64)
    return _of_arrays(path, pixels, read_idx(labels))


def read_idx(path: Path) -> NDArray[Any]:
    """The array of an IDX file.

    Raises:
        FileError: if it is none, or shorter or longer than it says.
    """
    content = unpacked(path)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in IDX_TYPES:
        raise FileError(f"{path.name} is no IDX file: it does not begin as one.")
    dtype, axes = np.dtype(IDX_TYPES[content[2]]), content[3]
    start = 4 + 4 * axes
    if not 1 <= axes <= 8 or len(content) < start:
        raise FileError(f"{path.name} is no IDX file: its header is damaged.")
    shape = struct.unpack(f">{axes}I", content[4:start])
    if math.prod(shape) * dtype.itemsize != len(content) - start:
        raise FileError(
            f"{path.name} is damaged: it says {' x '.join(map(str, shape))} values but holds "
            f"{(len(content) - start) // dtype.itemsize}."
        )
    values = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return values.astype(dtype.newbyteorder("="))
