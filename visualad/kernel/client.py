"""The window's side of the kernel: sends requests, collects replies, survives every crash.

Nothing here blocks: two threads, one that sends and one that receives and looks after the process,
do the waiting. There is no Qt in it: the window watches `fileno()` (a socket that becomes readable
when replies lie ready) and then calls `poll()`.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import wait

from visualad.kernel.last_words import ask_where
from visualad.kernel.memory import MemoryWatch
from visualad.kernel.messages import Failed, Reply, Request
from visualad.kernel.plugin_messages import PluginLoading, PluginsChanged, Start
from visualad.kernel.plugin_watch import PluginWatch
from visualad.kernel.process import KernelProcess
from visualad.kernel.protocol import (
    BEGAN,
    COALESCED,
    INTERRUPT,
    LOADED,
    LOADING,
    READY,
    REPLY,
    REQUEST,
    SILENT,
    START,
    STOPPED,
    Frame,
    doing,
    dump,
    ends,
    failure,
    kind_of,
    load_reply,
)

INTERRUPT_PATIENCE = 0.3  # seconds that the kernel gets to stop before it is killed
START_PATIENCE = 30.0  # seconds that a process may take until it is ready
SPARE_AFTER = 2.0  # seconds of readiness until a second process is started in reserve
STARTS_IN_VAIN = 3  # processes that may end before they are ready until we give up

UNCHANGED = "Your graph is unchanged."


@dataclass
class _Pending:
    """A request that has not been answered for the last time."""

    kind: str
    request: Request
    began: bool = False
    sent: bool = False


class KernelClient:
    """A kernel process that is always there.

    Start it once and send requests; replies come out of `poll`. A crash, an endless loop or a kill
    turns the requests that wait into `Failed` replies, and a new process is started. A second
    process waits in reserve, so that this takes no time. A plugin during whose loading a process
    has died is shut out from the next one, until it is saved anew or asked for.

    Args:
        plugins: which plugins the process is to load.
        spare: whether to keep a process in reserve.
    """

    def __init__(self, plugins: Start | None = None, *, spare: bool = True) -> None:
        self._plugins = PluginWatch(plugins or Start())
        self._keeps_spare = spare
        self._spare: KernelProcess | None = None
        self._spare_at: float | None = None
        self._lock = threading.Condition()
        self._ids = itertools.count(1)
        self._process: KernelProcess | None = None
        self._pending: dict[int, _Pending] = {}
        self._replies: deque[Reply] = deque()
        self._outbox: queue.SimpleQueue[Request | Frame | None] = queue.SimpleQueue()
        self._newest: dict[str, int] = {}
        self._threads: tuple[threading.Thread, ...] = ()
        self._closing = threading.Event()
        self._hopeless = ""
        self._interrupts = 0
        self._kill_at: float | None = None
        self._end_reason = ""
        # The window watches the first; the second wakes the thread that receives.
        self._readable, self._bell = socket.socketpair()
        self._readable.setblocking(False)
        self._bell.setblocking(False)
        self._rung = False
        self._woken, self._nudge = Pipe(duplex=False)

    # Life -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the process in the background; what is sent before it is ready waits."""
        with self._lock:
            if self._threads or self._closing.is_set():
                return
            self._threads = (
                threading.Thread(target=self._supervise, name="kernel-receive", daemon=True),
                threading.Thread(target=self._send_all, name="kernel-send", daemon=True),
            )
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether a process runs and is ready."""
        process = self._process
        return process is not None and process.ready

    @property
    def pid(self) -> int | None:
        """Process id of the kernel, or None while there is none."""
        process = self._process
        return None if process is None else process.pid

    @property
    def is_busy(self) -> bool:
        """Whether a request waits for its (last) answer."""
        return bool(self._pending)

    def close(self) -> None:
        """End the process and both threads; the object cannot be used again."""
        with self._lock:
            if self._closing.is_set():
                return
            self._closing.set()
            process = self._process
            self._lock.notify_all()
        self._outbox.put(None)
        if process is not None:
            process.kill()
        self._wake()
        for thread in self._threads:
            thread.join(5)
        if self._spare is not None:
            self._spare.kill()
            self._spare.end()
        for end in (self._readable, self._bell, self._woken, self._nudge):
            end.close()

    def __enter__(self) -> KernelClient:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Asking and answers -----------------------------------------------------------------------

    def send(self, request: Request) -> int:
        """Ask for something; returns the id that the replies will carry. Never blocks."""
        id_ = next(self._ids)
        request = replace(request, id=id_)
        kind = kind_of(request)
        with self._lock:
            if kind not in SILENT:
                self._pending[id_] = _Pending(kind, request)
            if kind in COALESCED:
                self._newest[kind] = id_
            hopeless = self._hopeless or ("The kernel is closed." if self._closing.is_set() else "")
        if hopeless:
            self._fail([id_], hopeless)
        else:
            self._outbox.put(request)
        return id_

    def poll(self) -> list[Reply]:
        """The replies that came since the last call, oldest first."""
        with self._lock:
            if self._rung:
                self._rung = False
                self._readable.recv(1)
            replies = list(self._replies)
            self._replies.clear()
        return replies

    def fileno(self) -> int:
        """A socket that is readable while `poll` has something; it stays the same for life."""
        return self._readable.fileno()

    def interrupt(self) -> None:
        """Stop everything that was asked for until now; a training run keeps what it learnt.

        What does not stop within 0.3 s is stopped by killing the process and starting a new one.
        """
        with self._lock:
            if not self._pending and self._plugins.loading is None:
                return
            process = self._process
            if process is None or not process.ready:
                # Nothing runs yet: what waits is never sent.
                waiting = list(self._pending)
            else:
                waiting = []
                self._interrupts += 1
                self._kill_at = time.monotonic() + INTERRUPT_PATIENCE
        if waiting:
            self._fail(waiting, "Stopped before it began.")
            return
        self._outbox.put((INTERRUPT, self._interrupts, "", b""))
        self._wake()

    def restart(self) -> None:
        """Kill the process and start a new one; requests that wait fail."""
        with self._lock:
            self._hopeless = ""
            self._end_reason = f"The kernel was started again. {UNCHANGED}"
            process = self._process
            self._lock.notify_all()
        if process is not None:
            process.kill()
            self._wake()

    # The thread that sends --------------------------------------------------------------------

    def _send_all(self) -> None:
        while (item := self._outbox.get()) is not None:
            with self._lock:
                while self._process is None and not self._closing.is_set():
                    self._lock.wait()
                process = self._process
                if self._closing.is_set() or process is None:
                    return
                wanted = not isinstance(item, Request) or self._is_wanted(item)
            if wanted:
                self._transmit(process, item)

    def _is_wanted(self, request: Request) -> bool:
        kind = kind_of(request)
        if kind in SILENT:
            return True
        return request.id in self._pending and self._newest.get(kind, request.id) == request.id

    def _transmit(self, process: KernelProcess, item: Request | Frame) -> None:
        if isinstance(item, Request):
            kind = kind_of(item)
            try:
                frame: Frame = (REQUEST, item.id, kind, dump(item))
            except Exception as error:  # noqa: BLE001 - settings may hold what does not pickle
                self._deliver(failure(item.id, kind, error, None, ""))
                return
            with self._lock:
                if item.id in self._pending:
                    self._pending[item.id].sent = True
        else:
            frame = item
        try:
            process.send(frame)
        except OSError:
            return  # it has died; the other thread notices and fails what waits

    # The thread that receives and looks after the process -------------------------------------

    def _supervise(self) -> None:
        in_vain = 0
        while not self._closing.is_set():
            try:
                process = self._next_process()
            except OSError as error:
                self._give_up(f"The kernel process cannot be started ({error}).")
                continue
            with self._lock:
                self._process = process
                self._lock.notify_all()
            if self._closing.is_set():
                process.kill()
            self._receive(process)
            detail = process.end()
            in_vain = 0 if process.ready else in_vain + 1
            self._bury(process, detail)
            if in_vain >= STARTS_IN_VAIN:
                in_vain = 0
                self._give_up(_why_never_ready(process, detail), detail)

    def _next_process(self) -> KernelProcess:
        """The one in reserve, or a new one; it is told at once which plugins there are."""
        process, self._spare = self._spare, None
        if process is not None and not process.is_alive():
            process.end()
            process = None
        if process is None:
            process = KernelProcess()
        with self._lock:
            start: Frame = (START, 0, "", dump(self._plugins.start))
        with contextlib.suppress(OSError):  # it has died already: seen when receiving
            process.send(start)
        return process

    def _start_spare(self) -> None:
        self._spare_at = None
        if self._spare is None and not self._closing.is_set():
            with contextlib.suppress(OSError):
                self._spare = KernelProcess()

    def _receive(self, process: KernelProcess) -> None:
        """Deliver what comes until the pipe ends."""
        hopeless_at = time.monotonic() + START_PATIENCE
        memory = MemoryWatch()
        while True:
            loading = self._plugins.loading
            look_at = memory.at if self._pending else None
            deadlines = [self._kill_at, loading.until if loading else None, self._spare_at, look_at]
            known = [at for at in deadlines if at is not None] if process.ready else [hopeless_at]
            timeout = max(0.0, min(known) - time.monotonic()) if known else None
            # The pipe first: an answer that came in time counts.
            came = wait([process.connection, self._woken], timeout)
            if process.connection in came:
                try:
                    self._take(process, process.connection.recv())
                except (EOFError, OSError):
                    return
            elif self._woken in came:
                self._woken.recv_bytes()
                if process.killed:
                    return
            if memory.is_exceeded(process.pid):
                self._end_reason = (
                    "There is not enough memory for DOING, so the kernel was started again. "
                    f"{UNCHANGED}"
                )
                ask_where(process.pid)
                process.kill()
                return
            if came:
                continue
            if not process.ready and time.monotonic() >= hopeless_at:
                process.kill()
                return
            elif loading is not None and loading.is_too_long:
                self._end_reason = f"{loading.too_long} {UNCHANGED}"
                process.kill()
                return
            elif self._kill_at is not None and time.monotonic() >= self._kill_at:
                self._kill_at = None
                self._end_reason = (
                    "The kernel did not stop DOING when it was asked to, "
                    f"so it was started again. {UNCHANGED}"
                )
                ask_where(process.pid)
                process.kill()
                return
            elif self._spare_at is not None and time.monotonic() >= self._spare_at:
                self._start_spare()

    def _take(self, process: KernelProcess, frame: Frame) -> None:
        what, number, kind, content = frame
        if what == READY:
            process.ready = True
            if self._keeps_spare and self._spare is None:
                self._spare_at = time.monotonic() + SPARE_AFTER
        elif what == LOADING:
            self._tell(PluginLoading(0, self._plugins.begins(kind, content)))
        elif what == LOADED:
            self._plugins.ends()
            self._tell(PluginLoading(0, ""))
        elif what == STOPPED:
            if number == self._interrupts:
                self._kill_at = None
        elif what == BEGAN:
            with self._lock:
                if number in self._pending:
                    self._pending[number].began = True
        elif what == REPLY:
            try:
                with self._lock:
                    asked = self._pending.get(number)
                graph = getattr(asked.request, "graph", None) if asked is not None else None
                reply = load_reply(content, graph)
                (self._deliver if number else self._tell)(reply)
                if isinstance(reply, PluginsChanged):
                    self._plugins.hears(reply)
            except Exception as error:  # noqa: BLE001 - whatever a plugin's values do when unpickled
                self._deliver(failure(number, kind, error, None, ""))

    def _deliver(self, reply: Reply) -> None:
        with self._lock:
            pending = self._pending.get(reply.id)
            if pending is None:
                return
            if ends(reply):
                del self._pending[reply.id]
                if pending.kind in COALESCED:
                    self._forget_older(pending.kind, reply.id)
            self._replies.append(reply)
            self._ring()

    def _tell(self, reply: Reply) -> None:
        """Pass on what the kernel says without being asked."""
        with self._lock:
            self._replies.append(reply)
            self._ring()

    def _forget_older(self, kind: str, id_: int) -> None:
        """The kernel never answers a request that a newer one made obsolete."""
        older = [i for i, p in self._pending.items() if p.kind == kind and i < id_]
        for i in older:
            del self._pending[i]

    def _ring(self) -> None:
        if not self._rung and not self._closing.is_set():
            self._rung = True
            self._bell.send(b"\0")

    def _wake(self) -> None:
        with self._lock:
            self._nudge.send_bytes(b"\0")

    def _bury(self, process: KernelProcess, detail: str) -> None:
        """The process has ended: tell everybody who waits, once."""
        with self._lock:
            self._process = None
            self._kill_at = None
            self._spare_at = None
            reason, self._end_reason = self._end_reason, ""
            by_a_plugin = self._plugins.dies(detail)
            if by_a_plugin and process.ready and not self._closing.is_set():
                # Whatever waited has not begun: the next process, without it, does it.
                waiting = [p for p in self._pending.values() if p.sent and not p.began]
                for pending in waiting:
                    pending.sent = False
                    self._outbox.put(pending.request)
            doomed = [i for i, p in self._pending.items() if p.began or not by_a_plugin]
            kinds = [p.kind for p in self._pending.values() if p.began]
            # A request is answered between two slices of training: it is the likelier culprit.
            what = doing(kinds[-1]) if kinds else "waiting"
        if not reason and not process.ready:
            reason = _why_never_ready(process, detail)
        where = self._plugins.culprit(detail)
        crashed = (
            f"The kernel stopped unexpectedly while {what}{where}; it was started again. "
            f"{UNCHANGED}"
        )
        self._fail(doomed, reason.replace("DOING", f"{what}{where}") or crashed, detail)

    def _fail(self, ids: list[int], message: str, detail: str = "") -> None:
        with self._lock:
            obsolete = {
                i
                for i in ids
                if i in self._pending
                and self._newest.get(self._pending[i].kind, i) != i
                and self._newest[self._pending[i].kind] in ids
            }
            for id_ in obsolete:
                del self._pending[id_]
            begun = {i for i in ids if i in self._pending and self._pending[i].began}
        for id_ in ids:
            self._deliver(Failed(id_, message=message, detail=detail, underway=id_ in begun))

    def _give_up(self, message: str, detail: str = "") -> None:
        """Fail everything until `restart` is called."""
        with self._lock:
            self._hopeless = message
            doomed = list(self._pending)
        self._fail(doomed, message, detail)
        with self._lock:
            while self._hopeless and not self._closing.is_set():
                self._lock.wait()


def _why_never_ready(process: KernelProcess, detail: str) -> str:
    if process.killed:
        return (
            f"The kernel process was not ready after {START_PATIENCE:g} s; "
            "perhaps the machine is too busy."
        )
    return f"The kernel process ends before it is ready ({detail.splitlines()[-1]})."
