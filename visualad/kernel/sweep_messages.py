"""What the window and the kernel say to each other about sweeps over settings of training."""

from __future__ import annotations

from dataclasses import dataclass

from visualad.graph.model import Graph
from visualad.kernel.messages import Interim, Reply, Request
from visualad.training.grid.plan import Case
from visualad.training.grid.worker import Result


@dataclass(frozen=True)
class TrainSweep(Request):
    """Train a graph with many settings, on processes of their own.

    `Control` with "pause", "resume" or "stop" steers it; a newer sweep stops it.

    Attributes:
        settings: by name the values to try, as typed: (("hidden", ("4", "8x8")), ...).
        seeds: how many runs with each; None for one with everything as it is.
        path: of the .csv file for the results, from which an interrupted sweep goes on; "" for
            none.
        workers: how many processes; None for one for each processor.
        scheduler: address of a Dask scheduler that does the runs instead of these; "" for none.
        retry: do the runs again that failed when the file was written.
        keep_best: send the graph of the best run at the end, for which it is done once more.
        whole: results come with the curves and all.
    """

    graph: Graph
    settings: tuple[tuple[str, tuple[str, ...]], ...]
    seeds: int | None = None
    path: str = ""
    workers: int | None = None
    scheduler: str = ""
    retry: bool = False
    keep_best: bool = True
    whole: bool = False


@dataclass(frozen=True)
class SweepProgress(Interim):
    """A sweep goes on.

    Attributes:
        names: of the settings; total: number of runs.
        results: those that are new; the first message has those that the file held.
        running: titles of the runs that are given out.
        state: "running", "paused", "cancelled" or "complete".
    """

    names: tuple[str, ...]
    total: int
    results: tuple[Result, ...]
    running: tuple[str, ...]
    state: str


@dataclass(frozen=True)
class SweepFinished(Reply):
    """The end of a sweep.

    Attributes:
        state: "complete" or "cancelled".
        best: the best run of all, or None; graph: what it ends with, if that was wanted.
    """

    state: str
    best: Result | None
    graph: Graph | None


@dataclass(frozen=True)
class TrainAgain(Request):
    """Do one run of a sweep once more, for the graph that it ends with.

    Attributes:
        graph: of the sweep, before any setting.
    """

    graph: Graph
    case: Case


@dataclass(frozen=True)
class TrainedAgain(Reply):
    """What the run ends with."""

    graph: Graph
    case: Case
