"""How the gradient of a layer's weights adds up: an outer product for each sample."""

from __future__ import annotations

from typing import cast

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSlider,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualad.autodiff.outer_products import OuterProducts, linear_layers
from visualad.graph.model import Graph
from visualad.gui import icons, theme
from visualad.gui.document import Document
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.matrices_view import Block, MatricesView
from visualad.gui.panels.parts import Prose, empty_state, heading, muted
from visualad.gui.questions import Kernel, Question
from visualad.gui.session import Session
from visualad.kernel.lesson_messages import AddOuterProducts, OuterProductsAdded
from visualad.kernel.messages import Failed, Reply
from visualad.ops.writing import name_pretty, number_pretty

EMPTY = (
    "The outer products of a linear layer appear here:\n"
    "the adjoint and the input of one sample make one share of dL/dW."
)
HIDDEN = "The outer products are hidden\nwhile an exercise is being answered."
BEAT_MS = 700  # from sample to sample
ROUNDING = 1e-9  # relative; a difference above is more than rounding


class OuterProductsPanel(QWidget):
    """Steps through the samples of a layer; the running sum fills beside the gradient."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("outer_products_panel")
        self._document, self._session = document, session
        self._question = Question(cast(Kernel, session), self._take)
        self._asked: tuple[Graph, str] | None = None
        self._layer = ""
        self.found: OuterProducts | None = None
        self.shown = 0  # the sample, from 0
        self._beat = QTimer(self)
        self._beat.setInterval(BEAT_MS)
        self._beat.timeout.connect(self._next_or_stop)
        self.choice = Choice("outer_layer", "Layer", (), self._choose)
        self.choice.setMinimumWidth(110)
        self.play = self._button("play", "Play", self.toggle)
        self.back = self._button("step-back", "Previous sample", lambda: self.go(self.shown - 1))
        self.step = self._button("step-forward", "Next sample", lambda: self.go(self.shown + 1))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("outer_sample")
        self.slider.setAccessibleName("Sample")
        self.slider.setMinimumWidth(90)
        self.slider.valueChanged.connect(self.go)
        self.place = muted("")
        self.words = Prose("", "text_muted", 12.0)
        self.words.setObjectName("outer_words")
        top = QHBoxLayout()
        top.setContentsMargins(12, 8, 12, 2)
        top.setSpacing(8)
        for widget in (heading("Layer"), self.choice, self.back, self.play, self.step):
            top.addWidget(widget)
        top.addWidget(self.slider, 1)
        top.addWidget(self.place)
        self.view = MatricesView("outer_view", "Outer product, running sum and gradient")
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(2)
        column.addLayout(top)
        scroll = QScrollArea()
        scroll.setObjectName("outer_scroll")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(self.view)
        column.addWidget(scroll, 1)
        below = QHBoxLayout()
        below.setContentsMargins(12, 0, 12, 0)
        below.addWidget(self.words)
        column.addLayout(below)
        self.empty = empty_state(EMPTY, "outer_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(shown)
        self._stack.addWidget(self.empty)
        self._stack.setCurrentIndex(1)
        theme.theme_changed.connect(self._paint)
        document.graph_changed.connect(self.refresh)
        session.mask_changed.connect(self._ask_again)
        self._paint()

    # Asking -----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask for the outer products of the graph as it is, when somebody can see them."""
        graph = self._document.graph
        if not self.isVisible():
            return
        layers = linear_layers(graph)
        if self._layer not in layers:
            self._layer = layers[0] if layers else ""
        self.choice.set_items([(name_pretty(name), name) for name in layers])
        self.choice.show_data(self._layer)
        if self._asked is not None and self._asked[0] is graph and self._asked[1] == self._layer:
            return
        self._asked = (graph, self._layer)
        if self._session.mask:
            self._say(HIDDEN)
        elif not self._layer:
            self._say(EMPTY)
        else:
            layer = self._layer
            self._question.ask(graph, lambda g: AddOuterProducts(g, layer))

    def _ask_again(self) -> None:
        self._asked = None
        if self._session.mask:
            self._say(HIDDEN)
        self.refresh()

    def _choose(self, layer: str) -> None:
        self._layer = layer
        self.refresh()

    def _take(self, graph: Graph, reply: Reply) -> None:
        if self._asked is None or graph is not self._asked[0] or self._session.mask:
            return
        if isinstance(reply, Failed):
            self._say(reply.message)
        elif isinstance(reply, OuterProductsAdded) and reply.products.layer == self._layer:
            self.found = reply.products
            self.slider.blockSignals(True)
            self.slider.setRange(0, max(len(self.found) - 1, 0))
            self.slider.blockSignals(False)
            self._stack.setCurrentIndex(0)
            self.go(min(self.shown, len(self.found) - 1))

    def _say(self, words: str) -> None:
        self._beat.stop()
        self._question.drop()
        self.found = None
        self.view.show_blocks((), "")
        self.words.setText("")
        self.empty.setText(words)
        self._stack.setCurrentIndex(1)

    # Stepping ---------------------------------------------------------------------------------

    def go(self, sample: int) -> None:
        """Show a sample, from 0, and the sum up to it."""
        found = self.found
        if found is None or not 0 <= sample < len(found):
            return
        self.shown = sample
        self.slider.setValue(sample)
        self._draw(found)

    def toggle(self) -> None:
        """Play through the samples, or pause; at the end begin anew."""
        if self._beat.isActive():
            self._beat.stop()
        elif self.found is not None:
            if self.shown >= len(self.found) - 1:
                self.go(0)
            self._beat.start()
        self._paint()

    def _next_or_stop(self) -> None:
        if self.found is None or self.shown >= len(self.found) - 1:
            self._beat.stop()
            self._paint()
        else:
            self.go(self.shown + 1)

    def _draw(self, found: OuterProducts) -> None:
        i, count = self.shown, len(found)
        share, whole = _largest(found.terms), max(_largest(found.sums), _largest(found.gradient))
        L, h, W = (name_pretty(n) for n in (found.output, found.layer, found.weights))
        x, g = found.inputs[i : i + 1], found.adjoints[i : i + 1].T
        blocks = (
            Block(f"(d{L}/d{h})ᵀ of sample {i + 1}", g, _largest(found.adjoints)),
            Block("its input", x, _largest(found.inputs), "·"),
            Block("outer product", found.terms[i], share, "="),
            Block(f"sum of samples 1 to {i + 1}", found.sums[i], whole, "|"),
            Block(f"d{L}/d{W}", found.gradient, whole, "=" if i == count - 1 else "→"),
        )
        self.place.setText(f"sample {i + 1} of {count}")
        words = (
            f"d{L}/d{W} = Σ (d{L}/d{h})ᵢᵀ xᵢ, one outer product for each of the {count} samples."
            if count > 1
            else f"d{L}/d{W} is the outer product of the one sample."
        )
        if i == count - 1:
            is_equal = found.difference <= ROUNDING
            off = number_pretty(found.difference, 2)
            words += (
                f" All are added, and the sum is the gradient of backward mode to rounding ({off})."
                if is_equal
                else f" All are added; the sum differs from backward mode's gradient by {off}."
            )
        else:
            words += f" {count - 1 - i} more to add."
        self.words.setText(words)
        self.words.set_token("success" if i == count - 1 else "text_muted")
        self.back.setEnabled(i > 0)
        self.step.setEnabled(i < count - 1)
        self.view.show_blocks(blocks, words)

    # Looks ------------------------------------------------------------------------------------

    def _button(self, icon: str, words: str, clicked: object) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"outer_{icon}")
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.setIconSize(QSize(18, 18))
        button.setAutoRaise(True)
        button.clicked.connect(clicked)
        return button

    def _paint(self) -> None:
        playing = self._beat.isActive()
        self.play.setIcon(icons.icon("pause" if playing else "play", "backward"))
        self.play.setAccessibleName("Pause" if playing else "Play")
        self.play.setToolTip(self.play.accessibleName())
        self.back.setIcon(icons.icon("step-back", "text"))
        self.step.setIcon(icons.icon("step-forward", "text"))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._beat.stop()
        self._question.drop()
        self._asked = None
        self._paint()


def _largest(array: np.ndarray) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size else 1.0
