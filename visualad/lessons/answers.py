"""What a student typed, as a number or a formula: through the formula parser, nothing runs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.evaluate import evaluate
from visualad.errors import ParseError, VisualADError
from visualad.graph.formula import expression
from visualad.graph.model import Graph, shorten
from visualad.graph.parser import parse
from visualad.ops.expression import Call, Expression, Name, Number, simplify, walk
from visualad.ops.writing import number_plain

LONGEST = 500  # characters of an answer
CONSTANTS = {"e": math.e, "tau": math.tau}  # beside those that the parser knows

_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+(e[-+]?\d+)?", re.IGNORECASE)
_AS_ASCII = str.maketrans(
    {"−": "-", "–": "-", "·": "*", "×": "*", "⋅": "*", "÷": "/", "∕": "/", "^": "**", "\u00a0": " "}
    | {chr(0x2080 + digit): str(digit) for digit in range(10)}
    | {"²": "**2", "³": "**3"}
)
_ORDERLESS = {"add", "mul"}


@dataclass(frozen=True, eq=False)
class Reading:
    """An answer that was read.

    Attributes:
        text: as typed.
        graph: of the formula; None when it could not be read.
        names: the names in it that are no constants.
        fault: why it could not be read, in one sentence, or "".
    """

    text: str
    graph: Graph | None = None
    names: tuple[str, ...] = ()
    fault: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it is a number, or arithmetic over numbers: 2/3, pi/2, exp(2)."""
        return self.graph is not None and not self.names

    def value(self, names: Mapping[str, Any]) -> Any:
        """Its value with these values for the names; NaN where it has none.

        Raises:
            VisualADError: if it cannot be computed.
        """
        assert self.graph is not None
        point = {
            name: CONSTANTS[name] if name not in names else names[name]
            for name in self.graph.inputs
        }
        return evaluate(self.graph, point)[_result(self.graph)]


def read_answer(text: str, known: Mapping[str, Any] | None = None) -> Reading:
    """Read an answer.

    Decimal commas, `^`, `·`, `×`, `−` and subscripts are taken as meant.

    Args:
        known: names that a formula may use (their values do not matter here).
    """
    names = known or {}
    if len(text) > LONGEST:
        return Reading(text, fault=f"The answer is longer than {LONGEST} characters; shorten it.")
    plain = text.strip().translate(_AS_ASCII).removeprefix("=").strip()
    plain = re.sub(r"π", "pi", re.sub(r"\bln\b", "log", plain))
    if ";" in plain or "\n" in plain:
        return Reading(text, fault="Give one number or one formula.")
    if not plain:
        return Reading(text, fault="There is no answer yet.")
    if _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    try:
        graph = parse(plain)
        result = _result(graph)
    except ParseError as error:
        return Reading(text, fault=f"This cannot be read as a number or a formula: {error.message}")
    except VisualADError as error:
        return Reading(text, fault=f"This cannot be read: {error.message}")
    if len(graph.outputs) > 1 or not result:
        return Reading(text, fault="Give one number or one formula.")
    used = tuple(name for name in graph.inputs if name in names or name not in CONSTANTS)
    unknown = [name for name in used if name not in names]
    if unknown:
        allowed = f"; it knows {shorten(names)}" if names else ", and a number is asked for"
        return Reading(text, fault=f"The graph does not know {shorten(unknown)}{allowed}.")
    return Reading(text, graph, used)


def same_form(a: Reading, b: Reading) -> bool:
    """Whether two formulas are the same after simplification, up to the order of operands."""
    if a.graph is None or b.graph is None:
        return False
    return _canonical(a.graph) == _canonical(b.graph)


def _result(graph: Graph) -> str:
    """The node that is the value: a lone name or number has no operation."""
    return (graph.outputs or tuple(node.name for node in graph.nodes) or ("",))[0]


def _canonical(graph: Graph) -> str:
    found = expression(graph, _result(graph), inline={node.id for node in graph.nodes})
    return _sorted_form(simplify(found))


def _sorted_form(whole: Expression) -> str:
    """Text that is equal for sums and products whose operands only stand in another order."""
    done: dict[int, tuple[str, list[str]]] = {}  # operation or "", its operands
    for part in walk(whole):
        if isinstance(part, Call):
            operands: list[str] = []
            for argument in part.arguments:
                kind, inner = done[id(argument)]
                joined = part.operation in _ORDERLESS and kind == part.operation
                operands += inner if joined else [_joined(kind, inner)]
            if part.operation in _ORDERLESS:
                operands.sort()
            name = part.operation
            if part.settings:
                name += str(sorted((k, repr(v)) for k, v in part.settings.items()))
            done[id(part)] = name, operands
        elif isinstance(part, Number):
            done[id(part)] = "", [number_plain(part.value)]
        else:
            assert isinstance(part, Name)
            done[id(part)] = "", [part.text]
    return _joined(*done[id(whole)])


def _joined(operation: str, operands: list[str]) -> str:
    return f"{operation}({', '.join(operands)})" if operation else operands[0]


def is_close(given: Any, right: Any, relative: float, absolute: float) -> bool:
    """Whether a number is right within the tolerances; NaN only where NaN is right."""
    with np.errstate(all="ignore"):
        if np.isnan(right):
            return bool(np.isnan(given))
        if np.isinf(right) or np.isinf(given):
            return bool(given == right)
        return bool(abs(given - right) <= max(absolute, relative * abs(right)))
