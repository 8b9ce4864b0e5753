"""Exporting what is shown: the graph at its step, its trace table, the whole sweep."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QGuiApplication

from visualad.errors import FileError, VisualADError
from visualad.exchange import formats
from visualad.exchange.trace_text import trace_tabular
from visualad.gui.export_film import begin_film
from visualad.gui.export_text import begin_text
from visualad.gui.film import ENDINGS
from visualad.lessons.secrets import TELLS_NOTHING

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

PICTURES = {".png": "PNG picture", ".svg": "SVG picture", ".pdf": "PDF picture"}
TABLES = {
    ".md": "Trace table as Markdown",
    ".tex": "Trace table as LaTeX",
    ".csv": "Trace table as CSV",
}
SWEEPS = {**ENDINGS, ".html": "Web page with the animated sweep"}
WOULD_TELL = (
    "This file would tell what the exercise asks for; answer it first, or press Edit in the panel "
    "Predict if the exercise is yours."
)
_MIME = {".csv": "text/csv", ".md": "text/markdown", ".tex": "application/x-tex"}

LATER = object()  # what a writer gives when the kernel writes and the window says so later
Writer = Callable[["MainWindow", Path], object]


def export_graph(window: MainWindow, path: Path | None = None) -> bool:
    """The graph at the step that is shown. Asks where when no path is given.

    Returns whether it was written, or is being written; the window says why not.
    """
    return _export(window, path, ".png", graph_formats(), _write_graph, TELLS_NOTHING)


def export_trace(window: MainWindow, path: Path | None = None) -> bool:
    """The trace table with the derivatives that are shown. Otherwise as `export_graph`."""
    return _export(window, path, ".md", TABLES, _write_trace)


def export_film(window: MainWindow, path: Path | None = None) -> bool:
    """The sweep that is shown, step by step. Otherwise as `export_graph`."""
    return _export(window, path, ".pdf", SWEEPS, _write_sweep)


def copy_trace(window: MainWindow, suffix: str) -> bool:
    """Put the trace table on the clipboard, in the format of an ending of `TABLES`."""
    try:
        if window.session.mask:
            raise VisualADError(WOULD_TELL)
        graph, wanted = window.document.graph, as_shown(window, formats.TRACE)
        if suffix == ".tex":  # to be pasted into a document, so without one around it
            text = trace_tabular(
                graph, wanted.mode, wanted.order, beside=wanted.beside, **wanted.further
            )
        else:
            text = formats.FORMATS[suffix].write(graph, wanted)
    except VisualADError as error:
        window.notifications.show(error.message)
        return False
    content = QMimeData()
    content.setText(text)
    content.setData(_MIME[suffix], QByteArray(text.encode("utf-8")))
    QGuiApplication.clipboard().setMimeData(content)
    window.notifications.say("The trace table is on the clipboard.")
    return True


def as_shown(window: MainWindow, what: str) -> formats.Request:
    """What the window shows: mode, seed, step, and the order with the moves played by hand."""
    session = window.session
    return formats.Request(
        what,
        session.mode or None,
        session.order,
        step=session.step_index + 1 if session.mode else None,
        seed=session.seed,
        complete=session.complete,
        beside=True,
    )


def graph_formats() -> dict[str, str]:
    """Titles of the formats of a graph by ending; pictures first."""
    texts = {
        suffix: format_.title
        for suffix, format_ in formats.FORMATS.items()
        if suffix != ".vad" and formats.GRAPH in format_.writers
    }
    # The pictures are those of the canvas, which look like what is on screen.
    return {**PICTURES, **{suffix: title for suffix, title in texts.items() if suffix != ".svg"}}


def _export(
    window: MainWindow,
    path: Path | None,
    usual: str,
    titles: Mapping[str, str],
    write: Writer,
    harmless: Collection[str] = (),
) -> bool:
    """Ask where, write, and say what came of it.

    Args:
        usual: ending that is suggested; titles: of all endings.
        harmless: endings that give no exercise away.
    """
    if window.session.mask and not harmless:
        window.notifications.show(WOULD_TELL)
        return False
    if path is None:
        filters = [f"{title} (*{suffix})" for suffix, title in titles.items()]
        path = window.dialogs.export_path(str(_suggested(window, usual)), filters)
        if path is None:
            return False
    window.session.pause()
    try:
        if window.session.mask and path.suffix.lower() not in harmless:
            raise VisualADError(WOULD_TELL)
        if write(window, path) is LATER:
            return True
    except VisualADError as error:
        window.notifications.show(error.message)
        return False
    window.notifications.say(f"Written to {path.name}.")
    return True


def _suggested(window: MainWindow, suffix: str) -> Path:
    stem = Path(window.document.title).stem.lower() or "graph"
    mode = f"-{window.session.mode}" if window.session.mode else ""
    return window.files.folder() / f"{stem}{mode}{suffix}"


# What is written ------------------------------------------------------------------------------


def _write_graph(window: MainWindow, path: Path) -> object:
    if path.suffix.lower() not in PICTURES:
        begin_text(window, path, as_shown(window, ""))
        return LATER
    from visualad.gui.picture import save_scene

    save_scene(window.canvas, path)
    return None


def _write_trace(window: MainWindow, path: Path) -> object:
    if path.suffix.lower() not in TABLES:
        raise FileError(
            f"A trace table is written as {', '.join(TABLES)}, not as '{path.name}'; change the "
            "ending."
        )
    begin_text(window, path, as_shown(window, formats.TRACE))
    return LATER


def _write_sweep(window: MainWindow, path: Path) -> object:
    if path.suffix.lower() == ".html":
        begin_text(window, path, as_shown(window, formats.SWEEP))
        return LATER
    begin_film(window, path)
    return LATER
