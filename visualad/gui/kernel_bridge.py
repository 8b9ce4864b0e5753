"""The kernel process as Qt sees it: ask a question, get the answer by callback, never wait."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from visualad.kernel.client import KernelClient
from visualad.kernel.messages import Failed, Progress, Reply, Request

Then = Callable[[Reply], None]

LOG = logging.getLogger(__name__)
LOST = "The computation ended unexpectedly and was started again; change something to repeat it."
POLL_MS = 10  # where the pipe cannot wake the event loop
PATIENCE_MS = 1500  # after an interrupt, before the process is ended


class KernelBridge(QObject):
    """Sends requests to the kernel process and brings its replies into the event loop.

    Signals:
        lost: the process died and was started again; one sentence.
        busy_changed: whether any request waits for its (last) reply.
    """

    lost = Signal(str)
    busy_changed = Signal(bool)

    def __init__(self, client: KernelClient | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client if client is not None else KernelClient()
        self._waiting: dict[int, Then] = {}
        self._notifier: QSocketNotifier | None = None
        self._started = False
        self._closed = False
        self._interrupted: int | None = None
        # Windows cannot wait for a pipe in the event loop: look often while something is awaited.
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._read)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._lose_patience)

    @property
    def is_busy(self) -> bool:
        """Whether a reply is awaited."""
        return bool(self._waiting)

    def start(self) -> None:
        """Start the process; done by the first `ask` too."""
        if self._started or self._closed:
            return
        self._started = True
        self._client.start()
        self._watch()

    def ask(self, request: Request, then: Then) -> int:
        """Send a request; `then` is called with each of its replies, later. Returns its id."""
        self.start()
        if self._closed:
            return 0
        was_busy = self.is_busy
        identity = self._client.send(request)
        self._waiting[identity] = then
        if sys.platform == "win32":
            self._timer.start()
        if not was_busy:
            self.busy_changed.emit(True)
        return identity

    def forget(self, identity: int) -> None:
        """Ignore the replies to come to this request."""
        if self._waiting.pop(identity, None) is not None:
            self._tell_if_idle()

    def interrupt(self) -> None:
        """Stop what is being computed; a process that does not obey is ended and started again."""
        if self._started and not self._closed and self._waiting:
            self._interrupted = max(self._waiting)
            self._client.interrupt()
            self._patience.start()

    def close(self) -> None:
        """End the process. The bridge is of no use afterwards; calling it twice is fine."""
        if self._closed:
            return
        self._closed = True
        self._waiting.clear()
        self._timer.stop()
        self._patience.stop()
        self._unwatch()
        if self._started:
            self._client.close()

    def _watch(self) -> None:
        if sys.platform != "win32":
            self._notifier = QSocketNotifier(self._client.fileno(), QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self._read)

    def _unwatch(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None

    def _read(self) -> None:
        if self._closed:
            return
        for reply in self._client.poll():
            self._deliver(reply)
            if self._closed:
                return
        if not self._client.alive:
            self._restart(LOST)

    def _deliver(self, reply: Reply) -> None:
        last = not isinstance(reply, Progress)
        then = self._waiting.pop(reply.id, None) if last else self._waiting.get(reply.id)
        if last:
            self._patience.stop()
        if then is not None:
            then(reply)
        if last and then is not None:
            self._tell_if_idle()

    def _lose_patience(self) -> None:
        if self._interrupted in self._waiting:
            self._restart("The computation was stopped.")

    def _restart(self, sentence: str) -> None:
        LOG.warning("The kernel is started again: %s", sentence)
        self._unwatch()
        self._patience.stop()
        waiting, self._waiting = self._waiting, {}
        self._client.restart()
        self._watch()
        for identity, then in waiting.items():
            then(Failed(identity, sentence))
        self._tell_if_idle()
        self.lost.emit(sentence)

    def _tell_if_idle(self) -> None:
        if not self._waiting:
            self._timer.stop()
            self.busy_changed.emit(False)
