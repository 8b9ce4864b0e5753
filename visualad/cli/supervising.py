"""A command runs in a process of its own, so that a plugin which ends it leaves a sentence behind.

The parent does nothing but wait: it forks before anything heavy is imported, passes signals on and
says what happened when the command did not come to its end. The child notes through a pipe which
plugins it has loaded, what it is loading, and where it was when something ended it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

# Nothing of a plugin runs in the process that carries these out.
IN_THIS_PROCESS = {"window", "plugins"}
INTERRUPTED, FAILED = 130, 1
BOUNCE = 0.5  # seconds: a terminal sends Ctrl-C to both processes, and the parent passes it on
PATIENCE = 3.0  # seconds after Ctrl-C until one is told how to end it at once

_notes: Notes | None = None


class Notes:
    """The child's end: what the parent will want to know."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, *words: str) -> None:
        """Note something; a line of the words with tabs between them."""
        line = "\t".join(word.replace("\t", " ").replace("\n", " ") for word in words)
        os.write(self._descriptor, f"{line}\n".encode(errors="replace"))

    def watch(self) -> None:
        """Note where the process is when it is ended from within."""
        from visualad.kernel.last_words import note_the_end

        note_the_end(self._descriptor)


def note_loading(name: str, path: str = "") -> None:
    """A plugin is about to be loaded, from this file if it is one."""
    if _notes is not None:
        _notes.write("loading", name, path)


def note_loaded() -> None:
    """It was, or was not."""
    if _notes is not None:
        _notes.write("loaded")


def supervise(arguments: Sequence[str], word: str | None, work: Callable[[], int]) -> int:
    """Do the work of a command, where it may run plugins in a child of this process.

    Args:
        arguments: of the command line; word: the command among them.

    Returns:
        The exit status.
    """
    if word is None or word in IN_THIS_PROCESS:
        return work()
    if not hasattr(os, "fork"):
        return _in_another_python(arguments, work)
    reading, writing = os.pipe()
    ending, living = os.pipe()  # nothing is written into it; it ends with the parent
    try:
        child = os.fork()
    except OSError:  # no process is to be had: then without
        return work()
    if child == 0:
        os.close(reading)
        os.close(living)
        _end_with(ending)
        return _as_child(writing, work)
    os.close(writing)
    os.close(ending)
    return _wait_for(child, reading)


# The child ---------------------------------------------------------------------------------------


def _as_child(descriptor: int, work: Callable[[], int]) -> int:
    global _notes  # noqa: PLW0603 - there is one process and one pipe
    _notes = Notes(descriptor)
    _notes.watch()
    _bounce_interrupts()
    status = work()
    _notes.write("done", str(status))
    return status


def _end_with(descriptor: int) -> None:
    """Be ended by the signal SIGIO as soon as the other end of this pipe is gone."""
    import fcntl

    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | getattr(os, "O_ASYNC", 0))


def _bounce_interrupts() -> None:
    """One Ctrl-C is one KeyboardInterrupt, although it comes twice."""
    import signal
    import time

    latest = [-BOUNCE]

    def interrupt(*_: object) -> None:
        now = time.monotonic()
        before, latest[0] = latest[0], now
        if now - before > BOUNCE:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)


# The parent --------------------------------------------------------------------------------------


def _wait_for(child: int, reading: int) -> int:
    import contextlib
    import signal
    import time

    from visualad.kernel.last_words import ask_where

    interrupts: list[float] = []
    killed: list[bool] = []

    def send(number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)

    def interrupt(*_: object) -> None:
        now = time.monotonic()
        if interrupts and now - interrupts[-1] > BOUNCE:
            killed.append(True)
            ask_where(child)
            send(signal.SIGKILL)
        else:
            send(signal.SIGINT)
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        interrupts.append(now)

    def impatient(*_: object) -> None:
        _say("It has not stopped yet; press Ctrl+C again to end it at once.")

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGALRM, impatient)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, lambda received, _: send(received))
    _, waited = os.waitpid(child, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    ended = os.waitstatus_to_exitcode(waited)
    os.set_blocking(reading, False)
    try:
        said = os.read(reading, 1 << 20)
    except BlockingIOError:  # a process that it has started holds the other end
        said = b""
    os.close(reading)
    if ended in {-signal.SIGTERM, -signal.SIGHUP, -signal.SIGQUIT}:
        signal.signal(-ended, signal.SIG_DFL)
        os.kill(os.getpid(), -ended)  # so did we
    return _conclude(ended, said.decode(errors="replace"), killed=bool(killed))


def _in_another_python(arguments: Sequence[str], work: Callable[[], int]) -> int:
    """The same where processes cannot fork: Python is started once more."""
    import subprocess
    import tempfile
    from pathlib import Path

    variable = "VISUALAD_NOTES"
    noted = os.environ.pop(variable, "")
    if noted:
        descriptor = os.open(noted, os.O_WRONLY | os.O_APPEND)
        return _as_child(descriptor, work)
    descriptor, name = tempfile.mkstemp(prefix="visualad-notes-")
    os.close(descriptor)
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", "visualad", *arguments], env={**os.environ, variable: name}
        )
        while True:
            try:
                ended = child.wait()
                break
            except KeyboardInterrupt:  # the console has told the child too
                continue
        return _conclude(ended, Path(name).read_text(errors="replace"))
    finally:
        Path(name).unlink(missing_ok=True)


def _conclude(ended: int, said: str, *, killed: bool = False) -> int:
    """The exit status; a sentence first, if the command did not come to its end."""
    lines = said.splitlines()
    done = [line for line in lines if line.startswith("done\t")]
    if done:
        return int(done[-1].split("\t")[1])
    loading = ""
    files: dict[str, str] = {}
    names: list[str] = []
    for line in lines:
        kind, *words = line.split("\t")
        if kind == "loading" and len(words) == 2:
            loading = words[0]
            names.append(loading)
            if words[1]:
                files[words[1]] = loading
        elif kind == "loaded":
            loading = ""
    culprit = loading or next((files[p] for p in files if f'File "{p}' in said), "")
    while_loading = " while it was loading" if loading else ""
    if killed:
        where = f"; the plugin '{culprit}' did not stop{while_loading}" if culprit else ""
        _say(f"Interrupted{where}.")
        return INTERRUPTED
    how = _how(ended)
    if culprit:
        sentence = (
            f"The plugin '{culprit}' ended the program{while_loading} ({how}); correct it, or "
            f"leave it out with: visualad plugins disable {culprit}"
        )
    else:
        suspects = f", perhaps by a plugin ({', '.join(sorted(set(names)))})" if names else ""
        sentence = f"The program was ended from within ({how}){suspects}; --safe-mode loads none."
    _say(sentence)
    return FAILED


def _say(sentence: str) -> None:
    if sys.stderr is not None:  # a program that was started without a console
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()


def _how(ended: int) -> str:
    if ended >= 0:
        return f"exit status {ended}"
    import signal

    try:
        return f"signal {signal.Signals(-ended).name}"
    except ValueError:
        return f"signal {-ended}"
