"""Cutting a formula into tokens, each with its place in the text."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from visualad.errors import ParseError

NUMBER, NAME, SIGN, TEXT, NEWLINE, END = "number", "name", "sign", "text", "newline", "end"

# Every line break that str.splitlines knows, because ParseError draws its caret with it.
_BREAK = r"\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]"
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_TOKEN = re.compile(
    rf"""
      (?P<newline>{_BREAK})
    | (?P<space>\s+?|\\(?:{_BREAK})|\#[^\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]*|\ufeff)
    | (?P<number>(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?)
    | (?P<name>[^\W\d]\w*)
    | (?P<text>'[^'\n]*'|"[^"\n]*")
    | (?P<sign>\*\*=|//=|\*\*|//|[<>=!+\-*/@%]=|:=|->|<<|>>|&&|\|\||.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a formula: its kind, its text and where it begins."""

    kind: str
    text: str
    offset: int


class Source:
    """A formula text that can say where a fault is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def fault(self, message: str, offset: int) -> ParseError:
        """The error to raise for a fault at this offset."""
        before = self.text[:offset].splitlines(keepends=True)
        line, column = max(1, len(before)), 1
        if before:
            if before[-1].splitlines()[0] == before[-1]:
                column = len(before[-1]) + 1
            else:
                line += 1
        return ParseError(message, line=line, column=column, source=self.text)


def tokenize(source: Source) -> list[Token]:
    """The tokens of a formula without spaces and comments, ended by one END token.

    Names come in Unicode's NFKC form as in Python, so `x₁` is `x1`.

    Raises:
        ParseError: for a raised digit in a name.
    """
    tokens: list[Token] = []
    position, text = 0, source.text
    for found in _TOKEN.finditer(text):
        kind, piece, position = str(found.lastgroup), found[0], found.start()
        if kind == "space":
            continue
        if kind == NAME and not piece.isascii():
            piece = _plain_name(source, piece, position)
        tokens.append(Token(kind, piece, position))
    tokens.append(Token(END, "", len(text)))
    return tokens


def _plain_name(source: Source, name: str, offset: int) -> str:
    for index, letter in enumerate(name):
        if unicodedata.decomposition(letter).startswith("<super>"):
            digit = unicodedata.normalize("NFKC", letter)
            raise source.fault(
                f"Write the power with two stars: {name[:index]}**{digit}.", offset + index
            )
    plain = unicodedata.normalize("NFKC", name)
    if not plain.isidentifier():
        raise source.fault(f"'{name}' is neither a name nor a number.", offset)
    return plain
