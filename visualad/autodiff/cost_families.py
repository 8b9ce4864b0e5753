"""How the cost of each mode grows: families of graphs, counted, beside the lecture's orders.

The lecture: a function of n operations and d inputs costs O(n) to evaluate, O(n d) to differentiate
in forward mode (a sweep per input) and O(n) in backward mode (a sweep per output).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from visualad.autodiff.costs import sweep_costs
from visualad.autodiff.linearized import linearized_structure
from visualad.autodiff.steps import Cost
from visualad.autodiff.work import edge_work, node_shapes
from visualad.engine.structure import structure_of
from visualad.errors import GraphError
from visualad.graph.model import PARAMETER, Graph, Node
from visualad.ops.declaration import REGISTRY

FUNCTION = "function"
FORWARD_SWEEPS, BACKWARD_SWEEPS = "forward sweeps", "backward sweeps"
FORWARD_ORDER, BACKWARD_ORDER, MARKOWITZ = (
    "forward elimination",
    "backward elimination",
    "Markowitz elimination",
)
CHAIN_INPUTS_LENGTH = 8  # operations after the sum in the family of inputs
LARGEST_SIZE = 400


@dataclass(frozen=True)
class Family:
    """Graphs of one kind by their size.

    Attributes:
        name: "speelpenning", "chain", "inputs" or "network".
        title: for a menu; size: what the number is.
        text: what is to be seen.
        make: the graph of a size; sizes: those that are plotted.
    """

    name: str
    title: str
    size: str
    text: str
    make: Callable[[int], Graph]
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """One way to differentiate over all sizes.

    Attributes:
        name: "forward sweeps", "backward sweeps", ..., "function" for f itself.
        costs: counted, one for each size.
        law: "n" or "n·d": what the lecture says it grows with; "" where it says nothing.
        factor: of the law: the mean of the counted multiplications over it.
        fitted: factor times the law, one for each size.
        lowest, highest: counted multiplications over the law, at the extremes; O(law) means that
            these stay together while the law grows.
        exponent: of the growth with the size itself, from the larger half of the sizes.
    """

    name: str
    costs: tuple[Cost, ...]
    law: str
    factor: float
    fitted: tuple[float, ...]
    lowest: float
    highest: float
    exponent: float


@dataclass(frozen=True)
class Growth:
    """The costs of a family.

    Attributes:
        family: which.
        sizes: of its graphs; operations: n; inputs: d.
        lines: f itself, the sweeps and the eliminations.
        words: sentences on what is to be seen.
    """

    family: str
    sizes: tuple[int, ...]
    operations: tuple[int, ...]
    inputs: tuple[int, ...]
    lines: tuple[Line, ...]
    words: tuple[str, ...]


def growth(family: str, sizes: Iterable[int] | None = None) -> Growth:
    """Count every mode over a family.

    Args:
        family: name of one of `FAMILIES`.
        sizes: other sizes than the family's own, from 2 to 400.

    Raises:
        GraphError: if there is no such family or a size is out of range.
    """
    if family not in FAMILIES:
        raise GraphError(f"There is no family '{family}'; there are {', '.join(FAMILIES)}.")
    chosen = FAMILIES[family]
    wanted = tuple(chosen.sizes if sizes is None else sorted(set(sizes)))
    if len(wanted) < 2 or not all(2 <= size <= LARGEST_SIZE for size in wanted):
        raise GraphError(f"Give at least two sizes, each from 2 to {LARGEST_SIZE}.")
    counted: dict[str, list[Cost]] = {}
    operations, inputs = [], []
    for size in wanted:
        graph = chosen.make(size)
        n, d = _extent(graph)
        operations.append(n)
        inputs.append(d)
        for name, cost in _count(graph, n).items():
            counted.setdefault(name, []).append(cost)
    laws = {
        FUNCTION: ("n", operations),
        BACKWARD_SWEEPS: ("n", operations),
        FORWARD_SWEEPS: ("n·d", [n * d for n, d in zip(operations, inputs, strict=True)]),
    }
    lines = tuple(
        _line(name, costs, *laws.get(name, ("", operations)), sizes=wanted)
        for name, costs in counted.items()
    )
    return Growth(
        family=family,
        sizes=wanted,
        operations=tuple(operations),
        inputs=tuple(inputs),
        lines=lines,
        words=(chosen.text, *_words(lines, wanted)),
    )


def _count(graph: Graph, operations: int) -> dict[str, Cost]:
    linear = linearized_structure(graph)
    forward, backward = (cost for _, _, cost in sweep_costs(graph, linear))
    return {
        FUNCTION: Cost(operations, 0, "operations of f"),
        FORWARD_SWEEPS: forward,
        BACKWARD_SWEEPS: backward,
        FORWARD_ORDER: linear.cost("forward"),
        BACKWARD_ORDER: linear.cost("backward"),
        MARKOWITZ: linear.cost("markowitz"),
    }


def _extent(graph: Graph) -> tuple[int, int]:
    """The operations n that f takes, and the elements d that it is differentiated by.

    An elementwise node is one operation per element, a matrix product one per product in it.
    """
    structure, shapes = structure_of(graph), node_shapes(graph)
    operations = 0
    for i, operation in enumerate(structure.operations):
        if operation is None:
            continue
        edges = [] if operation.elementwise else range(len(structure.sources[i]))
        products = (edge_work(structure, shapes, i, port)[0] for port in edges)
        operations += max(prod(shapes[i]), *products, 0)
    return operations, sum(prod(shapes[i]) for i in structure.independents)


def _line(
    name: str, costs: Sequence[Cost], law: str, extents: Sequence[int], *, sizes: Sequence[int]
) -> Line:
    counted = np.array([cost.multiplications for cost in costs], dtype=float)
    x = np.array(extents, dtype=float)
    # The mean of the ratios: every size says as much about the factor as any other.
    ratios = counted / x if law else np.zeros(1)
    factor = float(np.mean(ratios))
    half = len(sizes) // 2 if len(sizes) > 3 else 0
    usable = counted[half:] > 0
    exponent = 0.0
    if np.count_nonzero(usable) > 1:
        logs = np.log(np.array(sizes[half:], dtype=float)[usable])
        exponent = float(np.polyfit(logs, np.log(counted[half:][usable]), 1)[0])
    return Line(
        name=name,
        costs=tuple(costs),
        law=law,
        factor=factor,
        fitted=tuple((factor * x).tolist()) if law else (),
        lowest=float(np.min(ratios)),
        highest=float(np.max(ratios)),
        exponent=exponent,
    )


def _words(lines: Sequence[Line], sizes: Sequence[int]) -> list[str]:
    by_name = {line.name: line for line in lines}
    forward, backward = by_name[FORWARD_SWEEPS], by_name[BACKWARD_SWEEPS]
    last = [line.costs[-1].multiplications for line in (forward, backward)]
    words = [_ratio("Forward sweeps", forward), _ratio("Backward sweeps", backward)]
    if last[1]:
        times = last[0] / last[1]
        compared = "as many" if times == 1 else f"{times:.3g} times as many"
        words.append(
            f"At the largest size, {sizes[-1]}, forward mode takes {last[0]:,} products and "
            f"backward mode {last[1]:,}: {compared}."
        )
    return words


def _ratio(title: str, line: Line) -> str:
    low, high = f"{line.lowest:.3g}", f"{line.highest:.3g}"
    factor = low if low == high else f"between {low} and {high} times"
    joined = f"{factor}·{line.law}" if low == high else f"{factor} {line.law}"
    return f"{title}: {joined} products, so O({line.law})."


# The families ------------------------------------------------------------------------------------


class _Drawing:
    """A graph in the making."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.sources: dict[tuple[str, str], str] = {}

    def add(self, op: str, *inputs: str, **settings: object) -> str:
        id_ = f"x{len(self.nodes) + 1}"
        self.nodes[id_] = Node(id_, op, id_, settings=settings)
        if inputs:
            ports = REGISTRY[op].ports_for(settings)
            self.sources.update({(id_, port): x for port, x in zip(ports, inputs, strict=True)})
        return id_

    def graph(self) -> Graph:
        return Graph(self.nodes, self.sources)


def _speelpenning(n: int) -> Graph:
    drawing = _Drawing()
    inputs = [drawing.add("variable", value=i / (i + 1)) for i in range(1, n + 1)]
    product = inputs[0]
    for other in inputs[1:]:
        product = drawing.add("mul", product, other)
    return drawing.graph()


def _chain(n: int) -> Graph:
    drawing = _Drawing()
    last = drawing.add("variable", value=0.5)
    for _ in range(n):
        last = drawing.add("sin", last)
    return drawing.graph()


def _inputs(d: int) -> Graph:
    drawing = _Drawing()
    inputs = [drawing.add("variable", value=1 / d) for _ in range(d)]
    last = inputs[0]
    for other in inputs[1:]:
        last = drawing.add("add", last, other)
    for _ in range(CHAIN_INPUTS_LENGTH):
        last = drawing.add("tanh", last)
    return drawing.graph()


def _network(width: int) -> Graph:
    """One sample through two layers to a loss, differentiated by the parameters."""
    nodes: dict[str, Node] = {}
    sources: dict[tuple[str, str], str] = {}

    def leaf(name: str, op: str, *shape: int) -> str:
        nodes[name] = Node(name, op, name, settings={"value": np.full(shape, 0.1)})
        return name

    def node(name: str, op: str, *inputs: str) -> str:
        nodes[name] = Node(name, op, name)
        sources.update({(name, p): x for p, x in zip(REGISTRY[op].ports, inputs, strict=True)})
        return name

    X, Y = leaf("X", "constant", 1, width), leaf("Y", "constant", 1, 1)
    W1, b1 = leaf("W1", PARAMETER, width, width), leaf("b1", PARAMETER, width)
    W2, b2 = leaf("W2", PARAMETER, 1, width), leaf("b2", PARAMETER, 1)
    hidden = node("a1", "tanh", node("h1", "linear", X, W1, b1))
    node("L", "mean_squared_error", node("o", "linear", hidden, W2, b2), Y)
    return Graph(nodes, sources)


FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Family(
            "speelpenning",
            "Speelpenning's product x₁·x₂·…·xₙ",
            "factors n",
            "With every factor one operation and one input come along, so n·d is quadratic: "
            "forward mode pays for each input, backward mode gets all derivatives in one sweep.",
            _speelpenning,
            (2, 4, 8, 16, 32, 64),
        ),
        Family(
            "chain",
            "A chain sin(sin(…sin(x)))",
            "length n",
            "One input and one output: both modes multiply the same partials, from either end.",
            _chain,
            (2, 4, 8, 16, 32, 64),
        ),
        Family(
            "inputs",
            f"More inputs: {CHAIN_INPUTS_LENGTH} tanh after a sum",
            "inputs d",
            "Only the sum grows. Forward mode goes through the whole chain once for each input.",
            _inputs,
            (2, 4, 8, 16, 32, 64),
        ),
        Family(
            "network",
            "A network with two layers, by its width",
            "width",
            "The parameters are the inputs: their number grows with the square of the width, which "
            "is why networks are trained in backward mode.",
            _network,
            (2, 4, 6, 8, 12, 16),
        ),
    )
}
