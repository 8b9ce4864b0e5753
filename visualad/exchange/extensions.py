"""Formats of files that plugins bring: importers and exporters, by the ending of the name."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from visualad.errors import FileError, PluginError, VisualADError
from visualad.exchange.formats import FORMATS, GRAPH, Format
from visualad.graph.atomic_write import reason_of
from visualad.graph.file import load
from visualad.graph.model import Graph
from visualad.register import Register

Read = TypeVar("Read", bound=Callable[[bytes], Graph])
Write = TypeVar("Write", bound=Callable[[Graph], str])


@dataclass(frozen=True)
class Importer:
    """A way to read files.

    Attributes:
        suffix: ending of the file's name, with the dot.
        title: what it is called on screen.
        read: from the file's bytes to the graph.
    """

    suffix: str
    title: str
    read: Callable[[bytes], Graph]


def _read_classes(content: bytes) -> Graph:
    from visualad.exchange.class_reading import read_classes

    return read_classes(content)


IMPORTERS: Register[Importer] = Register(
    "importer for files ending in",
    {".py": Importer(".py", "Perceptron as NumPy classes", _read_classes)},
)


def importer(suffix: str, *, title: str) -> Callable[[Read], Read]:
    """Declare how files with this ending are read: a decorator for a function (bytes) -> Graph."""

    def declare(read: Read) -> Read:
        IMPORTERS.add(_ending(suffix), Importer(_ending(suffix), title, read))
        return read

    return declare


def exporter(suffix: str, *, title: str) -> Callable[[Write], Write]:
    """Declare how files with this ending are written: a decorator for a function (Graph) -> str."""

    def declare(write: Write) -> Write:
        FORMATS.add(
            _ending(suffix),
            Format(_ending(suffix), title, {GRAPH: lambda graph, _: _text(suffix, write(graph))}),
        )
        return write

    return declare


def read_graph_file(path: str | os.PathLike[str]) -> Graph:
    """The graph in a file: `.vad`, or what an importer reads.

    Raises:
        FileError: if it cannot be read.
    """
    target = Path(path)
    found = IMPORTERS.get(target.suffix.lower())
    if found is None:
        return load(target)
    try:
        content = target.read_bytes()
    except OSError as error:
        raise FileError(f"'{target}' could not be opened: {reason_of(error, target)}.") from error
    try:
        graph = found.read(content)
    except VisualADError as error:
        raise FileError(f"'{target.name}' could not be opened: {error.message}") from error
    except Exception as error:  # a plugin may raise anything
        raise FileError(
            f"'{target.name}' could not be opened: the importer for {found.title} failed with "
            f"{type(error).__name__}: {' '.join(str(error).split())}."
        ) from error
    if not isinstance(graph, Graph):
        raise FileError(
            f"'{target.name}' could not be opened: the importer for {found.title} gave a "
            f"{type(graph).__name__} where a graph is expected."
        )
    return graph


def _ending(suffix: str) -> str:
    if not suffix.startswith(".") or len(suffix) < 2 or suffix == ".vad":
        raise PluginError(
            f"'{suffix}' is no ending for a plugin's files; take one such as '.json'."
        )
    return suffix.lower()


def _text(suffix: str, written: object) -> str:
    if not isinstance(written, str):
        raise PluginError(
            f"The exporter for {suffix} gave a {type(written).__name__} where text is expected."
        )
    return written
