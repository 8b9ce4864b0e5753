"""The words on an edge: the local partial as formula and as number, in wide and narrow writings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from visualad.autodiff.steps import Formula
from visualad.exchange.words import short_text
from visualad.ops.writing import name_pretty, number_latex, number_pretty

Writings = tuple[tuple[str, ...], ...]  # each a tuple of lines, the best first

_LONGEST = 26


def partial_texts(formula: Formula | None, partial: Any) -> Writings:
    """`x₂ = 0.8`, or that on two lines, or the number alone; () when nothing is known yet."""
    words = formula.text if formula is not None else ""
    if len(words) > _LONGEST:
        words = ""
    if partial is None or (isinstance(partial, np.ndarray) and partial.size > 1):
        return ((words,),) if words else ()
    number = short_text(partial)
    if not words or _same_number(words, number):
        return ((number,),)
    return _writings(words, number, partial)


def fill_in_texts(source: str, target: str, partial: Any) -> Writings:
    """`∂x₉/∂x₄ = 0.637` for an edge that elimination has made or changed."""
    words = f"∂{name_pretty(target)}/∂{name_pretty(source)}"
    if isinstance(partial, np.ndarray) and partial.size > 1:
        return ((words,),)
    number = short_text(partial)
    return _writings(words, number, partial)


def typeset(lines: Sequence[str], words: str, latex: str, partial: Any) -> list[str]:
    """The lines of one of those writings in LaTeX, for math mode.

    Args:
        words, latex: the formula in both writings; partial: the number.
    """
    known = {"": "", words: latex}
    if np.size(partial) == 1 and not isinstance(partial, str):
        value = np.ravel(partial)[0]
        known |= {number_pretty(value, 2): number_latex(value, 2)}
        known |= {short_text(partial): number_latex(value)}
    return [
        " = ".join(known.get(piece, rf"\text{{{piece}}}") for piece in re.split(" ?= ", line))
        for line in lines
    ]


def _writings(words: str, number: str, value: Any) -> Writings:
    """From wide to narrow. A number with an exponent is long, so it may lose digits at the end."""
    narrow: Writings = ()
    if "e" in number and np.size(value) == 1 and np.isreal(value):
        narrow = ((words, number_pretty(np.ravel(value)[0], 2)),)
    wide = ((f"{words} = {number}",), (words, f"= {number}"), (words, number))
    return (*wide, *narrow, (number,))


def _same_number(words: str, number: str) -> bool:
    """Whether the formula says nothing that the number does not: 1, −1, ½."""
    return not any(character.isalpha() for character in words) or words == number
