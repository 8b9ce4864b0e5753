"""Where the bytes of a data set come from: a file, or the graph that carries a copy of it.

A graph keeps a copy of files up to `MOST_KEPT`, compressed, in `graph.training["data"]["content"]`;
of larger ones it keeps the path and a digest, so that other data are not taken for the same.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import io
import zlib
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from visualad.errors import FileError

LARGEST = 2 << 30  # bytes of numbers that are read from one file
MOST_KEPT = 2 << 20  # bytes of a copy in the graph
MOST_TRIED = 32 << 20  # bytes of a file that may become so few when it is compressed

PIECE = 1 << 18  # bytes that are compressed in one go
LEVEL = 6  # of compression: twice as fast as 9 and hardly larger

CONTENT, DIGEST = "content", "digest"
PACKED = (".gz", ".npz")  # there is nothing to gain in compressing these


class Source(Protocol):
    """The bytes of a file.

    Attributes:
        name: of the file, for sentences and to tell its format.
        key: the same for the same content.
    """

    @property
    def name(self) -> str:
        """Of the file."""

    @property
    def key(self) -> Hashable:
        """The same for the same content."""

    def open(self) -> BinaryIO:
        """The bytes as they lie there."""

    def beside(self, name: str) -> Source | None:
        """Another file in the same place, if it is there."""


class FileSource:
    """A file on this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name

    @property
    def key(self) -> Hashable:
        """Path, time and size."""
        found = self.path.stat()
        return str(self.path.absolute()), found.st_mtime_ns, found.st_size

    def open(self) -> BinaryIO:
        """The file."""
        return self.path.open("rb")

    def beside(self, name: str) -> FileSource | None:
        """The file in the same folder."""
        other = self.path.with_name(name)
        return FileSource(other) if other != self.path and other.exists() else None


class KeptSource:
    """A copy in a graph."""

    def __init__(self, name: str, parts: Mapping[str, str]) -> None:
        self.name = name
        self._parts = parts

    @property
    def key(self) -> Hashable:
        """The copy itself."""
        return self.name, self._parts[self.name]

    def open(self) -> BinaryIO:
        """The bytes of the copy.

        Raises:
            FileError: if it is damaged.
        """
        try:
            return io.BytesIO(base64.b64decode(self._parts[self.name], validate=True))
        except (binascii.Error, ValueError, TypeError):
            raise FileError(
                f"The copy of {self.name} in the graph is damaged; open the data again."
            ) from None

    def beside(self, name: str) -> KeptSource | None:
        """Another part of the copy."""
        return KeptSource(name, self._parts) if name != self.name and name in self._parts else None


def unpacked(source: Source) -> bytes:
    """The content of a file, decompressed where its name ends in .gz.

    Raises:
        FileError: if it is larger than what is read.
        OSError, EOFError, zlib.error: if it cannot be read.
    """
    with source.open() as raw:
        packed = source.name.lower().endswith(".gz")
        file = gzip.GzipFile(fileobj=raw) if packed else raw
        content: bytes = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise FileError(f"{source.name} holds more than 2 GiB; take a part of it.")
    return content


def source_of(settings: Mapping[str, Any]) -> Source | None:
    """The source that `graph.training["data"]` names, or None if that is no file.

    Raises:
        FileError: if the file is another one than when the data were chosen.
    """
    name = str(settings.get("name", ""))
    parts = settings.get(CONTENT)
    if parts:
        bare = Path(name).name
        kept = next((n for n in (bare, f"{bare}.gz") if n in parts), None)
        if kept is None:
            raise FileError(f"The copy of {bare} in the graph is damaged; open the data again.")
        return KeptSource(kept, parts)
    if settings.get(DIGEST):
        source = FileSource(Path(name))
        _check_digest(source, str(settings[DIGEST]))
        return source
    return None


def with_copy(path: Path, beside: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a graph keeps of a file: a copy, or of a large one the path and a digest.

    Args:
        beside: names of files in the same folder that belong to it.

    Raises:
        FileError: if it cannot be read.
    """
    paths = [path, *(path.with_name(name) for name in beside)]
    try:
        if sum(one.stat().st_size for one in paths) <= MOST_TRIED:
            parts = _parts(paths)
            if parts is not None:
                return {"name": path.name, CONTENT: parts}
        return {"name": str(path.absolute()), DIGEST: _digest(path)}
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or 'it is damaged'}.") from None


def kept_text(name: str, text: str) -> dict[str, Any]:
    """What a graph keeps of a table that was never a file."""
    packed = gzip.compress(text.encode("utf-8"), mtime=0)
    return {"name": name, CONTENT: {f"{name}.gz": base64.b64encode(packed).decode("ascii")}}


def _parts(paths: Sequence[Path]) -> dict[str, str] | None:
    """The files, compressed, by name; None as soon as they are too large."""
    found: dict[str, str] = {}
    room = MOST_KEPT
    for path in paths:
        is_packed = path.suffix.lower() in PACKED
        content = _read(path, room) if is_packed else _packed(path, room)
        if content is None:
            return None
        text = base64.b64encode(content).decode("ascii")
        room -= len(text)
        if room < 0:
            return None
        found[path.name if is_packed else f"{path.name}.gz"] = text
    return found


def _read(path: Path, most: int) -> bytes | None:
    return path.read_bytes() if path.stat().st_size <= most else None


def _packed(path: Path, most: int) -> bytes | None:
    """The file as gzip, without name and time; None as soon as it is larger than that."""
    packing = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    packed = bytearray()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            packed += packing.compress(piece)
            if len(packed) > most:
                return None
    return bytes(packed + packing.flush())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_checked: dict[Hashable, str] = {}  # digests of files that were read


def _check_digest(source: FileSource, digest: str) -> None:
    try:
        key = source.key
        if key not in _checked:
            _checked[key] = _digest(source.path)
    except OSError as error:
        raise FileError(
            f"The data {source.path} cannot be read: {error.strerror or 'it is damaged'}. Put the "
            "file back, or choose it again with Train > Open Data…"
        ) from None
    if _checked[key] != digest:
        raise FileError(
            f"{source.path} has changed since it was chosen for this graph; open it again with "
            "Train > Open Data…"
        )
