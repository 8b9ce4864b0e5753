"""The derivation of the step that is shown, or of the node that is selected, as mathematics."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, Step
from visualad.exchange.derivation_lines import EQUALS, Line, Part, lines, with_subscripts
from visualad.gui.answering import answering
from visualad.gui.document import Document
from visualad.gui.elimination_game import elimination_game
from visualad.gui.panels.math_view import MathView
from visualad.gui.panels.parts import Elided, empty_state, scrolled
from visualad.gui.panels.trace_model import Rows
from visualad.gui.session import Session
from visualad.lessons.exercise import ADJOINT, FILL_IN, ON_NODES, TANGENT, Blank

NO_MODE = "Choose Forward, Backward or Cross\nto derive this function step by step."
NO_STEP = "Press Space to play, or → for the first step.\nThe derivation of each step appears here."
NO_MOVE = "Click an inner node to eliminate it.\nThe derivation of each step appears here."


class DerivationPanel(QWidget):
    """Rule, names, partials, numbers, result: one line each.

    Shows the step that the film is at. When a single node is selected whose step has been reached,
    its derivation is shown instead, so that one can go back to what was said before.
    """

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("derivation_panel")
        self.setAccessibleName("Derivation")
        self._document = document
        self._session = session
        self._rows: Rows | None = None
        self._step: Step | None = None
        self._of_selection = False
        self.title = Elided("", "text_muted", 12.0)
        self.title.setObjectName("derivation_title")
        self.view = MathView()
        self.empty = empty_state(NO_MODE, "derivation_empty")
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.view)
        column.addStretch(1)
        self._area = scrolled(inside, "derivation_scroll")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._area)
        self._stack.addWidget(self.empty)
        self.view.pointed.connect(self._light)
        self.view.clicked.connect(self._choose)
        self.view.opened.connect(self._open)
        self.view.installEventFilter(self)
        self._answering = answering(document, session)
        self._answering.register("derivation", self)
        self.setFocusProxy(self.view)
        self._area.verticalScrollBar().valueChanged.connect(self._answering.place)
        session.step_changed.connect(self._step_changed)
        session.sweep_changed.connect(self.refresh)
        session.mask_changed.connect(self.refresh)
        session.mode_changed.connect(self.refresh)
        session.selection_changed.connect(self._selection_changed)
        session.highlight_changed.connect(self._show_lit)
        session.playback.held_changed.connect(self.refresh)
        self.refresh()

    @property
    def step(self) -> Step | None:
        """The step whose derivation is shown, or None."""
        return self._step

    def refresh(self, *_: object) -> None:
        """Show the step as it is now."""
        if not self.isVisible():
            return
        session = self._session
        sweep = session.sweep
        if sweep is None or sweep.mode != session.mode:
            self._rows = None
        elif self._rows is None or self._rows.sweep is not sweep:
            self._rows = Rows(self._document.graph, sweep)
        step = self._chosen()
        self._step = step
        if step is None:
            by_hand = elimination_game(session).is_on
            words = NO_MOVE if by_hand else NO_STEP if session.mode else NO_MODE
            if session.mode and session.sweep is None and session.obstacle:
                words = with_subscripts(self._document.graph, session.obstacle)
            self.empty.setText(words)
            self._stack.setCurrentIndex(1)
            return
        self.title.setText(self._title(step))
        shown = lines(self._document.graph, step)
        if session.playback.is_held and step.index == session.step_index:
            shown = withheld(shown)
        self.view.show_lines(shown, session.mode)
        self._show_lit()
        self._stack.setCurrentIndex(0)
        self._answering.place()

    def _chosen(self) -> Step | None:
        session = self._session
        if self._of_selection and self._rows is not None and len(session.selected_nodes) == 1:
            (node,) = session.selected_nodes
            step = self._rows.step(node)
            if step is not None and step.index <= session.step_index:
                return step
        return session.step_shown

    def _title(self, step: Step) -> str:
        count = len(self._session.sweep) if self._session.sweep is not None else 0
        what = ("eliminate " if step.mode == CROSS else "") + step.quantity.text
        return f"Step {step.index + 1} of {count}: {what}"

    def _step_changed(self, _index: int) -> None:
        # Whoever moves the film wants to follow it.
        self._of_selection = False
        self.refresh()

    def _selection_changed(self) -> None:
        self._of_selection = not self._session.is_playing
        self.refresh()

    def _light(self, part: Part | None) -> None:
        if part is None:
            self._session.highlight()
        else:
            self._session.highlight(part.nodes, part.edges)

    def _choose(self, part: Part) -> None:
        edges = [key for key in part.edges if key[2]]
        self._session.select(part.nodes if not edges else (), edges)

    # Questions --------------------------------------------------------------------------------

    def _questions(self) -> list[Blank]:
        """The open questions of the step that is shown, as blanks."""
        exercise = self._answering.run.exercise
        if exercise is None or self._step is None:
            return []
        return [
            blank
            for blank in exercise.blanks
            if self._answering.asks(blank.id) and self._collects(blank) == self._step.node
        ]

    def _collects(self, blank: Blank) -> str:
        """The node whose step a question belongs to; "" for none of this mode."""
        mode = self._session.mode
        if blank.kind == FILL_IN:
            return blank.node if mode == CROSS else ""
        if blank.kind in ON_NODES:
            return (
                blank.node if blank.kind == {FORWARD: TANGENT, BACKWARD: ADJOINT}.get(mode) else ""
            )
        return {FORWARD: blank.node, BACKWARD: blank.source}.get(mode, "")

    def _fits(self, blank: Blank, kind: str, part: Part) -> bool:
        """Whether this part is the place of a question."""
        if blank.kind == FILL_IN:
            ends = {(blank.source, blank.node, ""), (blank.node, blank.port, "")}
            return kind == "numbers" and ends <= part.edges
        if blank.kind in ON_NODES:
            return kind == "result" and blank.node in part.nodes
        return kind == "numbers" and blank.edge in part.edges

    def _open(self, part: Part) -> None:
        for blank in self._questions():
            kinds = ("result",) if blank.kind in ON_NODES else ("numbers",)
            if any(self._fits(blank, kind, part) for kind in kinds):
                self._answering.begin(blank.id, self)
                return

    def question_area(self, blank: Blank) -> QRect | None:
        """Where an answer belongs, on the screen."""
        if not self.isVisible() or self._step is None or self._collects(blank) != self._step.node:
            return None
        area = self.view.area_where(lambda kind, part: self._fits(blank, kind, part))
        if area.isEmpty():  # nothing stands there yet but the question about the whole
            area = self.view.area_where(lambda kind, _: kind == "result")
        if area.isEmpty():
            return None
        shown = area.toRect()
        return QRect(self.view.mapToGlobal(shown.topLeft()), shown.size())

    def show_question(self, blank: Blank) -> None:
        """Go to its step, if the film has not come so far or is elsewhere."""
        node, sweep = self._collects(blank), self._session.sweep
        if not node or sweep is None or not self.isVisible():
            return
        if self._step is None or self._step.node != node:
            index = next((step.index for step in sweep if step.node == node), None)
            if index is not None:
                self._session.pause()
                self._session.go_to(index)
        area = self.view.area_where(lambda kind, part: self._fits(blank, kind, part))
        self._area.ensureVisible(0, round(area.center().y()), 0, 60)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and watched is self.view:
            ids = [blank.id for blank in self._questions()]
            if event.type() == QEvent.Type.ShortcutOverride and self._answering.begins(event, ids):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and self._answering.press(event, ids, self):
                return True
        return super().eventFilter(watched, event)

    def _show_lit(self) -> None:
        session = self._session
        self.view.light(frozenset(session.highlighted_edges | session.selected_edges))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()


def withheld(shown: Sequence[Line]) -> tuple[Line, ...]:
    """A derivation before its result is told."""
    question = Line("result", (EQUALS, Part("?", "?")))
    return tuple(question if line.kind == "result" else line for line in shown)
