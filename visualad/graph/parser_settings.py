"""The values of settings in a formula: `axis=(0, 1)`, `keepdims=True`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from visualad.graph.names import CONSTANTS
from visualad.graph.tokens import NEWLINE, NUMBER, TEXT, Source, Token

# Beyond this many brackets a setting is no setting.
_DEEPEST = 20
_WORDS = {"None": None, "True": True, "False": False}


def setting_value(source: Source, tokens: Sequence[Token], position: int) -> tuple[Any, int]:
    """The constant at `position` and the position after it and the line breaks that follow.

    A number, a text, None, True, False or a tuple or list of these, which gives a tuple.

    Raises:
        ParseError: for anything else.
    """
    brackets: list[tuple[str, list[Any]]] = []  # how each is closed, and what is in it
    while True:
        position = after_breaks(tokens, position)
        token = tokens[position]
        if token.text in ("(", "[") and len(brackets) < _DEEPEST:
            brackets.append((")" if token.text == "(" else "]", []))
            position += 1
            continue
        value: Any
        if brackets and token.text == brackets[-1][0]:
            value, position = tuple(brackets.pop()[1]), position + 1
        else:
            value, position = _scalar(source, tokens, position)
        position = after_breaks(tokens, position)
        while brackets:
            closing, parts = brackets[-1]
            parts.append(value)
            if tokens[position].text != closing:
                break
            brackets.pop()
            # (3) is the number 3 as in Python; (3,) is a tuple
            value = parts[0] if closing == ")" and len(parts) == 1 else tuple(parts)
            position = after_breaks(tokens, position + 1)
        if not brackets:
            return value, position
        if tokens[position].text != ",":
            message = f"A ',' or '{brackets[-1][0]}' is missing here."
            raise source.fault(message, tokens[position].offset)
        position += 1


def after_breaks(tokens: Sequence[Token], position: int) -> int:
    """The position after any line breaks."""
    while tokens[position].kind == NEWLINE:
        position += 1
    return position


def _scalar(source: Source, tokens: Sequence[Token], position: int) -> tuple[Any, int]:
    token = tokens[position]
    if token.kind == TEXT:
        return token.text[1:-1], position + 1
    if token.text in _WORDS:
        return _WORDS[token.text], position + 1
    sign = -1 if token.text == "-" else 1
    if token.text in ("-", "+"):
        position += 1
        token = tokens[position]
    if token.kind == NUMBER:
        whole = token.text.replace("_", "")
        is_whole = whole.isdigit() and len(whole) < 19
        return sign * (int(whole) if is_whole else float(whole)), position + 1
    if token.text in CONSTANTS:
        return sign * CONSTANTS[token.text], position + 1
    message = "A setting is a number, a text in quotes, True, False, None or a tuple of these."
    raise source.fault(message, token.offset)
