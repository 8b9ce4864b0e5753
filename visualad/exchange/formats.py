"""The formats that a graph can be written in, by the ending of the file's name."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from visualad.errors import FileError, VisualADError
from visualad.exchange.dot import dot
from visualad.exchange.numpy_source import numpy_module
from visualad.exchange.svg import svg
from visualad.exchange.tex import formulas, tex, tikz
from visualad.graph.atomic_write import reason_of, write_atomically
from visualad.graph.file import to_json
from visualad.graph.model import Graph


@dataclass(frozen=True)
class Format:
    """A format of text.

    Attributes:
        suffix: ending of the file's name, with the dot.
        title: what it is called on screen.
        write: gives the text of the whole file.
    """

    suffix: str
    title: str
    write: Callable[[Graph], str]


FORMATS = {
    format_.suffix: format_
    for format_ in (
        Format(".vad", "VisualAD graph", to_json),
        Format(".py", "NumPy source", numpy_module),
        Format(".tex", "LaTeX with TikZ", tex),
        Format(".dot", "Graphviz", dot),
        Format(".svg", "SVG picture", svg),
    )
}

# What `to_source` calls its languages; "latex" is the formula, "tikz" the picture.
LANGUAGES: dict[str, Callable[[Graph], str]] = {
    "numpy": numpy_module,
    "latex": formulas,
    "tikz": tikz,
    "dot": dot,
    "svg": svg,
}


def to_source(graph: Graph, language: str) -> str:
    """The graph as source text.

    Args:
        graph: any graph; NumPy source needs every port connected.
        language: "numpy", "latex" (the formulas), "tikz" (the picture), "dot" or "svg".

    Raises:
        VisualADError: for any other language.
    """
    writer = LANGUAGES.get(language)
    if writer is None:
        raise VisualADError(
            f"There is no source in '{language}'; the languages are {', '.join(LANGUAGES)}."
        )
    return writer(graph)


def write(graph: Graph, path: str | os.PathLike[str]) -> None:
    """Write a graph in the format that the file's name ends in. Whole or not at all.

    Raises:
        FileError: if the ending is of no known format or the file cannot be written.
    """
    target = Path(path)
    format_ = FORMATS.get(target.suffix.lower())
    if format_ is None:
        raise FileError(
            f"'{target.name}' ends in no format that can be written; these are "
            f"{', '.join(FORMATS)}."
        )
    text = format_.write(graph)
    try:
        write_atomically(target, text.encode("utf-8"))
    except OSError as error:
        raise FileError(f"'{target}' cannot be written: {reason_of(error, target)}.") from error
