"""What the Python modules that graphs are written as have in common, whatever the library.

Such a module has `f` with the outputs as its result, `gradient` with a dictionary of the
derivatives by name, and a demonstration at the stored point for when it is run.
"""

from __future__ import annotations

import json
import keyword
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad import __version__
from visualad.errors import GraphError
from visualad.exchange.reach import reachable
from visualad.graph import checks, formula
from visualad.graph.model import CONSTANT, Graph, Node
from visualad.ops.declaration import REGISTRY, Operation
from visualad.ops.expression import Call, Expression, Name, Number

# Names that every module uses itself.
OWN_NAMES = frozenset({"f", "gradient", "point", "name", "value", "parts"})


class PythonModule(ABC):
    """The parts of one module while it is written; a subclass says how its library does it.

    Attributes:
        graph: what is written.
        names: by node id, its name in the module.
        nodes: what `f` computes, in order.
        independents: ids of what derivatives are taken with respect to.
        varying: ids of what depends on these.
        seeded: whether `gradient` weighs several outputs.
    """

    title = ""  # of the library
    short = "np"  # by which name the module knows it
    array = "np.array"  # what makes an array of lists
    reserved: Collection[str] = ()  # more names that the module uses itself

    def __init__(self, graph: Graph) -> None:
        """Read off the graph what the module needs.

        Raises:
            GraphError: if it has no output, or a node is not connected or of unknown type.
        """
        for sentence in checks.problems(graph).values():
            raise GraphError(sentence)
        if not graph.outputs:
            raise GraphError("The graph has no output to write a function for; add an operation.")
        self.graph = graph
        self.names = identifiers(graph, {*OWN_NAMES, *self.reserved, self.short})
        wanted = reachable(graph, graph.output_ids, forward=False)
        self.nodes = [node for node in graph.nodes if node.id in wanted and not node.is_leaf]
        self.independents = [graph.id_of(name) for name in graph.independents]
        self.varying = reachable(graph, self.independents, forward=True)
        self.seeded = len(graph.output_ids) > 1

    # What differs from library to library -----------------------------------------------------

    @abstractmethod
    def imports(self) -> Sequence[str]:
        """The lines that import what the module needs."""

    @abstractmethod
    def helpers(self) -> Sequence[str]:
        """Functions of the module's own, as source."""

    def constants(self) -> Sequence[str]:
        """Assignments that these functions need."""
        return ()

    @abstractmethod
    def code(self, expression: Expression) -> str:
        """An expression as source."""

    @abstractmethod
    def differentiate(self) -> Iterator[str]:
        """The statements of `gradient`, indented."""

    # The whole --------------------------------------------------------------------------------

    def text(self) -> str:
        """The whole module."""
        functions = [self._function(), self._gradient()]  # first: they say what helpers they need
        stored = [*self.constants(), *self._stored_arrays()]
        title = quotable(", ".join(self.graph.outputs))
        blocks = [
            f'"""{title} and its gradient in {self.title}, written by VisualAD {__version__}."""',
            "\n".join(self.imports()),
            *(["\n".join(stored)] if stored else []),
        ]
        rest = [*self.helpers(), *functions, self._demonstration()]
        return "\n\n".join(blocks) + "\n\n\n" + "\n\n\n".join(rest) + "\n"

    def _function(self) -> str:
        outputs = ", ".join(self.names[id_] for id_ in self.graph.output_ids)
        lines = [f"def f({self._arguments()}):", f'    """{self._about_function()}"""']
        return "\n".join([*lines, *self.values(), f"    return {outputs}"])

    def _gradient(self) -> str:
        outputs = self.graph.output_ids
        if self.seeded:
            seeds = [f"d_{self.names[o]}={float(i == 0)}" for i, o in enumerate(outputs)]
            arguments = ", ".join([self._arguments(), "*", *seeds])
            about = "Derivatives of the outputs, weighted by the adjoints d_..., for every input."
        else:
            arguments = self._arguments()
            about = f"Derivatives of {self.names[outputs[0]]} with respect to every input."
        lines = [f"def gradient({arguments}):", f'    """{about}"""']
        return "\n".join([*lines, *self.differentiate()])

    def _arguments(self) -> str:
        """Inputs in order; a parameter keeps its stored value unless it is given."""
        parts = [self.names[self.graph.id_of(name)] for name in self.graph.inputs]
        parameters = (self.names[self.graph.id_of(name)] for name in self.graph.parameters)
        return ", ".join([*parts, *(f"{name}={name}" for name in parameters)])

    def _about_function(self) -> str:
        lines = []
        for name in self.graph.outputs:
            written = formula.formula(self.graph, name)
            if len(written) < 80 and "\n" not in written:
                lines.append(written)
        return quotable(", ".join(lines) or "The outputs of the graph.")

    def values(self) -> Iterator[str]:
        """The statements that compute every value."""
        for id_ in self.independents:
            yield f"    {self.names[id_]} = {self.as_array(self.names[id_])}"
        for id_ in self.graph.output_ids:
            node = self.graph.nodes_by_id[id_]
            if node.op == CONSTANT and np.ndim(node.value) == 0:
                yield f"    {self.names[id_]} = {self.as_array(self.literal(node.value))}"
        for node in self.nodes:
            yield f"    {self.names[node.id]} = {self.written(node)}"

    def as_array(self, code: str) -> str:
        """Source that makes an array of the graph's dtype."""
        return f"{self.short}.asarray({code}, dtype={self.short}.{self.graph.dtype})"

    def written(self, node: Node) -> str:
        """What a node computes, as source."""
        arguments = tuple(self.operand(edge.source) for edge in self.graph.edges_into(node.id))
        return self.code(Call(node.op, arguments, node.settings))

    def operand(self, id_: str) -> Expression:
        """A node as a part of an expression: a constant number itself, else its name."""
        node = self.graph.nodes_by_id[id_]
        if node.op == CONSTANT and np.ndim(node.value) == 0:
            return Number(float(node.value))
        return Name(self.names[id_])

    def _stored_arrays(self) -> Iterator[str]:
        """Parameters and constant arrays, as they are stored in the graph."""
        for node in self.graph.nodes:
            is_parameter = node.name in self.graph.parameters
            is_array = node.op == CONSTANT and np.ndim(node.value) > 0
            if is_parameter or is_array:
                yield f"{self.names[node.id]} = {self.literal(node.value)}"

    def _demonstration(self) -> str:
        lines = ['if __name__ == "__main__":']
        stored = [self.graph[name] for name in self.graph.inputs]
        if any(node.value is None for node in stored):
            lines += ["    # the graph has no values for some of these: put in your own"]
        values = [(n, 1.0 if n.value is None else n.value) for n in stored]
        lines += ["    point = {"]
        lines += [f'        "{self.names[n.id]}": {self.literal(value)},' for n, value in values]
        lines += ["    }"]
        title = quoted(f"{', '.join(self.graph.outputs)} =")
        lines += [f"    print({title}, f(**point))"]
        lines += ["    for name, value in gradient(**point).items():"]
        lines += ['        print(f"derivative for {name} = {value}")']
        return "\n".join(lines)

    def literal(self, value: Any) -> str:
        """A value as source that gives it back exactly."""
        if value is None:
            return "None"
        array = np.asarray(value)
        if array.ndim == 0:
            text = repr(array.item())
            return f'float("{text}")' if text in ("inf", "-inf", "nan") else text
        if not array.size:
            return f"{self.short}.zeros({array.shape})"
        return array_text(array, self.array, self.short)


def array_text(array: NDArray[Any], make: str, short: str) -> str:
    """An array as source that gives it back exactly.

    Args:
        make: what makes an array of lists, such as np.array.
        short: what knows nan and inf, such as np.
    """
    with np.printoptions(threshold=array.size + 1, floatmode="unique", linewidth=88):
        digits = np.array2string(array, separator=", ", prefix=f"    {make}(")
    digits = re.sub(r"\b(nan|inf)\b", rf"{short}.\1", digits)
    return f"{make}({digits})"


def operation_of(node: Node) -> Operation:
    """The declaration of a node's type."""
    return REGISTRY[node.op]


def quoted(text: str) -> str:
    """A text as a literal."""
    return json.dumps(text, ensure_ascii=False)


def quotable(text: str) -> str:
    """A text for a docstring: what would end it is escaped."""
    return quoted(text)[1:-1]


def identifiers(graph: Graph, reserved: Collection[str]) -> dict[str, str]:
    """By node id, a Python name that is no other node's, its own where that is possible."""
    taken = {*reserved, *(operation.name for operation in REGISTRY)}
    names = {}
    for node in graph.nodes:
        name = re.sub(r"\W", "_", node.name) or "x"
        if not name.isidentifier() or keyword.iskeyword(name):
            name = f"v_{name}"
        while name in taken or name.startswith("d_"):
            name = f"v_{name}"
        taken.add(name)
        names[node.id] = name
    return names
