"""Whether data become those of the graph as it is, or of a perceptron made for them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from visualad.errors import VisualADError
from visualad.gui.panels.fields import Faulty, Field
from visualad.gui.panels.parts import Elided
from visualad.kernel.data_messages import KEEP, NEW, DataPreview


class DataNetwork(QWidget):
    """A switch, the hidden layers, and what comes of it in words.

    Attributes:
        hidden: layers of a new network.

    Signals:
        changed: other layers are wanted.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hidden: tuple[int, ...] = (16,)
        self._network = ""
        self._touched = False  # the user has decided
        self.new = QCheckBox("Make a perceptron for these data, hidden layers")
        self.new.setObjectName("data_new_network")
        self.new.clicked.connect(self._decide)
        self.layers = Field("data_hidden", "Hidden layers", _layers, self._set_layers)
        self.layers.show_text("16")
        self.layers.setFixedWidth(80)
        self.layers.setToolTip("Numbers of neurons, such as 16 or 8-8; 0 for none")
        self.words = Elided("", "text_muted")
        self.words.setObjectName("data_network")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.new)
        row.addWidget(Faulty(self.layers))
        row.addWidget(self.words, 1)

    @property
    def wanted(self) -> str:
        """ "keep" or "new", as of `TakeData`."""
        return NEW if self.new.isChecked() else KEEP

    def show_preview(self, found: DataPreview) -> None:
        """Show the network that fits; it is suggested where the graph does not."""
        self.new.setEnabled(not found.misfit or bool(found.sizes))
        if not self._touched:
            self.new.setChecked(bool(found.misfit))
        sizes = " – ".join(map(str, found.sizes))
        self._network = f"{sizes}, loss {found.loss.replace('_', ' ')}"
        self._show()

    def _show(self) -> None:
        made = self.new.isChecked()
        self.layers.setEnabled(made)
        self.words.setText(self._network if made else "the graph stays as it is")

    def _decide(self) -> None:
        self._touched = True
        self._show()

    def _set_layers(self, layers: tuple[int, ...]) -> None:
        self.hidden = layers
        self.changed.emit()


def _layers(text: str) -> tuple[int, ...]:
    parts = [part for part in text.replace("x", "-").replace(",", "-").split("-") if part.strip()]
    if [part.strip() for part in parts] == ["0"]:
        return ()
    if not parts or not all(p.strip().isdecimal() and 1 <= int(p) <= 10_000 for p in parts):
        raise VisualADError("Type numbers of neurons such as 16 or 8-8; 0 for none.")
    return tuple(int(part) for part in parts)
