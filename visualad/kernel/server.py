"""The kernel process: answers requests one after the other and trains in slices between them.

One thread reads the pipe, so that a request to stop is heard while the main thread computes; the
main thread does everything else.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, NoReturn

from visualad.graph.model import Graph
from visualad.kernel import approximation_answers as _approximation  # noqa: F401 - likewise
from visualad.kernel import data_answers as _data_answers  # noqa: F401 - registers answers
from visualad.kernel import image_answers as _image_answers  # noqa: F401 - likewise
from visualad.kernel import lesson_answers as _lesson_answers  # noqa: F401 - likewise
from visualad.kernel import plugin_answers as _plugin_answers  # noqa: F401 - likewise
from visualad.kernel.answers import answer
from visualad.kernel.jobs import begin
from visualad.kernel.journal import Journal
from visualad.kernel.last_words import leave, note_the_end
from visualad.kernel.memory import limit_memory
from visualad.kernel.messages import Control, Reply, Request, SearchOrder, Train
from visualad.kernel.network_messages import EvaluateRun, LookAtNetwork
from visualad.kernel.plugin_host import PluginHost
from visualad.kernel.plugin_messages import (
    CheckPlugin,
    PluginChecked,
    PluginsChanged,
    PluginsUpdated,
    Start,
    UpdatePlugins,
)
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
    dump,
    dump_reply,
    failure,
    kind_of,
    load,
)
from visualad.kernel.sweep_messages import TrainSweep

if TYPE_CHECKING:
    from visualad.kernel.background import BackgroundWork
    from visualad.kernel.jobs import Job
    from visualad.kernel.training import TrainingRun
    from visualad.plugins.places import Found

WARM_AFTER = 0.3  # seconds without anything to do


def main(handle: int) -> NoReturn:
    """Entry point of the process; `handle` is its end of the pipe, inherited from the window's."""
    journal = Journal(1)
    sys.stdout = sys.stderr = journal
    note_the_end(2)
    limit_memory()
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection

        connection = PipeConnection(handle)
    else:
        connection = Connection(handle)
    Server(connection).run()


class Server:
    """The state of the kernel process: what waits, what trains, whether it is to stop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._news = threading.Condition()
        self._inbox: deque[Frame] = deque()
        self._cancelled: list[Frame] = []
        self._interrupt = 0  # number of the last one that came
        self._interrupt_answered = 0
        self._interruptible = False
        self._current: tuple[int, str] | None = None  # id and type of what is being answered
        self._graph: Graph | None = None  # of what is being worked on, to find nodes by name
        self._training: TrainingRun | None = None
        self._background: dict[str, BackgroundWork] = {}  # by type of the request
        self._jobs: deque[Job] = deque()
        self._plugins: PluginHost | None = None
        self._is_warm = False

    def run(self) -> NoReturn:
        """Serve until the window goes away."""
        signal.signal(signal.SIGINT, self._on_interrupt)
        threading.Thread(target=self._read, name="read", daemon=True).start()
        self._send((READY, 0, "", b""))
        while True:
            try:
                self._turn()
            except KeyboardInterrupt:
                self._apologise()

    # The thread that reads --------------------------------------------------------------------

    def _read(self) -> None:
        while True:
            try:
                frame: Frame = self._connection.recv()
            except (EOFError, OSError):
                leave(0)  # the window is gone; whatever runs here is for nobody
            with self._news:
                if frame[0] == INTERRUPT:
                    self._interrupt = frame[1]
                    self._cancelled.extend(f for f in self._inbox if f[0] == REQUEST)
                    kept = [f for f in self._inbox if f[0] != REQUEST]
                    self._inbox.clear()
                    self._inbox.extend(kept)
                else:
                    self._inbox.append(frame)
                self._news.notify()
            if frame[0] == INTERRUPT:
                _thread.interrupt_main()

    # The main thread --------------------------------------------------------------------------

    def _on_interrupt(self, *_: object) -> None:
        if self._interruptible:
            self._interruptible = False
            raise KeyboardInterrupt

    def _apologise(self) -> None:
        """The interrupt came in the instant between the end of the work and its answer."""
        if self._current is not None:
            id_, kind = self._current
            self._current = None
            self._reply(failure(id_, kind, KeyboardInterrupt(), None, ""), kind)

    def _turn(self) -> None:
        self._acknowledge()
        self._tell_background()
        frame = self._next()
        if frame is not None:
            self._answer(frame)
        if self._trains:
            self._train()
        if self._jobs:
            self._work()

    @property
    def _trains(self) -> bool:
        run = self._training
        return run is not None and run.is_running and not run.wait

    @property
    def _patience(self) -> float | None:
        """Seconds to wait for a request; None for as long as it takes."""
        if self._training is not None and self._training.is_running:
            return self._training.wait
        return None if self._is_warm else WARM_AFTER

    def _acknowledge(self) -> None:
        """Say that nothing runs any more, after an interrupt."""
        with self._news:
            cancelled, self._cancelled = self._cancelled, []
            number = self._interrupt
        for _, id_, kind, _content in cancelled:
            if kind not in SILENT:
                stopped = failure(id_, kind, KeyboardInterrupt(), None, "")
                self._reply(replace(stopped, underway=False), kind)
        if number > self._interrupt_answered:
            self._end_training()
            for kind in list(self._background):
                self._end_background(kind)
            for job in list(self._jobs):
                self._end_job(job)
            self._interrupt_answered = number
            self._send((STOPPED, number, "", b""))

    def _next(self) -> Frame | None:
        """The next request that is not obsolete; waits for one unless there is training to do."""
        with self._news:
            while not self._inbox and self._interrupt == self._interrupt_answered:
                has_news = any(work.has_news for work in self._background.values())
                if self._trains or self._jobs or has_news:
                    return None
                if not self._news.wait(self._patience) and self._training is None:
                    self._warm()
            newest = {frame[2]: frame[1] for frame in self._inbox}
            while self._inbox:
                frame = self._inbox.popleft()
                if frame[2] not in COALESCED or newest[frame[2]] == frame[1]:
                    return frame
        return None

    def _warm(self) -> None:
        """Import what plugins need, while there is nothing to do: the process may be in reserve."""
        self._is_warm = True
        if self._plugins is None:
            import visualad.plugin
            import visualad.plugins.contributions  # noqa: F401

    def _answer(self, frame: Frame) -> None:
        what, id_, kind, content = frame
        self._graph = None
        if what == START:
            start = load(content)
            self._plugins = PluginHost(start, self._before_loading, self._after_loading)
            self._update_plugins(always_tell=start.told)
            return
        self._current = (id_, kind)
        self._send((BEGAN, id_, kind, b""))
        if kind == UpdatePlugins.__name__:  # interrupts one plugin after the other, not the whole
            self._update_plugins(load(content).again)
            self._reply(PluginsUpdated(id_), kind)
            self._current = None
            return
        replies, _ = self._guarded(id_, kind, lambda: self._carry_out(load(content)))
        for reply in replies:
            self._reply(reply, kind, self._graph)
        self._current = None

    def _guarded(
        self, id_: int, kind: str, work: Callable[[], Sequence[Reply]]
    ) -> tuple[Sequence[Reply], bool]:
        """Do work that may be interrupted or fail in any way; also tells whether it succeeded."""
        try:
            self._interruptible = True
            return work(), True
        except BaseException as error:  # noqa: BLE001 - also sys.exit() in somebody's node type
            self._interruptible = False
            return [failure(id_, kind, error, self._graph, self._detail(error))], False
        finally:
            self._interruptible = False

    def _carry_out(self, request: Request) -> Sequence[Reply]:
        self._graph = getattr(request, "graph", None)
        if isinstance(request, Train):
            from visualad.kernel.training import TrainingRun

            self._end_training()
            run = TrainingRun(request)
            self._training = run
            return run.begin()
        if isinstance(request, SearchOrder | TrainSweep):
            self._end_background(kind_of(request))
            work = _work_in_background(request, self._wake)
            self._background[work.kind] = work
            work.start()
            return ()
        job = begin(request)
        if job is not None:
            self._jobs.append(job)
            return ()
        if isinstance(request, Control):
            return self._steer(request)
        if isinstance(request, LookAtNetwork | EvaluateRun):
            from visualad.kernel.network_answers import look

            return (look(request, self._training),)
        if isinstance(request, CheckPlugin):
            return (PluginChecked(request.id, self._host.check(request.origin)),)
        return (answer(request),)

    def _steer(self, request: Control) -> Sequence[Reply]:
        """Carry out a wish about what runs."""
        for job in [job for job in self._jobs if job.id == request.run]:
            self._end_job(job)
            return ()
        for work in self._background.values():
            if work.id == request.run:
                work.control(request.action)
                return ()
        if self._training is None or self._training.id != request.run:
            return ()  # it has ended meanwhile
        return self._training.control(request.action, request.value)

    # Plugins ----------------------------------------------------------------------------------

    @property
    def _host(self) -> PluginHost:
        if self._plugins is None:  # it was never told which plugins there are
            self._plugins = PluginHost(Start(), self._before_loading, self._after_loading)
        return self._plugins

    def _update_plugins(self, again: Sequence[str] = (), *, always_tell: bool = False) -> None:
        try:
            changed = self._host.update(again)
        except KeyboardInterrupt:
            changed = True  # between two plugins: nothing was being loaded
        finally:
            self._interruptible = False
        if changed or always_tell:
            self._tell_plugins()

    def _before_loading(self, one: Found) -> None:
        self._acknowledge()  # an interrupt that came between two plugins was for the one before
        self._send((LOADING, 0, one.key, dump((one.name, one.fingerprint))))
        self._interruptible = True

    def _after_loading(self) -> None:
        self._interruptible = False
        self._send((LOADED, 0, "", b""))

    def _tell_plugins(self) -> None:
        try:
            content = dump(PluginsChanged(0, self._host.inventory()))
        except Exception as error:  # noqa: BLE001 - a description may hold what does not pickle
            sys.stdout.write(self._detail(error))
            return
        self._send((REPLY, 0, "", content))

    # Training ---------------------------------------------------------------------------------

    def _train(self) -> None:
        """Train for one slice."""
        run = self._training
        assert run is not None
        self._graph = run.graph
        kind = Train.__name__
        replies, went_well = self._guarded(run.id, kind, run.advance)
        if not went_well and self._interrupt > self._interrupt_answered:
            return  # interrupted: what it has learnt is sent when the interrupt is acknowledged
        for reply in replies:
            self._reply(reply, kind)
        if not went_well or run.has_ended:
            self._training = None

    def _end_training(self) -> None:
        """Stop a run that still goes and send what it has learnt."""
        run, self._training = self._training, None
        if run is not None and not run.has_ended:
            for reply in run.control("stop"):
                self._reply(reply, Train.__name__)

    # Jobs: files that are read or written ------------------------------------------------------

    def _work(self) -> None:
        """Do one slice of the first of them."""
        job = self._jobs[0]
        self._graph = job.graph
        replies, went_well = self._guarded(job.id, job.kind, job.advance)
        for reply in replies:
            self._reply(reply, job.kind)
        if not went_well or job.has_ended:
            self._jobs.remove(job)

    def _end_job(self, job: Job) -> None:
        """Give up what is not done yet."""
        self._jobs.remove(job)
        job.close()
        self._reply(failure(job.id, job.kind, KeyboardInterrupt(), None, ""), job.kind)

    # In the background ------------------------------------------------------------------------

    def _wake(self) -> None:
        with self._news:
            self._news.notify()

    def _tell_background(self) -> None:
        """Send what has been found since the last time."""
        for kind, work in list(self._background.items()):
            for reply in work.news():
                self._reply(reply, kind)
            if work.has_ended:
                del self._background[kind]

    def _end_background(self, kind: str) -> None:
        """Stop work that still goes and send what it has found."""
        work = self._background.get(kind)
        if work is not None:
            work.control("stop")
            work.wait()
            self._tell_background()

    # Sending ----------------------------------------------------------------------------------

    def _reply(self, reply: Reply, kind: str, graph: Graph | None = None) -> None:
        try:
            content = dump_reply(reply, graph)
        except Exception as error:  # noqa: BLE001 - values of a plugin may not pickle
            content = dump(failure(reply.id, kind, error, None, self._detail(error)))
        self._send((REPLY, reply.id, kind, content))

    def _send(self, frame: Frame) -> None:
        try:
            self._connection.send(frame)
        except OSError:
            leave(0)  # the window is gone

    @staticmethod
    def _detail(error: BaseException) -> str:
        text = "".join(traceback.format_exception(error))
        said = sys.stdout.tail() if isinstance(sys.stdout, Journal) else ""
        return f"{text}\nLast output:\n{said}" if said else text


def _work_in_background(
    request: SearchOrder | TrainSweep, wake: Callable[[], None]
) -> BackgroundWork:
    """What a request starts."""
    if isinstance(request, SearchOrder):
        from visualad.kernel.order_search import OrderSearch

        return OrderSearch(request, wake)
    from visualad.kernel.training_sweep import TrainingSweep

    return TrainingSweep(request, wake)
