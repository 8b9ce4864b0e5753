"""Formulas as MathML, which browsers typeset by themselves."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import lru_cache
from itertools import pairwise

from visualad.exchange.svg import readable

LONGEST = 6000  # characters of LaTeX; what is longer is written as text
# What formulas consist of; anything else in the result means that something went wrong.
_KNOWN = frozenset(
    (
        *("math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot"),
        *("mover", "munder", "munderover", "msub", "msup", "msubsup", "mtable", "mtr", "mtd"),
        *("mpadded", "mphantom", "mstyle", "menclose"),
    )
)
_KEPT = frozenset({"form", "fence", "stretchy", "lspace", "rspace", "mathvariant"})
_ESCAPED = re.compile(r"\\([_&%#$])")
_FUNCTION = re.compile(r"[a-z]{2,}\d*")
_REFERENCE = re.compile(r"&#x([0-9A-Fa-f]{1,6});")


@lru_cache(maxsize=4096)
def mathml(latex: str) -> str | None:
    """A formula as a `math` element.

    Args:
        latex: without dollar signs.

    Returns:
        Markup in which every text is escaped, or None for what cannot be converted: write the text.
    """
    if not 0 < len(latex) <= LONGEST:
        return None
    from latex2mathml.converter import convert_to_element

    try:
        made = convert_to_element(latex)
    except Exception:  # noqa: BLE001 - whatever a library finds wrong in a formula, text is shown
        return None
    for element in made.iter():
        if element.tag not in _KNOWN:
            return None
        # The library leaves signs as references to characters, which would be escaped once more.
        element.text = _signs(element.text)
        if element.tag == "mtext" and element.text:
            element.text = _ESCAPED.sub(r"\1", element.text)
        element.tail = None
        for name in set(element.attrib) - _KEPT:
            del element.attrib[name]
    made.set("displaystyle", "true")
    _mark_signs_of_numbers(made)
    _part_functions_from_arguments(made)
    return ET.tostring(made, encoding="unicode")


def _signs(text: str | None) -> str | None:
    if text is None:
        return None
    return readable(_REFERENCE.sub(lambda found: chr(int(found[1], 16)), text)).replace("-", "−")


def _mark_signs_of_numbers(made: ET.Element) -> None:
    """A minus at the start or after another sign belongs to what follows, so it takes no room."""
    for row in made.iter():
        before: ET.Element | None = None
        for part in row:
            stands_first = before is None or (
                before.tag == "mo" and (before.text or "") not in (")", "]", "}", "!", "′")
            )
            if part.tag == "mo" and part.text == "−" and stands_first:
                part.set("form", "prefix")
            before = part


def _part_functions_from_arguments(made: ET.Element) -> None:
    """`sin x` with the thin space that TeX puts there."""
    for row in list(made.iter()):
        if row.tag not in ("mrow", "math"):
            continue
        parts = list(row)
        for position, (part, following) in reversed(list(enumerate(pairwise(parts), start=1))):
            is_function = part.tag == "mi" and _FUNCTION.fullmatch(part.text or "")
            if is_function and following.tag not in ("mo", "mspace"):
                row.insert(position, ET.Element("mspace", {"width": "0.17em"}))
