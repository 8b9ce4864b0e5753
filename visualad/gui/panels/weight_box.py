"""The box beside the network: the weight, bias or neuron under the mouse in numbers, live."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from visualad.gui import fonts, theme
from visualad.gui.canvas.network_parts import Neuron, Part
from visualad.gui.network_watch import NetworkWatch
from visualad.gui.neuron_sum import neuron_sum
from visualad.gui.panels.parts import Elided, heading
from visualad.ops.writing import number_pretty

HINT = "Point at a line or at the mark of a bias."
_DIGITS, _MOST_DIGITS = 4, 6


class WeightBox(QWidget):
    """Hidden unless the network is shown neuron by neuron; then it always has the same size."""

    def __init__(self, watch: NetworkWatch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("weight_box")
        self._watch = watch
        self.title = heading("Hover a weight")
        self.value = Elided("", "text", 13.0, fonts.Weight.DemiBold)
        self.value.setObjectName("weight_value")
        self.gradient = Elided("", "accent", 12.5)
        self.gradient.setObjectName("weight_gradient")
        self.note = Elided("", "text_muted", 11.5)
        frame = _Card()
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(12, 8, 12, 8)
        inside.setSpacing(4)
        for line in (self.value, self.gradient, self.note):
            line.setTextFormat(Qt.TextFormat.PlainText)
            inside.addWidget(line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(frame)
        watch.changed.connect(self.refresh)
        watch.pointed.connect(self.refresh)
        watch.watched.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show what is typed, else the part under the mouse, else the one that is selected."""
        watch = self._watch
        self.setVisible(watch.is_watched and not watch.is_hidden)
        if self.isHidden():
            return
        lines = weight_lines(watch, watch.edited or watch.hovered or watch.chosen)
        for label, text in zip((self.value, self.gradient, self.note), lines, strict=True):
            if label.text() != text:
                label.setText(text)


class _Card(QFrame):
    """A surface with round corners, in the colours of the theme."""

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(shown.colour("border"))
        painter.setBrush(shown.colour("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.end()


def weight_lines(watch: NetworkWatch, part: Part | None) -> tuple[str, str, str]:
    """Value, gradient with what comes next, and a note on which samples these are of."""
    names = watch.names
    if part is None or names is None:
        return "—", "", HINT
    if isinstance(part, Neuron):
        found = neuron_sum(watch, part)
        assert found is not None
        answer = found.result.rpartition("= ")[2]
        first = f"{found.name} = {answer}" if answer else found.name
        return first, found.place, f"sample {watch.sample + 1} of those the graph holds"
    value = watch.value(part)
    if value is None:
        return "—", "", HINT
    written = number_pretty(value, _DIGITS)
    first = f"{names.parameter(part)} = {written}"
    gradient, coming = watch.gradient(part), watch.coming(part)
    if gradient is None:
        waits = watch.state is not None and watch.state.batch == 0 and not watch.is_live
        note = "no training data: no gradient" if waits else ""
        return first, "", note
    second = f"{names.gradient(part)} = {number_pretty(gradient, 3)}"
    if coming is not None:
        second += f"  next: {_apart(coming, written)}"
    batch = watch.state.batch if watch.state is not None else 0
    samples = "1 sample" if batch == 1 else f"{batch} samples"
    return first, second, f"for the coming batch of {samples}"


def _apart(coming: float, written: str) -> str:
    """With as many digits as it takes to see that it is another number."""
    for digits in range(_DIGITS, _MOST_DIGITS):
        text = number_pretty(coming, digits)
        if text != written:
            return text
    return number_pretty(coming, _MOST_DIGITS)
