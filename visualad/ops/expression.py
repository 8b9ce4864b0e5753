"""Expressions as data: what a formula on an edge, in the trace or in a derivation is made of.

An `Expression` is a small tree of numbers, names and operations. NumPy code is turned into one by
calling it with `Symbol`s, so an operation's formulas come from its one declaration.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

NO_SETTINGS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A literal number."""

    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """A name: of a node (`x4`), a derivative (`∂f/∂x4`) or a port.

    Attributes:
        text: how it is written in plain text.
        latex: how it is written in LaTeX; derived from `text` when empty.
    """

    text: str
    latex: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """An operation, by its registered name, applied to arguments."""

    operation: str
    arguments: tuple[Expression, ...]
    settings: Mapping[str, Any] = field(default_factory=lambda: NO_SETTINGS)


Expression = Number | Name | Call

# Settings that NumPy spells differently.
_NUMPY_KEYWORDS = {"a_min": "minimum", "min": "minimum", "a_max": "maximum", "max": "maximum"}

# Filled by `declaration` from each operation's own function: np.sin -> "sin", np.sum -> "sum".
NUMPY_NAMES: dict[Callable[..., Any], tuple[str, tuple[str, ...]]] = {}


class Symbol(np.lib.mixins.NDArrayOperatorsMixin):
    """A stand-in for an array that records what NumPy code does with it."""

    __slots__ = ("expression",)
    __array_priority__ = 1000

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options.get("out") is not None or ufunc not in NUMPY_NAMES:
            return NotImplemented
        return Symbol(Call(NUMPY_NAMES[ufunc][0], tuple(as_expression(x) for x in inputs)))

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        if function not in NUMPY_NAMES:
            return NotImplemented
        name, settings = NUMPY_NAMES[function]
        if args and isinstance(args[0], list | tuple):
            args = (*args[0], *args[1:])
        # np.clip(x, 0.0, 1.0): after the arrays stand settings; np.where(c, x, 0.0) has none.
        is_operand = _is_traced if settings else _is_operand
        operands = [a for a in args if is_operand(a)]
        extra = [a for a in args if not is_operand(a)]
        named = dict(zip(settings, extra, strict=False))
        for key, value in kwargs.items():
            named[_NUMPY_KEYWORDS.get(key, key)] = value
        if any(key not in settings for key in named):
            return NotImplemented
        given = {key: value for key, value in named.items() if value is not None}
        return Symbol(Call(name, tuple(as_expression(x) for x in operands), given))

    def _method(self, name: str, **settings: Any) -> Symbol:
        given = {key: value for key, value in settings.items() if value is not None}
        return Symbol(Call(name, (self.expression,), given))

    @property
    def T(self) -> Symbol:
        """The transpose."""
        return self._method("transpose")

    def sum(self, axis: Any = None, keepdims: bool | None = None) -> Symbol:
        """As the array method."""
        return self._method("sum", axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool | None = None) -> Symbol:
        """As the array method."""
        return self._method("mean", axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool | None = None) -> Symbol:
        """As the array method."""
        return self._method("max", axis=axis, keepdims=keepdims)

    def reshape(self, *shape: Any) -> Symbol:
        """As the array method."""
        flat = shape[0] if len(shape) == 1 else shape
        return self._method("reshape", shape=flat)

    def __bool__(self) -> bool:
        raise TypeError("a traced value has no truth value: use np.where instead of if")

    def __repr__(self) -> str:
        return f"Symbol({self.expression!r})"


def _is_traced(value: Any) -> bool:
    return isinstance(value, Symbol | np.ndarray)


def _is_operand(value: Any) -> bool:
    return isinstance(value, Symbol | float | np.ndarray) or (
        isinstance(value, numbers.Real) and not isinstance(value, bool | int)
    )


def as_expression(value: Any) -> Expression:
    """The expression for a traced value or a plain number.

    Raises:
        TypeError: for anything else, an array constant for instance.
    """
    if isinstance(value, Symbol):
        return value.expression
    if isinstance(value, Number | Name | Call):
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, numbers.Real):
        return Number(float(value))
    raise TypeError(f"cannot write {type(value).__name__} as a formula")


def guarded(value: Any, when: Any, otherwise: Any) -> Any:
    """`otherwise` where `when` holds, else `value`; a formula shows the plain `value`.

    For partials whose textbook formula has a hole: y·x^(y-1) at y = 0.
    """
    if isinstance(value, Symbol):
        return value
    return np.where(when, otherwise, value)[()]


def trace(function: Callable[..., Any], *arguments: Expression, **settings: Any) -> Any:
    """Call `function` with symbols; its results come back as `Symbol`s or numbers."""
    return function(*(Symbol(argument) for argument in arguments), **settings)


def walk(root: Expression) -> list[Expression]:
    """All parts of an expression once, arguments before the calls that use them. No recursion.

    A part that several calls share appears once, so the walk of an expression that doubles itself
    stays as long as the expression is in memory.
    """
    out: list[Expression] = []
    seen: set[int] = set()
    stack: list[tuple[Expression, bool]] = [(root, False)]
    while stack:
        part, arguments_done = stack.pop()
        if arguments_done:
            out.append(part)
        elif id(part) not in seen:
            seen.add(id(part))
            stack.append((part, True))
            if isinstance(part, Call):
                stack.extend((argument, False) for argument in reversed(part.arguments))
    return out


def rewrite(root: Expression, rule: Callable[[Expression], Expression]) -> Expression:
    """Apply `rule` to every part, innermost first. No recursion."""
    done: dict[int, Expression] = {}
    for part in walk(root):
        if id(part) in done:
            continue
        if isinstance(part, Call):
            arguments = tuple(done[id(a)] for a in part.arguments)
            if any(new is not old for new, old in zip(arguments, part.arguments, strict=True)):
                done[id(part)] = rule(Call(part.operation, arguments, part.settings))
                continue
        done[id(part)] = rule(part)
    return done[id(root)]


def substitute(root: Expression, values: Mapping[str, Expression]) -> Expression:
    """Replace names by expressions: numbers into a formula, for instance."""

    def rule(part: Expression) -> Expression:
        return values.get(part.text, part) if isinstance(part, Name) else part

    return rewrite(root, rule)


def simplify(root: Expression) -> Expression:
    """Drop what a teacher would not write: factors 1, terms 0, exponents 1, double minus."""
    return rewrite(root, _simplify_one)


def product(factors: Sequence[Expression]) -> Expression:
    """The product of the factors from left to right; 1 for none."""
    return _chain("mul", factors, 1.0)


def total(terms: Sequence[Expression]) -> Expression:
    """The sum of the terms from left to right; 0 for none."""
    return _chain("add", terms, 0.0)


def _chain(operation: str, parts: Sequence[Expression], empty: float) -> Expression:
    if not parts:
        return Number(empty)
    result = parts[0]
    for part in parts[1:]:
        result = Call(operation, (result, part))
    return result


def _value(part: Expression) -> float | None:
    return part.value if isinstance(part, Number) else None


def _simplify_one(part: Expression) -> Expression:  # noqa: PLR0911 - a table of rules
    if not isinstance(part, Call) or not 1 <= len(part.arguments) <= 2:
        return part
    first, second = part.arguments[0], part.arguments[-1]
    a, b = _value(first), _value(second)
    match part.operation:
        case "mul" if a == 1:
            return second
        case "mul" if b == 1:
            return first
        case "mul" if a == 0 or b == 0:
            return Number(0.0)
        case "mul" if a == -1:
            return _simplify_one(Call("neg", (second,)))
        case "add" if a == 0:
            return second
        case "add" | "sub" if b == 0:
            return first
        case "add" | "sub" | "mul" if a is not None and b is not None:
            exact = {"add": a + b, "sub": a - b, "mul": a * b}[part.operation]
            return Number(exact)
        case "div" if b == 1:
            return first
        case "div" if a == 0:
            return Number(0.0)
        case "pow" if b == 1:
            return first
        case "neg" if a is not None:
            return Number(-a)
        case "neg" if isinstance(first, Call) and first.operation == "neg":
            return first.arguments[0]
    return part
