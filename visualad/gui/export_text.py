"""A file of text that the kernel process makes: the window goes on meanwhile, and can cancel it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QProgressDialog
from shiboken6 import isValid

from visualad.errors import FileError, VisualADError
from visualad.exchange import formats
from visualad.graph.atomic_write import reason_of, require_writable
from visualad.kernel.messages import Reply
from visualad.kernel.plugin_messages import GraphWritten, WriteGraph, WritingProgress

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

SHOWN_AFTER = 400  # ms; most files are there sooner
_WHOLE = 1000  # steps of the bar
_WIDTH = 380  # px of the dialog: room for a name and its title


def begin_text(window: MainWindow, path: Path, wanted: formats.Request) -> None:
    """Ask the kernel for the text of a file, and write it when it comes.

    The window says then that it is written, or why not.

    Raises:
        FileError: if nothing writes such files, or this one cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in formats.FORMATS and suffix not in window.kernel.inventory.exporters:
        raise formats.unknown_ending(path)
    try:
        require_writable(path)
    except OSError as error:
        raise FileError(f"'{path}' cannot be written: {reason_of(error, path)}.") from error
    dialog = progress_dialog(window, "text_progress", f"Writing {path.name}…")
    dialog.setWindowModality(Qt.WindowModality.NonModal)  # nothing has to wait for the file
    dialog.setMaximum(_WHOLE)
    dialog.setValue(0)

    def take(reply: Reply) -> None:
        if not isValid(dialog):  # the window is gone
            return
        if isinstance(reply, WritingProgress):
            dialog.setValue(round(reply.share * _WHOLE))
            return
        close_dialog(dialog)
        try:
            if not isinstance(reply, GraphWritten):
                raise VisualADError(getattr(reply, "message", "The file could not be written."))
            formats.write_text(reply.text, path)
        except VisualADError as error:
            window.notifications.show(error.message)
        else:
            window.notifications.say(f"Written to {path.name}.")

    graph = window.document.graph
    ticket = window.kernel.ask(WriteGraph(graph, suffix, replace(wanted, title=path.stem)), take)

    def cancel() -> None:
        if window.kernel.is_open(ticket):
            window.kernel.control(ticket, "stop")
            window.kernel.forget(ticket)
            window.notifications.say("Cancelled; nothing was written.")
        close_dialog(dialog)

    dialog.canceled.connect(cancel)


def progress_dialog(window: MainWindow, name: str, words: str) -> QProgressDialog:
    """How far a file is, with Cancel; shown when it takes longer than a moment."""
    dialog = QProgressDialog(words, "Cancel", 0, 0, window)
    dialog.setObjectName(name)
    dialog.setWindowTitle("Export")
    dialog.setMinimumDuration(SHOWN_AFTER)
    dialog.setMinimumWidth(_WIDTH)
    bar = QProgressBar()
    bar.setTextVisible(False)  # it is too low for a number
    dialog.setBar(bar)
    dialog.setAutoReset(False)
    dialog.setAutoClose(False)
    return dialog


def close_dialog(dialog: QProgressDialog) -> None:
    """Close it without cancelling."""
    dialog.blockSignals(True)  # closing it would cancel
    dialog.reset()
    dialog.close()
    dialog.deleteLater()
