"""Random expressions, programs, graphs and edits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from visualad.graph.builder import Builder
from visualad.graph.edits import remove
from visualad.graph.model import Frame, Graph, Group, Node, Note
from visualad.ops.declaration import REGISTRY, Operation

UNARY = ("sin", "exp", "neg", "tanh", "sqrt", "relu", "abs", "transpose", "square")
BINARY = ("add", "sub", "mul", "div", "pow", "maximum", "greater", "less_equal", "matmul", "atan2")
SETTINGS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "sum": {
        "axis": st.none() | st.integers(-2, 2) | st.tuples(st.just(0), st.just(1)),
        "keepdims": st.booleans(),
    },
    "leaky_relu": {"slope": st.floats(0, 1)},
    "softmax": {"axis": st.integers(-2, 1)},
}
numbers = st.floats() | st.integers(-5, 5).map(float) | st.sampled_from([math.pi, -0.0, 1e-300])
# Equal to itself, so that graphs can be compared.
rates = st.floats(allow_nan=False)


@st.composite
def built(draw: st.DrawFn, merge_equal: bool = True, largest: int = 14) -> Graph:
    """A graph as the parser could make it: of operations, with some names, all of it needed."""
    builder = Builder(merge_equal)
    numbered = draw(st.booleans())
    leaves = ["x1", "x2", "x10"] if numbered else ["x", "y1", "alpha"]
    nodes = [builder.leaf(draw(st.sampled_from(leaves)))]
    unused: list[int] = []
    for index in range(draw(st.integers(1, largest))):
        chosen = draw(st.sampled_from([*UNARY, *BINARY, *SETTINGS, "where", "concatenate"]))
        operation: Operation = REGISTRY[chosen]
        count = draw(st.integers(1, 3)) if operation.variadic else len(operation.ports)
        inputs = [draw(_source(builder, nodes, leaves)) for _ in range(count)]
        settings = {key: draw(value) for key, value in SETTINGS.get(chosen, {}).items()}
        made = builder.apply(operation, inputs, settings)
        fresh = made not in nodes
        nodes.append(made)
        unused = [node for node in unused if node not in inputs]
        if fresh:
            unused.append(made)
        if fresh and draw(st.integers(0, 3)) == 0:
            builder.name(made, f"t{index}" if draw(st.booleans()) else f"part_{index}")
    while len(unused) > 1:
        first, second, *unused = unused
        unused.append(builder.apply(REGISTRY["mul"], [first, second]))
    graph = builder.build()
    used = set(graph.sources.values())
    return remove(graph, [n.id for n in graph.nodes if n.is_leaf and n.id not in used])


@st.composite
def _source(draw: st.DrawFn, builder: Builder, nodes: list[int], leaves: list[str]) -> int:
    match draw(st.integers(0, 5)):
        case 0:
            return builder.constant(draw(numbers))
        case 1:
            return builder.leaf(draw(st.sampled_from(leaves)))
        case _:
            return draw(st.sampled_from(nodes))


json_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Arrays of the dtypes and shapes that matter, some beyond what is written out."""
    dtype = draw(st.sampled_from(["float64", "float32", "float16", "int64", "uint8", "bool"]))
    shape = draw(
        st.sampled_from(
            [(), (1,), (3,), (0,), (2, 0), (2, 3), (5, 4), (1, 1024), (1025,), (40, 30)]
        )
    )
    size = math.prod(shape)
    raw = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 256, size * 8, dtype=np.uint8)
    if dtype == "bool":
        return (raw[:size] > 127).reshape(shape)
    array = np.frombuffer(raw.tobytes(), dtype=dtype)[:size].reshape(shape).copy()
    if array.dtype.kind == "f":
        array[np.isnan(array)] = np.nan  # one NaN; its payload is not kept
    return array


values = numbers | st.integers(-9, 9) | st.booleans() | st.none() | arrays()
values = values | st.tuples(st.integers(0, 3), st.integers(0, 3)) | st.text(max_size=5)


@st.composite
def documents(draw: st.DrawFn) -> Graph:
    """A built graph with everything around it that a file keeps."""
    graph = draw(built(largest=6))
    nodes = {}
    position = st.floats(-1e4, 1e4) | st.integers(-500, 500).map(float)
    for node in graph.nodes_by_id.values():
        nodes[node.id] = Node(
            id=node.id,
            op=node.op,
            name=node.name,
            aliases=node.aliases,
            settings={**node.settings, "value": draw(values)} if node.is_leaf else node.settings,
            position=(draw(position), draw(position)),
            extra=draw(st.dictionaries(st.sampled_from(["later", "zeta"]), json_data, max_size=1)),
        )
    unknown = draw(st.booleans())
    sources = dict(graph.sources)
    if unknown:
        first = next(iter(nodes))
        nodes["u"] = Node(
            "u", "from_a_plugin", "u_", settings={"k": draw(values)}, stored_ports=("q", "a")
        )
        sources["u", "a"] = first
    return graph.with_(
        nodes_by_id=nodes,
        sources=sources,
        dtype=draw(st.sampled_from(["float64", "float32"])),
        seed=draw(st.integers(0, 2**62)),
        notes={"n": Note("n", draw(st.text(max_size=20)), (0.0, 1.5, 2.0, 3.0))},
        frames={
            "f": Frame("f", "Layer", (0.0, 0.0, 9.0, 9.0), draw(st.sampled_from(["", "#abc"])))
        },
        groups=draw(nested_groups(list(nodes))),
        training={"optimizer": "adam", "learning_rate": draw(rates), "epochs": None},
        extra=draw(st.dictionaries(st.just("future"), json_data, max_size=1)),
    )


@st.composite
def nested_groups(draw: st.DrawFn, ids: list[str]) -> dict[str, Group]:
    """No group, one, or one with another in it."""
    members = draw(st.lists(st.sampled_from(ids), unique=True, max_size=4))
    groups = {}
    while members:
        key = f"g{len(groups)}"
        groups[key] = Group(
            key,
            draw(st.text(max_size=8)),
            tuple(members),
            draw(st.booleans()),
            (draw(st.floats(-1e4, 1e4)), 0.0),
            draw(st.dictionaries(st.just("later"), json_data, max_size=1)),
        )
        members = members[1:] if draw(st.booleans()) else []
    return groups


def mathematics(graph: Graph) -> dict[str, Any]:
    """What a formula carries of a graph: by name, without ids and positions."""
    return {
        node.name: (
            node.op,
            node.aliases,
            repr(dict(node.settings)),
            [
                (edge.port, graph.nodes_by_id[edge.source].name)
                for edge in graph.edges_into(node.id)
            ],
        )
        for node in graph.nodes
    } | {"outputs": graph.outputs}
