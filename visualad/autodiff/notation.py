"""How derivatives are written: the names of tangents and adjoints, the partials as formulas."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from visualad.autodiff.steps import Formula, LateFormula
from visualad.errors import VisualADError
from visualad.graph.model import CONSTANT, Graph, Node
from visualad.graph.names import numbering, stem_and_number
from visualad.ops.declaration import Operation, symbolic_partials
from visualad.ops.expression import (
    Call,
    Expression,
    Name,
    Number,
    Symbol,
    as_expression,
    product,
    simplify,
    substitute,
    total,
)
from visualad.ops.symbolic_derivative import derivative, tidy
from visualad.ops.writing import (
    derivative_name,
    latex,
    number_latex,
    number_pretty,
    plain,
    pretty,
    tangent_name,
    value_expression,
)

if TYPE_CHECKING:
    from visualad.engine.structure import Structure

_LONGEST_KEY = 200
_NUMBERED_CONSTANT = re.compile(r"c\d+")


def named(node: Node) -> Expression:
    """A node as it stands in a formula: by its name; a constant that nobody named by its number."""
    if (
        node.op == CONSTANT
        and np.ndim(node.value) == 0
        and isinstance(node.value, int | float)
        and _NUMBERED_CONSTANT.fullmatch(node.name)
    ):
        return Number(float(node.value))
    return Name(node.name)


@dataclass(frozen=True, eq=False)
class Notation:
    """The names and formulas of one graph's derivatives.

    Attributes:
        structure: the graph by numbers.
        goal: what is differentiated, as it is called in `∂f/∂x`.
    """

    structure: Structure
    goal: str = "f"

    def value(self, i: int) -> Expression:
        """A node's value by name; an unnamed constant by its number."""
        node = self.structure.nodes[i]
        return named(node)

    def tangent(self, i: int) -> Name:
        """`ẋ₄`."""
        return tangent_name(self.structure.name(i))

    def adjoint(self, i: int) -> Name:
        """`∂f/∂x₄`."""
        return derivative_name(self.goal, self.structure.name(i))

    def partial(self, target: int, source: int) -> Name:
        """`∂x₆/∂x₄`."""
        return derivative_name(self.structure.name(target), self.structure.name(source))

    def key(self, target: int) -> tuple[Hashable, ...] | None:
        """What the formulas on the edges into a node depend on; None when that is no key."""
        structure = self.structure
        operation = structure.operations[target]
        settings = structure.nodes[target].settings
        try:
            chosen = repr(sorted(structure.settings[target].items())) if settings else ""
            if len(chosen) > _LONGEST_KEY:  # an array, which is abridged when it is long
                return None
        except TypeError:
            return None
        sources = structure.sources[target]
        fed = [self.value(source) for source in sources]
        names = [x.text if isinstance(x, Name) else repr(x) for x in fed]
        active = [structure.active[source] for source in sources]
        return (
            operation,
            chosen,
            structure.name(target),
            structure.ports[target],
            tuple(names),
            tuple([structure.name(source) for source in sources]),
            tuple(active),
        )

    def edge(self, target: int, port: int) -> Expression:
        """The local partial on an edge as a formula, as short as possible: `x₆` for exp.

        An array operation has no elementwise partial; its edge shows `∂h/∂W`.
        """
        found = self._partials(target)
        if found is None:
            return self.partial(target, self.structure.sources[target][port])
        return simplify(substitute(found[port], self._names_at(target)))

    def spelled(self, target: int, port: int) -> Expression:
        """The local partial as a derivation shows it: `exp x₄` where the edge shows `x₆`."""
        found = self._partials(target)
        if found is None:
            return self.edge(target, port)
        part = found[port]
        if isinstance(part, Name) and part.text == "out":
            return self.operation(target)
        return simplify(substitute(part, self._names_at(target)))

    def second(self, target: int, first: int, other: int) -> Expression | None:
        """The second local partial ∂²target/∂first∂other as a formula; None if it has none.

        Args:
            first, other: sources of the target; a source of several ports counts with all of them.

        Returns:
            `Number(0.0)` where it is 0 whatever the numbers are.
        """
        found, sources = self._partials(target), self.structure.sources[target]
        if found is None:
            return None
        at = [port for port, source in enumerate(sources) if source == first]
        along = [port for port, source in enumerate(sources) if source == other]
        changes: dict[str, Expression] = {
            self.structure.ports[target][port]: Number(1.0) for port in along
        }
        changes["out"] = simplify(total([found[port] for port in along]))
        second = derivative(total([found[port] for port in at]), changes)
        return None if second is None else tidy(substitute(second, self._names_at(target)))

    def operation(self, target: int) -> Expression:
        """What a node computes, over the names of its sources."""
        node = self.structure.nodes[target]
        arguments = tuple(self.value(source) for source in self.structure.sources[target])
        return Call(node.op, arguments, dict(self.structure.settings[target]))

    def pushed(self, target: int) -> Expression | None:
        """The tangent of an array node by its own rule: `Ẋ Wᵀ + X Ẇᵀ + ḃ`; None if untraceable."""
        operation = self.structure.operations[target]
        settings = self.structure.nodes[target].settings
        rule = _traced(operation, "jvp", settings)
        if rule is None:
            return None
        names = self._names_at(target)
        for port, source in zip(
            self.structure.ports[target], self.structure.sources[target], strict=True
        ):
            active = self.structure.active[source]
            names[f"d_{port}"] = self.tangent(source) if active else Number(0.0)
        return simplify(substitute(rule[0], names))

    def pulled(self, target: int, port: int) -> Expression | None:
        """What an array node sends back to a port: `(∂L/∂h)ᵀ X`; None if it cannot be traced."""
        operation = self.structure.operations[target]
        rule = _traced(operation, "vjp", self.structure.nodes[target].settings)
        if rule is None or port >= len(rule) or rule[port] is None:
            return None
        names = {**self._names_at(target), "d_out": self.adjoint(target)}
        return simplify(substitute(rule[port], names))

    def _partials(self, target: int) -> tuple[Expression, ...] | None:
        operation = self.structure.operations[target]
        if operation is None or not operation.elementwise:
            return None
        return _symbolic(operation, self.structure.nodes[target].settings)

    def _names_at(self, target: int) -> dict[str, Expression]:
        pairs = zip(self.structure.ports[target], self.structure.sources[target], strict=True)
        names: dict[str, Expression] = {port: self.value(source) for port, source in pairs}
        names["out"] = Name(self.structure.name(target))
        return names


def goal_name(graph: Graph, node: Node) -> str:
    """What an output is called in `∂f/∂x`: "f" if it is the only one and nobody named it."""
    if graph.output_ids == (node.id,) and "f" not in graph:
        stem, first = numbering(graph.inputs)
        found = stem_and_number(node.name)
        if not node.aliases and found is not None and found[0] == stem and found[1] >= first:
            return "f"
    return node.name


def combination_name(graph: Graph) -> str:
    """A name for a weighted sum of outputs that no node has."""
    return next(name for name in ("F", "S", "F0", "Sum", "F_seed") if name not in graph)


def write(expression: Expression) -> Formula:
    """The expression in three writings, each made when it is looked at."""
    return LateFormula(
        {
            "text": lambda: pretty(expression),
            "latex": lambda: latex(expression),
            "plain": lambda: plain(expression),
        }
    )


# Lines without numbers are the same at every point and in every copy of a graph.
_kept: dict[Hashable, Formula] = {}
_MOST_KEPT = 8192


def kept(key: Hashable, make: Callable[[], Expression]) -> Formula:
    """The writing of an expression that this key determines; None is no key.

    Lines with names alone return whenever a number changes, so they are kept.
    """
    found = _kept.get(key)
    if found is None or key is None:
        found = write(make())
        if key is not None:
            if len(_kept) >= _MOST_KEPT:
                _kept.clear()
            _kept[key] = found
    return found


@functools.lru_cache(maxsize=8192)
def write_names(*names: str) -> Formula:
    """The product of names; these lines return in every step, so they are kept."""
    return write(product([Name(name) for name in names]))


def number(value: Any) -> Expression:
    """A number or array as it stands in the line with the numbers."""
    if isinstance(value, Mapping):
        inner = ", ".join(number_pretty(x) for x in value.values())
        return Name(f"({inner})", rf"({', '.join(number_latex(x) for x in value.values())})")
    return value_expression(value)


def result_text(value: Any) -> str:
    """A result as the user reads it."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "(" + ", ".join(number_pretty(x) for x in value.values()) + ")"
    return number_pretty(value)


def _symbolic(operation: Operation, settings: Mapping[str, Any]) -> tuple[Expression, ...] | None:
    """The partials over port names, kept per operation and settings."""
    try:
        key = tuple(sorted((k, v) for k, v in settings.items() if k in operation.settings))
        return _symbolic_kept(operation, key, len(operation.ports_for(settings)))
    except TypeError:  # settings that cannot be a key, arrays for instance
        return _simplified(operation, settings)


@functools.lru_cache(maxsize=1024)
def _symbolic_kept(
    operation: Operation, settings: tuple[tuple[str, Any], ...], inputs: int
) -> tuple[Expression, ...] | None:
    return _simplified(operation, {**dict(settings), "inputs": inputs})


def _simplified(operation: Operation, settings: Mapping[str, Any]) -> tuple[Expression, ...] | None:
    found = symbolic_partials(operation, settings)
    if found is None or len(found) != len(operation.ports_for(settings)):
        return None
    return tuple(simplify(part) for part in found)


def _traced(
    operation: Operation | None, kind: str, settings: Mapping[str, Any]
) -> tuple[Any, ...] | None:
    """An array rule over port names; tangents are `d_<port>`, the adjoint is `d_out`."""
    if operation is None:
        return None
    ports = operation.ports_for(settings)
    values = [Symbol(Name(port)) for port in ports]
    out = Symbol(Name("out"))
    try:
        if kind == "jvp" and operation.rule_jvp is not None:
            tangents = [Symbol(Name(f"d_{port}")) for port in ports]
            return (as_expression(operation.push_forward(tangents, values, out, settings)),)
        if kind == "vjp" and operation.rule_vjp is not None:
            pulled = operation.pull_back(Symbol(Name("d_out")), values, out, settings)
            return tuple(None if part is None else as_expression(part) for part in pulled)
    except (VisualADError, AttributeError, TypeError, ValueError, IndexError, KeyError):
        return None  # the rule uses something that has no formula
    return None
