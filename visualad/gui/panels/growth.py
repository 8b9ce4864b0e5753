"""How the cost of each mode grows over a family of graphs: counted points, the lecture's lines."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from visualad.autodiff.cost_families import (
    BACKWARD_SWEEPS,
    FAMILIES,
    FORWARD_SWEEPS,
    FUNCTION,
    Growth,
)
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.flow import Flow, Phrase
from visualad.gui.panels.parts import Prose, heading
from visualad.gui.panels.plots import Curve, LogPlot
from visualad.gui.questions import Kernel, Question
from visualad.gui.session import Session
from visualad.kernel.lesson_messages import CountGrowth, GrowthCounted
from visualad.kernel.messages import Failed, Reply

CHOOSE = "Choose a family to see how the cost of each mode grows with its size."
PLOT_HEIGHT = 190
_TOKENS = {FUNCTION: "text_muted", FORWARD_SWEEPS: "forward", BACKWARD_SWEEPS: "backward"}
_SYMBOLS = {FUNCTION: "d", FORWARD_SWEEPS: "s", BACKWARD_SWEEPS: "o"}
_NAMES = {FUNCTION: "f itself", FORWARD_SWEEPS: "forward", BACKWARD_SWEEPS: "backward"}


class GrowthSection(QWidget):
    """A choice of families, a plot of counted products over the size, and words."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("growth_section")
        # The session can ask and forget, which is all that a question needs.
        self._kernel = cast(Kernel, session)
        self._question = Question(self._kernel, lambda _, reply: self._take(reply))
        self._session = session
        self.growth: Growth | None = None
        self.plot: LogPlot | None = None
        items = [("choose…", ""), *((family.title, name) for name, family in FAMILIES.items())]
        self.choice = Choice("growth_family", "Family of graphs", items, self.choose)
        self.choice.setCurrentIndex(0)
        self.words = Prose(CHOOSE, "text_muted", 12.0)
        self.words.setObjectName("growth_words")
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(heading("How it grows"))
        top.addWidget(self.choice, 1)
        self._legend = Flow(14)
        self._legend_texts: dict[str, Phrase] = {}
        for name in (FORWARD_SWEEPS, BACKWARD_SWEEPS, FUNCTION):
            self._legend_texts[name] = Phrase(token=_TOKENS[name])
            self._legend.addWidget(self._legend_texts[name])
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addLayout(top)
        self._column.addLayout(self._legend)
        self._column.addWidget(self.words)
        self._column.addStretch(1)

    def choose(self, family: str) -> None:
        """Count this family; "" for none."""
        self.choice.show_data(family)
        if not family:
            self._clear(CHOOSE)
            return
        self._question.ask(self._session.document.graph, lambda _: CountGrowth(family))

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, Failed):
            self._clear(reply.message)
        elif isinstance(reply, GrowthCounted):
            self.growth = reply.growth
            self._draw(reply.growth)

    def _clear(self, sentence: str) -> None:
        self.growth = None
        self.words.setText(sentence)
        if self.plot is not None:
            self.plot.hide()
        for text in self._legend_texts.values():
            text.setText("")

    def _draw(self, growth: Growth) -> None:
        if self.plot is None:
            self.plot = LogPlot("growth_plot", "Products over the size", ("size", "products"))
            self.plot.setFixedHeight(PLOT_HEIGHT)
            self._column.insertWidget(2, self.plot)
        self.plot.show()
        sizes = np.array(growth.sizes, dtype=float)
        highest = 1.0
        for line in growth.lines:
            if line.name not in _TOKENS:
                continue
            token = _TOKENS[line.name]
            counted = np.array([cost.multiplications for cost in line.costs], dtype=float)
            counted = np.where(counted > 0, counted, np.nan)
            points = Curve(token, symbol=_SYMBOLS[line.name], width=0)
            self.plot.show_curve(f"{line.name} law", Curve(token, "dash", width=1.4), sizes,
                                 np.array(line.fitted))  # fmt: skip
            self.plot.show_curve(line.name, points, sizes, counted)
            highest = max(highest, float(np.nanmax(counted)))
            sample = {"s": "■", "o": "●", "d": "◆"}[points.symbol]
            self._legend_texts[line.name].setText(
                f"{sample} {_NAMES[line.name]} ╌ {line.factor:.3g}·{line.law}"
            )
        self.plot.show_ranges(
            (math.log10(sizes[0]), math.log10(sizes[-1])), (0.0, math.log10(highest))
        )
        self.plot.show_ticks(growth.sizes)
        self.plot.plot.setLabel("bottom", FAMILIES[growth.family].size)
        self.words.setText("\n".join(growth.words))
