r"""Expressions as text: Python source, Unicode for reading, LaTeX for typesetting, NumPy source.

    plain   x1*x2 + sin(x3)        parses back to the same graph
    pretty  x₁·x₂ + sin x₃
    latex   x_{1} \cdot x_{2} + \sin x_{3}
    numpy   x1 * x2 + np.sin(x3)

How an operation is written follows from its declaration: the infix operator or a call in Python,
its templates for people. Nothing here recurses, so depth costs nothing.
"""

from __future__ import annotations

from visualad.ops.expression import Expression
from visualad.ops.writing_names import (
    derivative_name,
    name_latex,
    name_plain,
    name_pretty,
    tangent_name,
)
from visualad.ops.writing_numbers import (
    number_latex,
    number_plain,
    number_pretty,
    number_text,
    value_expression,
)
from visualad.ops.writing_python import NumPy, Plain
from visualad.ops.writing_readable import Latex, Pretty
from visualad.ops.writing_walk import write

__all__ = [
    "derivative_name",
    "formula",
    "latex",
    "name_latex",
    "name_plain",
    "name_pretty",
    "number_latex",
    "number_plain",
    "number_pretty",
    "number_text",
    "numpy_source",
    "plain",
    "pretty",
    "tangent_name",
    "value_expression",
]


def plain(expression: Expression) -> str:
    """Python source with operators and registered names; the parser reads it back the same."""
    return write(expression, Plain())


def pretty(expression: Expression, digits: int = 4, limit: int = 0) -> str:
    """Unicode for reading: x₄·x₅, sin x₃, exp x₄, with numbers rounded to `digits`.

    Args:
        expression: what to write.
        digits: significant digits of numbers.
        limit: cut after about so many characters, with an ellipsis; 0 writes everything.
    """
    return write(expression, Pretty(digits), limit)


def latex(expression: Expression, digits: int = 4, limit: int = 0) -> str:
    """LaTeX for typesetting, to stand in math mode; see `pretty` for the arguments."""
    return write(expression, Latex(digits), limit)


def formula(expression: Expression, digits: int = 4) -> tuple[str, str, str]:
    """The three writings of an expression for people: Unicode, LaTeX, plain."""
    return pretty(expression, digits), latex(expression, digits), plain(expression)


def numpy_source(expression: Expression) -> str:
    """Python source over `np`: ufuncs and operators, other operations as calls by their name."""
    return write(expression, NumPy())
