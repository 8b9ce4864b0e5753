"""The answers about a network drawn neuron by neuron, and about the graph while it trains."""

from __future__ import annotations

import time
from dataclasses import replace

from visualad.autodiff.evaluate import partial_values_at
from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.kernel.messages import Reply
from visualad.kernel.network_messages import (
    EvaluateRun,
    LookAtNetwork,
    NetworkSeen,
    RunEvaluated,
)
from visualad.kernel.training import TrainingRun
from visualad.training.chain import Chain, find_chain
from visualad.training.loop import trainer_from
from visualad.training.network import network_at_rest, network_of


def look(request: LookAtNetwork | EvaluateRun, run: TrainingRun | None) -> Reply:
    """Answer such a request.

    Args:
        run: the training that goes on, or None.

    Raises:
        VisualADError: if there is no such network, or nothing is being trained.
    """
    began = time.perf_counter()
    reply = _look(request, run)
    return replace(reply, seconds=time.perf_counter() - began)


def _look(
    request: LookAtNetwork | EvaluateRun, run: TrainingRun | None
) -> NetworkSeen | RunEvaluated:
    if isinstance(request, EvaluateRun):
        return _evaluated(request, _going(run))
    if request.graph is None:
        going = _going(run)
        chain = _chain_of(going.graph, len(request.windows))
        trainer, data = going.trainer, going.data
        state = network_of(trainer, data, chain, request.windows, step=request.step, norms=False)
        return NetworkSeen(request.id, state)
    chain = _chain_of(request.graph, len(request.windows))
    try:
        trainer, data = trainer_from(request.graph)
    except VisualADError:
        return NetworkSeen(request.id, network_at_rest(request.graph, chain, request.windows))
    return NetworkSeen(request.id, network_of(trainer, data, chain, request.windows))


def _evaluated(request: EvaluateRun, run: TrainingRun) -> RunEvaluated:
    graph = run.trainer.trained_graph()
    structure, values, _, _ = partial_values_at(graph, None)
    by_id = {node.id: value for node, value in zip(structure.nodes, values, strict=True)}
    return RunEvaluated(request.id, {id_: v for id_, v in by_id.items() if v is not None})


def _going(run: TrainingRun | None) -> TrainingRun:
    if run is None or run.has_ended:
        raise VisualADError("Nothing is being trained at present.")
    return run


def _chain_of(graph: Graph, columns: int) -> Chain:
    chain = find_chain(graph)
    if chain is None or len(chain.sizes) != columns:
        raise VisualADError("The graph in training has other layers than those shown.")
    return chain
