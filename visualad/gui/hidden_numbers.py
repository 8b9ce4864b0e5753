"""Formulas and terms in which some numbers are hidden: `5.34 · ?`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from visualad.autodiff.steps import FillIn, Formula, Step, Term
from visualad.exchange.derivation_lines import split_sum, terms_as_written
from visualad.gui.stamps import ASKED
from visualad.ops.writing import number_latex, number_pretty, number_text

UNKNOWN = Formula(ASKED, ASKED, ASKED)


def equal(a: Any, b: Any) -> bool:
    """Whether two numbers are the same, up to the sign."""
    if a is None or b is None or isinstance(a, Mapping) or isinstance(b, Mapping):
        return False
    if np.shape(a) != np.shape(b):
        return np.ndim(b) == 0 and bool(np.all(np.abs(np.asarray(a, dtype=float)) == abs(b)))
    return bool(np.allclose(np.abs(a), np.abs(b), rtol=1e-9, atol=0.0, equal_nan=True))


def product(factor: Any, partial: Any) -> Formula:
    """Factor times partial, a question mark in the place of each that is hidden."""
    numbers = (factor, partial)
    if factor is None and partial is None:
        return Formula(f"{ASKED} · {ASKED}", rf"{ASKED} \cdot {ASKED}", f"{ASKED}*{ASKED}")
    texts = [ASKED if n is None else _bracketed(number_pretty(n), "−") for n in numbers]
    latex = [ASKED if n is None else _bracketed(number_latex(n), "-") for n in numbers]
    plain = [ASKED if n is None else _bracketed(number_text(n), "-") for n in numbers]
    return Formula(" · ".join(texts), r" \cdot ".join(latex), "*".join(plain))


def _bracketed(number: str, minus: str) -> str:
    return f"({number})" if number.startswith(minus) else number


def total(step: Step, terms: tuple[Term, ...]) -> Formula:
    """The right side of a step from terms that are partly hidden, in the order of the formula."""
    shown = {term.edge: term for term in terms}
    written = terms_as_written(step)
    seeds = [split_sum(part) for part in (step.numeric.text, step.numeric.latex)]
    if not written or any(len(pieces) != len(written) for pieces in seeds):
        return UNKNOWN
    texts, latex = [], []
    for term, text, tex in zip(written, *seeds, strict=True):
        texts.append(text if term is None else shown[term.edge].numeric.text)
        latex.append(tex if term is None else shown[term.edge].numeric.latex)
    return Formula(" + ".join(texts), " + ".join(latex), " + ".join(texts))


def without_numbers(term: Term) -> Term:
    """A term of which only the symbols are told."""
    return replace(
        term,
        factor=None,
        partial=None,
        contribution=None,
        partial_sum=None,
        numeric=UNKNOWN,
        note="",
    )


def unknown(fill: FillIn) -> FillIn:
    """A fill-in of which no number is told."""
    return replace(fill, before=None, after=None, term=without_numbers(fill.term))
