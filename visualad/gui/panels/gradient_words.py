"""What the gradient norms of the layers tell, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from visualad.graph.model import Graph
from visualad.ops.writing import name_pretty, number_pretty
from visualad.training.observation import Units
from visualad.training.vanishing import Chain

VANISHING, EXPLODING = 1e-2, 1e2  # the first layer's share of the last one's gradient
NO_IDLE = "No unit is dead or saturated."
MOST_UNITS = 8  # named one by one
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def layer_name(graph: Graph, layer: str) -> str:
    """A layer by the name of its weights, or of the group in which it is written out."""
    node = graph.nodes_by_id[layer]
    if np.ndim(node.value) < 2:
        for group in graph.groups.values():
            if layer in group.members:
                return group.title
    return name_pretty(node.name)


def warning(norms: Mapping[str, float], names: Mapping[str, str]) -> str:
    """One sentence when the gradient vanishes or explodes towards the first layer, else ""."""
    if len(norms) < 2:
        return ""
    (first, last), values = (next(iter(norms)), list(norms)[-1]), list(norms.values())
    if max(values) == 0:
        return "The gradient is zero in every layer: nothing is learnt."
    share = values[0] / values[-1] if values[-1] else float("inf")
    got = f"{names[first]} gets {number_pretty(share, 2)} of what {names[last]} gets"
    if share < VANISHING:
        return f"The gradient vanishes: {got}."
    return f"The gradient explodes: {got}." if share > EXPLODING else ""


def bound_words(chain: Chain | str, names: Mapping[str, str]) -> str:
    """The bound of the slopes, explained with this network's numbers; or why there is none."""
    if isinstance(chain, str):
        return chain
    d = len(chain.slopes)
    first, last = names[chain.weights[0]], names[chain.weights[-1]]
    share = chain.shares()[chain.weights[0]]
    if len(set(chain.activations)) == 1:
        slope = number_pretty(chain.slopes[0], 3)
        steep = f"The slope of {chain.activations[0]} is at most {slope}."
        product = f"{slope}{str(d).translate(_RAISED)}" if d > 1 else slope
    else:
        kinds = dict(zip(chain.activations, chain.slopes, strict=True))
        steep = "The slopes are at most " + ", ".join(
            f"{number_pretty(slope, 3)} ({name})" for name, slope in kinds.items()
        ) + "."  # fmt: skip
        product = " · ".join(number_pretty(slope, 3) for slope in chain.slopes)
    if share > 0.999:
        return (
            f"{steep} Between {last} and {first} the slopes alone need not shrink the gradient "
            "(dashed); weights and flat parts of the activation still can."
        )
    return (
        f"{steep} Of the gradient at {last} the {d} activation{'s' if d > 1 else ''} before it "
        f"let{'s' if d == 1 else ''} at most {product} = {number_pretty(share, 2)} through to "
        f"{first} (dashed), times the size of the weights between."
    )


def unit_words(units: Sequence[Units], graph: Graph) -> list[tuple[str, str]]:
    """Node id and sentence for each activation with dead or saturated units."""
    found = []
    for each in units:
        node = graph.nodes_by_id.get(each.node)
        if node is None:
            continue
        for kind, numbers in (("dead", each.dead), ("saturated", each.saturated)):
            if numbers:
                which = ", ".join(str(n + 1) for n in numbers[:MOST_UNITS])
                more = ", …" if len(numbers) > MOST_UNITS else ""
                which = f": {which}{more}" if each.total > 1 else ""
                count = f"{len(numbers)} of {each.total} units " if each.total > 1 else ""
                found.append((each.node, f"{name_pretty(node.name)}: {count}{kind}{which}"))
    return found
