"""How the weights of each layer are spread, over the epochs and now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from visualad.gui import theme
from visualad.gui.document import Document
from visualad.gui.panels.exporting import Exporting, Picture, Rows
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.frames import Frames
from visualad.gui.panels.gradient_words import layer_name
from visualad.gui.panels.histogram import Histogram
from visualad.gui.panels.parts import Elided, empty_state
from visualad.gui.panels.plots import STYLES, bare_plot, cache_axes, paint_axes
from visualad.gui.session import Session
from visualad.ops.writing import number_pretty

if TYPE_CHECKING:
    from visualad.training.observation import Weights

EMPTY = "Press Train: how the weights of each layer are spread is drawn here, epoch by epoch."
FRAME_MS = 300
ROWS, MOST_COLUMNS = 120, 240  # of the picture over the epochs


class WeightsPanel(QWidget):
    """The histogram of a layer's weights: as a picture over the epochs, and as bars."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("weights_panel")
        self.setAccessibleName("Weights")
        self._document = document
        self._session = session
        self.picture: Any = None  # pyqtgraph's, once they are wanted
        self.bars = Histogram("Weights now", "weight")
        self._image: Any = None
        self._mark: Any = None
        self._pointed = math.nan
        self._range = (0.0, 0.0, 0.0)  # that is seen: last epoch, lowest and highest weight
        self.frames = Frames(self, self.draw, FRAME_MS)
        self.layer = Choice("weights_layer", "Layer", (), lambda _: self.draw())
        self.words = Elided("", "text_muted", 12.0)
        self.words.setObjectName("weights_words")
        self.exporting = Exporting(
            self,
            session,
            "weights",
            self.exported_rows,
            self.exported_picture,
        )
        top = QHBoxLayout()
        top.setContentsMargins(14, 6, 14, 0)
        top.setSpacing(18)
        top.addWidget(self.layer)
        top.addWidget(self.words, 1)
        self._shown = QWidget()
        self._column = QVBoxLayout(self._shown)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addLayout(top)
        self._plots = QHBoxLayout()
        self._plots.setSpacing(0)
        self._column.addLayout(self._plots, 1)
        self.bars.setParent(self._shown)  # until there is a picture to stand beside
        self.bars.hide()
        self.empty = empty_state(EMPTY, "weights_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._shown)
        self._stack.addWidget(self.empty)
        self._stack.setCurrentIndex(1)
        session.training_progress.connect(self.frames.later)
        session.training_changed.connect(self.frames.later)
        theme.theme_changed.connect(self._paint)

    # Drawing ----------------------------------------------------------------------------------

    def draw(self) -> None:
        """Bring both pictures up to date."""
        kept, nodes = self._session.curves.spreads, self._document.graph.nodes_by_id
        if not kept or not kept[-1][1].keys() <= nodes.keys():
            self._stack.setCurrentIndex(1)
            return
        self.layer.set_items([(layer_name(self._document.graph, id_), id_) for id_ in kept[-1][1]])
        if self.layer.currentIndex() < 0:
            self.layer.setCurrentIndex(0)
        if self.picture is None:
            self._make_plots()
        layer = str(self.layer.currentData())
        places = [place for place, _ in kept]
        spreads = [spread[layer] for _, spread in kept]
        density, (low, high) = over_epochs(places, spreads)
        self._image.setImage(density, levels=(0.0, 1.0), autoLevels=False)
        last = max(places[-1], 1e-9)
        self._image.setRect(QRectF(0.0, low, last, high - low))
        end, bottom, top = self._range
        if not 0.8 * end <= last <= end or not bottom <= low < high <= top <= high + 0.5 * (
            high - low
        ):
            # With room to grow, so that the axes seldom change.
            end, bottom, top = 1.12 * last, low - 0.1 * (high - low), high + 0.1 * (high - low)
            self._range = (end, bottom, top)
            self.picture.setRange(xRange=(0.0, end), yRange=(bottom, top), padding=0)
        self._show_bars()
        self._stack.setCurrentIndex(0)

    def _show_bars(self) -> None:
        """The histogram of the place under the mouse, or the latest."""
        kept = self._session.curves.spreads
        layer = str(self.layer.currentData())
        index = len(kept) - 1
        if not math.isnan(self._pointed):
            index = int(np.argmin([abs(place - self._pointed) for place, _ in kept]))
        place, spread = kept[index][0], kept[index][1][layer]
        self._mark.setVisible(not math.isnan(self._pointed))
        self._mark.setPos(place)
        self.bars.show_counts(spread.low, spread.high, spread.counts)
        count = sum(spread.counts)
        self.words.setText(
            f"epoch {number_pretty(place)}: {count:,} number{'s' if count != 1 else ''} from "
            f"{number_pretty(spread.low, 3)} to {number_pretty(spread.high, 3)}, "
            f"mean {number_pretty(spread.mean, 3)}, "
            f"standard deviation {number_pretty(spread.deviation, 3)}"
        )

    def _make_plots(self) -> None:
        import pyqtgraph

        from visualad.gui.panels.log_axis import EpochAxis

        axis_items = {"bottom": EpochAxis("bottom")}
        axes = ("epoch", "weight")
        self.picture = bare_plot("weights_plot", "Weights by epoch", axes, axisItems=axis_items)
        self._image = pyqtgraph.ImageItem()
        self.picture.addItem(self._image)
        self._mark = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self.picture.addItem(self._mark, ignoreBounds=True)
        self.picture.scene().sigMouseMoved.connect(self._point)
        self.picture.setMouseEnabled(x=False, y=False)
        cache_axes(self.picture)
        self.picture.viewport().installEventFilter(self)
        self.exporting.on(self.picture.viewport())
        self.exporting.on(self.bars)
        self._plots.addWidget(self.picture, 3)
        self._plots.addWidget(self.bars, 2)
        self.bars.show()
        self._paint()

    def _paint(self) -> None:
        if self.picture is None:
            return
        import pyqtgraph

        shown = theme.current()
        paint_axes(self.picture)
        self._image.setLookupTable(shades(shown.surface, shown.accent))
        pen = pyqtgraph.mkPen(shown.text, width=1, style=STYLES["dot"])
        self._mark.setPen(pen)

    # The cursor -------------------------------------------------------------------------------

    def _point(self, place: QPointF) -> None:
        if self._session.curves.spreads and self.picture.sceneBoundingRect().contains(place):
            self.show_cursor(self.picture.getPlotItem().vb.mapSceneToView(place).x())

    def show_cursor(self, place: float) -> None:
        """Show the histogram at a place, in epochs; the latest for NaN."""
        self._pointed = place
        if self._session.curves.spreads and self.picture is not None:
            self._show_bars()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.show_cursor(math.nan)
        return super().eventFilter(watched, event)

    # Exporting --------------------------------------------------------------------------------

    def exported_rows(self) -> Rows:
        """All histograms that are kept of the layer."""
        layer = str(self.layer.currentData())
        yield ("epoch", "from", "to", "count")
        for place, spreads in self._session.curves.spreads:
            spread = spreads[layer]
            edges = np.linspace(spread.low, spread.high, len(spread.counts) + 1).tolist()
            for low, high, count in zip(edges, edges[1:], spread.counts, strict=False):
                yield (place, low, high, count)

    def exported_picture(self) -> Picture:
        """The picture over the epochs."""
        return self.picture, [(f"{self.layer.currentText()} by epoch", "text")]


def over_epochs(
    places: Sequence[float], spreads: Sequence[Weights]
) -> tuple[NDArray[Any], tuple[float, float]]:
    """Histograms side by side on one scale: (columns, ROWS), each with 1 where it is densest.

    The second value is the range of the weights.
    """
    low = min(spread.low for spread in spreads)
    high = max(spread.high for spread in spreads)
    margin = 0.04 * (high - low) or max(abs(low) * 0.1, 0.1)
    low, high = low - margin, high + margin
    edges = np.linspace(low, high, ROWS + 1)
    columns = min(MOST_COLUMNS, max(len(places), 1))
    times = np.linspace(0.0, places[-1], columns)
    nearest = np.clip(np.searchsorted(places, times, side="right") - 1, 0, len(places) - 1)
    density = np.zeros((columns, ROWS))
    known: dict[int, NDArray[Any]] = {}
    for column, index in enumerate(nearest.tolist()):
        if index not in known:
            spread = spreads[index]
            width = max(spread.high - spread.low, (high - low) / ROWS)
            own = np.linspace(spread.low, spread.low + width, len(spread.counts) + 1)
            below = np.concatenate(([0.0], np.cumsum(spread.counts)))
            found = np.diff(np.interp(edges, own, below))
            known[index] = np.sqrt(found / max(found.max(), 1e-12))
        density[column] = known[index]
    return density, (low, high)


def shades(ground: str, ink: str) -> NDArray[np.ubyte]:
    """256 colours from one to the other, (256, 3)."""
    ends = [QColor(colour) for colour in (ground, ink)]
    rows = [np.array([c.red(), c.green(), c.blue()], dtype=float) for c in ends]
    share = np.linspace(0.0, 1.0, 256)[:, None]
    found: NDArray[np.ubyte] = (rows[0] + share * (rows[1] - rows[0])).round().astype(np.ubyte)
    return found
