"""Where the neurons of a drawn network stand and how the lines of their weights run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from visualad.gui.canvas.network_parts import Bias, Neuron, Part, Weight
from visualad.training.network_state import Window

SIDE, SMALL_SIDE = 58.0, 50.0  # of a neuron; where there are more than FEW in a column
ROW, SMALL_ROW = 97.0, 76.0  # from neuron to neuron
FEW = 4
COLUMN = (172.0, 400.0)  # from column to column, as wide as there is room
HEADER, FOOTER = 56.0, 40.0  # above and below the neurons, for norms and formulas
SIDEWAYS = 62.0  # free at the left and the right, for the formulas
PAGER = 22.0
MARK = 9.0  # of a bias
MOST_SHOWN = 8  # neurons of a column that has more than MOST_WHOLE
MOST_WHOLE = 10
_SAMPLES = np.linspace(0.0, 1.0, 21)  # along a line, where the mouse is looked for


def windows_of(sizes: Sequence[int]) -> list[Window]:
    """For each column which neurons are shown at first: all, or the first of many."""
    return [(0, size if size <= MOST_WHOLE else MOST_SHOWN) for size in sizes]


@dataclass(frozen=True)
class Pager:
    """The line below a column of many neurons that tells which are shown.

    Attributes:
        column: which; rect: all of it; up, down: where the neurons before and after are asked for.
    """

    column: int
    rect: QRectF
    up: QRectF
    down: QRectF


class NetworkLayout:
    """The places of one network; made anew for other layers or other windows.

    Attributes:
        neurons: the square of each neuron that is shown.
        paths: the line of each weight between neurons that are shown.
        pagers: of the columns with more neurons than are shown.
        side: of a neuron's square; rect: all of the drawing.

    Args:
        aspect: width by height of what it is shown in.
    """

    def __init__(
        self, sizes: Sequence[int], windows: Sequence[Window], aspect: float = 1.0
    ) -> None:
        self.sizes, self.windows = tuple(sizes), tuple(windows)
        counts = [count for _, count in windows]
        few = max(counts) <= FEW
        side, row = (SIDE, ROW) if few else (SMALL_SIDE, SMALL_ROW)
        self.side = side
        height = (max(counts) - 1) * row + side
        if any(count < size for count, size in zip(counts, sizes, strict=True)):
            height += PAGER
        room = aspect * (HEADER + height + FOOTER) - 2 * SIDEWAYS - side
        step = min(max(room / (len(sizes) - 1), COLUMN[0]), COLUMN[1])
        self._step = step
        self._height = height
        self.neurons: dict[Neuron, QRectF] = {}
        self.pagers: list[Pager] = []
        for column, (first, count) in enumerate(windows):
            left = SIDEWAYS + column * step
            paged = count < sizes[column]
            own = (count - 1) * row + side + (PAGER if paged else 0)
            top = HEADER + (height - own) / 2
            for place in range(count):
                corner = QPointF(left, top + place * row)
                self.neurons[Neuron(column, first + place)] = QRectF(
                    corner.x(), corner.y(), side, side
                )
            if paged:
                self.pagers.append(_pager(column, left + side / 2, top + own - PAGER + 8))
        self.rect = QRectF(
            0,
            0,
            2 * SIDEWAYS + (len(sizes) - 1) * step + side,
            HEADER + height + FOOTER,
        )
        self.paths: dict[Weight, QPainterPath] = {}
        ends = []
        for layer in range(len(sizes) - 1):
            for output in self._shown(layer + 1):
                for source in self._shown(layer):
                    start, end = self._ends(layer, source, output)
                    bend = (end.x() - start.x()) * 0.45
                    path = QPainterPath(start)
                    inner = QPointF(bend, 0)
                    path.cubicTo(start + inner, end - inner, end)
                    self.paths[Weight(layer, output, source)] = path
                    ends.append((start.x(), start.y(), end.x(), end.y(), bend))
        self._weights = list(self.paths)
        self._points = _sampled(np.array(ends).reshape(-1, 5))

    def bias(self, part: Bias) -> QRectF | None:
        """The mark of a bias, at the lower left corner of its neuron."""
        square = self.neurons.get(Neuron(part.layer + 1, part.output))
        if square is None:
            return None
        mark = QRectF(0, 0, MARK, MARK)
        mark.moveCenter(square.bottomLeft() + QPointF(1, -1))
        return mark

    def header(self, layer: int) -> QRectF:
        """Where the norm of a layer's gradient stands: above its weights."""
        middle = SIDEWAYS + self.side / 2 + (layer + 0.5) * self._step
        return QRectF(middle - self._step / 2, 8, self._step, 20)

    def footer(self, column: int) -> QRectF:
        """Where the formula of a column stands."""
        middle = SIDEWAYS + self.side / 2 + column * self._step
        bottom = HEADER + self._height + FOOTER
        return QRectF(middle - self._step / 2, bottom - 26, self._step, 20)

    def middle_of(self, part: Part) -> QPointF:
        """Where a part is pointed at: the middle of a square; of a line where it is most alone."""
        if isinstance(part, Weight):
            return self._clearest_of(part) if part in self.paths else QPointF()
        square = self.bias(part) if isinstance(part, Bias) else self.neurons.get(part)
        return square.center() if square is not None else QPointF()

    def part_at(self, at: QPointF, reach: float) -> Part | None:
        """What is at a point: a neuron or bias there, else the nearest line within reach."""
        for neuron, square in self.neurons.items():
            if neuron.column:
                mark = self.bias(Bias(neuron.column - 1, neuron.index))
                assert mark is not None
                if mark.adjusted(-4, -4, 4, 4).contains(at):
                    return Bias(neuron.column - 1, neuron.index)
            if square.contains(at):
                return neuron
        if not self._weights:
            return None
        distances = _distances(self._points, at)
        nearest = int(np.argmin(distances))
        return self._weights[nearest] if distances[nearest] <= reach else None

    def _clearest_of(self, weight: Weight) -> QPointF:
        own = self._weights.index(weight)
        beside = [i for i, w in enumerate(self._weights) if w.layer == weight.layer and i != own]
        inner = [QPointF(float(x), float(y)) for x, y in self._points[own, 3:-3]]
        if not beside:
            return inner[len(inner) // 2]
        others = self._points[beside]
        return max(inner, key=lambda at: float(_distances(others, at).min()))

    def page_at(self, at: QPointF) -> tuple[int, int] | None:
        """The column and direction of the arrow at a point."""
        for pager in self.pagers:
            if pager.up.contains(at):
                return pager.column, -1
            if pager.down.contains(at):
                return pager.column, 1
        return None

    def _shown(self, column: int) -> range:
        first, count = self.windows[column]
        return range(first, first + count)

    def _ends(self, layer: int, source: int, output: int) -> tuple[QPointF, QPointF]:
        left = self.neurons[Neuron(layer, source)]
        right = self.neurons[Neuron(layer + 1, output)]
        return (
            QPointF(left.right() + 2, left.center().y()),
            QPointF(right.left() - 2, right.center().y()),
        )


def _pager(column: int, middle: float, top: float) -> Pager:
    rect = QRectF(middle - 64, top, 128, 18)
    up = QRectF(rect.left(), top, 20, 18)
    return Pager(column, rect, up, up.translated(rect.width() - up.width(), 0))


def _sampled(ends: np.ndarray) -> np.ndarray:
    """Points along cubic curves with level ends: (curves, samples, 2)."""
    x0, y0, x1, y1, bend = (column[:, None] for column in ends.T)
    t = _SAMPLES[None, :]
    u = 1 - t
    x = u**3 * x0 + 3 * u**2 * t * (x0 + bend) + 3 * u * t**2 * (x1 - bend) + t**3 * x1
    y = (u**3 + 3 * u**2 * t) * y0 + (3 * u * t**2 + t**3) * y1
    return np.stack([x, y], axis=-1)


def _distances(points: np.ndarray, at: QPointF) -> np.ndarray:
    """From each curve to a point: (curves,)."""
    start, along = points[:, :-1], np.diff(points, axis=1)
    to = np.array([at.x(), at.y()]) - start
    lengths = np.maximum((along**2).sum(axis=-1), 1e-12)
    share = np.clip((to * along).sum(axis=-1) / lengths, 0.0, 1.0)
    gaps = to - share[..., None] * along
    found: np.ndarray = np.sqrt((gaps**2).sum(axis=-1)).min(axis=1)
    return found
