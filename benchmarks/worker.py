"""The process of one contestant: prepares it, then runs it in bursts as it is told."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

from benchmarks.task import Call, Repeated
from benchmarks.tasks import task

CLOCKS: dict[str, Callable[[], float]] = {
    "wall": time.perf_counter,
    # Of all threads. Other programs' load changes it far less than the time on the wall.
    "cpu": time.process_time,
}


def burst(call: Call, seconds: float, clock: Callable[[], float]) -> float:
    """Seconds per call, over as many calls as fit into the burst."""
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
    from visualad.errors import BackendError

    name, contestant, clock = sys.argv[1:]
    work = Repeated(lambda: None, 1)
    if os.environ["BENCHMARK_THREADS"] == "1" and hasattr(os, "sched_setaffinity"):
        # All on the same core: whatever else runs there disturbs everybody alike.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    for line in sys.stdin:
        command, *rest = line.split()
        answer: dict[str, object]
        try:
            if command == "prepare":
                prepare = task(name).contestants[contestant]
                begin = CLOCKS[clock]()
                ready = prepare()
                work = ready if isinstance(ready, Repeated) else Repeated(ready, 1)
                work.call()
                answer = {"ready_after": CLOCKS[clock]() - begin}
                burst(work.call, 0.2, CLOCKS[clock])
            else:
                answer = {"seconds": burst(work.call, float(rest[0]), CLOCKS[clock]) / work.times}
        except (ImportError, BackendError) as error:
            answer = {"error": f"not installed ({error})"}
        except Exception as error:  # noqa: BLE001 - a peer that fails is a row of the table
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:100]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
