"""Colours that can be read, fonts that have the signs, icons that follow the theme."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFont, QIcon, QRawFont
from PySide6.QtWidgets import QApplication

from visualad.assets import asset
from visualad.gui import fonts, icons, theme

BOTH = pytest.mark.parametrize("shown", [theme.LIGHT, theme.DARK], ids=["light", "dark"])


@pytest.fixture(autouse=True)
def _light_again(qapp: QApplication):
    yield
    theme.set_theme("light")


def luminance(colour: str) -> float:
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@BOTH
@pytest.mark.parametrize("text", ["text", "text_muted", "forward", "backward", "cross", "error"])
@pytest.mark.parametrize("behind", ["background", "panel", "surface"])
def test_texts_have_the_contrast_of_wcag(shown: theme.Theme, text: str, behind: str) -> None:
    assert contrast(getattr(shown, text), getattr(shown, behind)) >= 4.5


@BOTH
@pytest.mark.parametrize("line", ["edge", "port", "accent", "output", "parameter", "warning"])
def test_lines_have_the_contrast_of_wcag(shown: theme.Theme, line: str) -> None:
    assert contrast(getattr(shown, line), shown.background) >= 3.0


@BOTH
@pytest.mark.parametrize("mode", ["forward", "backward", "cross", ""])
def test_buttons_in_mode_colours_can_be_read(shown: theme.Theme, mode: str) -> None:
    assert contrast(shown.on_accent, shown.mode(mode)) >= 4.5


@BOTH
def test_both_ends_of_the_map_are_about_equally_strong(shown: theme.Theme) -> None:
    colours = theme.diverging(shown)
    low, middle, high = (colours[i].astype(float) for i in (0, 128, 255))
    weights = np.array([0.2126, 0.7152, 0.0722])
    away = [abs(float((end - middle) @ weights)) for end in (low, high)]
    assert min(away) > 0.6 * max(away)
    assert colours.shape == (256, 3)


def test_a_change_of_theme_is_told_and_changes_the_palette(qapp: QApplication) -> None:
    told = []
    theme.theme_changed.connect(lambda: told.append(theme.current().name))
    theme.apply(qapp)
    theme.set_theme("dark")
    theme.set_theme("dark")
    assert told == ["dark"]
    assert qapp.palette().window().color() == QColor(theme.DARK.panel)
    with pytest.raises(KeyError):
        theme.set_theme("purple")


@BOTH
def test_the_style_sheet_has_no_token_left(shown: theme.Theme) -> None:
    assert "@" not in theme.style_sheet(shown)


def test_our_fonts_have_the_signs_of_mathematics(qapp: QApplication) -> None:
    fonts.load()
    found = [
        QRawFont(str(asset(f"fonts/{name}")), 12)
        for name in ("Inter-Regular.otf", "DejaVuSans.ttf")
    ]
    for sign in "x₀₁₂₉ẋ∂ᵀθαλσ·−÷×√∞∇Σ½⁻¹²³…—≥≤":
        assert any(font.supportsCharacter(ord(sign)) for font in found), sign


def test_figures_are_equally_wide(qapp: QApplication) -> None:
    fonts.load()
    assert len({round(fonts.width(figure * 4, 13), 3) for figure in "0123456789"}) == 1
    assert fonts.text(13, QFont.Weight.Bold).bold()


def test_icons_take_the_colour_of_the_theme(qapp: QApplication) -> None:
    made = icons.icon("play")
    light = made.pixmap(QSize(32, 32)).toImage()
    theme.set_theme("dark")
    dark = made.pixmap(QSize(32, 32)).toImage()
    assert light != dark
    disabled = made.pixmap(QSize(32, 32), QIcon.Mode.Disabled).toImage()
    assert disabled != dark


def test_icons_are_sharp_on_dense_screens(qapp: QApplication) -> None:
    picture = icons.pixmap("search", 18, ratio=2.0)
    assert picture.size() == QSize(36, 36)
    assert picture.devicePixelRatio() == 2.0
    button = icons.icon("search").pixmap(QSize(18, 18), 2.0)
    assert button.size() == QSize(36, 36)
    assert button.devicePixelRatio() == 2.0
