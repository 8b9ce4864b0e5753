"""Getting a backend ready in the background, so that nobody waits for a compiler."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Preparation:
    """Does once for each dtype what a backend needs before it can run; see `NeedsPreparation`.

    Args:
        name: of the threads.
        get_ready: does it for a dtype, in a thread; what it raises is the `failure`.

    Attributes:
        failure: why it could not be done, or nothing.
    """

    def __init__(self, name: str, get_ready: Callable[[str], None]) -> None:
        self.failure = ""
        self._name = name
        self._get_ready = get_ready
        self._lock = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}
        self._since: dict[str, float] = {}
        self._ready: set[str] = set()

    def begin(self, dtype: str) -> None:
        """Begin, if nobody has."""
        with self._lock:
            if dtype in self._ready or dtype in self._threads or self.failure:
                return
            thread = threading.Thread(target=self._run, args=(dtype,), name=self._name, daemon=True)
            self._threads[dtype] = thread
            self._since[dtype] = time.monotonic()
            thread.start()

    def wait(self, dtype: str) -> None:
        """Begin, if nobody has, and wait for the end."""
        self.begin(dtype)
        thread = self._threads.get(dtype)
        if thread is not None:
            thread.join()

    def is_ready(self, dtype: str) -> bool:
        """Whether it has been done."""
        return dtype in self._ready

    @property
    def going_on(self) -> tuple[str, float] | None:
        """The dtype that is waited for and the seconds so far, if there is one."""
        for dtype, since in list(self._since.items()):
            if dtype in self._threads and dtype not in self._ready:
                return dtype, time.monotonic() - since
        return None

    def _run(self, dtype: str) -> None:
        try:
            self._get_ready(dtype)
            self._ready.add(dtype)
        except Exception as error:  # noqa: BLE001 - whatever compilers and drivers may raise
            self.failure = " ".join(str(error).split())[:300] or type(error).__name__
        finally:
            with self._lock:
                self._threads.pop(dtype, None)
