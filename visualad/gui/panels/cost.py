"""What each mode costs for this graph: bars, numbers, and what is counted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from visualad.autodiff.steps import MODES, Cost, spent_until
from visualad.gui import fonts, theme
from visualad.gui.document import Document
from visualad.gui.panels.growth import GrowthSection
from visualad.gui.panels.parts import MARGIN, Rule, Text, empty_state, heading, scrolled
from visualad.gui.session import MOST_COMPARED, Session

EMPTY = "The graph has no derivative to compute yet.\nIts cost in each mode appears here."
TOO_LARGE = (
    f"A graph of more than {MOST_COMPARED:,} nodes: comparing the modes takes minutes, "
    "which `visualad cost` may have."
)
ROW = 26
CAPTION = 24
GAP = 14
WIDE = 720  # px from which bars and growth stand side by side

CostRow = tuple[str, str, Cost]


def numbers(cost: Cost) -> str:
    """`13 mul · 2 add`."""
    return f"{cost.multiplications:,} mul · {cost.additions:,} add"


class CostPanel(QWidget):
    """Multiplications and additions of forward, backward and cross mode, side by side."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cost_panel")
        self.setAccessibleName("Cost")
        self.setMinimumWidth(200)
        self._document, self._session = document, session
        self.title = heading("Cost of all derivatives of the outputs with respect to the inputs")
        self.title.setWordWrap(True)
        self.title.setMinimumWidth(1)
        self.bars = CostBars()
        self.running_title = heading("")
        self.running = Text()
        self.running.setObjectName("cost_running")
        self._rule = Rule()
        self.empty = empty_state(EMPTY, "cost_empty")
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(MARGIN, 12, MARGIN, 12)
        column.setSpacing(8)
        # The running cost comes first: it changes while one looks.
        now = QHBoxLayout()
        now.setSpacing(14)
        now.addWidget(self.running_title)
        now.addWidget(self.running, 1)
        column.addLayout(now)
        column.addWidget(self._rule)
        self.growth = GrowthSection(session)
        bars = QVBoxLayout()
        bars.setSpacing(8)
        bars.addWidget(self.title)
        bars.addWidget(self.bars)
        bars.addStretch(1)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._halves.setSpacing(28)
        self._halves.addLayout(bars, 1)
        self._halves.addWidget(self.growth, 1)
        column.addLayout(self._halves, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(scrolled(inside, "cost_scroll"))
        self._stack.addWidget(self.empty)
        session.costs_changed.connect(self.refresh)
        session.step_changed.connect(self._show_running)
        session.progress_changed.connect(self._show_running)
        session.sweep_changed.connect(self._show_running)
        document.graph_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the costs as they are known."""
        rows = self._session.costs
        self.bars.show_rows(rows)
        graph = self._document.graph
        self.empty.setText(TOO_LARGE if len(graph) > MOST_COMPARED else EMPTY)
        there_is_some = bool(rows and graph.outputs and graph.independents)
        self._stack.setCurrentIndex(0 if there_is_some else 1)
        self._show_running()

    def _show_running(self, *_: object) -> None:
        session = self._session
        sweep = session.sweep
        shown = sweep is not None and self.isVisible()
        for widget in (self._rule, self.running_title, self.running):
            widget.setVisible(sweep is not None)
        if sweep is None or not shown:
            return
        done = session.step_index if session.progress >= 1.0 else session.step_index - 1
        products, sums = spent_until(sweep, done)
        spent = Cost(products, sums)
        self.running_title.setText(f"This {sweep.mode} sweep so far")
        self.running.setText(f"{numbers(spent)}   of   {numbers(sweep.cost)}")
        self.running.setToolTip(f"Counted: {sweep.cost.convention}")
        self.running.set_token(sweep.mode)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self._halves.setDirection(
            QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._session.want_costs(True)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._session.want_costs(False)


class CostBars(QWidget):
    """A bar for each row, as long as its multiplications; above each group what it counts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cost_bars")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rows: Sequence[CostRow] = ()
        theme.theme_changed.connect(self.update)

    def show_rows(self, rows: Sequence[CostRow]) -> None:
        """Show these rows of (label, mode, cost)."""
        self._rows = rows
        self.setAccessibleDescription("; ".join(self.texts()))
        self.updateGeometry()
        self.update()

    def groups(self) -> list[tuple[str, list[CostRow]]]:
        """The rows by what they count, in words."""
        found: dict[str, list[CostRow]] = {}
        for row in self._rows:
            found.setdefault(row[2].convention, []).append(row)
        return [
            (f"Counted: {convention}" if convention else "", rows)
            for convention, rows in found.items()
        ]

    def texts(self) -> list[str]:
        """Each row in words."""
        return [f"{label}: {numbers(cost)}" for label, _, cost in self._rows]

    def sizeHint(self) -> QSize:
        return QSize(260, self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self._height())

    def _height(self) -> int:
        captions = sum(CAPTION for convention, _ in self.groups() if convention)
        return len(self._rows) * ROW + captions

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        figures = fonts.text(12.5, fonts.Weight.DemiBold)
        words = [numbers(cost) for _, _, cost in self._rows]
        painter.setFont(figures)
        right = max((painter.fontMetrics().horizontalAdvance(w) for w in words), default=0)
        painter.setFont(fonts.text(12.5))
        left = max(
            (painter.fontMetrics().horizontalAdvance(label) for label, _, _ in self._rows),
            default=0,
        )
        left = min(left + 4, max(self.width() - right - 2 * GAP - 40, 60))
        room = min(max(self.width() - left - right - 2 * GAP, 10), 420)
        most = max((cost.multiplications for _, _, cost in self._rows), default=0) or 1
        top = 0
        for convention, rows in self.groups():
            if convention:
                painter.setPen(QColor(shown.text_muted))
                painter.setFont(fonts.text(12.0))
                where = QRectF(0, top, self.width(), CAPTION)
                painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, convention)
                top += CAPTION
            for row in rows:
                self._paint_row(painter, row, top, (left, room, right), most)
                top += ROW
        painter.end()

    def _paint_row(
        self,
        painter: QPainter,
        row: CostRow,
        top: float,
        widths: tuple[float, float, float],
        most: int,
    ) -> None:
        """Label, bar and number; `widths` of the three."""
        label, mode, cost = row
        left, room, right = widths
        shown = theme.current()
        colour = QColor(shown.mode(mode if mode in MODES else ""))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(colour)
        painter.setFont(fonts.text(12.5))
        short = painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, int(left))
        painter.drawText(QRectF(0, top, left, ROW), middle, short)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        length = max(room * cost.multiplications / most, 2.0)
        painter.drawRoundedRect(QRectF(left + GAP, top + 6, length, ROW - 12), 3, 3)
        painter.setPen(QColor(shown.text))
        painter.setFont(fonts.text(12.5, fonts.Weight.DemiBold))
        where = QRectF(left + room + 2 * GAP, top, right, ROW)
        painter.drawText(where, middle | Qt.AlignmentFlag.AlignRight, numbers(cost))
