"""What to say about a formula that cannot be read: one sentence that helps."""

from __future__ import annotations

import difflib
from collections.abc import Container, Sequence

from visualad.errors import ParseError
from visualad.graph.names import CONSTANTS
from visualad.graph.tokens import END, NAME, NEWLINE, NUMBER, Source, Token
from visualad.ops.declaration import REGISTRY, Operation

_SIGNS = {
    "^": "Powers are written with two stars: x**2, not x^2.",
    "//": "There is no whole-number division; divide with /.",
    "%": "There is no remainder; percent are written /100.",
    "!": "There is no factorial.",
    "|": "Absolute values are written abs(x).",
    "||": "Write conditions with where(condition, a, b); there is no 'or'.",
    "&": "Write conditions with where(condition, a, b); there is no 'and'.",
    "&&": "Write conditions with where(condition, a, b); there is no 'and'.",
    "=": "An '=' can only follow the name at the start of a statement: f = x*y.",
    "==": "There is no '=='; a name gets its value with one '='.",
    "[": "Elements cannot be picked with [ ]; brackets are only for the values of settings.",
    "{": "Write parentheses ( ) instead of braces.",
    "}": "Write parentheses ( ) instead of braces.",
    "]": "This ']' closes nothing; remove it.",
    "'": "Texts can only be the values of settings.",
    '"': "Texts can only be the values of settings.",
    ":": "A ':' has no meaning in a formula; statements are written f = x*y.",
    ":=": "Write f = x*y with a plain '='.",
    "√": "Roots are written sqrt(x).",
    "∑": "Sums are written sum(x).",
    "∞": "Infinity is written inf.",
    "...": "Write the formula out in full.",
}
_SIGNS |= dict.fromkeys("×·∙⋅•∗✕", "Multiplication is written with a star: x*y.")
_SIGNS |= dict.fromkeys("÷∕⁄:", "Division is written with a slash: x/y.")
_SIGNS |= dict.fromkeys("−–—‐", "This is another dash; write the minus sign of the keyboard: -.")
_SIGNS |= {
    sign
    + "=": f"A node cannot change, so '{sign}=' is not possible; give the new one another name."
    for sign in ("+", "-", "*", "/", "@", "%")
}

# What people from elsewhere call things.
_ELSEWHERE = {
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "power": "pow",
    "negative": "neg",
    "multiply": "mul",
    "subtract": "sub",
    "divide": "div",
    "logistic": "sigmoid",
    "expit": "sigmoid",
    "sgn": "sign",
    "if": "where",
}


def about_function(name: str, known: Container[str]) -> str:
    """The sentence on a call of something that is no function."""
    if name in CONSTANTS or name in known:
        return f"'{name}' is no function here; for a product write {name}*(...)."
    found = REGISTRY.get(name)
    if found is not None and found.leaf:
        return f"Write just the name of a {name} or its number instead of {name}(...)."
    functions = [op.name for op in REGISTRY if not op.leaf]
    near = _ELSEWHERE.get(name)
    if near not in functions:
        close = difflib.get_close_matches(name[:40].lower(), functions, n=1)
        near = close[0] if close else None
    if near:
        return f"There is no function '{name[:40]}'; did you mean '{near}'?"
    if len(name) == 1:
        return f"There is no function '{name}'; for a product write {name}*(...)."
    return f"There is no function '{name[:40]}'; the palette lists those there are."


def about_inputs(operation: Operation, count: int) -> str:
    """The sentence on a call with a wrong number of inputs."""
    ports = operation.ports
    if operation.variadic:
        takes = f"at least 1 input ({ports[0]}1, {ports[0]}2, ...)"
    else:
        takes = f"{len(ports)} input{'' if len(ports) == 1 else 's'} ({', '.join(ports)})"
    sentence = f"{operation.name} takes {takes}, but got {count}"
    if count > len(ports) and operation.settings:
        example = next(iter(operation.settings))
        return f"{sentence}; settings are given by name, {example}=... ."
    return f"{sentence}."


def about_attribute(name: str) -> str:
    """The sentence on `something.name`."""
    if name in REGISTRY:
        return f"Functions are called without a dot: {name}(...)."
    return f"'.{name[:40]}' has no meaning here; only .T, the transpose, may follow a dot."


def about_keyword(name: str) -> str:
    """The sentence on a word of Python."""
    if name in ("if", "else", "and", "or", "not"):
        return f"There is no '{name}'; choose between values with where(condition, a, b)."
    return f"'{name}' is a word of Python and cannot be used in a formula."


def refuse_statement(source: Source, tokens: Sequence[Token], position: int) -> None:
    """Refuse statements that only look like assignments: `a, b = ...`, `f(x) = ...`."""
    first = tokens[position]
    if first.kind != NAME:
        return
    second = tokens[position + 1]
    if second.text in ("+=", "-=", "*=", "/=", "@=", "%=", "**=", "//=", ":="):
        raise source.fault(_SIGNS.get(second.text, _SIGNS["*="]), second.offset)
    if second.text == "(":
        rest = position + 2
        while tokens[rest].kind in (NAME, NUMBER) or tokens[rest].text == ",":
            rest += 1
        if tokens[rest].text == ")" and tokens[rest + 1].text == "=":
            raise source.fault(
                f"Write {first.text[:20]} = ... without the inputs; names that get no value "
                "are the inputs.",
                second.offset,
            )
    if second.text == ",":
        raise source.fault(
            "Give each name a statement of its own, on its own line or after a ';'.", second.offset
        )


def no_operand(
    source: Source, tokens: Sequence[Token], position: int, unclosed: Token | None
) -> ParseError:
    """The error for a token where a number, a name or '(' should stand."""
    token = tokens[position]
    before = tokens[position - 1] if position else None
    if token.text in _SIGNS and token.text not in ("=", "==", "]", "}", "//", "%", "!"):
        message = _SIGNS[token.text]
    elif token.kind == END and unclosed is not None:
        return source.fault("This parenthesis is never closed; add a ')'.", unclosed.offset)
    elif token.text == ")" and before is not None and before.text == "(":
        message = "There is nothing between these parentheses."
    elif before is None or before.kind == NEWLINE or before.text in (";", "="):
        message = f"A formula cannot begin with {_shown(token)}; put a name or a number first."
        if token.kind in (END, NEWLINE) or token.text == ";":
            message = "After the '=' a formula is missing, for example f = x*y."
    else:
        message = f"After '{before.text[:20]}' a name, a number or '(' is missing."
    return source.fault(message, token.offset)


def no_operator(
    source: Source, tokens: Sequence[Token], position: int, unclosed: Token | None
) -> ParseError:
    """The error for a token where an operator, ')' or the end of the statement should stand."""
    token, before = tokens[position], tokens[position - 1]
    if token.kind in (END, NEWLINE) or token.text == ";":
        return source.fault("A ')' is missing here.", token.offset)
    if token.kind in (NUMBER, NAME) or token.text == "(":
        message = _missing_sign(before, token)
    elif token.text == "=" and unclosed is not None:
        return source.fault(
            "This parenthesis is not closed before the next '='; add a ')'.", unclosed.offset
        )
    elif token.text == ",":
        message = (
            "A ',' only separates the inputs of a function; decimals are written with a point and "
            "statements end with a new line."
        )
    elif token.text in _SIGNS:
        message = _SIGNS[token.text]
    elif token.text in (">", "<", ">=", "<=", "!=", "@", "*", "/", "+", "-", "**"):
        message = f"There is no operation for '{token.text}'."
    else:
        message = f"{_shown(token)} has no meaning in a formula."
    return source.fault(message, token.offset)


def _missing_sign(before: Token, token: Token) -> str:
    left, right = before.text[:20], token.text[:20]
    if token.kind == NAME and right in ("if", "else", "and", "or", "not", "in", "is", "for"):
        return about_keyword(right)
    if before.kind == NAME and left in REGISTRY and not REGISTRY[left].leaf:
        return f"A function needs parentheses: {left}({right}...)."
    if before.text == "0" and token.offset == before.offset + 1 and right[0] in "xXbBoO":
        return "Numbers are written in decimal: 16, not 0x10."
    if token.text == "(":
        right = "(...)"
    if before.text == ")":
        left = "(...)"
    return f"An operator is missing here; for a product write {left}*{right}."


def _shown(token: Token) -> str:
    if token.kind in (END, NEWLINE):
        return "the end of the line"
    return f"'{token.text[:20]}'"
