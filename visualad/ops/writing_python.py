"""Expressions as Python source: for the parser, and for NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from visualad.ops.declaration import Operation, Precedence
from visualad.ops.expression import Call, Expression, Name, Number
from visualad.ops.writing_names import name_plain
from visualad.ops.writing_numbers import number_plain
from visualad.ops.writing_walk import Piece, Slot, Style, infix_pieces, is_infix, is_prefix

_ADD, _MULTIPLY = Precedence.ADD, Precedence.MULTIPLY
_POWER, _ATOM, _COMPARE = Precedence.POWER, Precedence.ATOM, Precedence.COMPARE


class Plain(Style):
    """As the parser reads it."""

    spells_out = False
    sign_of: Mapping[int, str] = {_COMPARE: " {} ", _ADD: " {} ", _MULTIPLY: "{}", _POWER: "{}"}

    def number(self, value: float) -> str:
        """A number."""
        return number_plain(value)

    def name(self, name: Name) -> str:
        """A name."""
        return name_plain(name.text)

    def precedence(self, call: Call, operation: Operation | None) -> int:
        """How strongly the writing of a call binds."""
        if operation is not None and is_infix(call, operation):
            return operation.precedence
        return _ATOM

    def call(self, call: Call, operation: Operation | None, slot: Slot) -> list[Piece]:
        """The pieces of a call."""
        if operation is None or not is_infix(call, operation):
            return self.function(call, operation)
        if is_prefix(operation):
            return [operation.infix, self._negated(call.arguments[0])]
        if operation.precedence == _POWER:  # associates to the right
            base, exponent = call.arguments
            return [Slot(base, _ATOM), operation.infix, Slot(exponent, _POWER, leads=False)]
        sign = self.sign_of[operation.precedence].format(operation.infix)
        return infix_pieces(call, operation.precedence, sign, slot, associative=False)

    def _negated(self, operand: Expression) -> Piece:
        """The operand of a minus; a number in parentheses, since -2 and -inf are numbers too."""
        if isinstance(operand, Number):
            text = self.number(operand.value)
            if text[0].isdigit() or text in ("inf", "nan"):
                return f"({text})"
        return Slot(operand, _POWER, leads=False)

    def function(self, call: Call, operation: Operation | None) -> list[Piece]:
        """The pieces of a call by name."""
        return [call.operation, "(", *self.arguments(call), *self.settings(call, operation), ")"]

    def settings(self, call: Call, operation: Operation | None) -> list[Piece]:
        """The settings that differ from their defaults."""
        pieces: list[Piece] = []
        separator = ", " if call.arguments else ""
        for key, value in changed_settings(call, operation).items():
            pieces.append(f"{separator}{key}={setting_text(value)}")
            separator = ", "
        return pieces


class NumPy(Plain):
    """As NumPy computes it."""

    spells_out = True
    one = "1.0"  # what makes numbers of truth values
    sign_of: Mapping[int, str] = {_COMPARE: " {} ", _ADD: " {} ", _MULTIPLY: " {} ", _POWER: "**"}

    def number(self, value: float) -> str:
        """A number."""
        text = repr(float(value))
        return text if text.lstrip("-")[0].isdigit() else f"np.{text}".replace("np.-", "-np.")

    def scalar(self, value: float) -> str:
        """A number that NumPy computes with, not Python."""
        return f"np.float64({self.number(value)})"

    def precedence(self, call: Call, operation: Operation | None) -> int:
        """How strongly the writing of a call binds."""
        # 1.0 * (x > y): NumPy's comparisons give truth values, ours numbers.
        found = super().precedence(call, operation)
        return _MULTIPLY if found == _COMPARE else found

    def call(self, call: Call, operation: Operation | None, slot: Slot) -> list[Piece]:
        """The pieces of a call."""
        has_operator = operation is not None and is_infix(call, operation)
        written = self._among_numbers(call) if has_operator else call
        pieces = super().call(written, operation, slot)
        if super().precedence(call, operation) == _COMPARE:
            return [f"{self.one} * (", *pieces, ")"]
        return pieces

    def _among_numbers(self, call: Call) -> Call:
        """Python's own 1 / 0, (-1)**0.5 and 1e300**2 raise or are complex; NumPy's are not."""
        first, *others = call.arguments or (None,)
        if not isinstance(first, Number) or not all(isinstance(x, Number) for x in others):
            return call
        wrapped = Name(self.scalar(first.value))
        return Call(call.operation, (wrapped, *call.arguments[1:]), call.settings)

    def function(self, call: Call, operation: Operation | None) -> list[Piece]:
        """The pieces of a call by name."""
        if operation is None or operation.ufunc is None:
            return super().function(call, operation)
        return [f"np.{operation.ufunc.__name__}", "(", *self.arguments(call), ")"]


def changed_settings(call: Call, operation: Operation | None) -> dict[str, Any]:
    """The settings that differ from their defaults; all of them when the operation is unknown."""
    if operation is None:
        return dict(call.settings)
    known = ((key, call.settings[key]) for key in operation.settings if key in call.settings)
    return {k: v for k, v in known if not _same(v, operation.settings[k])}


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(np.array_equal(a, b))


def setting_text(value: Any) -> str:
    """A setting as a Python literal: numbers, texts, True, False, None, tuples of these."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        parts = [setting_text(part) for part in value]
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
    return repr(value)
