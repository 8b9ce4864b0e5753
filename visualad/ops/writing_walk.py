"""The walk that writes an expression from left to right, whatever the style. No recursion."""

from __future__ import annotations

from dataclasses import dataclass

from visualad.ops.declaration import REGISTRY, Operation, Precedence
from visualad.ops.expression import Call, Expression, Name, Number, as_expression, trace

NOTHING = 0  # binds less than anything: never in parentheses


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a writing and what may stand there without parentheses.

    Attributes:
        expression: what stands there.
        minimum: how strongly it must bind.
        leads: whether it stands first, where a minus needs no parentheses.
        loose: whether `sin x` may stand there for `sin(x)`: nothing follows that it could take in.
        role: "" for an operand, "sup" for an exponent, "arg" for the argument of a function.
    """

    expression: Expression
    minimum: int = NOTHING
    leads: bool = True
    loose: bool = True
    role: str = ""


Piece = str | Slot


class Style:
    """How one writing does it. Subclasses fill in numbers, names and calls."""

    open, close = "(", ")"
    ellipsis = "…"
    spells_out = True  # whether operations that declare it are written as what they compute
    balances = False  # whether a writing that is cut must still have all its braces

    def number(self, value: float) -> str:
        """A number."""
        raise NotImplementedError

    def number_precedence(self, value: float) -> int:
        """How strongly the writing of a number binds."""
        return Precedence.NEGATE if value < 0 or str(value) == "-0.0" else Precedence.ATOM

    def name(self, name: Name) -> str:
        """A name."""
        raise NotImplementedError

    def precedence(self, call: Call, operation: Operation | None) -> int:
        """How strongly the writing of a call binds."""
        raise NotImplementedError

    def precedence_of(self, part: Number | Call, operation: Operation | None) -> int:
        """How strongly the writing of a number or call binds."""
        if isinstance(part, Number):
            return self.number_precedence(part.value)
        return self.precedence(part, operation)

    def call(self, call: Call, operation: Operation | None, slot: Slot) -> list[Piece]:
        """The pieces of a call."""
        raise NotImplementedError

    def exponent(self, slot: Slot) -> list[Piece]:
        """The pieces of a raised operand."""
        return [slot]

    def argument(self, slot: Slot) -> list[Piece]:
        """The pieces of the one argument of a function."""
        return [self.open, Slot(slot.expression), self.close]

    def arguments(self, call: Call) -> list[Piece]:
        """Arguments separated by commas."""
        pieces: list[Piece] = []
        for argument in call.arguments:
            pieces += [", ", Slot(argument)]
        return pieces[1:]


def write(root: Expression, style: Style, limit: int = 0) -> str:
    """Write an expression from left to right with a stack of what is still to come.

    After `limit` characters, if that is not 0, what is left is an ellipsis; where braces must
    balance, each part that is left.
    """
    out: list[str] = []
    length = 0
    waiting: list[Piece] = [Slot(root)]
    while waiting:
        piece = waiting.pop()
        if limit and length > limit:
            if not style.balances:
                return "".join(out)[:limit].rstrip() + style.ellipsis
            piece = piece if isinstance(piece, str) else style.ellipsis
        if isinstance(piece, str):
            out.append(piece)
            length += len(piece)
        else:
            waiting.extend(reversed(_expand(piece, style)))
    return "".join(out)


def _expand(slot: Slot, style: Style) -> list[Piece]:
    """The pieces of what stands in a slot."""
    if slot.role == "sup":
        return style.exponent(Slot(slot.expression))
    if slot.role == "arg":
        return style.argument(slot)
    part = _spelled_out(slot.expression, style)
    if isinstance(part, Name):
        return [style.name(part)]
    operation = _operation(part)
    fits = style.precedence_of(part, operation) >= slot.minimum
    if fits and not slot.leads:
        fits = not _starts_with_minus(part, style)
    # Either in parentheses, or known not to start with a minus: then what starts it leads too.
    slot = Slot(part, loose=slot.loose or not fits)
    pieces = _pieces(part, operation, slot, style)
    return pieces if fits else [style.open, *pieces, style.close]


def _pieces(
    part: Number | Call, operation: Operation | None, slot: Slot, style: Style
) -> list[Piece]:
    if isinstance(part, Number):
        return [style.number(part.value)]
    return style.call(part, operation, slot)


def _spelled_out(part: Expression, style: Style) -> Expression:
    """What an operation computes, where that is how the style writes it."""
    operation = _operation(part) if style.spells_out and isinstance(part, Call) else None
    if operation is None or not operation.spelled_out or operation.described:
        return part
    assert isinstance(part, Call)
    return as_expression(trace(operation.function, *part.arguments))


def _operation(part: Number | Call) -> Operation | None:
    found = REGISTRY.get(part.operation) if isinstance(part, Call) else None
    return None if found is None or found.leaf else found


def _starts_with_minus(part: Expression, style: Style) -> bool:
    """Whether the writing begins with a minus: its own, or that of what stands first in it."""
    while not isinstance(part, Name):
        part = _spelled_out(part, style)
        if isinstance(part, Name):
            return False
        operation = _operation(part)
        first = _pieces(part, operation, Slot(part), style)[0]
        if isinstance(first, str):
            return first.startswith(("-", "−"))
        if first.role or isinstance(first.expression, Name):
            return False
        part = first.expression
        if style.precedence_of(part, _operation(part)) < first.minimum:
            return False  # it stands in parentheses
    return False


def is_prefix(operation: Operation | None) -> bool:
    """Whether it is a sign before one operand."""
    return operation is not None and bool(operation.infix) and len(operation.ports) == 1


def is_infix(call: Call, operation: Operation | None) -> bool:
    """Whether a call is written with an operator."""
    return (
        operation is not None
        and bool(operation.infix)
        and len(call.arguments) == len(operation.ports)
    )


def infix_pieces(
    call: Call, precedence: int, sign: str, slot: Slot, *, associative: bool
) -> list[Piece]:
    """Two operands with a sign between them, associating to the left."""
    left, right = call.arguments
    low = precedence <= Precedence.ADD
    return [
        Slot(left, precedence + (precedence == Precedence.COMPARE), slot.leads, slot.loose and low),
        sign,
        Slot(right, precedence + (not associative), False, slot.loose),
    ]
