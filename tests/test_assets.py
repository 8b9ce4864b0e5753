"""What ships beside the code is found, readable and complete."""

from __future__ import annotations

import pytest

from visualad.assets import asset

# The signs in labels, formulas and axes.
SIGNS = "₀₁₂₃₄₅₆₇₈₉ₐₑₒₓₙẋẏ∂∇σθΣ·÷×−√ᵀ½⁻¹²³⇄∞≤≥→←⟨⟩‖▶"


def icon_names():
    return sorted(path.name for path in asset("icons").glob("*.svg"))


def test_a_missing_asset_is_named():
    with pytest.raises(FileNotFoundError, match="no-such-icon"):
        asset("icons/no-such-icon.svg")


@pytest.mark.parametrize("name", icon_names())
def test_qt_draws_the_icon(qapp, name):
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    text = asset(f"icons/{name}").read_text(encoding="utf-8")
    assert ("currentColor" in text) == (name != "app.svg")
    renderer = QSvgRenderer(text.replace("currentColor", "#000000").encode())
    assert renderer.isValid()
    image = QImage(24, 24, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    drawn = sum(image.pixelColor(x, y).alpha() > 0 for x in range(24) for y in range(24))
    assert drawn > 10


@pytest.mark.parametrize("style", ["Regular", "Medium", "SemiBold", "Bold", "Italic"])
def test_every_sign_of_the_window_is_in_the_shipped_fonts(qapp, style):
    from PySide6.QtGui import QRawFont

    fonts = [
        QRawFont(str(asset(f"fonts/{file}")), 12)
        for file in (f"Inter-{style}.otf", "DejaVuSans.ttf")
    ]
    assert all(font.isValid() for font in fonts)
    missing = [
        sign for sign in SIGNS if not any(font.glyphIndexesForString(sign)[0] for font in fonts)
    ]
    assert missing == []
