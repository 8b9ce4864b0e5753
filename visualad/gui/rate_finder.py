"""The dialog that looks for a learning rate: the loss against growing rates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.panels.parts import Prose, Sentence, Text
from visualad.gui.panels.plots import Curve, LogPlot
from visualad.gui.panels.training_edits import with_training
from visualad.gui.questions import Kernel, same_mathematics
from visualad.kernel.messages import Failed, Reply
from visualad.kernel.probe_messages import FindRate, RateFound, RateTried
from visualad.ops.writing import number_pretty

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow
    from visualad.training.rate_finder import RateTest

WORDS = (
    "A copy of the network is trained for a moment while the learning rate grows with each step. "
    "Below the right rates the loss hardly falls, above them it grows. Nothing of your network is "
    "changed."
)
FOUND = "The loss falls fastest at {rate}. Drag the line to take another rate."
NOT_FOUND = "The loss fell at none of these rates; look at the data, the loss and the parameters."
STALE = "The network or its training has changed since; look again."


class RateFinder(QDialog):
    """Asks the kernel, draws what comes, and sets the rate that was chosen."""

    def __init__(self, document: Document, kernel: Kernel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rate_finder")
        self.setWindowTitle("Find Learning Rate")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._document = document
        self._kernel = kernel
        self._ticket = 0
        self._graph: Graph | None = None  # that was asked about
        self._rates: list[float] = []
        self._losses: list[float] = []
        self.rate = math.nan  # where the line stands
        self.found: RateTest | None = None
        self.plot = LogPlot(
            "rate_plot",
            "Loss by learning rate",
            ("learning rate (logarithmic)", "loss"),
            line=True,
            apart=True,
        )
        self.plot.dragged.connect(self._drag)
        self.progress = QProgressBar()
        self.progress.setObjectName("rate_progress")
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.words = Prose(WORDS, "text_muted", 12.5)
        self.verdict = Text("", "text", 13.0)
        self.verdict.setObjectName("rate_result")
        self.fault = Sentence("rate_fault", "warning", "warning")
        self.again = QPushButton("Look Again")
        self.again.setObjectName("rate_again")
        self.again.clicked.connect(self._toggle)
        self.use = QPushButton("Use This Rate")
        self.use.setObjectName("rate_use")
        self.use.setDefault(True)
        self.use.clicked.connect(self._use)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        buttons.addWidget(self.use)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        for part in (self.words, self.plot, self.progress, self.verdict, self.fault):
            column.addWidget(part, 1 if part is self.plot else 0)
        column.addLayout(buttons)
        self.resize(620, 460)
        document.replaced.connect(self.close)
        document.graph_changed.connect(self._look_at_graph)
        self._show()

    def look(self) -> None:
        """Begin, from the parameters as they are."""
        self._stop()
        self._rates, self._losses, self.found, self.rate = [], [], None, math.nan
        self._graph = self._document.graph
        self._ticket = self._kernel.ask(FindRate(self._graph), self._take)
        self.fault.say("")
        self._show()

    # What comes -------------------------------------------------------------------------------

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, RateTried):
            self._rates += reply.rates
            self._losses += reply.losses
            self.progress.setValue(round(1000 * reply.share))
        else:
            self._ticket = 0
            if isinstance(reply, RateFound):
                self.found = reply.test
                self._rates, self._losses = list(reply.test.rates), list(reply.test.losses)
                if reply.test.suggestion is not None:
                    self.rate = rounded(reply.test.suggestion)
                else:
                    self.fault.say(NOT_FOUND)
            elif isinstance(reply, Failed):
                self.fault.say(reply.message)
        self._show()

    def _show(self) -> None:
        running = bool(self._ticket)
        self.again.setText("Stop" if running else "Look Again")
        self.progress.setVisible(running)
        self.use.setEnabled(not math.isnan(self.rate))
        finite = [(r, y) for r, y in zip(self._rates, self._losses, strict=True) if y > 0]
        self.plot.say("" if finite else "Trying learning rates …" if running else "")
        if finite:
            rates, losses = zip(*finite, strict=True)
            self.plot.show_curve("loss", Curve("plot_train", width=1.5), rates, losses)
            exponents = [math.log10(loss) for loss in losses]
            low, high = min(exponents), max(exponents)
            if high - low < 0.2:
                low, high = low - 0.1, high + 0.1
            self.plot.show_ranges((-6.0, 1.0), (low, high))
        suggestion = self.found.suggestion if self.found is not None else None
        if suggestion is not None:
            index = min(range(len(self._rates)), key=lambda n: abs(self._rates[n] - suggestion))
            mark = Curve("accent", symbol="o", width=0)
            self.plot.show_curve("suggestion", mark, [suggestion], [self._losses[index]])
        else:
            self.plot.keep(lambda name: name == "loss")
        self.plot.set_line_visible(not math.isnan(self.rate))
        if not math.isnan(self.rate):
            self.plot.show_line(math.log10(self.rate))
        self._say()

    def _say(self) -> None:
        suggestion = self.found.suggestion if self.found is not None else None
        if suggestion is None:
            self.verdict.setText("")
        elif self.rate == rounded(suggestion):
            self.verdict.setText(FOUND.format(rate=number_pretty(self.rate)))
        else:
            self.verdict.setText(f"Chosen: {number_pretty(self.rate)}")

    def _drag(self, exponent: float) -> None:
        self.rate = rounded(10.0**exponent)
        self.use.setEnabled(True)
        self._say()

    def _look_at_graph(self) -> None:
        """What was found belongs to the network as it was."""
        graph, before = self._document.graph, self._graph
        if before is None or self._ticket or self.found is None:
            return
        rate_alone = {**graph.training, "learning_rate": 0} == {
            **before.training,
            "learning_rate": 0,
        }
        if not same_mathematics(before, graph) or not rate_alone:
            self.fault.say(STALE)

    # What the user does -----------------------------------------------------------------------

    def _toggle(self) -> None:
        if self._ticket:
            self._stop()
            self._show()
        else:
            self.look()

    def _use(self) -> None:
        rate = self.rate
        self._document.apply(
            f"Learning rate {number_pretty(rate)}",
            lambda graph: with_training(graph, {"learning_rate": rate}),
        )

    def _stop(self) -> None:
        if self._ticket:
            self._kernel.control(self._ticket, "stop")
            self._kernel.forget(self._ticket)
            self._ticket = 0

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop()
        super().closeEvent(event)

    def reject(self) -> None:
        self.close()


def rounded(rate: float) -> float:
    """With two figures, as a person would type it."""
    return float(f"{rate:.2g}")


def open_rate_finder(window: MainWindow) -> RateFinder:
    """Open the dialog of a window and look at once; one that is open already looks again."""
    found = window.findChild(RateFinder, "rate_finder")
    if found is None:
        found = RateFinder(window.document, window.kernel, window)
        found.show()
    found.raise_()
    found.activateWindow()
    found.look()
    return found
