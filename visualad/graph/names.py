"""Names of nodes: which are allowed and how automatic ones continue the numbering."""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from collections.abc import Container, Iterable

# Names that stand for a number in every formula.
CONSTANTS = {"pi": math.pi, "inf": math.inf, "nan": math.nan}

LONGEST = 100  # characters in a name

_NUMBERED = re.compile(r"(.*?[^\W\d])_?([0-9]{1,9})")


def name_fault(name: str) -> str:
    """Why `name` cannot name a node, in one sentence, or "" when it can."""
    if not name:
        return "A name needs at least one character."
    if len(name) > LONGEST:
        return f"The name '{name[:20]}...' is too long; use at most {LONGEST} characters."
    if keyword.iskeyword(name):
        return f"'{name}' is a word of Python and cannot be a name; use another, '{name}_' say."
    if name in CONSTANTS:
        return f"'{name}' is a constant in formulas and cannot be a name; use another."
    if "·" in name or not name.isidentifier() or unicodedata.normalize("NFKC", name) != name:
        return (
            f"'{name}' cannot be a name: use letters, digits and underscores, "
            "beginning with a letter."
        )
    return ""


def stem_and_number(name: str) -> tuple[str, int] | None:
    """Split `x12` into ("x", 12); None for a name that does not end in a number."""
    found = _NUMBERED.fullmatch(name)
    return (found[1], int(found[2])) if found else None


def numbering(inputs: Iterable[str]) -> tuple[str, int]:
    """Stem and first number of the automatic names that follow these inputs.

    x1, x2, x3 are followed by x4; inputs without one common numbered stem by v1.
    """
    split = [stem_and_number(name) for name in inputs]
    found = [part for part in split if part is not None]
    if not found or len(found) != len(split) or len({stem for stem, _ in found}) != 1:
        return "v", 1
    return found[0][0], max(number for _, number in found) + 1


def free_name(stem: str, number: int, taken: Container[str]) -> tuple[str, int]:
    """The first of stem+number, stem+(number+1), ... that is not taken, and its number."""
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}", number
