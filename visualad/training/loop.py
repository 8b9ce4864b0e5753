"""`train`: from a graph and data to a trained graph, in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.training.binding import own_loss
from visualad.training.data_settings import from_settings
from visualad.training.datasets import Dataset, from_arrays, load
from visualad.training.ending import CONVERGED, DIVERGED, DONE, EARLY, REACHED, STOPPED, TIME
from visualad.training.history import History
from visualad.training.optimizers import SGD, Optimizer, optimizer_from
from visualad.training.progress import read_state
from visualad.training.regularization import Clipping, Penalty
from visualad.training.rules import SHUFFLED, Rules, Stopping, rules_from
from visualad.training.schedules import Later, Schedule, schedule_from
from visualad.training.trainer import Trainer

Data = Dataset | tuple[Any, Any] | str | Path | None
Callback = Callable[[int, History], object]

__all__ = [
    "CONVERGED",
    "DIVERGED",
    "DONE",
    "EARLY",
    "REACHED",
    "STOPPED",
    "TIME",
    "Run",
    "train",
    "trainer_from",
]


@dataclass(frozen=True, eq=False)
class Run:
    """What came of training.

    Attributes:
        graph: the trained graph.
        history: losses by epoch.
        reason: why it ended: "done", "stopped" (the callback or Ctrl-C), "diverged", "converged",
            "early" (no lower loss), "reached" (the loss is low enough) or "time" (is up).
        interrupted: it was Ctrl-C.
        message: one sentence when it diverged or ended by itself, else "".
        node: id of the node where NaN or infinity appeared first, or "".
    """

    graph: Graph
    history: History
    reason: str = DONE
    interrupted: bool = False
    message: str = ""
    node: str = ""


def train(
    graph: Graph,
    data: Data = None,
    loss: str | None = None,
    optimizer: Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    backend: str = "numpy",
    callback: Callback | None = None,
    seed: int | None = None,
    test_fraction: float | None = None,
    schedule: str | Mapping[str, Any] | Schedule | None = None,
    regularization: str | Penalty | None = None,
    regularization_rate: float = 0.0,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    patience: int | None = None,
    loss_below: float | None = None,
    seconds: float | None = None,
    order: str = SHUFFLED,
) -> Run:
    """Train the parameters of a graph.

    Args:
        graph: with parameters; see `visualad.training.binding.bind` for how data and loss are
            found in it.
        data: a Dataset, a pair (x, y) of arrays with one row for each sample, the name of a data
            set or the path of a CSV file; None for what is stored in the graph.
        loss: name of the loss operation, or of the node that is the loss; None for the graph's own
            or else the mean squared error.
        optimizer: SGD(0.1) by default.
        epochs: passes over the data.
        batch_size: samples for each update; None for all at once.
        backend: name of the compute backend.
        callback: called as callback(epoch, history) after each epoch, first with epoch 0 before
            training; False stops it.
        seed: of the order of the samples; None for the graph's own. It does not change the
            parameters from which training starts: those are the graph's.
        test_fraction: part of the data kept for the test loss; None for what is stored in the
            graph when the data are too, else 0.
        schedule: of the learning rate: a name ("step", "exponential", "cosine", "warm_up",
            "one_cycle"), settings with a name, or an object of `visualad.training.schedules`.
        regularization: "l1" or "l2" with its rate, or a `Penalty`; biases are not penalised.
        clip_norm, clip_value: limits of the gradient's length and of each of its entries.
        patience: end after so many epochs without a lower loss (of the test part, where there is
            one) and restore the parameters of the best epoch.
        loss_below, seconds: end as soon as that loss is lower, or after so long.
        order: "shuffled" or "carried", see `Rules`.

    Returns:
        The run; Ctrl-C ends it early and keeps what was learnt.

    Raises:
        GraphError: if the graph has no parameters or it is unclear what the loss is.
        ShapeError: if the data do not fit; says what the graph expects and what came.
    """
    if isinstance(epochs, bool) or epochs < 0:
        raise VisualADError(f"The number of epochs must be a whole number from 0 on, not {epochs}.")
    samples, fraction, split_seed = _resolve(graph, data)
    fraction = fraction if test_fraction is None else test_fraction
    # Without a test part the samples stay in their order: shuffling is the trainer's.
    part, test = samples.split(fraction, split_seed) if fraction else (samples, None)
    trainer = Trainer(
        graph,
        part,
        test,
        loss=loss,
        optimizer=optimizer or SGD(0.1),
        batch_size=batch_size,
        seed=seed,
        backend=backend,
        rules=Rules(
            schedule_from(schedule, epochs),
            _penalty(regularization, regularization_rate),
            Clipping(clip_norm, clip_value),
            Stopping(patience, loss_below, seconds),
            order,
        ),
    )
    reason = STOPPED
    interrupted = False
    try:
        reason = _run(trainer, epochs, callback)
    except KeyboardInterrupt:
        interrupted = True
    divergence, ending = trainer.divergence, trainer.ending
    last = divergence or ending
    return Run(
        graph=trainer.trained_graph(),
        history=trainer.history,
        reason=DIVERGED if divergence else ending.reason if ending else reason,
        interrupted=interrupted,
        message=last.message if last else "",
        node=divergence.node if divergence else "",
    )


def trainer_from(
    graph: Graph,
    backend: str = "numpy",
    *,
    wait: bool = True,
    epochs: int | None = None,
    resume: bool = False,
    behind: int = 0,
) -> tuple[Trainer, Dataset]:
    """A trainer with everything that `graph.training` says, and the whole data set; see `Trainer`.

    A loss node in the graph is what is trained; the stored loss is for graphs that have none.

    Args:
        epochs: of the run, for schedules that need to know; None for the stored number.
        resume: go on where the run stopped that the graph holds.
        behind: epochs that lie behind the parameters, see `Trainer`. A run that goes on after all
            its epochs begins its schedule anew.

    Raises:
        VisualADError: if the settings make no training.
    """
    settings = graph.training
    data, fraction, split_seed = _resolve(graph, None)
    part, test = data.split(fraction, split_seed)
    loss = settings.get("loss") if own_loss(graph) is None else None
    rules = rules_from(settings, epochs)
    if lap := lap_of(settings, behind):
        rules = replace(rules, schedule=Later(rules.schedule, lap))
    return (
        Trainer(
            graph,
            part,
            test,
            loss=loss,
            optimizer=optimizer_from(settings),
            batch_size=settings.get("batch_size"),
            backend=backend,
            wait=wait,
            rules=rules,
            resume=read_state(settings) if resume else None,
            behind=behind,
        ),
        data,
    )


def lap_of(settings: Mapping[str, Any], behind: int) -> int:
    """How many epochs were behind when the present lap of the stored number of epochs began."""
    epochs = settings.get("epochs")
    return behind - behind % int(epochs) if epochs else 0


def _penalty(kind: str | Penalty | None, rate: float) -> Penalty | None:
    if kind is None or isinstance(kind, Penalty):
        return kind
    return None if kind == "none" else Penalty(kind, rate)


def parts_of(graph: Graph) -> tuple[Dataset, Dataset]:
    """The training and the test part of the data that `graph.training` describes.

    Raises:
        VisualADError: if it describes none.
    """
    data, fraction, split_seed = _resolve(graph, None)
    return data.split(fraction, split_seed)


def _run(trainer: Trainer, epochs: int, callback: Callback | None) -> str:
    while True:
        trainer.finish_epoch()
        if trainer.divergence is not None:
            return DIVERGED
        if callback is not None and callback(trainer.epoch, trainer.history) is False:
            return STOPPED
        if trainer.epoch >= epochs or trainer.has_ended:
            return DONE


def _resolve(graph: Graph, data: Data) -> tuple[Dataset, float, int]:
    """The data set, the fraction kept for testing and the seed of the split."""
    if isinstance(data, Dataset):
        return data, 0.0, 0
    if isinstance(data, tuple):
        if len(data) != 2:
            raise VisualADError(
                f"Data come as a pair (x, y) of inputs and targets, not as {len(data)} things."
            )
        return from_arrays(*data), 0.0, 0
    if data is not None:
        return load(data), 0.0, 0
    stored = graph.training.get("data")
    if not stored:
        raise VisualADError(
            "The graph has no data set to train on; give one, for example data='circle'."
        )
    return (
        from_settings(stored),
        float(stored.get("test_fraction", 0.5)),
        int(stored.get("seed", 0)),
    )
