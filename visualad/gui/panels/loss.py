"""The loss and what else is measured, epoch by epoch, live while training."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from visualad.gui import fonts
from visualad.gui.curves import Column
from visualad.gui.document import Document
from visualad.gui.panels.curve_plot import CurvePlot, Line, nearest
from visualad.gui.panels.exporting import Exporting, Picture, Rows
from visualad.gui.panels.fields import Choice, Slider
from visualad.gui.panels.frames import Frames
from visualad.gui.panels.parts import Elided, Text, empty_state, muted
from visualad.gui.session import Session
from visualad.ops.writing import number_pretty

EMPTY = "Press Train: the loss on training and test data is drawn here, epoch by epoch."
FRAME_MS = 50  # at most 20 times a second
LOSS = "loss"
NARROW = 640  # px below which there is no room for the smoothing
ROOMY = 760  # px from which there is room for the word beside it
MOST_SMOOTHING = 0.99
STYLES = {"train": "solid", "test": "dash"}
MARKS = {"train": "—", "test": "╌"}
RISING = ("accuracy",)  # what is read on an even axis by itself


class LossPanel(QWidget):
    """Training loss (solid) and test loss (dashed) over the epochs, or another measure."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("loss_panel")
        self.setAccessibleName("Loss")
        self._session = session
        self._plot: CurvePlot | None = None  # once it is wanted
        self._cursor = math.nan
        self._wants_log = True
        self.frames = Frames(self, self.draw, FRAME_MS)
        self.quantity = Choice("loss_quantity", "What is drawn", [(LOSS, LOSS)], self._choose)
        self.quantity.setToolTip("The loss, or another measure over the epochs")
        self.train_text = Text("", "plot_train", 12.5, fonts.Weight.DemiBold)
        self.train_text.setObjectName("loss_train")
        self.test_text = Text("", "plot_test", 12.5, fonts.Weight.DemiBold)
        self.test_text.setObjectName("loss_test")
        self.cursor_text = Elided("", "text_muted", 12.0)
        self.cursor_text.setObjectName("loss_cursor")
        self.smoothing = Slider("loss_smoothing", "Smoothing")
        self.smoothing.setFixedWidth(90)
        self.smoothing.setToolTip(
            "Exponential moving average: how much of the average so far is kept at each epoch"
        )
        self.smoothing.moved.connect(self._smooth)
        self.smoothing_text = muted("0")
        self.smoothing_text.setObjectName("loss_smoothing_text")
        self.smoothing_text.setFixedWidth(30)
        self.log = QCheckBox("logarithmic")
        self.log.setObjectName("loss_log")
        self.log.setAccessibleName("Logarithmic loss axis")
        self.log.setChecked(True)
        self.log.clicked.connect(self._set_log)
        self.exporting = Exporting(
            self,
            session,
            "loss",
            self.exported_rows,
            self.exported_picture,
            self._fill_menu,
        )
        self._build()
        session.training_progress.connect(self.frames.later)
        session.training_changed.connect(self.frames.later)

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(14, 6, 14, 0)
        top.setSpacing(18)
        top.addWidget(self.quantity)
        top.addWidget(self.train_text)
        top.addWidget(self.test_text)
        top.addWidget(self.cursor_text, 1)
        self._smoothing_row = QWidget()
        smoothing = QHBoxLayout(self._smoothing_row)
        smoothing.setContentsMargins(0, 0, 0, 0)
        smoothing.setSpacing(6)
        self._smoothing_word = muted("smoothing")
        smoothing.addWidget(self._smoothing_word)
        smoothing.addWidget(self.smoothing)
        smoothing.addWidget(self.smoothing_text)
        top.addWidget(self._smoothing_row)
        top.addWidget(self.log)
        self._shown = QWidget()
        self._column = QVBoxLayout(self._shown)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addLayout(top)
        self.empty = empty_state(EMPTY, "loss_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._shown)
        self._stack.addWidget(self.empty)
        self._stack.setCurrentIndex(1)

    def minimumSizeHint(self) -> QSize:
        """Without the smoothing, which gives way in a narrow window."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), NARROW // 2), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._smoothing_row.setVisible(self.width() >= NARROW)
        self._smoothing_word.setVisible(self.width() >= ROOMY)

    # Drawing ----------------------------------------------------------------------------------

    @property
    def plot(self) -> CurvePlot:
        """The plot, made when it is first wanted: pyqtgraph is slow to import."""
        if self._plot is None:
            self._plot = plot = CurvePlot("loss_plot", "Loss by epoch", ("epoch", "loss"))
            plot.pointed.connect(self.show_cursor)
            plot.ranged.connect(self.frames.later)
            self.exporting.on(plot.plot.viewport())
            self._column.addWidget(plot, 1)
        return self._plot

    def draw(self) -> None:
        """Bring curves and legend up to date."""
        curves = self._session.curves
        if not curves.epochs:
            self._stack.setCurrentIndex(1)
            return
        self._offer()
        parts = self._parts()
        lines = [
            Line(name, curves.epochs, values, f"plot_{name}", STYLES[name])
            for name, values in parts.items()
        ]
        self.plot.show_lines(lines)
        for name, label in (("train", self.train_text), ("test", self.test_text)):
            latest = parts[name][-1] if parts.get(name) else math.nan
            known = not math.isnan(latest)
            label.setText(f"{MARKS[name]} {name} {number_pretty(latest)}" if known else "")
        self._say()
        self._stack.setCurrentIndex(0)

    def _parts(self) -> dict[str, Column]:
        """The columns of what is chosen, of the training and the test part."""
        curves, chosen = self._session.curves, self.quantity.currentData() or LOSS
        if chosen == LOSS:
            found = {"train": curves.train, "test": curves.test}
        else:
            names = {part: f"{chosen} {part}" for part in ("train", "test")}
            found = {p: curves.metrics[name] for p, name in names.items() if name in curves.metrics}
        return {part: values for part, values in found.items() if len(values)}

    def _offer(self) -> None:
        """What there is to choose from."""
        names = dict.fromkeys(name.rsplit(" ", 1)[0] for name in self._session.curves.metrics)
        self.quantity.set_items([(name, name) for name in (LOSS, *names)])
        self.quantity.setVisible(bool(names))
        if self.quantity.currentIndex() < 0:
            self._choose(LOSS)

    def _choose(self, quantity: str) -> None:
        self.quantity.show_data(quantity)
        logarithmic = self._wants_log and quantity == LOSS
        self.log.setChecked(logarithmic)
        self.log.setEnabled(quantity == LOSS)
        self.plot.set_title(quantity)
        self.plot.set_log(logarithmic)
        self.plot.show_all()
        self.draw()

    def _set_log(self, logarithmic: bool) -> None:
        self._wants_log = logarithmic
        self.plot.set_log(logarithmic)
        self.draw()

    def _smooth(self, share: float) -> None:
        # The average reaches over 1 / (1 - weight) epochs: even steps of that in ratio.
        self.plot.weight = 0.0 if share <= 0 else 1 - (1 - MOST_SMOOTHING) ** share
        self.smoothing_text.setText(number_pretty(round(self.plot.weight, 2)))
        self.frames.later()

    # The cursor -------------------------------------------------------------------------------

    def show_cursor(self, epoch: float) -> None:
        """Show the numbers at the epoch nearest to this one; none for NaN."""
        self._cursor = epoch
        self._say()

    def _say(self) -> None:
        if not math.isnan(self._cursor) and self._session.curves.epochs:
            self._read(self._cursor)
            return
        self.plot.show_cursor(math.nan)
        last = self._session.training.last
        earlier = last if last is not None and last.rests_inside else None
        self.cursor_text.setText("" if earlier is None else f"after epoch {earlier.epoch:,}")

    def _read(self, epoch: float) -> None:
        epochs = self._session.curves.epochs
        index = nearest(epochs, epoch)
        self.plot.show_cursor(epochs[index])
        read = []
        for line in self.plot.lines:
            value = line.y[index] if index < len(line.y) else math.nan
            if math.isnan(value):
                continue
            drawn = float(self.plot.values(line)[index])
            also = f" (smoothed {number_pretty(drawn)})" if self.plot.weight > 0 else ""
            read.append(f"{line.name} {number_pretty(value)}{also}")
        self.cursor_text.setText(f"epoch {epochs[index]:,}: {', '.join(read)}")

    # Exporting --------------------------------------------------------------------------------

    def _fill_menu(self, menu: QMenu) -> None:
        menu.addAction("Show All").triggered.connect(lambda _checked=False: self.plot.show_all())
        log = menu.addAction("Logarithmic Loss")
        log.setCheckable(True)
        log.setChecked(self.log.isChecked())
        log.setEnabled(self.log.isEnabled())
        log.triggered.connect(self.log.click)

    def exported_rows(self) -> Rows:
        """Epoch, train and test."""
        self.draw()
        return self.plot.rows()

    def exported_picture(self) -> Picture:
        """The curves and their legend."""
        words = [(t.text(), t.token) for t in (self.train_text, self.test_text) if t.text()]
        return self.plot.plot, words
