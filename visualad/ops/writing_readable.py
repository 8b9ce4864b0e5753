"""Expressions for people: Unicode and LaTeX, by the templates of the operations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from visualad.ops.declaration import REGISTRY, Operation, Precedence
from visualad.ops.expression import Call, Expression, Name, Number
from visualad.ops.writing_names import name_latex, name_pretty
from visualad.ops.writing_numbers import CONSTANTS, has_exponent, number_latex, number_pretty
from visualad.ops.writing_python import changed_settings, setting_text
from visualad.ops.writing_walk import Piece, Slot, Style, infix_pieces, is_prefix

_ADD, _MULTIPLY = Precedence.ADD, Precedence.MULTIPLY
_ATOM, _COMPARE = Precedence.ATOM, Precedence.COMPARE

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_FIELD = re.compile(r"\{(\w+)(?:\.(\w+))?\}")


class _Readable(Style):
    """What Unicode and LaTeX have in common: templates, calls that show their symbol."""

    def __init__(self, digits: int) -> None:
        self.digits = digits

    def template(self, operation: Operation) -> str:
        """The operation's template, or ""."""
        raise NotImplementedError

    def sign(self, call: Call, operation: Operation) -> str:
        """The sign between two operands, with its spaces."""
        raise NotImplementedError

    def minus(self) -> str:
        """The sign of a negative."""
        raise NotImplementedError

    def function_name(self, name: str) -> str:
        """The name of a function that has no template."""
        raise NotImplementedError

    def setting(self, key: str, value: Any) -> str:
        """One setting."""
        raise NotImplementedError

    def number_precedence(self, value: float) -> int:
        """How strongly the writing of a number binds."""
        if value in CONSTANTS:
            return CONSTANTS[value].precedence
        return super().number_precedence(value)

    def _has_form(self, call: Call, operation: Operation | None) -> bool:
        """Whether it is written by sign or template, which say nothing of changed settings."""
        return (
            operation is not None
            and bool(operation.infix or self.template(operation))
            and (operation.variadic or len(call.arguments) == len(operation.ports))
            and not changed_settings(call, operation)
        )

    def precedence(self, call: Call, operation: Operation | None) -> int:
        """How strongly the writing of a call binds."""
        if operation is not None and self._has_form(call, operation):
            return operation.precedence
        return _ATOM

    def call(self, call: Call, operation: Operation | None, slot: Slot) -> list[Piece]:
        """The pieces of a call."""
        if operation is None or not self._has_form(call, operation):
            return self._function(call, operation)
        if is_prefix(operation):
            # −x·y for −(x·y): the same number, and how one writes it.
            operand = Slot(call.arguments[0], _MULTIPLY, leads=False, loose=slot.loose)
            return [self.minus(), operand]
        template = self.template(operation)
        if template:
            return self._filled(template, call, operation, slot)
        return infix_pieces(
            call,
            operation.precedence,
            self.sign(call, operation),
            slot,
            associative=operation.associative,
        )

    def _filled(self, template: str, call: Call, operation: Operation, slot: Slot) -> list[Piece]:
        """A template with slots in the place of its fields."""
        given = dict(zip(operation.ports, call.arguments, strict=False))
        pieces: list[Piece] = []
        for kind, *found in _template_parts(template):
            if kind == "text" or found[0] not in given:
                pieces.append(found[0] if kind == "text" else "{" + found[0] + "}")
                continue
            port, how = found
            operand, is_first = given[port], not pieces and port == operation.ports[0]
            pieces.append(_field(operand, how, operation, slot, is_first=is_first))
        return pieces

    def _function(self, call: Call, operation: Operation | None) -> list[Piece]:
        said = changed_settings(call, operation)
        name = call.operation if operation is None or said else operation.symbol
        pieces: list[Piece] = [self.function_name(name), self.open, *self.arguments(call)]
        for key, value in said.items():
            pieces += [", "] if len(pieces) > 2 else []
            pieces.append(self.setting(key, value))
        return [*pieces, self.close]

    def argument(self, slot: Slot) -> list[Piece]:
        """The pieces of the one argument of a function."""
        part = slot.expression
        is_simple = isinstance(part, Name) or (
            isinstance(part, Number) and self.number_precedence(part.value) == _ATOM
        )
        if is_simple and slot.loose:
            return [" ", Slot(part)]
        return super().argument(slot)


def _field(
    operand: Expression, how: str, operation: Operation, slot: Slot, *, is_first: bool
) -> Slot:
    if how == "bare":
        return Slot(operand)
    if how == "atom":
        return Slot(operand, _ATOM, loose=False)
    if how in {"sup", "arg"}:
        return Slot(operand, loose=slot.loose, role=how)
    if is_first:
        low = operation.precedence <= _ADD
        minimum = operation.precedence + (operation.precedence == _COMPARE)
        return Slot(operand, minimum, slot.leads, slot.loose and low)
    minimum = operation.precedence + (not operation.associative)
    return Slot(operand, minimum, leads=False, loose=slot.loose)


@lru_cache(maxsize=512)
def _template_parts(template: str) -> Sequence[tuple[str, ...]]:
    """("text", words) and ("field", port, how) in the order of the template."""
    parts: list[tuple[str, ...]] = []
    end = 0
    for found in _FIELD.finditer(template):
        if found.start() > end:
            parts.append(("text", template[end : found.start()]))
        parts.append(("field", found[1], found[2] or ""))
        end = found.end()
    if end < len(template):
        parts.append(("text", template[end:]))
    return tuple(parts)


class Pretty(_Readable):
    """Unicode."""

    def number(self, value: float) -> str:
        """A number."""
        if value in CONSTANTS:
            return CONSTANTS[value].text
        return number_pretty(value, self.digits)

    def number_precedence(self, value: float) -> int:
        """How strongly the writing of a number binds."""
        found = super().number_precedence(value)
        return _ADD if found == _MULTIPLY else found  # (2/√π)·x: a fraction on one line

    def precedence(self, call: Call, operation: Operation | None) -> int:
        """How strongly the writing of a call binds."""
        if operation is not None and operation.text.endswith(".arg}"):
            return _ATOM  # exp x₄ has parentheses where it needs them; e^{x_4} in LaTeX has none
        return super().precedence(call, operation)

    def name(self, name: Name) -> str:
        """A name."""
        return name_pretty(name.text)

    def template(self, operation: Operation) -> str:
        """The operation's template, or ""."""
        return operation.text

    def minus(self) -> str:
        """The sign of a negative."""
        return "−"

    def sign(self, call: Call, operation: Operation) -> str:
        """The sign between two operands, with its spaces."""
        airy = operation.precedence <= _ADD or (
            operation.precedence == _MULTIPLY and _wants_air(call, operation)
        )
        return f" {operation.symbol} " if airy else operation.symbol

    def function_name(self, name: str) -> str:
        """The name of a function that has no template."""
        return name

    def setting(self, key: str, value: Any) -> str:
        """One setting."""
        is_number = isinstance(value, float)
        return f"{key}={self.number(value) if is_number else setting_text(value)}"

    def exponent(self, slot: Slot) -> list[Piece]:
        """A raised number, or ^ and the rest: x², x⁻¹, x₁^x₂, x₁^(x₂ − 1)."""
        part = slot.expression
        if isinstance(part, Number) and abs(part.value) < 100 and part.value == int(part.value):
            return [str(int(part.value)).translate(_SUPERSCRIPTS)]
        return ["^", Slot(part, _ATOM, loose=False)]


def _is_quotient(operation: Operation | None) -> bool:
    """Whether it is written on one line with a sign that takes what follows: x/y."""
    return (
        operation is not None
        and operation.precedence == _MULTIPLY
        and not (operation.associative or operation.text)
    )


def _wants_air(call: Call, operation: Operation) -> bool:
    """Whether a product needs spaces: ∂f/∂x₆ · x₄, 1/x₃ · x₄, and numbers: 0.5 · 3.32."""
    operands = call.arguments
    if any(isinstance(x, Name) and "∂" in x.text for x in operands):
        return True
    if operation.associative and any(
        isinstance(x, Call) and _is_quotient(REGISTRY.get(x.operation)) for x in operands
    ):
        return True
    return all(isinstance(x, Number) for x in operands)


class Latex(_Readable):
    """LaTeX's math mode."""

    open, close = r"\left(", r"\right)"
    ellipsis = r"\dots"
    balances = True

    def number(self, value: float) -> str:
        """A number."""
        return CONSTANTS[value].latex if value in CONSTANTS else number_latex(value, self.digits)

    def number_precedence(self, value: float) -> int:
        """How strongly the writing of a number binds."""
        found = super().number_precedence(value)
        return _MULTIPLY if found == _ATOM and has_exponent(value) else found

    def name(self, name: Name) -> str:
        """A name."""
        return name.latex or name_latex(name.text)

    def template(self, operation: Operation) -> str:
        """The operation's template, or ""."""
        return operation.latex

    def minus(self) -> str:
        """The sign of a negative."""
        return "-"

    def sign(self, call: Call, operation: Operation) -> str:
        """The sign between two operands, with its spaces."""
        return f" {operation.symbol} "

    def function_name(self, name: str) -> str:
        """The name of a function that has no template."""
        return rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}"

    def setting(self, key: str, value: Any) -> str:
        """One setting."""
        if isinstance(value, float):
            written = number_latex(value, self.digits)
        else:
            written = rf"\text{{{setting_text(value)}}}"
        return rf"\mathrm{{{key}}}={written}"
