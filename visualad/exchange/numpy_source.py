"""The graph as a plain NumPy module: the function, and its gradient written out backward."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from visualad import __version__
from visualad.autodiff.evaluate import evaluate_partly
from visualad.errors import GraphError, VisualADError
from visualad.exchange.function_source import FunctionSource, mentions
from visualad.exchange.reach import reachable
from visualad.graph import checks, formula
from visualad.graph.model import CONSTANT, Graph, Node
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

# Names that the module uses itself.
RESERVED = {"np", "f", "gradient", "point", "name", "value", "parts", "times", "unbroadcast"}

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
    for sentence in checks.problems(graph).values():
        raise GraphError(sentence)
    if not graph.outputs:
        raise GraphError("The graph has no output to write a function for; add an operation.")
    return _Module(graph).text()


class _Module:
    """The parts of one module while it is written."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.values = evaluate_partly(graph).values
        self.functions = FunctionSource()
        self.names = _identifiers(graph)
        wanted = reachable(graph, graph.output_ids, forward=False)
        self.nodes = [node for node in graph.nodes if node.id in wanted and not node.is_leaf]
        self.independents = [graph.id_of(name) for name in graph.independents]
        self.varying = reachable(graph, self.independents, forward=True)
        choices = [node.id for node in self.nodes if _operation(node).selects]
        self.masked = reachable(graph, choices, forward=False)
        self.has_arrays = not all(_operation(node).elementwise for node in self.nodes)
        self.has_values = all(node.value is not None for node in graph.nodes if node.is_leaf)
        self.seeded = len(graph.output_ids) > 1

    def text(self) -> str:
        """The whole module."""
        functions = [self._function(), self._gradient()]  # first: they fill self.functions
        helpers = [*self.functions.definitions.values(), *([TIMES] if self.masked else [])]
        stored = [*self.functions.constants.values(), *self._stored_arrays()]
        title = ", ".join(self.graph.outputs)
        blocks = [
            f'"""{title} and its gradient in plain NumPy, written by VisualAD {__version__}."""',
            "\n".join(sorted(self.functions.imports)),
            *(["\n".join(stored)] if stored else []),
        ]
        rest = [*helpers, *functions, self._demonstration()]
        return "\n\n".join(blocks) + "\n\n\n" + "\n\n\n".join(rest) + "\n"

    # The two functions ------------------------------------------------------------------------

    def _function(self) -> str:
        outputs = ", ".join(self.names[id_] for id_ in self.graph.output_ids)
        lines = [f"def f({self._arguments()}):", f'    """{self._about_function()}"""']
        return "\n".join([*lines, *self._values(), f"    return {outputs}"])

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
        lines += ["    # values, from the inputs to the output", *self._values()]
        lines += ["    # adjoints, from the output to the inputs: every edge adds its part"]
        lines += [*self._adjoints(), "    return {"]
        lines += [
            f"        {_quoted(self.graph.nodes_by_id[id_].name)}: d_{self.names[id_]},"
            for id_ in self.independents
        ]
        return "\n".join([*lines, "    }"])

    def _arguments(self) -> str:
        """Inputs in order; a parameter keeps its stored value unless it is given."""
        parts = [self.names[self.graph.id_of(name)] for name in self.graph.inputs]
        parts += [f"{n}={n}" for n in map(self._name_of, self.graph.parameters)]
        return ", ".join(parts)

    def _about_function(self) -> str:
        lines = []
        for name in self.graph.outputs:
            written = formula.formula(self.graph, name)
            if len(written) < 80 and "\n" not in written:
                lines.append(written)
        return (", ".join(lines) or "The outputs of the graph.").replace("\\", "\\\\")

    def _values(self) -> Iterator[str]:
        for id_ in self.independents:
            name = self.names[id_]
            yield f"    {name} = np.asarray({name}, dtype=np.{self.graph.dtype})"
        for node in self.nodes:
            yield f"    {self.names[node.id]} = {self._written(node)}"

    def _adjoints(self) -> Iterator[str]:
        started: set[str] = set()
        for id_ in self.graph.output_ids:
            name = self.names[id_]
            seed = f"d_{name} * " if self.seeded else ""
            yield f"    d_{name} = {seed}np.ones_like({name})"
            started.add(id_)
        for node in reversed(self.nodes):
            if node.id in started and node.id in self.varying:
                yield f"    # {self.names[node.id]} = {self._written(node)}"
                yield from self._contributions(node, started)
        for id_ in self.independents:
            if id_ not in started:
                yield f"    d_{self.names[id_]} = np.zeros_like({self.names[id_]})"

    # One node ---------------------------------------------------------------------------------

    def _contributions(self, node: Node, started: set[str]) -> Iterator[str]:
        """The statements that add a node's part to the adjoints of the nodes it comes from."""
        declared = _operation(node)
        edges = self.graph.edges_into(node.id)
        adjoint = f"d_{self.names[node.id]}"
        if declared.elementwise:
            partials = self._formulas(node, declared)
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

    def _written(self, node: Node) -> str:
        arguments = tuple(self._operand(edge.source) for edge in self.graph.edges_into(node.id))
        return self._code(Call(node.op, arguments, node.settings))

    def _operand(self, id_: str) -> Expression:
        node = self.graph.nodes_by_id[id_]
        if node.op == CONSTANT and np.ndim(node.value) == 0:
            return Number(float(node.value))
        return Name(self.names[id_])

    def _formulas(self, node: Node, declared: Operation) -> list[Expression | str] | None:
        """The partial on each edge as a formula; None when the rule is more than formulas."""
        rule = declared.rule_partials
        assert rule is not None
        if mentions(rule, guarded):
            return None  # the formula has holes that the rule fills
        try:
            traced = trace(rule, *self._operands(node), **declared.settings_for(node.settings))
            parts = traced if isinstance(traced, tuple) else (traced,)
            return [simplify(as_expression(part)) for part in parts]
        except (TypeError, VisualADError):
            return None

    def _call_of_partials(self, node: Node, declared: Operation) -> str:
        assert declared.rule_partials is not None
        helper = self.functions.add(declared.rule_partials, f"{declared.name}_partials")
        given = [self._code(operand) for operand in self._operands(node)]
        settings = declared.settings_for(node.settings)
        given += [f"{key}={value!r}" for key, value in settings.items()]
        return f"{helper}({', '.join(given)})"

    def _operands(self, node: Node) -> list[Expression]:
        """What a rule of partials gets: the inputs and the output."""
        edges = self.graph.edges_into(node.id)
        return [*(self._operand(edge.source) for edge in edges), Name(self.names[node.id])]

    def _times(self, node: Node, adjoint: str, partial: Expression | str) -> str:
        """What an edge adds: adjoint times partial, "" for a partial that is 0."""
        if isinstance(partial, Number) and partial.value in (1, -1, 0):
            return {1: adjoint, -1: f"-{adjoint}", 0: ""}[int(partial.value)]
        code = partial if isinstance(partial, str) else self._code(partial)
        if node.id in self.masked:
            return f"times({adjoint}, {code})"
        simple = isinstance(partial, str | Name | Number) or re.fullmatch(r"[\w.]+\(\w*\)", code)
        return f"{adjoint} * {code}" if simple else f"{adjoint} * ({code})"

    def _fitted(self, term: str, node: Node, source: str, shape: Shape | None) -> str:
        """Sum a contribution over the axes along which the source was broadcast.

        Args:
            shape: that the contribution has at the stored point, or None where that is unknown.
        """
        if not self.has_arrays or (shape is not None and shape == np.shape(self.values[source])):
            return term
        if _operation(node).elementwise and len(self.graph.edges_into(node.id)) == 1:
            return term
        helper = self.functions.add(unbroadcast, "unbroadcast")
        return f"{helper}({term}, np.shape({self.names[source]}))"

    def _shapes(self, node: Node) -> list[Shape | None]:
        """The shape of each contribution at the stored point; None where it is not known."""
        sources = [edge.source for edge in self.graph.edges_into(node.id)]
        if not self.has_values or any(id_ not in self.values for id_ in (*sources, node.id)):
            return [None] * len(sources)
        out, declared = self.values[node.id], _operation(node)
        if declared.elementwise:
            return [np.shape(out)] * len(sources)
        inputs = [self.values[id_] for id_ in sources]
        with np.errstate(all="ignore"):
            parts = declared.pull_back(np.ones_like(out)[()], inputs, out, node.settings)
        return [None if part is None else np.shape(part) for part in parts]

    def _context(self, node: Node, declared: Operation) -> str:
        """The keyword arguments of a vjp rule."""
        sources = [self._code(self._operand(e.source)) for e in self.graph.edges_into(node.id)]
        if declared.variadic:
            given = [f"{declared.ports[0]}=({', '.join(sources)},)"]
        else:
            given = [f"{p}={s}" for p, s in zip(declared.ports, sources, strict=True)]
        settings = declared.settings_for(node.settings)
        return ", ".join(
            [*given, f"out={self.names[node.id]}", *(f"{k}={v!r}" for k, v in settings.items())]
        )

    def _code(self, expression: Expression) -> str:
        """An expression as NumPy code; operations that NumPy lacks are added as functions."""
        for part in walk(expression):
            if isinstance(part, Call):
                declared = REGISTRY[part.operation]
                if declared.ufunc is None and not declared.infix:
                    self.functions.add(declared.function, declared.name)
        return numpy_source(expression)

    # The rest ---------------------------------------------------------------------------------

    def _stored_arrays(self) -> Iterator[str]:
        """Parameters and constant arrays, as they are stored in the graph."""
        for node in self.graph.nodes:
            is_parameter = node.name in self.graph.parameters
            is_array = node.op == CONSTANT and np.ndim(node.value) > 0
            if is_parameter or is_array:
                yield f"{self.names[node.id]} = {_literal(node.value)}"

    def _demonstration(self) -> str:
        lines = ['if __name__ == "__main__":']
        stored = [self.graph[name] for name in self.graph.inputs]
        if any(node.value is None for node in stored):
            lines += ["    # the graph has no values for some of these: put in your own"]
        values = [(n, 1.0 if n.value is None else n.value) for n in stored]
        lines += ["    point = {"]
        lines += [f'        "{self.names[n.id]}": {_literal(value)},' for n, value in values]
        lines += ["    }"]
        title = _quoted(f"{', '.join(self.graph.outputs)} =")
        lines += [f"    print({title}, f(**point))"]
        lines += ["    for name, value in gradient(**point).items():"]
        lines += ['        print(f"derivative for {name} = {value}")']
        return "\n".join(lines)

    def _name_of(self, name: str) -> str:
        return self.names[self.graph.id_of(name)]


def _parts(call: str, count: int) -> list[Expression | str]:
    """The partials that a call gives: itself, or the parts of what it was assigned to."""
    return [call] if count == 1 else [f"parts[{index}]" for index in range(count)]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _operation(node: Node) -> Operation:
    return REGISTRY[node.op]


def _identifiers(graph: Graph) -> dict[str, str]:
    """A Python name for every node: its own where that is possible."""
    taken = RESERVED | {operation.name for operation in REGISTRY}
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


def _literal(value: Any) -> str:
    """A value as Python code that gives it back exactly."""
    if value is None:
        return "None"
    array = np.asarray(value)
    if array.ndim == 0:
        text = repr(array.item())
        return f'float("{text}")' if text in ("inf", "-inf", "nan") else text
    with np.printoptions(threshold=array.size + 1, floatmode="unique", linewidth=88):
        digits = np.array2string(array, separator=", ", prefix="    np.array(")
    digits = re.sub(r"\b(nan|inf)\b", r"np.\1", digits)
    return f"np.array({digits})" if array.size else f"np.zeros({array.shape})"
