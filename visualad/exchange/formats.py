"""The formats that a graph can be written in, by the ending of the file's name.

The window knows the table from its start, so a writer is imported when it first writes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from visualad.errors import FileError, VisualADError
from visualad.graph.atomic_write import reason_of, write_atomically
from visualad.graph.file import to_json
from visualad.graph.model import Graph
from visualad.graph.slices import Slices, finished
from visualad.register import Register

if TYPE_CHECKING:
    from visualad.autodiff.sweeps import Seed
    from visualad.exchange.trace_table import Further, OrderWish

GRAPH, TRACE, SWEEP = "graph", "trace", "sweep"
SUBJECTS = (GRAPH, TRACE, SWEEP)
FUNCTIONS, CLASSES = "functions", "classes"


@dataclass(frozen=True)
class Request:
    """What a file is to show.

    Attributes:
        what: "graph", "trace" (the table) or "sweep" (all steps); "" for what the format is for.
        mode: "forward", "backward" or "cross"; None for what suits the format.
        order: of elimination, in cross mode.
        seed, complete: as of `sweep`; a seed belongs to a mode.
        beside: as of `trace_table`.
        title: of the document, "" for one made from the graph.
        step: of which a picture is drawn in a mode, from 1; None for the last.
        style: of Python source, "functions" or "classes"; "" for classes where the graph is a
            perceptron that knows its data.
    """

    what: str = ""
    mode: str | None = None
    order: OrderWish = "backward"
    title: str = ""
    step: int | None = None
    style: str = ""
    seed: Seed = None
    complete: bool = True
    beside: bool = False

    @property
    def further(self) -> Further:
        """The wishes that only some sweeps know."""
        return {"seed": self.seed, "complete": self.complete}


@dataclass(frozen=True)
class Format:
    """A format of text.

    Attributes:
        suffix: ending of the file's name, with the dot.
        title: what it is called on screen.
        writers: by what they write of the graph, what the format is for first; each gives the text
            of the whole file, at once or slice by slice.
    """

    suffix: str
    title: str
    writers: Mapping[str, Callable[[Graph, Request], str | Slices[str]]]

    def write(self, graph: Graph, request: Request | None = None) -> str:
        """The text of the whole file.

        Raises:
            FileError: if the format cannot show what is wanted.
            VisualADError: if the graph has not got it.
        """
        return finished(self.slices(graph, request))

    def slices(self, graph: Graph, request: Request | None = None) -> Slices[str]:
        """`write` slice by slice, where writing takes long."""
        wanted = request or Request()
        what = wanted.what or next(iter(self.writers))
        if what not in self.writers:
            able = [f.suffix for f in FORMATS.values() if what in f.writers]
            raise FileError(
                f"A {self.suffix} file does not show a {what}; use {' or '.join(able)}."
                if able
                else f"There is nothing called '{what}'; use {', '.join(SUBJECTS)}."
            )
        made = self.writers[what](graph, wanted)
        if isinstance(made, str):
            return made
        return (yield from made)


def _writer(module: str, function: str) -> Callable[..., str]:
    """A function of this room that gives a text; its module is imported when it is called."""

    def write(*arguments: object, **wishes: object) -> str:
        text: str = getattr(import_module(f"visualad.exchange.{module}"), function)(
            *arguments, **wishes
        )
        return text

    return write


def _plainly(write: Callable[[Graph], str]) -> Callable[[Graph, Request], str]:
    """A writer that has no use for wishes."""
    return lambda graph, _: write(graph)


def _in_mode(
    write: Callable[..., str],
) -> Callable[[Graph, Request], str]:
    return lambda graph, wanted: write(
        graph, wanted.mode, wanted.order, beside=wanted.beside, **wanted.further
    )


def _page(graph: Graph, wanted: Request) -> Slices[str]:
    from visualad.exchange.html import html_slices

    return html_slices(graph, wanted.mode, wanted.order, wanted.title, **wanted.further)


def _python(graph: Graph, wanted: Request) -> str:
    """NumPy source: a function and its gradient, or the classes of a perceptron."""
    from visualad.exchange.class_source import can_be_classes, class_module
    from visualad.exchange.numpy_source import numpy_module

    if wanted.style == CLASSES:
        return class_module(graph)
    if wanted.style == "" and can_be_classes(graph):
        try:
            return class_module(graph)
        except VisualADError:  # something about its training; as functions it has none
            return numpy_module(graph)
    return numpy_module(graph)


def _tex(graph: Graph, wanted: Request) -> str:
    """The graph, or in a mode its state at a step."""
    if wanted.mode is None:
        from visualad.exchange.tex import tex

        return tex(graph)
    from visualad.exchange.tex_state import tex_state

    return tex_state(graph, wanted.mode, wanted.step, wanted.order, **wanted.further)


_dot = _writer("dot", "dot")
_svg = _writer("svg", "svg")
_trace_tex = _writer("trace_text", "trace_tex")
_trace_csv = _writer("trace_text", "trace_csv")
_trace_markdown = _writer("trace_text", "trace_markdown")

FORMATS = Register(
    "exporter for files ending in",
    {
        format_.suffix: format_
        for format_ in (
            Format(".vad", "VisualAD graph", {GRAPH: _plainly(to_json)}),
            Format(".html", "Web page with the animated sweep", {SWEEP: _page}),
            Format(".py", "NumPy source", {GRAPH: _python}),
            Format(".tex", "LaTeX with TikZ", {GRAPH: _tex, TRACE: _in_mode(_trace_tex)}),
            Format(".dot", "Graphviz", {GRAPH: _plainly(_dot)}),
            Format(".svg", "SVG picture", {GRAPH: _plainly(_svg)}),
            Format(".csv", "Trace table as CSV", {TRACE: _in_mode(_trace_csv)}),
            Format(".md", "Trace table as Markdown", {TRACE: _in_mode(_trace_markdown)}),
        )
    },
)

# What `to_source` calls its languages; "latex" is the formula, "tikz" the picture.
LANGUAGES: dict[str, Callable[[Graph], str]] = {
    "numpy": _writer("numpy_source", "numpy_module"),
    "torch": _writer("framework_source", "torch_module"),
    "jax": _writer("framework_source", "jax_module"),
    "latex": _writer("tex", "formulas"),
    "tikz": _writer("tex", "tikz"),
    "dot": _dot,
    "svg": _svg,
}


def to_source(graph: Graph, language: str) -> str:
    """The graph as source text.

    Args:
        graph: any graph; NumPy, torch and jax source need every port connected.
        language: "numpy" (function and gradient), "torch" or "jax" (function, and the gradient by
            that library), "latex" (the formulas), "tikz" (the picture), "dot" or "svg".

    Raises:
        VisualADError: for any other language, or a graph that cannot be written in it.
    """
    writer = LANGUAGES.get(language)
    if writer is None:
        raise VisualADError(
            f"There is no source in '{language}'; the languages are {', '.join(LANGUAGES)}."
        )
    return writer(graph)


def write(graph: Graph, path: str | os.PathLike[str], request: Request | None = None) -> None:
    """Write a graph in the format that the file's name ends in. Whole or not at all.

    Raises:
        FileError: if the ending is of no known format, the format cannot show what is wanted, or
            the file cannot be written.
    """
    target = Path(path)
    format_ = FORMATS.get(target.suffix.lower())
    if format_ is None:
        raise unknown_ending(target)
    wanted = request or Request()
    write_text(format_.write(graph, replace(wanted, title=wanted.title or target.stem)), target)


def unknown_ending(target: Path) -> FileError:
    """What to say of a file whose ending no format has."""
    return FileError(
        f"'{target.name}' ends in no format that can be written; these are {', '.join(FORMATS)}."
    )


def write_text(text: str, target: Path) -> None:
    """Write the text of a file. Whole or not at all.

    Raises:
        FileError: if it cannot be written.
    """
    try:
        write_atomically(target, text.encode("utf-8"))
    except OSError as error:
        raise FileError(f"'{target}' cannot be written: {reason_of(error, target)}.") from error
