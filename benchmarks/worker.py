"""The process of one contestant: prepares it, then runs it in bursts as it is told."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable


def burst(call: Callable[[], object], seconds: float) -> float:
    """Seconds per call, over as many calls as fit into the burst."""
    clock = time.perf_counter
    count, size = 0, 1
    begin = clock()
    while True:
        for _ in range(size):
            call()
        count += size
        spent = clock() - begin
        if spent >= seconds:
            return spent / count
        size = min(size * 2, 1024)


def main() -> None:
    """Answer the commands on standard input, one JSON line each."""
    task = importlib.import_module(f"benchmarks.tasks.{sys.argv[1]}")
    call: Callable[[], object] | None = None
    for line in sys.stdin:
        command, *rest = line.split()
        answer: dict[str, object]
        if command == "prepare":
            try:
                call = task.CONTESTANTS[sys.argv[2]]()
                burst(call, 0.2)
                answer = {"ready": True}
            except ImportError as error:
                answer = {"error": f"not installed ({error})"}
        else:
            assert call is not None
            answer = {"seconds": burst(call, float(rest[0]))}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
