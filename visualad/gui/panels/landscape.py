"""A slice of the loss around the parameters, with the way that the run took."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from visualad.graph.model import Graph
from visualad.gui import theme
from visualad.gui.document import Document
from visualad.gui.panels.exporting import Exporting, Picture, Rows
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.parts import Elided, Prose, Sentence, empty_state
from visualad.gui.panels.plots import bare_plot, paint_axes
from visualad.gui.panels.weights import shades
from visualad.gui.questions import Kernel, same_mathematics
from visualad.gui.session import Session
from visualad.kernel.messages import Failed, Reply
from visualad.kernel.probe_messages import LandscapeMapped, LandscapeProgress, MapLandscape
from visualad.ops.writing import number_pretty

if TYPE_CHECKING:
    from visualad.training.landscape import Landscape

RANDOM, PATH = "random", "path"
EMPTY = (
    "Press Map: the loss is computed on a grid around the parameters, in the plane of two "
    "directions. Training goes on meanwhile."
)
KINDS = (("along the run", PATH), ("random directions", RANDOM))
LEVELS = 9
SIDE = 250  # px
STALE = "The parameters have changed since; map again to look around them."
WORDS = {
    PATH: "The axes are the two main directions of the run's way to its latest parameters (0, 0). "
    "{shares} of the way's extent lie in this plane.",
    RANDOM: "Two random directions, each row of a matrix as long as that row of the weights; "
    "(0, 0) are the parameters. A run is hardly seen here: it is nearly at right angles to it.",
}


class LandscapePanel(QWidget):
    """The loss as a map with contours."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("landscape_panel")
        self.setAccessibleName("Landscape")
        self._document = document
        self._session = session
        self._kernel = cast(Kernel, session)
        self._ticket = 0
        self._graph: Graph | None = None  # that was asked about
        self._seed = 0
        self.found: Landscape | None = None
        self.plot: Any = None  # a pyqtgraph.PlotWidget once it is wanted
        self._items: dict[str, Any] = {}
        self._contours: list[Any] = []
        self.kind = Choice("landscape_kind", "Directions", KINDS, lambda _: None)
        self.kind.setCurrentIndex(0)
        self.map_button = QPushButton("Map")
        self.map_button.setObjectName("landscape_map")
        self.map_button.setToolTip("Compute the loss around the parameters as they are")
        self.map_button.clicked.connect(self._toggle)
        self.progress = QProgressBar()
        self.progress.setObjectName("landscape_progress")
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.hide()
        self.words = Prose(token="text_muted", size=12.0)
        self.words.setObjectName("landscape_words")
        self.fault = Sentence("landscape_fault", "warning", "warning")
        self.reading = Elided("", "text", 12.0)
        self.reading.setObjectName("landscape_reading")
        self.exporting = Exporting(
            self,
            session,
            "landscape",
            self.exported_rows,
            self.exported_picture,
        )
        self._build()
        document.graph_changed.connect(self._follow)
        document.replaced.connect(self._forget)
        theme.theme_changed.connect(self._paint)

    def _build(self) -> None:
        side = QWidget()
        side.setFixedWidth(SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.kind, 1)
        row.addWidget(self.map_button)
        column.addLayout(row)
        for part in (self.progress, self.fault, self.reading, self.words):
            column.addWidget(part)
        column.addStretch(1)
        self._picture = QWidget()
        self._stack = QStackedLayout(self._picture)
        self.empty = empty_state(EMPTY, "landscape_empty")
        self._stack.addWidget(self.empty)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._picture, 1)
        whole.addWidget(side)

    # Asking -----------------------------------------------------------------------------------

    def map(self) -> None:
        """Ask for the map around the parameters as they are."""
        self._stop()
        kind = str(self.kind.currentData())
        curves, graph = self._session.curves, self._document.graph
        self._seed += kind == RANDOM  # other directions each time
        self._graph = graph
        points = tuple(point for _, point in curves.path)
        if kind == PATH and self._session.is_training and points:
            # Around where the run is at this moment, which the graph does not have yet.
            graph = self._reached(graph)
        request = MapLandscape(graph, kind, points, curves.order, self._seed)
        self._ticket = self._kernel.ask(request, self._take)
        self.fault.say("")
        self._show_running()

    def _reached(self, graph: Graph) -> Graph:
        from visualad.training.parameters import with_parameters

        reached = {
            id_: value
            for id_, value in self._session.training.reached.items()
            if id_ in graph.nodes_by_id
            and np.shape(graph.nodes_by_id[id_].value) == np.shape(value)
        }
        return with_parameters(graph, reached)

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, LandscapeProgress):
            self.progress.setValue(round(1000 * reply.share))
            return
        self._ticket = 0
        if isinstance(reply, LandscapeMapped):
            self.found = reply.landscape
            self._draw(reply.landscape)
        elif isinstance(reply, Failed):
            self.fault.say(reply.message)
        self._show_running()

    def _show_running(self) -> None:
        self.map_button.setText("Stop" if self._ticket else "Map")
        self.progress.setVisible(bool(self._ticket))
        if not self._ticket:
            self.progress.setValue(0)

    def _toggle(self) -> None:
        if self._ticket:
            self._stop()
        else:
            self.map()

    def _stop(self) -> None:
        if self._ticket:
            self._kernel.control(self._ticket, "stop")
            self._kernel.forget(self._ticket)
            self._ticket = 0
        self._show_running()

    def _forget(self) -> None:
        self._stop()
        self.found = self._graph = None
        self.fault.say("")
        self.words.setText("")
        self._stack.setCurrentIndex(0)

    def _follow(self) -> None:
        """What is shown belongs to the parameters as they were."""
        if self.found is not None and self._graph is not None and not self._ticket:
            same = same_mathematics(self._graph, self._document.graph)
            self.fault.say("" if same else STALE)

    # Drawing ----------------------------------------------------------------------------------

    def _make_plot(self) -> None:
        import pyqtgraph

        self.plot = plot = bare_plot("landscape_plot", "Loss around the parameters", ("", ""))
        plot.setMouseEnabled(x=False, y=False)
        self._items["image"] = pyqtgraph.ImageItem()
        self._items["path"] = pyqtgraph.PlotDataItem()
        self._items["start"] = pyqtgraph.ScatterPlotItem(size=9, symbol="o")
        self._items["end"] = pyqtgraph.ScatterPlotItem(size=13, symbol="star")
        for item in self._items.values():
            plot.addItem(item)
        plot.scene().sigMouseMoved.connect(self._point)
        self.exporting.on(plot.viewport())
        self._stack.addWidget(plot)

    def _draw(self, found: Landscape) -> None:
        import pyqtgraph

        if self.plot is None:
            self._make_plot()
        heights = heights_of(found.losses)
        step_x, step_y = found.x[1] - found.x[0], found.y[1] - found.y[0]
        area = QRectF(
            found.x[0] - step_x / 2,
            found.y[0] - step_y / 2,
            step_x * len(found.x),
            step_y * len(found.y),
        )
        image = self._items["image"]
        image.setImage(heights.T, levels=(0.0, 1.0), autoLevels=False)
        image.setRect(area)
        for contour in self._contours:
            contour.setParentItem(None)
            if contour.scene() is not None:
                contour.scene().removeItem(contour)
        self._contours = []
        for level in np.linspace(0, 1, LEVELS + 2)[1:-1]:
            contour = pyqtgraph.IsocurveItem(data=heights.T, level=float(level))
            contour.setParentItem(image)
            self._contours.append(contour)
        self._items["path"].setData(found.path[:, 0], found.path[:, 1])
        start = found.path[:1]
        self._items["start"].setData(start[:, 0], start[:, 1])
        self._items["end"].setData([0.0], [0.0])
        names = ("first", "second") if found.kind == RANDOM else ("main", "second")
        self.plot.setLabel("bottom", f"{names[0]} direction")
        self.plot.setLabel("left", f"{names[1]} direction")
        self.plot.setXRange(area.left(), area.right(), padding=0)
        self.plot.setYRange(area.top(), area.bottom(), padding=0)
        shares = f"{sum(found.explained):.0%}"
        self.words.setText(WORDS[found.kind].format(shares=shares))
        self._say_range(found)
        self._paint()
        self._stack.setCurrentIndex(1)

    def _say_range(self, found: Landscape) -> None:
        finite = found.losses[np.isfinite(found.losses)]
        if len(finite):
            low, high = number_pretty(float(finite.min()), 3), number_pretty(float(finite.max()), 3)
            self.reading.setText(f"loss: light {low}, dark {high}")

    def _paint(self) -> None:
        if self.plot is None:
            return
        import pyqtgraph

        shown = theme.current()
        paint_axes(self.plot)
        ink = shown.accent_soft if shown.is_dark else shown.accent
        ground = shown.text if shown.is_dark else shown.surface
        self._items["image"].setLookupTable(shades(ground, ink))
        line = "#10151a" if shown.is_dark else shown.text
        for contour in self._contours:
            contour.setPen(pyqtgraph.mkPen(line, width=1, cosmetic=True))
            contour.setOpacity(0.35)
        run = "#c2570c"  # seen on both ends of the map
        self._items["path"].setPen(pyqtgraph.mkPen(run, width=2))
        for name in ("start", "end"):
            self._items[name].setBrush(pyqtgraph.mkBrush(run))
            self._items[name].setPen(pyqtgraph.mkPen("#ffffff", width=1))

    def _point(self, place: QPointF) -> None:
        """Read the loss under the mouse."""
        if self.found is None or not self.plot.sceneBoundingRect().contains(place):
            return
        at = self.plot.getPlotItem().vb.mapSceneToView(place)
        self.read(at.x(), at.y())

    def read(self, x: float, y: float) -> None:
        """Say the loss at a place, or its range outside of the map."""
        found = self.found
        if found is None:
            return
        column = round((x - found.x[0]) / (found.x[1] - found.x[0]))
        row = round((y - found.y[0]) / (found.y[1] - found.y[0]))
        if 0 <= column < len(found.x) and 0 <= row < len(found.y):
            loss = float(found.losses[row, column])
            text = number_pretty(loss) if math.isfinite(loss) else "no number"
            where = f"({number_pretty(found.x[column], 3)}, {number_pretty(found.y[row], 3)})"
            self.reading.setText(f"loss {text} at {where}")
        else:
            self._say_range(found)

    # Exporting --------------------------------------------------------------------------------

    def exported_rows(self) -> Rows:
        """The losses on the grid."""
        found = self.found
        assert found is not None
        yield ("first direction", "second direction", "loss")
        for row, y in enumerate(found.y.tolist()):
            for column, x in enumerate(found.x.tolist()):
                yield (x, y, float(found.losses[row, column]))

    def exported_picture(self) -> Picture:
        """The map."""
        return self.plot, [(self.reading.text(), "text_muted")]


def heights_of(losses: Any) -> Any:
    """From 0 at the lowest to 1 at the highest loss, on a logarithmic scale; no number is 1."""
    finite = np.isfinite(losses)
    if not finite.any():
        return np.ones_like(losses)
    low = float(losses[finite].min())
    # Losses may be 0 or below: what counts is how far they lie above the lowest.
    above = np.where(finite, losses - low, np.nan)
    scale = max(float(np.nanmedian(above)) * 0.01, 1e-12)
    heights = np.log1p(above / scale)
    top = float(np.nanmax(heights)) or 1.0
    return np.where(finite, heights / top, 1.0)
