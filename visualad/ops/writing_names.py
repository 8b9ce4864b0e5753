"""How names are read: subscripts, Greek letters, derivatives."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from visualad.ops.expression import Name

_GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}
_LETTER_NAMES = {letter: name for name, letter in _GREEK.items()}
_SUBSCRIPTS = dict(zip("0123456789,aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉,ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_DOT = "\u0307"

# A name within a longer writing: letters, perhaps a dot above, digits, underscores.
_IDENTIFIER = re.compile(rf"[^\W\d_]{_DOT}?[\w{_DOT}]*")
_QUOTIENT = re.compile(r"∂(\w+)/∂(\w+)")
_PARTS = re.compile(rf"([^\W\d_]+?{_DOT}?)_?(\d+)?(?:_(\w+))?")


def derivative_name(of: str, to: str) -> Name:
    """∂of/∂to as a name: an adjoint, or a local partial."""
    return Name(f"∂{of}/∂{to}")


def tangent_name(of: str) -> Name:
    """The tangent of a node: ẋ₄ for x4."""
    base, _, _ = _split(of)
    dotted = base[0] + _DOT if len(base) == 1 or base in _GREEK else base[0] + _DOT + base[1:]
    if base in _GREEK:
        dotted = _GREEK[base] + _DOT
    return Name(unicodedata.normalize("NFC", dotted + of[len(base) :]))


def name_pretty(name: str) -> str:
    """A name with real subscripts: x12 -> x₁₂, alpha -> α, b_out -> bₒᵤₜ, ∂f/∂x4 -> ∂f/∂x₄."""
    return _pretty(name)


@lru_cache(maxsize=16384)
def _pretty(name: str) -> str:
    decomposed = _apart(name)
    written = _IDENTIFIER.sub(lambda found: _pretty_part(found[0]), decomposed)
    return unicodedata.normalize("NFC", written)


def _pretty_part(name: str) -> str:
    base, number, suffix = _split(name)
    letters = _GREEK.get(base, base)
    below = ",".join(part for part in (number, suffix) if part)
    is_symbol = len(base.replace(_DOT, "")) == 1 or base in _GREEK
    if (is_symbol or not suffix) and all(character in _SUBSCRIPTS for character in below):
        return letters + "".join(_SUBSCRIPTS[character] for character in below)
    return letters + name[len(base) :]


def name_latex(name: str) -> str:
    r"""A name for LaTeX: x12 -> x_{12}, alpha -> \alpha, b_out -> b_{\mathrm{out}}.

    Derivatives become fractions: ∂f/∂x4 -> \frac{\partial f}{\partial x_{4}}.
    """
    return _latex(name)


@lru_cache(maxsize=16384)
def _latex(name: str) -> str:
    quotient = _QUOTIENT.fullmatch(name)
    if quotient:
        above, below = (_latex(part) for part in quotient.groups())
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"
    decomposed = _apart(name)
    if not _IDENTIFIER.fullmatch(decomposed):
        return rf"\text{{{_escaped(name)}}}"
    base, number, suffix = _split(decomposed)
    dotted = _DOT in base
    base = base.replace(_DOT, "")
    if base in _GREEK or base in _LETTER_NAMES:
        letters = "\\" + _LETTER_NAMES.get(base, base)
    else:
        # Letters with accents have no place in the fonts of mathematics.
        style = "mathrm" if base.isascii() else "text"
        letters = base if len(base) == 1 and base.isascii() else _set(style, base)
    if dotted:
        letters = rf"\dot{{{letters}}}"
    indices = [number] if number else []
    if suffix:
        is_short = len(suffix) == 1 or suffix.isdigit()
        style = "mathrm" if suffix.isascii() else "text"
        indices.append(suffix if is_short and suffix.isascii() else _set(style, suffix))
    return f"{letters}_{{{','.join(indices)}}}" if indices else letters


def _set(style: str, letters: str) -> str:
    return rf"\{style}{{{_escaped(unicodedata.normalize('NFC', letters))}}}"


def name_plain(name: str) -> str:
    """A name in ASCII where that is possible: ∂f/∂x4 -> df/dx4, ẋ4 -> dx4, others unchanged."""
    if name.isascii():
        return name
    decomposed = unicodedata.normalize("NFD", name.replace("∂", "d"))
    if _DOT not in decomposed:
        return unicodedata.normalize("NFC", decomposed)
    return unicodedata.normalize("NFC", "d" + decomposed.replace(_DOT, ""))


def _apart(name: str) -> str:
    """With the dot of a tangent apart from its letter; other accents belong to theirs."""
    decomposed = unicodedata.normalize("NFD", name)
    return decomposed if _DOT in decomposed else unicodedata.normalize("NFC", name)


def _split(name: str) -> tuple[str, str, str]:
    """Letters, number, what follows an underscore: ("x", "12", ""), ("b", "", "out")."""
    found = _PARTS.fullmatch(name)
    if found is None:
        return name, "", ""
    return found[1], found[2] or "", found[3] or ""


_ESCAPES = {
    **{sign: "\\" + sign for sign in "_#$%&{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "∂": r"\ensuremath{\partial}",
    "\n": " ",
}


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(sign, sign) for sign in text)
