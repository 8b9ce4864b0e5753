"""`sweep`: a network trained with many settings, on all processors or on a cluster."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from visualad.cli.arguments import UsageError
from visualad.cli.output import console, print_json, print_line, print_table
from visualad.cli.sources import is_file, read_graph, split_values
from visualad.cli.training_options import with_options
from visualad.errors import FileError, VisualADError
from visualad.graph.file import require_place, save
from visualad.graph.model import Graph
from visualad.ops.writing import number_text
from visualad.plugins import load_plugins
from visualad.training.grid.journal import METRICS, Journal
from visualad.training.grid.plan import Plan, make_plan, value_text
from visualad.training.grid.runner import (
    RUNNING,
    GridRun,
    best_of,
    in_order,
    loss_of,
    trained_graph,
)
from visualad.training.grid.worker import DONE, FAILED, Result
from visualad.training.grid.workers import ProcessPool, Workers

INTERRUPTED = 130
SHOWN = 10  # settings or runs in a table on the terminal; the file has them all

Report = Callable[[GridRun], None]


def sweep(options: argparse.Namespace) -> int:
    """Do every run that the table of results lacks, and say which was best."""
    if not is_file(options.graph):
        raise FileError(f"There is no file '{options.graph}' to train; give a .vad file.")
    target = Path(options.output)
    if target.suffix.lower() != ".csv":
        raise FileError(f"The results are a .csv file, not '{target.name}'.")
    for name in ("learning_rate", "optimizer", "momentum", "batch_size", "seed"):
        setattr(options, name, None)  # `train` has them as options, a sweep sets them
    settings = _settings(options.set)
    graph = read_graph(options, options.graph)
    if "data" in settings and not options.data and not graph.training.get("data"):
        options.data = settings["data"][0]
    plan = make_plan(_with_place_of_data(with_options(graph, options)), settings, options.seeds)
    if options.best:
        require_place(options.best)
    with Journal(target, plan, retry=options.retry) as journal:
        before = len(journal.results)
        run = _run(options, plan, journal)
        results = in_order(plan, journal)
    best = best_of(results)
    saved = None
    if options.best and best is not None:
        save(_trained(options, plan, best), Path(options.best))
        saved = options.best
    is_complete = len(results) == len(plan.cases)
    if options.json:
        print_json(_document(plan, results, best, run.state, before, saved))
    else:
        _print(plan, results, best, before, options.output)
        if saved:
            print_line(f"Saved {saved}: the network of the best run.")
    if not is_complete:
        return INTERRUPTED
    if best is None:
        raise VisualADError(f"None of the {len(results)} runs came to its end; see {target}.")
    return 0


def _settings(texts: Sequence[str]) -> dict[str, list[str]]:
    """What --set says: values by name.

    Raises:
        UsageError: if one is not of the form NAME=V1,V2, or a name comes twice.
    """
    found: dict[str, list[str]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip()
        if not equals or not name or not split_values(values):
            raise UsageError(f"'{text}' after --set is not NAME=V1,V2, such as lr=0.01,0.1.")
        if name in found:
            raise UsageError(f"--set names '{name}' twice; give all its values at once.")
        found[name] = split_values(values)
    return found


def _with_place_of_data(graph: Graph) -> Graph:
    """A file of data by its whole path: workers may be in another folder."""
    data = graph.training["data"]
    path = Path(str(data.get("name", "")))
    if not path.is_file():
        return graph
    return graph.with_(training={**graph.training, "data": {**data, "name": str(path.resolve())}})


def _run(options: argparse.Namespace, plan: Plan, journal: Journal) -> GridRun:
    """All runs that are missing; Ctrl-C gives up those under way."""
    if len(journal.results) == len(plan.cases):
        return GridRun(plan, journal, ProcessPool(1), options.backend)
    workers = _workers(options)
    run = GridRun(plan, journal, workers, options.backend)
    try:
        with _progress(run, quiet=options.json) as report:
            while run.state == RUNNING:
                run.advance()
                report(run)
    except KeyboardInterrupt:
        pass
    finally:
        run.cancel()
        workers.close()
    return run


def _trained(options: argparse.Namespace, plan: Plan, best: Result) -> Graph:
    """The network of a run, trained once more as it was: by a worker with one thread."""
    workers = ProcessPool(1, partial(load_plugins, options.plugin_path))
    try:
        work = workers.executor().submit(trained_graph, plan.graph, best.case, options.backend)
        return work.result()
    finally:
        workers.close()


def _workers(options: argparse.Namespace) -> Workers:
    prepare = partial(load_plugins, options.plugin_path)
    if options.scheduler is None:
        return ProcessPool(options.workers, prepare)
    if options.workers is not None:
        raise UsageError("--workers is for processes on this machine; --scheduler has its own.")
    from visualad.training.grid.cluster import Cluster

    return Cluster(options.scheduler, prepare)


@contextmanager
def _progress(run: GridRun, *, quiet: bool) -> Iterator[Report]:
    """A progress bar on standard error, so that standard output stays clean."""
    if quiet:
        yield lambda _: None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("run"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[best]}"),
        TimeRemainingColumn(),
        console=console(errors=True),
    )
    task = bar.add_task("", total=len(run.plan.cases), completed=run.done, best="")

    def report(now: GridRun) -> None:
        results = list(now.journal.results.values())
        best = best_of(results)
        text = "" if best is None else f"best loss {number_text(loss_of(best))}"
        failed = sum(result.status != DONE for result in results)
        bar.update(task, completed=now.done, best=f"{text}  {failed} failed" if failed else text)

    with bar:
        report(run)
        yield report


# What is printed -------------------------------------------------------------------------------


def _print(
    plan: Plan, results: Sequence[Result], best: Result | None, before: int, path: str
) -> None:
    if before:
        print_line(f"{before} of {len(plan.cases)} runs were in {path} already.")
    ranked = sorted((r for r in results if r.status == DONE), key=loss_of)[:SHOWN]
    metrics = [name for name in METRICS if any(name in result.metrics for result in ranked)]
    if ranked:
        title = "Runs" if len(ranked) == len(results) else f"The best {len(ranked)} runs"
        print_table(
            title,
            (*plan.names, "seed", "train", "test", *metrics, "seconds"),
            (
                (
                    *result.case.key,
                    _number(result.train),
                    _number(result.test),
                    *(_number(result.metrics.get(name)) for name in metrics),
                    f"{result.seconds:.2f}",
                )
                for result in ranked
            ),
        )
    troubled = [result for result in results if result.status != DONE]
    if troubled:
        title = f"{len(troubled)} of {len(results)} runs did not come to their end"
        rows = [(r.case.title, r.status, r.message) for r in troubled[:SHOWN]]
        print_table(title, ("run", "what", "why"), rows)
    if best is not None:
        print_line(f"Best: {best.case.title or 'the only run'}.")
    if len(results) < len(plan.cases):
        print_line(
            f"Stopped after {len(results)} of {len(plan.cases)} runs; the same command goes on."
        )
    print_line(f"All results are in {path}.")


def _number(value: float | None) -> str:
    return "" if value is None else number_text(value)


def _document(
    plan: Plan,
    results: Sequence[Result],
    best: Result | None,
    state: str,
    before: int,
    saved: str | None,
) -> dict[str, Any]:
    return {
        "state": state,
        "runs": len(plan.cases),
        "finished": len(results),
        "finished_before": before,
        "failed": sum(result.status == FAILED for result in results),
        "best": None if best is None else _record(best),
        "results": [_record(result) for result in results],
        "saved": saved,
    }


def _record(result: Result) -> dict[str, Any]:
    return {
        "settings": {
            name: value_text(value) if isinstance(value, tuple) else value
            for name, value in result.case.values
        },
        "seed": result.case.seed,
        "status": result.status,
        "message": result.message,
        "train": result.train,
        "test": result.test,
        "metrics": result.metrics,
        "epochs": result.epochs,
        "steps": result.steps,
        "seconds": result.seconds,
    }
