"""`convert`, `screenshot` and the window: graphs to files and pictures."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from visualad.cli.output import print_json, print_line
from visualad.cli.sources import is_file, read_graph, with_point
from visualad.compatibility import check_qt_version
from visualad.errors import FileError, VisualADError
from visualad.graph.model import Graph

PICTURES = (".png",)  # what the window's drawing is needed for


def convert(options: argparse.Namespace) -> None:
    """Write a graph in the format that the target's name ends in."""
    from visualad.exchange.formats import FORMATS, write

    graph = with_point(options, read_graph(options, options.source))
    target = Path(options.target)
    if target.suffix.lower() in PICTURES:
        write_offscreen(graph, target, kind="graph", theme=options.theme)
    elif target.suffix.lower() in FORMATS:
        write(graph, target)
    else:
        raise FileError(
            f"'{target.name}' ends in no format that can be written; these are "
            f"{', '.join((*FORMATS, *PICTURES))}."
        )
    _wrote(options, target)


def screenshot(options: argparse.Namespace) -> None:
    """Draw the whole window into a picture, without a display."""
    target = Path(options.out)
    if target.suffix.lower() != ".png":
        raise FileError(f"A screenshot is a .png file, not '{target.name}'.")
    graph = with_point(options, read_graph(options, options.file))
    write_offscreen(
        Path(options.file) if is_file(options.file) and not options.at else graph,
        target,
        kind="window",
        theme=options.theme,
        size=options.size,
        mode=options.mode,
        step=options.step,
        scale=options.scale,
        epochs=options.epochs,
    )
    _wrote(options, target)


def window(options: argparse.Namespace) -> int:
    """Open the window and stay until it is closed."""
    from visualad.cli.machine import has_display

    sentence = check_qt_version()
    if sentence is None and not has_display():
        file = options.file or "FILE"
        sentence = (
            "There is no display for the window here: 'make run' shows the same in the terminal, "
            f"and 'visualad screenshot {file} window.png' draws the window as a picture."
        )
    if sentence is not None:
        raise VisualADError(sentence)
    from visualad.gui.app import run

    os.environ.update(_plugin_variable(options.plugin_path))
    return run(options.file)


def _plugin_variable(paths: list[str]) -> dict[str, str]:
    """--plugin-path for the processes that the window starts."""
    if not paths:
        return {}
    from visualad.plugins.loading import PATH_VARIABLE

    known = os.environ.get(PATH_VARIABLE, "")
    return {PATH_VARIABLE: os.pathsep.join([*([known] if known else []), *paths])}


def write_offscreen(source: Path | Graph, out: Path, **options: Any) -> None:
    """`visualad.gui.picture.write_picture` without a display, whatever display there is.

    Raises:
        VisualADError: if Qt cannot run here; it says what to do.
    """
    sentence = check_qt_version()
    if sentence is not None:
        raise VisualADError(sentence)
    if sys.platform.startswith("linux"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # Qt reads it when it is imported
    try:
        from visualad.gui.picture import write_picture
    except ImportError as error:  # of a system library, most likely
        raise VisualADError(
            f"The window cannot be drawn here ({error}); visualad doctor says what is missing."
        ) from error
    with _mistakes_raised():
        write_picture(source, out, **options)


@contextmanager
def _mistakes_raised() -> Iterator[None]:
    """Raise what Qt would only print: an error in a slot means that the picture is wrong."""
    mistakes: list[BaseException] = []
    before = sys.excepthook
    sys.excepthook = lambda _kind, error, _trace: mistakes.append(error)
    try:
        yield
    finally:
        sys.excepthook = before
    if mistakes:
        raise mistakes[0]


def _wrote(options: argparse.Namespace, target: Path) -> None:
    if options.json:
        print_json({"wrote": str(target), "bytes": target.stat().st_size})
    else:
        print_line(f"Wrote {target}.")
