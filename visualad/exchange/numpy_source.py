"""The graph as a plain NumPy module: the function, and its gradient written out backward."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from visualad.autodiff.evaluate import evaluate_partly
from visualad.errors import VisualADError
from visualad.exchange.function_source import FunctionSource, mentions
from visualad.exchange.python_module import PythonModule, operation_of, quoted
from visualad.exchange.reach import reachable
from visualad.graph.checks import problems
from visualad.graph.composite_parts import without_composites
from visualad.graph.model import Graph, Node
from visualad.ops.broadcasting import unbroadcast
from visualad.ops.declaration import REGISTRY, Operation
from visualad.ops.expression import (
    Call,
    Expression,
    Name,
    Number,
    as_expression,
    guarded,
    simplify,
    trace,
    walk,
)
from visualad.ops.writing import numpy_source

Shape = tuple[int, ...]

# The branch that `where` does not take gets adjoint 0, which must not turn into 0·inf = nan.
TIMES = '''\
def times(adjoint, partial):
    """Their product, and 0 where the adjoint is 0: the branch not taken adds nothing."""
    return np.where(adjoint == 0, 0.0, adjoint * partial)'''


def numpy_module(graph: Graph) -> str:
    """A Python module that needs NumPy alone.

    It has `f` with the outputs as its result, `gradient` with a dictionary of the derivatives by
    name of the input, and a demonstration at the stored point for when it is run.

    Raises:
        GraphError: if the graph has no output, or a node is not connected or of unknown type.
    """
    return _NumPyModule(graph).text()


class _NumPyModule(PythonModule):
    """The parts of one module while it is written."""

    title = "plain NumPy"
    reserved = ("times", "unbroadcast")

    def __init__(self, graph: Graph) -> None:
        if not problems(graph):  # rules of arrays by a formula are no source; their parts' are
            graph = without_composites(graph, lambda declared: not declared.elementwise)
        super().__init__(graph)
        self.stored = evaluate_partly(self.graph).values
        self.functions = FunctionSource()
        choices = [node.id for node in self.nodes if operation_of(node).selects]
        self.masked = reachable(graph, choices, forward=False)
        self.has_arrays = not all(operation_of(node).elementwise for node in self.nodes)
        self.has_values = all(node.value is not None for node in self.graph.nodes if node.is_leaf)

    def imports(self) -> Sequence[str]:
        """NumPy, and what functions of plugins need."""
        return sorted(self.functions.imports)

    def constants(self) -> Sequence[str]:
        """What the operations' functions need."""
        return list(self.functions.constants.values())

    def helpers(self) -> Sequence[str]:
        """The operations' own functions."""
        return [*self.functions.definitions.values(), *([TIMES] if self.masked else [])]

    def differentiate(self) -> Iterator[str]:
        """Backward mode, statement by statement."""
        yield "    # values, from the inputs to the output"
        yield from self.values()
        yield "    # adjoints, from the output to the inputs: every edge adds its part"
        yield from self._adjoints()
        yield "    return {"
        for id_ in self.independents:
            yield f"        {quoted(self.graph.nodes_by_id[id_].name)}: d_{self.names[id_]},"
        yield "    }"

    def _adjoints(self) -> Iterator[str]:
        started: set[str] = set()
        for id_ in self.graph.output_ids:
            name = self.names[id_]
            seed = f"d_{name} * " if self.seeded else ""
            yield f"    d_{name} = {seed}np.ones_like({name})"
            started.add(id_)
        for node in reversed(self.nodes):
            if node.id in started and node.id in self.varying:
                yield f"    # {self.names[node.id]} = {self.written(node)}"
                yield from self._contributions(node, started)
        for id_ in self.independents:
            if id_ not in started:
                yield f"    d_{self.names[id_]} = np.zeros_like({self.names[id_]})"

    # One node ---------------------------------------------------------------------------------

    def _contributions(self, node: Node, started: set[str]) -> Iterator[str]:
        """The statements that add a node's part to the adjoints of the nodes it comes from."""
        declared = operation_of(node)
        edges = self.graph.edges_into(node.id)
        adjoint = f"d_{self.names[node.id]}"
        if declared.elementwise:
            partials = partial_formulas(declared, self._operands(node), node.settings)
            if partials is None:
                call = self._call_of_partials(node, declared)
                if len(edges) > 1:
                    yield f"    parts = {call}"
                partials = _parts(call, len(edges))
            terms = [self._times(node, adjoint, partial) for partial in partials]
        elif declared.rule_vjp is not None:
            helper = self.functions.add(declared.rule_vjp, f"{declared.name}_vjp")
            # A vjp gives a tuple for one port too.
            yield f"    parts = {helper}({adjoint}, {self._context(node, declared)})"
            terms = [f"parts[{index}]" for index in range(len(edges))]
        else:
            return
        for edge, term, shape in zip(edges, terms, self._shapes(node), strict=True):
            if edge.source not in self.varying or not term:
                continue
            name = f"d_{self.names[edge.source]}"
            fitted = self._fitted(term, node, edge.source, shape)
            first = edge.source not in started
            yield f"    {name} = {fitted}" if first else f"    {name} = {name} + {fitted}"
            started.add(edge.source)

    def _call_of_partials(self, node: Node, declared: Operation) -> str:
        assert declared.rule_partials is not None
        helper = self.functions.add(declared.rule_partials, f"{declared.name}_partials")
        given = [self.code(operand) for operand in self._operands(node)]
        settings = declared.settings_for(node.settings)
        given += [f"{key}={value!r}" for key, value in settings.items()]
        return f"{helper}({', '.join(given)})"

    def _operands(self, node: Node) -> list[Expression]:
        """What a rule of partials gets: the inputs and the output."""
        edges = self.graph.edges_into(node.id)
        return [*(self.operand(edge.source) for edge in edges), Name(self.names[node.id])]

    def _times(self, node: Node, adjoint: str, partial: Expression | str) -> str:
        """What an edge adds: adjoint times partial, "" for a partial that is 0."""
        if isinstance(partial, Number) and partial.value in (1, -1, 0):
            return {1: adjoint, -1: f"-{adjoint}", 0: ""}[int(partial.value)]
        code = partial if isinstance(partial, str) else self.code(partial)
        if node.id in self.masked:
            return f"times({adjoint}, {code})"
        simple = isinstance(partial, str | Name | Number) or re.fullmatch(r"[\w.]+\(\w*\)", code)
        return f"{adjoint} * {code}" if simple else f"{adjoint} * ({code})"

    def _fitted(self, term: str, node: Node, source: str, shape: Shape | None) -> str:
        """Sum a contribution over the axes along which the source was broadcast.

        Args:
            shape: that the contribution has at the stored point, or None where that is unknown.
        """
        if not self.has_arrays or (shape is not None and shape == np.shape(self.stored[source])):
            return term
        if operation_of(node).elementwise and len(self.graph.edges_into(node.id)) == 1:
            return term
        helper = self.functions.add(unbroadcast, "unbroadcast")
        return f"{helper}({term}, np.shape({self.names[source]}))"

    def _shapes(self, node: Node) -> list[Shape | None]:
        """The shape of each contribution at the stored point; None where it is not known."""
        sources = [edge.source for edge in self.graph.edges_into(node.id)]
        if not self.has_values or any(id_ not in self.stored for id_ in (*sources, node.id)):
            return [None] * len(sources)
        out, declared = self.stored[node.id], operation_of(node)
        if declared.elementwise:
            return [np.shape(out)] * len(sources)
        inputs = [self.stored[id_] for id_ in sources]
        with np.errstate(all="ignore"):
            parts = declared.pull_back(np.ones_like(out)[()], inputs, out, node.settings)
        return [None if part is None else np.shape(part) for part in parts]

    def _context(self, node: Node, declared: Operation) -> str:
        """The keyword arguments of a vjp rule."""
        sources = [self.code(self.operand(e.source)) for e in self.graph.edges_into(node.id)]
        if declared.variadic:
            given = [f"{declared.ports[0]}=({', '.join(sources)},)"]
        else:
            given = [f"{p}={s}" for p, s in zip(declared.ports, sources, strict=True)]
        settings = declared.settings_for(node.settings)
        return ", ".join(
            [*given, f"out={self.names[node.id]}", *(f"{k}={v!r}" for k, v in settings.items())]
        )

    def code(self, expression: Expression) -> str:
        """An expression as NumPy code; operations that NumPy lacks are added as functions."""
        for part in walk(expression):
            if isinstance(part, Call):
                declared = REGISTRY[part.operation]
                if declared.ufunc is None and not (declared.infix or declared.spelled_out):
                    self.functions.add(declared.function, declared.name)
        return numpy_source(expression)


def partial_formulas(
    declared: Operation, operands: Sequence[Expression], settings: Mapping[str, object]
) -> list[Expression | str] | None:
    """The partials of an elementwise operation as formulas of its inputs and its output.

    None where the rule is more than formulas.
    """
    rule = declared.rule_partials
    assert rule is not None
    if mentions(rule, guarded):
        return None  # the formula has holes that the rule fills
    try:
        traced = trace(rule, *operands, **declared.settings_for(settings))
        parts = traced if isinstance(traced, tuple) else (traced,)
        return [simplify(as_expression(part)) for part in parts]
    except (TypeError, VisualADError):
        return None


def _parts(call: str, count: int) -> list[Expression | str]:
    """The partials that a call gives: itself, or the parts of what it was assigned to."""
    return [call] if count == 1 else [f"parts[{index}]" for index in range(count)]
