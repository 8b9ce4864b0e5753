"""The picture: the target, every bump, their sum, and handles that are dragged with the mouse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from visualad.gui import fonts, theme
from visualad.gui.approximation.frame import Frame, around, ticks
from visualad.gui.approximation.handles import HANDLES, STEEPNESS, TOP, dragged, points
from visualad.kernel.approximation_messages import BumpsSummed
from visualad.ops.writing import number_pretty
from visualad.training.approximation import SAMPLES, Bump, Target

PLACES = 400  # at which the curves are drawn
REACH = 11.0  # px within which a handle is taken
RADIUS = 6.0
MARGINS = (54.0, 34.0, 16.0, 34.0)  # left, top, right, bottom
_CURSORS = {
    "left": Qt.CursorShape.SizeHorCursor,
    "right": Qt.CursorShape.SizeHorCursor,
    STEEPNESS: Qt.CursorShape.SplitHCursor,
    TOP: Qt.CursorShape.SizeAllCursor,
}
_TIPS = {
    "left": "a: where the left sigmoid is at half height",
    "right": "b: where the right sigmoid is at half height",
    STEEPNESS: "k: how steep both sigmoids are",
    TOP: "h: the height; sideways the whole bump moves",
}


class BumpsView(QWidget):
    """Draws what the kernel has computed; the bumps themselves are the window's.

    Signals:
        bump_changed: number and bump, while it is dragged or moved by keys.
        selected: number of the bump that was clicked, -1 for none.
        added: a new bump, where somebody double clicked.
        removed: number of the bump that is to go.
        drawn: x and y of a target drawn with the mouse.
    """

    bump_changed = Signal(int, object)
    selected = Signal(int)
    added = Signal(object)
    removed = Signal(int)
    drawn = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bumps_view")
        self.setAccessibleName("Bumps, their sum and the target")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(360, 240)
        self.target: Target | None = None
        self.bumps: tuple[Bump, ...] = ()
        self.chosen = -1
        self.summed: BumpsSummed | None = None
        self.is_drawing = False
        self._ends: tuple[float, float] = (-1.0, 1.0)  # of the vertical axis
        self._drag: tuple[str, QPointF, Bump] | None = None
        self._hovered = ""
        self._pen: tuple[NDArray[np.float64], NDArray[np.float64], QPointF] | None = None
        theme.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(680, 460)

    # What is shown ----------------------------------------------------------------------------

    def show_target(self, target: Target) -> None:
        """Show another target."""
        self.target = target
        self.summed = None
        self._fit_height()
        self.update()

    def show_bumps(self, bumps: tuple[Bump, ...], chosen: int) -> None:
        """Show these bumps, one of them with its handles."""
        self.bumps, self.chosen = bumps, chosen
        self.update()

    def show_sum(self, summed: BumpsSummed) -> None:
        """Show the curves that belong to the bumps."""
        self.summed = summed
        if self._drag is None:  # the axis stands still under the mouse
            self._fit_height()
        words = f"{len(summed.bumps)} bumps, root mean square error {summed.errors.rmse:.4g}"
        self.setAccessibleDescription(words)
        self.update()

    def places(self) -> NDArray[np.float64]:
        """Where the curves are wanted."""
        return np.linspace(*self.frame.x, PLACES)

    @property
    def frame(self) -> Frame:
        """The part of the plane that is seen."""
        left, top, right, bottom = MARGINS
        area = QRectF(
            left, top, max(self.width() - left - right, 10), max(self.height() - top - bottom, 10)
        )
        ends = self.target.ends if self.target is not None else (-1.0, 1.0)
        return Frame(around(*ends, 0.04), self._ends, area)

    def _fit_height(self) -> None:
        numbers = [np.zeros(1)]
        if self.target is not None:
            numbers.append(self.target.y)
        if self.summed is not None:
            numbers += [self.summed.total, self.summed.curves.ravel()]
        low = min(float(part.min()) for part in numbers if part.size)
        high = max(float(part.max()) for part in numbers if part.size)
        self._ends = around(low, high)

    def handle_places(self) -> dict[str, QPointF]:
        """Where the handles of the chosen bump are, in px."""
        if not 0 <= self.chosen < len(self.bumps):
            return {}
        frame = self.frame
        found = points(self.bumps[self.chosen], frame)
        return {name: frame.inside(frame.place(*found[name])) for name in HANDLES}

    def dot_place(self, number: int) -> QPointF:
        """Where a bump is taken that is not chosen, in px."""
        frame = self.frame
        return frame.inside(frame.place(*points(self.bumps[number], frame)[TOP]))

    # Drawing ----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame, colours = self.frame, theme.current()
        painter.fillRect(self.rect(), colours.colour("surface"))
        self._draw_axes(painter, frame)
        painter.save()
        painter.setClipRect(frame.area)
        if self.summed is not None:
            self._draw_bumps(painter, frame, self.summed)
        if self._pen is not None:
            self._draw_curve(painter, frame, *self._pen[:2], QPen(colours.colour("data"), 2.5))
        elif self.target is not None:
            pen = QPen(colours.colour("data"), 2.5)
            self._draw_curve(painter, frame, self.target.x, self.target.y, pen)
        if self.summed is not None:
            pen = QPen(colours.colour("accent"), 2.5)
            self._draw_curve(painter, frame, self.summed.places, self.summed.total, pen)
        painter.restore()
        if not self.is_drawing:
            self._draw_handles(painter)
        self._draw_legend(painter, frame)
        painter.end()

    def _draw_axes(self, painter: QPainter, frame: Frame) -> None:
        colours = theme.current()
        painter.setFont(fonts.text(11.0))
        grid = QPen(colours.colour("plot_grid"), 1)
        for x in ticks(*frame.x, 8):
            place = frame.place(x, 0)
            painter.setPen(grid)
            painter.drawLine(
                QPointF(place.x(), frame.area.top()), QPointF(place.x(), frame.area.bottom())
            )
            painter.setPen(colours.colour("text_muted"))
            box = QRectF(place.x() - 40, frame.area.bottom() + 4, 80, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, number_pretty(x))
        for y in ticks(*frame.y, 6):
            place = frame.place(0, y)
            painter.setPen(QPen(colours.colour("border"), 1.5) if y == 0 else grid)
            painter.drawLine(
                QPointF(frame.area.left(), place.y()), QPointF(frame.area.right(), place.y())
            )
            painter.setPen(colours.colour("text_muted"))
            box = QRectF(0, place.y() - 8, frame.area.left() - 8, 16)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right, number_pretty(y))
        painter.setPen(QPen(colours.colour("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame.area)

    def _draw_bumps(self, painter: QPainter, frame: Frame, summed: BumpsSummed) -> None:
        colours = theme.current()
        ground = frame.place(0, 0).y()
        flat = 0.2 * (frame.y[1] - frame.y[0]) / frame.area.height()  # a fifth of a px
        # All but the chosen one are drawn at once, which takes half the time of one by one.
        areas = {True: QPainterPath(), False: QPainterPath()}
        lines = {True: QPainterPath(), False: QPainterPath()}
        for number, curve in enumerate(summed.curves):
            is_chosen = number == self.chosen and not self.is_drawing
            seen = np.flatnonzero(np.abs(curve) >= flat)
            if not len(seen):
                continue
            part = slice(max(seen[0] - 1, 0), seen[-1] + 2)  # elsewhere it lies on the axis
            line = frame.polygon(summed.places[part], curve[part])
            shape = QPolygonF(line)
            shape.append(QPointF(line.last().x(), ground))
            shape.append(QPointF(line.first().x(), ground))
            areas[is_chosen].addPolygon(shape)
            lines[is_chosen].addPolygon(line)
        for is_chosen, area in areas.items():
            colour = colours.colour("forward" if is_chosen else "accent")
            area.setFillRule(Qt.FillRule.WindingFill)
            fill, edge = QColor(colour), QColor(colour)
            fill.setAlphaF(0.22 if is_chosen else 0.10)
            edge.setAlphaF(1.0 if is_chosen else 0.45)
            painter.fillPath(area, fill)
            painter.strokePath(lines[is_chosen], QPen(edge, 1.8 if is_chosen else 1.0))

    def _draw_curve(
        self,
        painter: QPainter,
        frame: Frame,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        pen: QPen,
    ) -> None:
        path = QPainterPath()
        path.addPolygon(frame.polygon(x, y))
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _draw_handles(self, painter: QPainter) -> None:
        colours = theme.current()
        painter.setBrush(colours.colour("surface"))
        painter.setPen(QPen(colours.colour("accent"), 1.5))
        for number in range(len(self.bumps)):
            if number != self.chosen:
                painter.drawEllipse(self.dot_place(number), 3.0, 3.0)
        painter.setFont(fonts.text(12.0, fonts.Weight.DemiBold))
        for name, place in self.handle_places().items():
            is_hot = name == self._hovered
            painter.setPen(QPen(colours.colour("forward"), 2))
            painter.setBrush(colours.colour("forward" if is_hot else "surface"))
            if name == STEEPNESS:
                r = RADIUS
                painter.drawPolygon(
                    QPolygonF([place + QPointF(*d) for d in ((0, -r), (r, 0), (0, r), (-r, 0))])
                )
            else:
                painter.drawEllipse(place, RADIUS, RADIUS)
            letter = {"left": "a", "right": "b", TOP: "h", STEEPNESS: "k"}[name]
            beside = QPointF(-16, 4) if name == "left" else QPointF(10, 4)
            down = self.bumps[self.chosen].height < 0
            over = QPointF(-4, 20 if down else -11)
            beside = {TOP: over, STEEPNESS: QPointF(-18, 12 if down else -5)}.get(name, beside)
            painter.setPen(colours.colour("text"))
            painter.drawText(place + beside, letter)

    def _draw_legend(self, painter: QPainter, frame: Frame) -> None:
        colours = theme.current()
        count = len(self.bumps)
        entries = [("data", f"target {self.target.name}" if self.target else "target")]
        if self.summed is not None:
            entries.append(("accent", f"sum of {count} bump{'s' if count != 1 else ''}"))
        if 0 <= self.chosen < count and not self.is_drawing:
            entries.append(("forward", f"bump {self.chosen + 1}"))
        painter.setFont(fonts.text(12.0))
        x, y = frame.area.left(), frame.area.top() - 16
        for token, words in entries:
            painter.setPen(QPen(colours.colour(token), 3))
            painter.drawLine(QPointF(x, y), QPointF(x + 18, y))
            painter.setPen(colours.colour("text"))
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, 260)
            painter.drawText(QPointF(x + 24, y + 4), shown)
            x += 24 + painter.fontMetrics().horizontalAdvance(shown) + 22

    # The mouse --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.target is None:
            return
        place = event.position()
        if self.is_drawing:
            self._begin_drawing(place)
            return
        handle = self._handle_at(place)
        if not handle:
            number = self._bump_at(place)
            if number != self.chosen:
                self.chosen = number
                self.selected.emit(number)
            handle = self._handle_at(place)
        if handle:
            self._drag = (handle, place, self.bumps[self.chosen])
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._pen is not None:
            self._draw_to(place)
        elif self._drag is not None:
            handle, start, bump = self._drag
            frame = self.frame
            (x0, y0), (x1, y1) = frame.number(start), frame.number(place)
            self.bump_changed.emit(self.chosen, dragged(bump, handle, (x1 - x0, y1 - y0), frame))
        else:
            self._hover(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pen is not None:
            x, y, _ = self._pen
            self._pen = None
            self.drawn.emit(x, y)
        elif self._drag is not None:
            self._drag = None
            self._fit_height()
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.is_drawing or self.target is None or self._handle_at(event.position()):
            self.mousePressEvent(event)
            return
        frame = self.frame
        x, y = frame.number(frame.inside(event.position()))
        wide = frame.x[1] - frame.x[0]
        self.added.emit(Bump(x - wide / 16, x + wide / 16, y, 80 / wide))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not 0 <= self.chosen < len(self.bumps):
            super().keyPressEvent(event)
            return
        frame = self.frame
        across, up = (frame.x[1] - frame.x[0]) / 100, (frame.y[1] - frame.y[0]) / 100
        moves = {
            Qt.Key.Key_Left: (-across, 0.0),
            Qt.Key.Key_Right: (across, 0.0),
            Qt.Key.Key_Up: (0.0, up),
            Qt.Key.Key_Down: (0.0, -up),
        }
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(self.chosen)
        elif event.key() in moves:
            moved = dragged(self.bumps[self.chosen], TOP, moves[Qt.Key(event.key())], frame)
            self.bump_changed.emit(self.chosen, moved)
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = ""
        self.update()

    def _hover(self, place: QPointF) -> None:
        handle = "" if self.is_drawing else self._handle_at(place)
        if handle != self._hovered:
            self._hovered = handle
            self.update()
        cross = Qt.CursorShape.CrossCursor if self.is_drawing else Qt.CursorShape.ArrowCursor
        self.setCursor(_CURSORS.get(handle, cross))
        self.setToolTip(_TIPS.get(handle, ""))

    def _handle_at(self, place: QPointF) -> str:
        near = {n: (p - place).manhattanLength() for n, p in self.handle_places().items()}
        found = min(near, key=near.__getitem__, default="")
        return found if found and near[found] <= REACH * 1.4 else ""

    def _bump_at(self, place: QPointF) -> int:
        """The bump whose dot is there, else the one under the mouse, else -1."""
        dots = [(self.dot_place(i) - place).manhattanLength() for i in range(len(self.bumps))]
        if dots and min(dots) <= REACH * 1.4:
            return dots.index(min(dots))
        x, _ = self.frame.number(place)
        under = [i for i, bump in enumerate(self.bumps) if bump.left <= x <= bump.right]
        return min(under, key=lambda i: dots[i], default=-1)

    # Drawing a target -------------------------------------------------------------------------

    def _begin_drawing(self, place: QPointF) -> None:
        assert self.target is not None
        x = np.linspace(*self.target.ends, SAMPLES)
        self._pen = (x, np.interp(x, self.target.x, self.target.y), place)
        self._draw_to(place)

    def _draw_to(self, place: QPointF) -> None:
        """The pen has gone from where it was to here; the samples between lie on that line."""
        assert self._pen is not None
        x, y, last = self._pen
        frame = self.frame
        (x0, y0), (x1, y1) = frame.number(frame.inside(last)), frame.number(frame.inside(place))
        if x0 > x1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        half = (x[1] - x[0]) / 2
        passed = (x >= x0 - half) & (x <= x1 + half)
        y = y.copy()
        y[passed] = np.interp(x[passed], [x0, max(x1, x0 + 1e-12)], [y0, y1])
        self._pen = (x, y, place)
        self.update()
