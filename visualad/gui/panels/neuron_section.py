"""In the inspector: the sum of the neuron that is selected, with the numbers of one sample."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from visualad.gui import fonts
from visualad.gui.canvas.network_parts import Neuron, Part
from visualad.gui.network_watch import NetworkWatch
from visualad.gui.neuron_sum import neuron_sum
from visualad.gui.panels.parts import Elided, Prose, Rule, Text, muted


class NeuronSection(QWidget):
    """Hidden unless a neuron, weight or bias of the drawn network is selected."""

    def __init__(self, watch: NetworkWatch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("neuron_section")
        self._watch = watch
        self.name = Text("", "text", 19.0, fonts.Weight.DemiBold)
        self.name.setObjectName("neuron_name")
        self.place = Elided("", "text_muted")
        self.letters = Prose(size=13.0)
        self.letters.setObjectName("neuron_letters")
        self.numbers = Prose(token="text_muted", size=13.0)
        self.numbers.setObjectName("neuron_numbers")
        self.result = Prose(token="accent", size=13.0)
        self.result.setObjectName("neuron_result")
        self.sample = muted()
        self.sample.setObjectName("neuron_sample")
        self.before = self._turner("‹", "Sample before", -1)
        self.after = self._turner("›", "Sample after", 1)
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget in (self.before, self.sample, self.after):
            row.addWidget(widget)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(6)
        column.addWidget(self.name, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in (self.place, self.letters, self.numbers, self.result):
            column.addWidget(widget)
        column.addLayout(row)
        column.addWidget(Rule())
        watch.changed.connect(self.refresh)
        watch.pointed.connect(self.refresh)
        watch.watched.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the neuron that is selected, or whose weight or bias is."""
        watch = self._watch
        neuron = neuron_of(watch.chosen)
        found = neuron_sum(watch, neuron) if neuron is not None and watch.is_watched else None
        self.setVisible(found is not None and not watch.is_hidden)
        if found is None or self.isHidden():
            return
        for label, text in (
            (self.name, found.name),
            (self.place, found.place),
            (self.letters, found.letters),
            (self.numbers, found.numbers),
            (self.result, found.result),
        ):
            if label.text() != text:
                label.setText(text)
                label.updateGeometry()
            label.setVisible(bool(text))
        count = len(watch.state.columns[0].answers) if watch.state is not None else 1
        self.sample.setText(f"sample {watch.sample + 1} of {count}")
        self.before.setEnabled(watch.sample > 0)
        self.after.setEnabled(watch.sample < count - 1)

    def _turner(self, sign: str, name: str, by: int) -> QToolButton:
        button = QToolButton()
        button.setText(sign)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setAutoRaise(True)
        button.setFont(fonts.text(15.0))
        button.clicked.connect(lambda: self._watch.show_sample(self._watch.sample + by))
        return button


def neuron_of(part: Part | None) -> Neuron | None:
    """The neuron itself, or that to whose sum a weight or bias belongs."""
    if part is None or isinstance(part, Neuron):
        return part
    return Neuron(part.layer + 1, part.output)
