"""Formulas as pictures."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage, QPainter

from visualad.gui.panels.typeset import typeset


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\partial f}{\partial x_{4}}",
        r"\dot{x}_{4} = e^{x_{4}} \cdot \dot{x}_{1}",
        r"\sum \text{over the edges that leave } x_{4}",
    ],
)
def test_formulas_of_derivations_are_typeset(qapp, tex):
    formula = typeset(tex, "#1d5fa8")
    assert formula.is_typeset
    assert formula.width > 5
    assert 0 < formula.ascent <= formula.height


def test_the_minus_of_a_number_keeps_close_to_it(qapp):
    def width(tex: str) -> float:
        return typeset(tex, "#1d5fa8").width

    bare = width("{-}1")
    assert width("(-1)") - width("(1)") == pytest.approx(bare - width("1"), abs=0.2)
    assert width("a \\cdot (-1)") < width("a - 1 \\cdot 1")
    assert width("a - b") > width("a {-} b")  # a difference keeps its room


def test_what_cannot_be_typeset_is_written_as_text(qapp):
    formula = typeset(r"\frac{", "#1d5fa8", text="∂f/∂x₄")
    assert not formula.is_typeset
    assert formula.text == "∂f/∂x₄"
    assert formula.width > 10


def test_a_formula_is_typeset_once_for_each_size_and_colour(qapp):
    assert typeset("x_{1}", "#000000") is typeset("x_{1}", "#000000")
    assert typeset("x_{1}", "#000000") is not typeset("x_{1}", "#ffffff")
    assert typeset("x_{1}", "#000000", 20.0).height > typeset("x_{1}", "#000000", 10.0).height


def test_a_drawn_formula_has_its_colour(qapp):
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    typeset(r"\blacksquare M", "#b9500a", 24.0).draw(painter, 2, 30)
    painter.end()
    found = {image.pixelColor(x, y).name() for x in range(60) for y in range(40)}
    assert "#b9500a" in found
