"""Where NaN or infinity comes from when training leaves the realm of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.evaluate import evaluate_partly
from visualad.graph.model import Graph


@dataclass(frozen=True)
class Divergence:
    """Training has left the realm of numbers.

    Attributes:
        epoch: in which it happened; 0 before the first.
        node: id of the first node, in topological order, with a NaN or an infinity; "" if none.
        message: one sentence for the user.
    """

    epoch: int
    node: str
    message: str


def find_divergence(graph: Graph, values: Mapping[str, Any], epoch: int) -> Divergence:
    """The first node, in topological order, that is no finite number.

    Args:
        graph: the one that is trained.
        values: of inputs and parameters by node id.
        epoch: in which it happened; 0 for parameters with which training cannot begin.
    """
    point = {name: graph[name].value for name in graph.inputs}
    point |= {graph.nodes_by_id[id_].name: value for id_, value in values.items()}
    found = evaluate_partly(graph, point).values
    culprit, name, became = "", "the loss", "no number"
    for node in graph.nodes:
        value = found.get(node.id)
        if value is not None and not np.all(np.isfinite(value)):
            culprit, name = node.id, node.name
            became = "nan" if np.any(np.isnan(value)) else "infinite"
            break
    if epoch:
        message = (
            f"Training diverged in epoch {epoch}: {name} "
            f"became {became}; the parameters of epoch {epoch - 1} were kept. "
            "Try a smaller learning rate."
        )
    else:
        message = (
            f"Training cannot begin because {name} is {became} with the present parameters; "
            "look at the data and at the parameters."
        )
    return Divergence(epoch, culprit, message)
