"""Where a process was when it was ended, by itself (in a plugin, say) or from without."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
import time
from typing import NoReturn

WRITING = 0.05  # seconds that this takes at most
leave = os._exit  # without a word


def note_the_end(descriptor: int) -> None:
    """Write down there where this process is when it is ended from within."""
    faulthandler.enable(descriptor)

    def noting_exit(status: int) -> NoReturn:
        faulthandler.dump_traceback(descriptor, all_threads=False)
        leave(status)

    os._exit = noting_exit
    if sys.platform != "win32":
        faulthandler.register(signal.SIGUSR1, descriptor)


def ask_where(pid: int) -> None:
    """Let another such process write down where it is, before it is killed from without."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGUSR1)
            time.sleep(WRITING)
