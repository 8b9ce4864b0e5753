"""Errors that nobody expected: a log file and one sentence, and the program goes on."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QtMsgType, Signal, qInstallMessageHandler

from visualad.errors import VisualADError
from visualad.gui.settings import data_folder

LOG = logging.getLogger("visualad")


def log_path() -> Path:
    """Where the log is written."""
    return data_folder() / "visualad.log"


class CrashReport(QObject):
    """Catches unexpected errors of every thread.

    Signals:
        happened: one sentence, and the traceback.
    """

    happened = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = (sys.excepthook, threading.excepthook)
        self._handler: logging.Handler | None = None

    def install(self) -> None:
        """Start to write the log and to catch errors."""
        try:
            log_path().parent.mkdir(parents=True, exist_ok=True)
            self._handler = RotatingFileHandler(
                log_path(), maxBytes=1 << 20, backupCount=1, encoding="utf-8", delay=True
            )
            self._handler.setFormatter(
                logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
            )
            LOG.addHandler(self._handler)
        except OSError:
            self._handler = None  # a folder that cannot be written must not stop the program
        sys.excepthook = self.report
        threading.excepthook = self._report_thread
        qInstallMessageHandler(_log_qt)

    def uninstall(self) -> None:
        """Leave everything as it was before."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(None)
        if self._handler is not None:
            LOG.removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def report(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Log an error and tell the user."""
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        detail = "".join(traceback.format_exception(kind, error, trace))
        LOG.error("unexpected error\n%s", detail)
        if isinstance(error, VisualADError):
            sentence = error.message
        else:
            sentence = (
                f"Something unexpected went wrong ({kind.__name__}); your graph is untouched, "
                "and it may help to save it under another name."
            )
        self.happened.emit(sentence, detail)

    def _report_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self.report(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


def _log_qt(kind: QtMsgType, context: object, message: str | None) -> None:
    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
    }
    LOG.log(levels.get(kind, logging.ERROR), "Qt: %s", message or "")
