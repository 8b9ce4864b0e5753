"""What a written training loop leaves out, refused before it would give other numbers."""

from __future__ import annotations

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.training.display import DISPLAY
from visualad.training.progress import KEY as RUN
from visualad.training.rules import Rules, rules_from

# Settings of training that written loops follow, or that `rules_from` makes rules of.
KNOWN = frozenset(
    {
        *("data", "optimizer", "batch_size", "loss", "epochs", "backend", "initializer", RUN),
        *("learning_rate", "momentum", "nesterov", "epsilon"),
        *("beta1", "beta2", "decay", "alpha", "weight_decay", "centered"),
        *("schedule", "regularization", "regularization_rate", "regularization_apart"),
        *("clip_norm", "clip_value", "patience", "loss_below", "seconds", "order"),
        *DISPLAY,
    }
)


def require_plain_training(graph: Graph, what: str) -> None:
    """Refuse a graph whose training is more than an optimiser, shuffled batches and epochs.

    Args:
        what: is written: "classes".

    Raises:
        VisualADError: with what stands in the way.
    """
    rules, plain = rules_from(graph.training), Rules()
    settings = graph.training.items()
    unknown = [name for name, value in settings if name not in KNOWN and value]
    if rules.schedule != plain.schedule:
        unknown.append("schedule of the learning rate")
    if rules.penalty is not None:
        unknown.append("regularisation")
    if rules.clipping:
        unknown.append("gradient clipping")
    if rules.stopping != plain.stopping:
        unknown.append("early stopping")
    if rules.order != plain.order:
        unknown.append(f"order of samples '{rules.order}'")
    if unknown:
        raise VisualADError(
            f"The training loop of the {what} knows no {unknown[0].replace('_', ' ')}; switch it "
            "off first."
        )
