"""Parameters that were learnt, put into their nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.graph.model import Graph


def with_parameters(graph: Graph, parameters: Mapping[str, NDArray[Any]]) -> Graph:
    """The graph with other values in its parameter nodes, given by id.

    A parameter that was a plain number stays one.
    """
    nodes = dict(graph.nodes_by_id)
    for id_, value in parameters.items():
        node = nodes[id_]
        settings = {**node.settings, "value": float(value) if np.ndim(value) == 0 else value}
        nodes[id_] = replace(node, settings=settings)
    return graph.with_(nodes_by_id=nodes)
