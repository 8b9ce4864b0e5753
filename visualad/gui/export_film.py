"""A film of the sweep that is shown: the window goes on while it is drawn, and can cancel it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from shiboken6 import isValid

from visualad.errors import FileError
from visualad.exchange.reach import require_values
from visualad.graph.atomic_write import reason_of, require_writable
from visualad.gui import theme
from visualad.gui.export_text import close_dialog, progress_dialog
from visualad.gui.film import check_ending
from visualad.gui.film_process import STOPPED, FilmProcess, Task
from visualad.gui.film_stage import Wanted

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow


def begin_film(window: MainWindow, path: Path) -> None:
    """Have the sweep that is shown drawn into a file; the window says when it is there.

    Raises:
        FileError: if this file cannot be written.
        VisualADError: if a part that it takes is not installed, or the graph has no values.
    """
    session, graph = window.session, window.document.graph
    check_ending(path)
    require_values(graph)
    try:
        require_writable(path)
    except OSError as error:
        raise FileError(f"'{path}' cannot be written: {reason_of(error, path)}.") from error
    operations = (node.operation for node in graph.nodes_by_id.values())
    film = FilmProcess(
        Task(
            graph,
            Wanted(session.mode, session.seed, session.order, session.complete),
            path.absolute(),
            theme.current().name,
            window.plugins.paths,
            any(operation is not None and operation.plugin for operation in operations),
        ),
        window,
    )
    dialog = progress_dialog(window, "film_progress", f"Drawing {path.name}…")
    dialog.setWindowModality(Qt.WindowModality.NonModal)  # nothing has to wait for the film
    dialog.setValue(0)

    def show(done: int, total: int) -> None:
        if isValid(dialog):
            dialog.setMaximum(total)
            dialog.setValue(done)

    def end(outcome: str) -> None:
        if not isValid(dialog):  # the window is gone
            return
        close_dialog(dialog)
        if outcome == STOPPED:
            window.notifications.say("The film was cancelled; nothing was written.")
        elif outcome:
            window.notifications.show(outcome)
        else:
            window.notifications.say(f"Written to {path.name}.")

    film.progress.connect(show)
    film.ended.connect(end)
    dialog.canceled.connect(film.stop)
    window.closing.connect(film.kill)
