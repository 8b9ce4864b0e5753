"""The kernel process as Qt sees it: ask a question, get the answer by callback, never wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Signal

from visualad.gui.garbage import GarbageCollection
from visualad.kernel.client import KernelClient
from visualad.kernel.messages import Control, Reply, Request
from visualad.kernel.plugin_messages import PluginLoading, PluginsChanged
from visualad.kernel.protocol import ends
from visualad.plugins.records import Inventory

if TYPE_CHECKING:
    from visualad.plugins.mirror import Mirror

Then = Callable[[Reply], None]


@dataclass(eq=False)
class _Asked:
    """A request on its way: waiting in line (`sent` is 0) or with the kernel under that id.

    `heard` says that a reply came: what sends several tells by itself how it goes on.
    """

    ticket: int
    request: Request
    then: Then
    sent: int = 0
    heard: bool = False


class KernelBridge(QObject):
    """Sends requests to the kernel process and brings its replies into the event loop.

    The kernel answers only the newest of several questions of one kind. Here each gets its answer:
    one of a kind is with the kernel, the others wait in line.

    Attributes:
        inventory: the plugins, and what they bring.

    Signals:
        busy_changed: whether any request waits for its (last) reply.
        computing_changed: whether any request waits for its first reply.
        plugins_changed: other plugins are loaded; names of the node types that changed.
        plugin_loading: name of the plugin that is being loaded, "" when it is done.
    """

    busy_changed = Signal(bool)
    computing_changed = Signal(bool)
    plugins_changed = Signal(object)
    plugin_loading = Signal(str)

    def __init__(self, client: KernelClient | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client if client is not None else KernelClient()
        self._asked: dict[int, _Asked] = {}  # by ticket
        self._sent: dict[int, _Asked] = {}  # by the kernel's id
        self._line: deque[_Asked] = deque()
        self._tickets = 0
        self._notifier: QSocketNotifier | None = None
        self._closed = False
        self._was_computing = False
        self._garbage = GarbageCollection(self)
        self.inventory = Inventory()
        self._mirror: Mirror | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a reply is awaited."""
        return bool(self._asked)

    @property
    def is_computing(self) -> bool:
        """Whether a first reply is awaited."""
        return not all(asked.heard for asked in self._asked.values())

    def start(self) -> None:
        """Start the process in the background; done by the first `ask` too."""
        if self._notifier is not None or self._closed:
            return
        self._garbage.start()  # before there are other threads
        self._client.start()
        self._notifier = QSocketNotifier(self._client.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)

    def listen(self, *, listening: bool) -> None:
        """Whether replies are taken up as they come; what comes meanwhile waits."""
        if self._notifier is not None:
            self._notifier.setEnabled(listening)

    def ask(self, request: Request, then: Then) -> int:
        """Send a request; `then` is called with each of its replies, later.

        Returns a ticket for `forget` and `control`.
        """
        self.start()
        if self._closed:
            return 0
        was_busy = self.is_busy
        self._tickets += 1
        asked = _Asked(self._tickets, request, then)
        self._asked[asked.ticket] = asked
        if any(type(other.request) is type(request) for other in self._sent.values()):
            self._line.append(asked)
        else:
            self._send(asked)
        if not was_busy:
            self.busy_changed.emit(True)
        self._tell_computing()
        return asked.ticket

    def is_open(self, ticket: int) -> bool:
        """Whether a reply to this request is still to come."""
        return ticket in self._asked

    def control(self, ticket: int, action: str, value: float = 0.0) -> None:
        """Steer the training run or the search with this ticket; see `Control`."""
        asked = self._asked.get(ticket)
        if asked is not None and asked.sent:
            self._client.send(Control(asked.sent, action, value))

    def forget(self, ticket: int) -> None:
        """Ignore the replies to come to this request."""
        asked = self._asked.pop(ticket, None)
        if asked is None:
            return
        if asked.sent:
            del self._sent[asked.sent]
        else:
            self._line.remove(asked)
        self._go_on()

    def interrupt(self) -> None:
        """Stop what is being computed; every request that waits is answered by `Failed`."""
        if not self._closed:
            self._client.interrupt()

    def close(self) -> None:
        """End the process. The bridge is of no use afterwards; calling it twice is fine."""
        if self._closed:
            return
        self._closed = True
        self._asked.clear()
        self._sent.clear()
        self._line.clear()
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None
        self._client.close()
        self._garbage.stop()
        if self._mirror is not None:
            self._mirror.clear()

    def _send(self, asked: _Asked) -> None:
        asked.sent = self._client.send(asked.request)
        self._sent[asked.sent] = asked

    def _read(self) -> None:
        if self._closed:
            return
        for reply in self._client.poll():
            if isinstance(reply, PluginsChanged):
                self._show_plugins(reply.inventory)
            elif isinstance(reply, PluginLoading):
                self.plugin_loading.emit(reply.name)
            if self._closed:
                return
            asked = self._sent.get(reply.id)
            if asked is None:
                continue
            last = ends(reply)
            asked.heard = True
            if last:
                del self._sent[reply.id]
                del self._asked[asked.ticket]
            asked.then(reply)
            if self._closed:
                return
            if last:
                self._go_on()
            else:
                self._tell_computing()

    def _show_plugins(self, inventory: Inventory) -> None:
        """Register what the plugins bring, as descriptions: their code is in the kernel."""
        self.inventory = inventory
        if self._mirror is None:
            from visualad.plugins.mirror import Mirror  # takes time that most never need

            self._mirror = Mirror()
        self.plugins_changed.emit(self._mirror.show(inventory))

    def _go_on(self) -> None:
        busy = {type(asked.request) for asked in self._sent.values()}
        for asked in list(self._line):
            if type(asked.request) not in busy:
                busy.add(type(asked.request))
                self._line.remove(asked)
                self._send(asked)
        if not self._asked:
            self.busy_changed.emit(False)
        self._tell_computing()

    def _tell_computing(self) -> None:
        if self.is_computing != self._was_computing:
            self._was_computing = self.is_computing
            self.computing_changed.emit(self._was_computing)
