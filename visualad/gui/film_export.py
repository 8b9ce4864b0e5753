"""Exporting the sweep that is shown, with a progress bar that can be stopped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressDialog

from visualad.errors import VisualADError
from visualad.exchange import formats
from visualad.gui.files import WOULD_TELL
from visualad.gui.film import ENDINGS, FilmCancelledError, film_of
from visualad.gui.film_stage import Wanted

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

_PAGE = {".html": "Web page with the animated sweep"}


def export_film(window: MainWindow, path: Path | None = None) -> bool:
    """Write the sweep as it is shown: mode, seed and order. Asks where when no path is given.

    Returns whether it was written; the window says why not.
    """
    if window.session.mask:
        window.notifications.show(WOULD_TELL)
        return False
    if path is None:
        stem = Path(window.document.title).stem.lower() or "graph"
        suggested = _folder(window) / f"{stem}-{window.session.mode}.pdf"
        filters = [f"{title} (*{suffix})" for suffix, title in {**ENDINGS, **_PAGE}.items()]
        path = window.dialogs.export_path(str(suggested), filters)
        if path is None:
            return False
    window.session.pause()
    try:
        if path.suffix.lower() in _PAGE:
            order = window.session.order if window.session.complete else "backward"
            request = formats.Request("sweep", window.session.mode, order, path.stem)
            formats.write(window.document.graph, path, request)
        else:
            _write(window, path)
    except FilmCancelledError:
        window.notifications.say("The film was cancelled; nothing was written.")
        return False
    except VisualADError as error:
        window.notifications.show(error.message)
        return False
    window.notifications.say(f"Written to {path.name}.")
    return True


def _write(window: MainWindow, path: Path) -> None:
    session = window.session
    dialog = QProgressDialog("Drawing the steps…", "Cancel", 0, 0, window)
    dialog.setObjectName("film_progress")
    dialog.setWindowTitle("Export Sweep")
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.setMinimumDuration(400)
    dialog.setAutoReset(False)

    def progress(done: int, total: int) -> None:
        dialog.setMaximum(total)
        dialog.setValue(done)  # lets the window breathe, so that Cancel can be pressed

    wanted = Wanted(session.mode, session.seed, session.order, session.complete)
    try:
        film_of(session.document.graph, wanted, path, progress, dialog.wasCanceled)
    finally:
        dialog.close()
        dialog.deleteLater()


def _folder(window: MainWindow) -> Path:
    path = window.document.path
    return path.parent if path is not None else Path.home()
