"""What the network answers everywhere: a plane in heat colours, or a curve over one input."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from visualad.errors import VisualADError
from visualad.gui.document import Document
from visualad.gui.network_watch import network_watch
from visualad.gui.panels.confusion import NOW, TITLE, Confusion
from visualad.gui.panels.dataset_picture import NotDrawnError, dataset_of, draw
from visualad.gui.panels.decision_picture import DecisionMap, map_of
from visualad.gui.panels.matrix_table import Legend
from visualad.gui.panels.metrics import Metrics
from visualad.gui.panels.parts import Elided, empty_state
from visualad.gui.panels.point_drawing import NO_POINTS, PointDrawing
from visualad.gui.panels.training_edits import loss_of, settings_of
from visualad.gui.panels.weight_box import WeightBox
from visualad.gui.session import Session
from visualad.gui.training_editor import training_editor
from visualad.kernel.messages import Progress
from visualad.training.data_settings import settings_key
from visualad.training.datasets import CLASSIFICATION
from visualad.training.drawn import DRAWN
from visualad.training.metrics import class_threshold

EMPTY = "Press Train: the answer of the network\nis drawn here over its inputs."
UNSUITED = "A map needs a network with one or two inputs and one output."
PAD = 14
TALL = 620  # px of height from which there is room for the confusion matrix beside a map
ROOMY = 296  # px of width from which there is room for words


class DecisionMapPanel(QWidget):
    """The network's output over its inputs with the data points, live while training."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("decision_map_panel")
        self.setAccessibleName("Decision map")
        self._document = document
        self._session = session
        self._key: object = None
        self._classes: tuple[str, ...] = ()
        self._threshold = 0.0
        self._has_classes = False
        self._editor = training_editor(document, session)
        self.map = DecisionMap()
        self.legend = Legend()
        self.legend.setObjectName("decision_legend")
        self.reading = Elided("", "text_muted", 12.0)
        self.reading.setObjectName("decision_reading")
        self.test = QCheckBox("test points")
        self.test.setObjectName("show_test_points")
        self.test.setToolTip("Show the points that are kept for testing: white dots with a rim")
        self.test.clicked.connect(self._editor.show_test_data)
        self.discrete = QCheckBox("discretise")
        self.discrete.setObjectName("discretize")
        self.discrete.setToolTip("Show the two classes only, without shades")
        self.discrete.clicked.connect(self._editor.discretize)
        self.drawing = PointDrawing(document, session, self.map)
        self.metrics = Metrics()
        self.confusion = Confusion()
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, 8, PAD, 10)
        column.setSpacing(8)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._build_map())
        self.empty = empty_state(EMPTY, "decision_map_empty")
        self._stack.addWidget(self.empty)
        column.addWidget(self._stack, 1)
        self.watch = network_watch(document, session)
        column.addWidget(WeightBox(self.watch, self))
        column.addWidget(self.metrics)
        column.addWidget(self.confusion)
        self.watch.pointed.connect(self._show_neuron)
        self.watch.changed.connect(self._show_neuron)
        self.map.pointed.connect(self.reading.setText)
        session.training_progress.connect(self._take)
        session.training_changed.connect(self.refresh)
        self._editor.hiding_changed.connect(self.refresh)
        document.graph_changed.connect(self.refresh)
        self.refresh()

    def _build_map(self) -> QWidget:
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.map, 1)
        column.addWidget(self.legend)
        column.addWidget(self.reading)
        row = QHBoxLayout()
        row.setSpacing(12)
        self._switches = QWidget()
        switches = QHBoxLayout(self._switches)
        switches.setContentsMargins(0, 0, 0, 0)
        switches.setSpacing(12)
        switches.addWidget(self.test)
        switches.addWidget(self.discrete)
        row.addWidget(self._switches)
        row.addStretch(1)
        row.addWidget(self.drawing)
        column.addLayout(row)
        # The tools for drawing need the room.
        self.drawing.draw.toggled.connect(lambda on: self._switches.setVisible(not on))
        return shown

    def refresh(self) -> None:
        """Show the data of the graph and the last map that was computed for it."""
        if not self.isVisible():
            return
        graph = self._document.graph
        if not graph.training:
            self._say(EMPTY)
            return
        settings = settings_of(graph)
        key = (settings_key(settings["data"]), graph.seed)
        if key != self._key:
            self._key = key
            try:
                data = dataset_of(settings["data"])
                parts = data.split(settings["data"]["test_fraction"], _seed(settings["data"]))
            except NotDrawnError as error:
                self._key = None
                self._say(error.message)
                draw(self._session, error.settings, self.refresh)
                return
            except VisualADError as error:
                if settings["data"].get("name") != DRAWN:
                    self._say(error.message)
                    return
                data = NO_POINTS
                parts = (data, data)
            self._classes = data.classes
            bounds = data.bounds() if data.x.shape[1] <= 2 or data.features else None
            if data.features:  # the map is drawn over the plane that they are made of
                bare = {k: v for k, v in settings["data"].items() if k != "features"}
                data = dataset_of(bare)
                parts = data.split(bare["test_fraction"], _seed(bare))
            self.map.show_data(data, *parts, bounds)
            self._threshold = class_threshold(data.y, loss_of(graph))
            self._has_classes = data.task == CLASSIFICATION
        self._show_switches(settings)
        last = self._session.training.last
        if self.map.columns not in (1, 2):
            self._say(UNSUITED)
        else:
            self._stack.setCurrentIndex(0)
        self._suggest_confusion()
        if last is None:
            self.map.show_predictions(None)
            self._show_metrics(None)
        self._take(last)

    def _show_switches(self, settings: dict[str, Any]) -> None:
        hidden = self._editor.hidden
        with_test = bool(settings.get("show_test_data", True))
        discretized = bool(settings.get("discretize", False)) and self._has_classes
        self.test.setChecked(with_test)
        self.discrete.setChecked(discretized)
        self.test.setVisible("test_points" not in hidden)
        in_plane = self.map.columns == 2
        self.discrete.setVisible(in_plane and self._has_classes and "discretize" not in hidden)
        self.drawing.setVisible(in_plane and "data" not in hidden)
        self._show_legend()
        self.map.show_test(with_test)
        self.map.discretize(discretized, self._threshold)

    def _show_metrics(self, progress: Progress | None) -> None:
        wanted = "metrics" not in self._editor.hidden
        self.metrics.show_progress(progress if wanted else None)
        matrices = progress.confusion if progress is not None else None
        if progress is None or not wanted:
            self.confusion.show_matrices(None)
        elif matrices is not None:
            title = NOW if progress.rests_inside else TITLE
            self.confusion.show_matrices(matrices, self._classes, title)

    def _suggest_confusion(self) -> None:
        """It is open by itself where it takes no room from the map."""
        has_map = self._stack.currentIndex() == 0
        self.confusion.suggest(not has_map or self.height() >= TALL)

    def _take(self, progress: Progress | None) -> None:
        if progress is None or not self.isVisible():
            return
        self._show_metrics(progress)
        if progress.predictions is not None:
            self.map.show_predictions(np.asarray(progress.predictions))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.test.setText("test points" if self.width() >= ROOMY else "test")
        self._suggest_confusion()

    def _show_neuron(self) -> None:
        """The map of the neuron under the mouse, large; else the network's output."""
        found = map_of(self.watch) if self.isVisible() else None
        if found is None and self.map.neuron is None:
            return
        self.map.show_neuron(found)
        self.reading.setText(f"what {found.name} answers" if found is not None else "")
        self._show_legend()

    def _show_legend(self) -> None:
        neuron = self.map.neuron
        self.legend.setVisible(self.map.columns == 2)
        if neuron is None:
            self.legend.show_scale(self.map.scale)
        else:
            self.legend.show_range(neuron.centre - neuron.scale, neuron.centre + neuron.scale)

    def _say(self, words: str) -> None:
        self.empty.setText(words)
        self._stack.setCurrentIndex(1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._take(self._session.training.last)


def _seed(data: dict[str, object]) -> int:
    return int(str(data.get("seed") or 0))
