"""The derivative of an expression as an expression, by the partials its operations declare."""

from __future__ import annotations

from collections.abc import Mapping

from visualad.ops.declaration import REGISTRY, symbolic_partials
from visualad.ops.expression import (
    Call,
    Expression,
    Name,
    Number,
    product,
    rewrite,
    simplify,
    substitute,
    total,
    walk,
)


def derivative(root: Expression, along: Mapping[str, Expression]) -> Expression | None:
    """How an expression changes when names in it do: the sum of its partials times their changes.

    Args:
        along: the change of each name that changes; `{"x": Number(1.0)}` gives ∂root/∂x.

    Returns:
        `Number(0.0)` where nothing changes whatever the numbers are; None where an operation in
        the expression has no partials as a formula.
    """
    changes: dict[int, Expression] = {}
    for part in walk(root):
        if isinstance(part, Name):
            changes[id(part)] = along.get(part.text, Number(0.0))
            continue
        changes[id(part)] = Number(0.0)
        if not isinstance(part, Call) or all(_is_zero(changes[id(a)]) for a in part.arguments):
            continue
        partials = _partials(part)
        if partials is None:
            return None
        terms = [
            simplify(product([partial, changes[id(argument)]]))
            for partial, argument in zip(partials, part.arguments, strict=True)
            if not _is_zero(changes[id(argument)])
        ]
        changes[id(part)] = tidy(total(terms))
    return changes[id(root)]


def _partials(call: Call) -> tuple[Expression, ...] | None:
    """The partials of a call over what stands in it."""
    operation = REGISTRY.get(call.operation)
    settings = {"inputs": len(call.arguments), **call.settings}
    found = None if operation is None else symbolic_partials(operation, settings)
    if operation is None or found is None or len(found) != len(call.arguments):
        return None
    names: dict[str, Expression] = dict(
        zip(operation.ports_for(settings), call.arguments, strict=True)
    )
    return tuple(simplify(substitute(partial, {**names, "out": call})) for partial in found)


def tidy(root: Expression) -> Expression:
    """Simplify, and write as one fraction and with numbers first what differentiating leaves."""
    return rewrite(simplify(root), _tidy_one)


def _tidy_one(part: Expression) -> Expression:  # noqa: PLR0911 - a table of rules
    if not isinstance(part, Call) or len(part.arguments) != 2:
        return simplify(part)
    first, second = part.arguments
    match part.operation:
        case "mul" if isinstance(second, Number) and not isinstance(first, Number):
            return _tidy_one(Call("mul", (second, first)))
        case "mul" if (
            isinstance(first, Number)
            and _calls(second, "mul")
            and isinstance(_inner(second)[0], Number)
        ):
            return _times(_times(first, _inner(second)[0]), _inner(second)[1])
        case "mul" | "div" if _calls(first, "neg"):
            return simplify(Call("neg", (_tidy_one(_of(part, *_inner(first), second)),)))
        case "mul" if _calls(second, "neg"):
            return simplify(Call("neg", (_tidy_one(_of(part, first, *_inner(second))),)))
        case "mul" if _calls(first, "div") and _calls(second, "div"):
            above, below = zip(_inner(first), _inner(second), strict=True)
            return _fraction(_times(*above), _times(*below))
        case "mul" if _calls(first, "div"):
            return _fraction(_times(_inner(first)[0], second), _inner(first)[1])
        case "mul" if _calls(second, "div"):
            return _fraction(_times(first, _inner(second)[0]), _inner(second)[1])
        case "div" if _calls(first, "div"):
            return _fraction(_inner(first)[0], _times(_inner(first)[1], second))
        case "pow" if isinstance(second, Number) and second.value == 0.0:
            return Number(1.0)
        case "add" if _calls(second, "neg"):
            return Call("sub", (first, *_inner(second)))
        case "mul" if first is second or (
            isinstance(first, Name) and isinstance(second, Name) and first.text == second.text
        ):
            return Call("pow", (first, Number(2.0)))
    return simplify(part)


def _of(call: Call, *arguments: Expression) -> Call:
    return Call(call.operation, arguments, call.settings)


def _calls(part: Expression, operation: str) -> bool:
    return isinstance(part, Call) and part.operation == operation


def _inner(part: Expression) -> tuple[Expression, ...]:
    assert isinstance(part, Call)
    return part.arguments


def _times(first: Expression, second: Expression) -> Expression:
    return _tidy_one(Call("mul", (first, second)))


def _fraction(above: Expression, below: Expression) -> Expression:
    return _tidy_one(Call("div", (above, below)))


def _is_zero(part: Expression) -> bool:
    return isinstance(part, Number) and part.value == 0.0
