"""How much memory the kernel process may take, so that a node type cannot take it all.

A limit on the data of the process, where the system has one (Linux): what goes beyond it raises
MemoryError in the code that asked. Address space alone is not limited, because graphics drivers
reserve far more of it than they use.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

MEMORY_VARIABLE = "VISUALAD_MEMORY_LIMIT"  # in MiB; 0 for no limit
SHARE = 0.6  # of the machine's memory
LEAST = 1 << 30

_CONTAINER = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def limit_memory() -> int | None:
    """Set the limit for this process; gives it in bytes, or None where there is none."""
    if not sys.platform.startswith("linux"):
        return None
    import resource

    wanted = _wanted()
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


def _wanted() -> int | None:
    chosen = os.environ.get(MEMORY_VARIABLE, "").strip()
    if chosen.isdecimal():
        return int(chosen) << 20 if int(chosen) else None
    there = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in _CONTAINER:
        try:
            text = path.read_text().strip()
        except OSError:
            continue
        if text.isdecimal():
            there.append(int(text))
    return max(LEAST, int(SHARE * min(there)))
