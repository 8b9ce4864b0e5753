"""The middle of the window: the canvas with its cards, or the network neuron by neuron."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from visualad.gui.canvas.viewport import ScrollingView
from visualad.gui.document import Document
from visualad.gui.network_watch import NetworkWatch, network_watch
from visualad.gui.session import Session

if TYPE_CHECKING:
    from visualad.gui.canvas.network_view import NetworkView

KEY, NEURONS = "view", "neurons"  # at the top of a file


class NetworkStage(QStackedWidget):
    """Turns the cards over to the neurons and back; the graph beneath is the same.

    The neurons give way to the cards by themselves when the graph has no layers any more, when a
    mode is chosen (its film runs on the cards), and while an exercise hides numbers. A document
    opens with what it was saved with; that is no part of the graph and of undo.

    Signals:
        changed: turned over, or `is_possible` may have changed.
        status_changed: a sentence for the status bar.
    """

    changed = Signal()
    status_changed = Signal(str)

    def __init__(self, document: Document, session: Session) -> None:
        super().__init__()
        self.setObjectName("network_stage")
        self._session = session
        self._document = document
        self._watch: NetworkWatch = network_watch(document, session)
        self._cards: QWidget | None = None
        self._canvas: ScrollingView | None = None
        self.network: NetworkView | None = None
        self._watch.layout_changed.connect(self._follow)
        session.mask_changed.connect(self._follow)
        session.mode_changed.connect(self._follow)
        self._is_saved_open = False  # in the document that is being opened
        document.beside[KEY] = self._written
        document.replaced.connect(self._read)
        document.graph_changed.connect(self._open_as_saved)  # the watch knows its layers by then

    def set_cards(self, cards: QWidget, canvas: ScrollingView) -> None:
        """The widget that holds the canvas, and the canvas itself."""
        self._cards, self._canvas = cards, canvas
        self.addWidget(cards)

    @property
    def is_possible(self) -> bool:
        """Whether the graph has layers whose neurons may be shown."""
        return self._watch.chain is not None and not self._watch.is_hidden

    @property
    def is_open(self) -> bool:
        """Whether the neurons are shown."""
        return self.network is not None and self.currentWidget() is self.network

    @property
    def view(self) -> ScrollingView:
        """What is looked at, for zooming and fitting."""
        assert self._canvas is not None
        return self.network if self.network is not None and self.is_open else self._canvas

    def toggle(self) -> None:
        """From cards to neurons, or back."""
        (self.close_network if self.is_open else self.open_network)()

    def open_network(self) -> None:
        """Show the neurons, as values alone: no mode's film runs on them."""
        if not self.is_possible or self.is_open:
            return
        self._session.set_mode("")
        if self.network is None:
            from visualad.gui.canvas.network_view import NetworkView  # late: few windows train

            self.network = NetworkView(self._watch, self._session)
            self.network.status_changed.connect(self.status_changed)
            self.addWidget(self.network)
        self.setCurrentWidget(self.network)
        self.network.setFocus()
        self.changed.emit()

    def close_network(self) -> None:
        """Show the cards."""
        if self.is_open and self._cards is not None and self._canvas is not None:
            had_focus = self.network is not None and self.network.hasFocus()
            self.setCurrentWidget(self._cards)
            if had_focus:
                self._canvas.setFocus()
            self.changed.emit()

    def _written(self) -> str | None:
        return NEURONS if self.is_open else None

    def _read(self) -> None:
        self.close_network()
        self._is_saved_open = self._document.graph.extra.get(KEY) == NEURONS

    def _open_as_saved(self) -> None:
        wanted, self._is_saved_open = self._is_saved_open, False
        if wanted:
            self.open_network()

    def _follow(self, *_: object) -> None:
        if self.is_open and (not self.is_possible or self._session.mode):
            self.close_network()
        self.changed.emit()
