"""The data of the training panel: which set, how much of it, how noisy, what is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from visualad.gui import fonts, theme
from visualad.gui.panels import training_edits as edits
from visualad.gui.panels.dataset_picture import DatasetButton
from visualad.gui.panels.fields import Faulty, Field, Slider
from visualad.gui.panels.parts import Text, heading, muted
from visualad.gui.training_editor import TrainingEditor, read_whole
from visualad.training.generators import GENERATORS
from visualad.training.shipped import SHIPPED

PICTURED = ("circle", "xor", "gauss", "spiral")
LISTED = {
    "plane": "plane (regression)",
    "two_hills": "two hills (regression)",
    "digits": "digits 8×8",
    "iris": "iris",
}
MORE = "more data sets"
OPEN = "data.open"  # the command that asks for a file
MOST_NOISE = 0.5
PICTURE = (75, 62)


class DataSection(QWidget):
    """Everything that decides which samples there are.

    Signals:
        command_requested: id of a command of the window.
    """

    command_requested = Signal(str)

    def __init__(self, editor: TrainingEditor) -> None:
        super().__init__()
        self.setObjectName("data_section")
        self._editor = editor
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(9)
        self.sets = QWidget()
        sets = QVBoxLayout(self.sets)
        sets.setContentsMargins(0, 0, 0, 0)
        sets.setSpacing(6)
        sets.addWidget(heading("Data"))
        self.datasets: dict[str, QAbstractButton] = {}
        self._build_pictures(sets)
        self._build_rows(sets)
        column.addWidget(self.sets)
        self.ratio = SliderRow("ratio", "train : test", "Share for training", editor)
        self.ratio.slider.moved.connect(editor.set_ratio)
        self.noise = SliderRow("noise", "noise", "Noise", editor)
        self.noise.slider.moved.connect(editor.set_noise)
        self.test = QCheckBox("test points shown")
        self.test.setObjectName("training_test_points")
        self.test.clicked.connect(editor.show_test_data)
        self.points = QWidget()
        row = QHBoxLayout(self.points)
        row.setContentsMargins(0, 0, 0, 0)
        self.count = Field("training_points", "Number of points", read_whole, editor.set_points)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.count.setMaximumWidth(80)
        label = muted("points")
        label.setMinimumHeight(26)
        row.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch(1)
        row.addWidget(Faulty(self.count))
        for widget in (self.ratio, self.noise, self.points, self.test):
            column.addWidget(widget)
        self.controls = {
            "data": self.sets,
            "ratio": self.ratio,
            "noise": self.noise,
            "points": self.points,
            "test_points": self.test,
        }

    # Building ---------------------------------------------------------------------------------

    def _build_pictures(self, column: QVBoxLayout) -> None:
        grid = QGridLayout()
        grid.setSpacing(6)
        for number, name in enumerate(PICTURED):
            button = DatasetButton(name, name, self._editor.session, PICTURE)
            button.clicked.connect(lambda _=False, name=name: self._choose(name))
            self.datasets[name] = button
            grid.addWidget(button, number // 2, number % 2)
        column.addLayout(grid)

    def _build_rows(self, column: QVBoxLayout) -> None:
        rows = QVBoxLayout()
        rows.setSpacing(0)
        for name, title in LISTED.items():
            row = DataRow(title, f"dataset_{name}")
            row.clicked.connect(lambda _=False, name=name: self._choose(name))
            row.setToolTip(SHIPPED[name].about if name in SHIPPED else title)
            self.datasets[name] = row
            rows.addWidget(row)
        self.more = DataRow(MORE, "dataset_more", has_menu=True)
        self.more.clicked.connect(self._show_more)
        rows.addWidget(self.more)
        self.file = DataRow("open a file…", "dataset_file")
        self.file.setCheckable(False)
        self.file.clicked.connect(lambda: self.command_requested.emit(OPEN))
        rows.addWidget(self.file)
        column.addLayout(rows)

    def _choose(self, name: str) -> None:
        self._editor.choose_data(name)
        self.refresh()

    def others(self) -> dict[str, str]:
        """The data sets behind "more": titles by name."""
        drawn = {name: kind.title or name for name, kind in GENERATORS.items()}
        known = {**drawn, **{name: kind.title.lower() for name, kind in SHIPPED.items()}}
        return {n: t for n, t in known.items() if n not in PICTURED and n not in LISTED}

    def more_menu(self) -> QMenu:
        """The menu of the other data sets."""
        menu = QMenu(self)
        menu.setObjectName("more_data_menu")
        menu.setToolTipsVisible(True)
        chosen = self._editor.settings["data"].get("name")
        for name, title in self.others().items():
            action = menu.addAction(title)
            action.setObjectName(f"dataset_{name}")
            action.setCheckable(True)
            action.setChecked(name == chosen)
            if name in SHIPPED:
                action.setToolTip(SHIPPED[name].about)
            action.triggered.connect(lambda _=False, name=name: self._choose(name))
        return menu

    def _show_more(self) -> None:
        menu = self.more_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
        self.refresh()

    # Showing ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the settings of the data as they are."""
        graph = self._editor.graph
        data: dict[str, Any] = self._editor.settings["data"]
        chosen = str(data.get("name", ""))
        adapts = edits.layers_of(graph) is not None
        columns = edits.input_columns(graph)
        for name, button in self.datasets.items():
            generator = GENERATORS.get(name)
            fits = adapts or columns is None or generator is None or columns == generator.inputs
            button.setEnabled(fits)
            if generator is not None:
                title = button.text()
                button.setToolTip(
                    f"{title}: {generator.samples:,} points"
                    if fits
                    else f"{title} has {generator.inputs} inputs, but the network takes {columns}."
                )
            button.setChecked(name == chosen)
            if isinstance(button, DatasetButton):
                noise = data.get("noise") if name == chosen else None
                button.show_data(noise, int(data.get("seed") or 0))
        elsewhere = chosen not in self.datasets
        self.more.setText(self.others().get(chosen, Path(chosen).name) if elsewhere else MORE)
        self.more.setChecked(elsewhere)
        drawn = chosen in GENERATORS
        for widget in (self.noise, self.points):
            widget.setEnabled(drawn)
            widget.setToolTip("" if drawn else "Only data that are made have these settings")
        level = float(data.get("noise") or 0.0)
        self.noise.show_number(level, 0.0, MOST_NOISE, f"{100 * level:g}")
        share = 1.0 - float(data.get("test_fraction", 0.5))
        self.ratio.show_number(share, 0.1, 0.9, f"{100 * share:.0f} %")
        self.count.show_text(str(data.get("n", "")))
        self.test.setChecked(bool(self._editor.settings.get("show_test_data", True)))


class SliderRow(QWidget):
    """A slider with its name at the left above it and its number at the right."""

    def __init__(self, name: str, title: str, label: str, editor: TrainingEditor) -> None:
        super().__init__()
        top = QHBoxLayout()
        self.number = Text("", "text", 12.5, fonts.Weight.DemiBold)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setObjectName(f"training_{name}_text")
        top.addWidget(muted(title))
        top.addWidget(self.number, 1)
        self.slider = Slider(f"training_{name}", label)
        self.slider.released.connect(editor.document.end_merge)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.slider)

    def show_number(self, number: float, low: float, high: float, text: str) -> None:
        """Show a number between its ends."""
        self.slider.show_number(number, low, high)
        self.number.setText(text)


class DataRow(QAbstractButton):
    """A data set as a line of text; marked when it is the one in use."""

    def __init__(self, text: str, name: str, *, has_menu: bool = False) -> None:
        super().__init__()
        self.setText(text)
        self.setObjectName(name)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._has_menu = has_menu
        theme.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(120, 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.45)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.isChecked() or self.underMouse() or self.hasFocus():
            painter.setBrush(QColor(shown.accent_soft if self.isChecked() else shown.hover))
            line = shown.accent if self.hasFocus() else "transparent"
            painter.setPen(QPen(QColor(line)))
            painter.drawRoundedRect(area, 4, 4)
        weight = fonts.Weight.DemiBold if self.isChecked() else fonts.Weight.Normal
        painter.setFont(fonts.text(12.0, weight))
        painter.setPen(QColor(shown.text))
        room = area.adjusted(9, 0, -22 if self._has_menu else -4, 0)
        words = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        if self._has_menu:
            painter.setPen(QPen(QColor(shown.text_muted), 1.4))
            middle = QPointF(area.right() - 10, area.center().y() + 2)
            painter.drawLine(middle - QPointF(3.5, 3.5), middle)
            painter.drawLine(middle, middle + QPointF(3.5, -3.5))
        painter.end()
