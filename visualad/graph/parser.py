"""The formula parser: text to graph. Nothing is evaluated and nothing recurses.

Python's expression syntax, several statements on lines of their own or after `;`, comments after
`#`. Operators and functions are those of the registered operations.
"""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from visualad.errors import GraphError, ParseError
from visualad.graph import parser_hints as hints
from visualad.graph.builder import Builder
from visualad.graph.model import Graph
from visualad.graph.names import CONSTANTS, name_fault
from visualad.graph.parser_settings import after_breaks, setting_value
from visualad.graph.settings import accepted_setting
from visualad.graph.tokens import END, NAME, NEWLINE, NUMBER, SIGN, Source, Token, tokenize
from visualad.ops.declaration import REGISTRY, Operation, Precedence

# What Python binds how strongly; which of these exist is up to the registered operations.
_STRENGTH = {
    **dict.fromkeys(("<", ">", "<=", ">=", "==", "!="), Precedence.COMPARE),
    **dict.fromkeys(("+", "-"), Precedence.ADD),
    **dict.fromkeys(("*", "/", "@", "//", "%"), Precedence.MULTIPLY),
    "**": Precedence.POWER,
}
# max(x, y) is Python for the larger of two; the operation max is over the elements of one array.
_OF_TWO = {"max": "maximum", "min": "minimum"}


def parse(text: str, outputs: Sequence[str] | None = None, *, merge_equal: bool = True) -> Graph:
    """The graph of a formula.

    `f = x1*x2 + sin(x3)` names a node; a bare name on the right gives a node a second name. Names
    that are never assigned are the inputs. Every name that is assigned but not used later, and
    every statement without a name, is an output. Settings are given by name: `sum(x, axis=0)`.

    Args:
        outputs: names of the outputs, if others than those.
        merge_equal: make one node of identical subexpressions; constants that are written out
            are merged per value in any case.

    Raises:
        ParseError: with line, column and a caret, for anything that is not such a formula.
        GraphError: if an output that is asked for does not exist.
    """
    graph = _Parser(text, merge_equal).program()
    if outputs is None:
        return graph
    for name in outputs:
        graph.id_of(name)
    declared = None if tuple(outputs) == graph.with_(declared_outputs=None).outputs else outputs
    return graph.with_(declared_outputs=None if declared is None else tuple(declared))


@dataclass(frozen=True)
class _Literal:
    """A number as written. `bare` when a minus before it still belongs to it."""

    value: float
    bare: bool


_Operand = _Literal | int  # a literal, or a node of the builder


@dataclass
class _Pending:
    """A sign that waits for its right side."""

    strength: Precedence
    operation: Operation
    token: Token
    unary: bool = False


@dataclass
class _Open:
    """An open parenthesis, of a call when there is a function."""

    token: Token
    function: Token | None = None
    count: int = 0
    settings: dict[str, Any] = field(default_factory=dict)


class _Parser:
    """Operator precedence with explicit stacks, so that depth costs nothing."""

    def __init__(self, text: str, merge_equal: bool) -> None:
        self.source = Source(text)
        self.tokens = tokenize(self.source)
        self.position = 0
        self.builder = Builder(merge_equal)
        self.assigned: dict[str, Token] = {}
        self.free: dict[str, Token] = {}
        self.used: set[str] = set()
        self.operands: list[_Operand] = []
        self.waiting: list[_Pending | _Open] = []
        self.frames: list[_Open] = []  # the open parentheses among those that wait
        self.binary, self.negation = _signs()

    # Statements ---------------------------------------------------------------------------------

    def program(self) -> Graph:
        results: list[tuple[str, int, bool]] = []  # name or "", node, whether assigned
        while True:
            while self.here.kind == NEWLINE or self.here.text == ";":
                self.position += 1
            if self.here.kind == END:
                break
            results.append(self.statement())
        if not results:
            raise self.fault(
                "The formula is empty; write one, for example x1*x2 + sin(x3).", self.here
            )
        return self.builder.build(
            [
                name or node
                for name, node, assigned in results
                if not assigned or name not in self.used
            ]
        )

    def statement(self) -> tuple[str, int, bool]:
        """One statement, up to its end; its name, its node, and whether it assigns the name."""
        first = self.here
        hints.refuse_statement(self.source, self.tokens, self.position)
        if first.kind == NAME and self.tokens[self.position + 1].text == "=":
            self.check_target(first)
            self.position += 2
            result = self.expression()
            self.check_not_used_before(first)
            self.assigned[first.text] = first
            if isinstance(result, _Literal):
                return first.text, self.builder.constant(result.value, first.text), True
            self.builder.name(result, first.text)
            return first.text, result, True
        start = self.position
        result = self.expression()
        bare_name = first.text if first.kind == NAME and self.position == start + 1 else ""
        if isinstance(result, _Literal):
            return "", self.builder.constant(result.value), False
        return bare_name, result, False

    def check_target(self, name: Token) -> None:
        if name.text in self.assigned:
            line = self.source.fault("", self.assigned[name.text].offset).line
            raise self.fault(
                f"'{name.text}' already has a value (line {line}); a node cannot change, "
                "so give the new one another name.",
                name,
            )
        reason = name_fault(name.text)
        if reason:
            raise self.fault(reason, name)
        self.check_not_used_before(name)

    def check_not_used_before(self, name: Token) -> None:
        if name.text in self.free:
            raise self.fault(
                f"'{name.text}' is used before this line gives it a value; "
                "put this line first or use another name.",
                name,
            )

    # Expressions --------------------------------------------------------------------------------

    @property
    def here(self) -> Token:
        return self.tokens[self.position]

    def expression(self) -> _Operand:
        """Read up to the end of the statement and give its value."""
        wants_operand = True
        while True:
            token = self.here
            if token.kind == NEWLINE and self.frames:
                self.position += 1
            elif wants_operand:
                wants_operand = self.operand(token)
            elif token.kind in (NEWLINE, END) or token.text == ";":
                return self.finish()
            else:
                wants_operand = self.operator(token)

    def operand(self, token: Token) -> bool:
        """Read what may begin an operand; True while one is still wanted."""
        self.position += 1
        if token.kind == NUMBER:
            self.operands.append(_Literal(self.number(token), bare=True))
            return False
        if token.kind == NAME:
            if self.here.text == "(" and token.text not in CONSTANTS:
                self.position += 1
                return self.open_call(token)
            self.operands.append(self.named(token))
            return False
        if token.text == "(":
            self.open(_Open(token))
            return True
        if token.text == "-":
            self.waiting.append(_Pending(Precedence.NEGATE, self.negation, token, unary=True))
            return True
        if token.text == "+":
            return True
        self.position -= 1
        raise hints.no_operand(self.source, self.tokens, self.position, self.unclosed)

    def operator(self, token: Token) -> bool:
        """Read what may follow an operand; True when an operand must follow."""
        self.position += 1
        strength = _STRENGTH.get(token.text) if token.kind == SIGN else None
        operation = self.binary.get(token.text) if strength is not None else None
        if strength is not None and operation is not None:
            self.reduce(strength, right_first=strength is Precedence.POWER)
            top = self.waiting[-1] if self.waiting else None
            if strength is Precedence.COMPARE and isinstance(top, _Pending):
                raise self.fault("Comparisons cannot be chained; multiply two of them.", token)
            self.waiting.append(_Pending(strength, operation, token))
            return True
        if token.text == ")":
            self.close(token)
            return False
        if token.text == "," and self.frames and self.frames[-1].function:
            self.reduce(None)
            self.frames[-1].count += 1
            return self.next_argument(self.frames[-1])
        if token.text == "." and self.here.kind == NAME:
            self.attribute(self.here)
            return False
        self.position -= 1
        raise hints.no_operator(self.source, self.tokens, self.position, self.unclosed)

    def finish(self) -> _Operand:
        self.reduce(None)
        if self.frames:
            raise self.fault("This parenthesis is never closed; add a ')'.", self.frames[-1].token)
        return self.operands.pop()

    @property
    def unclosed(self) -> Token | None:
        return self.frames[-1].token if self.frames else None

    def open(self, frame: _Open) -> None:
        self.waiting.append(frame)
        self.frames.append(frame)

    def reduce(self, strength: Precedence | None, right_first: bool = False) -> None:
        """Apply the waiting signs that bind at least as strongly, back to the open parenthesis."""
        while self.waiting:
            top = self.waiting[-1]
            if isinstance(top, _Open):
                return
            if strength is not None and (
                top.strength < strength or (right_first and top.strength == strength)
            ):
                return
            if strength is Precedence.COMPARE and top.strength is Precedence.COMPARE:
                return
            self.waiting.pop()
            right = self.operands.pop()
            if not top.unary:
                left = self.operands.pop()
                self.operands.append(self.apply(top.operation, [left, right]))
            elif isinstance(right, _Literal) and right.bare:
                self.operands.append(_Literal(-right.value, bare=True))
            else:
                self.operands.append(self.apply(top.operation, [right]))

    def apply(
        self,
        operation: Operation,
        operands: Sequence[_Operand],
        settings: dict[str, Any] | None = None,
    ) -> int:
        nodes = [self.builder.constant(x.value) if isinstance(x, _Literal) else x for x in operands]
        return self.builder.apply(operation, nodes, settings)

    def close(self, token: Token) -> None:
        self.reduce(None)
        if not self.frames:
            raise self.fault("This ')' closes nothing; remove it or add a '('.", token)
        self.waiting.pop()
        frame = self.frames.pop()
        if frame.function is not None:
            frame.count += 1
            self.call(frame)
        elif isinstance(inner := self.operands[-1], _Literal):
            self.operands[-1] = _Literal(inner.value, bare=False)

    # Parts --------------------------------------------------------------------------------------

    def number(self, token: Token) -> float:
        value = float(token.text)
        if value == float("inf"):
            raise self.fault(
                "This number is too large for a 64-bit float; write inf for infinity.", token
            )
        return value

    def named(self, token: Token) -> _Operand:
        name = token.text
        if name in CONSTANTS:
            return _Literal(CONSTANTS[name], bare=name != "pi")
        self.used.add(name)
        found = self.builder.find(name)
        if found is not None:
            return found
        if keyword.iskeyword(name):
            raise self.fault(hints.about_keyword(name), token)
        if name in REGISTRY and not REGISTRY[name].leaf:
            raise self.fault(f"'{name}' is a function; give it its input: {name}(...).", token)
        reason = name_fault(name)
        if reason:
            raise self.fault(reason, token)
        self.free[name] = token
        return self.builder.leaf(name)

    def attribute(self, token: Token) -> None:
        """`.T` after an operand; binds more strongly than any sign."""
        if token.text != "T" or "transpose" not in REGISTRY:
            raise self.fault(hints.about_attribute(token.text), token)
        self.position += 1
        self.operands.append(self.apply(REGISTRY["transpose"], [self.operands.pop()]))

    # Calls --------------------------------------------------------------------------------------

    def open_call(self, function: Token) -> bool:
        operation = REGISTRY.get(function.text)
        if operation is None or operation.leaf:
            raise self.fault(hints.about_function(function.text, self.builder), function)
        frame = _Open(self.tokens[self.position - 1], function)
        self.open(frame)
        return self.next_argument(frame)

    def next_argument(self, frame: _Open) -> bool:
        """After '(' or ',': read settings; True when an operand comes next."""
        while True:
            self.position = after_breaks(self.tokens, self.position)
            if self.here.text == ")":  # no inputs, or a comma before the ')'
                self.waiting.pop()
                self.frames.pop()
                self.position += 1
                self.call(frame)
                return False
            if self.here.kind != NAME or self.tokens[self.position + 1].text != "=":
                if frame.settings:
                    raise self.fault("Inputs come before the settings.", self.here)
                return True
            name = self.here
            self.position += 2
            if name.text in frame.settings:
                raise self.fault(f"The setting '{name.text}' is given twice.", name)
            value, self.position = setting_value(self.source, self.tokens, self.position)
            frame.settings[name.text] = (value, name)
            if self.here.text == ",":
                self.position += 1
            elif self.here.text != ")":
                raise self.fault("After a setting comes ',' or ')'.", self.here)

    def call(self, frame: _Open) -> None:
        """Apply the function of a closed call to its operands."""
        function = frame.function
        assert function is not None
        operation = REGISTRY[function.text]
        if frame.count == 2 and operation.name in _OF_TWO and not frame.settings:
            operation = REGISTRY[_OF_TWO[operation.name]]
        wrong = frame.count < 1 if operation.variadic else frame.count != len(operation.ports)
        if wrong:
            raise self.fault(hints.about_inputs(operation, frame.count), function)
        settings = {}
        for key, (value, token) in frame.settings.items():
            try:
                settings[key] = accepted_setting(operation, key, value)
            except GraphError as error:
                raise self.fault(error.message, token) from None
        operands = self.operands[-frame.count :]
        del self.operands[-frame.count :]
        self.operands.append(self.apply(operation, operands, settings))

    def fault(self, message: str, token: Token) -> ParseError:
        return self.source.fault(message, token.offset)


def _signs() -> tuple[dict[str, Operation], Operation]:
    """The registered operations that are written with a sign: the binary ones, and negation."""
    binary: dict[str, Operation] = {}
    negation = None
    for operation in REGISTRY:
        if operation.infix and len(operation.ports) == 2:
            binary.setdefault(operation.infix, operation)
        elif operation.infix == "-":
            negation = negation or operation
    return binary, negation or REGISTRY["neg"]
