"""A widget that shows lines of mathematics whose parts light up under the mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualad.exchange.derivation_lines import Line, Part
from visualad.gui import fonts, icons, theme
from visualad.gui.panels.typeset import SIZE, Typeset, typeset

PADDING = 14
GAP = 9  # px between lines
BETWEEN = 7  # px between the parts of a line
INDENT = 20  # of a line that goes on
LEAST_SCALE = 0.55


@dataclass(frozen=True)
class _Placed:
    """A part where it stands: `formula` with its baseline, or `words`."""

    part: Part | None
    formula: Typeset | None
    words: str
    token: str
    area: QRectF
    baseline: float
    scale: float = 1.0
    kind: str = ""


class MathView(QWidget):
    """Shows lines; tells which part the mouse is on and which was clicked.

    Signals:
        pointed: the `Part` under the mouse, or None when there is none.
        clicked, opened: the `Part` that was clicked, or clicked twice.
    """

    pointed = Signal(object)
    clicked = Signal(object)
    opened = Signal(object)  # double click

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("derivation_view")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._lines: Sequence[Line] = ()
        self._mode = ""
        self._lit: frozenset[object] = frozenset()
        self._placed: list[_Placed] = []
        self._pointed: Part | None = None
        theme.theme_changed.connect(self._lay_out)

    def show_lines(self, lines: Sequence[Line], mode: str) -> None:
        """Show these lines in the colours of this mode."""
        self._lines = lines
        self._mode = mode
        self.setAccessibleDescription(". ".join(line.text for line in lines))
        self._point_at(None)
        self._lay_out()

    def light(self, keys: frozenset[object]) -> None:
        """Light up the parts that belong to these edges or nodes."""
        if keys != self._lit:
            self._lit = keys
            self.update()

    @property
    def lit_texts(self) -> list[str]:
        """The texts of the parts that are lit up."""
        return [p.part.text for p in self._placed if p.part is not None and self._is_lit(p.part)]

    def texts(self) -> list[str]:
        """The lines as text."""
        return [line.text for line in self._lines]

    def area_of(self, text: str) -> QRectF:
        """Where the part with this text stands; empty when it does not."""
        for placed in self._placed:
            if placed.part is not None and placed.part.text == text:
                return placed.area
        return QRectF()

    def area_where(self, fits: Callable[[str, Part], bool]) -> QRectF:
        """Where the first part that fits stands, given its line's kind; empty when none does."""
        for placed in self._placed:
            if placed.part is not None and fits(placed.kind, placed.part):
                return placed.area
        return QRectF()

    # Placing ----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._placed, height = self._place(self.width())
        self.setMinimumHeight(round(height))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, self.heightForWidth(max(self.width(), 200)))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self._place(width)[1])

    def _place(self, width: int) -> tuple[list[_Placed], float]:
        placed: list[_Placed] = []
        top = float(PADDING)
        room = max(width - 2 * PADDING, 40)
        for line in self._lines:
            if line.parts:
                top = self._place_formula(placed, line, top, room)
            else:
                top = self._place_words(placed, line, top, room)
            top += GAP
        return placed, top - GAP + PADDING if self._lines else 2.0 * PADDING

    def _place_formula(self, placed: list[_Placed], line: Line, top: float, room: float) -> float:
        colour = getattr(theme.current(), self._token(line.kind))
        size = {"result": 17.0, "rule": 14.0}.get(line.kind, SIZE)
        row: list[tuple[Part, Typeset, float, float]] = []  # part, formula, left, scale
        left = 0.0
        for part in line.parts:
            formula = typeset(part.latex, colour, size, part.text)
            indent = INDENT if row or left else 0
            if row and left + formula.width > room:
                top = self._finish_row(placed, line, row, top)
                row, left = [], float(indent)
            scale = max(min(1.0, (room - left) / formula.width), LEAST_SCALE)
            row.append((part, formula, left, scale))
            left += formula.width * scale + BETWEEN
        return self._finish_row(placed, line, row, top)

    def _finish_row(
        self,
        placed: list[_Placed],
        line: Line,
        row: list[tuple[Part, Typeset, float, float]],
        top: float,
    ) -> float:
        """Put the parts of a row on one baseline; returns the top of what follows."""
        ascent = max(formula.ascent * scale for _, formula, _, scale in row)
        descent = max((f.height - f.ascent) * scale for _, f, _, scale in row)
        for part, formula, left, scale in row:
            area = QRectF(PADDING + left, top, formula.width * scale, ascent + descent).adjusted(
                -3, -3, 3, 3
            )
            token = self._token(line.kind)
            placed.append(_Placed(part, formula, "", token, area, top + ascent, scale, line.kind))
        return top + ascent + descent + 2

    def _place_words(self, placed: list[_Placed], line: Line, top: float, room: float) -> float:
        indent = 22.0 if line.kind == "kink" else 0.0
        metrics = fonts.metrics(12.0)
        flags = int(Qt.TextFlag.TextWordWrap)
        box = metrics.boundingRect(QRectF(0, 0, room - indent, 10_000), flags, line.words)
        area = QRectF(PADDING + indent, top, room - indent, box.height())
        token = "warning" if line.kind == "kink" else "text_muted"
        placed.append(_Placed(None, None, line.words, token, area, top))
        return top + box.height()

    def _token(self, kind: str) -> str:
        if kind == "rule":
            return "text_muted"
        if kind in ("numbers", "result"):
            return self._mode or "text"
        return "text"

    # Painting ---------------------------------------------------------------------------------

    def _is_lit(self, part: Part) -> bool:
        if part is self._pointed and part.edges | part.nodes:
            return True
        if part.edges:
            return bool(part.edges & self._lit)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(shown.border))
        painter.setBrush(QColor(shown.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        for placed in self._placed:
            if placed.formula is None:
                self._paint_words(painter, placed)
                continue
            if placed.part is not None and self._is_lit(placed.part):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(shown.mode_soft(self._mode)))
                painter.drawRoundedRect(placed.area, 4, 4)
            placed.formula.draw(painter, placed.area.left() + 3, placed.baseline, placed.scale)
        painter.end()

    def _paint_words(self, painter: QPainter, placed: _Placed) -> None:
        painter.setPen(QColor(getattr(theme.current(), placed.token)))
        painter.setFont(fonts.text(12.0))
        flags = int(Qt.TextFlag.TextWordWrap)
        painter.drawText(placed.area, flags, placed.words)
        if placed.token == "warning":
            where = QRectF(placed.area.left() - 22, placed.area.top(), 16, 16)
            icons.draw(painter, "warning", where, "warning")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    # The mouse --------------------------------------------------------------------------------

    def part_at(self, position: QPointF) -> Part | None:
        """The part at this place, if it belongs to an edge or a node."""
        for placed in self._placed:
            part = placed.part
            if part is not None and (part.edges or part.nodes) and placed.area.contains(position):
                return part
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self.part_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        part = self.part_at(event.position())
        if part is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(part)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        part = self.part_at(event.position())
        if part is not None and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(part)

    def _point_at(self, part: Part | None) -> None:
        if part is self._pointed:
            return
        self._pointed = part
        shape = Qt.CursorShape.PointingHandCursor if part else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        self.pointed.emit(part)
        self.update()
