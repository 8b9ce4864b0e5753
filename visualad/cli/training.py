"""`train`: a network learns, with its losses and rate in a progress bar; Ctrl-C keeps it."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visualad.cli.keeping import Keeping
from visualad.cli.output import console, print_json, print_line, print_table
from visualad.cli.sources import is_file, read_graph
from visualad.cli.training_options import with_options
from visualad.errors import FileError, VisualADError
from visualad.graph.file import require_place
from visualad.graph.model import Graph
from visualad.ops.writing import number_text
from visualad.training.loop import trainer_from
from visualad.training.trainer import Trainer

DEFAULT_EPOCHS = 100
GLANCE = 0.1  # seconds between two looks at the progress
DONE, STOPPED, DIVERGED = "done", "stopped", "diverged"

Report = Callable[[Trainer], None]


@dataclass(frozen=True)
class Training:
    """What came of it.

    Attributes:
        trainer: as it stands now.
        reason: "done", "stopped" (from the keyboard), "diverged", or why it ended by itself.
    """

    trainer: Trainer
    reason: str


def train(options: argparse.Namespace) -> int:
    """Train the network in a file, save it if asked, and print its losses."""
    if not is_file(options.graph):
        raise FileError(f"There is no file '{options.graph}' to train; give a .vad file.")
    graph = with_options(read_graph(options, options.graph), options)
    if options.output:
        require_place(options.output)  # now, and not when hours of training would be lost
    if options.checkpoint and not options.output:
        raise VisualADError("Checkpoints are saved to the file of -o; give one: -o OUT.vad.")
    epochs = options.epochs or graph.training.get("epochs") or DEFAULT_EPOCHS
    keeping = Keeping(Path(options.output), options.checkpoint) if options.output else None
    done = train_in_terminal(
        graph, epochs, options.backend, quiet=options.json, resume=options.resume, keeping=keeping
    )
    trainer = done.trainer
    if keeping is not None:
        keeping.save(trainer)
    if options.json:
        print_json(_document(done, options.output))
    elif options.output:
        print_line(f"Saved {options.output}.")
    else:
        print_line("Nothing was saved: -o OUT.vad keeps the trained network.")
    if trainer.divergence is not None:
        raise VisualADError(trainer.divergence.message)
    return 0


def train_in_terminal(
    graph: Graph,
    epochs: int,
    backend: str = "numpy",
    *,
    quiet: bool = False,
    resume: bool = False,
    keeping: Keeping | None = None,
) -> Training:
    """Train as `graph.training` says, with a progress bar and a table of losses unless quiet.

    Ctrl-C ends it early; what was learnt is kept.

    Args:
        resume: go on with the run that the graph holds, up to `epochs` in all.
        keeping: saves a checkpoint now and then.
    """
    if not quiet:
        _say_what_takes_time(graph, backend)
    trainer, data = trainer_from(graph, backend, epochs=epochs, resume=resume)
    for note in data.notes:
        console(errors=True).print(f"{data.name}: {note}", markup=False)

    def keep_and(tell: Report) -> Report:
        def report(trainer: Trainer) -> None:
            tell(trainer)
            if keeping is not None:
                keeping.save_if_due(trainer)

        return report

    if quiet:
        return Training(trainer, _work(trainer, epochs, keep_and(lambda _: None)))
    with _progress(epochs) as report:
        reason = _work(trainer, epochs, keep_and(report))
    print_table("Losses", ("epoch", "train", "test", *trainer.history.metrics), _rows(trainer))
    if reason == STOPPED:
        print_line(f"Stopped in epoch {trainer.epoch} of {epochs}; what was learnt is kept.")
    if resume and reason == DONE and trainer.epoch > epochs:
        print_line(
            f"The run has done {trainer.epoch} epochs already; --epochs says how many in all."
        )
    if trainer.ending is not None:
        print_line(trainer.ending.message)
    for note in trainer.notes:
        console(errors=True).print(note, highlight=False)
    return Training(trainer, reason)


def _say_what_takes_time(graph: Graph, name: str) -> None:
    """On standard error, before a backend that has to get ready keeps everybody waiting."""
    from visualad.engine import NeedsPreparation, backend

    chosen = backend(name)
    if isinstance(chosen, NeedsPreparation) and not chosen.is_ready(graph.dtype):
        chosen.prepare(graph.dtype)
        if chosen.status:
            console(errors=True).print(chosen.status, highlight=False)


def _work(trainer: Trainer, epochs: int, report: Report) -> str:
    """Train to this epoch; tells why it ended."""
    try:
        trainer.finish_epoch()  # the losses before any training
        report(trainer)
        while not trainer.has_ended and trainer.epoch < epochs:
            trainer.advance_within_epoch(GLANCE)
            report(trainer)
    except KeyboardInterrupt:
        return STOPPED
    if trainer.ending is not None:
        return trainer.ending.reason
    return DIVERGED if trainer.divergence is not None else DONE


@contextmanager
def _progress(epochs: int) -> Iterator[Report]:
    """A progress bar on standard error, so that standard output stays clean."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[losses]}"),
        TimeRemainingColumn(),
        console=console(errors=True),
    )
    task = bar.add_task("", total=epochs, losses="")
    begun: list[int] = []  # with how many steps: a resumed run has done some

    def report(trainer: Trainer) -> None:
        history = trainer.history
        losses = f"loss {number_text(history.train[-1])}" if len(history) else ""
        if len(history) and not math.isnan(history.test[-1]):
            losses += f"  test {number_text(history.test[-1])}"
        if not begun:
            begun.append(trainer.steps)
        elapsed, steps = bar.tasks[0].elapsed, trainer.steps - begun[0]
        if elapsed and steps:
            losses += f"  {steps / elapsed:,.0f} steps/s"
        bar.update(task, completed=trainer.epoch, losses=losses)

    with bar:
        yield report


def _rows(trainer: Trainer) -> list[tuple[str, ...]]:
    """The history at about ten epochs, the first and the last among them."""
    history = trainer.history
    count = len(history)
    chosen = sorted({round(i * (count - 1) / 9) for i in range(10)} if count else ())
    columns = [history.train, history.test, *history.metrics.values()]
    return [(str(history.epochs[i]), *(_number(column[i]) for column in columns)) for i in chosen]


def _number(value: float) -> str:
    return "" if math.isnan(value) else number_text(value)


def _document(done: Training, saved: str | None) -> dict[str, Any]:
    trainer, history = done.trainer, done.trainer.history
    last = trainer.divergence or trainer.ending
    confusion = trainer.confusion()
    return {
        "epochs": trainer.epoch,
        "steps": trainer.steps,
        "reason": done.reason,
        "message": last.message if last else "",
        "train": history.train[-1] if len(history) else None,
        "test": history.test[-1] if len(history) else None,
        "history": {
            "epoch": history.epochs,
            "train": history.train,
            "test": history.test,
            **history.metrics,
        },
        "confusion": {name: matrix.tolist() for name, matrix in confusion.items()},
        "saved": saved,
    }
