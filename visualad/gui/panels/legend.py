"""A legend in one row: samples of lines with their names and latest numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualad.gui import fonts, theme
from visualad.gui.panels.curve_plot import resolved
from visualad.gui.panels.plots import STYLES

SAMPLE, GAP, APART = 16, 6, 16  # px
SIZE = 12.0


@dataclass(frozen=True)
class Entry:
    """What stands in a legend. Attributes: text; colour: token or "#rrggbb"; style: of `STYLES`."""

    text: str
    colour: str
    style: str = "solid"


class Legend(QWidget):
    """Paints entries as far as there is room; those in the middle give way first."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("Legend")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.entries: Sequence[Entry] = ()
        theme.theme_changed.connect(self.update)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these."""
        if tuple(entries) != tuple(self.entries):
            self.entries = tuple(entries)
            self.setAccessibleDescription("; ".join(entry.text for entry in entries))
            self.update()

    def words(self) -> list[tuple[str, str]]:
        """Texts with their colours, as above a picture that is exported."""
        return [(f"— {entry.text}", entry.colour) for entry in self.entries]

    def sizeHint(self) -> QSize:
        return QSize(200, 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, 20)

    def shown(self) -> list[Entry | None]:
        """The entries there is room for; None stands for those left out."""
        widths = [_width(entry) for entry in self.entries]
        if sum(widths) <= self.width() + APART:
            return list(self.entries)
        room = self.width() - fonts.width("…", SIZE) - APART
        first, last = 0, len(widths)
        while first < last:
            nearer_end = first <= len(widths) - last
            width = widths[first] if nearer_end else widths[last - 1]
            if width > room:
                break
            room -= width
            first, last = (first + 1, last) if nearer_end else (first, last - 1)
        return [*self.entries[:first], None, *self.entries[last:]]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(fonts.text(SIZE, fonts.Weight.DemiBold))
        x, middle = 0.0, self.height() / 2
        for entry in self.shown():
            colour = QColor(resolved(entry.colour) if entry else theme.current().text_muted)
            text = entry.text if entry else "…"
            if entry is not None:
                pen = QPen(colour, 2, STYLES[entry.style])
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                painter.setPen(pen)
                painter.drawLine(QPointF(x, middle), QPointF(x + SAMPLE, middle))
                x += SAMPLE + GAP
            painter.setPen(colour)
            room = QRectF(x, 0, self.width() - x, self.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
            x += fonts.width(text, SIZE, fonts.Weight.DemiBold) + APART
        painter.end()


def _width(entry: Entry) -> float:
    return SAMPLE + GAP + fonts.width(entry.text, SIZE, fonts.Weight.DemiBold) + APART
