"""The parts of a network drawn neuron by neuron, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from visualad.graph.model import Graph
from visualad.ops.writing import name_pretty
from visualad.training.chain import Chain, Stage

_WRITTEN = {"batch_normalization": "BN", "layer_normalization": "LN"}
_SUBSCRIPTS = str.maketrans("0123456789,", "₀₁₂₃₄₅₆₇₈₉,")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_WIDEST_SYMBOL = 6  # characters


@dataclass(frozen=True)
class Neuron:
    """A neuron: column 0 holds the inputs; numbers count from 0 in the whole layer."""

    column: int
    index: int


@dataclass(frozen=True)
class Weight:
    """The weight of a layer (from 0) that leads from input to output."""

    layer: int
    output: int
    input: int


@dataclass(frozen=True)
class Bias:
    """The bias of a neuron of a layer (from 0)."""

    layer: int
    output: int


Part = Neuron | Weight | Bias
Parameter = Weight | Bias


class NetworkNames:
    """How the parts of one network are called on screen; numbers count from 1 there."""

    def __init__(self, graph: Graph, chain: Chain) -> None:
        self._graph = graph
        self._chain = chain
        self._features: tuple[str, ...] = ()

    def set_inputs(self, names: Sequence[str], first: int) -> None:
        """Names of the input columns that are shown, from the data."""
        self._features = ("",) * first + tuple(feature_pretty(name) for name in names)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the input columns as far as they are known."""
        return self._features

    def neuron(self, part: Neuron) -> str:
        """`x₁`, `a₂`, `o`; a feature's own name for an input."""
        total = self._chain.sizes[part.column]
        if part.column == 0:
            known = self._features[part.index] if part.index < len(self._features) else ""
            return known or f"x{_below(part.index)}"
        if part.column == len(self._chain.stages) and total == 1:
            return name_pretty(self._name(self._chain.nodes[part.column]))
        return self._stem(part.column) + _below(part.index)

    def neuron_in_layer(self, part: Neuron) -> str:
        """With the layer above, where several have the same letters: `a₂⁽¹⁾`."""
        plain = self.neuron(part)
        last = len(self._chain.stages)
        alike = [self._stem(c) == self._stem(part.column) for c in range(1, last + 1)]
        if part.column == 0 or (part.column == last and self._chain.sizes[last] == 1):
            return plain
        return plain + self._above(part.column) if sum(alike) > 1 else plain

    def parameter(self, part: Parameter) -> str:
        """`W₁[2,1]`: row, that is neuron, then column, that is input; `b₁[2]`."""
        stage = self._chain.stages[part.layer]
        if isinstance(part, Weight):
            matrix = name_pretty(self._name(stage.weights))
            return f"{matrix}[{part.output + 1},{part.input + 1}]"
        return f"{name_pretty(self._name(stage.bias))}[{part.output + 1}]"

    def scalar(self, part: Parameter) -> str:
        """As in the sum of one neuron: `w₂₁`, `b₂`, with the layer above."""
        above = self._above(part.layer + 1) if len(self._chain.stages) > 1 else ""
        if isinstance(part, Weight):
            between = "," if max(part.output, part.input) > 8 else ""
            below = f"{part.output + 1}{between}{part.input + 1}".translate(_SUBSCRIPTS)
            return f"w{below}{above}"
        return f"b{_below(part.output)}{above}"

    def gradient(self, part: Parameter) -> str:
        """`∂L/∂W₁[2,1]`."""
        return f"∂{self.loss}/∂{self.parameter(part)}"

    def norm(self, layer: int) -> str:
        """`‖∂L/∂W₁‖`."""
        weights = name_pretty(self._name(self._chain.stages[layer].weights))
        return f"‖∂{self.loss}/∂{weights}‖"

    @property
    def loss(self) -> str:
        """Of the graph, `L` where it has none of its own."""
        (name,) = self._graph.outputs[:1] or ("L",)
        known = self._graph.nodes_by_id[self._graph.id_of(name)] if name in self._graph else None
        operation = known.operation if known is not None else None
        is_loss = operation is not None and operation.category == "Losses"
        return name_pretty(name) if is_loss else "L"

    def column(self, column: int) -> str:
        """What a column is as one matrix: `X N×2`, `sigmoid(X W₁ᵀ + b₁)`."""
        if column == 0:
            return f"{self._matrix(0)}  N×{self._chain.sizes[0]}"
        stage = self._chain.stages[column - 1]
        weights, bias = (name_pretty(self._name(id_)) for id_ in (stage.weights, stage.bias))
        text = f"{self._matrix(column - 1)} {weights}ᵀ + {bias}"
        for id_ in stage.after:
            op = self._graph.nodes_by_id[id_].op
            text = f"{_WRITTEN.get(op, op)}({text})"
        return text

    def symbol(self, column: int) -> str:
        """Of the activation, to stand beside a neuron: `σ`, `tanh`; "" without one."""
        stage = self.stage(column)
        if stage is None or not stage.activation:
            return ""
        node = self._graph.nodes_by_id[stage.activation]
        declared = node.operation
        symbol = declared.symbol if declared is not None else node.op
        return symbol if len(symbol) <= _WIDEST_SYMBOL else symbol[: _WIDEST_SYMBOL - 1] + "…"

    def function(self, column: int) -> str:
        """All that is applied to the sum of a neuron: `σ`, `tanh`, `BN`; "" for nothing."""
        stage = self.stage(column)
        if stage is None:
            return ""
        if stage.activation and len(stage.after[: stage.after.index(stage.activation)]) == 0:
            node = self._graph.nodes_by_id[stage.activation]
            return node.operation.symbol if node.operation is not None else node.op
        until = stage.after.index(stage.neurons) + 1 if stage.neurons in stage.after else 0
        ops = [self._graph.nodes_by_id[id_].op for id_ in stage.after[:until]]
        return " ∘ ".join(_WRITTEN.get(op, op) for op in reversed(ops))

    def stage(self, column: int) -> Stage | None:
        """The layer of a column; None for the inputs."""
        return self._chain.stages[column - 1] if column else None

    def _matrix(self, column: int) -> str:
        name = self._name(self._chain.nodes[column])
        return name_pretty(name[:1].upper() + name[1:])

    def _stem(self, column: int) -> str:
        name = self._name(self._chain.nodes[column])
        return name_pretty(re.sub(r"[\d_]+$", "", name) or name)

    def _above(self, layer: int) -> str:
        return f"⁽{str(layer).translate(_SUPERSCRIPTS)}⁾"

    def _name(self, id_: str) -> str:
        return self._graph.nodes_by_id[id_].name


def _below(index: int) -> str:
    return str(index + 1).translate(_SUBSCRIPTS)


def feature_pretty(name: str) -> str:
    """A feature of the plane as people write it: `x₁²`, `x₁x₂`, `sin x₁`; else the name itself."""
    if not re.fullmatch(r"(sin )?x\d(\^2|\*x\d)?", name):
        return name
    return name_pretty(name).replace("*", "").replace("^2", "²")


def value_of(graph: Graph, chain: Chain, part: Parameter) -> float:
    """The parameter as the graph holds it."""
    stage = chain.stages[part.layer]
    if isinstance(part, Weight):
        return float(np.asarray(graph.nodes_by_id[stage.weights].value)[part.output, part.input])
    return float(np.asarray(graph.nodes_by_id[stage.bias].value)[part.output])
