"""How much memory the kernel process may take, so that a node type cannot take it all.

A limit on the data of the process, where the system has one (Linux): what goes beyond it raises
MemoryError in the code that asked. Address space alone is not limited, because graphics drivers
reserve far more of it than they use. Elsewhere (macOS, Windows) the window's side looks twice a
second how much the process takes, and starts it again when that is too much.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

MEMORY_VARIABLE = "VISUALAD_MEMORY_LIMIT"  # in MiB; 0 for no limit
SHARE = 0.6  # of the machine's memory
LEAST = 1 << 30
LOOK_EVERY = 0.5  # seconds
_SYSTEM: str = sys.platform  # under another name, as mypy reads only one branch else

_CONTAINER = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def limit_memory() -> int | None:
    """Set the limit for this process; gives it in bytes, or None where there is none."""
    if not sys.platform.startswith("linux"):
        return None
    import resource

    wanted = most_memory()
    if wanted is None:
        return None
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    except (OSError, ValueError):
        return None
    return wanted


class MemoryWatch:
    """Looks now and then how much memory a process takes, where the system sets no limit.

    Attributes:
        at: when to look the next time; None where nobody has to.
    """

    def __init__(self) -> None:
        self._most = watched_limit()
        self.at = None if self._most is None else time.monotonic() + LOOK_EVERY

    def is_exceeded(self, pid: int) -> bool:
        """Whether the process takes too much; looks only if it is time."""
        if self._most is None or self.at is None or time.monotonic() < self.at:
            return False
        self.at = time.monotonic() + LOOK_EVERY
        return resident_memory(pid) > self._most


def watched_limit() -> int | None:
    """What a process may take that is watched, in bytes; None where the system has a limit."""
    return None if _SYSTEM.startswith("linux") else most_memory()


def resident_memory(pid: int) -> int:
    """What a process takes of the machine's memory, in bytes; 0 if there is no such process."""
    if _SYSTEM.startswith("linux"):
        with contextlib.suppress(OSError):
            pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
            return int(pages) * os.sysconf("SC_PAGE_SIZE")
        return 0
    import psutil

    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def most_memory() -> int | None:
    """What the kernel may take, in bytes; None if it was chosen that there is no limit."""
    chosen = os.environ.get(MEMORY_VARIABLE, "").strip()
    if chosen.isdecimal():
        return int(chosen) << 20 if int(chosen) else None
    return max(LEAST, int(SHARE * _whole_memory()))


def _whole_memory() -> int:
    """That of the machine, or of the container that this runs in."""
    if not _SYSTEM.startswith("linux"):
        import psutil

        return int(psutil.virtual_memory().total)
    there = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in _CONTAINER:
        try:
            text = path.read_text().strip()
        except OSError:
            continue
        if text.isdecimal():
            there.append(int(text))
    return min(there)
