"""What a person waits for: each module has `measure(seconds, clock)`, what -> milliseconds.

With the clock "cpu" it is the processor time of the window's thread, without what other programs
take from it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.thread_time}
