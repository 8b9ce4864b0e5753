"""One kernel process: how it is started, spoken to and ended.

It is started as a fresh Python that runs `visualad.kernel.server`, so the program that opened the
window is never imported a second time and needs no `if __name__ == "__main__"`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import IO

from visualad.kernel.protocol import Frame

TAIL = 4000  # bytes of its output that are kept for a diagnosis
PATIENCE = 0.3  # seconds that a process gets to leave by itself

# More threads than one make small products slower and the window jerk.
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class KernelProcess:
    """A running kernel process and the pipe to it.

    Attributes:
        connection: the window's end of the pipe; one thread may receive, any may `send`.
        ready: set by whoever receives its first frame.
        killed: whether `kill` was called.

    Raises:
        OSError: if the process cannot be started.
    """

    def __init__(self) -> None:
        self.ready = False
        self.killed = False
        self.output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this
        self.connection, remote = Pipe()
        self._sending = threading.Lock()
        try:
            self._process = _launch(remote, self.output)
        except BaseException:
            self.connection.close()
            self.output.close()
            raise
        finally:
            remote.close()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def send(self, frame: Frame) -> None:
        """Write a frame; blocks while the pipe is full.

        Raises:
            OSError: if the process has ended.
        """
        with self._sending:
            self.connection.send(frame)

    def kill(self) -> None:
        """End it at once, with the processes that a node type may have started in it."""
        self.killed = True
        if sys.platform == "win32":
            self._process.kill()
        elif self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> str:
        """Wait until it has ended, killing it if need be, and tell how it ended and what it said.

        Called by the thread that receives, once there is nothing more to receive.
        """
        try:
            status = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            status = self._process.wait()
        with self._sending:
            self.connection.close()
        said = self._last_words()
        self.output.close()
        how = f"The kernel process ended with {_status(status)}."
        return f"{how}\n{said}" if said else how

    def _last_words(self) -> str:
        size = self.output.seek(0, os.SEEK_END)
        self.output.seek(max(0, size - TAIL))
        return self.output.read().decode("utf-8", errors="replace").strip()


def _launch(remote: Connection, output: IO[bytes]) -> subprocess.Popen[bytes]:
    handle = remote.fileno()
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; "
        f"from visualad.kernel.server import main; main({handle})"
    )
    command = [sys.executable, "-c", code]
    environment = dict(os.environ)
    for variable in _ONE_THREAD:
        environment.setdefault(variable, "1")
    if sys.platform == "win32":
        os.set_handle_inheritable(handle, True)
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            startupinfo=startup,
            creationflags=subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW,
        )
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=environment,
        pass_fds=[handle],
        # Ctrl-C in the terminal is for the window's program; it decides about its kernel.
        start_new_session=True,
    )


def _status(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-status).name}"
    return f"signal {-status}"
