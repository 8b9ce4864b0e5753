"""Matrices beside each other as heat maps with their numbers: factors, a product, a sum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from visualad.gui import fonts, theme
from visualad.gui.canvas.heat import picture
from visualad.ops.writing import number_pretty

TITLE, LINE, GAP, SIGN, SIDE = 22.0, 15.0, 14.0, 26.0, 12.0  # px
WIDEST, HIGHEST, SMALLEST = 66.0, 34.0, 3.0  # of a cell
NUMBER = 12.0  # size of the numbers
DIGITS = (3, 2)  # of the numbers of a matrix, as many as its cells have room for
LEAST = 8.0  # px that a number takes

Title = tuple[str, ...]  # its lines


@dataclass(frozen=True, eq=False)
class Block:
    """One matrix.

    Attributes:
        title: above it; cells: (rows, columns).
        scale: the number at the end of the colour map.
        sign: what stands before it: "·", "=", "" ("|" leaves a wide gap).
        emptied: entries are not there yet: drawn as an empty frame.
    """

    title: str
    cells: np.ndarray
    scale: float
    sign: str = ""
    emptied: bool = False


class MatricesView(QWidget):
    """Draws blocks in one row, with cells of one size; hovering a cell says its number.

    Titles take two lines where one is too wide. What does not fit at all makes the view wider than
    its place: it belongs into a scroll area, where it is as wide as that if that is enough.
    """

    def __init__(self, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setMinimumHeight(110)
        self._blocks: tuple[Block, ...] = ()
        theme.theme_changed.connect(self.update)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What is shown."""
        return self._blocks

    def show_blocks(self, blocks: Sequence[Block], words: str) -> None:
        """Show these matrices.

        Args:
            words: the same for a screen reader.
        """
        self._blocks = tuple(blocks)
        self.setAccessibleDescription(words)
        self.setMinimumWidth(math.ceil(self._taken(SMALLEST, self._titles(0.0))))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, 170)

    # Where everything is ----------------------------------------------------------------------

    def places(self) -> list[QRectF]:
        """The rectangle of the cells of each block."""
        if not self._blocks:
            return []
        titles = self._titles(self.width())
        across, down = self._cell(titles)
        highest = max(len(block.cells) for block in self._blocks) * down
        x, found = SIDE, []
        for number, (block, title) in enumerate(zip(self._blocks, titles, strict=True)):
            rows, columns = block.cells.shape
            if number:
                x += _gap(block)
            room = max(columns * across, _width_of(title))
            left = x + (room - columns * across) / 2
            top = _head(titles) + (highest - rows * down) / 2
            found.append(QRectF(left, top, columns * across, rows * down))
            x += room
        spare = (self.width() - x - SIDE) / 2
        return [place.translated(max(spare, 0.0), 4.0) for place in found]

    def _titles(self, width: float) -> list[Title]:
        """The lines of each title: one, if the whole then fits into this width at its largest."""
        whole: list[Title] = [(block.title,) for block in self._blocks]
        if self._taken(WIDEST, whole) <= width:
            return whole
        return [_halves(block.title) for block in self._blocks]

    def _taken(self, across: float, titles: Sequence[Title]) -> float:
        """Width of everything with cells of this width."""
        blocks = sum(
            max(block.cells.shape[1] * across, _width_of(title))
            for block, title in zip(self._blocks, titles, strict=True)
        )
        return blocks + 2 * SIDE + sum(_gap(block) for block in self._blocks[1:])

    def _cell(self, titles: Sequence[Title]) -> tuple[float, float]:
        columns = sum(block.cells.shape[1] for block in self._blocks)
        rows = max(len(block.cells) for block in self._blocks)
        across = WIDEST
        for _ in range(8):  # titles may be wider than their matrices
            over = self._taken(across, titles) - self.width()
            if over <= 0:
                break
            across = max(across - over / max(columns, 1), SMALLEST)
        down = (self.height() - _head(titles) - 12) / max(rows, 1)
        return across, max(min(down, HIGHEST), SMALLEST)

    # Drawing ----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.current()
        if not self._blocks:
            painter.end()
            return
        places, titles = self.places(), self._titles(self.width())
        middle, head = places[0].center().y(), _head(titles)
        for block, place, lines in zip(self._blocks, places, titles, strict=True):
            self._draw(painter, block, place)
            room = max(place.width(), _width_of(lines))
            left = place.center().x() - room / 2
            if block.sign and block.sign != "|":
                painter.setPen(colours.colour("text"))
                painter.setFont(fonts.text(16, fonts.Weight.DemiBold))
                sign = QRectF(left - _gap(block), middle - 14, _gap(block), 28)
                painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, block.sign)
            painter.setPen(colours.colour("text_muted"))
            painter.setFont(fonts.text(NUMBER))
            title = QRectF(left - 6, place.top() - head, room + 12, head - 4)
            where = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
            painter.drawText(title, where, "\n".join(lines))
        painter.end()

    def _draw(self, painter: QPainter, block: Block, place: QRectF) -> None:
        colours = theme.current()
        rows, columns = block.cells.shape
        down, across = place.height() / rows, place.width() / columns
        cells = np.zeros_like(block.cells) if block.emptied else block.cells
        scale = block.scale if block.scale > 0 and np.isfinite(block.scale) else 1.0
        painter.fillRect(place, colours.colour("surface"))
        if not block.emptied:
            painter.drawImage(place, picture(cells, scale, colours))
        painter.setPen(QPen(colours.colour("border"), 1))
        if down >= 10 and across >= 10:
            for i in range(1, rows):
                y = place.top() + i * down
                painter.drawLine(QPointF(place.left(), y), QPointF(place.right(), y))
            for j in range(1, columns):
                x = place.left() + j * across
                painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place)
        if block.emptied or down < 15:
            return
        painter.setFont(fonts.text(NUMBER))
        map_ = theme.diverging(colours)
        texts = _fitting(cells, across - 4)
        for i in range(rows if texts else 0):
            for j in range(columns):
                level = int(np.clip((cells[i, j] / scale + 1) * 127.5, 0, 255))
                painter.setPen(_on(QColor(*map(int, map_[level]))))
                cell = QRectF(place.left() + j * across, place.top() + i * down, across, down)
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, texts[i * columns + j])

    def cell_at(self, point: QPointF) -> tuple[Block, int, int] | None:
        """The entry that lies there."""
        for block, place in zip(self._blocks, self.places(), strict=True):
            if place.contains(point):
                rows, columns = block.cells.shape
                i = min(int((point.y() - place.top()) / place.height() * rows), rows - 1)
                j = min(int((point.x() - place.left()) / place.width() * columns), columns - 1)
                return block, i, j
        return None

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self.cell_at(QPointF(event.pos()))
            words = ""
            if found is not None and not found[0].emptied:
                block, i, j = found
                number = number_pretty(float(block.cells[i, j]), 6)
                words = f"{block.title}, row {i + 1}, column {j + 1}: {number}"
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


def _gap(block: Block) -> float:
    return SIGN + 2 * GAP if block.sign == "|" else SIGN if block.sign else GAP


def _fitting(cells: np.ndarray, room: float) -> list[str]:
    """The numbers of a matrix as texts, all with as many digits as fit; none where one does not."""
    if room < LEAST:
        return []
    for digits in DIGITS:
        texts = [number_pretty(float(number), digits) for number in np.ravel(cells)]
        if max(fonts.width(text, NUMBER) for text in texts) <= room:
            return texts
    return []


def _width_of(title: Title) -> float:
    return max(fonts.width(line, NUMBER) for line in title)


def _head(titles: Sequence[Title]) -> float:
    """Room above the matrices."""
    return TITLE + LINE * (max(map(len, titles), default=1) - 1)


def _halves(words: str) -> Title:
    """In two lines, as narrow as can be; one word stays one."""
    spaces = [place for place, letter in enumerate(words) if letter == " "]
    parts: list[Title] = [(words[:place], words[place + 1 :]) for place in spaces]
    return min(parts, key=_width_of, default=(words,))


def _on(colour: QColor) -> QColor:
    """Black or white, whichever is read better on a colour (relative luminance of WCAG 2)."""
    parts = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
        for c in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return QColor("#ffffff") if luminance < 0.18 else QColor("#111111")
