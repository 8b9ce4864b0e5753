"""Numerical derivatives against the analytic one: the error over h, with an h to drag."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from visualad.autodiff.check_curve import Curve as ErrorCurve
from visualad.gui import fonts
from visualad.gui.document import Document
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.parts import Elided, Prose, Text, empty_state, muted, scrolled
from visualad.gui.panels.plots import Curve, LogPlot
from visualad.gui.questions import Kernel, Question, same_structure
from visualad.gui.session import Session
from visualad.kernel.lesson_messages import ErrorsStudied, StudyErrors
from visualad.kernel.messages import Failed, Reply
from visualad.ops.writing import derivative_name, name_pretty, number_pretty, pretty

EMPTY = "The error of numerical derivatives over the step h appears here."
EXERCISE = "The check would tell what the exercise asks for."
WIDE = 620  # px from which words stand beside the plot
FLOOR = 1e-16  # an error of 0 on a logarithmic axis
MOST_NODES = 2_000
MOST_ELEMENTS = 200

LOOKS = {
    "forward difference": Curve("forward", "dash"),
    "central difference": Curve("backward"),
    "complex step": Curve("cross", "dot", width=2.6),
}


class ChecksPanel(QWidget):
    """Forward difference, central difference and complex step beside automatic differentiation."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("checks_panel")
        self.setAccessibleName("Checks")
        self._document = document
        self._session = session
        # The session can ask and forget, which is all that a question needs.
        self._question = Question(cast(Kernel, session), self._take)
        self._asked: tuple[Any, ...] | None = None
        self.curve: ErrorCurve | None = None
        self.h = 1e-5
        self.plot: LogPlot | None = None
        self.output = Choice("checks_output", "Output", (), self._chosen)
        self.input = Choice("checks_input", "Input", (), self._chosen)
        self.reading = Elided("", "text", 12.5, fonts.Weight.DemiBold)
        self.reading.setObjectName("checks_reading")
        self._cells: dict[str, tuple[Text, ...]] = {}
        self.words = Prose(token="text", size=12.5)
        self.words.setObjectName("checks_words")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._build())
        self.empty = empty_state(EMPTY, "checks_empty")
        self._stack.addWidget(self.empty)
        self._stack.setCurrentIndex(1)
        document.graph_changed.connect(self.refresh)
        session.mask_changed.connect(self.refresh)

    def _build(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(14, 8, 14, 8)
        column.setSpacing(6)
        top = QHBoxLayout()
        top.setSpacing(6)
        for label, choice in (("∂", self.output), ("/ ∂", self.input)):
            top.addWidget(muted(label, 13.0))
            choice.setMinimumWidth(64)
            choice.setMaximumWidth(130)
            top.addWidget(choice, 1)
        top.addStretch(1)
        column.addLayout(top)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._halves.setSpacing(12)
        self._left = QVBoxLayout()
        self._halves.addLayout(self._left, 3)
        self._halves.addWidget(self._build_words(), 2)
        column.addLayout(self._halves, 1)
        return page

    def _build_words(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(6)
        column.addWidget(self.reading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        for place, words in ((1, "derivative"), (2, "error")):
            head = muted(words)
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(head, 0, place)
        for row, (name, look) in enumerate(LOOKS.items()):
            sample = {"solid": "—", "dash": "╌", "dot": "┄"}[look.style]
            title = Elided(f"{sample} {name}", look.token, 12.5)
            number = Text("", "text", 12.5, fonts.Weight.DemiBold)
            error = Text("", "text_muted", 12.5)
            error.setToolTip("Absolute error")
            for column_number, cell in enumerate((title, number, error)):
                grid.addWidget(cell, row + 1, column_number)
                if column_number:
                    cell.setAlignment(Qt.AlignmentFlag.AlignRight)
            number.setObjectName(f"checks_number_{row}")
            self._cells[name] = (title, number, error)
        column.addLayout(grid)
        column.addWidget(self.words)
        column.addStretch(1)
        area = scrolled(inside, "checks_scroll")
        area.setMinimumWidth(1)
        return area

    # Asking -----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask for the errors at the graph's point, when somebody can see them."""
        if not self.isVisible():
            return
        graph = self._document.graph
        if self._session.mask:
            self._say(EXERCISE)
            return
        outputs, inputs = list(graph.outputs), self._inputs()
        if not outputs or not inputs or len(graph) > MOST_NODES:
            self._say(EMPTY)
            return
        self.output.set_items([(name_pretty(name), name) for name in outputs])
        self.input.set_items(inputs)
        for choice in (self.output, self.input):
            if choice.currentIndex() < 0:
                choice.setCurrentIndex(0)
        name, element = self.input.currentData()
        asked = (graph, self.output.currentData(), name, element)
        before = self._asked
        if before is not None and before[0] is graph and before[1:] == asked[1:]:
            return
        self._asked = asked
        output = asked[1]
        self._question.ask(graph, lambda g: StudyErrors(g, output, name, element))

    def _inputs(self) -> list[tuple[str, tuple[str, int]]]:
        """What can be differentiated by: names, for arrays with each element."""
        graph, found = self._document.graph, []
        for name in graph.independents:
            value = np.asarray(graph[name].value if graph[name].value is not None else 0.0)
            if value.ndim == 0:
                found.append((name_pretty(name), (name, 0)))
                continue
            for number, index in enumerate(np.ndindex(value.shape)):
                if len(found) >= MOST_ELEMENTS:
                    return found
                place = ", ".join(map(str, index))
                found.append((f"{name_pretty(name)}[{place}]", (name, number)))
        return found

    def _chosen(self, _data: object) -> None:
        self.refresh()

    def _take(self, graph: Any, reply: Reply) -> None:
        if not same_structure(graph, self._document.graph) or self._session.mask:
            return
        if isinstance(reply, Failed):
            self._say(reply.message)
        elif isinstance(reply, ErrorsStudied):
            self.curve = reply.curve
            self._draw()

    def _say(self, sentence: str) -> None:
        self._asked = None
        self.curve = None
        self.empty.setText(sentence)
        self._stack.setCurrentIndex(1)

    # Showing ----------------------------------------------------------------------------------

    def _draw(self) -> None:
        curve = self.curve
        assert curve is not None
        if self.plot is None:
            self.plot = LogPlot(
                "checks_plot", "Error over the step h", ("step h", "error"), line=True
            )
            self.plot.dragged.connect(self._drag)
            self._left.addWidget(self.plot)
        shown = {method.name: method for method in curve.methods}
        self.plot.keep(lambda name: name in shown)
        # What is exact to the last digit lies on the floor instead of leaping between 0 and eps.
        floor = max(np.finfo(float).eps * abs(curve.analytic), FLOOR)
        floor = floor if math.isfinite(floor) else FLOOR
        heights = [1e-16]
        for name, method in shown.items():
            errors = np.where(method.errors > floor, method.errors, floor)
            errors = np.where(np.isfinite(method.errors), errors, np.nan)
            self.plot.show_curve(name, LOOKS[name], curve.steps, errors)
            heights += errors[np.isfinite(errors)].tolist()
        low, high = math.log10(curve.steps[-1]), math.log10(curve.steps[0])
        top = min(max(math.log10(max(heights)), -8.0), 6.0)
        self.plot.show_ranges((low, high), (math.log10(floor) - 0.5, top))
        self.plot.say(why_no_curve(curve) if len(heights) == 1 else "")
        self.words.setText("\n\n".join(curve.words))
        self.show_h(self.h)
        self._stack.setCurrentIndex(0)

    def show_h(self, h: float) -> None:
        """Show the numbers at the step nearest to h."""
        self.h = h
        curve = self.curve
        if curve is None:
            return
        place = curve.at(h)
        step = float(curve.steps[place])
        derivative = pretty(derivative_name(curve.output, curve.input))
        analytic = number_pretty(curve.analytic, 8)
        self.reading.setText(f"h = {number_pretty(step, 2)}      {derivative} = {analytic}")
        found = {method.name: method for method in curve.methods}
        for name, (title, number, error) in self._cells.items():
            method = found.get(name)
            for cell in (title, number, error):
                cell.setVisible(method is not None)
            if method is not None:
                number.setText(number_pretty(method.derivatives[place], 8))
                error.setText(number_pretty(method.errors[place], 2))
        if self.plot is not None:
            self.plot.show_line(math.log10(step))

    def _drag(self, exponent: float) -> None:
        self.show_h(10.0**exponent)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self._halves.setDirection(
            QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()


def why_no_curve(curve: ErrorCurve) -> str:
    """What stands in the plot when no error is a number."""
    derivative = pretty(derivative_name(curve.output, curve.input))
    if not math.isfinite(curve.analytic):
        return (
            f"{derivative} is {number_pretty(curve.analytic)} here, "
            "so no difference from it can be drawn."
        )
    return "No numerical derivative has a value here: both sides leave the domain."
