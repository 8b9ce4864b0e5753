"""The kernel's answers while it trains at full speed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import visualad as va
from visualad.graph.model import Graph
from visualad.kernel.client import KernelClient
from visualad.kernel.messages import Control, Evaluate, Progress, Reply, Train


def measure(_seconds: float, _clock: str) -> dict[str, float]:
    """Medians of 20; on the wall in any case, because another process computes."""

    def wait(client: KernelClient, found: Callable[[Reply], bool]) -> None:
        while not any(found(reply) for reply in client.poll()):
            time.sleep(0.0002)

    def timed(client: KernelClient, act: Callable[[], int], state: str = "") -> float:
        begin = time.perf_counter()
        id_ = act()
        if state:
            wait(client, lambda r: isinstance(r, Progress) and r.state == state)
        else:
            wait(client, lambda r: r.id == id_)
        return time.perf_counter() - begin

    client = KernelClient()
    graph: Graph = va.parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")
    network = va.mlp([2, 8, 8, 1], activation="tanh", loss="mean_squared_error", data="spiral")
    found: dict[str, list[float]] = {}
    try:
        begin = time.perf_counter()
        client.start()
        first = client.send(Evaluate(graph))
        wait(client, lambda r: r.id == first)
        found["kernel: start to first answer"] = [time.perf_counter() - begin]
        run = client.send(Train(network))
        wait(client, lambda r: isinstance(r, Progress))
        for _ in range(20):
            found.setdefault("kernel: evaluate while training", []).append(
                timed(client, lambda: client.send(Evaluate(graph)))
            )
            found.setdefault("kernel: pause", []).append(
                timed(client, lambda: client.send(Control(run, "pause")), "paused")
            )
            found.setdefault("kernel: go on", []).append(
                timed(client, lambda: client.send(Control(run, "resume")), "running")
            )
    finally:
        client.close()
    return {what: statistics.median(times) * 1e3 for what, times in found.items()}
