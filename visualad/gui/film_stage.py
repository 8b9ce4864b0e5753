"""A canvas that nobody sees, and the page on which a step of its sweep is drawn.

Every page of a film has the same layout: heading, graph, derivation beneath. Nothing moves from
step to step but what the derivative moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from visualad.autodiff.moves import Move
from visualad.autodiff.steps import CROSS, Step, Sweep
from visualad.errors import VisualADError
from visualad.exchange.derivation_lines import Line, lines
from visualad.graph.model import Graph
from visualad.gui import fonts, theme
from visualad.gui.canvas.scene import CanvasScene
from visualad.gui.document import Document
from visualad.gui.panels.math_view import MathView
from visualad.gui.session import Session
from visualad.kernel.answers import answer
from visualad.kernel.messages import Reply, Request

WIDTH, HEIGHT = 1280, 720  # px of a page at 100 %: 16 to 9, as slides are
MARGIN, HEADING, FOOT = 40.0, 64.0, 34.0
LARGER = 1.35  # the derivation, so that it is read from the back of a hall
MOST_LARGE = 1.5  # scale of a small graph
MOST_COLUMNS, GAP = 3, 16.0
# Shares of the page's height: what derivations had better not exceed, and what they never do.
WELCOME, MOST_HIGH = 0.34, 0.5
MOST_REPLAYED = 30  # eliminations that are looked at beforehand for the room they take
MOST_STEPS = 400  # whose derivations are measured for the room they need


@dataclass(frozen=True)
class Wanted:
    """Which derivative is shown.

    Attributes:
        mode: "forward", "backward" or "cross".
        seed, order, complete: as in `RunSweep`.
    """

    mode: str
    seed: Any = None
    order: str | tuple[Move, ...] = "backward"
    complete: bool = True


class Calculator:
    """Answers a session's requests in this process, when told to; for pictures one waits anyway."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, Request, Callable[[Reply], None]]] = []
        self._number = 0

    def ask(self, request: Request, then: Callable[[Reply], None]) -> int:
        """Remember a request until `work`."""
        self._number += 1
        self._waiting.append((self._number, request, then))
        return self._number

    def forget(self, ticket: int) -> None:
        """Drop a request."""
        self._waiting = [entry for entry in self._waiting if entry[0] != ticket]

    def is_open(self, ticket: int) -> bool:
        """Whether a request waits."""
        return any(entry[0] == ticket for entry in self._waiting)

    def control(self, ticket: int, action: str, value: float = 0.0) -> None:
        """Nothing runs for long here."""

    def work(self) -> None:
        """Answer everything.

        Raises:
            VisualADError: if something cannot be computed.
        """
        while self._waiting:
            _, request, then = self._waiting.pop(0)
            then(answer(request))


class Stage:
    """A graph with its sweep, ready to be drawn at any step. Close it in the end.

    Attributes:
        sweep: what is shown; scene: the canvas.
    """

    def __init__(self, graph: Graph, wanted: Wanted) -> None:
        """Compute the sweep.

        Raises:
            VisualADError: if there is no such derivative.
        """
        self._owner = QObject()
        document = Document(parent=self._owner)
        document.new(graph)  # lays out what has no places yet
        calculator = Calculator()
        self._session = Session(document, calculator, self._owner)
        self.scene = CanvasScene(self._session, self._owner)
        self._views = [MathView() for _ in range(MOST_COLUMNS)]
        for view in self._views:
            view.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        try:
            calculator.work()
            self._session.set_mode(wanted.mode)  # which ends a game, so the order comes after it
            if wanted.mode == CROSS:
                self._session.set_order(wanted.order, complete=wanted.complete)
            if wanted.seed is not None:
                self._session.set_seed(wanted.seed)
            calculator.work()
            if self._session.sweep is None or not len(self._session.sweep):
                raise VisualADError("There is no step to show: nothing depends on an input.")
            self.sweep: Sweep = self._session.sweep
            self._wanted = wanted
            self._area = self._measure_graph()
            self._columns, self._room = self._measure_derivations()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let everything go."""
        self._session.close()
        for owned in (self._owner, *self._views):
            owned.deleteLater()
            QCoreApplication.sendPostedEvents(owned, QEvent.Type.DeferredDelete.value)

    def go_to(self, index: int, progress: float = 1.0) -> None:
        """Show a step, -1 being before the first; `progress` is how far its pulses have come."""
        self._session.playback.go_to(index, progress)

    @property
    def step(self) -> Step | None:
        """The step that is shown."""
        return self._session.step_shown

    # Room -------------------------------------------------------------------------------------

    def _measure_graph(self) -> QRectF:
        """What the graph covers at any of its steps."""
        scene = self.scene
        scene.show_visible(scene.graph_rect().adjusted(-500, -500, 500, 500), plain=False)
        scene.reroute()  # cards have their final size now
        area = scene.graph_rect()
        if self.sweep.mode == CROSS and len(self.sweep) <= MOST_REPLAYED:
            for index in range(len(self.sweep)):  # edges that are made may leave the graph
                self.go_to(index)
                area = area.united(scene.graph_rect())
            self.go_to(-1)
        elif self.sweep.mode == CROSS:
            area = area.adjusted(0, -60, 0, 60)
        area = area.adjusted(-16, -16, 16, 16)
        scene.show_visible(area, plain=False)
        return area

    def _measure_derivations(self) -> tuple[int, float]:
        """In how many columns the derivations stand, and the height of the longest in px."""
        shown = [self.sweep[index] for index in range(min(len(self.sweep), MOST_STEPS))]
        tallest = 0.0
        for columns in range(1, MOST_COLUMNS + 1):
            tallest = LARGER * max(max(self._show_lines(step, columns)) for step in shown)
            if tallest <= WELCOME * HEIGHT:
                return columns, tallest
        return MOST_COLUMNS, min(tallest, MOST_HIGH * HEIGHT)

    def _show_lines(self, step: Step, columns: int) -> list[float]:
        """Give each column its lines; returns the height that each needs, at 100 %."""
        written = lines(self._session.document.graph, step)
        if self._session.progress < 1.0:  # time to guess
            written = tuple(line for line in written if line.kind != "result")
        width = round(((WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns) / LARGER)
        heights = []
        for view, part in zip(self._views, _columns(written, columns), strict=False):
            view.resize(width, 10)
            view.show_lines(part, step.mode)
            heights.append(float(view.heightForWidth(width)) if part else 0.0)
        return heights

    # Drawing ----------------------------------------------------------------------------------

    def paint(self, painter: QPainter) -> None:
        """Draw the page of the step that is shown onto (0, 0, WIDTH, HEIGHT)."""
        shown = theme.current()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
        )
        painter.fillRect(QRectF(0, 0, WIDTH, HEIGHT), shown.colour("background"))
        self._paint_heading(painter, shown)
        below = HEIGHT - FOOT - self._room
        self._paint_graph(
            painter, QRectF(MARGIN, HEADING, WIDTH - 2 * MARGIN, below - HEADING - 12)
        )
        if self.step is not None:
            self._paint_derivation(painter, below)
        self._paint_foot(painter, shown)

    def _paint_heading(self, painter: QPainter, shown: theme.Theme) -> None:
        step, mode = self.step, self.sweep.mode
        words = f"{mode.capitalize()} mode"
        if step is not None:
            what = ("eliminate " if mode == CROSS else "") + step.quantity.text
            words = f"Step {step.index + 1} of {len(self.sweep)}: {what}"
        line = QRectF(MARGIN, 14, WIDTH - 2 * MARGIN, 30)
        painter.setPen(shown.colour("text"))
        painter.setFont(fonts.text(22, fonts.Weight.DemiBold))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        painter.setPen(QColor(shown.mode(mode)))
        painter.setFont(fonts.text(16))
        painter.drawText(
            line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._account()
        )
        # How far the sweep has come.
        done = (self._session.step_index + self._session.progress) / len(self.sweep)
        track = QRectF(MARGIN, 52, WIDTH - 2 * MARGIN, 3)
        painter.fillRect(track, shown.colour("border"))
        track.setWidth(track.width() * min(max(done, 0.0), 1.0))
        painter.fillRect(track, QColor(shown.mode(mode)))

    def _account(self) -> str:
        """Seed and cost so far."""
        upto = self.sweep.steps[: self._session.step_index + 1]
        products = sum(step.cost.multiplications for step in upto)
        sums = sum(step.cost.additions for step in upto)
        seed = f"seed {self.sweep.seed} · " if self.sweep.seed else ""
        return f"{seed}{products} mul · {sums} add"

    def _paint_graph(self, painter: QPainter, room: QRectF) -> None:
        area = self._area
        scale = min(room.width() / area.width(), room.height() / area.height(), MOST_LARGE)
        target = QRectF(0, 0, area.width() * scale, area.height() * scale)
        target.moveCenter(room.center())
        self.scene.render(painter, target, area)

    def _paint_derivation(self, painter: QPainter, top: float) -> None:
        step = self.step
        assert step is not None
        heights = self._show_lines(step, self._columns)
        scale = min(LARGER, self._room / max(*heights, 1.0))
        left = MARGIN
        for view, height in zip(self._views, heights, strict=False):
            if not height:
                continue
            view.resize(view.width(), round(max(heights)))
            painter.save()
            painter.translate(QPointF(left, top))
            painter.scale(scale, scale)
            view.render(painter, QPoint(0, 0), renderFlags=QWidget.RenderFlag.DrawChildren)
            painter.restore()
            left += view.width() * LARGER + GAP

    def _paint_foot(self, painter: QPainter, shown: theme.Theme) -> None:
        if self.step is None:
            return
        painter.setPen(QPen(shown.colour("text_muted")))
        painter.setFont(fonts.text(13))
        line = QRectF(MARGIN, HEIGHT - FOOT, WIDTH - 2 * MARGIN, FOOT)
        number = f"{self.step.index + 1} / {len(self.sweep)}"
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
        what = f"Cost counted: {self.sweep.cost.convention}"
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, what)


def _columns(written: Sequence[Line], columns: int) -> list[Sequence[Line]]:
    """The lines in columns of about the same length.

    The products of an elimination are kept together, so there a column begins with one.
    """
    if columns == 1:
        return [written]
    weights = [2.0 if line.kind in ("rule", "names", "partials") else 1.0 for line in written]
    is_cross = not any(line.kind == "rule" for line in written)
    kinds = ("names",) if is_cross else ("names", "partials", "numbers")
    starts = [0]
    for number in range(1, columns):
        wanted = number * sum(weights) / columns
        distances = [
            (abs(sum(weights[:i]) - wanted), i)
            for i in range(starts[-1] + 1, len(written))
            if written[i].kind in kinds
        ]
        if distances:
            starts.append(min(distances)[1])
    ends = [*starts[1:], len(written)]
    return [written[start:end] for start, end in zip(starts, ends, strict=True)]
