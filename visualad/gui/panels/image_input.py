"""Draw a picture and see what the network makes of it: class by class, layer by layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui import fonts
from visualad.gui.document import Document
from visualad.gui.entry import read_number
from visualad.gui.panels.fields import Field
from visualad.gui.panels.image_parts import Bars, DrawingPad, Pixels, Strips
from visualad.gui.panels.parts import MARGIN, Sentence, Text, empty_state, heading, muted
from visualad.gui.session import Session
from visualad.kernel.image_messages import ImageSeen, LookAtImage
from visualad.kernel.messages import Failed, Progress, Reply
from visualad.training.shipped import image_shape

EMPTY = "Choose a data set of pictures, such as Train > Data Sets > Digits."
HIDDEN = "An exercise asks for values; what the network says is hidden until it is done."
EVERY_MS = 150  # while training goes on


class ImageInputPanel(QWidget):
    """A pad to draw on, or a sample of the data, with the network's answer beside it, live."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("image_input_panel")
        self.setAccessibleName("Picture")
        self._document = document
        self._session = session
        self._index = 0
        self._count = 0
        self._is_sample = True
        self._wrong = False
        self._asked = 0  # ticket of the question in flight
        self._again = False
        self._graph: Graph | None = None
        self._parameters: Any = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(EVERY_MS)
        self._soon.timeout.connect(self._ask)
        self.pad = DrawingPad()
        self.pixels = Pixels()
        self.bars = Bars()
        self.strips = Strips()
        self.fault = Sentence("image_fault")
        self.state = Text("", "text_muted", 12.0)
        self.state.setObjectName("image_state")
        self.state.setWordWrap(True)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._build())
        self.empty = empty_state(EMPTY, "image_empty")
        self._stack.addWidget(self.empty)
        self.pad.drawn.connect(self._drawn)
        document.graph_changed.connect(self.refresh)
        session.training_progress.connect(self._follow)
        session.training_changed.connect(self.refresh)
        session.mask_changed.connect(self.refresh)
        self.refresh()

    def _build(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(MARGIN, 8, MARGIN, 10)
        column.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.pad, 1)
        side = QVBoxLayout()
        side.setSpacing(6)
        self.clear = QPushButton("Clear")
        self.clear.setObjectName("image_clear")
        self.clear.clicked.connect(lambda _checked=False: self.clear_drawing())
        self.fitted = QCheckBox("centre, scale")
        self.fitted.setObjectName("image_fitted")
        self.fitted.setChecked(True)
        self.fitted.setToolTip("Move and scale the drawing to where the data set has its pictures")
        self.fitted.toggled.connect(lambda _: self._ask())
        side.addWidget(muted("the network sees"))
        side.addWidget(self.pixels)
        side.addWidget(self.fitted)
        side.addWidget(self.clear)
        side.addStretch(1)
        top.addLayout(side)
        column.addLayout(top)
        column.addLayout(self._build_samples())
        for widget in (self.state, self.fault, heading("Answer"), self.bars):
            column.addWidget(widget)
        column.addWidget(heading("Activations"))
        column.addWidget(self.strips)
        column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("image_scroll")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        bar = area.verticalScrollBar().sizeHint().width()
        area.setMinimumWidth(inside.minimumSizeHint().width() + bar)  # nothing is cut off
        return area

    def _build_samples(self) -> QGridLayout:
        row = QGridLayout()
        row.setHorizontalSpacing(6)
        self.sample = Field("image_sample", "Number of the sample", _number, self.show_sample)
        self.sample.setFont(fonts.text())
        self.sample.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.sample.setMinimumWidth(46)  # five digits
        self.sample.stepped.connect(lambda by: self.show_sample(self._index + by))
        self.sample.setToolTip("Number of a sample; the arrow keys go on and back")
        self.back = QPushButton("‹")
        self.onward = QPushButton("›")
        for button, name, words, by in (
            (self.back, "image_back", "The sample before", -1),
            (self.onward, "image_onward", "The next sample", 1),
        ):
            button.setObjectName(name)
            button.setAccessibleName(words)
            button.setToolTip(words)
            button.setFixedWidth(30)
            button.clicked.connect(lambda _=False, by=by: self.show_sample(self._index + by))
        self.wrong = QPushButton("Next Wrong")
        self.wrong.setObjectName("image_wrong")
        self.wrong.setToolTip("The next sample that the network takes for something else")
        self.wrong.clicked.connect(lambda _checked=False: self.show_next_wrong())
        row.addWidget(muted("sample"), 0, 0)
        row.addWidget(self.back, 0, 1)
        row.addWidget(self.sample, 0, 2)
        row.addWidget(self.onward, 0, 3)
        row.addWidget(self.wrong, 0, 4)
        row.setColumnStretch(2, 1)
        return row

    # What the user does -----------------------------------------------------------------------

    def clear_drawing(self) -> None:
        """An empty pad."""
        self.pad.clear()
        self._is_sample = False
        self.pixels.show_pixels(None)
        self.bars.show_scores(self.bars.names, (), True, -1)
        self.strips.show_layers(())
        self.state.setText("Draw with the mouse; the right button erases.")

    def show_sample(self, index: int) -> None:
        """A sample of the data set, by its number from 0 on, all round."""
        self._index = index % self._count if self._count else max(index, 0)
        self._is_sample = True
        self._ask()

    def show_next_wrong(self) -> None:
        """The next sample of which the network says another class."""
        self._is_sample = self._wrong = True
        self._ask()

    def _drawn(self) -> None:
        self._is_sample = False
        self._ask()

    # Asking -----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look again: the graph may be another one."""
        if not self.isVisible():
            return
        graph = self._document.graph
        shape = image_shape(graph.training.get("data") or {})
        if shape is None or self._session.mask:
            self.empty.setText(EMPTY if shape is None else HIDDEN)
            self._stack.setCurrentIndex(1)
            return
        self._stack.setCurrentIndex(0)
        self.pad.set_shape(shape)
        if graph is not self._graph:
            self._graph = graph
            self._parameters = None
            self._ask()

    def _follow(self, progress: Progress) -> None:
        """Training has changed the parameters."""
        if self.isVisible() and progress.parameters is not None:
            self._parameters = progress.parameters
            if not self._soon.isActive():
                self._soon.start()

    def _ask(self) -> None:
        if self._stack.currentIndex() or not self.isVisible():
            return
        if self._asked:
            self._again = True
            return
        drawing = None if self._is_sample else self.pad.drawing
        if not self._is_sample and drawing is None:
            return
        wrong, self._wrong = self._wrong, False
        self._asked = self._session.ask(
            LookAtImage(
                self._document.graph,
                None if drawing is None else drawing.astype(np.float32),
                self.fitted.isChecked(),
                self._index,
                wrong,
                self._parameters if self._session.training.state else None,
            ),
            self._take,
        )

    def _take(self, reply: Reply) -> None:
        self._asked = 0
        if isinstance(reply, Failed):
            self.fault.say(reply.message)
        elif isinstance(reply, ImageSeen):
            self.fault.say("")
            self._show(reply)
        if self._again:
            self._again = False
            self._ask()

    def _show(self, seen: ImageSeen) -> None:
        self._count = seen.count
        if (seen.index >= 0) != self._is_sample or (
            not self._is_sample and self.pad.drawing is None
        ):
            return  # the user went on meanwhile
        if seen.index >= 0:
            self._index = seen.index
            self.pad.show_pixels(seen.pixels)
            self.sample.show_text(str(seen.index))
        self.pixels.show_pixels(seen.pixels)
        self.bars.show_scores(seen.classes, seen.scores, seen.are_probabilities, seen.label)
        self.strips.show_layers(seen.layers)
        self.state.setText(_words(seen))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._graph = None
        self.refresh()


def _words(seen: ImageSeen) -> str:
    """What the network takes it for, and what it is."""
    if not seen.scores:
        return "The output of the network is hidden in its loss."
    best = int(np.argmax(seen.scores))
    said = seen.classes[best] if best < len(seen.classes) else str(best)
    if seen.index < 0:
        return f"The network says {said}."
    part = "testing" if seen.tested else "training"
    known = seen.classes[seen.label] if 0 <= seen.label < len(seen.classes) else "?"
    verdict = "right" if best == seen.label else f"wrong: it is {known}"
    none = "No sample is taken for another class. " if seen.none_wrong else ""
    return f"{none}Sample {seen.index} of {seen.count:,}, for {part}. It says {said}, {verdict}."


def _number(text: str) -> int:
    number = read_number(text)
    if not number.is_integer() or number < 0:
        raise VisualADError("Type the number of a sample, from 0 on.")
    return int(number)
