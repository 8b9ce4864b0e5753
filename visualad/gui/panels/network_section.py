"""Features and layers of the training panel: what goes in, and what it goes through."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.gui import fonts, theme
from visualad.gui.panels import training_edits as edits
from visualad.gui.panels.fields import Field
from visualad.gui.panels.parts import Sentence, heading, muted
from visualad.gui.panels.perceptron_dialog import activations
from visualad.gui.training_editor import (
    MOST_LAYERS,
    MOST_NEURONS,
    TrainingEditor,
    read_whole,
)
from visualad.gui.training_menus import ChoiceMenu, menu_button
from visualad.ops.writing import name_pretty
from visualad.training.features import FEATURES
from visualad.training.layers import Layers
from visualad.training.perceptron import LINEAR

_NAME, _OUTPUT = 20, 88  # px that the names of rows take
NEEDS_PERCEPTRON = (
    "Features and layers are chosen here for a perceptron; this graph is changed on the canvas."
)
SHOWN = {"x1^2": "x₁²", "x2^2": "x₂²", "x1*x2": "x₁x₂"}
SHORT = {"leaky_relu": "leaky", "log_softmax": "log s.m."}  # where there is little room
DROPOUTS = (0.1, 0.2, 0.3, 0.5)
NORMALIZATIONS = ((None, "No normalisation"), ("batch", "Batch normalisation"),
                  ("layer", "Layer normalisation"))  # fmt: skip


class FeatureSection(QWidget):
    """The seven features as chips that are on or off."""

    def __init__(self, editor: TrainingEditor) -> None:
        super().__init__()
        self.setObjectName("feature_section")
        self._editor = editor
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading("Features"))
        grid = QGridLayout()
        grid.setSpacing(4)
        self.chips: dict[str, Chip] = {}
        for number, name in enumerate(FEATURES):
            chip = Chip(SHOWN.get(name, name.replace("x1", "x₁").replace("x2", "x₂")))
            chip.setObjectName(f"feature_{name}")
            chip.setAccessibleName(f"Feature {name}")
            chip.clicked.connect(lambda _=False, name=name: self._switch(name))
            self.chips[name] = chip
            grid.addWidget(chip, number // 4, number % 4)
        column.addLayout(grid)

    def _switch(self, name: str) -> None:
        self._editor.switch_feature(name, tuple(FEATURES))
        self.refresh()

    def refresh(self) -> bool:
        """Show which are on; False where there are none to choose."""
        present = edits.features_of(self._editor.graph)
        for name, chip in self.chips.items():
            chip.setChecked(present is not None and name in present)
            chip.setToolTip(
                "A network needs at least one input"
                if present == (name,)
                else f"{chip.text()} as an input of the network"
            )
        return present is not None


class Chip(QAbstractButton):
    """A small button that is on or off, as wide as its neighbours."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        width = QFontMetricsF(fonts.text(11.5)).horizontalAdvance(self.text())
        return QSize(round(width) + 8, 26)

    def minimumSizeHint(self) -> QSize:
        return QSize(30, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        fill = shown.accent_soft if on else shown.hover if self.underMouse() else shown.surface
        line = shown.accent if on or self.hasFocus() else shown.border
        painter.setPen(QPen(QColor(line), 2.0 if self.hasFocus() else 1.0))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        weight = fonts.Weight.DemiBold if on else fonts.Weight.Normal
        painter.setFont(fonts.text(11.5, weight))
        painter.setPen(QColor(shown.text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class NetworkSection(QWidget):
    """Layers: more and fewer, the neurons and the activation of each."""

    def __init__(self, editor: TrainingEditor) -> None:
        super().__init__()
        self.setObjectName("network_section")
        self._editor = editor
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.title = heading("Network")
        self.title.setObjectName("network_title")
        self.title.setWordWrap(True)
        column.addWidget(self.title)
        self.reason = Sentence("network_reason", "info", "text_muted")
        column.addWidget(self.reason)
        self.buttons = QWidget()
        pair = QHBoxLayout(self.buttons)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(6)
        self.more = _wide("+ layer", "add_layer", editor.add_layer)
        self.fewer = _wide("− layer", "remove_layer", editor.remove_layer)
        pair.addWidget(self.more)
        pair.addWidget(self.fewer)
        column.addWidget(self.buttons)
        self._rows_area = QVBoxLayout()
        self._rows_area.setSpacing(2)
        column.addLayout(self._rows_area)
        self.fault = Sentence("network_fault")
        column.addWidget(self.fault)
        self.rows: list[LayerRow] = []
        self._faults: dict[int, str] = {}  # by layer

    def refresh(self, hidden: frozenset[str]) -> None:
        """Show the layers as they are, without the controls that are hidden."""
        found = edits.layers_of(self._editor.graph)
        self.reason.say("" if found is not None else NEEDS_PERCEPTRON)
        sizes = found.sizes if found is not None else ()
        self.title.setText("Network " + " – ".join(map(str, sizes)))
        self.buttons.setVisible(found is not None and "layers" not in hidden)
        depth = max(0, len(sizes) - 2)
        self.fewer.setEnabled(depth > 0)
        self.more.setEnabled(depth < MOST_LAYERS)
        while len(self.rows) < depth + 1:
            layer = len(self.rows)
            row = LayerRow(self._editor, layer)
            row.count.fault.connect(lambda sentence, layer=layer: self._say(layer, sentence))
            self.rows.append(row)
            self._rows_area.addWidget(row)
        for number, row in enumerate(self.rows):
            is_there = found is not None and number <= depth
            row.setVisible(is_there)
            if is_there:
                assert found is not None
                row.show_layer(found, hidden)

    def _say(self, layer: int, sentence: str) -> None:
        self._faults[layer] = sentence
        self.fault.say(next(filter(None, self._faults.values()), ""))


class LayerRow(QWidget):
    """One layer: neurons with − and +, and a menu of what is applied to them."""

    def __init__(self, editor: TrainingEditor, layer: int) -> None:
        super().__init__()
        self._editor = editor
        self._layer = layer
        self._count = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.name = muted(size=12.0)
        self.fewer = _small("−", f"fewer_neurons_{layer}", "One neuron fewer")
        self.fewer.clicked.connect(lambda: self._editor.set_neurons(layer, self._count - 1))
        self.more = _small("+", f"more_neurons_{layer}", "One neuron more")
        self.more.clicked.connect(lambda: self._editor.set_neurons(layer, self._count + 1))
        self.count = Field(f"neurons_{layer}", "Neurons", _neurons, self._set_count)
        self.count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.count.setFixedWidth(34)
        self.count.setStyleSheet("padding: 2px 1px;")
        self.count.stepped.connect(lambda by: self._editor.set_neurons(layer, self._count + by))
        menu = ChoiceMenu(f"layer_menu_{layer}", self)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self.function = menu_button(f"activation_{layer}", "Activation and more", menu)
        self.function.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.function.setMinimumWidth(60)
        for widget in (self.name, self.fewer, self.count, self.more):
            row.addWidget(widget)
        row.addWidget(self.function, 1)

    def _set_count(self, count: int) -> None:
        self._editor.set_neurons(self._layer, count)

    @property
    def _is_output(self) -> bool:
        found = edits.layers_of(self._editor.graph)
        return found is not None and self._layer == len(found.activations)

    def show_layer(self, found: Layers, hidden: frozenset[str]) -> None:
        """Show it as it is."""
        is_output = self._layer == len(found.activations)
        self._count = found.sizes[self._layer + 1]
        self.name.setText(
            ("output" if "layers" not in hidden else "o")
            if is_output
            else name_pretty(f"a{self._layer + 1}")
        )
        self.name.setFixedWidth(_OUTPUT if is_output and "layers" not in hidden else _NAME)
        self.count.show_text(str(self._count))
        for widget in (self.fewer, self.more, self.count):
            widget.setVisible("layers" not in hidden and not is_output)
        self.fewer.setEnabled(self._count > 1)
        op = found.output if is_output else found.activations[self._layer]
        parts = [op.replace("_", " ")]
        if not is_output:
            kind, rate = found.normalizations[self._layer], found.dropouts[self._layer]
            parts += [f"{kind} normalisation"] if kind else []
            parts += [f"dropout {rate:g}"] if rate else []
        short = SHORT.get(op, parts[0]) + (" +" if len(parts) > 1 else "")
        self.function.setText(f"{short} ▾")
        more = "" if is_output else "; also for normalisation and dropout"
        self.function.setToolTip(f"{', '.join(parts)}{more}")
        self.function.setEnabled(not {"activation", "normalization"} <= hidden)

    def _fill(self, menu: ChoiceMenu) -> None:
        menu.clear()
        editor, layer = self._editor, self._layer
        found = edits.layers_of(editor.graph)
        if found is None:
            return
        is_output = layer == len(found.activations)
        hidden = editor.hidden
        if "activation" not in hidden:
            names = [LINEAR, *activations()] if is_output else activations()
            current = found.output if is_output else found.activations[layer]
            for op in names:
                action = menu.offer(
                    op.replace("_", " "),
                    op,
                    lambda op=op: editor.set_activation(layer, op),  # type: ignore[misc]
                )
                action.setChecked(op == current)
        if is_output or "normalization" in hidden:
            return
        menu.section()
        for kind, title in NORMALIZATIONS:
            action = menu.offer(
                title,
                kind,
                lambda kind=kind: editor.set_normalization(layer, kind),  # type: ignore[misc]
                "Between the layer and its activation",
            )
            action.setChecked(kind == found.normalizations[layer])
        self._add_dropout(menu.addMenu("Dropout"), found.dropouts[layer])

    def _add_dropout(self, menu: QMenu, current: float) -> None:
        for rate in (0.0, *DROPOUTS):
            action = menu.addAction("none" if not rate else f"{rate:g}")
            action.setCheckable(True)
            action.setChecked(rate == current)
            action.triggered.connect(
                lambda _=False, rate=rate: self._editor.set_dropout(self._layer, rate)
            )


def _wide(text: str, name: str, clicked: object) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setMinimumHeight(27)
    button.clicked.connect(lambda _=False: clicked())  # type: ignore[operator]
    return button


def _small(text: str, name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(tip)
    button.setToolTip(tip)
    button.setText(text)
    button.setFixedSize(22, 26)
    button.setStyleSheet("padding: 0;")
    button.setAutoRepeat(True)
    return button


def _neurons(text: str) -> int:
    count = read_whole(text)
    if count > MOST_NEURONS:
        raise VisualADError(f"A layer has at most {MOST_NEURONS:,} neurons here.")
    return count
