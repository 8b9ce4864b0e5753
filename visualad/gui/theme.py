"""The colours of the window, the canvas and the plots, in one table for each theme.

Orange is forward, blue is backward, green is cross. No colour carries a meaning alone: texts,
line styles and icons say the same. Text and lines keep the contrasts of WCAG 2.1 (4.5 and 3 to 1).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from visualad.assets import asset
from visualad.gui import fonts


@dataclass(frozen=True)
class Theme:
    """Colour tokens, each "#rrggbb".

    Attributes:
        background: of the canvas; panel: of docks and menus; surface: of cards and fields.
        border: of fields and panels; grid: dots of the canvas; hover: under the mouse.
        text, text_muted: on panel, surface and background; on_accent: on accent and mode colours.
        accent, accent_soft: what is active, and its pale form for selected rows.
        forward, backward, cross: colours of the modes; *_soft: pale forms for fills.
        node_border, node_selected, node_shadow: of node cards.
        input, parameter, constant, data, output: what sets the kinds of nodes apart.
        edge, port: lines and dots of the graph.
        error, error_soft, warning, success: states, always with an icon or words.
        negative, neutral, positive: ends and middle of the diverging map for numbers.
        plot_train, plot_test, plot_grid: of the loss plot.
    """

    name: str
    background: str
    panel: str
    surface: str
    border: str
    grid: str
    hover: str
    text: str
    text_muted: str
    on_accent: str
    accent: str
    accent_soft: str
    forward: str
    forward_soft: str
    backward: str
    backward_soft: str
    cross: str
    cross_soft: str
    node_border: str
    node_selected: str
    node_shadow: str
    input: str
    parameter: str
    constant: str
    data: str
    output: str
    edge: str
    port: str
    error: str
    error_soft: str
    warning: str
    success: str
    negative: str
    neutral: str
    positive: str
    plot_train: str
    plot_test: str
    plot_grid: str

    @property
    def is_dark(self) -> bool:
        """Whether text is lighter than what lies behind it."""
        return QColor(self.background).lightnessF() < 0.5

    def mode(self, mode: str) -> str:
        """The colour of a mode; the accent for none."""
        colours = {"forward": self.forward, "backward": self.backward, "cross": self.cross}
        return colours.get(mode, self.accent)

    def mode_soft(self, mode: str) -> str:
        """The pale colour of a mode."""
        soft = {
            "forward": self.forward_soft,
            "backward": self.backward_soft,
            "cross": self.cross_soft,
        }
        return soft.get(mode, self.accent_soft)

    def colour(self, token: str) -> QColor:
        """A token as a QColor."""
        return QColor(getattr(self, token))


LIGHT = Theme(
    name="light",
    background="#fbfcfd",
    panel="#f3f5f8",
    surface="#ffffff",
    border="#d7dde4",
    grid="#dbe1e8",
    hover="#e9edf2",
    text="#1f2933",
    text_muted="#5f6b79",
    on_accent="#ffffff",
    accent="#1d5fa8",
    accent_soft="#e3edf8",
    forward="#b9500a",
    forward_soft="#fbe9dc",
    backward="#1d5fa8",
    backward_soft="#dfeaf6",
    cross="#0a7553",
    cross_soft="#dcf0e8",
    node_border="#d0d7df",
    node_selected="#1d5fa8",
    node_shadow="#1f2933",
    input="#8fb4dd",
    parameter="#7a5bb5",
    constant="#8a94a1",
    data="#2f8f9d",
    output="#1d5fa8",
    edge="#8594a5",
    port="#6f7f90",
    error="#c0262d",
    error_soft="#fdecec",
    warning="#9a6400",
    success="#0a7553",
    negative="#c2570c",
    neutral="#eef1f4",
    positive="#1d5fa8",
    plot_train="#1f2933",
    plot_test="#6f8296",
    plot_grid="#e6eaee",
)

DARK = Theme(
    name="dark",
    background="#15191e",
    panel="#1c2127",
    surface="#242a31",
    border="#39424c",
    grid="#272e36",
    hover="#2e363f",
    text="#e6eaef",
    text_muted="#9ba8b6",
    on_accent="#10151a",
    accent="#6cabee",
    accent_soft="#22384f",
    forward="#f0955a",
    forward_soft="#46301f",
    backward="#6cabee",
    backward_soft="#213a55",
    cross="#4dc39a",
    cross_soft="#1b3d32",
    node_border="#444f5b",
    node_selected="#6cabee",
    node_shadow="#000000",
    input="#4f7fb3",
    parameter="#a88be0",
    constant="#8a97a5",
    data="#4fb4c2",
    output="#6cabee",
    edge="#7c8b9b",
    port="#8e9dad",
    error="#f2777c",
    error_soft="#43272b",
    warning="#e0ad4c",
    success="#4dc39a",
    negative="#f0955a",
    neutral="#343c45",
    positive="#6cabee",
    plot_train="#e6eaef",
    plot_test="#8da0b4",
    plot_grid="#2d353e",
)

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


class _Themes(QObject):
    """Which theme is shown; one for the whole program."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.current = LIGHT


_themes = _Themes()
theme_changed = _themes.changed


def current() -> Theme:
    """The theme that is shown."""
    return _themes.current


def set_theme(name: str) -> None:
    """Show the theme "light" or "dark"; `theme_changed` tells everybody.

    Raises:
        KeyError: for any other name.
    """
    chosen = THEMES[name]
    if chosen is _themes.current:
        return
    _themes.current = chosen
    app = QApplication.instance()
    if isinstance(app, QApplication):
        apply(app)
    _themes.changed.emit()


def apply(app: QApplication) -> None:
    """Give the application our style, fonts, palette and style sheet."""
    fonts.load()
    if app.style().objectName().lower() != "fusion":
        app.setStyle("fusion")
    app.setFont(fonts.text())
    app.setPalette(palette(_themes.current))
    app.setStyleSheet(style_sheet(_themes.current))


def palette(theme: Theme) -> QPalette:
    """The tokens as Qt's roles, for widgets that the style sheet does not name."""
    role = QPalette.ColorRole
    made = QPalette()
    for name, token in (
        (role.Window, theme.panel),
        (role.WindowText, theme.text),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.panel),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.text_muted),
        (role.Button, theme.surface),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.error),
        (role.ToolTipBase, theme.surface),
        (role.ToolTipText, theme.text),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Accent, theme.accent),
        (role.Link, theme.accent),
        (role.LinkVisited, theme.accent),
        (role.Light, theme.surface),
        (role.Midlight, theme.hover),
        (role.Mid, theme.border),
        (role.Dark, theme.border),
        (role.Shadow, theme.node_shadow),
    ):
        made.setColor(name, QColor(token))
    for name in (role.WindowText, role.Text, role.ButtonText):
        faded = mixed(theme.text_muted, theme.panel, 0.35)
        made.setColor(QPalette.ColorGroup.Disabled, name, QColor(faded))
    return made


def mixed(first: str, second: str, share: float) -> str:
    """The colour between two: `share` 0 is the first, 1 the second."""
    a, b = QColor(first), QColor(second)
    parts = (
        (1 - share) * x + share * y
        for x, y in ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    )
    return "#{:02x}{:02x}{:02x}".format(*(round(part) for part in parts))


def diverging(theme: Theme, levels: int = 256) -> np.ndarray:
    """The map from negative over neutral to positive: (levels, 3) bytes.

    Both ends are about equally far from the middle in lightness, so equal magnitudes look equally
    strong (after Moreland 2009).
    """
    ends = [QColor(c) for c in (theme.negative, theme.neutral, theme.positive)]
    at = np.linspace(-1.0, 1.0, levels)
    channels = [
        np.interp(at, (-1.0, 0.0, 1.0), channel)
        for channel in zip(*((c.red(), c.green(), c.blue()) for c in ends), strict=True)
    ]
    return np.stack(channels, axis=1).round().astype(np.uint8)


def style_sheet(theme: Theme) -> str:
    """What a palette cannot say: thin borders, round corners, quiet docks."""
    tokens = {f.name: getattr(theme, f.name) for f in fields(theme)}
    tokens["pressed"] = mixed(theme.hover, theme.border, 0.6)
    tokens["faded"] = mixed(theme.text_muted, theme.panel, 0.35)
    tokens["tick"] = asset(f"style/tick-{theme.name}.svg").as_posix()
    sheet = _STYLE
    for name in sorted(tokens, key=len, reverse=True):
        sheet = sheet.replace("@" + name, tokens[name])
    return sheet


_STYLE = """
QMainWindow, QDialog { background: @panel; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QMainWindow::separator { background: @border; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: @accent; }
QToolTip { background: @surface; color: @text; border: 1px solid @border; padding: 5px 7px; }

QMenuBar { background: @panel; color: @text; padding: 2px 6px; border: none; }
QMenuBar::item { background: transparent; padding: 4px 9px; border-radius: 4px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @hover; }
QMenu { background: @surface; color: @text; border: 1px solid @border; padding: 5px; }
QMenu::item { padding: 5px 24px 5px 22px; border-radius: 4px; }
QMenu::item:selected { background: @accent_soft; color: @text; }
QMenu::item:disabled { color: @faded; }
QMenu::separator { height: 1px; background: @border; margin: 5px 8px; }
QMenu::icon { padding-left: 6px; }

QToolBar { background: @surface; border: none; border-bottom: 1px solid @border; spacing: 4px;
  padding: 4px 8px; }
QToolBar::separator { background: @border; width: 1px; margin: 5px 5px; }
QStatusBar { background: @panel; color: @text_muted; border-top: 1px solid @border; }
QStatusBar::item { border: none; }

QDockWidget { color: @text_muted; font-weight: 600; titlebar-close-icon: none;
  titlebar-normal-icon: none; }
QDockWidget::title { background: @panel; padding: 6px 10px; border: none; text-align: left; }

QPushButton, QToolButton { background: @surface; color: @text; border: 1px solid @border;
  border-radius: 5px; padding: 4px 12px; }
QPushButton:hover, QToolButton:hover { background: @hover; }
QPushButton:pressed, QToolButton:pressed { background: @pressed; }
QPushButton:checked, QToolButton:checked { background: @accent; color: @on_accent;
  border-color: @accent; }
QPushButton:default { background: @accent; color: @on_accent; border-color: @accent;
  font-weight: 600; }
QPushButton:disabled, QToolButton:disabled { color: @faded; background: @panel; }
QPushButton:focus, QToolButton:focus { border-color: @accent; }
QToolButton[autoRaise="true"] { background: transparent; border-color: transparent; padding: 4px; }
QToolButton[autoRaise="true"]:hover { background: @hover; }
QToolButton[autoRaise="true"]:pressed { background: @pressed; }
QToolButton[autoRaise="true"]:checked { background: @accent_soft; color: @text; }
QToolButton[autoRaise="true"]:focus { border-color: @accent; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox { background: @surface;
  color: @text; border: 1px solid @border; border-radius: 5px; padding: 3px 8px;
  selection-background-color: @accent; selection-color: @on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QComboBox:focus { border: 1px solid @accent; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {
  color: @faded; background: @panel; }
QCheckBox::indicator { width: 12px; height: 12px; border: 1px solid @text_muted;
  border-radius: 3px; background: @surface; }
QCheckBox::indicator:checked { border-color: @accent; background: @accent; image: url("@tick"); }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: @accent; }
QCheckBox::indicator:disabled { border-color: @border; background: @panel; }
QCheckBox::indicator:checked:disabled { background: @border; }
QRadioButton::indicator { width: 12px; height: 12px; border: 1px solid @text_muted;
    border-radius: 7px; background: @surface; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 4px solid @accent; }
QRadioButton:focus { color: @accent; }
QLineEdit[invalid="true"] { border: 1px solid @error; background: @error_soft; }
QComboBox QAbstractItemView { background: @surface; border: 1px solid @border;
  selection-background-color: @accent_soft; selection-color: @text; }

QTreeView, QListView, QTableView { background: @surface; color: @text; border: none;
  outline: none; selection-background-color: @accent_soft; selection-color: @text;
  alternate-background-color: @panel; gridline-color: @border; }
QTreeView::item, QListView::item { padding: 3px 4px; border: none; }
QTreeView::item:hover, QListView::item:hover, QTableView::item:hover { background: @hover; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected {
  background: @accent_soft; color: @text; }
QHeaderView::section { background: @surface; color: @text_muted; border: none;
  border-bottom: 1px solid @border; padding: 5px 8px; font-weight: 600; }
QFrame#frozen_edge { background: @border; border: none; }
QTableCornerButton::section { background: @surface; border: none; }

QTabWidget::pane { border: none; border-top: 1px solid @border; }
QTabBar { background: @panel; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @text_muted; padding: 7px 14px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; font-weight: 600; border-bottom: 2px solid @accent; }
QTabBar::scroller { width: 36px; }
QTabBar QToolButton { background: @panel; border: none; border-radius: 0; padding: 0; }
QTabBar QToolButton:hover { background: @hover; }

QSlider::groove:horizontal { height: 4px; background: @border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::sub-page:horizontal:disabled { background: @border; }
QSlider::handle:horizontal { width: 13px; height: 13px; margin: -6px 0; border-radius: 7px;
  background: @surface; border: 1.5px solid @accent; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: @accent_soft; }
QSlider::handle:horizontal:disabled { border-color: @border; }

QProgressBar { background: @hover; border: none; border-radius: 3px; height: 6px;
  text-align: center; color: @text; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 4px; margin: 1px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @text_muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea { background: transparent; border: none; }
QSplitter::handle { background: @border; }
"""
