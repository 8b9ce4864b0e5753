"""What the window and the kernel say to each other about a network drawn neuron by neuron."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from visualad.graph.model import Graph
from visualad.kernel.messages import Reply, Request

if TYPE_CHECKING:
    from visualad.training.network_state import NetworkState, Window


@dataclass(frozen=True)
class LookAtNetwork(Request):
    """The neurons of the longest chain of linear layers, their weights and answers.

    Attributes:
        graph: of which; None for the training that goes on, as far as it has come.
        windows: for each column, from the inputs on, the first neuron that is wanted and how many.
        step: whether gradients and the coming step are wanted.
    """

    graph: Graph | None
    windows: tuple[Window, ...]
    step: bool = True


@dataclass(frozen=True)
class NetworkSeen(Reply):
    """Attributes: state: of the network; seconds: that it took to find out."""

    state: NetworkState
    seconds: float = 0.0


@dataclass(frozen=True)
class EvaluateRun(Request):
    """The values of all nodes of the graph in training, with the parameters reached so far."""


@dataclass(frozen=True)
class RunEvaluated(Reply):
    """Attributes: values by node id; seconds: that it took to compute them."""

    values: Mapping[str, Any]
    seconds: float = 0.0
