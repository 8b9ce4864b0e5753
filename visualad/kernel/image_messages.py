"""What the window asks about pictures that are the input of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from visualad.graph.model import Graph
from visualad.kernel.messages import Reply, Request


@dataclass(frozen=True)
class LookAtImage(Request):
    """What the network makes of a drawing or of a sample.

    Attributes:
        drawing: 0 to 1, (H, W); None for a sample.
        fitted: move and scale the drawing to where the data set has its pictures.
        index: of the sample; wrong: rather the next one behind it that is taken for another class.
        parameters: by node id, in place of the graph's: those reached in training.
    """

    graph: Graph
    drawing: Any = None
    fitted: bool = True
    index: int = 0
    wrong: bool = False
    parameters: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ImageSeen(Reply):
    """What the network makes of it.

    Attributes:
        pixels: that it sees, 0 to 1, (rows, columns).
        classes: names; scores: for each, from 0 to 1 if `are_probabilities`.
        layers: names of nodes and their values.
        index: of the sample, -1 for a drawing; label: number of its class; tested: whether it is
            kept for testing; count: samples in all.
        none_wrong: a wrong one was wanted and there is none.
    """

    pixels: Any
    classes: tuple[str, ...]
    scores: tuple[float, ...]
    are_probabilities: bool
    layers: tuple[tuple[str, Any], ...]
    index: int = -1
    label: int = -1
    tested: bool = False
    count: int = 0
    none_wrong: bool = False
