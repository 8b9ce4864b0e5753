"""The window of the lesson: the picture, the target, the bumps, the errors, the perceptron."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.gui import icons, theme
from visualad.gui.approximation.error_plot import ErrorPlot
from visualad.gui.approximation.view import BumpsView
from visualad.gui.entry import written
from visualad.gui.panels.fields import Faulty, Field, Slider, number_field
from visualad.gui.panels.parts import Prose, Rule, Sentence, heading, muted
from visualad.gui.questions import Kernel, Question
from visualad.kernel.approximation_messages import (
    BumpsPlaced,
    BumpsSummed,
    CompareCounts,
    CountsCompared,
    MakePerceptron,
    PlaceBumps,
    SampleTarget,
    SumBumps,
    TargetSampled,
)
from visualad.kernel.messages import Failed, Reply, Request
from visualad.ops.writing import number_pretty
from visualad.training.approximation import MOST_BUMPS, SHARPNESS, Bump, Target

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

FIRST = ("sin(2*x) + x/3", -3.0, 3.0)
FIRST_COUNT = 6
SIZE = QSize(1080, 680)
SIDE = 288  # px of the column on the right
LEAST_SHARP, MOST_SHARP = 2.0, 62.0
HOW = (
    "A bump is the difference of two sigmoids, h·(σ(k(x − a)) − σ(k(x − b))). Drag a, b, h and k "
    "of the chosen one; double click for another bump, Delete takes it away."
)
DRAW_HOW = "Draw the target with the mouse pressed; it stays where you do not draw."


class ApproximationWindow(QDialog):
    """A lesson on universal approximation; what it shows is computed by the kernel."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setObjectName("approximation_window")
        self.setWindowTitle("Universal Approximation")
        self.setAccessibleName("Universal approximation")
        self.resize(SIZE)
        self._window = window
        self.count = FIRST_COUNT
        self.target: Target | None = None
        self.bumps: tuple[Bump, ...] = ()
        self.summed: BumpsSummed | None = None
        self._wanted = SampleTarget(formula=FIRST[0], low=FIRST[1], high=FIRST[2])
        kernel = cast(Kernel, window.session)
        self._sampling = Question(kernel, lambda _, reply: self._take_target(reply))
        self._placing = Question(kernel, lambda _, reply: self._take_bumps(reply))
        self._summing = Question(kernel, lambda _, reply: self._take_sum(reply))
        self._comparing = Question(kernel, lambda _, reply: self._take_counts(reply))
        self.view = BumpsView()
        self.view.bump_changed.connect(self.change)
        self.view.selected.connect(self.choose)
        self.view.added.connect(self.add)
        self.view.removed.connect(self.remove)
        self.view.drawn.connect(self._take_drawing)
        self.how = Prose(HOW, "text_muted", 12.5)
        self.how.setObjectName("approximation_how")
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.how)
        left.addWidget(self.view, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 14, 16, 14)
        row.setSpacing(16)
        row.addLayout(left, 1)
        row.addWidget(self._make_side())
        theme.theme_changed.connect(self._paint_icons)
        self._paint_icons()
        self.ask_target(self._wanted)

    # Building ---------------------------------------------------------------------------------

    def _make_side(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        self._add_target(column)
        column.addWidget(Rule())
        self._add_bumps(column)
        column.addWidget(Rule())
        self.errors = heading("")
        self.errors.setObjectName("approximation_errors")
        column.addWidget(self.errors)
        self.plot = ErrorPlot()
        self.plot.chosen.connect(self.set_count)
        column.addWidget(self.plot, 1)
        self.make = _button("approximation_make", "Show as a Perceptron", self.make_perceptron)
        self.make.setToolTip(
            "One hidden layer of two sigmoids for each bump, with these weights and the target as "
            "its data; train it from there."
        )
        self.make.setDefault(True)
        column.addWidget(self.make)
        return side

    def _add_target(self, column: QVBoxLayout) -> None:
        column.addWidget(heading("Target"))
        self.formula = Field("approximation_formula", "Formula of x", str.strip, self._set_formula)
        column.addWidget(Faulty(self.formula))
        self.low = number_field("approximation_low", "From", self._set_low)
        self.high = number_field("approximation_high", "To", self._set_high)
        ends = QHBoxLayout()
        for words, field in (("from", self.low), ("to", self.high)):
            ends.addWidget(muted(words))
            ends.addWidget(field, 1)
        column.addLayout(ends)
        self.draw = _button("approximation_draw", "Draw", self._set_drawing)
        self.draw.setCheckable(True)
        self.draw.setToolTip(DRAW_HOW)
        self.table = _button("approximation_table", "From CSV…", self._open)
        column.addLayout(_beside(self.draw, self.table))
        self.note = Prose("", "text_muted", 12.0)
        self.note.setObjectName("approximation_note")
        self.fault = Sentence("approximation_fault")
        column.addWidget(self.note)
        column.addWidget(self.fault)

    def _add_bumps(self, column: QVBoxLayout) -> None:
        column.addWidget(heading("Bumps"))
        self.number = number_field("approximation_count", "Number of bumps", self._set_count)
        self.number.setToolTip(f"A number from 1 to {MOST_BUMPS}; they are placed anew")
        self.number.stepped.connect(lambda by: self.set_count(self.count + by))
        self.fewer = _icon_button("approximation_fewer", "One bump less")
        self.fewer.clicked.connect(lambda: self.set_count(self.count - 1))
        self.more = _icon_button("approximation_more", "One bump more")
        self.more.clicked.connect(lambda: self.set_count(self.count + 1))
        self.again = _button("approximation_place", "Place Anew", self.place)
        self.again.setToolTip("Side by side with the best heights (least squares)")
        numbers = QHBoxLayout()
        numbers.setSpacing(6)
        numbers.addWidget(self.fewer)
        numbers.addWidget(self.number, 1)
        numbers.addWidget(self.more)
        numbers.addSpacing(6)
        numbers.addWidget(self.again, 2)
        column.addLayout(numbers)
        self.sharpness = Slider("approximation_sharpness", "Sharpness")
        self.sharpness.show_number(SHARPNESS, LEAST_SHARP, MOST_SHARP)
        self.sharpness.moved.connect(self._sharpen)
        sharp = QHBoxLayout()
        sharp.addWidget(muted("smooth"))
        sharp.addWidget(self.sharpness, 1)
        sharp.addWidget(muted("sharp"))
        column.addLayout(sharp)
        column.addLayout(self._make_fields())

    def _make_fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        self.fields: dict[str, Field] = {}
        words = (("left", "a"), ("right", "b"), ("height", "h"), ("steepness", "k"))
        for number, (name, letter) in enumerate(words):
            field = number_field(
                f"approximation_{name}",
                f"{letter} of the chosen bump",
                lambda value, name=name: self._set_part(name, value),  # type: ignore[misc]
            )
            self.fields[name] = field
            grid.addWidget(muted(letter), number // 2, 2 * (number % 2))
            grid.addWidget(field, number // 2, 2 * (number % 2) + 1)
        return grid

    # The target -------------------------------------------------------------------------------

    def ask_target(self, wanted: SampleTarget) -> None:
        """Ask for the values of another target."""
        self._wanted = wanted
        self.formula.show_text(wanted.formula)
        for field, number in ((self.low, wanted.low), (self.high, wanted.high)):
            field.show_text(written(number))
        self._ask(self._sampling, wanted)

    def set_target(self, target: Target) -> None:
        """Approximate this one, with the bumps placed anew."""
        self.target = target
        self.fault.say("")
        self.note.setText(target.note)
        self.note.setVisible(bool(target.note))
        self.view.show_target(target)
        self._compare()
        self.place()

    def _set_formula(self, formula: str) -> None:
        if not formula:
            raise VisualADError("Type a formula of one variable, for example sin(2*x).")
        self.ask_target(replace(self._wanted, formula=formula, path=""))

    def _set_low(self, number: float) -> None:
        self.ask_target(replace(self._wanted, low=number, path=""))

    def _set_high(self, number: float) -> None:
        self.ask_target(replace(self._wanted, high=number, path=""))

    def _set_drawing(self) -> None:
        self.view.is_drawing = self.draw.isChecked()
        self.how.setText(DRAW_HOW if self.view.is_drawing else HOW)
        self.view.update()

    def _take_drawing(self, x: np.ndarray, y: np.ndarray) -> None:
        self.formula.show_text("")
        self.set_target(Target(x, y, "drawing"))

    def _open(self) -> None:
        path = self._window.dialogs.table_path(str(self._window.files.folder()))
        if path is not None:
            self.ask_target(SampleTarget(path=str(path)))

    def _take_target(self, reply: Reply) -> None:
        if isinstance(reply, TargetSampled):
            self.set_target(reply.target)
        elif isinstance(reply, Failed):
            self.fault.say(reply.message)

    # The bumps --------------------------------------------------------------------------------

    def place(self) -> None:
        """Place as many bumps as are asked for, with the best heights."""
        if self.target is not None:
            request = PlaceBumps(self.target, self.count, self._sharp())
            self._ask(self._placing, request)

    def set_count(self, count: int) -> None:
        """Place so many."""
        self.count = min(max(count, 1), MOST_BUMPS)
        self.number.show_text(str(self.count))
        self.place()

    def _set_count(self, number: float) -> None:
        if number != int(number) or not 1 <= number <= MOST_BUMPS:
            raise VisualADError(f"The number of bumps is a whole number from 1 to {MOST_BUMPS}.")
        self.set_count(int(number))

    def choose(self, number: int) -> None:
        """Show the handles and numbers of a bump, -1 for none."""
        self.set_bumps(self.bumps, number)

    def change(self, number: int, bump: Bump) -> None:
        """A bump is another now."""
        if 0 <= number < len(self.bumps):
            self.set_bumps((*self.bumps[:number], bump, *self.bumps[number + 1 :]), number)

    def add(self, bump: Bump) -> None:
        """One more bump."""
        if len(self.bumps) < MOST_BUMPS:
            self.set_bumps((*self.bumps, bump), len(self.bumps))

    def remove(self, number: int) -> None:
        """One bump less."""
        left = (*self.bumps[:number], *self.bumps[number + 1 :])
        self.set_bumps(left, min(number, len(left) - 1))

    def set_bumps(self, bumps: tuple[Bump, ...], chosen: int) -> None:
        """Show these bumps and ask for their sum."""
        self.bumps = bumps
        self.view.show_bumps(bumps, chosen)
        self.make.setEnabled(bool(bumps))
        is_one = 0 <= chosen < len(bumps)
        for name, field in self.fields.items():
            field.setEnabled(is_one)
            field.show_text(number_pretty(getattr(bumps[chosen], name), 6) if is_one else "")
        if bumps:
            self.count = len(bumps)
            self.number.show_text(str(self.count))
        if self.target is not None:
            self._ask(self._summing, SumBumps(bumps, self.target, self.view.places()))

    def _set_part(self, name: str, value: float) -> None:
        number = self.view.chosen
        if not 0 <= number < len(self.bumps):
            return
        bump = replace(self.bumps[number], **{name: value})
        if bump.left >= bump.right:
            raise VisualADError("The left flank a must lie left of the right flank b.")
        if bump.steepness <= 0 or not np.isfinite([bump.steepness, bump.height, value]).all():
            raise VisualADError("The steepness k must be above 0, and all numbers finite.")
        self.change(number, bump)

    def _sharp(self) -> float:
        return self.sharpness.number(self.sharpness.value())

    def _sharpen(self, _: float) -> None:
        self._compare()
        self.place()

    def _take_bumps(self, reply: Reply) -> None:
        if isinstance(reply, BumpsPlaced):
            chosen = self.view.chosen
            if not 0 <= chosen < len(reply.bumps):  # the one with the most room for its handles
                chosen = int(np.argmax([abs(bump.height) for bump in reply.bumps]))
            self.set_bumps(reply.bumps, chosen)
        elif isinstance(reply, Failed):
            self.fault.say(reply.message)

    def _take_sum(self, reply: Reply) -> None:
        if isinstance(reply, BumpsSummed):
            self.summed = reply
            found = reply.errors
            rmse, worst = number_pretty(found.rmse, 3), number_pretty(found.worst, 3)
            self.errors.setText(f"RMSE {rmse} · largest error {worst}")
            self.view.show_sum(reply)
            self.plot.show_now(len(reply.bumps), found)
        elif isinstance(reply, Failed):
            self.fault.say(reply.message)

    def _compare(self) -> None:
        if self.target is not None:
            self._ask(self._comparing, CompareCounts(self.target, self._sharp()))

    def _take_counts(self, reply: Reply) -> None:
        if isinstance(reply, CountsCompared):
            self.plot.show_counts(reply.errors)

    # The perceptron ---------------------------------------------------------------------------

    def make_perceptron(self) -> None:
        """The sum as a graph of its own, in the place of the document if that may go."""
        if self.bumps and self.target is not None:
            request = MakePerceptron(self.bumps, self.target)
            self._window.files.make(request, "approximation.vad", self.hide)

    # Asking -----------------------------------------------------------------------------------

    def _ask(self, question: Question, request: Request) -> None:
        question.ask(self._window.document.graph, lambda _: request)

    def _paint_icons(self) -> None:
        self.fewer.setIcon(icons.icon("minus", "text"))
        self.more.setIcon(icons.icon("plus", "text"))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.draw.setChecked(False)
        self._set_drawing()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view.update()


def open_approximation(window: MainWindow) -> ApproximationWindow:
    """Show the lesson, as it was left."""
    found = window.findChild(ApproximationWindow)
    made = found if isinstance(found, ApproximationWindow) else ApproximationWindow(window)
    made.show()
    made.raise_()
    made.activateWindow()
    return made


def _button(name: str, words: str, clicked: Callable[[], object]) -> QPushButton:
    button = QPushButton(words)
    button.setObjectName(name)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _: clicked())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _icon_button(name: str, words: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(words)
    button.setToolTip(words)
    button.setAutoRaise(True)
    button.setIconSize(QSize(16, 16))
    return button


def _beside(first: QWidget, second: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(first, 1)
    row.addWidget(second, 1)
    return row
