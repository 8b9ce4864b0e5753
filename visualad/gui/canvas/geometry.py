"""Where everything is on a node card, in px at 100 %, from its top left corner."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from visualad.gui import fonts
from visualad.gui.canvas.faces import Face

GRID = 10.0
WIDTH, WIDEST, WIDE_ERROR = 150.0, 250.0, 200.0
TITLE = 32.0
# A label is as wide as it likes up to here, and takes what its number leaves beyond: the name of a
# derivative must not make the card grow into its neighbours as soon as a mode is chosen.
LABEL = 64.0
HEIGHT = 92.0  # of a card with two numbers
ROW = 26.0
FIRST_ROW, BOTTOM = 34.0, 6.0
# The output is beside the first row, whatever follows below, so that a card may grow without
# moving any edge.
OUTPUT = FIRST_ROW + ROW / 2
HEAT_LINE, HEAT = 20.0, 15.0  # of an array: the line with its shape, and its picture below
HEAT_ROW = HEAT_LINE + HEAT + 3
CORNER = 6.0
PADDING = 11.0
PORT_RADIUS = 4.5
PORT_PITCH = 26.0
ERROR_ROW = 22.0

TITLE_SIZE, WRITING_SIZE, LABEL_SIZE, VALUE_SIZE, SMALL_SIZE = 14, 12, 11, 13, 9


@dataclass(frozen=True, eq=False)
class Geometry:
    """Measures of one card.

    Attributes:
        size: width and height; `left`: where texts begin (right of the port labels).
        rows: for each row of the face its rectangle.
        inputs: centres of the input ports; `output`: centre of the output port.
        error: rectangle of the error line, or None.
    """

    size: tuple[float, float]
    left: float
    rows: tuple[QRectF, ...]
    inputs: tuple[QPointF, ...]
    output: QPointF
    error: QRectF | None

    @property
    def body(self) -> QRectF:
        """The card."""
        return QRectF(0, 0, *self.size)

    @property
    def title(self) -> QRectF:
        """The title row."""
        return QRectF(0, 0, self.size[0], TITLE)


def geometry(face: Face, narrowest: float = 0.0) -> Geometry:
    """The measures of the card for a face."""
    labels = max((fonts.width(text, 10) for text in face.port_labels), default=0.0)
    left = PADDING + (labels + 6 if labels else 0.0)
    width = max(_width(face, left), narrowest)
    rows, y = [], FIRST_ROW
    for row in face.rows:
        height = HEAT_ROW if row.cells is not None else ROW
        rows.append(QRectF(left, y, width - left - PADDING, height))
        y += height
    inputs = _inputs(len(face.ports))
    lowest = inputs[-1].y() + PORT_PITCH / 2 if inputs else 0.0
    y = max(y + BOTTOM, lowest + BOTTOM)
    error = None
    if face.error and face.kind != "placeholder":  # which says all it has to say in its row
        error = QRectF(left, y - BOTTOM, width - left - PADDING, ERROR_ROW)
        y += ERROR_ROW - BOTTOM
    return Geometry(
        size=(width, y),
        left=left,
        rows=tuple(rows),
        inputs=inputs,
        output=QPointF(width, OUTPUT),
        error=error,
    )


def _width(face: Face, left: float) -> float:
    title = fonts.width(face.title, TITLE_SIZE, fonts.Weight.Bold)
    writing = fonts.width(face.writing, WRITING_SIZE)
    marks = 18 if face.kink or face.error else 0
    wanted = PADDING + title + 14 + writing + marks + PADDING
    if wanted > WIDEST:
        short = fonts.width(face.short_writing, WRITING_SIZE)
        wanted = PADDING + title + 14 + short + marks + PADDING
    for row in face.rows:
        label = min(fonts.width(row.label, LABEL_SIZE), LABEL)
        number = fonts.width(row.text, VALUE_SIZE, fonts.Weight.DemiBold)
        if row.cells is not None:
            number += fonts.width(row.range, SMALL_SIZE) + 8
        wanted = max(wanted, left + label + 12 + number + PADDING)
    if face.error and face.kind != "placeholder":
        wanted = max(wanted, WIDE_ERROR)
    steps = -(-min(wanted, WIDEST) // GRID)
    return max(WIDTH, steps * GRID)


def _inputs(count: int) -> tuple[QPointF, ...]:
    """One port beside the first row, two about it, more below."""
    first = OUTPUT if count == 1 else OUTPUT - PORT_PITCH / 2
    return tuple(QPointF(0.0, first + PORT_PITCH * i) for i in range(count))
